"""Whose body a mention speaks of, and who the patient of this contact is.

The call is about whoever is ill now. A relative who merely reports ("my husband says"), is cared for elsewhere, or was ill
long ago is not the patient; a child or spouse with a live symptom is, whoever holds the telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.clinical import Presence, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from careline.core.language.index import ConceptTraits
    from careline.core.language.matching import Match
    from careline.core.language.scope import Scene
    from careline.core.language.values import Context

CLOSE = frozenset({"child", "spouse", "grandchild"})
SELF = "self"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named by relation ("my son"), by a pronoun (relation "") or the caller (`SELF`)."""

    relation: str
    sex: str | None = None
    group: str = ""
    at: int = 0


class People:
    """The persons of one stretch of words."""

    def __init__(
        self, scene: Scene, matches: Sequence[Match], context: Context, traits: Mapping[str, ConceptTraits]
    ) -> None:
        self.scene = scene
        self.context = context
        self.traits = traits
        mentions = [match for match in matches if match.target.kind == "person" and not scene.swallowed(match)]
        mentions = [one for one in mentions if not any(_covers(two, one) for two in mentions)]
        self.mentions = sorted(mentions, key=lambda match: match.start)
        self.named = [self._person(match) for match in self.mentions if match.target.options.get("group") != "pronoun"]
        self.first_person = any(match.target.name == SELF for match in self.mentions)

    def _person(self, match: Match) -> Person:
        options = match.target.options
        relation = "" if options.get("group") == "pronoun" else match.target.name
        return Person(relation, options.get("sex"), options.get("group", ""), match.start)

    def owner(self, match: Match) -> Person | None:
        """The person last named before a mention, in its clause or (failing that) in an earlier one; None when nobody was."""
        best: Match | None = None
        for mention in self.mentions:
            if mention.start >= match.end:
                break
            inside = mention.start > match.start
            if not self._reports(mention) and not (inside and best is not None and mention.target.name == SELF):
                best = mention
        if best is None:
            return None
        person = self._person(best)
        return self._resolve(person, best) if person.group == "pronoun" else person

    def _resolve(self, person: Person, mention: Match) -> Person:
        """A pronoun stands for the last person named before it, where the sex allows."""
        earlier = [one for one in self.named if one.at < mention.start and one.relation != SELF]
        for one in reversed(earlier):
            if one.sex in (None, person.sex) or person.sex is None:
                return one
        return person

    def _reports(self, mention: Match) -> bool:
        """ "my husband says", "the doctor told me": the words that follow are not about him."""
        if mention.target.name == SELF:
            return False
        after = self.scene.tokens.after[mention.end - 1]
        return any(
            cue.start >= mention.end and self.scene.tokens.before[cue.start] - after <= 1
            for cue in self.scene.cues.get("reports", ())
        )

    def elsewhere(self, match: Match, owner: Person | None) -> bool:
        """Whether a mention is of someone who is not the patient of this contact."""
        scene = self.scene
        if scene.near("fiction", match):
            return True
        if owner is None or owner.relation == SELF:
            return False
        if owner.relation and owner.relation == self.context.relation:
            return False
        if owner.relation and scene.near("other", match):
            return True
        trait = self.traits.get(match.target.name)
        disease = trait is not None and trait.diagnosis and "sure" not in match.target.options
        self_is_patient = self.context.caller_is_patient or self.first_person
        if not disease or not owner.relation or owner.group in CLOSE or not self_is_patient:
            return False
        return not scene.near("recent", match)

    def subject(self, owner: Person | None, presence: Presence) -> Subject:
        """Caller, patient or other, as far as words tell."""
        if presence is Presence.OTHER:
            return Subject.OTHER
        if owner is None:
            return Subject.PATIENT if self.context.caller_is_patient is False else Subject.CALLER
        return Subject.CALLER if owner.relation == SELF else Subject.PATIENT


def _covers(wider: Match, one: Match) -> bool:
    return (
        wider is not one
        and wider.start <= one.start
        and one.end <= wider.end
        and wider.end - wider.start > one.end - one.start
    )
