"""The embedded voice, and human recordings in its place."""

from __future__ import annotations

import math
import wave
from array import array

import pytest
from speech_sounds import spoken

from careline.core.errors import TryAgain
from careline.speech.recorded import RecordedVoice, read_recordings
from careline.speech.resample import Downsampler


def tone(hertz: float, rate: int, seconds: float = 0.5) -> bytes:
    return array(
        "h", [round(10_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(round(rate * seconds))]
    ).tobytes()


def decibels(pcm: bytes) -> float:
    """Relative to the tones above, the ends left out."""
    samples = array("h", pcm)[200:-200]
    return 20 * math.log10(
        math.sqrt(sum(value * value for value in samples) / len(samples)) / (10_000 / math.sqrt(2)) + 1e-9
    )


def test_both_languages_are_spoken_as_telephone_sound(loop, voice):
    for text, language in (("Please hold the line.", "en"), ("Por favor, espere un momento.", "es")):
        samples = array("h", loop.run(spoken(voice, text, language)))
        assert 0.8 < len(samples) / 8000 < 3.5
        assert max(samples) > 3000


def test_a_slower_pace_takes_longer(loop, voice):
    normal, slow = (len(loop.run(spoken(voice, "Tell me what is wrong today.", pace=pace))) for pace in (1.0, 0.7))
    assert slow > normal * 1.2


def test_sound_comes_while_the_rest_is_still_being_made(loop, voice):
    async def pieces():
        return [
            len(pcm) async for pcm in voice.render("If this is an emergency, hang up and call nine one one.", "en", 1.0)
        ]

    sizes = loop.run(pieces())
    assert len(sizes) > 10
    assert max(sizes) < 8000 * 2 * 0.2


def test_a_voice_that_dies_in_mid_sentence_says_so_and_comes_back(loop, voice):
    async def cut_short():
        async for _ in voice.render("This sentence is not going to be finished. " * 20, "en", 1.0):
            voice.child.kill()

    with pytest.raises(TryAgain):
        loop.run(cut_short())
    assert loop.run(spoken(voice, "Here I am again."))


@pytest.mark.parametrize("rate", [11_025, 16_000, 22_050, 44_100, 48_000])
def test_sound_below_the_telephone_s_band_edge_stays_and_sound_above_it_goes(rate):
    def through(hertz: float) -> float:
        telephone = Downsampler(rate)
        return decibels(telephone.feed(tone(hertz, rate)) + telephone.flush())

    assert abs(through(300)) < 0.5
    assert abs(through(2000)) < 1.0
    if rate > 12_000:
        assert through(5000) < -45
        assert through(7000) < -45


def test_pieces_sound_like_the_whole():
    whole, pieces, sound = Downsampler(22_050), Downsampler(22_050), tone(1000, 22_050)
    cut = [sound[start : start + 1322] for start in range(0, len(sound), 1322)]
    assert b"".join(pieces.feed(piece) for piece in cut) == whole.feed(sound)


RIVER, HOURS = "Hello! You have reached River Clinic.", "We open at eight."


def record(folder, name, language, rate=16_000, channels=1):
    with wave.open(str(folder / f"{name}.{language}.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone(440, rate, 1.0) * channels)


def test_a_sentence_somebody_has_read_is_played_from_its_recording(loop, voice, tmp_path):
    record(tmp_path, "greeting.practice", "en")
    found = read_recordings(tmp_path, {("greeting.practice", "en"): RIVER, ("faq.hours", "en"): HOURS})
    assert (found.missing, found.wrong) == (("faq.hours.en.wav",), ())
    human = RecordedVoice(voice, found.sounds)
    assert abs(len(loop.run(spoken(human, "Hello, you have reached River Clinic"))) / 16000 - 1.0) < 0.02
    assert len(loop.run(spoken(human, "Hello, you have reached Lake Clinic"))) / 16000 > 1.3
    assert len(loop.run(spoken(human, RIVER, pace=0.7))) / 16000 > 1.3


def test_recordings_that_cannot_be_played_are_named_and_cost_only_themselves(tmp_path):
    sentences = {("a", "en"): RIVER, ("b", "en"): HOURS, ("c", "en"): HOURS, ("d", "en"): HOURS, ("e", "en"): HOURS}
    record(tmp_path, "a", "en")
    record(tmp_path, "b", "en", channels=2)
    record(tmp_path, "c", "en", rate=6000)
    (tmp_path / "d.en.wav").write_bytes(b"RIFF nonsense")
    record(tmp_path, "e", "en")
    (tmp_path / "e.en.txt").write_text("We open at nine.")
    record(tmp_path, "f", "en")
    found = read_recordings(tmp_path, sentences)
    assert list(found.sounds) == [("en", "hello you have reached river clinic")]
    for line, words in zip(
        found.wrong, ("mono", "8,000", "not a WAV", "not what is said now", "no sentence"), strict=True
    ):
        assert words in line
