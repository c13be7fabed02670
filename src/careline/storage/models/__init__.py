"""The tables. Each module holds those of one subject; every table but the few of `GLOBAL` belongs to one practice per row."""

from __future__ import annotations

from careline.storage.models.contact import Contact, ContactEvent, Patient, Recording, Triage, Turn
from careline.storage.models.journal import DataKey, JournalEntry, JournalPending, JournalSeal
from careline.storage.models.live import CallCommand, DeskPresence, LiveCall, Node, PatchedCall
from careline.storage.models.message import CallbackTask, Message, MessageAmendment
from careline.storage.models.notify import ProviderEvent, PushSubscription
from careline.storage.models.page import Alarm, Page, PageNotice
from careline.storage.models.people import Membership, Person
from careline.storage.models.practice import Line, Practice, PracticeFile
from careline.storage.models.promise import Promise, PromiseAttempt
from careline.storage.models.rota import (
    Rota,
    RotaAbsence,
    RotaHoliday,
    RotaKey,
    RotaOverride,
    RotaRule,
    RotaShift,
    RotaSwap,
)  # fmt: skip

__all__ = [
    "Alarm",
    "CallCommand",
    "CallbackTask",
    "Contact",
    "ContactEvent",
    "DataKey",
    "DeskPresence",
    "JournalEntry",
    "JournalPending",
    "JournalSeal",
    "Line",
    "LiveCall",
    "Membership",
    "Message",
    "MessageAmendment",
    "Node",
    "Page",
    "PageNotice",
    "PatchedCall",
    "Patient",
    "Person",
    "Practice",
    "PracticeFile",
    "Promise",
    "PromiseAttempt",
    "ProviderEvent",
    "PushSubscription",
    "Recording",
    "Rota",
    "RotaAbsence",
    "RotaHoliday",
    "RotaKey",
    "RotaOverride",
    "RotaRule",
    "RotaShift",
    "RotaSwap",
    "Triage",
    "Turn",
]  # fmt: skip

# Tables without row level security: who the practices, people and machines are. Nothing of a patient.
GLOBAL = frozenset({"practice", "person", "node"})
