"""Labelled sounds of a telephone line, made by rule: what should stop us when we speak, and what should not.

Made with the embedded voice (several speakers of it) and noise from a seed, so that every machine measures the same. `own` is
what the assistant was saying while the sound came in; only an echo has to do with it.
"""

from __future__ import annotations

import math
import random
import warnings
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.ports import SAMPLE_RATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # gone in 3.13, where audioop-lts takes its place
    import audioop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from careline.ports import Voice

SPEAKERS = ("en-us+f1", "en-us+f2", "en-us+f4", "en-us+m1", "en-us+m3", "en-us+m7", "en-gb", "en-us")
VOICES = {f"s{number}": name for number, name in enumerate(SPEAKERS)}
INTERRUPTIONS = (
    "wait, I have a question", "no, that is not what I mean", "excuse me", "my chest hurts", "hold on a second",
    "can I talk to somebody", "I already told you that", "sorry, one more thing", "stop", "he can't breathe",
)  # fmt: skip
LISTENING = ("uh huh", "mhm")
TELEVISION = (
    "and now the weather for the weekend, with sunshine in the south", "he shoots, he scores, what a wonderful goal",
    "call now and get two for the price of one", "the president said on Monday that talks would continue",
)  # fmt: skip
OWN = "We are open on weekdays from eight in the morning until five in the afternoon, at the usual place in Cedar Hill."


@dataclass(frozen=True, slots=True)
class Snippet:
    """`pcm`: 0.5 s of quiet line, the sound, and quiet again. `stops`: whether a person would expect us to stop talking.
    `begins` is where the sound begins, in seconds; `own` what we were saying from the beginning of `pcm` on."""

    kind: str
    pcm: bytes
    stops: bool
    begins: float
    own: bytes


async def snippets(voice: Voice) -> AsyncIterator[Snippet]:
    """230 of them. `voice` renders the speakers of `VOICES` as languages s0 to s7."""
    rnd = random.Random(7)  # noqa: S311 - the same sounds everywhere
    own = await _said(voice, OWN, "s7")
    for speaker in list(VOICES)[:7]:
        for text in INTERRUPTIONS:
            yield _laid("speech", _level(await _said(voice, text, speaker), rnd.choice((900, 1600, 3000))), own, rnd)
        for text in LISTENING:
            yield _laid("mm-hm", _level(await _said(voice, text, speaker), rnd.choice((700, 1400))), own, rnd)
        for text in TELEVISION[:3]:
            sound = _muffled(await _said(voice, text, speaker), 3)
            yield _laid("television", _level(sound, rnd.choice((90, 140, 200))), own, rnd)
    for make, kind, count in _NOISES:
        for _ in range(count):
            yield _laid(kind, make(rnd), own, rnd)
    for number in range(40):
        delay_s, loss = 0.02 + 0.01 * number, rnd.choice((3, 5, 8, 12))
        yield _echo(own, delay_s, loss, rnd)


async def _said(voice: Voice, text: str, speaker: str) -> bytes:
    pcm = b"".join([piece async for piece in voice.render(text, speaker, 1.0)])
    loud = [at for at in range(0, len(pcm) - 319, 320) if audioop.max(pcm[at : at + 320], 2) > 300]
    return pcm[loud[0] : loud[-1] + 320]


def _laid(kind: str, pcm: bytes, own: bytes, rnd: random.Random) -> Snippet:
    sound = bytes(SAMPLE_RATE) + pcm + bytes(SAMPLE_RATE)
    return Snippet(kind, audioop.add(sound, _hiss(len(sound), rnd), 2), kind == "speech", 0.5, own)


def _echo(own: bytes, delay_s: float, loss: int, rnd: random.Random) -> Snippet:
    """Our own voice from the far end's loudspeaker: late, weaker, muffled and with the room's answer."""
    said, line = _muffled(own, 2), _hiss(len(own), rnd)
    for extra_s, part in ((0.0, 1.0), (0.009, 0.35), (0.023, 0.2)):
        late = 2 * round((delay_s + extra_s) * SAMPLE_RATE)
        line = audioop.add(line, (bytes(late) + audioop.mul(said, 2, part / loss))[: len(line)], 2)
    return Snippet("echo", line, stops=False, begins=delay_s, own=own)


