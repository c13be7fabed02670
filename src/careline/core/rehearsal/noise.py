"""Makes of what a caller says what a recogniser might have heard: words dropped, taken for others, and fillers let in.

The word error rate is met word by word: each word is wrong with that chance. Chance is an argument, so that a seed gives the same
noise on any day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from careline.core.rehearsal.case import Case

_FILLERS: Mapping[str, Sequence[str]] = {"en": ("uh", "um", "like", "you know"), "es": ("eh", "este", "pues", "o sea")}

#: Words that recognisers confuse on the telephone, in both directions.
_CONFUSED: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        ("pain", "pane"), ("chest", "chess"), ("heart", "hard"), ("breath", "breadth"), ("breathe", "breeze"), ("two", "to"),
        ("right", "write"), ("week", "weak"), ("faint", "feint"), ("throat", "float"), ("blood", "flood"), ("bleed", "plead"),
        ("seizure", "caesar"), ("dizzy", "busy"), ("sore", "soar"), ("hour", "our"), ("arm", "harm"), ("eye", "I"),
        ("see", "sea"), ("feel", "fill"), ("leg", "lag"), ("fever", "favor"), ("baby", "maybe"), ("numb", "none"),
    ),
    "es": (
        ("pecho", "hecho"), ("brazo", "abrazo"), ("dolor", "color"), ("sangre", "sangra"), ("cara", "clara"), ("boca", "poca"),
        ("pierna", "tierna"), ("ojo", "rojo"), ("fiebre", "liebre"), ("aire", "baile"), ("hace", "ase"), ("bebé", "bebe"),
    ),
}  # fmt: skip


def noisy(case: Case, rate: float, chance: Callable[[], float]) -> Case:
    """The same caller, heard with this word error rate (0 to 1). `chance` gives numbers from 0 to below 1."""
    says = tuple(_heard(turn, case.language, rate, chance) for turn in case.says)
    return replace(case, says=says)


def _heard(turn: str, language: str, rate: float, chance: Callable[[], float]) -> str:
    swaps = dict(_CONFUSED.get(language, ()))
    swaps |= {other: word for word, other in swaps.items()}
    fillers = _FILLERS.get(language, _FILLERS["en"])
    words: list[str] = []
    for word in turn.split():
        if chance() >= rate:
            words.append(word)
            continue
        kind, bare = chance(), word.lower().strip(".,!?;:")
        if bare in swaps and kind < 0.6:
            words.append(swaps[bare])
        elif kind < 0.5:
            continue
        elif kind < 0.75:
            words += [fillers[int(chance() * len(fillers))], word]
        else:
            words.append(_blurred(bare, chance))
    return " ".join(words) or turn


def _blurred(word: str, chance: Callable[[], float]) -> str:
    """One letter lost, as when a syllable is swallowed."""
    if len(word) < 4:
        return word
    at = 1 + int(chance() * (len(word) - 2))
    return word[:at] + word[at + 1 :]
