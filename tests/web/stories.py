"""What invented people said, and what a contact with them looks like. No person in here exists.

`CANARY` stands in every field a patient could fill, so that a test can look for it where it must never be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from one_protocol import LIBRARY

from careline.core.clinical import Course, Disposition, Finding, Presence, Quote, Reply, Subject
from careline.core.dialogue.deeds import Asked, RuleFired, TriageRecord
from careline.core.people import Identity, Private

CANARY = "Quillfeather"


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
