"""The voice's own process: espeak-ng by ctypes. A request is `(text, language, pace)`; the replies are 8 kHz pcm16 in pieces."""

from __future__ import annotations

import ctypes
import queue
import threading
import warnings
from typing import TYPE_CHECKING, Any, cast

import espeakng_loader

from careline.children import serve

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # gone in 3.13, where audioop-lts takes its place
    import audioop

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOICES = {"en": b"en-us", "es": b"es-419"}
_WORDS_PER_MINUTE = 165
_RETRIEVAL, _RATE_PARAMETER, _UTF8, _ENDPAUSE = 1, 1, 1, 0x1000
_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_OUT_RATE = 8000
#: espeak-ng gives 22,050 samples a second; a one-pole filter keeps what lies above 4 kHz from folding back.
_FILTER = (2, 1)


class Synthesiser:
    """One espeak-ng. It speaks one text at a time, in the thread that asks."""

    def __init__(self) -> None:
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        path = espeakng_loader.get_data_path().encode()
        self._rate = int(self._library.espeak_Initialize(_RETRIEVAL, 60, path, 0))
        self._made: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._callback = _SYNTH_CALLBACK(self._take)  # kept: the library calls it for as long as it lives
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, language: str, pace: float) -> Iterator[bytes]:
        self._library.espeak_SetVoiceByName(_VOICES.get(language, _VOICES["en"]))
        words = round(_WORDS_PER_MINUTE * min(max(pace, 0.5), 2.0))
        self._library.espeak_SetParameter(_RATE_PARAMETER, words, 0)
        worker = threading.Thread(target=self._synthesise, args=(text.encode(),))
        worker.start()
        state: Any = None
        while (pcm := self._made.get()) is not None:
            out, state = audioop.ratecv(pcm, 2, 1, self._rate, _OUT_RATE, state, *_FILTER)
            if out:
                yield out
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
    synthesiser = Synthesiser()

    def handle(request: object) -> Iterator[bytes]:
        text, language, pace = cast(tuple[str, str, float], request)
        yield from synthesiser.speak(text, language, pace)

    serve(handle)


if __name__ == "__main__":
    main()
