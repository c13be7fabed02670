"""The protocol for chest pain as it stands in `protocols/`, with what it needs to be read."""

from __future__ import annotations

from careline.bootstrap.data import data_folder, read_folder
from careline.core.triage import Library

FOLDER = "adult-chest-pain/"
LIBRARY = Library.parse(
    {
        path: text
        for path, text in read_folder(data_folder("protocols")).items()
        if "/" not in path or path.startswith(FOLDER)
    }
)
