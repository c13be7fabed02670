"""Whether a practice may go live on the ears there are. Closed ears and keys miss what people say freely, so a person answers
first wherever they listen: Careline takes only the lines that nobody at the office has picked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.contact import Hearing
from careline.core.practice import CoverageMode

if TYPE_CHECKING:
    from careline.core.practice import Practice


def alone_on_closed_ears(practice: Practice, hearing: Hearing) -> tuple[str, ...]:
    """The lines that Careline would answer first without understanding free speech; none when all is well or nothing is live."""
    if not practice.live or hearing is Hearing.OPEN:
        return ()
    return tuple(line.number for line in practice.lines if line.mode is not CoverageMode.OVERFLOW)


def mend(lines: tuple[str, ...]) -> str:
    """One sentence for the manager."""
    return (
        f"these ears hear yes, no and keys only, and nobody would answer {', '.join(lines)} first: set CARELINE_EARS to ears "
        'that understand speech, or mode = "overflow" so that a person answers first, or live = false'
    )
