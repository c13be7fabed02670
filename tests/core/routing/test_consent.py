"""Whose consent a recording needs: every state pair of the table, and what is not known."""

from __future__ import annotations

import pytest

from careline.bootstrap import data
from careline.core.errors import DataFileError
from careline.core.routing.consent import Law

LAW = data.consent_law()
STATES = sorted(LAW.one_party | LAW.sources.keys())


def test_every_state_district_and_territory_stands_in_one_class() -> None:
    assert len(STATES) == 50 + 1 + 5
    assert set(LAW.area_codes.values()) == set(STATES)


@pytest.mark.parametrize("practice", STATES)
def test_the_strictest_of_two_states_holds(practice: str) -> None:
    for caller in STATES:
        strict = not {practice, caller} <= LAW.one_party
        assert LAW.need(practice, "", said=caller).all_parties is strict


@pytest.mark.parametrize(
    "number", ["", "anonymous", "+442079460000", "+18005550100", "sip:alex@example.com", "5550100"]
)
def test_a_number_that_tells_nothing_counts_as_all_party(number: str) -> None:
    need = LAW.need("NY", number)
    assert need.all_parties
    assert need.words == "all parties NY unknown"


@pytest.mark.parametrize(
    ("number", "said", "all_parties", "words"),
    [
        ("+12125550190", None, False, "one party NY"),
        ("(415) 555-0190", None, True, "all parties NY CA"),
        ("+12125550190", "CA", True, "all parties NY CA"),
        ("+14155550190", "NY", True, "all parties NY CA"),
        ("", "TX", False, "one party NY TX"),
    ],
)
def test_number_and_what_they_say_both_count(number: str, said: str | None, all_parties: bool, words: str) -> None:
    need = LAW.need("NY", number, said)
    assert (need.all_parties, need.words) == (all_parties, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[one]\nstates = ["NY", "CA"]\n[all]\nCA = "x"', "both classes"),
        ('[one]\nstates = ["NY"]\n[area_codes]\nNY = "212"\nNJ = "212"', "is NY's already"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(text: str, words: str) -> None:
    with pytest.raises(DataFileError, match=words):
        Law.parse(text, "consent.toml")
