"""The question by telephone keys: which moment is meant, and how the answer is said."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from oncall_rotas import ny

from careline.core.oncall.enquiry import Told, answer, keyed, moment_of

ZONE = ZoneInfo("America/New_York")
RIVERA = Told("Dr. Ana Rivera", "clinician", "on_call")


@pytest.mark.parametrize(
    ("now", "key", "meant"),
    [
        (ny(2026, 1, 5, 15), "1", ny(2026, 1, 5, 15)),
        (ny(2026, 1, 5, 15), "2", ny(2026, 1, 5, 22)),
        (ny(2026, 1, 5, 23), "2", ny(2026, 1, 5, 23)),
        (ny(2026, 1, 6, 3), "2", ny(2026, 1, 6, 3)),
        (ny(2026, 12, 31, 15), "3", ny(2027, 1, 1, 12)),
        (ny(2026, 3, 7, 23), "3", datetime(2026, 3, 8, 16, tzinfo=UTC)),
    ],
)
def test_a_key_means_a_moment(now: datetime, key: str, meant: datetime) -> None:
    assert moment_of(key, now, ZONE) == meant


def test_other_keys_mean_none() -> None:
    assert all(moment_of(key, ny(2026, 1, 5), ZONE) is None for key in "056789*#")


@pytest.mark.parametrize(
    ("digits", "meant"),
    [
        ("122417", ny(2026, 12, 24, 17)),
        ("010100", ny(2027, 1, 1)),
        ("022908", ny(2028, 2, 29, 8)),
        ("030802", ny(2026, 3, 8, 3)),
        ("130108", None),
        ("023008", None),
        ("122424", None),
        ("12241", None),
        ("", None),
    ],
)
def test_a_keyed_time_is_the_next_one(digits: str, meant: datetime | None) -> None:
    assert keyed(digits, ny(2026, 3, 1), ZONE) == meant


def test_the_answer_names_who_is_called_first_and_who_after() -> None:
    novak = Told("Dr. Eva Novak", "covering", "on_call", "Lakeside Clinic")
    lindgren = Told("Maja Lindgren", "manager", "supervisor")
    assert answer("en", "2", [RIVERA, novak, lindgren]) == (
        "On call tonight: Dr. Ana Rivera, clinician; Dr. Eva Novak, clinician who covers, Lakeside Clinic. "
        "After that: Maja Lindgren, supervisor, manager."
    )
    assert answer("es", "1", [RIVERA]) == "De guardia ahora: Dr. Ana Rivera, médico."
