"""What of our sentences has sounded, when the carrier speaks them and we hear of it only in words.

    waiting ──send──► in flight ──its words have sounded, or the voice stopped──► spoken, whole
       │                  │ interrupted ──► spoken so far; those behind it not at all
       │                  └ nothing was ever told ──► counted as spoken after the time it takes
       └ interrupted ──► not spoken

A sentence that must be heard whole is sent only when nothing else is in flight, so that no interruption of another can take it
along; should the carrier break it off all the same, it is sent again. Whoever loses the connection says everything again that
was not known to be heard.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.contact import Say, Spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\S+")
#: Characters a second: of an ordinary voice, to tell from a duration how far it came; and of a slow one, plus the seconds until
#: it begins, after which a sentence counts as spoken though nobody told.
_VOICE = 14.0
_SLOW, _BEGINS_S = 11.0, 1.5
#: The same where the carrier tells of what it plays, and only such a message got lost.
_SLOWEST, _TOLD_S = 6.0, 6.0
#: A voice that stops in the middle has been interrupted, or its last words were not told: the interruption comes within this.
_GRACE_S = 0.5
_MOST_SENDINGS = 3
_TAIL = 4  # words by which the end of an utterance is found when its beginning is not ours


@dataclass(slots=True)
class _Sentence:
    """`words` are what is compared, `ends` where each ends in the text; `place` is how many have sounded."""

    say: Say
    words: list[str]
    ends: list[int]
    place: int = 0
    started: float | None = None
    due: float = 0.0
    sendings: int = 0

    @property
    def upto(self) -> int:
        if self.place >= len(self.words):
            return len(self.say.text)
        return self.ends[self.place - 1] if self.place else 0


def _plain(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum()) or word


def _sentence(say: Say) -> _Sentence:
    found = list(_WORD.finditer(say.text))
    return _Sentence(say, [_plain(word.group()) for word in found], [word.end() for word in found])


@dataclass(slots=True)
class Playout:
    """Times are seconds since the contact began, as the caller of these methods counts them."""

    _waiting: deque[_Sentence] = field(default_factory=deque[_Sentence])
    _flying: deque[_Sentence] = field(default_factory=deque[_Sentence])
    _told: bool = False  # the carrier has told of what it plays
    _told_words: bool = False

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._flying

    @property
    def flying(self) -> bool:
        return bool(self._flying)

    def queue(self, say: Say) -> None:
        self._waiting.append(_sentence(say))

    def to_send(self, now: float) -> list[Say]:
        """The sentences whose turn it is."""
        found: list[Say] = []
        while self._waiting:
            sentence = self._waiting[0]
            if self._flying and not (sentence.say.interruptible and self._flying[-1].say.interruptible):
                break
            self._waiting.popleft()
            sentence.sendings += 1
            sentence.place = 0
            begins = max(now, self._flying[-1].due) if self._flying else now
            sentence.due = begins + self._patience(sentence)
            self._flying.append(sentence)
            found.append(sentence.say)
        return found

    def _patience(self, sentence: _Sentence) -> float:
        speed, begins = (_SLOWEST, _TOLD_S) if self._told else (_SLOW, _BEGINS_S)
        return len(sentence.say.text) / (speed * min(1.0, sentence.say.pace)) + begins

    def due(self) -> float | None:
        """When `tick` should be called, if nothing else happens."""
        return self._flying[0].due if self._flying else None

    def tick(self, now: float) -> list[Spoken]:
        done: list[Spoken] = []
        while self._flying and self._flying[0].due <= now:
            done.append(self._whole(now))
        return done

    # ------------------------------------------------------------ what the carrier tells

    def speaking(self, now: float, *, on: bool) -> None:
        """Its voice begins or stops. Stopped amid a sentence it may have been interrupted, which is told a moment later."""
        self._told = True
        if not self._flying:
            return
        head = self._flying[0]
        if on:
            head.started = now if head.started is None else head.started
            head.due = max(head.due, now + self._patience(head))
            return
        for sentence in self._flying:
            begun = sentence.place > 0 if self._told_words else sentence is head and head.started is not None
            if begun:
                sentence.due = min(sentence.due, now + _GRACE_S)

    def played(self, text: str, now: float) -> list[Spoken]:
        """The next words have sounded."""
        self._told = self._told_words = True
        done: list[Spoken] = []
        for word in _WORD.findall(text):
            self._advance(_plain(word), now, done)
        while self._flying and self._flying[0].place >= len(self._flying[0].words):
            done.append(self._whole(now))
        return done

    def _advance(self, word: str, now: float, done: list[Spoken]) -> None:
        while self._flying and self._flying[0].place >= len(self._flying[0].words):
            done.append(self._whole(now))
        if not self._flying:
            return
        head = self._flying[0]
        near = head.words[head.place : head.place + _TAIL]
        if word in near:
            head.started = now if head.started is None else head.started
            head.place += near.index(word) + 1
        elif len(self._flying) > 1 and self._flying[1].words[:1] == [word]:
            done.append(self._whole(now))
            self._advance(word, now, done)

    def interrupted(self, heard: str, after_ms: int | None, now: float) -> list[Spoken]:
        """The caller broke in. Everything that may be dropped is over; what must be heard whole is sent again."""
        self._place_all(heard, after_ms)
        done: list[Spoken] = []
        again: list[_Sentence] = []
        for sentence in self._flying:
            must = not sentence.say.interruptible and sentence.place < len(sentence.words)
            if must and sentence.sendings < _MOST_SENDINGS:
                again.append(sentence)
            else:
                done.append(Spoken(sentence.say.id, sentence.upto, sentence.started, now))
        self._flying.clear()
        done += self.drop()
        self._waiting.extendleft(reversed(again))
        return done

    def drop(self) -> list[Spoken]:
        """Send nothing more of what waits, except what must be heard."""
        dropped = [Spoken(sentence.say.id, 0) for sentence in self._waiting if sentence.say.interruptible]
        self._waiting = deque(sentence for sentence in self._waiting if not sentence.say.interruptible)
        return dropped

    def _place_all(self, heard: str, after_ms: int | None) -> None:
        """Give every sentence in flight the place up to which it sounded."""
        flying = list(self._flying)
        if not flying:
            return
        words = [word for sentence in flying for word in sentence.words]
        known = flying[0].place
        told = [_plain(word) for word in _WORD.findall(heard)]
        place = known if told else 0
        if told:
            place = _found(told, words, [0, *_starts(flying), known])
            if place is None:
                place = _tail(told, words, known)
            if place is None:
                place = known or _by_time(flying, after_ms)
        for sentence in flying:
            sentence.place = max(0, min(len(sentence.words), place))
            place -= len(sentence.words)

    # ------------------------------------------------------------ the connection

    def lost(self) -> None:
        """The connection broke: what was in flight waits again, to be said whole on the next one."""
        self._waiting.extendleft(reversed(self._flying))
        self._flying.clear()
        self._told = self._told_words = False

    def give_up(self, now: float) -> list[Spoken]:
        """Nobody will hear the rest."""
        done = [Spoken(one.say.id, one.upto, one.started, now) for one in self._flying]
        done += [Spoken(one.say.id, 0) for one in self._waiting]
        self._flying.clear()
        self._waiting.clear()
        return done

    def _whole(self, now: float) -> Spoken:
        sentence = self._flying.popleft()
        for later in self._flying:  # the next begins now
            later.due = max(later.due, now + self._patience(later))
            break
        return Spoken(sentence.say.id, len(sentence.say.text), sentence.started, now)


def _starts(flying: Sequence[_Sentence]) -> Iterable[int]:
    place = 0
    for sentence in flying:
        yield place
        place += len(sentence.words)


def _found(told: list[str], words: list[str], places: Iterable[int]) -> int | None:
    """Where the utterance ends, if it stands in our words from one of `places` on. A last word may be cut short."""
    for place in places:
        ours = words[place : place + len(told)]
        if len(ours) == len(told) and ours[:-1] == told[:-1] and ours[-1].startswith(told[-1]):
            return place + len(told) - (ours[-1] != told[-1])
    return None


def _tail(told: list[str], words: list[str], known: int) -> int | None:
    """Where its last words stand in ours."""
    tail = told[-_TAIL:]
    for place in range(known, len(words) - len(tail) + 1):
        if words[place : place + len(tail)] == tail:
            return place + len(tail)
    return None


def _by_time(flying: Sequence[_Sentence], after_ms: int | None) -> int:
    """How many words fit into the time, by an ordinary voice; none when there is no time either."""
    letters, place = (after_ms or 0) / 1000 * _VOICE, 0
    for sentence in flying:
        place += sum(end <= letters for end in sentence.ends)
        letters -= len(sentence.say.text)
        if letters <= 0:
            break
    return place
