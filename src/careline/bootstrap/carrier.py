"""Calls through a carrier's own protocol (Twilio's), where the environment sets them up, and which telephone pages go out by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.telephony.twilio import TwilioDoor, TwilioTelephone, from_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiohttp import web

    from careline.calls.phone import Phone
    from careline.ports import Attempt, Dialler, Paged, PageScript, Telephone

_PAGE_BY = "CARELINE_PAGE_BY"


@dataclass(frozen=True, slots=True)
class Carrier:
    """What the voice process runs of it; nothing where it is not set up. Raises `Refused` for what is set up wrongly."""

    telephone: TwilioTelephone | None
    page_by: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Carrier:
        config, page_by = from_environment(environment), environment.get(_PAGE_BY, "") or "sip"
        if page_by not in ("sip", "twilio"):
            raise Refused(f"{_PAGE_BY} must be sip or twilio")
        if page_by == "twilio" and config is None:
            raise Refused(f"{_PAGE_BY}=twilio needs CARELINE_TWILIO_VOICE and what belongs to it")
        if page_by == "twilio" and config is not None and not config.caller_id:
            raise Refused(f"{_PAGE_BY}=twilio needs CARELINE_TWILIO_FROM, a number of ours with + and country")
        return cls(None if config is None else TwilioTelephone(config), page_by)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [] if self.telephone is None else TwilioDoor(self.telephone).routes()

    async def start(self, phone: Phone) -> None:
        if self.telephone is not None:
            await self.telephone.start(phone.on_call, phone.on_talk)

    async def stop(self) -> None:
        if self.telephone is not None:
            await self.telephone.stop()

    def usual(self, line: Telephone, number: str) -> tuple[Telephone, str]:
        """The telephone that the installation calls people by, and the number it shows."""
        if self.page_by == "twilio" and self.telephone is not None:
            return self.telephone, self.telephone.config.caller_id
        return line, number

    def pages(self, line: Telephone, number: str, dialler: Callable[[Telephone, str], Dialler]) -> Dialler:
        """Rings clinicians by the telephone their practice has chosen; `dialler` makes one of a telephone and the number it
        shows. Where a practice's choice is not set up its people are rung by the usual one: a page must go out."""
        by = {"sip": dialler(line, number)}
        if self.telephone is not None:
            by["twilio"] = dialler(self.telephone, self.telephone.config.caller_id)
        return ChosenDialler(by, self.page_by)


@dataclass(frozen=True, slots=True)
class ChosenDialler:
    """`ports.Dialler` over several."""

    by: Mapping[str, Dialler]
    usual: str

    async def ring(self, number: str, script: PageScript, deadline_s: float, key: str) -> Attempt:
        dialler = self.by.get(script.by) or self.by[self.usual]
        return await dialler.ring(number, script, deadline_s, key)

    async def settled(self, key: str, paged: Paged | None) -> None:
        """Whoever has this call tells the person; the others know nothing of it."""
        for dialler in self.by.values():
            await dialler.settled(key, paged)
