"""Reads one stretch of words in one language: everything that was found there, with its scope decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from careline.core.clinical import Finding, Presence, Quantity, Quote
from careline.core.language import delivery, details
from careline.core.language import tokens as cutting
from careline.core.language.matching import Match, find
from careline.core.language.medicines import Named, find_medicines
from careline.core.language.numbers import find_numbers
from careline.core.language.patterns import Target
from careline.core.language.people import SELF, People, Person
from careline.core.language.quantities import UNITS, find_quantities
from careline.core.language.scope import Scene
from careline.core.language.times import find_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.index import ConceptTraits
    from careline.core.language.lexicon import Lexicon
    from careline.core.language.quantities import Measured
    from careline.core.language.tokens import Raw
    from careline.core.language.values import Context

RISKS = frozenset(
    {"anticoagulant", "insulin", "chemo", "methotrexate", "lithium", "opioid", "steroid", "immunotherapy"}
)
_MENTIONS = ("present", "absent", "past")
MOST_PER_CONCEPT = 4


@dataclass(slots=True)
class Reading:
    """What one stretch gave. `patients` counts whose body the live mentions were of."""

    findings: list[Finding] = field(default_factory=list[Finding])
    medicines: list[tuple[Named, Quote]] = field(default_factory=list[tuple[Named, Quote]])
    intents: list[tuple[Match, Quote, bool]] = field(default_factory=list[tuple[Match, Quote, bool]])
    commands: list[tuple[Match, Quote]] = field(default_factory=list[tuple[Match, Quote]])
    slots: dict[str, str] = field(default_factory=dict[str, str])
    patients: list[Person] = field(default_factory=list[Person])
    named: list[Person] = field(default_factory=list[Person])
    sexes: list[str] = field(default_factory=list[str])
    breaks: int = 0
    broken: bool = False
    distress: float = 0.0


class Reader:
    """One stretch, one language. `read` is the only thing to call."""

    def __init__(self, lexicon: Lexicon, text: str, raw: Raw, context: Context) -> None:
        self.lexicon = lexicon
        self.text = text
        self.context = context
        broken = delivery.may_be_broken(raw)
        self.tokens = cutting.arrange(text, raw, lexicon.normaliser, broken)
        self.numbers = find_numbers(self.tokens, lexicon.numbers)
        self.times = find_times(self.tokens, self.numbers, lexicon.times)
        self.matches = find(lexicon.index, self.tokens, self.numbers, self.times)
        self.matches = [match for match in self.matches if self._number_fits(match)]
        self._names()
        self.scene = Scene(self.tokens, self.matches, lexicon.traits)
        self.people = People(self.scene, self.matches, context, lexicon.traits)
        self.result = Reading(broken=broken)

    def _number_fits(self, match: Match) -> bool:
        """Whether the number in a cue lies within the bounds its line gives ("in 2016" is a year, "in 2 minutes" is not)."""
        options = match.target.options
        if match.target.kind == "quantity" or ("min" not in options and "max" not in options):
            return True
        low, high = float(options.get("min", 0)), float(options.get("max", 1e9))
        return any(low <= n.value <= high for n in self.numbers if (n.start, n.end) in match.spans)

    def _names(self) -> None:
        """A capitalised word after "Doctor" or "Mrs." is a name, whatever it sounds like."""
        tokens = self.tokens
        for at in range(len(tokens) - 1):
            if tokens.words[at] in self.lexicon.titles and tokens.capital[at + 1] and not tokens.comma[at + 1]:
                self.matches.append(Match(Target("cue", "name"), at, at + 2, ((at, at + 2),)))
        for named in [match for match in self.matches if match.target.name == "named"]:
            end = named.end
            while end < min(len(tokens), named.end + 3) and tokens.capital[end] and not tokens.comma[end]:
                end += 1
            if end > named.end:
                self.matches.append(Match(Target("cue", "name"), named.start, end, ((named.start, end),)))

    def read(self) -> Reading:
        result = self.result
        measured = find_quantities(self.tokens, self.matches, self.numbers, self.times)
        taken = [one.match for one in measured]
        for one in measured:
            self._quantity(one)
        self._mentions(taken)
        self._medicines()
        for match in _longest(self.matches, "intent"):
            if not self._inside("administrative_name", match):
                result.intents.append((match, self.quote(match), self.scene.before("negation", match)))
        for match in _longest(self.matches, "command"):
            result.commands.append((match, self.quote(match)))
        self._background()
        return result

    def quote(self, match: Match | Named) -> Quote:
        start, end = self.tokens.quote(match.start, match.end)
        return Quote(self.context.turn, start, end, self.text[start:end])

    # ---- findings

    def _mentions(self, taken: Sequence[Match]) -> None:
        mentions = [match for match in self.matches if self._counts(match)]
        mentions = _uncovered(_outermost(mentions), self.lexicon.traits)
        for match in mentions:
            self._mention(match, mentions, taken)

    def _mention(self, match: Match, others: Sequence[Match], taken: Sequence[Match]) -> None:
        owner = self.people.owner(match)
        presence = self._presence(match, others, owner)
        self._add(match.target.name, presence, match, owner, taken)
        trait = self.lexicon.traits.get(match.target.name)
        if presence is Presence.PAST and trait is not None and trait.past_is:
            self._add(trait.past_is, Presence.PRESENT, match, owner, taken)

    def _counts(self, match: Match) -> bool:
        """Whether this is a mention at all: no idiom, and nothing like "breathing isn't fine" among the reassuring ones."""
        if match.target.kind not in _MENTIONS or self.scene.swallowed(match):
            return False
        return match.target.kind != "absent" or not any(self._between(cue, match) for cue in self.scene.every_not)

    def _presence(self, match: Match, others: Sequence[Match], owner: Person | None) -> Presence:
        inner = self._inner_denial(match)
        if match.target.kind == "absent":
            return Presence.OTHER if self.people.elsewhere(match, owner) else Presence.ABSENT
        if self.people.elsewhere(match, owner):
            return Presence.OTHER
        return inner or self.scene.presence(match, others)

    def _inner_denial(self, match: Match) -> Presence | None:
        """A "not" between the parts of a mention ("my chest does not hurt")."""
        if len(match.spans) < 2:
            return None
        for cue in self.scene.cues.get("negation", ()):
            if self._between(cue, match):
                following = next((span[0] for span in match.spans if span[0] >= cue.end), match.end - 1)
                return Presence.UNCERTAIN if any(self.tokens.comma[cue.end : following + 1]) else Presence.ABSENT
        return None

    @staticmethod
    def _between(cue: Match, match: Match) -> bool:
        """Whether a cue stands in a gap of a mention, not in one of its parts."""
        inside = match.start < cue.start and cue.end < match.end
        return inside and not any(_overlap(cue, span) for span in match.spans)

    def _add(
        self, concept: str, presence: Presence, match: Match, owner: Person | None, taken: Sequence[Match],
        quantity: Quantity | None = None,
    ) -> None:  # fmt: skip
        same = [f for f in self.result.findings if f.concept == concept]
        if len(same) >= MOST_PER_CONCEPT:
            return
        quote = self.quote(match)
        if any(f.presence is presence and f.quote.start <= quote.start and quote.end <= f.quote.end for f in same):
            return
        onset, duration = details.timing(self.scene, match, self.times, taken)
        self.result.findings.append(
            Finding(
                concept, presence, quote, self.people.subject(owner, presence), onset, duration,
                details.course(self.scene, match), details.severity(self.scene, match),
                details.site(self.scene, match), details.side(self.scene, match), quantity,
            )
        )  # fmt: skip
        if presence in (Presence.PRESENT, Presence.UNCERTAIN) and owner is not None:
            self.result.patients.append(owner)

    def _quantity(self, one: Measured) -> None:
        if self.scene.swallowed(one.match):
            return
        owner = self.people.owner(one.match)
        presence = Presence.OTHER if self.people.elsewhere(one.match, owner) else Presence.PRESENT
        if presence is Presence.PRESENT and self.scene.before("hypothetical", one.match):
            presence = Presence.HYPOTHETICAL
        quantity = Quantity(one.value, UNITS[one.concept])
        self._add(one.concept, presence, one.match, owner, [one.match], quantity)

    def _medicines(self) -> None:
        lexicon = self.lexicon
        known = frozenset(lexicon.normaliser.speller.known) if lexicon.normaliser.speller else frozenset[str]()
        for named in find_medicines(self.tokens, lexicon.medicines, known):
            self.result.medicines.append((named, self.quote(named)))
            for risk in sorted(named.classes & RISKS):
                match = Match(Target("present", risk), named.start, named.end, ((named.start, named.end),))
                if not self.scene.swallowed(match):
                    self._mention(match, (), ())

    # ---- around

    def _inside(self, name: str, match: Match) -> bool:
        return any(cue.start <= match.start and match.end <= cue.end for cue in self.scene.cues.get(name, ()))

    def _background(self) -> None:
        result, cues = self.result, self.scene.cues
        result.named = [person for person in self.people.named if person.relation != SELF]
        for cue in cues.get("calling_for", []):
            result.patients += [p for p in result.named if 0 <= p.at - cue.end <= 2] * 3
        result.sexes = [sex for sex in ("female", "male") for _ in cues.get(sex, ())]
        for name in ("when", "what", "pharmacy"):
            for cue in cues.get(name, []):
                result.slots.setdefault(name, self.quote(cue).text)
        result.breaks = delivery.breaks(self.scene) if result.broken else 0
        result.distress = delivery.distress(self.text, cues.get("distress", []))


def _overlap(cue: Match, span: tuple[int, int]) -> bool:
    return cue.start < span[1] and span[0] < cue.end


def _outermost(mentions: Sequence[Match]) -> list[Match]:
    """Of mentions of one concept that contain each other, the widest: it holds the caller's whole phrase."""
    by_concept: dict[str, list[Match]] = {}
    for match in sorted(mentions, key=lambda one: (one.start - one.end, one.start, one.target.kind)):
        kept = by_concept.setdefault(match.target.name, [])
        if not any(wider.start <= match.start and match.end <= wider.end for wider in kept):
            kept.append(match)
    return sorted((match for kept in by_concept.values() for match in kept), key=lambda one: (one.start, one.end))


def _uncovered(mentions: Sequence[Match], traits: Mapping[str, ConceptTraits]) -> list[Match]:
    """Without what a wider mention explains: "nearly fainted" is not "fainted"."""
    covering = [match for match in mentions if match.target.name in traits and traits[match.target.name].covers]
    return [
        match
        for match in mentions
        if not any(
            match.target.name in traits[wide.target.name].covers and wide.start <= match.start and match.end <= wide.end
            for wide in covering
        )
    ]


def _longest(matches: Sequence[Match], kind: str) -> list[Match]:
    """Matches of a kind that no longer match of the same name covers."""
    kept: list[Match] = []
    for match in sorted(
        (m for m in matches if m.target.kind == kind), key=lambda one: (one.start - one.end, one.start)
    ):
        same = [wider for wider in kept if wider.target.name == match.target.name]
        if not any(wider.start <= match.start and match.end <= wider.end for wider in same):
            kept.append(match)
    return sorted(kept, key=lambda one: one.start)
