"""What one caller's turn costs: comprehension, triage and the dialogue around them, on written callers; and what starting costs.

python -m bench understanding [callers.jsonl]
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from careline.bootstrap import data
from careline.core import language, triage
from careline.core.clinical import Facts
from careline.core.rehearsal.case import parse_cases

OPEN = Path(__file__).parents[1] / "tests" / "rehearsals" / "en" / "open-a.jsonl"
_ROUNDS = 3


def main(arguments: list[str]) -> None:
    began = time.process_time()
    lexicons = data.lexicons()
    words_read = time.process_time()
    library = data.library()
    print(f"cold start: lexicons {words_read - began:.2f} s, protocols {time.process_time() - words_read:.2f} s of CPU")
    path = Path(arguments[0]) if arguments else OPEN
    turns = [turn for case in parse_cases(path.read_text(encoding="utf-8"), path.name) for turn in case.says]
    heard = _times(lambda turn: language.understand(lexicons, turn, language.Context()), turns)
    facts = [
        triage.fold(library, Facts(), language.understand(lexicons, turn, language.Context()).findings)
        for turn in turns
    ]
    decided = _times(lambda known: triage.decide(library, known), facts)
    both = sum(heard) / len(heard) + sum(decided) / len(decided)
    print(f"understanding one turn: {_spread(heard)}")
    print(f"deciding on its facts:  {_spread(decided)}")
    print(f"together {1 / both:.0f} turns a second on a core, over {len(turns)} turns")
    long_turn = " ".join(turns)[:100_000]
    once = _times(lambda turn: language.understand(lexicons, turn, language.Context()), [long_turn])
    print(f"a turn of 100,000 characters: {1000 * once[0]:.0f} ms")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB resident")


def _times(work: object, items: list[object] | list[str] | list[Facts]) -> list[float]:
    """CPU seconds of each item, the least of several rounds."""
    best = [float("inf")] * len(items)
    for _ in range(_ROUNDS):
        for number, item in enumerate(items):
            began = time.process_time()
            work(item)  # type: ignore[operator]
            best[number] = min(best[number], time.process_time() - began)
    return sorted(best)


def _spread(times: list[float]) -> str:
    return f"p50 {1000 * times[len(times) // 2]:.2f} ms, p99 {1000 * times[int(len(times) * 0.99)]:.2f} ms"


if __name__ == "__main__":
    main(sys.argv[1:])
