"""The voice's own process: espeak-ng by ctypes. A request is `(text, language, pace)`; the replies are 8 kHz pcm16 in pieces.

Arguments name voices by language, as in `en=en-gb+f3`.
"""

from __future__ import annotations

import ctypes
import queue
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

import espeakng_loader

from careline.children import serve
from careline.speech.resample import Downsampler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VOICES = {"en": "en-us", "es": "es-419"}
_WORDS_PER_MINUTE = 165
_RETRIEVAL, _RATE_PARAMETER, _UTF8, _ENDPAUSE = 1, 1, 1, 0x1000
_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Synthesiser:
    """One espeak-ng. It speaks one text at a time, in the thread that asks."""

    def __init__(self, voices: Mapping[str, str]) -> None:
        self._voices = {**_VOICES, **voices}
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        path = espeakng_loader.get_data_path().encode()
        self._rate = int(self._library.espeak_Initialize(_RETRIEVAL, 60, path, 0))
        self._made: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._callback = _SYNTH_CALLBACK(self._take)  # kept: the library calls it for as long as it lives
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, language: str, pace: float) -> Iterator[bytes]:
        self._library.espeak_SetVoiceByName(self._voices.get(language, self._voices["en"]).encode())
        words = round(_WORDS_PER_MINUTE * min(max(pace, 0.5), 2.0))
        self._library.espeak_SetParameter(_RATE_PARAMETER, words, 0)
        worker = threading.Thread(target=self._synthesise, args=(text.encode(),))
        worker.start()
        telephone = Downsampler(self._rate)
        while (pcm := self._made.get()) is not None:
            if out := telephone.feed(pcm):
                yield out
        yield telephone.flush()
        worker.join()

    def _synthesise(self, text: bytes) -> None:
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8 | _ENDPAUSE, None, None)
        self._library.espeak_Synchronize()
        self._made.put(None)

    def _take(self, samples: Any, count: int, _events: object) -> int:
        if count > 0:
            self._made.put(ctypes.string_at(samples, count * 2))
        return 0


def main() -> None:
    synthesiser = Synthesiser(dict(named.split("=", 1) for named in sys.argv[1:]))

    def handle(request: object) -> Iterator[bytes]:
        text, language, pace = cast(tuple[str, str, float], request)
        yield from synthesiser.speak(text, language, pace)

    serve(handle)


if __name__ == "__main__":
    main()
