"""A child process for tests: does small and awkward pieces of work."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from careline.children import serve
from careline.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator


def handle(request: object) -> Iterator[object]:
    match request:
        case ("double", value):
            yield value * 2
        case ("count", upto):
            yield from range(upto)
        case ("die",):
            os._exit(3)
        case ("hang",):
            threading.Event().wait()
        case ("die once", path):
            if not Path(path).exists():
                Path(path).touch()
                os._exit(3)
            yield os.getpid()
        case ("refuse",):
            raise Refused("ask differently")
        case ("break", words):
            raise ValueError(words)
        case ("print", words):
            print(words)
            print(words, file=sys.stderr)
        case ("swell", size):
            yield b"x" * size


if __name__ == "__main__":
    serve(handle, int(sys.argv[1]) if sys.argv[1:] else 1, idle=lambda request: request == ("hang",))