def _hiss(length: int, rnd: random.Random) -> bytes:
    """The noise of a quiet line."""
    start = 2 * rnd.randrange(len(_BED) // 4)
    return (_BED[start:] * (1 + length // (len(_BED) // 2)))[:length]


# ------------------------------------------------------------ sounds that are no speech


def _hum(rnd: random.Random) -> bytes:
    """ "Mm-hm" with closed lips: a voice of which only the lowest part comes out."""
    pitch, level = rnd.uniform(95, 230), rnd.uniform(800, 2500)
    sound = array("h")
    for part, (seconds, rise) in enumerate(((rnd.uniform(0.12, 0.22), 0.95), (rnd.uniform(0.15, 0.3), 1.15))):
        count = round(seconds * SAMPLE_RATE)
        for index in range(count):
            edge = min(1.0, index / 240, (count - index) / 400)
            angle = 2 * math.pi * pitch * rise * index / SAMPLE_RATE
            wave = math.sin(angle) + 0.45 * math.sin(2 * angle) + 0.12 * math.sin(3 * angle)
            sound.append(round(level * edge * wave))
        if part == 0:
            sound.extend([0] * round(0.05 * SAMPLE_RATE))
    return sound.tobytes()


def _cough(rnd: random.Random) -> bytes:
    """One to three bursts of breath, each loud at once and gone in a fifth of a second."""
    sound = array("h")
    for _ in range(rnd.randint(1, 3)):
        level, last = rnd.uniform(2500, 7000), 0.0
        count = round(rnd.uniform(0.12, 0.25) * SAMPLE_RATE)
        for index in range(count):
            last = 0.55 * last + rnd.gauss(0, 1)
            sound.append(max(-32000, min(32000, round(level * math.exp(-4.5 * index / count) * last * 0.6))))
        sound.extend([0] * round(rnd.uniform(0.1, 0.25) * SAMPLE_RATE))
    return sound.tobytes()


def _clatter(rnd: random.Random) -> bytes:
    """A dish, a door, a receiver put down: clicks that ring."""
    sound = array("h", [0] * SAMPLE_RATE)
    for _ in range(rnd.randint(2, 5)):
        at, hertz, level = rnd.randrange(SAMPLE_RATE - 800), rnd.uniform(300, 2500), rnd.uniform(3000, 9000)
        for index in range(800):
            value = sound[at + index] + round(level * math.exp(-index / 160) * math.sin(hertz * index * 0.000785))
            sound[at + index] = max(-32000, min(32000, value))
    return sound.tobytes()


def _street(rnd: random.Random) -> bytes:
    """Noise that swells and falls, as a lorry that goes by."""
    last, sound, level = 0.0, array("h"), rnd.uniform(150, 500)
    for index in range(2 * SAMPLE_RATE):
        last = 0.9 * last + rnd.gauss(0, 1)
        sound.append(round(level * math.sin(math.pi * index / (2 * SAMPLE_RATE)) * last))
    return sound.tobytes()


def _scream(rnd: random.Random) -> bytes:
    """A child that screams beside the telephone: one long, high, shaking tone and its overtones."""
    pitch, level, phase, sound = rnd.uniform(900, 1500), rnd.uniform(1500, 4000), 0.0, array("h")
    count = round(rnd.uniform(0.8, 1.6) * SAMPLE_RATE)
    for index in range(count):
        now = pitch * (1 + 0.08 * math.sin(2 * math.pi * 7 * index / SAMPLE_RATE) + 0.15 * index / count)
        phase += 2 * math.pi * now / SAMPLE_RATE
        edge = min(1.0, index / 400, (count - index) / 400)
        sound.append(round(level * edge * (math.sin(phase) + 0.5 * math.sin(2 * phase) + 0.1 * rnd.gauss(0, 1))))
    return sound.tobytes()


_NOISES: Sequence[tuple[Callable[[random.Random], bytes], str, int]] = (
    (_hum, "mm-hm", 20), (_cough, "cough", 25), (_clatter, "clatter", 10), (_street, "street", 10), (_scream, "scream", 10),
)  # fmt: skip


def _level(pcm: bytes, mean: float) -> bytes:
    """Scaled to a root mean square."""
    return audioop.mul(pcm, 2, mean / max(1, audioop.rms(pcm, 2)))


def _muffled(pcm: bytes, width: int) -> bytes:
    """A running mean: the high part goes, as behind a wall."""
    part, total = audioop.mul(pcm, 2, 1 / width), bytes(len(pcm))
    for late in range(width):
        total = audioop.add(total, (bytes(2 * late) + part)[: len(pcm)], 2)
    return total


_seeded = random.Random(3)  # noqa: S311 - as above
_BED = array("h", [round(_seeded.gauss(0, 12)) for _ in range(2 * SAMPLE_RATE)]).tobytes()
