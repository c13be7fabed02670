"""What the rota promises: whoever it names is rung, a gap is told before it begins, and no step of a page has nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from night import LINDGREN, OKAFOR, RIVERA, Night

import rotas
from careline.actions.rota.absences import end_absence, record_absence
from careline.actions.rota.ask import ask
from careline.actions.rota.overrides import Wanted, override, take_over, withdraw_override
from careline.actions.rota.rules import StandIns, retire_rule, save_rule, set_stand_ins
from careline.actions.rota.swaps import agree_to_swap, approve_swap, decline_swap, propose_swap
from careline.core.errors import DataFileError, Refused
from careline.core.oncall.changes import Part
from careline.core.oncall.rules import Change, Need
from careline.core.oncall.telling import LeavesGap
from careline.storage.models import Alarm, JournalEntry, Membership, Promise, RotaOverride
from careline.storage.transactions import Actor

HOUR = timedelta(hours=1)


def keeper(night: Night, *, despite_gaps: bool = False, by: str = "lindgren") -> rotas.Who:
    return rotas.keeper(night.practice, night.clock.now(), despite_gaps=despite_gaps, by=by)


def staff(night: Night) -> dict[str, UUID]:
    return rotas.people(night.practice, night.clock.now())


def on_call(night: Night, at: datetime | None = None, need: Need | None = None) -> list[tuple[str, str]]:
    now = night.clock.now()
    found = ask(night.practice, Actor.service("test"), now, at or now, need or Need())
    return [(one.staff_id, one.place) for one in found.people]


def test_who_stands_in_the_rota_is_rung(night: Night) -> None:
    now, who = night.clock.now(), staff(night)
    override(keeper(night), Wanted(Change.REPLACE, now, now + 3 * HOUR, who["rivera"], who["okafor"]))
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [RIVERA]


def test_whoever_takes_over_is_rung_from_this_minute(night: Night) -> None:
    who = staff(night)
    take_over(keeper(night, by="rivera"), who["rivera"], who["okafor"])
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [RIVERA]
    assert on_call(night)[0] == ("rivera", "on_call")


def test_a_second_layer_is_rung_when_the_first_does_not_accept(night: Night) -> None:
    who = staff(night)
    save_rule(keeper(night), {"id": "behind", "people": [str(who["lindgren"])], "layer": 2})
    assert on_call(night) == [("okafor", "on_call"), ("lindgren", "second_call")]
    night.a_page()
    night.pass_time(minutes=6)
    assert night.phone.numbers[0] == OKAFOR
    assert LINDGREN in night.phone.numbers


def test_nobody_on_call_is_told_days_ahead_and_alarmed_before_it_begins_and_the_stand_in_is_rung(night: Night) -> None:
    """Saturday afternoon: Dr. Okafor will be away on Sunday from 10 to 12, when he is on call and back-up."""
    start = datetime(2026, 11, 22, 15, tzinfo=UTC)  # 10:00 in New York
    told = record_absence(keeper(night), staff(night)["okafor"], start, start + 2 * HOUR).gaps
    assert [line.split(" (")[0] for line in told] == ["Sun Nov 22, 10:00 AM to 12:00 PM: nobody is on call"]
    assert "Dr. Ben Okafor is away); Maja Lindgren would be called" in told[0]
    night.pass_time(hours=17.5)  # 08:30
    assert not _alarms(night)
    assert [letter.subject for letter in night.mail.letters] == ["The rota has 1 gap to fill"]
    night.pass_time(minutes=31)  # 09:01: the morning's look, and an hour before the gap
    assert _alarms(night) == ["on_call_gap"]
    subjects = [letter.subject for letter in night.mail.letters[1:]]
    assert sorted(subjects) == ["Nobody on call: Sun Nov 22, 10:00 AM to 12:00 PM", "The rota has 1 gap to fill"]
    assert {letter.to for letter in night.mail.letters} == {"manager@cedarhill.example"}
    night.pass_time(hours=1.5)
    assert (_alarms(night), len(night.mail.letters)) == (["on_call_gap"], 3)
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [LINDGREN]


def test_a_gap_that_is_mended_in_time_alarms_nobody(night: Night) -> None:
    start = datetime(2026, 11, 22, 15, tzinfo=UTC)
    gone = record_absence(keeper(night), staff(night)["okafor"], start, start + 2 * HOUR)
    night.pass_time(hours=12)
    end_absence(keeper(night), gone.row)
    night.pass_time(hours=12)
    assert not _alarms(night)
    assert len(night.mail.letters) == 1, "it was told when it was made, and not again"


def test_somebody_whom_nothing_reaches_leaves_an_empty_shift(night: Night) -> None:
    with night.look() as tx:
        Membership.objects.filter(staff_id="okafor").update(channels=[])
        tx.journal("test", "membership")
    assert on_call(night)[0][1] == "supervisor"
    with pytest.raises(Refused, match="Ben Okafor cannot be reached in any way — give a telephone number"):
        save_rule(keeper(night), {"id": "x", "layer": 2, "people": [str(staff(night)["okafor"])]})
    save_rule(keeper(night), {"id": "y", "layer": 2, "people": [str(staff(night)["rivera"])]})
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [RIVERA]


def test_a_change_that_leaves_nobody_is_refused_until_it_is_meant(night: Night) -> None:
    now, who = night.clock.now(), staff(night)
    gone = Wanted(Change.REMOVE, now + HOUR, now + 2 * HOUR, leaves=who["okafor"])
    with pytest.raises(LeavesGap, match="nobody would be on call: Sat Nov 21, 4:00 PM to 5:00 PM"):
        override(keeper(night), gone)
    with night.look():
        assert not RotaOverride.objects.exists()
    made = override(keeper(night, despite_gaps=True), gone)
    assert made.gaps
    assert on_call(night, now + 1.5 * HOUR)[0][1] == "backup"
    withdraw_override(keeper(night), made.row)
    assert on_call(night, now + 1.5 * HOUR)[0] == ("okafor", "on_call")
    weekend = _rule_of(night, who["okafor"])
    with pytest.raises(LeavesGap):
        retire_rule(keeper(night), weekend)


def test_a_swap_counts_once_the_colleague_agreed_and_a_third_approved(night: Night) -> None:
    who = staff(night)
    sunday, monday = datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC)
    first = Part(str(who["okafor"]), "", sunday, sunday + 2 * HOUR)
    second = Part(str(who["rivera"]), "", monday, monday + 2 * HOUR)
    swap = propose_swap(keeper(night, by="okafor"), first, who["rivera"], second).row
    assert on_call(night, sunday)[0][0] == "okafor"
    with pytest.raises(Refused, match="the colleague must agree before"):
        approve_swap(keeper(night), swap)
    with pytest.raises(Refused, match="only the colleague"):
        agree_to_swap(keeper(night, by="okafor"), swap)
    agree_to_swap(keeper(night, by="rivera"), swap)
    with pytest.raises(Refused, match="somebody else than the two"):
        approve_swap(keeper(night, by="rivera"), swap)
    assert on_call(night, sunday)[0][0] == "okafor"
    approve_swap(keeper(night), swap)
    assert (on_call(night, sunday)[0][0], on_call(night, monday)[0][0]) == ("rivera", "okafor")
    with pytest.raises(Refused, match="in force"):
        decline_swap(keeper(night), swap, anybodys=True)


def test_only_the_two_or_the_keeper_decline_a_swap(night: Night) -> None:
    who, start = staff(night), datetime(2026, 11, 22, 15, tzinfo=UTC)
    swap = propose_swap(keeper(night), Part(str(who["okafor"]), "", start, start + HOUR), who["rivera"]).row
    with pytest.raises(Refused, match="only the two"):
        decline_swap(keeper(night, by="brooks"), swap, anybodys=False)
    decline_swap(keeper(night, by="rivera"), swap, anybodys=False)
    with pytest.raises(Refused, match="declined"):
        agree_to_swap(keeper(night, by="rivera"), swap)


def test_refusals_name_the_field_and_the_mend_and_change_nothing(night: Night) -> None:
    now, who = night.clock.now(), staff(night)
    okafor = str(who["okafor"])
    for table, field, problem in (
        (
            {"id": "n", "people": [okafor], "every": "fortnight", "first": "2026-11-20", "hand_off": "17:00"},
            "every",
            "length",
        ),
        (
            {"id": "n", "people": [okafor], "every": "week", "first": "2026-11-20", "hand_off": "25:00"},
            "hand_off",
            "valid",
        ),
        ({"id": "n", "people": []}, "people", "not empty"),
        ({"id": "n", "people": [okafor], "hours": ["mon 08:00-17:00", "mon 09:00-10:00"]}, "hours", "overlap"),
        (
            {"id": "n", "people": [okafor], "starts": "2026-11-20", "until": "2026-11-20"},
            "until",
            "ends before it begins",
        ),
    ):
        with pytest.raises(DataFileError) as refused:
            save_rule(keeper(night), table)
        assert (refused.value.file, problem in refused.value.problem) == (field, True), str(refused.value)
    for wanted, problem in (
        (Wanted(Change.ADD, now + HOUR, now, who["rivera"]), "passed|before it begins"),
        (Wanted(Change.ADD, now, now + timedelta(days=900), who["rivera"]), "does not end within a year"),
        (Wanted(Change.REPLACE, now, now + HOUR, who["rivera"], who["lindgren"]), "not on call"),
        (Wanted(Change.ADD, now, now + HOUR), "must say who comes"),
    ):
        with pytest.raises(Refused, match=problem):
            override(keeper(night), wanted)
    with night.look():
        assert not RotaOverride.objects.exists()


def test_who_stands_in_is_always_somebody_who_can_be_reached(night: Night) -> None:
    who = staff(night)
    with night.look() as tx:
        Membership.objects.filter(staff_id="brooks").update(channels=[])
        tx.journal("test", "membership")
    with pytest.raises(Refused, match="cannot be reached"):
        set_stand_ins(keeper(night), StandIns(who["brooks"], who["lindgren"]))
    set_stand_ins(keeper(night), StandIns(who["rivera"], who["lindgren"], ["mon-fri 08:00-17:00"], 30, 7))
    assert on_call(night)[-2:] == [("rivera", "backup"), ("lindgren", "supervisor")]


def test_the_most_specific_rule_wins_for_what_a_line_is_for(night: Night) -> None:
    who = staff(night)
    save_rule(keeper(night), {"id": "heart", "specialty": "cardiology", "people": [str(who["rivera"])]})
    assert on_call(night, need=Need(specialty="cardiology"))[0][0] == "rivera"
    assert on_call(night)[0][0] == "okafor"
    with night.look() as tx:
        from careline.storage.models import Line

        Line.objects.filter(number="+12125550100").update(specialty="cardiology")
        tx.journal("test", "line")
    night.a_page()
    night.pass_time(seconds=1)
    assert night.phone.numbers == [RIVERA]


def test_every_change_stands_in_the_journal_and_one_watch_waits(night: Night) -> None:
    now, who = night.clock.now(), staff(night)
    made = override(keeper(night), Wanted(Change.ADD, now, now + HOUR, who["rivera"], reason="a concert"))
    withdraw_override(keeper(night), made.row)
    with night.look():
        told = list(JournalEntry.objects.filter(action__startswith="rota.").values_list("action", flat=True))
        assert {"rota.override.made", "rota.override.withdrawn"} <= set(told)
        assert "concert" not in str(list(JournalEntry.objects.values_list("detail", flat=True)))
        assert Promise.objects.filter(kind="rota.watch", state="waiting").count() == 1


def _alarms(night: Night) -> list[str]:
    with night.look():
        return list(Alarm.objects.values_list("kind", flat=True))


def _rule_of(night: Night, person: UUID) -> UUID:
    from careline.storage.models import RotaRule

    with night.look():
        return next(row.id for row in RotaRule.objects.filter(retired_at=None) if str(person) in row.table["people"])
