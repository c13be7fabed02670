"""When a caller begins and when they have finished."""

from __future__ import annotations

from speech_sounds import added, frames, noise, quiet, spoken

from careline.core.contact import Expect
from careline.speech.endpoint import PATIENCE_S, Endpointer, Turn, level


def turns(sound: bytes, patience_s: float = 0.35) -> list[tuple[Turn, float]]:
    endpointer = Endpointer(patience_s)
    return [(turn, frame.at) for frame in frames(sound) if (turn := endpointer.frame(level(frame.pcm)))]


def test_a_word_begins_and_ends_when_its_patience_is_over(loop, voice):
    word = loop.run(spoken(voice, "yes"))
    (started, at), *_, (ended, after) = turns(quiet(0.5) + word + quiet(1.0))
    assert started is Turn.STARTED
    assert 0.5 <= at <= 0.7
    assert ended is Turn.ENDED
    assert after - (0.5 + len(word) / 16000) <= PATIENCE_S[Expect.YES_NO]


def test_whoever_thinks_in_mid_sentence_is_given_the_time(loop, voice):
    story = loop.run(spoken(voice, "my stomach hurts")) + quiet(0.2) + loop.run(spoken(voice, "since yesterday"))
    kinds = [turn for turn, _ in turns(quiet(0.3) + story + quiet(1.5), PATIENCE_S[Expect.OPEN])]
    assert kinds[-1] is Turn.ENDED
    assert kinds.count(Turn.ENDED) == 1
    assert Turn.RESUMED in kinds


def test_a_click_is_not_a_word():
    kinds = [turn for turn, _ in turns(quiet(0.5) + noise(0.07, 6000) + quiet(1.0))]
    assert Turn.ENDED not in kinds


def test_silence_digital_or_with_an_offset_is_silence():
    offset = (b"\x00\x08" * 160) * 100
    kinds = [turn for turn, _ in turns(bytes(32_000) + offset + quiet(2.0))]
    assert Turn.ENDED not in kinds


def test_steady_noise_becomes_the_floor_and_speech_stands_out_of_it(loop, voice):
    word = loop.run(spoken(voice, "no thank you"))
    before, fan = noise(12.0, 400), noise(len(word) / 16000 + 0.01, 400, seed=9)
    sound = before + added(word, fan) + noise(1.5, 400, seed=5)
    found = [(turn, at) for turn, at in turns(sound) if at > 8]
    assert [turn for turn, _ in found if turn in (Turn.STARTED, Turn.ENDED)] == [Turn.STARTED, Turn.ENDED]
    assert 11.9 < found[0][1] < 12.5
