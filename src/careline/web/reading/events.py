"""The timeline's words: what the voice process notes of a contact, as a person reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from careline.core.clinical import Disposition, Presence
from careline.web.seen.contact import Moment
from careline.web.seen.parts import DISPOSITION_LABELS, HEARING_LABELS, Because, clock, human

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from careline.storage.models import ContactEvent

_FINDING = re.compile(r"^(\w+) (\w+): (.*)$", re.DOTALL)
_TONES = {"emergency": "emergency", "page accepted": "good"}
_LABELS = {
    "person": "A person is with the caller",
    "assistant again": "The assistant has the caller again",
    "desk rings": "The desk's telephones ring",
    "held": "On hold",
    "resumed": "Taken back from hold",
    "emergency": "Danger heard",
    "page accepted": "The page was accepted",
    "finding": "Heard",
}
_DISPOSITIONS = {disposition.value: label for disposition, label in DISPOSITION_LABELS.items()}
_HEARINGS = {hearing.value: label for hearing, (label, _) in HEARING_LABELS.items()}


def moments(events: Iterable[ContactEvent]) -> tuple[Moment, ...]:
    return tuple(_moment(event) for event in events)


def heard(events: Iterable[ContactEvent]) -> tuple[Because, ...]:
    """What was found so far, before triage is on record: every finding that is so, in the caller's words."""
    parts = [_FINDING.match(str((event.body or {}).get("text", ""))) for event in events if event.kind == "finding"]
    found = [Because(human(part[1]), part[3]) for part in parts if part and part[2] == Presence.PRESENT]
    return tuple(dict.fromkeys(found))[:4]


def _moment(event: ContactEvent) -> Moment:
    at, body = event.at_ms / 1000, event.body if isinstance(event.body, dict) else {}
    words = _words(event.kind, body)
    label, tone = _LABELS.get(event.kind, human(event.kind)), _TONES.get(event.kind, "")
    if event.kind == "finding" and (part := _FINDING.match(str(body.get("text", "")))):
        tone = "urgent" if part[2] == Presence.PRESENT else ""
        words = f"{human(part[1])}, {part[2]}: “{part[3]}”"
        label = human(part[1])
    return Moment(at, clock(at), label, tone, words)


def _words(kind: str, body: Mapping[str, Any]) -> str:
    text = str(body.get("text") or body.get("why") or body.get("reason") or "")
    match kind:
        case "joined" | "went":
            verb = "joined" if kind == "joined" else "left"
            return f"{body.get('name') or human(str(body.get('role', '')))} {verb} ({human(str(body.get('role', ''))).lower()})"
        case "emergency":
            return f"Danger heard: {_DISPOSITIONS.get(text, _DISPOSITIONS[Disposition.CALL_911.value])}"
        case "hearing":
            return _HEARINGS.get(str(body.get("hearing", "")), "Hearing changed") + " from here on"
        case "silence":
            return f"Silence for {float(body.get('seconds', 0)):.0f} s"
        case "deed":
            return f"{human(str(body.get('key', '')).replace(':', ' '))}: {'done' if body.get('done') else 'could not be done'}"
        case "left":
            return f"The caller left: {text}" if text else "The caller left"
    label = _LABELS.get(kind, human(kind))
    return f"{label}: {text}" if text else label
