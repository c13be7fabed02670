"""Health says what is missing and what is late; metrics count what practices buy. Neither shows a patient, or a test contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import invented
from django.conf import settings
from django.test import Client, override_settings

from careline.actions.commands import Beat
from careline.actions.perform import perform
from careline.bootstrap import watch
from careline.storage import promises
from careline.storage.claims import New
from careline.storage.models import Page, Promise
from careline.storage.transactions import Actor, practice
from careline.workers.work import seal_all


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def beat(of: UUID) -> None:
    """Both parts are heard of, and what loading the practice promised at another time is out of the way."""
    with practice(of, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)):
        Promise.objects.update(state="cancelled")
    for node in ("here:work:7", "here:8"):
        perform(Beat(node, datetime.now(UTC)))


def asked() -> tuple[int, dict[str, Any]]:
    answer = Client(SERVER_NAME="localhost").get("/health/ready")
    return answer.status_code, answer.json()


def measured(**headers: str) -> Any:
    return Client(SERVER_NAME="localhost", headers=headers).get("/metrics")


def test_an_installation_whose_parts_are_heard_of_and_that_is_on_time_is_ready(demo: UUID) -> None:
    beat(demo)
    seal_all(Now())
    status, said = asked()
    assert (status, said["ready"], said["missing"], said["late"]) == (200, True, [], {})
    assert said["operator_is_paged"] is False


def test_a_part_nobody_hears_of_is_missing(demo: UUID) -> None:
    perform(Beat("here:work:7", datetime.now(UTC) - timedelta(minutes=2)))
    status, said = asked()
    assert (status, said["ready"], said["missing"]) == (503, False, ["work", "voice"])
    assert said["heard"]["work"] >= 120


def test_a_late_promise_is_named_by_its_kind(demo: UUID) -> None:
    beat(demo)
    due = datetime.now(UTC) - timedelta(seconds=45)
    with practice(demo, actor=Actor.service("test"), purpose="test", now=due) as tx:
        promises.make(tx, New("page.phone", "a", due))
    status, said = asked()
    assert status == 503
    assert said["late"]["promises"]["page.phone"]["count"] == 1
    assert 45 <= said["late"]["promises"]["page.phone"]["seconds"] < 60


def test_a_journal_that_is_not_sealed_is_late(demo: UUID) -> None:
    beat(demo)
    seal_all(Now())
    with practice(
        demo, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC) - timedelta(minutes=3)
    ) as tx:
        tx.journal("test", "contact")
    status, said = asked()
    assert status == 503
    assert said["late"]["journal"]["seconds"] >= 180


def test_failing_test_contacts_are_late_and_no_practices_page(demo: UUID) -> None:
    watch.set_up(None, datetime.now(UTC))
    perform(Beat("here:work:7", datetime.now(UTC) - timedelta(minutes=20)))
    beat(demo)
    said = asked()[1]
    assert said["late"]["test_contacts"]["failed_in_a_row"] >= 2
    assert said["waiting"]["pages_unaccepted"]["count"] == 0


def test_without_a_database_it_says_so_and_no_more() -> None:
    from django.db import connections

    named = connections["default"].settings_dict
    before = dict(named)
    connections["default"].close()
    named["NAME"] = "no_such_database"
    try:
        assert asked() == (503, {"ready": False, "missing": ["database"]})
    finally:
        connections["default"].close()
        named |= before


def test_metrics_count_pages_and_calls_by_practice_and_show_no_patient(with_passwords: UUID) -> None:
    began = datetime.now(UTC) - timedelta(minutes=10)
    contact = invented.write_contact(with_passwords, invented.CHEST, began, live=False)
    invented.write_page(with_passwords, invented.CHEST, contact, began)
    with practice(with_passwords, actor=Actor.service("test"), purpose="test", now=datetime.now(UTC)) as tx:
        tx.journal("test", "page")
        waiting = Page.objects.filter(state="open").count()
        taken = Page.objects.exclude(accepted_at=None).count()
    text = measured().content.decode()
    assert (f'careline_pages_unaccepted{{practice="demo"}} {waiting:.1f}' in text) == bool(waiting)
    assert (f'careline_page_accept_seconds_count{{practice="demo"}} {taken:.1f}' in text) == bool(taken)
    assert 'careline_calls_total{practice="demo",result=' in text
    assert "careline_promises_late" in text
    assert invented.CANARY not in text


def test_test_contacts_are_in_no_figure(demo: UUID) -> None:
    watch.set_up(None, datetime.now(UTC))
    assert "careline-watch" not in measured().content.decode()


def test_only_this_machine_or_who_has_the_token_may_measure(db: object) -> None:
    assert measured().status_code == 200
    assert measured(X_Forwarded_For="203.0.113.9").status_code == 403
    assert Client(SERVER_NAME="localhost", REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 403
    with override_settings(CARELINE=replace(settings.CARELINE, metrics_token="a-long-token")):
        assert measured().status_code == 403
        assert measured(Authorization="Bearer wrong").status_code == 403
        assert measured(Authorization="Bearer a-long-token", X_Forwarded_For="203.0.113.9").status_code == 200
