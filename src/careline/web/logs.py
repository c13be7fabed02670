"""Log lines without patient data: an exception is its type and the places it passed through."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_Raised = tuple[type[BaseException], BaseException, "TracebackType | None"] | tuple[None, None, None]


class SafeFormatter(logging.Formatter):
    """The message as its author wrote it (Django's name a path, and paths hold ids only), then the exception without words."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"careline: web: {record.levelname.lower()}: {record.getMessage()}"
        return f"{line} {self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name is logging's
        kind, _, trace = ei
        places = [f"{place.filename.rpartition('/')[2]}:{place.lineno}" for place in traceback.extract_tb(trace)]
        return f"({kind.__name__ if kind else 'no exception'} by {' > '.join(places[-8:])})"
