"""One caller's turn understood: every language that occurs in it read, the readings joined, signs put together.

Work is bounded: very long turns are read in stretches, and what lies beyond the limit only at its end, so that a flood of
words neither stalls a call nor hides the sentence that matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core import toml
from careline.core.clinical import Finding, Presence, Quote
from careline.core.language import tokens as cutting
from careline.core.language.derive import Derivations, Known
from careline.core.language.lexicon import Lexicon
from careline.core.language.people import SELF
from careline.core.language.reading import Reader, Reading
from careline.core.language.second import SecondListener
from careline.core.language.values import Command, Context, Intent, Medicine, Understanding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from careline.core.language.people import Person

LONGEST_STRETCH = 220  # words
MOST_WORDS = 6000
PLAIN = 3  # tell-tale words that settle which language a turn is in
HOLDS = (Presence.PRESENT, Presence.UNCERTAIN)
_BREATH = frozenset({"breathless", "wheeze", "cough", "asthma", "inhaler_not_helping", "chest_pressure", "chest_pain"})


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Every language of a deployment, and the rules they share."""

    languages: Mapping[str, Lexicon]
    derivations: Derivations
    states: Mapping[str, str]  # a name of a state, or a large city in it -> its two letters
    second: SecondListener

    @classmethod
    def parse(
        cls, files: Mapping[str, Mapping[str, str]], shared: Mapping[str, str], vocabulary: Iterable[str] | None = None
    ) -> Lexicons:
        """`files`: language -> file name -> text. `shared`: medicines.toml (joined to every language), derive.toml
        and the second listener's weights."""
        known = frozenset(vocabulary) if vocabulary is not None else None
        apart = ("derive.toml", "states.toml", ".tsv")
        both = {name: text for name, text in shared.items() if not name.endswith(apart)}
        rules = [(name, text) for name, text in shared.items() if name.endswith("derive.toml")]
        languages = {code: Lexicon.parse(code, {**texts, **both}, known) for code, texts in files.items()}
        states: dict[str, str] = {}
        for name, text in shared.items():
            if name.endswith("states.toml"):
                for code, said in toml.parse(text, name).values["states"].items():
                    states.update({one.strip(): code for one in said.split(",")})
        weights = [(text, name) for name, text in shared.items() if name.endswith(".tsv")]
        second = SecondListener.parse(*weights[0]) if weights else SecondListener.silent()
        return cls(languages, Derivations.parse(*rules[0]) if rules else Derivations(), states, second)

    def medicines(self) -> Mapping[str, frozenset[str]]:
        """Every medicine by its generic name, with the risk classes it belongs to."""
        return next(iter(self.languages.values())).medicines.classes

    def get(self, language: str) -> Lexicon:
        """That language, or the first there is."""
        return self.languages.get(language) or next(iter(self.languages.values()))


def understand(lexicons: Lexicons, text: str, context: Context) -> Understanding:
    """Everything said in `text`, the caller's turn number `context.turn`."""
    raw = cutting.cut(text)
    scores = cutting.guess_language(raw, {code: lexicon.marks for code, lexicon in lexicons.languages.items()})
    chosen = _chosen(scores, context.language)
    readings: list[Reading] = []
    for stretch in _stretches(raw):
        told: list[Finding] = []  # what the language that was chiefly spoken says of each mention
        for code in chosen:
            reading = Reader(lexicons.languages[code], text, stretch, context).read()
            reading.findings = [finding for finding in reading.findings if not _contradicts(finding, told)]
            readings.append(reading)
            told = told or reading.findings
    return _join(lexicons, readings, context, _guess(scores), text)


def _chosen(scores: Mapping[str, int], language: str) -> list[str]:
    """Languages to read a turn in, the one chiefly spoken first: all that left a word in it, and the one spoken so far unless
    another is plain."""
    plain = max(scores.values()) >= PLAIN
    chosen = [code for code, score in scores.items() if score or (code == language and not plain)]
    return sorted(chosen or list(scores)[:1], key=lambda code: (-scores[code], code != language))


def _contradicts(finding: Finding, told: Sequence[Finding]) -> bool:
    """Whether the language chiefly spoken heard the same words, and did not mean them so: a word that looks alike in both
    ("convulsión") keeps the scope its own language gives it."""
    same = [
        one
        for one in told
        if one.concept == finding.concept
        and one.quote.start < finding.quote.end
        and finding.quote.start < one.quote.end
    ]
    return bool(same) and finding.presence in HOLDS and all(one.presence not in HOLDS for one in same)


def _guess(scores: Mapping[str, int]) -> str | None:
    best = max(scores, key=lambda code: scores[code])
    rest = max((score for code, score in scores.items() if code != best), default=0)
    return best if scores[best] >= 1 and scores[best] > rest else None


