"""A conversation by telephone: a leg, ears and a voice become what the dialogue understands.

    leg frames ──► ears ──► Heard            Say ──► voice ──► pieces ──► leg ──► marks ──► Spoken
    leg keys ────► collected ──► Heard       the caller speaks or presses a key ──► stop talking

Ears that fail step down (open, closed, keys) and the call goes on; a caller whose speech these ears cannot understand is heard by
the recording, and an empty `Heard` says that they have spoken.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.calls.attention import Attention
from careline.calls.bridge import AGENT, CALLER, Bridge
from careline.calls.mouth import Mouth, SoundCache
from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Left, Say, Silence, Spoken, VoiceLost
from careline.core.errors import CarelineError
from careline.ports import Ended, Frame, Key, Played

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from careline.calls.recorder import Tape
    from careline.core.hearing import Judge
    from careline.ports import Ears, EarSession, Leg, Screened, Voice

_KEYS_PAUSE_S = 3.0
_SILENCE_S = {Expect.OPEN: 10.0, Expect.DIGITS: 12.0}
_SILENCE_DEFAULT_S = 7.0
#: Free speech that nobody can understand here ends after this much quiet, or at the latest after this long.
_SPEECH_ENDS_S, _SPEECH_MOST_S = 2.5, 90.0
#: From when the caller's frame was spoken to when the end of what they hear with it has been sent.
_BRIDGED_S = 0.08
_SINGLE_KEYS = (Expect.YES_NO, Expect.MENU, Expect.NOTHING, Expect.OPEN, Expect.NAME)

Event = Heard | Spoken | Silence | Left | HearingChanged | VoiceLost


@dataclass(frozen=True, slots=True)
class Aids:
    """What a conversation can do without. `judge`: tells speech from other sounds. `respell`: words and language as the voice
    should be given them."""

    judge: Judge | None = None
    respell: Callable[[str, str], str] | None = None


NO_AIDS = Aids()


class AudioConversation:
    """`ports.Conversation` over an audio leg. `tape` records when the dialogue wants it; `screen` shows what is said."""

    def __init__(
        self,
        leg: Leg,
        ears: Ears | None,
        voice: Voice,
        cache: SoundCache,
        tape: Tape | None = None,
        screen: Screened | None = None,
        aids: Aids = NO_AIDS,
    ) -> None:
        self._leg, self._ears, self._tape, self._screen = leg, ears, tape, screen
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._mouth = Mouth(
            leg, voice, cache, self._heard_ourselves, self._spoken, screen.show if screen is not None else None
        )
        self._mouth.respell = aids.respell
        self._mouth.voiceless = lambda: self._events.put_nowait(VoiceLost())
        self.bridge = Bridge(self._hear_others)
        self._session: EarSession | None = None
        self._hearing = Hearing.KEYS
        self._language = "en"
        self._attention = Attention(self._mouth, aids.judge)
        self._activity = self._attention.activity
        self._question: Say | None = None
        self._keys = ""
        self._keys_at = self._quiet_since = self._spoke_since = 0.0
        self._asked_at: float | None = None
        self._now = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def hearing(self) -> Hearing:
        return self._hearing

    async def start(self, language: str, hints: tuple[str, ...] = ()) -> None:
        """Open the ears before the greeting, so that the dialogue knows how good they are."""
        self._language = language
        if self._ears is not None:
            try:
                self._session = await self._ears.listen(language, hints)
                self._hearing = self._session.hearing
            except CarelineError:
                self._session = None
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._mouth.run())]
        if self._session is not None:
            self._tasks.append(asyncio.create_task(self._hear(self._session)))

    async def close(self) -> None:
        self._attention.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await self._leg.hang_up()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, Left):
                return

    async def say(self, sentence: Say) -> None:
        self._asked_at = None
        if sentence.expect is not Expect.NOTHING:
            self._question = sentence
            self._language = sentence.language
        self._mouth.say(sentence)

    async def finish(self) -> None:
        self._question = None
        self._mouth.close()

    # ------------------------------------------------------------ the leg

    async def _pump(self) -> None:
        async for event in self._leg.events():
            match event:
                case Frame():
                    self._frame(event)
                case Key(digit=digit, at=at):
                    self._key(digit, at)
                case Played(mark=mark, at=at):
                    self._mouth.played(mark, at)
                case Ended(reason=reason):
                    self._events.put_nowait(Left(reason))
                    return
                case _:
                    pass

    def _frame(self, frame: Frame) -> None:
        self._now = frame.at
        if self._tape is not None:
            self._tape.caller(frame.pcm, frame.at)
        if self._session is not None:
            self._session.feed(frame)
        self._attention.feed(frame)
        self.bridge.frame(CALLER, frame.pcm)
        self._end_keys()
        if self._session is None:
            self._end_unheard_speech()
        self._notice_silence()

    def _heard_ourselves(self, pcm: bytes, ended_at: float) -> None:
        if self._tape is not None:
            self._tape.service(pcm, ended_at)
        if self.bridge.open:
            self.bridge.say(AGENT, pcm)

    def _hear_others(self, pcm: bytes) -> None:
        """20 ms of the people who are on the call with the caller. While the assistant speaks it is the one to be heard."""
        if self._mouth.idle and self.bridge.open:
            self._leg.play(pcm)
            if self._tape is not None:
                self._tape.service(pcm, self._now + _BRIDGED_S)

    def fall_silent(self) -> None:
        """A person takes the caller: nothing more is said or asked."""
        self._question = self._asked_at = None
        self._mouth.interrupt()

    def _spoken(self, sentence: Say, spoken: Spoken) -> None:
        self._events.put_nowait(spoken)
        if self._screen is not None and spoken.upto < len(sentence.text):
            self._screen.cut_off(spoken)
        if self._question is not None and (sentence is self._question or self._mouth.idle):
            self._asked_at = self._quiet_since = self._now
            self._spoke_since = 0.0
            if self._session is not None:
                asked = self._question
                self._session.expect(asked.expect, asked.options, asked.language)
                self._now_hears(self._session.hearing)

    # ------------------------------------------------------------ keys

    def _key(self, digit: str, at: float) -> None:
        self._mouth.interrupt()
        self._asked_at = None
        expect = self._question.expect if self._question is not None else Expect.NOTHING
        if expect in _SINGLE_KEYS:
            self._events.put_nowait(Heard(keys=digit, started=at, ended=at))
            return
        if digit == "#":
            self._give_keys(at)
        else:
            self._keys += digit
            self._keys_at = at

    def _end_keys(self) -> None:
        if self._keys and self._now - self._keys_at > _KEYS_PAUSE_S:
            self._give_keys(self._now)

    def _give_keys(self, at: float) -> None:
        keys, self._keys = self._keys, ""
        self._events.put_nowait(Heard(keys=keys or "#", started=at, ended=at))

    # ------------------------------------------------------------ ears

    async def _hear(self, session: EarSession) -> None:
        try:
            async for heard in session.events():
                if isinstance(heard, HearingChanged):
                    self._hearing = heard.hearing
                    self._events.put_nowait(heard)
                    continue
                if not heard.final:
                    self._attention.hint(heard, self._language)
                    continue
                if not self._attention.is_turn(heard, self._language):
                    continue
                self._asked_at = None
                self._events.put_nowait(
                    Heard(heard.text, "", heard.confidence, heard.started, heard.ended, alarm=heard.alarm)
                )
        except CarelineError:
            pass
        if self._session is session:
            self._session = None
            self._now_hears(Hearing.KEYS)

    def _now_hears(self, hearing: Hearing) -> None:
        if hearing is not self._hearing:
            self._hearing = hearing
            self._events.put_nowait(HearingChanged(hearing))

    def _end_unheard_speech(self) -> None:
        """Without ears: tell that something was said, once it is over."""
        question = self._question
        if question is None or self._asked_at is None:
            return
        if self._activity.speaking_s > 0 and not self._spoke_since:
            self._spoke_since = self._now
        long = self._spoke_since and self._now - self._spoke_since > _SPEECH_MOST_S
        if self._spoke_since and (self._activity.quiet_s >= _SPEECH_ENDS_S or long):
            started, self._spoke_since, self._asked_at = self._spoke_since, 0.0, None
            self._events.put_nowait(Heard("", "", 0.0, started, self._now))

    def _notice_silence(self) -> None:
        if self._asked_at is None or not self._mouth.idle or self._question is None:
            return
        if self._activity.speaking_s > 0:
            self._quiet_since = self._now
        patience = _SILENCE_S.get(self._question.expect, _SILENCE_DEFAULT_S)
        if self._now - self._quiet_since >= patience:
            self._quiet_since = self._now
            self._events.put_nowait(Silence(patience))
