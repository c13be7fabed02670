"""The desk acts on a page nobody has resolved: again, somebody else, a note, or closed with a reason."""

from __future__ import annotations

import pytest
from night import LINDGREN, OKAFOR, RIVERA, Night
from test_escalation import person, the_page

from careline.actions.accept_page import accept_page
from careline.actions.work_board import close_page, note_page, page_again, page_person
from careline.core.errors import Refused
from careline.core.people import Private
from careline.storage.models import Alarm, Message, MessageAmendment


def test_paging_again_rings_the_first_step_at_once_even_after_an_acceptance(night: Night) -> None:
    page, by = night.a_page(), person(night, "brooks")
    night.pass_time(seconds=1)
    accept_page(night.practice, page, person(night, "okafor"), "web", night.clock.now())
    rung = len(night.phone.rung)
    page_again(night.practice, page, by, night.clock.now())
    night.pass_time(seconds=1)
    assert night.phone.numbers[rung:] == [OKAFOR]
    assert (the_page(night).state, the_page(night).round) == ("open", 1)


def test_the_desk_pages_somebody_of_its_choice_and_the_steps_go_on(night: Night) -> None:
    page, by = night.a_page(), person(night, "brooks")
    night.pass_time(seconds=1)
    page_person(night.practice, page, person(night, "rivera"), by, night.clock.now())
    night.pass_time(seconds=1)
    assert night.phone.numbers == [OKAFOR, RIVERA]
    with pytest.raises(Refused, match="already"):
        page_person(night.practice, page, person(night, "rivera"), by, night.clock.now())
    night.pass_time(minutes=12)
    assert LINDGREN in night.phone.numbers


def test_a_closed_page_rings_nobody_and_says_why_it_was_closed(night: Night) -> None:
    page, by = night.a_page(), person(night, "brooks")
    night.pass_time(seconds=1)
    with pytest.raises(Refused, match="say why"):
        close_page(night.practice, page, by, "helped_otherwise", Private("  "), night.clock.now())
    note_page(night.practice, page, by, Private("daughter rang: they are at the hospital"), night.clock.now())
    close_page(night.practice, page, by, "helped_otherwise", Private("seen at the hospital"), night.clock.now())
    rung = len(night.phone.rung)
    night.pass_time(hours=2)
    assert len(night.phone.rung) == rung
    with night.look() as tx:
        tx.journal("test", "message")
        assert [one.kind for one in MessageAmendment.objects.order_by("at", "id")] == ["note", "closed"]
        assert Message.objects.get().state == "closed"
        assert not Alarm.objects.filter(cleared_at=None).exists()
    with pytest.raises(Refused, match="over already"):
        page_again(night.practice, page, by, night.clock.now())
