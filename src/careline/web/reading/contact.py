"""Reads one contact whole: its timeline, what was said and found, and why it was judged so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse

from careline.actions.messages import of_contact
from careline.storage.models import Contact, ContactEvent, LiveCall, Message, Recording, Triage, Turn
from careline.web import outside
from careline.web.reading.common import contact_named, flagged_turns, language_name, lines, red_flags, shown, title
from careline.web.reading.events import moments
from careline.web.reading.pages import held_page
from careline.web.reading.proof import read_proofs
from careline.web.reading.protocols import rules, tables
from careline.web.seen.contact import AskedRow, ContactPage, FindingRow, Mark, Moment, Reasons
from careline.web.seen.contact import Recording as Playable
from careline.web.seen.parts import channel_badge, clock, hearing_badge, human, spelled, urgency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from careline.storage.transactions import Tx
    from careline.web.reading.common import Who
    from careline.web.seen.parts import Line

_PRESENCE_TONES = {"present": "urgent", "absent": "", "uncertain": "routine", "feared": "routine"}
_RECORDING_NOTES = {
    "deleted": "The recording was deleted, as the caller asked.",
    "lost": "The recording ended when the machine failed; what was kept can be played.",
}


def read_contact(tx: Tx, contact_id: UUID, slug: str, viewer: UUID, *, may_hear: bool, draft: bool) -> ContactPage:
    """`draft` is what to think of protocols that are no longer at hand; `viewer`, whose page it may be."""
    contact = Contact.objects.filter(id=contact_id, practice_id=tx.practice).select_related("patient", "line").first()
    if contact is None:
        raise Http404
    tx.journal("contact.read", "contact", contact.id)
    triage = Triage.objects.filter(contact=contact).order_by("-at").first()
    record: Mapping[str, Any] = (triage.record if triage else None) or {}
    named = contact_named(contact)
    number = named.number or shown(contact.caller_number)
    transcript = lines(Turn.objects.filter(contact=contact).order_by("seq"), flagged_turns(record))
    events = moments(ContactEvent.objects.filter(contact=contact).order_by("at_ms", "seq"))
    live = LiveCall.objects.filter(contact=contact).exists()
    kept = Recording.objects.filter(contact=contact).order_by("started_at").first()
    return ContactPage(
        id=contact.id,
        reference=str(contact.id)[-8:],
        now=tx.now,
        live=live,
        dial=number,
        number=spelled(number),
        held_page=held_page(tx, contact.id, viewer),
        channel=channel_badge(contact.channel),
        hearing=hearing_badge(contact.hearing or "open"),
        language=language_name(contact.language),
        started=contact.started_at,
        duration=_duration(contact, tx.now if live else None),
        urgency=urgency(contact.disposition),
        title=title(contact, named),
        facts=_facts(contact, named),
        reason=shown(contact.reason),
        red_flags=red_flags(record) or (("Danger heard in what was said",) if contact.red_flag else ()),
        moments=events,
        lines=transcript,
        why=_reasons(record, complete=triage.complete if triage else True, draft=draft),
        recording=_recording(kept, slug, contact, events, transcript) if kept and may_hear else None,
        recording_note=_recording_note(kept),
        proofs=read_proofs(tx, contact),
        messages=_messages(tx, contact),
    )


def _duration(contact: Contact, now: datetime | None) -> str:
    ended = contact.ended_at or now
    return clock((ended - contact.started_at).total_seconds()) if ended else "end not known"


def _messages(tx: Tx, contact: Contact) -> tuple[tuple[UUID, str, str], ...]:
    found = Message.objects.filter(of_contact(tx, contact.id), practice_id=tx.practice).order_by("taken_at")
    return tuple((message.id, human(message.kind), human(message.state)) for message in found)


def _reasons(record: Mapping[str, Any], *, complete: bool, draft: bool) -> Reasons:
    fired = rules(record, draft=draft)
    return Reasons(
        findings=tuple(_finding(found) for found in record.get("findings", ())),
        rules=tuple(rule for rule in fired if rule.then == fired[0].then),
        lesser_rules=tuple(rule for rule in fired if rule.then != fired[0].then),
        protocols=tables(record),
        asked=tuple(_asked(asked) for asked in record.get("asked", ())),
        complete=complete,
        draft=any(rule.draft for rule in fired),
    )


def _facts(contact: Contact, named: Who) -> tuple[tuple[str, str], ...]:
    caller = f"{named.caller} ({named.relation})" if named.caller and named.relation else named.caller
    facts = (
        ("Caller", caller),
        ("Patient", named.patient),
        ("Date of birth", named.birth),
        ("Call back", spelled(named.number)),
        ("Called from", spelled(shown(contact.caller_number))),
        ("Called line", spelled(contact.line.number) if contact.line else ""),
        ("Where now", ", ".join(part for part in (named.location, named.state) if part)),
        ("Safe to", ", ".join(named.safe)),
        ("Not safe to", ", ".join(named.unsafe)),
        ("How it ended", human(contact.outcome)),
    )
    return tuple((name, value) for name, value in facts if value)


def _finding(found: Mapping[str, Any]) -> FindingRow:
    quantity = found.get("quantity")
    onset, lasts, severity = found.get("onset_hours"), found.get("duration_hours"), found.get("severity")
    details = (
        human(found["course"]) if found.get("course") else "",
        f"began {_hours(onset)} ago" if onset is not None else "",
        f"for {_hours(lasts)}" if lasts is not None else "",
        f"severity {severity} of 10" if severity is not None else "",
        " ".join(part for part in (found.get("side"), found.get("site")) if part),
        f"{quantity['value']:g} {quantity['unit']}" if quantity else "",
        "someone else" if found.get("subject") == "other" else "",
    )
    return FindingRow(
        concept=human(found["concept"]),
        presence=human(found["presence"]),
        tone=_PRESENCE_TONES.get(found["presence"], ""),
        words=found["quote"]["text"],
        details=", ".join(part for part in details if part),
    )


def _hours(hours: float) -> str:
    if hours < 1:
        return f"{round(hours * 60)} min"
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:g} days"


def _asked(asked: Mapping[str, Any]) -> AskedRow:
    reply, answer = asked.get("reply"), asked.get("answer")
    return AskedRow(
        asked["words"], "not answered" if reply is None else human(str(reply)), answer["text"] if answer else ""
    )


def _answer(text: str) -> str:
    return f"pressed {text}" if text.isdigit() else f"“{text}”"


def _recording(
    kept: Recording, slug: str, contact: Contact, events: Sequence[Moment], transcript: Sequence[Line]
) -> Playable | None:
    if kept.state == "deleted" or not kept.chunks or outside.vault() is None:
        return None
    seconds, began = float(kept.chunks), kept.starts_ms / 1000
    points = [(m.at, m.kind, m.tone) for m in events if m.tone]
    points += [(line.at, "Red flag words", "emergency") for line in transcript if line.flagged]
    marks = tuple(
        Mark(max(0.0, at - began), clock(at - began), label, tone, 100 * max(0.0, at - began) / seconds)
        for at, label, tone in sorted(set(points))
        if at - began < seconds
    )
    url = reverse("recording", args=[slug, contact.id, kept.id])
    return Playable(url, seconds, clock(seconds), marks)


def _recording_note(kept: Recording | None) -> str:
    if kept is None:
        return "This contact has no recording."
    return _RECORDING_NOTES.get(kept.state, "The recording cannot be played here.")
