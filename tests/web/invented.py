"""Invented contacts, messages and pages, written as the product writes them, for pages to show. No person in here exists."""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from stories import CANARY, CHEST, PRESSURE, REFILL, Story

from careline.actions.commands import FinishRecording, StartRecording
from careline.actions.in_force import in_force
from careline.actions.perform import perform
from careline.core.clinical import Disposition
from careline.core.oncall.escalation import policy_of
from careline.core.people import Private
from careline.ports import SAMPLE_RATE, Vault
from careline.settings import from_environment
from careline.storage import models
from careline.storage.ids import new_id
from careline.storage.jsonable import to_json
from careline.storage.sealing import chunk_name, seal_chunk
from careline.storage.transactions import Actor, practice
from careline.vault.folder import FolderVault

VOICE = Actor.service("voice")

__all__ = ["CANARY", "CHEST", "PRESSURE", "REFILL", "Story"]


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
            policy=policy_of(in_force(), Disposition.CLINICIAN_NOW, tx.now).as_json(),
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


def write_browser(practice_id: UUID, at: datetime, staff: str = "okafor") -> UUID:
    """A browser that shows this person's pages."""
    with practice(practice_id, actor=VOICE, purpose="test", now=at) as tx:
        tx.journal("test", "push_subscription")
        person = models.Membership.objects.get(practice_id=practice_id, staff_id=staff).person_id
        row = models.PushSubscription(
            id=new_id(), practice_id=practice_id, person_id=person, endpoint_index="i", label="Chrome", made_at=at
        )
        row.browser = {"endpoint": "https://push.example/1", "keys": {"p256dh": "", "auth": ""}}
        row.save(force_insert=True)
        return row.id


def person(practice_id: UUID, staff: str) -> UUID:
    """Whom the practice's file calls so."""
    with practice(practice_id, actor=VOICE, purpose="test", now=datetime.now(UTC)):
        found: UUID = models.Membership.objects.values_list("person_id", flat=True).get(staff_id=staff)
        return found


def member(practice_id: UUID, staff: str, at: datetime) -> UUID:
    with practice(practice_id, actor=VOICE, purpose="test", now=at):
        return models.Membership.objects.get(practice_id=practice_id, staff_id=staff).id
