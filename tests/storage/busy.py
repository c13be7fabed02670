"""A practice with something in every table that holds practice or patient data."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import rotas
from careline.actions.close_message import add_note
from careline.actions.commands import (
    AppendRecord,
    Beat,
    ContactOpened,
    DoDeed,
    EventLine,
    OpenContact,
    Picture,
    StartRecording,
    TurnLine,
)  # fmt: skip
from careline.actions.desk import set_available
from careline.actions.orders import Asked, order
from careline.actions.perform import perform
from careline.core.clinical import Disposition
from careline.core.contact import Channel, Hearing
from careline.core.dialogue.deeds import MessageKind, RaiseEmergency, RequestCallback, TakeMessage
from careline.core.people import Private
from careline.storage import journal, promises
from careline.storage.models import LiveCall, Membership, Message, Page, PatchedCall, ProviderEvent, PushSubscription
from careline.storage.transactions import Actor, practice
from careline.testing.callers import a_summary, a_triage
from careline.testing.clock import MovableClock

TEST = Actor.service("test")


def busy(of: UUID, line: str, clock: MovableClock, words: str = "my chest hurts") -> ContactOpened:
    """`words` is what the caller said; it goes into every field that holds a patient's words."""
    now = clock.now()
    perform(Beat("node-1", now))
    opening = OpenContact("call", now, "node-1", Channel.PHONE, line, Private(f"+1555{words}"), Hearing.OPEN, "en")
    call: ContactOpened = perform(opening)
    assert call.practice == of
    said = TurnLine(1, "caller", Private(words), "en", 1.0, 2.5)
    noted = EventLine(1, 0.5, "heard", {"text": Private(words)})
    summary = a_summary(Disposition.CALL_911, words, caller_name=Private(words), location=Private(words))
    picture = Picture(red_flag=True, identity=summary.identity, reason=Private(words))
    perform(AppendRecord(of, call.contact, now, (said,), (noted,), picture))
    perform(StartRecording(of, call.contact, now, 0.0, "announced"))
    due = now + timedelta(hours=1)
    for key, deed in (
        ("emergency", RaiseEmergency(summary, a_triage(Disposition.CALL_911))),
        ("refill", TakeMessage(MessageKind.REFILL, summary, (("medicine", Private(words)),), due)),
        ("callback", RequestCallback(summary, due, "asked for a person")),
    ):
        perform(DoDeed(of, call.contact, key, now, deed))
    promises.claim(["page.phone", "page.email"], "w", now, timedelta(seconds=10), 100)
    with practice(of, actor=TEST, purpose="test", now=now) as tx:
        tx.journal("test", "message")
        nurse = Membership.objects.get(staff_id="rivera").person_id
        message = Message.objects.get(kind="refill").id
        version = LiveCall.objects.get().version
        browser = {"endpoint": f"https://push.example/{words}", "keys": {"p256dh": words, "auth": words}}
        PushSubscription.objects.create(
            practice_id=of, person_id=nurse, endpoint_index="i", browser=browser, made_at=now
        )
        ProviderEvent.objects.create(practice_id=of, provider="twilio", reference="SM1", said="sent", at=now)
    add_note(of, message, nurse, now, Private(words))
    order(of, nurse, Asked(call.contact, "say", "order-1", version, Private(words)), now)
    set_available(of, nurse, True, "", now)
    with practice(of, actor=TEST, purpose="test", now=now) as tx:
        tx.journal("test", "patched_call")
        page = Page.objects.get()
        PatchedCall.objects.create(
            practice_id=of, contact_id=call.contact, page=page, person_id=nurse, key="patch-1", asked_at=now
        )
    rotas.rows(of, now)
    rotas.imported(of, now)
    journal.seal(of, now)
    with practice(of, actor=TEST, purpose="test", now=now) as tx:
        tx.journal("test.pending", "practice")
    return call
