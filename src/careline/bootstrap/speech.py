"""Which voice and which ears an installation has. The embedded ones need no download; others come by configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.speech.espeak import EspeakVoice

if TYPE_CHECKING:
    from careline.ports import Ears


def voice() -> EspeakVoice:
    return EspeakVoice()


def ears() -> Ears | None:
    """None: this installation hears telephone keys only."""
    return None
