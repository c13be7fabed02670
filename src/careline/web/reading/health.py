"""Reads how the installation is: what is missing, what is late, and what waits. Nothing of a patient; practices by short name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from careline.actions.keep_watch import failed_now
from careline.core.watch import ENOUGH, OPERATOR
from careline.storage import health
from careline.storage.models import Practice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

SILENT = timedelta(seconds=30)  # a part of the service that was not heard of for so long is missing
PROMISE_LATE = timedelta(seconds=5)
PROMISE_MISSING = timedelta(seconds=30)
UNSEALED = timedelta(seconds=60)
_MISSED = ("lost", "failed")


def read_health(now: datetime) -> dict[str, Any]:
    """`missing` is what does not work at all, `late` what is behind; ready is an installation with neither. `waiting` is what
    people have yet to do, which makes nothing unready."""
    beats = health.beating()
    missing = [part for part in ("work", "voice") if part not in beats or now - beats[part].heard_at > SILENT]
    work = beats.get("work")
    failed = failed_now(work.started_at, now) if work else 0
    late: dict[str, Any] = {}
    promises = {kind: _shown(one, now) for kind, one in health.promises_late(now - PROMISE_LATE).items()}
    if any(one["seconds"] > PROMISE_MISSING.total_seconds() for one in promises.values()):
        late["promises"] = promises
    unsealed = health.journal_waiting()
    if unsealed is not None and now - unsealed.since > UNSEALED:
        late["journal"] = _shown(unsealed, now)
    if failed >= ENOUGH:
        late["test_contacts"] = {"failed_in_a_row": failed}
    return {
        "ready": not missing and not late,
        "missing": missing,
        "late": late,
        "waiting": {
            "promises": promises,
            "pages_unaccepted": _together(health.pages_unaccepted(), now),
            "journal_unsealed": unsealed.count if unsealed else 0,
        },
        "heard": {part: _seconds(now - beat.heard_at) for part, beat in beats.items()},
        "test_contacts_failed": failed,
        "operator_is_paged": Practice.objects.filter(slug=OPERATOR).exists(),
    }


class Installation:
    """A Prometheus collector: asks the database when it is scraped, so that any web process answers for all of them."""

    def collect(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        late = GaugeMetricFamily("careline_promises_late", "Promises due and in nobody's hands", labels=["kind"])
        oldest = GaugeMetricFamily("careline_promises_late_seconds", "Age of the latest promise", labels=["kind"])
        for kind, one in health.promises_late(now - PROMISE_LATE).items():
            late.add_metric([kind], one.count)
            oldest.add_metric([kind], _seconds(now - one.since))
        yield from (late, oldest)
        pages = GaugeMetricFamily("careline_pages_unaccepted", "Pages nobody has accepted", labels=["practice"])
        for name, one in health.pages_unaccepted().items():
            pages.add_metric([name], one.count)
        yield pages
        yield from self._slower(now)

    def _slower(self, now: datetime) -> Iterator[Metric]:
        took = HistogramMetricFamily("careline_page_accept_seconds", "From raised to accepted", labels=["practice"])
        for name, one in health.times_to_accept().items():
            buckets = [(str(most), float(n)) for most, n in zip(health.WITHIN_S, one.within, strict=True)]
            took.add_metric([name], [*buckets, ("+Inf", float(one.pages))], one.seconds)
        yield took
        calls = CounterMetricFamily("careline_calls", "Telephone calls that have ended", labels=["practice", "result"])
        counted: dict[tuple[str, str], int] = {}
        for name, channel, outcome, count in health.contacts_ended():
            if channel == "phone":
                key = (name, "missed" if outcome in _MISSED else "answered")
                counted[key] = counted.get(key, 0) + count
        for (name, result), count in counted.items():
            calls.add_metric([name, result], count)
        yield calls
        heard = GaugeMetricFamily("careline_heard_seconds", "Since a part of the service was heard of", labels=["part"])
        for part, beat in health.beating().items():
            heard.add_metric([part], _seconds(now - beat.heard_at))
        yield heard
        unsealed = health.journal_waiting()
        yield GaugeMetricFamily("careline_journal_unsealed", "Entries to seal", value=unsealed.count if unsealed else 0)


def _shown(one: health.Waiting, now: datetime) -> dict[str, Any]:
    return {"count": one.count, "seconds": _seconds(now - one.since)}


def _together(by_practice: dict[str, health.Waiting], now: datetime) -> dict[str, Any]:
    """Whoever may ask for health need not learn which practices are served here."""
    if not by_practice:
        return {"count": 0, "seconds": 0.0}
    every = by_practice.values()
    return {"count": sum(one.count for one in every), "seconds": _seconds(now - min(one.since for one in every))}


def _seconds(span: timedelta) -> float:
    return round(max(0.0, span.total_seconds()), 1)
