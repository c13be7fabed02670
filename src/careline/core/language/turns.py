"""How long a caller's quiet is waited out, by what was asked and by what they have said so far.

    asked yes/no or a menu      0.35 s          "um", "I think", "because"      1.2 s (whatever was asked)
    asked openly                1.2 s           "that's all", "thank you"       0.5 s
    a number, a date            1.2 s           all its digits are there        0.5 s

Nothing here decides what was meant: a wrong guess costs a moment of waiting, or lets somebody be heard in two turns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from careline.core.contact import Expect

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOSED_S, SHORTEST_S, QUESTION_S, LONGEST_S = 0.35, 0.5, 0.8, 1.2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CLOSED = (Expect.YES_NO, Expect.MENU)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


#: No sentence ends in these: whoever says one has more to say.
_GOES_ON: Mapping[str, frozenset[str]] = {
    "en": _words("""
        a an the my his her their our your its this these those and or but because cause so if when while since until than that
        which who with without for from to of in on at by about into onto over under between i we he she they you it's i'm
        he's she's they're we're is are was were am be been has have had do does did can could will would should may might must
        not very really just like also then maybe well um uh uhm er erm hmm mm think guess mean another some any every called
        named
    """),
    "es": _words("""
        un una unos unas el la los las mi mis su sus tu tus nuestro nuestra este esta estos estas y e o u pero porque pues si
        cuando mientras desde hasta que quien con sin para por de del al a en sobre entre yo nosotros él ella ellos usted es son
        era está están estoy soy ha he han tengo tiene puede puedo muy también entonces tal vez bueno este eh em mmm creo
        llama llamado
    """),
}
#: An answer to a closed question may end in them: "yes I do", "no it is not".
_ENDS_ANSWERS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "is are was were am have has had do does did can could will would should not really very is it he she they"
    ),
    "es": _words("es son está están estoy soy ha he tengo tiene puede muy también creo él ella"),
}
_DONE: Mapping[str, tuple[str, ...]] = {
    "en": ("thank you", "thanks", "that's all", "that is all", "that's it", "that's everything", "goodbye", "bye"),
    "es": ("gracias", "eso es todo", "es todo", "nada más", "adiós"),
}
_WHOLE: Mapping[str, frozenset[str]] = {
    "en": _words("yes yeah yep no nope correct right sure okay ok"),
    "es": _words("sí si no correcto claro vale ok"),
}
_DIGITS: Mapping[str, frozenset[str]] = {
    "en": _words("zero oh one two three four five six seven eight nine double triple"),
    "es": _words("cero uno dos tres cuatro cinco seis siete ocho nueve doble"),
}
#: A caller who only says these while we speak is listening, not interrupting.
_LISTENING: Mapping[str, frozenset[str]] = {
    "en": _words("mm hm mhm mmhm mmhmm hmm mmm uh huh uhhuh um ah oh okay ok yeah yes right sure i see alright"),
    "es": _words("mm hm mhm ajá aja ah oh eh sí si claro vale ok okay bueno ya"),
}
_MOST_LISTENING_WORDS = 3


def words_of(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]


def patience(kind: Expect, said: str, language: str) -> float:
    """Seconds of quiet that end the turn. `said` is empty while nothing is known of the words."""
    words = words_of(said)
    closed = kind in _CLOSED
    if not words:
        return CLOSED_S if closed else LONGEST_S
    if _over(words, language):
        return CLOSED_S if closed else SHORTEST_S
    if unfinished(words, language, reading=not closed):
        return LONGEST_S
    if closed:
        return CLOSED_S
    if kind in (Expect.DIGITS, Expect.DATE) and _digits(words, language) >= (10 if kind is Expect.DIGITS else 6):
        return SHORTEST_S
    return QUESTION_S if said.rstrip().endswith("?") else LONGEST_S


def unfinished(words: list[str], language: str, *, reading: bool) -> bool:
    """Whether more must come: the last word opens something, or a number is being read out."""
    if words[-1] in _GOES_ON.get(language, frozenset()):
        return reading or words[-1] not in _ENDS_ANSWERS.get(language, frozenset())
    last = words[-1]
    if not reading or not (last.isdigit() or last in _DIGITS.get(language, frozenset())):
        return False
    return _digits(words, language) not in (10, 11)


def listening(text: str, language: str) -> bool:
    """Whether this is the noise of somebody who listens ("mm-hm", "okay"), which takes no turn while we speak."""
    words = words_of(text)
    return len(words) <= _MOST_LISTENING_WORDS and all(word in _LISTENING.get(language, frozenset()) for word in words)


def _over(words: list[str], language: str) -> bool:
    text = " ".join(words)
    if len(words) <= 2 and all(word in _WHOLE.get(language, frozenset()) for word in words):
        return True
    return any(text == done or text.endswith(f" {done}") for done in _DONE.get(language, ()))


def _digits(words: list[str], language: str) -> int:
    named = _DIGITS.get(language, frozenset())
    return sum(len(word) if word.isdigit() else word in named for word in words)
