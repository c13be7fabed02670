"""The on-call phone page: a browser subscribes for the person signed in at it, is shown pages, and can be removed again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from playwright.sync_api import Page

from careline.bootstrap import notify
from careline.ports import Means
from careline.storage.models import Membership, PushSubscription
from careline.storage.transactions import Actor, practice
from careline.testing.clock import MovableClock
from careline.testing.push_service import PushService
from careline.web import outside
from conftest import OpenPage, SignIn

URL = "/p/demo/my-phone/"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as serving:
        means = Means({"CARELINE_PUSH_HOSTS": serving.host}, "https://careline.example", lambda _: b"a" * 32)
        outside.hear({}, notify.subscriptions(means))
        yield serving
        outside.hear({}, None)


def subscribe(client: Client, subscription: object) -> int:
    return client.post(f"{URL}browsers/", json.dumps(subscription), content_type="application/json").status_code


def people(demo: UUID) -> list[str]:
    with practice(demo, actor=Actor.service("test"), purpose="test", now=MovableClock().now()) as tx:
        tx.journal("test", "push_subscription")
        staff = dict(Membership.objects.values_list("person_id", "staff_id"))
        return [staff[one] for one in PushSubscription.objects.order_by("id").values_list("person_id", flat=True)]


def test_a_browser_shows_the_pages_of_whoever_subscribed_in_it_last(
    demo: UUID, sign_in: SignIn, service: PushService
) -> None:
    tablet = service.browser()
    for role, staff in (("clinician", "okafor"), ("colleague", "rivera"), ("colleague", "rivera")):
        assert subscribe(sign_in(role), tablet.subscription) == 201
        assert people(demo) == [staff]


def test_what_is_no_subscription_or_leads_elsewhere_is_refused(
    demo: UUID, sign_in: SignIn, service: PushService
) -> None:
    client, good = sign_in("clinician"), service.browser().subscription
    for bad in (
        {**good, "endpoint": "https://internal.example/admin"},
        {**good, "endpoint": "http://169.254.169.254/"},
        {**good, "keys": {"p256dh": "x", "auth": good["keys"]["auth"]}},
        {**good, "keys": "none"},
        {"keys": good["keys"]},
        ["endpoint"],
        None,
    ):
        assert subscribe(client, bad) == 422
    assert client.post(f"{URL}browsers/", b"{", content_type="application/json").status_code == 400
    assert people(demo) == []


def test_nobody_removes_anothers_browser(demo: UUID, sign_in: SignIn, service: PushService) -> None:
    okafor = sign_in("clinician")
    subscribe(okafor, service.browser().subscription)
    found = re.search(rf"{URL}browsers/[0-9a-f-]+/remove/", okafor.get(URL).content.decode())
    assert found
    address = found.group()
    sign_in("colleague").post(address)
    assert people(demo) == ["okafor"]
    assert okafor.get(address).status_code == 405
    assert okafor.post(address).status_code == 302
    assert people(demo) == []


def test_the_worker_and_the_manifest_are_where_browsers_look(demo: UUID) -> None:
    client = Client(SERVER_NAME="localhost")
    worker = client.get("/push-worker.js")
    assert (worker.status_code, worker["Content-Type"]) == (200, "text/javascript")
    manifest = client.get("/manifest.webmanifest").json()
    assert (manifest["display"], manifest["scope"], manifest["start_url"]) == ("standalone", "/", "/my/")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}


def test_a_real_browser_shows_a_page_that_was_pushed(
    with_passwords: UUID, open_page: OpenPage, service: PushService
) -> None:
    """What a push service would hand the browser, the developer tools hand to it: the worker shows it."""
    page: Page = open_page("clinician")
    page.goto(URL)
    origin = page.evaluate("location.origin")
    page.context.grant_permissions(["notifications"], origin=origin)
    page.evaluate(
        "navigator.serviceWorker.register('/push-worker.js').then(() => navigator.serviceWorker.ready).then(() => 1)"
    )
    tools = page.context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(one["registrationId"] for one in said["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(50)
    said = {"title": "URGENT: page 7KD2PX", "body": "Cedar Hill. Touch to sign in.", "url": f"{origin}/my/", "tag": "t"}
    tools.send(
        "ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found[0], "data": json.dumps(said)}
    )
    shown = page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.ready;
            for (let tries = 0; tries < 40; tries += 1) {
              const notes = await registration.getNotifications();
              if (notes.length) return notes.map((one) => [one.title, one.body, one.tag]);
              await new Promise((done) => setTimeout(done, 50));
            }
            return [];
        }"""
    )
    assert shown == [[said["title"], said["body"], "t"]]
