"""The rehearsal's report: figures for a reader, one JSON line per case for a machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from careline.core.clinical import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.rehearsal.player import Played
    from careline.core.rehearsal.score import Score, Scored, Share


def text(score: Score) -> str:
    """Figures overall and by language, the confusion matrix, and every miss with the words that were missed."""
    lines = [*_figures("all", score)]
    languages = sorted({item.case.language for item in score.scored})
    for language in languages if len(languages) > 1 else []:
        lines += _figures(language, score.only(language))
    lines += ["", *_matrix(score), "", *_misses(score)]
    return "\n".join(lines)


def json_line(played: Played) -> str:
    """`id, level, disposition, turn, protocol, rule, evidence, questions_asked, intents`."""
    first = played.fired[0] if played.fired else None
    return json.dumps(
        {
            "id": played.id,
            "level": played.level,
            "disposition": played.disposition,
            "turn": played.turn,
            "protocol": first.protocol if first else None,
            "rule": first.rule if first else None,
            "evidence": [quote.text for rule in played.fired for quote in rule.quotes],
            "questions_asked": [asked.question for asked in played.asked],
            "intents": list(played.intents),
        },
        ensure_ascii=False,
    )


def markdown(sets: Mapping[str, Score], noise: Mapping[str, Share]) -> str:
    """The safety page: figures of each set, how noise changes them, the confusion, and every miss of the sets one may read.
    Misses of frozen sets are listed by id alone, so that reading the page tunes nobody."""
    lines = [_HEAD]
    for name, score in sets.items():
        lines += ["", f"## {name}", "", "| figure | cases |", "|---|---|"]
        lines += [f"| {label} | {share} |" for label, share in _shares(score)]
        lines += ["", "```", *_matrix(score), "```"]
    if noise:
        lines += [
            "",
            "## With simulated recognition errors",
            "",
            _NOISE,
            "",
            "| set and word error rate | sensitivity |",
            "|---|---|",
        ]
        lines += [f"| {name} | {share} |" for name, share in noise.items()]
    for name, score in sets.items():
        lines += ["", f"## Misses: {name}", ""]
        if "frozen" in name:
            lines.append(", ".join(f"{item.case.id} ({item.miss})" for item in score.misses) or "none")
        else:
            lines += [f"* `{item.case.id}` {item.miss}: {_case(item)}" for item in score.misses] or ["none"]
    return "\n".join(lines) + "\n"


_HEAD = """# How safe the triage is, measured

Written by `careline rehearse … --report docs/triage-safety.md`; do not edit. What the sets are stands in
tests/rehearsals/README.md. All protocols are drafts that no clinician has signed, and the expected levels are their authors'
judgement. Shares come with 95 % Wilson intervals. *Emergency sensitivity* counts every case whose expected level is emergency,
whatever else was acceptable; *unsafe under-triage* is a level below every acceptable one."""

_NOISE = """Each open case of level emergency, heard with words dropped, confused, blurred and filled in (fixed seed). Share that
still reaches emergency among those that did without noise."""


def _shares(score: Score) -> list[tuple[str, Share]]:
    return [
        ("emergency sensitivity", score.sensitivity),
        ("unsafe under-triage", score.unsafe),
        ("acceptable level", score.acceptable),
        ("administrative escalated", score.administrative_escalated),
        ("emergency raised in time", score.in_time),
    ]


def _case(item: Scored) -> str:
    words = " / ".join(item.case.says)
    return f"expected {item.case.expect.level}, got {item.played.level} ({item.played.disposition}) — {words}"


def _figures(name: str, score: Score) -> list[str]:
    return [f"{name}: {len(score.scored)} cases", *(f"  {label:<27}{share}" for label, share in _shares(score))]


def _matrix(score: Score) -> list[str]:
    counts = score.matrix
    head = "expected \\ given".ljust(18) + "".join(level.rjust(12) for level in Level)
    rows = [wanted.ljust(18) + "".join(str(counts[wanted, given]).rjust(12) for given in Level) for wanted in Level]
    return [head, *rows]


def _misses(score: Score) -> list[str]:
    if not score.misses:
        return ["no misses"]
    rows = [f"{len(score.misses)} misses"]
    for item in score.misses:
        rule = item.played.fired[0] if item.played.fired else None
        because = f" by {rule.protocol}/{rule.rule}" if rule else ""
        rows.append(
            f"  {item.case.id}: {item.miss}: expected {item.case.expect.level}, got {item.played.level}"
            f" ({item.played.disposition}{because}) — {' / '.join(item.case.says)}"
        )
    return rows
