"""Sends texts: `POST Messages.json`, and `GET Messages.json` to learn whether an earlier try arrived."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import aiohttp

from careline.ports import Attempt, Outcome
from careline.wire import twilio_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    from careline.notify.twilio.values import Account
    from careline.ports import Letter

_MOST_PAGES = 5
_LONGEST_VALID, _SHORTEST_VALID = 14_400, 60  # seconds a text may wait at the carrier
AGAIN = " (sent again)"


class TwilioMessenger:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:
        """Never longer than `timeout_s` in all. A time-out says nothing about whether the carrier has the text."""
        sign_on = {"Authorization": f"Basic {_encoded(f'{self._account.sid}:{self._account.tokens[0]}')}"}
        try:
            async with (
                asyncio.timeout(timeout_s),
                aiohttp.ClientSession(headers=sign_on, timeout=aiohttp.ClientTimeout(total=timeout_s)) as http,
            ):
                if letter.since is not None and (known := await self._earlier(http, letter, letter.since)) is not None:
                    return known
                return await self._post(http, letter)
        except TimeoutError:
            return Attempt(Outcome.RETRY, reason="the carrier did not answer in time")
        except (aiohttp.ClientError, ValueError) as error:
            return Attempt(Outcome.RETRY, reason=f"no answer from the carrier ({type(error).__name__})")

    async def _post(self, http: aiohttp.ClientSession, letter: Letter) -> Attempt:
        sender = "MessagingServiceSid" if self._account.sender.startswith("MG") else "From"
        form = {
            "To": letter.to,
            sender: self._account.sender,
            "Body": letter.body + (AGAIN if letter.since is not None else ""),
            "ValidityPeriod": str(min(max(letter.seconds, _SHORTEST_VALID), _LONGEST_VALID)),
        }
        if letter.tag:
            form["StatusCallback"] = f"{self._account.hook}?{urlencode({'tag': letter.tag})}"
        async with http.post(self._account.messages, data=form) as answer:
            return _meant(letter, answer.status, await _json(answer))

    async def _earlier(self, http: aiohttp.ClientSession, letter: Letter, since: datetime) -> Attempt | None:
        """What became of the text of an earlier try, if the carrier knows it."""
        async for message in self._listed(http, letter.to, since):
            if not str(message.get("body", "")).startswith(letter.body):
                continue
            status, sid = str(message.get("status", "")), str(message.get("sid", ""))
            if status in twilio_texts.FAILED_WORDS:
                why = twilio_texts.reason_of(twilio_texts.error_code(message), 0)
                return Attempt(Outcome.FAILED, reference=sid, reason=why)
            return Attempt(Outcome.DELIVERED, reference=sid, reason="the carrier had it from an earlier try")
        return None

    async def _listed(self, http: aiohttp.ClientSession, to: str, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Messages to this number since the earlier try, newest first. A day early: the carrier counts days in GMT."""
        day = (since.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        url = f"{self._account.messages}?{urlencode({'To': to, 'DateSent>': day, 'PageSize': '100'})}"
        for _ in range(_MOST_PAGES):
            async with http.get(url) as answer:
                if answer.status != 200:
                    raise aiohttp.ClientError(f"the list answered {answer.status}")
                page = await _json(answer)
            for message in cast("list[Mapping[str, Any]]", page.get("messages") or []):
                yield message
            if not page.get("next_page_uri"):
                return
            url = self._account.base + str(page["next_page_uri"])


def _meant(letter: Letter, status: int, answer: Mapping[str, Any]) -> Attempt:
    code, sid = twilio_texts.error_code(answer), str(answer.get("sid") or "")
    if status == 201 and str(answer.get("status")) not in twilio_texts.FAILED_WORDS:
        return Attempt(Outcome.DELIVERED, reference=sid)
    why = twilio_texts.reason_of(code, status)
    if twilio_texts.may_try_again(status, code):
        return Attempt(Outcome.RETRY, reference=sid, reason=why)
    return Attempt(Outcome.FAILED, sid, why, gone=(letter.to,) if code in twilio_texts.GONE else ())


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def _json(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    """An answer that is no JSON object (a proxy's error page) counts as an empty one."""
    if "json" not in answer.headers.get("Content-Type", ""):
        return {}
    found: object = await answer.json()
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
