"""Ten years of records cost a page of the rota no more than one: it reads by time, through an index."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import rotas
from careline.storage.models import RotaAbsence, RotaOverride, RotaShift
from careline.storage.transactions import Actor, practice
from conftest import SignIn

TIMES, DAY = 6, timedelta(days=1)
PAGES = ("", "?view=month", "rotations/", "swaps/", "change/")


def test_ten_years_of_records_cost_a_page_no_more_than_one(with_passwords: UUID, sign_in: SignIn) -> None:
    """Counted is processor time, both times on the same machine in the same minute."""
    client = sign_in("manager")
    _records(with_passwords, 365, 0)
    one = {page: _best(client, page) for page in PAGES}
    _records(with_passwords, 3650, 365)
    ten = {page: _best(client, page) for page in (*PAGES, "?view=month&date=2019-03-01")}
    for page, cost in ten.items():
        print(f"{page or 'week':32} {1000 * one.get(page, 0):4.0f} ms, after ten years {1000 * cost:4.0f} ms")
    assert sum(ten[page] for page in PAGES) < 1.5 * sum(one.values())


def _best(client: object, page: str) -> float:
    return min(_cost(client, f"/p/demo/on-call/{page}") for _ in range(TIMES))


def _cost(client: object, address: str) -> float:
    began = time.process_time()
    answer = client.get(address)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return time.process_time() - began


def _records(of: UUID, first: int, last: int) -> None:
    """From `first` to `last` days ago: an override every other day, an absence a week, and a list of nightly shifts."""
    now = datetime.now(UTC)
    staff = list(rotas.people(of, now).values())
    start, days = now - first * DAY, first - last + (0 if last else 10)
    with practice(of, actor=Actor.service("test"), purpose="test", now=now) as tx:
        tx.journal("test", "rota")
        common = {"practice_id": of, "made_at": start}
        RotaOverride.objects.bulk_create(
            RotaOverride(
                **common, change="replace", person_id=staff[n % 4], starts_at=start + 2 * n * DAY,
                ends_at=start + (2 * n + 0.4) * DAY, reason="swapped",
            )
            for n in range(days // 2)
        )  # fmt: skip
        RotaAbsence.objects.bulk_create(
            RotaAbsence(
                **common, person_id=staff[n % 4], starts_at=start + 7 * n * DAY, ends_at=start + (7 * n + 2) * DAY
            )
            for n in range(days // 7)
        )
        RotaShift.objects.bulk_create(
            RotaShift(
                **common,
                rule="listed",
                person_id=staff[n % 4],
                starts_at=start + n * DAY,
                ends_at=start + (n + 0.5) * DAY,
            )
            for n in range(days)
        )
