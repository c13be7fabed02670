"""What the closed ears can hear: the phrases, what each means, and how a decoder's words become a meaning.

A grammar hears nothing but its phrases, so the phrases people say *instead* of an answer are in it too, with no meaning: without
them "sure" is heard as "not sure", "hello" as "no" and "I can't breathe" as "not really".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careline.core.contact import Expect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Listen:
    """One stretch of speech: 8 kHz pcm16, what was asked, the words of a menu. OPEN is searched for red flags only."""

    pcm: bytes
    kind: Expect
    options: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Answer:
    """A meaning and how sure, or an empty text with confidence 0 when it was none of the phrases."""

    text: str
    confidence: float
    alarm: bool = False


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in listed.split("|"))


YES = _phrases("""
    yes | yeah | yep | yes please | yes i am | yes it is | yes he is | yes she is | yes i do | yes he does | yes she
    does | yes they are | yes i think so | yeah i think so | i think so | correct | that's right | that is right |
    uh huh
""")
NO = _phrases("""
    no | oh no | nope | no thanks | no thank you | no i'm not | no i am not | no it's not | no it is not | no it
    isn't | no he isn't | no she isn't | no i don't | no i do not | no he doesn't | no she doesn't | i don't think
    so | not really | not at all | none of that | never
""")
UNSURE = _phrases(
    "not sure | i'm not sure | i am not sure | i don't know | i do not know | maybe | i have no idea | no idea"
)
PERSON = _phrases("operator | a person | speak to a person | talk to a person | real person | a human")
AGAIN = _phrases("could you repeat that | repeat that | what did you say | say that again")
#: Said instead of an answer. Heard as themselves they are not taken for one.
OTHER = _phrases("""
    sure | hold on | wait | sorry | help me | please help me | i can't breathe | it hurts | my chest | my head | i
    said | can you hear me | nobody | my name is | where | i know | talk to the doctor | possibly | it depends |
    hard to say | could be | definitely | of course | i can't tell
""")
HESITATIONS = ("um",)

RED_FLAGS = _phrases("""
    can't breathe | cannot breathe | not breathing | hard to breathe | trouble breathing | short of breath | chest
    pain | chest hurts | pain in my chest | heart attack | having a stroke | face is drooping | slurred speech |
    can't move | kill myself | killing myself | end my life | want to die | suicide | passed out | unconscious |
    won't wake up | bleeding a lot | lot of blood | won't stop bleeding | overdose | too many pills | throat is
    closing | turning blue | seizure | choking | call an ambulance | nine one one | baby isn't moving | worst
    headache
""")
#: Keyphrase threshold as a power of ten, less one for each letter over eight: 20 found 74 % of spoken red-flag sentences of two
#: recorded voices (34 % of espeak's) and raised on 8 % of ordinary ones; 5 found 50 % and raised on 3 %.
RED_FLAG_POWER = 20

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def meanings(kind: Expect, options: Sequence[str]) -> Mapping[str, str]:
    """Every phrase of a question's grammar and what it means; empty for phrases that are no answer."""
    heard = dict.fromkeys(OTHER, "")
    heard |= dict.fromkeys(PERSON, "speak to a person") | dict.fromkeys(AGAIN, "repeat that")
    if kind is Expect.MENU:
        for number, option in zip(_NUMBERS, options, strict=False):
            heard |= {option.lower(): option, f"number {number}": option, f"option {number}": option}
        return heard
    return heard | dict.fromkeys(YES, "yes") | dict.fromkeys(NO, "no") | dict.fromkeys(UNSURE, "unsure")


def meaning(words: Sequence[str], heard: Mapping[str, str]) -> str:
    """What a decoder's words mean: those of the longest phrase they begin with, hesitations aside."""
    while len(words) > 1 and words[0] in HESITATIONS:
        words = words[1:]
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if phrase in heard:
            return heard[phrase]
    return ""


Arc = tuple[int, int, float, str]


def arcs(phrases: Sequence[str]) -> list[Arc]:
    """The grammar as a network for the decoder: state 0 begins, 1 ends, 2 follows a hesitation."""
    found: list[Arc] = [(0, 2, 0.005, hesitation) for hesitation in HESITATIONS]
    share, fresh = 1.0 / max(1, len(phrases)), 3
    for phrase in phrases:
        words, here = phrase.split(), -1
        for index, word in enumerate(words):
            there, fresh = (1, fresh) if index == len(words) - 1 else (fresh, fresh + 1)
            found += [(0, there, share, word), (2, there, share, word)] if index == 0 else [(here, there, 1.0, word)]
            here = there
    return found
