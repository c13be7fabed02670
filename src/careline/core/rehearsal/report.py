"""The rehearsal's report: figures for a reader, one JSON line per case for a machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from careline.core.clinical import Level

if TYPE_CHECKING:
    from careline.core.rehearsal.player import Played
    from careline.core.rehearsal.score import Score


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


def _figures(name: str, score: Score) -> list[str]:
    return [
        f"{name}: {len(score.scored)} cases",
        f"  emergency sensitivity      {score.sensitivity}",
        f"  unsafe under-triage        {score.unsafe}",
        f"  acceptable level           {score.acceptable}",
        f"  administrative escalated   {score.administrative_escalated}",
        f"  emergency raised in time   {score.in_time}",
    ]


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
