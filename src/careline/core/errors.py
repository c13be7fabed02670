"""One tree of errors; each class says who must act."""

from __future__ import annotations


class CarelineError(Exception):
    """Base of every error Careline raises on purpose."""


class DataFileError(CarelineError):
    """A practice, protocol or lexicon file is wrong: its author must mend it. Names file, line and mend."""

    def __init__(self, file: str, line: int, problem: str, mend: str = "") -> None:
        self.file, self.line, self.problem, self.mend = file, line, problem, mend
        super().__init__(f"{file}:{line}: {problem}" + (f" — {mend}" if mend else ""))


class Refused(CarelineError):
    """The person (or program) asking must ask differently: it is not allowed, not valid, or too late."""


class TryAgain(CarelineError):
    """An outside service or the database did not answer in time: the same request may be made again with the same key."""


class WireError(CarelineError):
    """The far end sent bytes its protocol does not allow: the peer must mend it. Says what is wrong, never the content."""
