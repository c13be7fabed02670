"""What a person reads or hears first about a contact: at most 20 seconds, always in the same order.

Urgency, age, weeks pregnant, reason in the caller's words, danger answers, number: built from coded findings, with the
caller's own words quoted untranslated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.clinical import Disposition, Fact, Reply
from careline.core.dialogue.deeds import RuleFired, Summary, TriageRecord
from careline.core.people import Private

if TYPE_CHECKING:
    from careline.core.dialogue.state import Setup, State

_MOST_REASON = 240
#: Characters that the voice speaks in 20 seconds, measured with the embedded one; and those the caller's words get in any case.
_MOST_BRIEF, _LEAST_REASON = 230, 60
_MOST_CONCEPTS = 5


def disposition(state: State) -> Disposition:
    """What the contact stands at: triage's decision, raised where the dialogue knows less than it should."""
    decided = state.decision.disposition if state.decision else Disposition.ADMINISTRATIVE
    if any(errand.intent.critical for errand in state.errands):  # a result that cannot wait, whoever brings it
        return decided if decided.at_least(Disposition.CLINICIAN_NOW) else Disposition.CLINICIAN_NOW
    unsure = state.alarm or state.worse or state.has("health unclear") or state.has("free speech")
    if state.symptomatic and unsure:  # a second call about something that got worse is a person's to judge
        return decided if decided.at_least(Disposition.CLINICIAN_NOW) else Disposition.CLINICIAN_NOW
    return decided


def reason(state: State, most: int = _MOST_REASON) -> str:
    """The caller's own words, shortened at a word."""
    text = " ".join(turn.strip() for turn in state.open_turns if turn.strip())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def summary(setup: Setup, state: State) -> Summary:
    return Summary(
        identity=state.identity,
        reason=Private(reason(state)),
        brief=Private(_brief(setup, state)),
        disposition=disposition(state),
        language=state.language,
        age_years=state.facts.number("age"),
        pregnant_weeks=state.facts.number("pregnant_weeks"),
        thread=state.thread,
        worse=state.worse,
    )


def triage_record(state: State, *, complete: bool) -> TriageRecord:
    fired = state.decision.fired if state.decision else ()
    return TriageRecord(
        disposition=disposition(state),
        findings=state.findings,
        asked=state.asked,
        fired=tuple(
            RuleFired(
                rule.protocol,
                rule.version,
                rule.hash,
                rule.rule,
                rule.disposition,
                tuple(f"{source.title} ({source.licence}) {source.url}" for source in rule.because),
                rule.quotes,
            )
            for rule in fired
        ),
        complete=complete,
    )


def _brief(setup: Setup, state: State) -> str:
    """The caller's words get the time that the rest leaves them."""
    before, after = _before(state), _after(setup, state)
    if not state.open_turns:
        return "; ".join([*before, "no words understood; listen to the recording", *after])
    left = _MOST_BRIEF - sum(len(part) + 2 for part in (*before, *after))
    return "; ".join([*before, f"\u201c{reason(state, max(_LEAST_REASON, left))}\u201d", *after])


def _before(state: State) -> list[str]:
    parts = [disposition(state).replace("_", " ").upper()]
    if state.thread:
        parts.insert(0, "WORSE, CALLED AGAIN" if state.worse else "CALLED AGAIN")
    age = state.facts.number("age")
    if age is not None:
        parts.append(f"age {age:g}" if age >= 2 else f"age {age * 12:.0f} months")
    weeks = state.facts.number("pregnant_weeks")
    if weeks is not None:
        parts.append(f"{weeks:g} weeks pregnant")
    return parts


def _after(setup: Setup, state: State) -> list[str]:
    dangers = [name for name, fact in state.facts.known.items() if _danger(setup, name, fact)]
    named = ", ".join(name.replace("_", " ") for name in dangers[:_MOST_CONCEPTS])
    number = state.identity.callback_number
    parts = (f"yes to: {named}" if named else "", f"call back {_spoken(number.reveal())}" if number else "")
    return [part for part in parts if part]


def _spoken(number: str) -> str:
    """Digit by digit, in groups as they are written down: "2 1 2, 5 5 5, 0 1 2 3"."""
    digits = [letter for letter in number if letter.isdigit()][-10:]
    groups = (digits[:-7], digits[-7:-4], digits[-4:])
    return ", ".join(" ".join(group) for group in groups if group)


def _danger(setup: Setup, name: str, fact: Fact) -> bool:
    concept = setup.library.concepts.get(name)
    return fact.value in (Reply.YES, Reply.UNSURE) and concept is not None and concept.danger
