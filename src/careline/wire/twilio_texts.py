"""What Twilio's answers and callbacks about a text message mean.

Sources: Twilio, "Messages resource", "Error and warning dictionary". Carriers that copy the interface copy these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Error codes after which the same number will never work again for us.
GONE = {21610: "the person has texted STOP to our number"}
#: Error codes that no second try will mend, with what they say.
HOPELESS = {
    21211: "not a telephone number",
    21214: "this number cannot be reached",
    21408: "texts to that country are not switched on at the carrier",
    21606: "our sending number cannot send texts",
    21612: "no route from our sending number to this one",
    21614: "not a mobile number",
    21617: "the text is too long",
    21659: "our sending number is not the carrier's",
    21660: "our sending number belongs to another account",
    21910: "sender and recipient do not go together",
    30002: "the carrier has suspended our account",
    30003: "the telephone is switched off or out of reach",
    30004: "the recipient blocks our texts",
    30005: "no such number",
    30006: "a landline, or a carrier that cannot be reached",
    30007: "held back by a spam filter",
    30034: "our sending number is not registered for this kind of text (10DLC)",
}
#: Words of `MessageStatus` after which nothing more will come.
FAILED_WORDS = ("undelivered", "failed", "canceled")
KNOWN_WORDS = (
    *FAILED_WORDS, "accepted", "scheduled", "queued", "sending", "sent", "delivered", "read", "partially_delivered",
)  # fmt: skip
_RETRIED = {429, 500, 502, 503, 504}


def reason_of(code: int, status: int) -> str:
    """Why a text failed, in words that hold no number and no text."""
    known = GONE.get(code) or HOPELESS.get(code)
    if known:
        return f"{known} ({code})"
    return f"the carrier refused it ({code or status})"


def may_try_again(status: int, code: int) -> bool:
    """Too many at once, a fault of theirs, or our credentials (which somebody mends): the same text may go later."""
    return status in _RETRIED or status in (401, 403) or code in (20429, 30001, 30008)


def error_code(answer: Mapping[str, object]) -> int:
    """Of an error's JSON (`code`), or of a message that failed (`error_code`); 0 when there is none."""
    code = answer.get("code") or answer.get("error_code") or 0
    return int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else 0
