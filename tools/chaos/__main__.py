"""Breaks escalations in every way there is, with real processes and a real PostgreSQL, and counts what was lost: nothing may be.

python -m tools.chaos            the points found by a recording run, each once: what CI runs
python -m tools.chaos --seed 7 --runs 200    longer and at random; the same seed breaks the same things in the same order
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

from tools.chaos.house import House, a_house
from tools.chaos.scenario import Break, Result, Scenario
from tools.chaos.town import ANSWERS

AT_ONCE = 16
TOWNS = tuple(ANSWERS)
LEAST_POINTS = 25
RESUMED_WITHIN_S = 15.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, help="break at random, by this seed")
    parser.add_argument("--runs", type=int, default=200, help="how many random escalations")
    parser.add_argument("--points", action="store_true", help="print the points")
    arguments = parser.parse_args()
    began = time.monotonic()
    with a_house() as house:
        get_context("forkserver").set_forkserver_preload(["tools.chaos.worker"])
        return _run(house, arguments, began)


def _run(house: House, arguments: argparse.Namespace, began: float) -> int:
    with ThreadPoolExecutor(2) as threads:
        recorded = dict(
            zip(TOWNS, threads.map(lambda town: Scenario(house, town, town, set()).record(), TOWNS), strict=True)
        )
    points = {town: told for town, (told, _) in recorded.items()}
    found = len(points["quick"])
    print(f"{found} points found at commits and port calls by a recording run", flush=True)
    if arguments.points:
        print("\n".join(f"  {point}" for point in points["quick"]))
    breaks = _at_random(points, arguments) if arguments.seed is not None else _each_once(points)

    def play(numbered: tuple[int, Break]) -> Result:
        number, what = numbered
        result = Scenario(house, f"run_{number}", what.town, recorded[what.town][1]).play(what)
        bad = result.verdict.lost + result.verdict.twice
        if bad or result.verdict.resumed_s > RESUMED_WITHIN_S:
            print(f"  {what}: resumed after {result.verdict.resumed_s:.1f} s; {'; '.join(bad)}", flush=True)
        return result

    beside = [one for one in enumerate(breaks) if one[1].how != "database"]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        results = list(threads.map(play, beside))
    results += [play(one) for one in enumerate(breaks) if one[1].how == "database"]  # it stops for everybody
    return _tally(results, found, time.monotonic() - began)


def _each_once(points: dict[str, list[str]]) -> list[Break]:
    """Killed at every point, and in the slow town at those of the clock; frozen before every port call and at some commits; and
    the database stopped at three of them."""
    quick, slow = points["quick"], points["slow"]
    ports = [point for point in quick if ": port, " in point]
    commits = [point for point in quick if "commit, before" in point]
    return [
        *(Break("kill", point, town="slow") for point in slow if "page.step" in point),  # the longest first
        *(Break("freeze", point) for point in [*ports[::2], *commits[::5]]),
        *(Break("kill", point) for point in quick),
        *(Break("database", point) for point in (ports[1], commits[len(commits) // 2], ports[-4])),
    ]


def _at_random(points: dict[str, list[str]], arguments: argparse.Namespace) -> list[Break]:
    die, breaks = random.Random(arguments.seed), []
    for _ in range(arguments.runs):
        how, town = die.choice(("kill", "kill", "kill", "freeze", "database")), die.choice(TOWNS)
        at = "" if how == "kill" else die.choice(points[town])
        breaks.append(Break(how, at, die.randrange(10**6), town))
    return breaks


def _tally(results: list[Result], points: int, seconds: float) -> int:
    lost = sum(len(one.verdict.lost) for one in results)
    twice = sum(len(one.verdict.twice) for one in results)
    slowest = max(one.verdict.resumed_s for one in results)
    missed = [str(one.what) for one in results if not one.reached]
    for how in ("kill", "freeze", "database"):
        of = [one for one in results if one.what.how == how]
        print(f"{how:>9}: {len(of)} escalations, broken {sum(one.reached for one in of)} times")
    print(
        f"steps lost {lost}; run twice unmarked {twice}; repeats marked {sum(one.verdict.repeats for one in results)}; ",
        end="",
    )
    print(f"slowest to resume {slowest:.1f} s; {seconds:.0f} s in all")
    for what in missed:
        print(f"  never reached: {what}")
    good = not lost and not twice and slowest <= RESUMED_WITHIN_S and points >= LEAST_POINTS and not missed
    print("chaos: passed" if good else "chaos: FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
