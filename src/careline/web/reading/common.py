"""What several readers need: who a contact is about, what was said, why it was judged so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careline.core.clinical import Disposition, Level
from careline.web.seen.parts import Because, Line, clock, human, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from careline.core.people import Private
    from careline.storage.models import Contact, Turn
    from careline.storage.transactions import Tx

NOT_NAMED = "Not named"
LANGUAGES = {"en": "English", "es": "Spanish"}
LEVEL_RANK = {level.value: rank for rank, level in enumerate(Level)}
_KEYS = re.compile(r"^\[?[0-9*#]+\]?$")
_SPEAKERS = {"caller": ("caller", "Caller"), "agent": ("service", "Assistant"), "operator": ("person", "Operator")}


def shown(text: Private | None) -> str:
    """A patient's text on a page whose reader is entitled to it."""
    return text.reveal() if text is not None else ""


@dataclass(frozen=True, slots=True)
class Who:
    """Identity as the caller gave it; every part may be empty."""

    caller: str = ""
    relation: str = ""
    patient: str = ""
    birth: str = ""
    number: str = ""
    location: str = ""
    state: str = ""
    safe: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What to call the contact in a list: the patient, else the caller, else the number to ring."""
        return self.patient or self.caller or (f"Caller at {spelled(self.number)}" if self.number else NOT_NAMED)


def who(identity: Mapping[str, Any] | None) -> Who:
    told = identity or {}
    ways = (("safe_to_call", "call back"), ("safe_to_text", "text"), ("safe_to_leave_message", "leave a message"))
    caller, patient = told.get("caller_name") or "", told.get("patient_name") or ""
    if told.get("relation") == "self":
        patient = patient or caller
    return Who(
        caller=caller,
        relation=human(told.get("relation") or ""),
        patient=patient,
        birth=str(told.get("date_of_birth") or ""),
        number=told.get("callback_number") or "",
        location=told.get("location") or "",
        state=told.get("state") or "",
        safe=tuple(label for name, label in ways if told.get(name) is True),
        unsafe=tuple(label for name, label in ways if told.get(name) is False),
    )


def language_name(code: str) -> str:
    return LANGUAGES.get(code, code.upper() or "Language not known")


def lines(turns: Iterable[Turn], flagged: frozenset[int] = frozenset(), newest: int | None = None) -> tuple[Line, ...]:
    """`flagged` numbers the caller's turns (from 1) whose words fired an emergency rule. Only the `newest` are opened."""
    counted: list[tuple[Turn, bool]] = []
    caller_turn = 0
    for turn in turns:
        caller_turn += turn.who == "caller"
        counted.append((turn, turn.who == "caller" and caller_turn in flagged))
    return tuple(_line(turn, flag) for turn, flag in (counted[-newest:] if newest else counted))


def _line(turn: Turn, flag: bool) -> Line:
    tone, name = _SPEAKERS.get(turn.who, ("person", human(turn.who)))
    at = turn.started_ms / 1000
    text = shown(turn.text)
    if turn.who == "caller" and _KEYS.match(text):
        return Line(tone, name, "", at, clock(at), flagged=flag, note=f"pressed {text.strip('[]')}")
    return Line(tone, name, text, at, clock(at), flagged=flag)


def fired_at(record: Mapping[str, Any], level: Level) -> list[Mapping[str, Any]]:
    return [rule for rule in record.get("fired", ()) if Disposition(rule["disposition"]).level is level]


def flagged_turns(record: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(
        int(quote["turn"]) for rule in fired_at(record, Level.EMERGENCY) for quote in rule.get("quotes", ())
    )


def red_flags(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The emergency rules that fired, by protocol: "Adult chest pain (radiating, companions)"."""
    by_protocol: dict[str, list[str]] = {}
    for rule in fired_at(record, Level.EMERGENCY):
        by_protocol.setdefault(rule["protocol"], []).append(human(rule["rule"]).lower())
    return tuple(f"{human(name)} ({', '.join(dict.fromkeys(names))})" for name, names in by_protocol.items())


def quoted(record: Mapping[str, Any], rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The words a rule fired on. A pressed key says nothing by itself: there it is the question asked, and its answer."""
    return tuple(dict.fromkeys(_words(record, quote) for quote in rule.get("quotes", ())))


def _words(record: Mapping[str, Any], quote: Mapping[str, Any]) -> str:
    text: str = quote["text"]
    if not _KEYS.match(text):
        return text
    for asked in record.get("asked", ()):
        if asked.get("answer") and asked["answer"]["turn"] == quote["turn"]:
            return f"{asked['words']} {human(str(asked['reply']))}"
    return f"pressed {text.strip('[]')}"


def because(record: Mapping[str, Any]) -> tuple[Because, ...]:
    """The reasons for the record's own disposition, each in the caller's words; at most four: the contact's page has the rest."""
    reasons: list[Because] = []
    for rule in record.get("fired", ()):
        if rule["disposition"] == record.get("disposition"):
            words = " … ".join(quoted(record, rule))
            if words:
                reasons.append(Because(f"{human(rule['protocol'])}: {human(rule['rule']).lower()}", words))
    return tuple(dict.fromkeys(reasons))[:4]


def numbered(ids: Sequence[UUID], most: int = 60) -> dict[str, object]:
    """Ids as details of one journal entry, so that a list that was shown says whose rows it showed."""
    return {f"row_{n}": each for n, each in enumerate(ids[:most], 1)}


def contact_named(contact: Contact) -> Who:
    """From what the caller said, or from the patient's own row when two identifiers matched."""
    told = who(contact.identity)
    if told.patient or contact.patient is None:
        return told
    return Who(**{**{name: getattr(told, name) for name in Who.__slots__}, "patient": shown(contact.patient.name)})


def title(contact: Contact, named: Who) -> str:
    """What to call a contact: who it is about, else the number to ring, else the number it came from."""
    if named.title != NOT_NAMED or contact.caller_number is None:
        return named.title
    return f"Caller from {spelled(shown(contact.caller_number))}"


def tell(tx: Tx, action: str, table: str, row: UUID | None = None, ids: Sequence[UUID] = ()) -> None:
    tx.journal(action, table, row, shown=len(ids) or None, **numbered(ids))
