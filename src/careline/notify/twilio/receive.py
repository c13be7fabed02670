"""Reads what the carrier reports and what people text back. Whatever it did not sign is refused before it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape

from careline.core.errors import Refused
from careline.core.people import Private
from careline.ports import Outcome, Receipt, TextReply
from careline.wire import twilio_texts
from careline.wire.twilio_signature import HEADER, is_genuine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.notify.twilio.values import Account

_LONGEST = 64 * 1024
_SID = re.compile(r"^[A-Za-z0-9]{1,64}$")
_STOP = {
    "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "please stop", "stop please",
    "alto", "parar", "no mas", "no más",
}  # fmt: skip
_START = {"start", "yes", "unstop"}


class TwilioReceiver:
    def __init__(self, account: Account) -> None:
        self._account = account

    def receive(self, url: str, headers: Mapping[str, str], body: bytes) -> Receipt | TextReply | None:
        """Raises `Refused` without saying what was wrong with it."""
        try:
            pairs = parse_qsl(body[: _LONGEST + 1].decode(), keep_blank_values=True, max_num_fields=200)
        except ValueError as error:
            raise Refused("not signed by the carrier") from error
        signature = headers.get(HEADER.lower(), "")
        if len(body) > _LONGEST or not is_genuine(self._account.tokens, url, signature, pairs):
            raise Refused("not signed by the carrier")
        said = dict(pairs)
        sid = said.get("MessageSid") or said.get("SmsSid") or ""
        if said.get("AccountSid") != self._account.sid or not _SID.match(sid):
            raise Refused("not signed by the carrier")
        if "MessageStatus" in said:
            return _receipt(url, sid, said)
        return _reply(sid, said) if "Body" in said else None

    def answer(self, text: str) -> tuple[str, str]:
        """TwiML: the carrier texts `text` back to the sender."""
        message = f"<Message>{escape(text)}</Message>" if text else ""
        return "text/xml", f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'


def _receipt(url: str, sid: str, said: Mapping[str, str]) -> Receipt | None:
    word = said["MessageStatus"]
    if word not in twilio_texts.KNOWN_WORDS:
        return None
    failed = word in twilio_texts.FAILED_WORDS
    tag = parse_qs(urlsplit(url).query).get("tag", [""])[0]
    reason = twilio_texts.reason_of(twilio_texts.error_code({"code": said.get("ErrorCode", "")}), 0) if failed else ""
    return Receipt(tag, sid, Outcome.FAILED if failed else Outcome.DELIVERED, word, reason)


def _reply(sid: str, said: Mapping[str, str]) -> TextReply:
    text = said["Body"]
    plain = " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())
    wish = said.get("OptOutType", "").lower() or ("stop" if plain in _STOP else "start" if plain in _START else "")
    return TextReply(sid, said.get("From", ""), Private(text), wish if wish in ("stop", "start") else "")
