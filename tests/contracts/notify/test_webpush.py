"""Web push to a real push service on the loopback, which checks the sender and opens what was sealed for its browsers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from careline.core.errors import Refused
from careline.notify.webpush import PROVIDER, SERVICES
from careline.notify.webpush.keys import SendingKey, allowed
from careline.ports import Attempt, Letter, Means, Outcome
from careline.testing.push_service import Browser, PushService

LINK = "https://careline.example/pages/0"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as serving:
        yield serving


def means(service: PushService, url: str = "https://careline.example") -> Means:
    return Means({"CARELINE_PUSH_HOSTS": service.host}, url, lambda name: name.encode().ljust(32, b"."))


def send(service: PushService, *browsers: Browser, timeout_s: float = 5.0) -> Attempt:
    messenger = PROVIDER.build(means(service))
    assert messenger is not None
    to = json.dumps([browser.subscription for browser in browsers])
    letter = Letter(to, "URGENT: page 7KD2PX", "Sign in to see it.", "page:0:0", "push", link=LINK, seconds=120)
    return asyncio.run(messenger.send(letter, timeout_s))


def test_every_browser_of_a_person_is_shown_the_page(service: PushService) -> None:
    phone, tablet = service.browser(), service.browser()
    attempt = send(service, phone, tablet)
    assert attempt.outcome is Outcome.DELIVERED
    for browser in (phone, tablet):
        (shown,) = browser.shown
        assert (shown["title"], shown["url"]) == ("URGENT: page 7KD2PX", LINK)
        (headers,) = browser.headers
        assert (headers["ttl"], headers["urgency"], len(headers["topic"])) == ("120", "high", 32)
        assert shown["tag"] == headers["topic"], "a later letter about the page takes the place of an earlier one"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_over_is_named_for_removal(service: PushService, status: int) -> None:
    over, good = service.browser(status), service.browser()
    attempt = send(service, over, good)
    assert (attempt.outcome, attempt.gone) == (Outcome.DELIVERED, (over.endpoint,))
    assert send(service, over).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, Outcome.RETRY), (500, Outcome.RETRY), (503, Outcome.RETRY), (400, Outcome.FAILED), (413, Outcome.FAILED)],
)
def test_what_the_service_answers_decides_whether_to_try_again(
    service: PushService, status: int, outcome: Outcome
) -> None:
    attempt = send(service, service.browser(status))
    assert (attempt.outcome, attempt.gone) == (outcome, ())


def test_a_service_that_says_nothing_is_not_waited_for(service: PushService) -> None:
    service.slow_s = 1.0
    assert send(service, service.browser(), timeout_s=0.2).outcome is Outcome.RETRY


def test_an_endpoint_that_is_no_push_service_is_never_sent_to(service: PushService) -> None:
    inside = Browser("http://127.0.0.1:1/admin")
    attempt = send(service, inside)
    assert (attempt.outcome, attempt.gone) == (Outcome.FAILED, (inside.endpoint,))


@pytest.mark.parametrize(
    ("endpoint", "good"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/abc", False),
        ("https://fcm.googleapis.com@10.0.0.1/abc", False),
        ("https://fcm.googleapis.com.example.com/abc", False),
        ("https://evil.example/?https://fcm.googleapis.com", False),
        ("https://169.254.169.254/latest", False),
        ("https://[::1]/x", False),
        ("https://fcm.googleapis.com:99999/x", False),
        ("https://fcm.googleapis.com/a\r\nX: y", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_sent_to(endpoint: str, good: bool) -> None:
    assert allowed(endpoint, SERVICES) is good


def test_keys_that_are_none_do_not_break_the_others(service: PushService) -> None:
    broken, good = service.browser(), service.browser()
    subscription = {"endpoint": broken.endpoint, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}
    messenger = PROVIDER.build(means(service))
    assert messenger is not None
    for bad in (subscription, {"endpoint": broken.endpoint}, {"endpoint": broken.endpoint, "keys": {"auth": 3}}):
        letter = Letter(json.dumps([bad, good.subscription]), "s", "b", "k", "push", link=LINK)
        attempt = asyncio.run(messenger.send(letter, 5.0))
        assert (attempt.outcome, attempt.gone) == (Outcome.DELIVERED, (broken.endpoint,))


def test_the_sending_key_is_the_same_after_a_restart() -> None:
    assert SendingKey.derived(b"a" * 32).public == SendingKey.derived(b"a" * 32).public
    assert SendingKey.derived(b"a" * 32).public != SendingKey.derived(b"b" * 32).public
    assert len(SendingKey.derived(b"\xff" * 32).public) == 87


def test_a_contact_that_push_services_refuse_is_refused_here(service: PushService) -> None:
    with pytest.raises(Refused, match="CARELINE_PUSH_CONTACT"):
        PROVIDER.build(Means({"CARELINE_PUSH_CONTACT": "me"}, "https://careline.example", lambda _: b"a" * 32))


def test_an_address_on_which_browsers_allow_no_push_has_none(service: PushService) -> None:
    assert PROVIDER.build(means(service, "http://careline.example")) is None
    assert PROVIDER.subscriptions is not None
    assert PROVIDER.subscriptions(means(service, "http://careline.example")) is None
    offer = PROVIDER.subscriptions(means(service))
    assert offer is not None
    assert offer.accepts("https://web.push.apple.com/x")