def _stretches(raw: cutting.Raw) -> list[cutting.Raw]:
    items = raw.items
    if len(items) > MOST_WORDS:
        items = items[: MOST_WORDS // 2] + items[-MOST_WORDS // 2 :]
    if len(items) <= LONGEST_STRETCH:
        return [cutting.Raw(items)] if items else []
    stretches: list[cutting.Raw] = []
    start = 0
    while start < len(items):
        end = min(start + LONGEST_STRETCH, len(items))
        if end < len(items):
            back = next(
                (at for at in range(end, max(start + 40, end - 120), -1) if items[at][4] != items[at - 1][4]), end
            )
            stretches.append(cutting.Raw(items[start:back]))
            start = back if back < end else end - 15
        else:
            stretches.append(cutting.Raw(items[start:end]))
            start = end
    return stretches


def _join(
    lexicons: Lexicons, readings: Sequence[Reading], context: Context, language: str | None, text: str
) -> Understanding:
    findings = _unique([finding for reading in readings for finding in reading.findings])
    patient = _patient(readings, context)
    sex = _sex(readings, patient)
    broken = _breathless(readings, findings, context, text)
    findings += [broken] if broken is not None else []
    findings, seen = _derived(lexicons.derivations, findings, context, sex)
    public = tuple(finding for finding in findings if not finding.concept.startswith("_"))
    relation = patient.relation if patient is not None and patient.relation else context.relation
    return Understanding(
        findings=public,
        intents=_intents(readings, public, lexicons.derivations.background),
        medicines=_unique_medicines(readings),
        commands=tuple(
            Command(match.target.name, quote, match.target.options.get("value", ""))
            for reading in readings
            for match, quote in reading.commands
        ),
        sex=sex,
        relation=relation,
        caller_is_patient=context.caller_is_patient if relation is None else relation == SELF,
        language=language,
        distress=max((reading.distress for reading in readings), default=0.0),
        seen=seen,
    )


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    """Without the same words read in two languages, or in two stretches that overlap; never more than a few a concept."""
    kept: list[Finding] = []
    counts: dict[tuple[str, Presence], int] = {}
    for finding in findings:
        key = (finding.concept, finding.presence)
        same = [one for one in kept if (one.concept, one.presence) == key]
        if counts.get(key, 0) >= 4 or any(
            one.quote.start < finding.quote.end and finding.quote.start < one.quote.end for one in same
        ):
            continue
        counts[key] = counts.get(key, 0) + 1
        kept.append(finding)
    return sorted(kept, key=lambda one: (one.quote.start, one.quote.end))


def _patient(readings: Sequence[Reading], context: Context) -> Person | None:
    counts: dict[str, int] = {}
    people: dict[str, Person] = {}
    for reading in readings:
        for person in reading.patients:
            if person.relation:
                counts[person.relation] = counts.get(person.relation, 0) + 1
                people.setdefault(person.relation, person)
    if not counts:
        return None
    if context.relation in counts:
        return people[context.relation or ""]
    return people[
        max(
            counts,
            key=lambda relation: (relation != SELF and counts[relation] >= counts.get(SELF, 0), counts[relation]),
        )
    ]


def _sex(readings: Sequence[Reading], patient: Person | None) -> str | None:
    if patient is not None and patient.sex:
        return patient.sex
    if (patient is not None and patient.relation == SELF) or patient is None:
        return next((sex for reading in readings for sex in reading.sexes), None)
    return next((person.sex for reading in readings for person in reading.patients if person.sex), None)


def _breathless(
    readings: Sequence[Reading], findings: Sequence[Finding], context: Context, text: str
) -> Finding | None:
    breaks = max((reading.breaks for reading in readings if reading.broken), default=0)
    if not breaks:
        return None
    holding = {finding.concept for finding in findings if finding.presence in HOLDS} | context.seen
    if (breaks >= 2 and holding) or _BREATH & holding:
        quote = Quote(context.turn, 0, len(text), text)
        return Finding("breathless_severe", Presence.PRESENT, quote)
    return None


def _derived(
    derivations: Derivations, findings: list[Finding], context: Context, sex: str | None
) -> tuple[list[Finding], frozenset[str]]:
    findings = list(findings)
    holding = {finding.concept: finding for finding in findings if finding.presence in HOLDS}
    for concept, finding in list(holding.items()):
        for inner in derivations.contained(concept):
            if inner not in holding:
                holding[inner] = _as(finding, inner)
                findings.append(holding[inner])
    age = next(
        (f.quantity.value for f in findings if f.concept == "age" and f.quantity and f.presence in HOLDS), context.age
    )
    for _ in range(3):
        known = Known(frozenset(holding) | context.seen, age, sex or context.sex, context.specialty)
        fired = [rule for rule in derivations.rules if rule.concept not in known.holds and rule.fires(known)]
        if not fired or not findings:
            break
        for rule in fired:
            basis = next((holding[part] for part in rule.parts if part in holding), findings[-1])
            for concept in (rule.concept, *derivations.contained(rule.concept)):
                if concept not in holding:
                    holding[concept] = _as(basis, concept)
                    findings.append(holding[concept])
    return findings, frozenset(holding) | context.seen


def _as(finding: Finding, concept: str) -> Finding:
    return Finding(
        concept, finding.presence, finding.quote, finding.subject, finding.onset_hours, finding.duration_hours,
        finding.course, finding.severity, finding.site, finding.side,
    )  # fmt: skip


def _intents(
    readings: Sequence[Reading], findings: Sequence[Finding], background: frozenset[str]
) -> tuple[Intent, ...]:
    intents: dict[str, Intent] = {}
    for reading in readings:
        medicine = {"medicine": reading.medicines[0][1].text} if reading.medicines else {}
        for match, quote, denied in reading.intents:
            kind = match.target.name
            critical = "critical" in match.target.options
            if denied and kind != "emergency_statement":
                continue
            if kind not in intents or (critical and not intents[kind].critical):
                intents[kind] = Intent(kind, quote, {**reading.slots, **medicine}, critical)
    symptoms = [f for f in findings if f.presence in HOLDS and f.quantity is None and f.concept not in background]
    if symptoms:
        intents["symptom"] = Intent("symptom", symptoms[0].quote)
    first = ("emergency_statement", "symptom")
    return tuple(sorted(intents.values(), key=lambda one: (one.kind not in first, one.quote.start)))


def _unique_medicines(readings: Sequence[Reading]) -> tuple[Medicine, ...]:
    found: dict[tuple[str, int], Medicine] = {}
    for reading in readings:
        for named, quote in reading.medicines:
            found.setdefault((named.name, quote.start), Medicine(named.name, named.classes, quote))
    return tuple(found.values())
