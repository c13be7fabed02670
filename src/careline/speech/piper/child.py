"""piper's own process. A request is `(text, pace)`; the replies are 8 kHz pcm16, sentence by sentence."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, cast

from careline.children import serve
from careline.speech.resample import Downsampler

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    try:
        piper: Any = importlib.import_module("piper")
    except ImportError:
        print("careline: piper is not installed: pip install piper-tts", file=sys.stderr, flush=True)
        sys.exit(1)
    voice: Any = piper.PiperVoice.load(sys.argv[1])

    def handle(request: object) -> Iterator[bytes]:
        text, pace = cast(tuple[str, float], request)
        slower = piper.SynthesisConfig(length_scale=1.0 / min(max(pace, 0.5), 2.0))
        for made in voice.synthesize(text, syn_config=slower):
            telephone = Downsampler(int(made.sample_rate))
            yield telephone.feed(bytes(made.audio_int16_bytes)) + telephone.flush()

    serve(handle)


if __name__ == "__main__":
    main()
