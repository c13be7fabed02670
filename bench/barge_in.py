"""Who stops us when we speak: every snippet of the labelled set through the judge in its own process.

    python -m bench.barge_in

Both error rates, how long after the sound began we stop (sound, and the judge's answer on top), and what a question costs.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from careline.calls.activity import Activity
from careline.calls.barge_in import BargeIn
from careline.core.errors import TryAgain
from careline.ports import FRAME_BYTES
from careline.speech.espeak import EspeakVoice
from careline.speech.silero import SileroJudge
from careline.testing.snippets import VOICES, Snippet, snippets

if TYPE_CHECKING:
    from careline.core.hearing import Verdict


class Timed:
    """The judge, with how long its answers take. On a busy machine a late one is asked for again: lateness is reported apart."""

    def __init__(self, judge: SileroJudge) -> None:
        self._judge = judge
        self.took: list[float] = []
        self.late = 0

    async def judge(self, heard: bytes, own: bytes) -> Verdict:
        while True:
            began = time.perf_counter()
            try:
                return await self._judge.judge(heard, own)
            except TryAgain:
                self.late += 1
            finally:
                self.took.append(time.perf_counter() - began)


async def stopped_after(judge: Timed, snippet: Snippet) -> float | None:
    activity, at = Activity(), 0
    stops: list[int] = []
    barge_in = BargeIn(judge, lambda: snippet.own[max(0, at - 16_000) : at + 3200], lambda: stops.append(at))
    for at in range(FRAME_BYTES, len(snippet.pcm) + 1, FRAME_BYTES):
        pcm = snippet.pcm[at - FRAME_BYTES : at]
        activity.feed(pcm)
        barge_in.feed(pcm, activity.speaking_s, speaking=at < len(snippet.own) - 8000)
        await barge_in.judged()
        if stops:
            return at / 16_000 - snippet.begins
    return None


async def measure() -> None:
    voice, real = EspeakVoice(VOICES), SileroJudge()
    await asyncio.gather(voice.start(), real.start())
    judge, found = Timed(real), defaultdict(list)
    async for snippet in snippets(voice):
        found[snippet.kind].append(await stopped_after(judge, snippet))
    await asyncio.gather(voice.stop(), real.stop())
    meant = found.pop("speech")
    times = sorted(1000 * after for after in meant if after is not None)
    total = sum(map(len, found.values()))
    wrong = sum(after is not None for kind in found.values() for after in kind)
    print(f"{len(meant) + total} snippets")
    print(f"wants to speak: {len(meant)}, missed {len(meant) - len(times)}; stopped after {statistics.median(times):.0f} ms "
          f"of sound (p95 {times[int(0.95 * len(times))]:.0f}, most {times[-1]:.0f})")  # fmt: skip
    print(f"does not: {total}, stopped us wrongly {wrong} ({100 * wrong / total:.1f} %)")
    for kind, kinds in sorted(found.items()):
        print(f"  {kind:11}{sum(after is not None for after in kinds):3} of {len(kinds)}")
    took = sorted(1000 * each for each in judge.took)
    print(
        f"an answer takes {statistics.median(took):.0f} ms (p95 {took[int(0.95 * len(took))]:.0f}); {judge.late} came too late"
    )


def main(_arguments: list[str]) -> None:
    asyncio.run(measure())


if __name__ == "__main__":
    main([])
