"""What a paged clinician hears and reads. Nothing here is of the patient: the brief comes after the PIN, or after signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PHONE = {
    "en": (
        (
            "This is Careline for {practice}, with a page that is {urgency}, for {person}. "
            "Please enter your PIN, then the pound key."
        ),
        "Press 1 to accept. Press 2 to accept and be connected to the caller. Press 3 to hand on. Press 4 to hear it again.",
        {"emergency": "an emergency", "urgent": "urgent"},
    ),
    "es": (
        (
            "Le habla Careline, de parte de {practice}, con un aviso {urgency} para {person}. "
            "Marque su clave y luego la tecla numeral."
        ),
        (
            "Oprima 1 para aceptar. Oprima 2 para aceptar y hablar con quien llama. Oprima 3 para pasarlo a otra persona. "
            "Oprima 4 para oírlo otra vez."
        ),
        {"emergency": "de emergencia", "urgent": "urgente"},
    ),
}
_AGAIN = {
    "en": "You may have had this call before. ",
    "es": "Es posible que ya haya recibido esta llamada. ",
}
_MAIL = {
    "en": (
        "{urgency}: page {reference}",
        "{practice} is paging you ({urgency}, reference {reference}).\n\nSign in to see and accept it:\n{link}\n",
    ),
    "es": (
        "{urgency}: aviso {reference}",
        (
            "{practice} le envía un aviso ({urgency}, referencia {reference}).\n\n"
            "Inicie sesión para verlo y aceptarlo:\n{link}\n"
        ),
    ),
}
_URGENCY = {
    "en": {"emergency": "EMERGENCY", "urgent": "URGENT"},
    "es": {"emergency": "EMERGENCIA", "urgent": "URGENTE"},
}
#: Added when the patient has called again and it has become worse: spoken, and written.
_WORSE = {"en": (", and has become worse", ", WORSE"), "es": (" que ha empeorado", ", PEOR")}
_TAKEN = {
    "en": (
        "Page {reference}: accepted by {person}",
        "{person} has accepted page {reference} of {practice}. Nothing more is needed from you.\n",
    ),
    "es": (
        "Aviso {reference}: aceptado por {person}",
        "{person} aceptó el aviso {reference} de {practice}. No tiene que hacer nada más.\n",
    ),
}


#: Texts keep to the letters of GSM 03.38: with any other, a text holds 70 letters instead of 160.
_TEXT = {
    "en": "{urgency} page {reference}, {practice}. Reply {code} to accept it, or sign in: {link}",
    "es": "{urgency} aviso {reference}, {practice}. Responda {code} para aceptarlo, o entre: {link}",
}
_PAGER = {
    "en": "{urgency} page {reference}, {practice}. Sign in: {site}",
    "es": "{urgency} aviso {reference}, {practice}. Entre: {site}",
}
_PUSH = {
    "en": ("{urgency}: page {reference}", "{practice}. Touch to sign in, see it and accept it."),
    "es": ("{urgency}: aviso {reference}", "{practice}. Toque para entrar, verlo y aceptarlo."),
}
_TAKEN_TEXT = {
    "en": "Page {reference} is taken by {person}. Nothing more is needed from you.",
    "es": "El aviso {reference} ya lo tiene {person}. No tiene que hacer nada.",
}
_YOURS = {
    "en": "Page {reference} is yours. Sign in to see it, and record what came of it.",
    "es": "El aviso {reference} es suyo. Entre para verlo, y anote el resultado.",
}
_OVER = {"en": "Page {reference} is over. Nothing is needed.", "es": "El aviso {reference} ya se cerró."}
_WRONG = {
    "en": "That code is not right. Nothing was accepted. Use the code of the newest text, or sign in.",
    "es": "Ese número no es correcto. No se aceptó nada. Use el del texto más reciente, o entre.",
}
_HOW = {
    "en": "Nothing was accepted or passed on. Reply with the code of the page, or sign in.",
    "es": "No se aceptó ni se pasó nada. Responda con el número del aviso, o entre.",
}
_NAME_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Notice:
    """`first` and `second` are opening and menu on the telephone, subject and body in a letter."""

    first: str
    second: str


def by_phone(
    language: str, level: str, practice: str, person: str, *, worse: bool = False, repeat: bool = False
) -> Notice:
    """`repeat`: an earlier call may have been answered, and nobody knows what came of it."""
    opening, menu, urgency = _PHONE.get(language, _PHONE["en"])
    said = urgency.get(level, urgency["urgent"]) + (_WORSE.get(language, _WORSE["en"])[0] if worse else "")
    again = _AGAIN.get(language, _AGAIN["en"]) if repeat else ""
    return Notice(again + opening.format(practice=practice, urgency=said, person=person), menu)


def urgency_word(language: str, level: str, *, worse: bool = False) -> str:
    """How a letter begins: how urgent it is, and whether the patient has called again and become worse."""
    language = language if language in _URGENCY else "en"
    return _URGENCY[language].get(level, _URGENCY[language]["urgent"]) + (_WORSE[language][1] if worse else "")


def by_mail(language: str, urgency: str, practice: str, reference: str, link: str) -> Notice:
    language = language if language in _MAIL else "en"
    subject, body = _MAIL[language]
    parts = {"urgency": urgency, "practice": practice, "reference": reference, "link": link}
    return Notice(subject.format(**parts), body.format(**parts))


def taken(language: str, practice: str, reference: str, person: str) -> Notice:
    """To those who need not come any more."""
    subject, body = _TAKEN.get(language, _TAKEN["en"])
    parts = {"practice": practice, "reference": reference, "person": person}
    return Notice(subject.format(**parts), body.format(**parts))


def by_text(language: str, urgency: str, practice: str, reference: str, link: str, code: str) -> Notice:
    language = language if language in _TEXT else "en"
    name = practice[:_NAME_LETTERS]
    parts = {"practice": name, "reference": reference, "link": link, "code": code}
    return Notice("", _TEXT[language].format(urgency=urgency, **parts))


def by_pager(language: str, urgency: str, practice: str, reference: str, site: str) -> Notice:
    language = language if language in _PAGER else "en"
    parts = {"practice": practice[:_NAME_LETTERS], "reference": reference, "site": site}
    return Notice("", _PAGER[language].format(urgency=urgency, **parts))


def by_push(language: str, urgency: str, practice: str, reference: str) -> Notice:
    language = language if language in _PUSH else "en"
    title, body = _PUSH[language]
    parts = {"urgency": urgency, "practice": practice, "reference": reference}
    return Notice(title.format(**parts), body.format(**parts))


def taken_by_text(language: str, reference: str, person: str) -> Notice:
    return Notice("", _TAKEN_TEXT.get(language, _TAKEN_TEXT["en"]).format(reference=reference, person=person))


def yours_by_text(language: str, reference: str) -> str:
    return _say(_YOURS, language, reference)


def over_by_text(language: str, reference: str) -> str:
    return _say(_OVER, language, reference)


def wrong_by_text(language: str) -> str:
    return _say(_WRONG, language)


def how_to_accept(language: str) -> str:
    return _say(_HOW, language)


def _say(words: Mapping[str, str], language: str, reference: str = "") -> str:
    return words.get(language, words["en"]).format(reference=reference)
