"""Callers and what a dialogue would have made of them, as values for tests. Every name and number is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from careline.core.clinical import Disposition
from careline.core.dialogue.deeds import RuleFired, Summary, TriageRecord
from careline.core.people import Identity, Private

if TYPE_CHECKING:
    from collections.abc import Mapping

CHEST_PAIN = "my chest hurts and it goes into my arm"
IDENTITY = Identity(
    caller_name=Private("Pat Example"),
    relation="self",
    patient_name=Private("Pat Example"),
    date_of_birth=date(1961, 5, 17),
    callback_number=Private("+12125550123"),
    state="NY",
    safe_to_call=True,
)


def a_summary(disposition: Disposition = Disposition.CLINICIAN_NOW, reason: str = CHEST_PAIN, **who: object) -> Summary:
    """What a person reads first of a contact; `who` changes parts of the identity."""
    changes: Mapping[str, object] = who
    return Summary(
        identity=replace(IDENTITY, **changes),  # pyright: ignore[reportArgumentType]
        reason=Private(reason),
        brief=Private(f"Urgent. 65 years. Says: {reason}. Call 212 555 0123."),
        disposition=disposition,
        language="en",
        age_years=65.0,
    )


def a_triage(disposition: Disposition = Disposition.CLINICIAN_NOW) -> TriageRecord:
    fired = RuleFired("adult-chest-pain", "0.1.0", "sha256:0000", "spreading", disposition, ("S1",), ())
    return TriageRecord(disposition, findings=(), asked=(), fired=(fired,), complete=True)
