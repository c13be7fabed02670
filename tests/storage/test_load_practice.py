"""A practice's file comes into force whole or not at all, and takes nothing from anybody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from busy import TEST

from careline.core.errors import Refused
from careline.storage.models import JournalEntry, Line, Membership, Person, PracticeFile, RotaRule
from careline.storage.transactions import practice
from careline.testing.clock import MovableClock
from database import ROOT, load_text

DEMO = (ROOT / "practices" / "demo" / "practice.toml").read_text()


def test_the_same_file_again_changes_nothing(demo: UUID, clock: MovableClock) -> None:
    clock.move(days=1)
    assert load_text(DEMO, clock) == demo
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert PracticeFile.objects.count() == 1
        assert JournalEntry.objects.filter(action="practice.loaded").count() == 1


def test_a_changed_file_is_in_force_and_the_old_one_stays_on_record(demo: UUID, clock: MovableClock) -> None:
    changed = DEMO.replace('number = "+12125550101"', 'number = "+12125550102"').replace('pin = "4711"', 'pin = "9999"')
    assert load_text(changed, clock) == demo
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert PracticeFile.objects.count() == 2
        lines = dict(Line.objects.values_list("number", "active"))
        assert lines == {"+12125550100": True, "+12125550101": False, "+12125550102": True}
        assert RotaRule.objects.filter(retired_at=None).count() == 2
        assert Membership.objects.count() == 4


def test_who_left_the_file_lost_their_access_and_kept_their_name(demo: UUID, clock: MovableClock) -> None:
    load_text(
        DEMO.replace("brooks", "nguyen").replace("operator@", "desk@").replace("Toni Brooks", "Kim Nguyen"), clock
    )
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        active = dict(Membership.objects.values_list("staff_id", "active"))
        assert (active["brooks"], active["nguyen"]) == (False, True)
    assert Person.objects.get(email="operator@cedarhill.example").name == "Toni Brooks"


def test_an_id_given_to_somebody_else_is_theirs_from_now_on(demo: UUID, clock: MovableClock) -> None:
    load_text(DEMO.replace("rivera@cedarhill", "costa@cedarhill").replace("Dr. Ana Rivera", "Dr. Ana Costa"), clock)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert Membership.objects.get(staff_id="rivera").person.name == "Dr. Ana Costa"
        assert not Membership.objects.get(person__email="rivera@cedarhill.example").active


def test_another_practices_line_cannot_be_taken(demo: UUID, clock: MovableClock) -> None:
    with pytest.raises(Refused, match="line of another practice"):
        load_text(DEMO.replace('id = "demo"', 'id = "thief"').replace("cedarhill", "mapleton"), clock)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert Line.objects.filter(active=True).count() == 2


def test_another_practice_cannot_change_how_this_ones_clinician_is_reached_or_proves_who_she_is(
    demo: UUID, clock: MovableClock
) -> None:
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        before = Membership.objects.get(staff_id="rivera")
    theirs = DEMO.replace('id = "demo"', 'id = "rival"').replace("+121255501", "+131255501").replace("4711", "0000")
    load_text(theirs, clock)
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        after = Membership.objects.get(staff_id="rivera")
    assert (after.channels, bytes(after.pin_hash)) == (before.channels, bytes(before.pin_hash))


def test_two_people_with_one_address_are_refused(demo: UUID, clock: MovableClock) -> None:
    with pytest.raises(Refused, match="same e-mail"):
        load_text(DEMO.replace("okafor@cedarhill", "rivera@cedarhill"), clock)
