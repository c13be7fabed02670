"""The carrier's REST interface for calls: place, look, end.

It has no idempotency key. So before a call is placed it is asked whether one of ours to that number is up already, and when it
does not say whether it has placed one, it is asked again before anything is given up.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING, Any, cast

import aiohttp

from careline.core.errors import Refused, TryAgain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.telephony.twilio.config import TwilioConfig

_log = logging.getLogger("careline.telephony.twilio")
#: Error codes of a number that cannot be dialled, now or later ("Error and warning dictionary").
_BAD_NUMBER = {13223, 13224, 21201, 21211, 21214, 21217, 21421}
#: And of one that this account may not dial: no permission for its country, a trial account, a blocked number.
_NOT_ALLOWED = {13225, 13227, 21215, 21216, 21219, 32205}
_UP = ("queued", "ringing", "in-progress")
_MOST_LISTED = 50


class BadNumber(Refused):
    """The number itself cannot be dialled."""


class TwilioRest:
    """Every method raises `TryAgain` when the carrier did not answer, or not sensibly: what was asked may have happened."""

    def __init__(self, config: TwilioConfig) -> None:
        self._config = config
        self._calls = f"{config.api}/2010-04-01/Accounts/{config.account}/Calls"
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def place(self, form: Sequence[tuple[str, str]]) -> str:
        """The new call's id. Raises `BadNumber`, and `Refused` when the account may not make this call."""
        answer = await self._ask("POST", f"{self._calls}.json", form)
        return str(answer.get("sid", ""))

    async def up(self, number: str, caller_id: str) -> list[str]:
        """Calls from us to `number` that wait, ring or are being held."""
        query = {"To": number, "From": caller_id, "PageSize": str(_MOST_LISTED)}
        answer = await self._ask("GET", f"{self._calls}.json", query=query)
        calls = cast("Sequence[Mapping[str, Any]]", answer.get("calls") or [])
        return [str(call.get("sid")) for call in calls if call.get("status") in _UP]

    async def end(self, call: str) -> None:
        """Hang up, whether it rings or is being held. One that is over already is none of our business."""
        try:
            await self._ask("POST", f"{self._calls}/{call}.json", [("Status", "completed")])
        except Refused:
            return

    async def _ask(
        self,
        method: str,
        url: str,
        form: Sequence[tuple[str, str]] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        if self._session is None:
            login = f"{self._config.account}:{self._config.tokens[0]}".encode()
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Basic {base64.b64encode(login).decode()}"}
            )
        data = None if form is None else aiohttp.FormData(list(form))
        try:
            async with (
                asyncio.timeout(self._config.timing.api_s),
                self._session.request(method, url, data=data, params=query) as answer,
            ):
                found: object = await answer.json(content_type=None)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TryAgain(f"the carrier did not answer ({type(error).__name__})") from error
        fields: Mapping[str, Any] = cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
        if status in (200, 201) and fields:
            return fields
        raise _meaning(status, fields.get("code"))


def _meaning(status: int, code: object) -> Refused | TryAgain:
    number = code if isinstance(code, int) else 0
    if status in (401, 403, 429) or status >= 500 or status < 400:
        _log.error("the carrier answered %d (%d)", status, number)
        return TryAgain(f"the carrier answered {status}")
    if number in _BAD_NUMBER:
        return BadNumber(f"the carrier cannot dial this number ({number})")
    level = logging.WARNING if number in _NOT_ALLOWED else logging.ERROR
    _log.log(level, "the carrier refused a call (%d, %d)", status, number)
    return Refused(f"the carrier refused the call ({number or status})")
