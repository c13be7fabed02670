"""What the pages need from outside the database, given once by whoever starts the process (`bootstrap` alone knows adapters)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.contact import Hearing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.triage import Library
    from careline.ports import Receiver, Subscriptions, Vault


@dataclass(slots=True)
class _Outside:
    vault: Vault | None = None
    library: Library | None = None
    receivers: Mapping[str, Receiver] = field(default_factory=dict[str, "Receiver"])
    push: Subscriptions | None = None
    public_holidays: Mapping[str, str] = field(default_factory=dict[str, str])
    hearing: Hearing = Hearing.OPEN


_known = _Outside()


def use(
    vault: Vault | None = None, library: Library | None = None, public_holidays: Mapping[str, str] | None = None
) -> None:
    """Name the vault that keeps recordings, and the protocols in force. Without the one, pages say that recordings cannot be
    played here; without the other, they show the rules that fired but not the tables they stand in.
    `public_holidays` are the files of them that a practice can take."""
    _known.vault, _known.library = vault, library
    _known.public_holidays = public_holidays or {}


def vault() -> Vault | None:
    return _known.vault


def library() -> Library | None:
    return _known.library


def hear(receivers: Mapping[str, Receiver], push: Subscriptions | None) -> None:
    """Name who may report to us, by the name in their address, and what a browser needs to show pages (None: not set up)."""
    _known.receivers, _known.push = receivers, push


def listens(hearing: Hearing) -> None:
    """Say how well the telephone hears here, for the console to say."""
    _known.hearing = hearing


def hearing() -> Hearing:
    return _known.hearing


def receivers() -> Mapping[str, Receiver]:
    return _known.receivers


def push() -> Subscriptions | None:
    return _known.push


def public_holidays() -> Mapping[str, str]:
    return _known.public_holidays
