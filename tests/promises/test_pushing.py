"""Pages by push: every browser of the person is shown one, and a subscription that is over is removed and not waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from night import Night

from careline.actions.accept_page import accept_page
from careline.actions.browsers import add_browser
from careline.bootstrap import notify
from careline.ports import Means
from careline.storage.models import Membership, Page, PushSubscription
from careline.testing.callers import CHEST_PAIN
from careline.testing.push_service import Browser, PushService
from database import ROOT, load_text


@pytest.fixture
def service(night: Night) -> Iterator[PushService]:
    with PushService() as serving:
        source = (ROOT / "practices" / "demo" / "practice.toml").read_text()
        load_text(source.replace('channels = ["phone", "email"]', 'channels = ["push"]'), night.clock)
        means = Means({"CARELINE_PUSH_HOSTS": serving.host}, "https://careline.example", lambda _: b"a" * 32)
        night.mail = notify.post(means)  # type: ignore[assignment]
        night.clock.move(days=2)  # Monday: Rivera is on call
        yield serving


def subscribe(night: Night, staff: str, browser: Browser) -> None:
    with night.look():
        person = Membership.objects.get(staff_id=staff).person_id
    add_browser(night.practice, person, browser.subscription, "Chrome", night.clock.now())


def test_every_browser_of_the_person_shows_the_page_and_that_it_is_taken(night: Night, service: PushService) -> None:
    phone, tablet = service.browser(), service.browser()
    subscribe(night, "rivera", phone)
    subscribe(night, "rivera", tablet)
    night.a_page()
    night.pass_time(seconds=1)
    for browser in (phone, tablet):
        (shown,) = browser.shown
        assert shown["title"].startswith("URGENT: page ")
        assert CHEST_PAIN not in str(shown)
        assert "/pages/" in shown["url"]
    with night.look():
        page, okafor = Page.objects.get(), Membership.objects.get(staff_id="okafor").person_id
    assert page.state == "open", "shown is not accepted"
    accept_page(night.practice, page.id, okafor, "web", night.clock.now())
    night.pass_time(seconds=1)
    assert "is taken by Dr. Ben Okafor" in phone.shown[-1]["body"]
    assert phone.shown[-1]["tag"] == phone.shown[0]["tag"], "in place of the page"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_over_is_removed_and_the_next_step_begins(
    night: Night, service: PushService, status: int
) -> None:
    subscribe(night, "rivera", service.browser(status))
    backup = service.browser()
    subscribe(night, "okafor", backup)
    night.a_page()
    night.pass_time(seconds=1)
    with night.look() as tx:
        tx.journal("test", "push_subscription")
        assert PushSubscription.objects.count() == 1
    assert len(backup.shown) == 1, "the back-up, at once"
