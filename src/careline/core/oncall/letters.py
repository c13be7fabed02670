"""What a manager reads about a rota with nobody in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.oncall.script import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALARM = {
    "en": (
        "Nobody on call: {when}",
        "{practice} has nobody on call:\n\n{lines}\n\nPages go to whoever stands in. Put somebody there:\n{link}\n",
    ),
    "es": (
        "Nadie de guardia: {when}",
        "{practice} no tiene a nadie de guardia:\n\n{lines}\n\nLos avisos van a quien suple. Asigne a alguien:\n{link}\n",
    ),
}
_DIGEST = {
    "en": (
        "The rota has {count} to fill",
        "In the days ahead {practice} has nobody on call at these times:\n\n{lines}\n\nPut somebody there:\n{link}\n",
    ),
    "es": (
        "Guardias por cubrir: {count}",
        "En los próximos días {practice} no tiene a nadie de guardia a estas horas:\n\n{lines}\n\nAsigne a alguien:\n{link}\n",
    ),
}
_MOST = 40


def alarm(language: str, practice: str, when: str, lines: Sequence[str], link: str) -> Notice:
    return _filled(_ALARM, language, practice, lines, link, when)


def digest(language: str, practice: str, lines: Sequence[str], link: str) -> Notice:
    return _filled(_DIGEST, language, practice, lines, link, "")


def _filled(
    words: dict[str, tuple[str, str]], language: str, practice: str, lines: Sequence[str], link: str, when: str
) -> Notice:
    subject, body = words.get(language, words["en"])
    rest = [f"… {len(lines) - _MOST}"] if len(lines) > _MOST else []
    listed = "\n".join([*(f"- {line}" for line in lines[:_MOST]), *rest])
    count = f"{len(lines)} {'gap' if len(lines) == 1 else 'gaps'}" if language != "es" else str(len(lines))
    parts = {"practice": practice, "lines": listed, "link": link, "when": when, "count": count}
    return Notice(subject.format(**parts), body.format(**parts))
