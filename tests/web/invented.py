"""Invented contacts, messages and pages, written as the product writes them, for pages to show. No person in here exists.

`CANARY` stands in every field a patient could fill, so that a test can look for it where it must never be.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from one_protocol import LIBRARY

from careline.actions.commands import FinishRecording, StartRecording
from careline.actions.in_force import in_force
from careline.actions.perform import perform
from careline.core.clinical import Course, Disposition, Finding, Presence, Quote, Reply, Subject
from careline.core.dialogue.deeds import Asked, RuleFired, TriageRecord
from careline.core.oncall.escalation import policy_of
from careline.core.people import Identity, Private
from careline.ports import SAMPLE_RATE, Vault
from careline.settings import from_environment
from careline.storage import models
from careline.storage.ids import new_id
from careline.storage.jsonable import to_json
from careline.storage.sealing import chunk_name, seal_chunk
from careline.storage.transactions import Actor, practice
from careline.vault.folder import FolderVault

CANARY = "Quillfeather"
VOICE = Actor.service("voice")


@dataclass(frozen=True)
class Story:
    """A conversation and what was made of it. Lines are (who, seconds, text)."""

    channel: str
    hearing: str
    disposition: Disposition
    lines: tuple[tuple[str, float, str], ...]
    identity: Identity
    reason: str
    triage: TriageRecord | None
    language: str = "en"
    number: str = "+12125550147"


def quote(turn: int, text: str) -> Quote:
    return Quote(turn, 0, len(text), text)


def fired(protocol: str, rule: str, *quotes: Quote) -> RuleFired:
    """A rule of a protocol that is really there, with its own version, hash and sources."""
    found = LIBRARY.protocols[protocol]
    named = next(one for one in found.rules if one.id == rule)
    sources = tuple(
        f"{found.sources[name].title} ({found.sources[name].licence}) {found.sources[name].url}"
        for name in named.because
    )
    return RuleFired(protocol, found.version, found.hash, rule, named.then, sources, quotes)


CHEST = Story(
    "phone",
    "closed",
    Disposition.CALL_911,
    (
        (
            "agent",
            0.4,
            "Thank you for calling Cedar Hill Family Practice. I am an automated assistant. Para español, oprima dos.",
        ),
        ("caller", 7.2, f"My husband Walter {CANARY} has pain in his chest, it goes into his left arm"),
        (
            "agent",
            12.0,
            "This may be an emergency. Please hang up and call 911 now, or have someone call while we talk.",
        ),
        ("caller", 19.5, "He is sweating and it started twenty minutes ago"),
        ("agent", 24.1, "Where is he now? Tell me the street and the town."),
        ("caller", 31.0, "14 Example Lane, Cedar Hill"),
    ),
    Identity(
        caller_name=Private(f"Ruth {CANARY}"),
        relation="wife",
        patient_name=Private(f"Walter {CANARY}"),
        date_of_birth=date(1958, 4, 2),
        callback_number=Private("+12125550147"),
        location=Private("14 Example Lane, Cedar Hill"),
        state="NY",
        safe_to_call=True,
    ),
    "pain in his chest, it goes into his left arm",
    TriageRecord(
        Disposition.CALL_911,
        (
            Finding(
                "chest_pain",
                Presence.PRESENT,
                quote(1, "pain in his chest"),
                Subject.PATIENT,
                onset_hours=1 / 3,
                course=Course.CONSTANT,
                severity=8,
            ),
            Finding(
                "arm_jaw_pain",
                Presence.PRESENT,
                quote(1, "it goes into his left arm"),
                Subject.PATIENT,
                side="left",
                site="arm",
            ),
            Finding("sweating_cold", Presence.PRESENT, quote(2, "He is sweating"), Subject.PATIENT),
        ),
        (Asked("breathless", "Is he short of breath while resting?", None, None, "adult-chest-pain"),),
        (
            fired("adult-chest-pain", "radiating", quote(1, "it goes into his left arm")),
            fired("adult-chest-pain", "companions", quote(1, "pain in his chest"), quote(2, "He is sweating")),
        ),
        complete=False,
    ),
)

PRESSURE = Story(
    "phone",
    "closed",
    Disposition.CLINICIAN_NOW,
    (
        (
            "agent",
            0.3,
            "Thank you for calling Cedar Hill Family Practice. I am an automated assistant. How can I help?",
        ),
        ("caller", 6.1, "I have had a tight feeling on my chest since this morning"),
        (
            "agent",
            11.4,
            "I am going to ask a few short questions. Along with it, is there a cold sweat or shortness of breath?",
        ),
        ("caller", 16.0, "No"),
        ("agent", 17.5, "Does it go into an arm or the jaw?"),
        ("caller", 21.2, "I am not sure"),
        ("agent", 24.0, "Thank you. I am paging the doctor on call now."),
        (
            "agent",
            31.0,
            "The doctor is being paged. A call back usually comes within an hour. If it gets worse, call 911.",
        ),
        ("caller", 41.0, "Okay, thank you"),
    ),
    Identity(
        caller_name=Private(f"Maya {CANARY}"),
        relation="self",
        patient_name=Private(f"Maya {CANARY}"),
        date_of_birth=date(2001, 9, 17),
        callback_number=Private("+12125550162"),
        state="NY",
        safe_to_call=True,
        safe_to_leave_message=False,
    ),
    "a tight feeling on my chest since this morning",
    TriageRecord(
        Disposition.CLINICIAN_NOW,
        (
            Finding("chest_pressure", Presence.PRESENT, quote(1, "a tight feeling on my chest"), onset_hours=7),
            Finding("sweating_cold", Presence.ABSENT, quote(2, "No")),
            Finding("arm_jaw_pain", Presence.UNCERTAIN, quote(3, "I am not sure")),
        ),
        (
            Asked(
                "companions", "Along with it, is there a cold sweat or shortness of breath?", Reply.NO, quote(2, "No")
            ),
            Asked("arm_jaw_pain", "Does it go into an arm or the jaw?", Reply.UNSURE, quote(3, "I am not sure")),
        ),
        (fired("adult-chest-pain", "pressure-young", quote(1, "a tight feeling on my chest")),),
        complete=True,
    ),
    number="+12125550162",
)

REFILL = Story(
    "chat",
    "open",
    Disposition.ADMINISTRATIVE,
    (
        ("agent", 0.2, "Hello. I am the automated assistant of Cedar Hill Family Practice. How can I help?"),
        ("caller", 14.0, "I need a refill of my blood pressure pills, I have two left"),
        ("agent", 15.0, "I will take that as a message. Who is it for, please: name and date of birth?"),
        ("caller", 33.0, f"Jorge {CANARY}, May 3 1961"),
    ),
    Identity(
        caller_name=Private(f"Jorge {CANARY}"),
        relation="self",
        patient_name=Private(f"Jorge {CANARY}"),
        date_of_birth=date(1961, 5, 3),
        callback_number=Private("+12125550133"),
        safe_to_call=True,
        safe_to_text=True,
    ),
    "a refill of my blood pressure pills, I have two left",
    None,
    number="",
)


def write_contact(practice_id: UUID, story: Story, began: datetime, *, live: bool, upto: int | None = None) -> UUID:
    """The contact as `calls` leaves it: open and live, or closed. `upto` limits the turns said so far."""
    with practice(practice_id, actor=VOICE, purpose="test", now=began) as tx:
        ended = None if live else began + timedelta(seconds=story.lines[-1][1] + 6)
        contact = models.Contact(
            id=new_id(),
            practice_id=practice_id,
            key=str(new_id()),
            channel=story.channel,
            state="open" if live else "closed",
            language=story.language,
            hearing=story.hearing,
            started_at=began,
            ended_at=ended,
            disposition=story.disposition.value,
            level=story.disposition.level.value,
            outcome="" if live else "completed",
            red_flag=story.disposition.rank < 2,
            caller_number=Private(story.number) if story.number else None,
            identity=to_json(story.identity),
            reason=Private(story.reason),
        )
        contact.save(force_insert=True)
        if live:
            models.LiveCall.objects.create(practice_id=practice_id, contact=contact, node="test-node")
        if story.triage is not None:
            models.Triage(
                practice_id=practice_id,
                contact=contact,
                at=began,
                disposition=story.disposition.value,
                complete=story.triage.complete,
                record=to_json(story.triage),
            ).save(force_insert=True)
        tx.journal("contact.opened", "contact", contact.id)
    for seq in range(len(story.lines) if upto is None else upto):
        say(practice_id, contact.id, story, seq)
    events: list[tuple[int, str, dict[str, Any]]] = [(500, "hearing", {"hearing": story.hearing})]
    for found in story.triage.findings if story.triage else ():
        at = [line[1] for line in story.lines if line[0] == "caller"][found.quote.turn - 1]
        events.append((int(at * 1000), "finding", {"text": f"{found.concept} {found.presence}: {found.quote.text}"}))
    if story.disposition.rank < 2:
        events.append((7300, "emergency", {"text": story.disposition.value}))
    if not live:
        events.append((int(story.lines[-1][1] * 1000) + 4000, "finished", {"why": "goodbye"}))
    write_events(practice_id, contact.id, began, events)
    return contact.id


def say(practice_id: UUID, contact_id: UUID, story: Story, seq: int) -> None:
    who, at, text = story.lines[seq]
    with practice(practice_id, actor=VOICE, purpose="test", now=datetime.now().astimezone()) as tx:
        models.Turn(
            practice_id=practice_id,
            contact_id=contact_id,
            seq=seq,
            who=who,
            text=Private(text),
            language=story.language,
            started_ms=int(at * 1000),
            ended_ms=int(at * 1000) + 3000,
        ).save(force_insert=True)
        tx.journal("contact.appended", "contact", contact_id)


def write_events(
    practice_id: UUID, contact_id: UUID, now: datetime, events: list[tuple[int, str, dict[str, Any]]]
) -> None:
    with practice(practice_id, actor=VOICE, purpose="test", now=now) as tx:
        for seq, (at, kind, body) in enumerate(events):
            models.ContactEvent(
                practice_id=practice_id, contact_id=contact_id, seq=seq, at_ms=at, kind=kind, body=body
            ).save(force_insert=True)
        tx.journal("contact.appended", "contact", contact_id)


def write_message(
    practice_id: UUID,
    story: Story,
    contact_id: UUID | None,
    at: datetime,
    kind: str,
    due: datetime | None = None,
    details: Any = (),
) -> UUID:
    with practice(practice_id, actor=VOICE, purpose="test", now=at) as tx:
        message = models.Message(
            id=new_id(),
            practice_id=practice_id,
            contact_id=contact_id,
            key=str(new_id()),
            reference="M-204",
            kind=kind,
            state="taken",
            disposition=story.disposition.value,
            level=story.disposition.level.value,
            language=story.language,
            taken_at=at,
            due_at=due,
            identity={**to_json(story.identity), "age_years": 25.0, "pregnant_weeks": None},
            reason=Private(story.reason),
            brief=Private(story.reason),
            details=to_json(details),
        )
        message.save(force_insert=True)
        tx.journal("message.taken", "message", message.id)
    return message.id


def write_page(
    practice_id: UUID, story: Story, contact_id: UUID, at: datetime, reach: tuple[str, ...] = ("okafor",)
) -> UUID:
    """An open page with a notice by telephone, one by mail and one on the phone page for each of `reach` (staff ids)."""
    message_id = write_message(practice_id, story, contact_id, at, "clinical")
    with practice(practice_id, actor=VOICE, purpose="test", now=at) as tx:
        page = models.Page(
            id=new_id(),
            practice_id=practice_id,
            message_id=message_id,
            contact_id=contact_id,
            key=str(new_id()),
            reference="P-204",
            policy=policy_of(in_force()).as_json(),
            state="open",
            disposition=story.disposition.value,
            level=story.disposition.level.value,
            raised_at=at,
            step=0,
            step_at=at,
            next_at=at + timedelta(seconds=120),
        )
        page.save(force_insert=True)
        for staff in reach:
            person = models.Membership.objects.get(practice_id=practice_id, staff_id=staff).person_id
            for channel, outcome, reference in (
                ("phone", "no_answer", "sip:7f31c2"),
                ("email", "delivered", "<204@mail.example>"),
            ):
                _notice(practice_id, page.id, person, channel, at, outcome, reference)
        tx.journal("page.raised", "page", page.id)
    return page.id


def _notice(
    practice_id: UUID, page: UUID, person: UUID, channel: str, at: datetime, outcome: str, reference: str
) -> None:
    promise = models.Promise.objects.create(
        practice_id=practice_id,
        kind=f"page_{channel}",
        key=str(new_id()),
        due_at=at,
        wake_at=at,
        made_at=at,
        state="kept",
        attempts=1,
        finished_at=at + timedelta(seconds=31),
    )
    models.PageNotice.objects.create(
        practice_id=practice_id,
        page_id=page,
        round=0,
        step=0,
        person_id=person,
        channel=channel,
        at=at,
        promise=promise,
        outcome=outcome,
    )
    models.PromiseAttempt.objects.create(
        practice_id=practice_id,
        promise=promise,
        n=1,
        fence=1,
        worker="test",
        due_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=31),
        outcome=outcome,
        provider_ref=reference,
    )


def write_alarm(practice_id: UUID, contact_id: UUID, at: datetime) -> UUID:
    with practice(practice_id, actor=VOICE, purpose="test", now=at) as tx:
        tx.journal("alarm.raised", "alarm")
        return models.Alarm.objects.create(
            practice_id=practice_id, kind="emergency", key=str(new_id()), contact_id=contact_id, at=at
        ).id


def write_callback(practice_id: UUID, story: Story, contact_id: UUID, at: datetime, due: datetime) -> UUID:
    with practice(practice_id, actor=VOICE, purpose="test", now=at) as tx:
        task = models.CallbackTask(
            id=new_id(), practice_id=practice_id, contact_id=contact_id, key=str(new_id()), why="left", made_at=at, due_at=due,
            number=story.identity.callback_number, reason=Private(story.reason),
        )  # fmt: skip
        task.save(force_insert=True)
        tx.journal("callback.wanted", "callback_task", task.id)
    return task.id


def write_recording(practice_id: UUID, contact_id: UUID, began: datetime, seconds: int, vault: Vault) -> UUID:
    """Two channels, as the voice process writes them: the caller hums at 400 Hz, the service at 600 Hz."""
    started = perform(StartRecording(practice_id, contact_id, began, 0.0, "announced"))
    for number in range(seconds):
        vault.put(
            chunk_name(str(started.recording), number), seal_chunk(started.key, str(started.recording), number, hum())
        )
    perform(FinishRecording(practice_id, started.recording, began + timedelta(seconds=seconds), seconds))
    return started.recording


def hum() -> bytes:
    samples = array("h")
    for n in range(SAMPLE_RATE):
        samples.append(int(6000 * math.sin(2 * math.pi * 400 * n / SAMPLE_RATE)))
        samples.append(int(6000 * math.sin(2 * math.pi * 600 * n / SAMPLE_RATE)))
    return samples.tobytes()


def vault() -> FolderVault:
    """Where the test installation keeps recordings."""
    return FolderVault(from_environment().data / "recordings")
