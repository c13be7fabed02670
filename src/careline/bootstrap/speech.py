"""Which voice and which ears an installation has. The embedded ones need no download; others come by configuration."""

from __future__ import annotations

from careline.speech.espeak import EspeakVoice
from careline.speech.pocketsphinx import PocketsphinxEars


def voice() -> EspeakVoice:
    return EspeakVoice()


def ears() -> PocketsphinxEars:
    """Closed ears: yes/no and menus in English, keys in every language."""
    return PocketsphinxEars()
