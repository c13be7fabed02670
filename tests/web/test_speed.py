"""Pages answer within a tenth of a second, with a busy evening on the desk."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import invented
import psutil

from conftest import Running, SignIn

LIMIT_S, TIMES = 0.1, 10


def test_pages_answer_within_a_tenth_of_a_second(with_passwords: UUID, running: Running, sign_in: SignIn) -> None:
    """Counted is what a page costs the web process, so that what else this machine does meanwhile fails nobody's test; the
    time on the wall is printed beside it."""
    now = datetime.now(UTC)
    for number in range(8):
        live = invented.write_contact(with_passwords, invented.CHEST, now - timedelta(seconds=40 * number), live=True)
        invented.write_page(with_passwords, invented.CHEST, live, now)
        invented.write_message(with_passwords, invented.REFILL, live, now, "refill")
    cookie = f"sessionid={sign_in('manager').cookies['sessionid'].value}"
    web = psutil.Process(running.pid)
    costs: dict[str, float] = {}
    for page in ("desk/", "desk/now/", "messages/", "on-call/", f"contacts/{live}/", "pages/", "journal/", "people/"):
        wall, cost = _measure(running.address, f"/p/demo/{page}", cookie, web)
        costs[page] = cost
        print(f"{page:48} {1000 * wall:4.0f} ms on the wall, {1000 * cost:4.0f} ms of the web process")
    assert max(costs.values()) < LIMIT_S


def _measure(site: str, address: str, cookie: str, web: psutil.Process) -> tuple[float, float]:
    """(best time on the wall, mean time of the web process), in seconds, over `TIMES` requests."""
    connection = http.client.HTTPConnection("localhost", urlsplit(site).port or 0)
    walls: list[float] = []
    for number in range(TIMES + 2):
        if number == 2:  # the first ones open connections and compile templates
            before = web.cpu_times()
        began = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        walls.append(time.perf_counter() - began)
    after = web.cpu_times()
    connection.close()
    return min(walls), (after.user + after.system - before.user - before.system) / TIMES
