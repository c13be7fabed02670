"""A `Vault` in a folder: one file per name, written whole or not at all."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from careline.core.errors import Refused, TryAgain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NAME = re.compile(r"^[a-zA-Z0-9-]+(/[a-zA-Z0-9-]+)*$")


class FolderVault:
    """Content arrives sealed; the folder needs no secrecy of its own, only room and backups."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise TryAgain(f"cannot write to the recordings' folder ({error.strerror})") from error

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise Refused("this part of the recording is not there") from error
        except OSError as error:
            raise TryAgain(f"cannot read the recordings' folder ({error.strerror})") from error

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with the folder `prefix`, in order."""
        base = self._path(prefix)
        found = (path for path in base.rglob("*") if path.is_file() and not path.name.startswith("."))
        return sorted(path.relative_to(self._folder).as_posix() for path in found)

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            raise Refused("not a name in the vault")
        return self._folder.joinpath(*name.split("/"))
