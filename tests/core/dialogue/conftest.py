from __future__ import annotations

import pytest

from careline.bootstrap import data
from careline.core.contact import Channel
from careline.core.dialogue import Setup


@pytest.fixture(scope="session")
def chat() -> Setup:
    return Setup(data.practice(), data.library(), data.lexicons(), data.words(), channel=Channel.CHAT)
