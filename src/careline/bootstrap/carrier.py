"""Calls through a carrier's own protocol (Twilio's), where the environment sets them up, and which telephone pages go out by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.errors import Refused
from careline.telephony.twilio import TwilioDoor, TwilioTelephone, from_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from careline.calls.phone import Phone
    from careline.ports import Telephone

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

    def pages(self, line: Telephone, caller_id: str) -> tuple[Telephone, str]:
        """The telephone that pages go out by, and the number it shows: the carrier's own where it is the carrier."""
        if self.page_by == "twilio" and self.telephone is not None:
            return self.telephone, self.telephone.config.caller_id
        return line, caller_id
