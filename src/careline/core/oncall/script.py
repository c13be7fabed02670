"""What a paged clinician hears and reads. Nothing here is of the patient: the brief comes after the PIN, or after signing in."""

from __future__ import annotations

from dataclasses import dataclass

_PHONE = {
    "en": (
        (
            "This is Careline for {practice}, with a page that is {urgency}, for {person}. "
            "Please enter your PIN, then the pound key."
        ),
        "Press 1 to accept. Press 3 to hand on. Press 4 to hear it again.",
        {"emergency": "an emergency", "urgent": "urgent"},
    ),
    "es": (
        (
            "Le habla Careline, de parte de {practice}, con un aviso {urgency} para {person}. "
            "Marque su clave y luego la tecla numeral."
        ),
        "Oprima 1 para aceptar. Oprima 3 para pasarlo a otra persona. Oprima 4 para oírlo otra vez.",
        {"emergency": "de emergencia", "urgent": "urgente"},
    ),
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


@dataclass(frozen=True, slots=True)
class Notice:
    """`first` and `second` are opening and menu on the telephone, subject and body in a mail."""

    first: str
    second: str


def by_phone(language: str, level: str, practice: str, person: str, *, worse: bool = False) -> Notice:
    opening, menu, urgency = _PHONE.get(language, _PHONE["en"])
    said = urgency.get(level, urgency["urgent"]) + (_WORSE.get(language, _WORSE["en"])[0] if worse else "")
    return Notice(opening.format(practice=practice, urgency=said, person=person), menu)


def by_mail(language: str, level: str, practice: str, reference: str, link: str, *, worse: bool = False) -> Notice:
    language = language if language in _MAIL else "en"
    subject, body = _MAIL[language]
    urgency = _URGENCY[language].get(level, _URGENCY[language]["urgent"]) + (_WORSE[language][1] if worse else "")
    parts = {"urgency": urgency, "practice": practice, "reference": reference, "link": link}
    return Notice(subject.format(**parts), body.format(**parts))


def taken(language: str, practice: str, reference: str, person: str) -> Notice:
    """To those who need not come any more."""
    subject, body = _TAKEN.get(language, _TAKEN["en"])
    parts = {"practice": practice, "reference": reference, "person": person}
    return Notice(subject.format(**parts), body.format(**parts))
