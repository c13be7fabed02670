"""A call by ConversationRelay as a `Conversation`: the carrier's recognition is our open ears, its voice is ours.

    prompt ──► Heard            Say ──► playout ──► text ··· tokens played, interrupted, the voice stops ──► Spoken
    dtmf ──► collected ──► Heard          nothing heard after a question ──► Silence

It outlives its socket: when one breaks, the carrier asks what to do with the call and is connected again; what had not been
heard is then said again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Left, Say, Silence, Spoken
from careline.telephony.twilio.link import Limits
from careline.wire import twilio_relay
from careline.wire.strangers import cleaned
from careline.wire.twilio_playout import Playout
from careline.wire.twilio_relay import Complaint, Interrupted, Pressed, Prompt, Speaking, TokensPlayed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from careline.telephony.twilio.config import TwilioConfig
    from careline.telephony.twilio.link import Link

_log = logging.getLogger("careline.telephony.twilio")
#: Partial results and played words come several a second; a turn of a minute is a thousand letters.
LIMITS = Limits(messages=50, letters=200_000, burst_s=12)
#: Letters of one turn; what is longer was not spoken by anybody.
LONGEST_TURN = 4000
#: The caller's time to begin an answer, with the second that recognition takes.
_PATIENCE_S = {Expect.OPEN: 11.0, Expect.DIGITS: 13.0}
_PATIENCE_DEFAULT_S = 8.0
_KEYS_PAUSE_S = 3.0
_SINGLE_KEYS = (Expect.YES_NO, Expect.MENU, Expect.NOTHING, Expect.OPEN, Expect.NAME)
#: A partial result that is never made final is taken as it stands after this long without another.
_PARTIAL_S = 6.0
_PARTIAL_CONFIDENCE = 0.5
_SOUNDS_S = 20.0
#: Nobody says the same again this soon: it is the same message.
_TWICE_S = 0.3

Event = Heard | Spoken | Silence | Left | HearingChanged


class RelayConversation:
    """`ports.Conversation` of one call."""

    def __init__(self, config: TwilioConfig) -> None:
        self._config = config
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._playout = Playout()
        self._link: Link | None = None
        self._tag = config.voices[0].tag
        self._began = asyncio.get_running_loop().time()
        self._question: Say | None = None
        self._quiet_since: float | None = None
        self._speaks_since: float | None = None
        self._keys, self._keys_at = "", 0.0
        self._partial: tuple[str, float, float] | None = None
        self._last: tuple[str, float] = ("", -1.0)
        self._timer: asyncio.TimerHandle | None = None
        self._finishing = self._connected = self.over = False
        self._complaints = 0

    @property
    def hearing(self) -> Hearing:
        return Hearing.OPEN

    async def events(self) -> AsyncIterator[Event]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, Left):
                return

    async def say(self, sentence: Say) -> None:
        if self.over:
            return
        self._quiet_since = None
        if sentence.expect is not Expect.NOTHING:
            self._question = sentence
        self._playout.queue(sentence)
        self._go_on(self._now())

    def fall_silent(self) -> None:
        """A person takes the caller. What the carrier is saying it says to its end."""
        self._question = self._quiet_since = None
        self._spoken(self._playout.drop())

    async def finish(self) -> None:
        self._finishing, self._question = True, None
        self._go_on(self._now())

    # ------------------------------------------------------------ for the call

    def attach(self, link: Link) -> None:
        """A socket is up: the first one, or one in the stead of one that broke. A caller who was to answer is asked again."""
        if self._link is not None:  # it broke, and we have not noticed yet
            self.detach(self._link)
        again, self._connected, self._link = self._connected, True, link
        self._tag = self._config.voices[0].tag
        if again and self._playout.idle and self._question is not None:
            self._playout.queue(self._question)
        self._go_on(self._now())

    def detach(self, link: Link) -> None:
        """The socket is gone. What was in flight waits."""
        if self._link is link and not self.over:
            self._link = None
            self._quiet_since = self._speaks_since = None
            self._playout.lost()
            self._go_on(self._now())

    def gone(self, reason: str) -> None:
        """The call is over; told once."""
        if self.over:
            return
        self.over = True
        self._take_partial()
        for spoken in self._playout.give_up(self._now()):
            self._events.put_nowait(spoken)
        self._events.put_nowait(Left(reason))
        if self._timer is not None:
            self._timer.cancel()
        if self._link is not None:
            self._link.close()

    def take(self, text: str, now: float) -> None:
        message = twilio_relay.read(text)
        if self.over:
            return
        at = now - self._began
        match message:
            case Prompt():
                self._prompt(message, at)
            case Pressed(digit=digit):
                self._pressed(digit, at)
            case Interrupted(heard=heard, after_ms=after_ms):
                self._spoken(self._playout.interrupted(heard, after_ms, at))
            case TokensPlayed(text=words):
                self._spoken(self._playout.played(words, at))
            case Speaking(agent=True, on=on):
                self._playout.speaking(at, on=on)
            case Speaking(on=on):
                self._speaks_since = at if on else None
                self._quiet_since = None if self._quiet_since is None else at
            case Complaint():
                self._complaints += 1
                _log.warning("the carrier complained about a message of ours (%d in this call)", self._complaints)
            case _:
                pass
        self._go_on(at)

    # ------------------------------------------------------------ heard

    def _prompt(self, prompt: Prompt, at: float) -> None:
        text = cleaned(prompt.text, LONGEST_TURN)[:LONGEST_TURN].strip()
        if not text:
            return
        self._quiet_since = None
        if not prompt.last:
            began = self._partial[1] if self._partial is not None else at
            self._partial = (text, began, at)
            return
        began = self._partial[1] if self._partial is not None else at
        self._partial = self._speaks_since = None
        if self._last[0] == text and at - self._last[1] < _TWICE_S:
            return
        self._last = (text, at)
        self._events.put_nowait(Heard(text, started=began, ended=at))

    def _take_partial(self) -> None:
        """What was never made final was said all the same."""
        if self._partial is not None:
            text, began, ended = self._partial
            self._partial = None
            self._events.put_nowait(Heard(text, confidence=_PARTIAL_CONFIDENCE, started=began, ended=ended))

    def _pressed(self, digit: str, at: float) -> None:
        self._quiet_since = None
        expect = self._question.expect if self._question is not None else Expect.NOTHING
        if expect in _SINGLE_KEYS:
            self._events.put_nowait(Heard(keys=digit, started=at, ended=at))
        elif digit == "#":
            self._give_keys(at)
        else:
            self._keys, self._keys_at = self._keys + digit, at

    def _give_keys(self, at: float) -> None:
        keys, self._keys = self._keys, ""
        self._events.put_nowait(Heard(keys=keys or "#", started=at, ended=at))

    # ------------------------------------------------------------ spoken

    def _spoken(self, done: list[Spoken]) -> None:
        for spoken in done:
            self._events.put_nowait(spoken)
        if done and self._playout.idle and self._question is not None:
            self._quiet_since = done[-1].ended

    def _go_on(self, at: float) -> None:
        """Do what is due, send what may be sent, and set the clock for what is due next."""
        if self.over:
            return
        self._spoken(self._playout.tick(at))
        if self._link is not None:
            for sentence in self._playout.to_send(at):
                self._send(sentence)
        if self._keys and at - self._keys_at >= _KEYS_PAUSE_S:
            self._give_keys(at)
        if self._partial is not None and at - self._partial[2] >= _PARTIAL_S:
            self._take_partial()
        self._notice_silence(at)
        if self._finishing and self._playout.idle:
            self._end()
            return
        self._set_clock(at)

    def _send(self, sentence: Say) -> None:
        tag = self._config.tag(sentence.language)
        if self._link is None:
            return
        if tag != self._tag:
            self._tag = tag
            self._link.send(twilio_relay.switch_language(tag))
        self._link.send(twilio_relay.say(sentence.text, tag, interruptible=sentence.interruptible))

    def _end(self) -> None:
        if self._link is not None:
            self._link.send(twilio_relay.end())
        self.gone("finished")

    def _notice_silence(self, at: float) -> None:
        """Sounds that become no words (a television, a cough) hold silence back only for a while."""
        patience = self._patience()
        if self._speaks_since is not None and at - self._speaks_since >= _SOUNDS_S:
            self._speaks_since = None
        if self._quiet_since is None or self._speaks_since is not None:
            return
        if at - self._quiet_since >= patience:
            self._quiet_since = at
            self._events.put_nowait(Silence(patience))

    def _patience(self) -> float:
        expect = self._question.expect if self._question is not None else Expect.NOTHING
        return _PATIENCE_S.get(expect, _PATIENCE_DEFAULT_S)

    def _set_clock(self, at: float) -> None:
        due: list[float] = []
        if (next_spoken := self._playout.due()) is not None:
            due.append(next_spoken)
        if self._quiet_since is not None:
            sounds = None if self._speaks_since is None else self._speaks_since + _SOUNDS_S
            due.append(self._quiet_since + self._patience() if sounds is None else sounds)
        if self._keys:
            due.append(self._keys_at + _KEYS_PAUSE_S)
        if self._partial is not None:
            due.append(self._partial[2] + _PARTIAL_S)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, min(due) - at) + 0.001, self._tick)

    def _tick(self) -> None:
        self._go_on(self._now())

    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began
