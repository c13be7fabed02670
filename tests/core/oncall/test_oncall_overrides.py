"""Changes people make: what is added, removed, replaced, taken over and swapped is what happens, or is refused out loud."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from oncall_rotas import calendar, ny, weekly

from careline.core.errors import Refused
from careline.core.oncall.changes import (
    Part,
    Swap,
    SwapState,
    agree,
    approve,
    decline,
    propose,
    take_over,
    with_absence,
    with_override,
)
from careline.core.oncall.cover import shifts, who
from careline.core.oncall.overrides import explain
from careline.core.oncall.rules import Absence, Calendar, Change, Need, Override, Scope

ROTA = calendar(weekly("week", "ana", "ben", "cleo"))  # ana from Monday 5 January 07:00
START, END = ny(2026, 1, 6, 19), ny(2026, 1, 7, 7)
NIGHT = ny(2026, 1, 7, 3)


def override(change: Change, person: str = "", leaves: str = "", number: int = 1, **more: str) -> Override:
    return Override(f"o{number}", change, START, END, person, leaves, **more)


def on(rota: Calendar, at: datetime = NIGHT, need: Need | None = None) -> list[str]:
    return [one.person for one in who(rota, at, need or Need())]


def test_add_remove_and_replace_hold_for_their_time_and_no_longer() -> None:
    added = with_override(ROTA, override(Change.ADD, "ben"))
    assert on(added) == ["ana", "ben"]
    removed = with_override(ROTA, override(Change.REMOVE, leaves="ana"))
    assert on(removed) == ["second", "boss"]
    replaced = with_override(ROTA, override(Change.REPLACE, "ben", "ana"))
    assert on(replaced) == ["ben"]
    for rota in (added, removed, replaced):
        assert on(rota, START - timedelta(minutes=1)) == ["ana"]
        assert on(rota, END) == ["ana"]


def test_why_names_the_rule_whose_turn_it_was_and_who_changed_it() -> None:
    rota = with_override(ROTA, override(Change.REPLACE, "ben", "ana", by="front desk", reason="ana is ill"))
    told = explain(rota, who(rota, NIGHT)[0])
    assert told == "rule week; in place of Dr. Ana; override o1 by front desk: ana is ill"


def test_whoever_took_over_can_be_taken_over_from_in_the_order_made() -> None:
    rota = with_override(ROTA, override(Change.REPLACE, "ben", "ana"))
    rota = with_override(rota, override(Change.REPLACE, "cleo", "ben", number=2))
    assert on(rota) == ["cleo"]
    assert who(rota, NIGHT)[0].why.overrides == ("o1", "o2")


def test_everybody_of_a_rule_can_be_replaced_without_naming_them() -> None:
    rota = calendar(weekly("one", "ana", together=True), weekly("two", "ben"))
    assert on(with_override(rota, override(Change.REPLACE, "cleo", rule="two"))) == ["ana", "cleo"]
    assert on(with_override(rota, override(Change.REPLACE, "cleo"))) == ["cleo"]


def test_an_addition_to_a_rule_answers_for_what_the_rule_is_for() -> None:
    rota = calendar(weekly("all", "ana"), weekly("heart", "ben", scope=Scope(specialty="cardiology")))
    away = Absence("a", "ben", START, END)
    rota = with_override(with_absence(rota, away), override(Change.ADD, "cleo", rule="heart"))
    assert on(rota) == ["ana"]
    assert on(rota, need=Need(specialty="cardiology")) == ["cleo"]


def test_an_absence_always_wins_and_covers_part_of_a_day() -> None:
    noon, evening = ny(2026, 1, 7, 12), ny(2026, 1, 7, 18)
    rota = with_absence(ROTA, Absence("a", "ana", noon, evening))
    assert on(rota, noon - timedelta(minutes=1)) == ["ana"]
    assert on(rota, noon) == ["second", "boss"]
    assert on(rota, evening) == ["ana"]


def test_somebody_put_in_the_place_of_a_colleague_who_is_away_is_on_call() -> None:
    rota = with_absence(ROTA, Absence("a", "ana", START, END))
    assert on(with_override(rota, override(Change.REPLACE, "ben", "ana"))) == ["ben"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (override(Change.REPLACE, "cleo", "ben"), "Dr. Ben is not on call then"),
        (override(Change.REMOVE, leaves="cleo"), "Dr. Cleo is not on call then"),
        (override(Change.REPLACE, "eva", "ana"), "Dr. Eva is away from 2026-01-07 00:00 UTC"),
        (override(Change.ADD, "eva"), "choose somebody else, or end the absence first"),
        (override(Change.ADD, "nobody"), "nobody here is called 'nobody'"),
        (override(Change.ADD, "ben", rule="none"), "no rule is called 'none'"),
        (override(Change.ADD), "must say who comes on call"),
        (override(Change.REMOVE, "ben", "ana"), "puts nobody on"),
        (override(Change.REMOVE), "must say whom"),
        (override(Change.ADD, "ben", "ana"), "takes nobody off"),
        (replace(override(Change.ADD, "ben"), end=START), "ends before it begins"),
        (replace(override(Change.ADD, "ben"), end=START + timedelta(days=4000)), "does not end within a year"),
    ],
)
def test_a_change_that_would_do_nothing_or_harm_is_refused_with_a_mend(made: Override, told: str) -> None:
    rota = with_absence(ROTA, Absence("a", "eva", START, END))
    with pytest.raises(Refused, match=" — ") as refused:
        with_override(rota, made)
    assert told in str(refused.value)


def test_taking_over_holds_at_once_until_the_colleagues_shift_ends() -> None:
    taken = take_over(ROTA, "ben", "ana", NIGHT, "t1")
    rota = with_override(ROTA, taken)
    assert on(rota, NIGHT) == ["ben"]
    assert taken.end == ny(2026, 1, 12, 7)
    assert (taken.by, on(rota, NIGHT - timedelta(seconds=1))) == ("ben", ["ana"])


def test_a_shift_can_be_taken_over_from_somebody_away_and_only_for_the_night() -> None:
    rota = with_absence(ROTA, Absence("a", "ana", START, END))
    taken = take_over(rota, "ben", "ana", NIGHT, "t1", until=END)
    assert on(with_override(rota, taken)) == ["ben"]
    assert taken.end == END


def test_taking_over_from_nobody_or_for_ever_is_refused() -> None:
    with pytest.raises(Refused, match="Cleo is not on call now"):
        take_over(ROTA, "ben", "cleo", NIGHT, "t1")
    with pytest.raises(Refused, match="nobody here is called 'x'"):
        take_over(ROTA, "ben", "x", NIGHT, "t1")
    with pytest.raises(Refused, match="nobody takes their own place"):
        take_over(ROTA, "ana", "ana", NIGHT, "t1")
    alone = calendar(weekly("week", "ana"))
    with pytest.raises(Refused, match="say until when"):
        take_over(alone, "ben", "ana", NIGHT, "t1")
    assert take_over(alone, "ben", "ana", NIGHT, "t1", until=END).end == END


MINE = Part("ana", "week", ny(2026, 1, 6, 7), ny(2026, 1, 7, 7))
THEIRS = Part("ben", "week", ny(2026, 1, 13, 7), ny(2026, 1, 14, 7))
SWAP = Swap("s1", MINE, "ben", THEIRS)
BEFORE = ny(2026, 1, 5, 12)


def test_a_swap_holds_once_the_colleague_agreed_and_somebody_else_approved() -> None:
    proposed = propose(ROTA, SWAP, BEFORE)
    swap, changes = approve(ROTA, agree(proposed, "ben"), "boss", BEFORE)
    assert (swap.state, swap.approved_by) == (SwapState.APPROVED, "boss")
    rota = replace(ROTA, overrides=changes)
    cover = shifts(rota, ny(2026, 1, 5, 7), ny(2026, 1, 19, 7))
    assert [shift.people[0].person for shift in cover] == ["ana", "ben", "ana", "ben", "ana", "ben"]
    assert explain(rota, cover[1].people[0]) == "rule week; in place of Dr. Ana; override s1-1 by boss: swap s1"


def test_a_shift_given_away_without_return_needs_the_same_consent() -> None:
    given = Swap("s2", MINE, "cleo")
    _, changes = approve(ROTA, agree(propose(ROTA, given, BEFORE), "cleo"), "boss", BEFORE)
    assert [change.person for change in changes] == ["cleo"]


def test_nobody_agrees_or_approves_for_another_or_out_of_turn() -> None:
    with pytest.raises(Refused, match="only the colleague who was asked"):
        agree(SWAP, "cleo")
    with pytest.raises(Refused, match="must agree before it is approved"):
        approve(ROTA, SWAP, "boss", BEFORE)
    for one_of_them in ("ana", "ben"):
        with pytest.raises(Refused, match="by somebody else"):
            approve(ROTA, agree(SWAP, "ben"), one_of_them, BEFORE)
    with pytest.raises(Refused, match="nothing to agree to"):
        agree(decline(SWAP), "ben")
    with pytest.raises(Refused, match="in force"):
        decline(replace(SWAP, state=SwapState.APPROVED))


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        (replace(SWAP, colleague="cleo"), "each offers what is theirs"),
        (replace(SWAP, first=replace(MINE, start=BEFORE)), "take it over at once instead"),
        (replace(SWAP, second=replace(THEIRS, start=ny(2026, 1, 20), end=ny(2026, 1, 21))), "Dr. Ben is not on call"),
        (replace(SWAP, first=replace(MINE, end=MINE.start)), "not on call by rule week"),
    ],
)
def test_a_swap_of_what_is_not_theirs_or_has_begun_is_refused(swap: Swap, told: str) -> None:
    with pytest.raises(Refused) as refused:
        propose(ROTA, swap, BEFORE)
    assert told in str(refused.value)


def test_a_swap_is_not_approved_once_one_of_them_is_away() -> None:
    swap = agree(propose(ROTA, SWAP, BEFORE), "ben")
    rota = with_absence(ROTA, Absence("a", "ben", MINE.start, MINE.end))
    with pytest.raises(Refused, match="Ben is away"):
        approve(rota, swap, "boss", BEFORE)


def test_a_swap_of_two_layers_at_the_same_time_exchanges_them() -> None:
    rota = calendar(weekly("first", "ana"), weekly("behind", "ben", layer=2))
    night = (ny(2026, 1, 6, 19), ny(2026, 1, 7, 7))
    swap = Swap("s3", Part("ana", "first", *night), "ben", Part("ben", "behind", *night))
    _, changes = approve(rota, agree(propose(rota, swap, BEFORE), "ben"), "boss", BEFORE)
    assert on(replace(rota, overrides=changes)) == ["ben", "ana"]
    unnamed = replace(swap, first=Part("ana", "", *night))
    with pytest.raises(Refused, match="name the rule of each"):
        propose(rota, unnamed, BEFORE)
