"""What of a caller's sounds concerns us while we speak: when to stop, what is a turn, and when to go on where we were stopped.

    a sound that wants us to stop (`barge_in`), or words that do ──► stop
    then words                                                   ──► a turn
    then "mm-hm", nothing understood in a short sound, or quiet  ──► we go on with what we were saying

What is recognised while we speak on undisturbed is no turn when it is a listener's "mm-hm", our own words coming back, or a voice
too faint to be at the telephone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.calls.activity import Activity
from careline.calls.barge_in import FAINT, BargeIn
from careline.core.language.turns import listening, words_of

if TYPE_CHECKING:
    from careline.calls.mouth import Mouth
    from careline.core.hearing import Judge
    from careline.ports import Frame, Recognised

_SHORT_S = 0.9
_GO_ON_S = 1.5
_OWN_WORDS = 0.7
_LEAST_WORDS = 2
_MEAN_OF_RMS = 0.8  # the mean absolute value of speech against its root mean square


class Attention:
    """One leg's. `judge` None: loudness alone decides."""

    def __init__(self, mouth: Mouth, judge: Judge | None) -> None:
        self._mouth = mouth
        self.activity = Activity()
        self._barge_in = BargeIn(judge, mouth.sounding, self._stop)
        self._judged = judge is not None
        self._stopped = False
        self._loudest = 0.0
        self._said = ""

    def feed(self, frame: Frame) -> None:
        self.activity.feed(frame.pcm)
        self._loudest = max(self.activity.level, self._loudest if self.activity.speaking_s else 0.0)
        speaking = self._mouth.speaking
        if speaking is not None:
            self._said = speaking.text
        self._barge_in.feed(frame.pcm, self.activity.speaking_s, speaking=speaking is not None)
        if self._stopped and self.activity.quiet_s >= _GO_ON_S:
            self._go_on()

    def close(self) -> None:
        self._barge_in.close()

    def hint(self, heard: Recognised, language: str) -> None:
        """Part of a turn. Ears that only tell that somebody speaks are believed when nobody judges the sound."""
        if self._mouth.speaking is None:
            return
        if not heard.text and not self._judged:
            self._mouth.interrupt()
        elif len(words_of(heard.text)) >= _LEAST_WORDS and self._for_us(heard.text, language):
            self._stop()

    def is_turn(self, heard: Recognised, language: str) -> bool:
        """Whether what was recognised is for the dialogue."""
        if self._stopped:
            short = heard.ended - heard.started < _SHORT_S
            if (listening(heard.text, language) if heard.text else short) and not heard.alarm and self._mouth.resumable:
                self._go_on()
                return False
            self._stopped = False
            return True
        if self._mouth.speaking is None or not self._judged or heard.alarm:
            return True
        if not heard.text or not self._for_us(heard.text, language):
            return False
        self._mouth.interrupt()
        return True

    def _for_us(self, text: str, language: str) -> bool:
        if listening(text, language) or self._loudest < FAINT * _MEAN_OF_RMS:
            return False
        words, own = words_of(text), set(words_of(self._said))
        return sum(word in own for word in words) < _OWN_WORDS * len(words)

    def _stop(self) -> None:
        if self._mouth.interrupt(resumable=self._judged):
            self._stopped = self._judged

    def _go_on(self) -> None:
        self._stopped = False
        self._mouth.resume()
