"""Pagers by the e-mail gateway of their network: a few words of plain ASCII, nothing of a patient, no headers to waste room on.

Gateways show sender, subject and text in one line and cut it at 240 characters or fewer, so everything stands in the text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from careline.notify.smtp import SmtpMessenger
from careline.ports import Provider

if TYPE_CHECKING:
    from careline.ports import Attempt, Letter, Means

MOST = 240
_MEND = "set CARELINE_SMTP_URL, or CARELINE_PAGER_SMTP_URL for a mail server of the pagers' own"


class PagerMessenger:
    def __init__(self, mail: SmtpMessenger) -> None:
        self._mail = mail

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:
        return await self._mail.send(replace(letter, subject="", body=short(letter.body)), timeout_s)


def short(text: str) -> str:
    """One line of at most `MOST` ASCII characters: accents are dropped, what has no plain form is left out."""
    plain = unicodedata.normalize("NFKD", " ".join(text.split())).encode("ascii", "ignore").decode()
    return plain[:MOST]


def _build(means: Means) -> PagerMessenger | None:
    url = means.environment.get("CARELINE_PAGER_SMTP_URL") or means.environment.get("CARELINE_SMTP_URL")
    if not url:
        return None
    return PagerMessenger(SmtpMessenger(url, means.environment.get("CARELINE_MAIL_FROM") or "careline@localhost"))


PROVIDER = Provider("pager", "pager", _MEND, _build)
