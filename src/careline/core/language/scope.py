"""Decides what a mention means: present, denied, long past, feared, only imagined, or somebody else's.

Everything here leans one way: a mention is PRESENT unless something in its own clause says otherwise, a denial that reaches
it only across "and" or a comma makes it UNCERTAIN, and words that merely contain a "not" ("won't stop", "can't") deny nothing.
The cues are data (`[cues]`); which clause they govern is decided here, the same way for every language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.clinical import Presence
from careline.core.language.quantities import stops

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.index import ConceptTraits
    from careline.core.language.matching import Match
    from careline.core.language.tokens import Tokens

REACH = 8  # words a denial reaches
SWALLOWING = ("figurative", "administrative", "name")
_UNTOUCHED = ("pseudo", *SWALLOWING)


class Scene:
    """The cues of one stretch of words, ready to be asked about mentions in it."""

    def __init__(self, tokens: Tokens, matches: Sequence[Match], traits: Mapping[str, ConceptTraits]) -> None:
        self.tokens = tokens
        self.traits = traits
        self.cues: dict[str, list[Match]] = {}
        for match in matches:
            if match.target.kind == "cue":
                self.cues.setdefault(match.target.name, []).append(match)
        pseudo = self.cues.get("pseudo", [])
        self.every_not = list(self.cues.get("negation", []))  # also those that deny nothing
        for name, found in self.cues.items():
            if name not in _UNTOUCHED:
                found[:] = [cue for cue in found if not _inside_any(cue, pseudo)]
            found.sort(key=lambda cue: (cue.start, -cue.end))
        self.clause = self._clauses()
        self.listing = {cue.start for cue in self.cues.get("or", [])}
        self.joining = {cue.start for cue in self.cues.get("and", [])}

    def _clauses(self) -> list[int]:
        """A number per word; it grows where a new clause begins."""
        tokens = self.tokens
        subjects = {cue.start for cue in self.cues.get("subject", [])}
        joins = {cue.start for cue in self.cues.get("and", [])}
        turns = {cue.start for cue in self.cues.get("boundary", [])}
        clause: list[int] = []
        number = 0
        for at in range(len(tokens)):
            new_sentence = at > 0 and tokens.sentence[at] != tokens.sentence[at - 1]
            if (
                (new_sentence and (not tokens.broken or at in subjects or self._last_of_sentence_is_long(at)))
                or at in turns
                or (at in subjects and at > 0 and (tokens.comma[at] or at - 1 in joins))
            ):
                number += 1
            clause.append(number)
        return clause

    def _last_of_sentence_is_long(self, at: int) -> bool:
        sentence = self.tokens.sentence
        return at >= 6 and sentence[at - 6] == sentence[at - 1]

    def swallowed(self, match: Match) -> bool:
        """Whether the words (pronouns and the like aside) are part of an idiom, a name or an administrative phrase."""
        start = match.start
        while start < match.end - 1 and self.tokens.before[start] == self.tokens.after[start]:
            start += 1
        return any(
            cue.start <= start and match.end <= cue.end for name in SWALLOWING for cue in self.cues.get(name, ())
        )

    def near(self, name: str, match: Match) -> list[Match]:
        """Cues of a kind in the clause of a mention."""
        clause = self.clause[match.start]
        last = self.clause[match.end - 1]
        return [cue for cue in self.cues.get(name, ()) if clause <= self.clause[cue.start] <= last]

    def before(self, name: str, match: Match) -> bool:
        """Whether such a cue stands before a mention in its clause, outside the mention itself."""
        return any(cue.start < match.start and not _within(cue, match) for cue in self.near(name, match))

    def presence(self, match: Match, others: Sequence[Match]) -> Presence:
        """Of a mention that belongs to the patient. `others` are all mentions of the stretch (they end lists)."""
        trait = self.traits.get(match.target.name)
        sure = "sure" in match.target.options or (trait is not None and trait.sure)
        if not sure:
            if self.before("hypothetical", match):
                return Presence.HYPOTHETICAL
            diagnosis = trait is not None and trait.diagnosis
            if self.before("feared_future", match) or (diagnosis and self.before("feared", match)):
                return Presence.FEARED
        denial = Presence.ABSENT if self._denied_after(match) else self._denied(match, others)
        if denial is not None:
            return denial
        if match.target.kind == "past" or ("sure" not in match.target.options and self._past(match)):
            return Presence.PAST
        if self.before("uncertain", match):
            return Presence.UNCERTAIN
        return Presence.PRESENT

    def _past(self, match: Match) -> bool:
        return any(not _within(cue, match) for cue in self.near("past", match)) and not self.near("again", match)

    def _denied(self, match: Match, others: Sequence[Match]) -> Presence | None:
        tokens = self.tokens
        for cue in reversed(self.cues.get("negation", [])):
            if cue.end > match.start or self.clause[cue.start] != self.clause[match.start]:
                continue
            if tokens.before[match.start] - tokens.after[cue.end - 1] > REACH or self._only_a_reply(cue):
                continue
            between = range(cue.end, match.start + 1)
            commas = [at for at in between if tokens.comma[at]]
            joined = [at for at in between if at in self.joining]
            earlier = any(cue.end <= other.start and other.end <= match.start for other in others)
            if not commas and not joined and not earlier:
                return Presence.ABSENT
            if self._in_list(cue.end, match):
                return Presence.ABSENT
            return Presence.UNCERTAIN if commas[:1] != [cue.end] or not earlier else None
        return None

    def _denied_after(self, match: Match) -> bool:
        """ "Fiebre no tiene, ampollas tampoco": what is denied stands first in its clause, and nothing more follows."""
        tokens = self.tokens
        at = match.start
        if at > 0 and not tokens.comma[at] and at - 1 not in self.joining and not stops(tokens, at):
            return False
        return any(
            cue.start >= match.end
            and tokens.before[cue.start] == tokens.after[match.end - 1]
            and (stops(tokens, cue.end) or cue.end in self.joining)
            for cue in self.cues.get("denied_after", ())
        )

    def _only_a_reply(self, cue: Match) -> bool:
        """ "No, he's …" and "no my chest …": an answer, not a denial of what follows."""
        fresh = {found.start for found in self.cues.get("fresh", [])}
        return cue.end in fresh

    def _in_list(self, start: int, match: Match) -> bool:
        """ "no fever, cough or chest pain": everything up to the word after "or" is denied."""
        clause = self.clause[match.start]
        return any(
            at in self.listing and self.clause[at] == clause
            for at in range(start, min(len(self.tokens), match.end + 8))
        )


def _inside_any(cue: Match, wider: Sequence[Match]) -> bool:
    return any(other.start <= cue.start and cue.end <= other.end and other is not cue for other in wider)


def _within(cue: Match, match: Match) -> bool:
    return match.start <= cue.start and cue.end <= match.end
