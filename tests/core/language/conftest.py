"""The shipped lexicons, read once for all tests of this folder."""

from __future__ import annotations

import pytest
from language_tables import VOCABULARY, data_files

from careline.core.language import Lexicons


@pytest.fixture(scope="session")
def lexicons() -> Lexicons:
    files, shared = data_files()
    return Lexicons.parse(files, shared, VOCABULARY)
