"""What holds for every protocol, whatever is said: tried with facts drawn from each protocol's own questions and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from triage_shelf import library

from careline.core.clinical import Disposition, Fact, Facts, Reply
from careline.core.triage import Decision, Kind, Protocol, answer, decide, next_question, screen
from careline.core.triage.conditions import Condition, Truth, truth

LIB = library()
EVERY = sorted(LIB.protocols)
DANGERS = sorted(concept.name for concept in LIB.concepts.by_name.values() if concept.danger)
AGES = [0.05, 0.2, 0.5, 1.5, 5.0, 15.0, 30.0, 50.0, 66.0, 80.0]
quick = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def conditions(protocol: Protocol) -> list[Condition]:
    gates = [c for q in protocol.questions.values() for c in (q.as_condition, *q.applies, *q.when)]
    return [*(c for rule in protocol.rules for c in rule.conditions), *protocol.applies, *protocol.only, *gates]


def values(name: str, protocol: Protocol) -> st.SearchStrategy[Reply | float | str]:
    concept = LIB.concepts.get(name)
    if concept is None or concept.kind is Kind.FLAG:
        return st.sampled_from(list(Reply))
    if concept.kind is Kind.CHOICE:
        return st.sampled_from(concept.choices)
    bounds = [c for c in conditions(protocol) if c.concept == name]
    near = {float(value) for c in bounds for value in (c.number, c.number - c.step, c.number + c.step)}
    spread = {max(concept.low, 0.0), min(concept.high, 400.0), concept.normal or 0.0}
    return st.sampled_from(sorted(near | spread))


@st.composite
def situations(draw: st.DrawFn, protocol: Protocol) -> Facts:
    """Facts that start the protocol more often than not, near its numbers, with a few from elsewhere."""
    names = sorted({name for c in conditions(protocol) for name in c.concepts})
    known = {
        name: Fact(draw(values(name, protocol)))
        for name in draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    }
    if protocol.triggers:
        known[draw(st.sampled_from(protocol.triggers))] = Fact(Reply.YES)
    if draw(st.booleans()):
        known["age"] = Fact(draw(st.sampled_from(AGES)))
    known.update({name: Fact(Reply.YES) for name in draw(st.lists(st.sampled_from(DANGERS), max_size=1))})
    return Facts(known)


def urgent(one: Decision | Disposition, other: Decision | Disposition) -> bool:
    """Whether the first is at least as urgent as the second."""
    first = one.disposition if isinstance(one, Decision) else one
    return first.at_least(other.disposition if isinstance(other, Decision) else other)


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_there_is_always_a_disposition_and_the_same_one_again(name: str, data: st.DataObject) -> None:
    known = data.draw(situations(LIB.protocols[name]))
    backwards = Facts(dict(reversed(list(known.known.items()))))
    for final in (False, True):
        decision = decide(LIB, known, final=final)
        assert decision.disposition in Disposition
        assert repr(decision) == repr(decide(LIB, backwards, final=final))
        assert repr(decision) == repr(decide(library(), known, final=final))


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_a_red_flag_never_lowers(name: str, data: st.DataObject) -> None:
    known = data.draw(situations(LIB.protocols[name]))
    flag = data.draw(st.sampled_from(DANGERS))
    final = data.draw(st.booleans())
    before = decide(LIB, known, final=final)
    assert urgent(decide(LIB, known.having(flag, Fact(Reply.YES)), final=final), before)


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_no_symptom_lowers_by_being_so_or_by_being_in_doubt(name: str, data: st.DataObject) -> None:
    known = data.draw(situations(LIB.protocols[name]))
    flags = [c.name for c in LIB.concepts.by_name.values() if c.kind is Kind.FLAG and not c.reassuring]
    flag = data.draw(st.sampled_from(flags))
    ladder = [decide(LIB, known.having(flag, Fact(reply))) for reply in (Reply.NO, Reply.UNSURE, Reply.YES)]
    assert urgent(ladder[1], ladder[0])
    assert urgent(ladder[2], ladder[1])


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_silence_is_never_less_urgent_than_every_answer(name: str, data: st.DataObject) -> None:
    protocol = LIB.protocols[name]
    known = data.draw(situations(protocol))
    silent = decide(LIB, known, final=True)
    if name not in silent.started or not protocol.questions:
        return
    spec = data.draw(st.sampled_from(sorted(protocol.questions.values(), key=lambda q: q.key)))
    if spec.concept in known.known:
        return
    answers = [Fact(data.draw(values(spec.concept, protocol))) for _ in range(3)] + [Fact(Reply.NO), Fact(Reply.YES)]
    kind = LIB.concepts.get(spec.concept)
    if kind is not None and kind.kind is not Kind.FLAG:
        answers = answers[:3]
    least = max(
        (decide(LIB, known.having(spec.concept, fact), final=True) for fact in answers),
        key=lambda d: d.disposition.rank,
    )
    assert urgent(silent, least)


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_silence_has_the_consequence_each_open_rule_names(name: str, data: st.DataObject) -> None:
    protocol = LIB.protocols[name]
    known = data.draw(situations(protocol))
    asking = decide(LIB, known)
    question = next_question(LIB, known)
    if question is None or question.protocol != name or name not in asking.started:
        return
    silent = decide(LIB, known, final=True)
    yes = decide(LIB, known.having(question.concept, Fact(Reply.YES))) if question.kind is Kind.FLAG else None
    for rule in protocol.rules:
        fired = yes is not None and any(
            (hit.protocol, hit.rule, hit.unknown) == (name, rule.id, False) for hit in yes.fired
        )
        if fired and question.danger:
            assert urgent(silent, rule.then), rule.id
        elif fired and rule.unknown is not None:
            assert urgent(silent, rule.unknown), rule.id


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_a_practices_settings_never_lower(name: str, data: st.DataObject) -> None:
    protocol = LIB.protocols[name]
    known = data.draw(situations(protocol))
    keys = [f"{name}.{rule.id}" for rule in protocol.rules] + [f"{name}.otherwise"]
    tuned: dict[str, float | str] = {
        key: data.draw(st.sampled_from(list(Disposition))).value
        for key in data.draw(st.lists(st.sampled_from(keys), max_size=3))
    }
    tuned |= {key: data.draw(st.floats(-1e6, 1e6)) for key in LIB.settings}
    assert urgent(decide(LIB, known, settings=tuned), decide(LIB, known))


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_choosing_packs_never_leaves_a_danger_less_urgent(name: str, data: st.DataObject) -> None:
    known = Facts({data.draw(st.sampled_from(DANGERS)): Fact(Reply.YES), "age": Fact(data.draw(st.sampled_from(AGES)))})
    packs = data.draw(st.sets(st.sampled_from(sorted(LIB.protocols[name].packs or {"primary"})), min_size=1))
    assert urgent(decide(LIB, known, packs=packs), Disposition.WITHIN_24H)


@pytest.mark.parametrize("name", EVERY)
@quick
@given(data=st.data())
def test_every_interview_ends_and_never_lowers_on_the_way(name: str, data: st.DataObject) -> None:
    known = data.draw(situations(LIB.protocols[name]))
    asked: list[str] = []
    now = decide(LIB, known)
    for _ in range(60):
        waiting = screen(LIB, known)
        question = waiting[0] if waiting else next_question(LIB, known, asked)
        if question is None:
            return
        assert question.id not in asked
        asked.append(question.id)
        value = data.draw(values(question.concept, LIB.protocols[name]))
        known = answer(LIB, known, question, value)
        after = decide(LIB, known)
        background = question.kind is not Kind.FLAG or question.concept in LIB.concepts.by_name
        assert background or urgent(after, now), question.id
        now = after
    raise AssertionError(asked)


@pytest.mark.parametrize("name", EVERY)
def test_each_alternative_of_a_rule_fires_it_alone(name: str) -> None:
    """One case a rule is what the linter demands; a rule of ten alternatives has ten chances to be wrong."""
    protocol = LIB.protocols[name]
    for rule in protocol.rules:
        if rule.every:
            continue
        for condition in rule.conditions:
            for part in condition.parts or (None,):
                concept = condition.concept if part is None else part.concept
                known = {concept: Fact(Reply.YES)} | _making(protocol)
                assert truth(condition, known, {}) is Truth.TRUE
                decision = decide(LIB, Facts(known))
                fired = [hit for hit in decision.fired if (hit.protocol, hit.rule) == (name, rule.id)]
                assert fired or protocol.universal, (rule.id, concept)
                assert urgent(decision, rule.then), (rule.id, concept)


def _making(protocol: Protocol) -> dict[str, Fact]:
    """Background with which the protocol applies."""
    known: dict[str, Fact] = {}
    for condition in (*protocol.applies, *protocol.only):
        concept = condition.parts[0].concept if condition.parts else condition.concept
        inside = condition.number if condition.op == "at least" else condition.number - condition.step / 2
        choice = condition.choices[0] if condition.choices else Reply.YES
        kind = LIB.concepts.by_name[concept].kind
        known[concept] = Fact(inside if kind is Kind.NUMBER else choice)
    if len([c for c in protocol.only if c.concept == "age"]) and any(c.concept == "age" for c in protocol.applies):
        known["age"] = Fact(replace(protocol.only[0]).number - protocol.only[0].step / 2)
    return known
