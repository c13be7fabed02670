"""What people see and do, in a real browser against the running process: things appear by themselves; only a press accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import invented
import pytest
from playwright.sync_api import expect

from careline.storage.models import Membership, Message, Page, Person
from careline.storage.transactions import practice
from conftest import EMAILS, PASSWORD, OpenPage


def now() -> datetime:
    return datetime.now(UTC)


def state_of(practice_id: UUID, page_id: UUID) -> str:
    with practice(practice_id, actor=invented.VOICE, purpose="test", now=now()) as tx:
        tx.journal("test.read", "page", page_id)
        return Page.objects.get(id=page_id).state


@pytest.fixture
def paged(with_passwords: UUID) -> UUID:
    contact = invented.write_contact(with_passwords, invented.PRESSURE, now() - timedelta(minutes=3), live=False)
    return invented.write_page(with_passwords, invented.PRESSURE, contact, now() - timedelta(minutes=2))


def test_people_sign_in_and_land_where_they_work(with_passwords: UUID, open_page: OpenPage) -> None:
    for role, heading in (("operator", "Desk"), ("clinician", "My pages"), ("manager", "Desk")):
        page = open_page()
        page.goto("/")
        page.get_by_label("Email").fill(EMAILS[role])
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("not correct")).to_be_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_call_appears_on_the_desk_and_its_words_with_it(with_passwords: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator")
    expect(desk.get_by_text("No one is on the line.")).to_be_visible()
    contact = invented.write_contact(with_passwords, invented.CHEST, now(), live=True, upto=2)
    expect(desk.get_by_role("link", name=f"Walter {invented.CANARY}").first).to_be_visible()
    expect(desk.get_by_text("Red flag")).to_be_visible()
    expect(desk.get_by_text("Assistant speaking")).to_be_visible()
    expect(desk.get_by_text("Hears closed")).to_be_visible()
    expect(desk.get_by_role("log").get_by_text("14 Example Lane")).to_have_count(0)
    for seq in (2, 3, 4, 5):
        invented.say(with_passwords, contact, invented.CHEST, seq)
    expect(desk.get_by_role("log").get_by_text("14 Example Lane")).to_be_visible()
    expect(desk).to_have_title("(1) Red flag · Desk · Careline")


def test_the_doctor_accepts_and_the_desk_sees_it(with_passwords: UUID, paged: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator")
    expect(desk.get_by_text("nobody has accepted")).to_be_visible()
    phone = open_page("clinician", width=360, height=740)
    phone.get_by_role("link", name="Clinician now").click()
    expect(phone.get_by_text(invented.PRESSURE.reason)).to_have_count(0)  # nothing of the patient before acceptance
    phone.get_by_role("button", name="Accept").click()
    expect(phone.get_by_text(invented.PRESSURE.reason)).to_be_visible()
    expect(phone.get_by_role("link", name="+1 212-555-0162")).to_have_attribute("href", "tel:+12125550162")
    expect(desk.get_by_text("accepted by Dr. Ben Okafor")).to_be_visible()
    phone.get_by_role("button", name="Spoke with patient").click()
    expect(phone.get_by_text("Outcome: Spoke with patient")).to_be_visible()
    assert state_of(with_passwords, paged) == "done"
    expect(desk.get_by_text("Nothing is waiting for anybody.")).to_be_visible()


def test_opening_a_link_accepts_nothing(with_passwords: UUID, paged: UUID, open_page: OpenPage) -> None:
    """A mail scanner, a preview or a curious thumb follows links: none of that is acceptance."""
    phone = open_page("clinician", width=360, height=740)
    phone.goto(f"/pages/{paged}")
    expect(phone.get_by_role("button", name="Accept")).to_be_visible()
    for method in ("get", "head"):
        answer = getattr(phone.request, method)(f"/p/demo/pages/{paged}/accept/")
        assert answer.status == 405
    assert phone.request.post(f"/p/demo/pages/{paged}/accept/").status == 403  # no token: a foreign page's form
    assert state_of(with_passwords, paged) == "open"


def test_who_could_not_reach_the_patient_is_paged_again(with_passwords: UUID, paged: UUID, open_page: OpenPage) -> None:
    phone = open_page("clinician", width=360, height=740)
    phone.goto(f"/p/demo/pages/{paged}/")
    phone.get_by_role("button", name="Accept").click()
    phone.get_by_role("button", name="Could not reach patient").click()
    expect(phone.get_by_role("button", name="Accept")).to_be_visible()
    assert state_of(with_passwords, paged) == "open"


def test_the_desk_clears_an_alarm_and_rings_back(with_passwords: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator")
    contact = invented.write_contact(with_passwords, invented.REFILL, now(), live=False)
    invented.write_alarm(with_passwords, contact, now())
    invented.write_callback(with_passwords, invented.REFILL, contact, now(), now() + timedelta(hours=1))
    expect(desk.get_by_text("alarm, callback")).to_be_visible()  # one contact, one entry
    desk.get_by_role("button", name="I have seen to it").click()
    expect(desk.get_by_text("alarm, callback")).to_have_count(0)
    desk.get_by_role("button", name="No answer").click()
    expect(desk.get_by_text("call back: left · no answer")).to_be_visible()
    desk.get_by_role("button", name="Reached").click()
    expect(desk.get_by_text("Nothing is waiting for anybody.")).to_be_visible()


def test_a_message_is_taken_and_closed(with_passwords: UUID, open_page: OpenPage) -> None:
    inbox = open_page("operator")
    inbox.goto("/p/demo/messages/")
    expect(inbox.get_by_text("No open messages.")).to_be_visible()
    message = invented.write_message(with_passwords, invented.REFILL, None, now(), "refill")
    inbox.get_by_role("link", name="Refill").click()
    inbox.get_by_role("button", name="Accept").click()
    expect(inbox.get_by_text("with Toni Brooks")).to_be_visible()
    inbox.get_by_label("Outcome").select_option("Done")
    inbox.get_by_label("Note").fill("Sent to the pharmacy")
    inbox.get_by_role("button", name="Record and close").click()
    expect(inbox.get_by_text("closed by Toni Brooks")).to_be_visible()
    expect(inbox.get_by_text("Sent to the pharmacy")).to_be_visible()
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=now()) as tx:
        tx.journal("test.read", "message", message)
        assert Message.objects.get(id=message).state == "closed"


def test_an_idle_screen_forgets_the_patient(with_passwords: UUID, open_page: OpenPage) -> None:
    """The browser's own clock: a quarter of an hour without a hand on it, and no word of a patient is left in the page."""
    invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    desk = open_page("operator", clock=True)
    expect(desk.get_by_role("link", name=f"Walter {invented.CANARY}").first).to_be_visible()
    desk.clock.fast_forward("14:50")
    assert invented.CANARY in desk.content()
    desk.clock.fast_forward("00:15")
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible()
    assert invented.CANARY not in desk.content()
    desk.goto("/p/demo/desk/")
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_loses_the_right_loses_the_stream(with_passwords: UUID, open_page: OpenPage) -> None:
    desk = open_page("operator")
    expect(desk.get_by_text("No one is on the line.")).to_be_visible()
    Person.objects.filter(email="operator@cedarhill.example").update(is_active=False)
    invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible()
    assert invented.CANARY not in desk.content()


def test_the_page_is_not_for_whoever_was_not_paged(with_passwords: UUID, paged: UUID, open_page: OpenPage) -> None:
    with practice(with_passwords, actor=invented.VOICE, purpose="test", now=now()):
        assert Membership.objects.get(staff_id="brooks").role == "operator"
    operator = open_page("operator")
    answer = operator.goto(f"/p/demo/pages/{paged}/")
    assert answer is not None
    assert answer.status == 404


def test_a_stream_is_only_for_members_and_says_no_more_than_that_something_changed(
    with_passwords: UUID, open_page: OpenPage
) -> None:
    desk = open_page("operator")
    invented.write_contact(with_passwords, invented.CHEST, now(), live=True)
    told = desk.evaluate(
        """async () => {
          const reader = (await fetch('/p/demo/live/', {headers: {Accept: 'text/event-stream'}})).body.getReader();
          const first = new TextDecoder().decode((await reader.read()).value);
          await reader.cancel();
          return first;
        }"""
    )
    assert told == "retry: 1000\n\nevent: change\ndata: all\n\n"
    assert desk.request.get("/p/nowhere/live/").status == 404
