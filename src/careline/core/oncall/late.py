"""What a caller is told when nobody has accepted yet: that we are still trying, and what to do meanwhile. The safety-net words.

Said to whoever picks up, and written to a telephone that others may read: it names the practice, and nobody and nothing else.
"""

from __future__ import annotations

_SPOKEN = {
    "en": (
        "This is {practice}, calling back. We have not reached the clinician on call yet, and we keep trying. "
        "If it is getting worse, or you have trouble breathing, chest pain, weakness, or fainting, hang up and call 911 now. "
        "If you are worried, go to an emergency department, or call us again at any time. I will say that once more. "
    ),
    "es": (
        "Le llama {practice}. Todavía no hemos localizado al médico de guardia, y seguimos intentándolo. "
        "Si empeora, o tiene dificultad para respirar, dolor en el pecho, debilidad o desmayo, cuelgue y llame al 911 ahora. "
        "Si está preocupado, vaya a urgencias, o llámenos otra vez a cualquier hora. Lo repito. "
    ),
}
#: Without letters that would halve what fits into a text.
_WRITTEN = {
    "en": (
        "{practice}: we have not reached the clinician on call yet and keep trying. If it gets worse or you are worried, "
        "call 911 or go to an emergency department. Call us any time: {line}"
    ),
    "es": (
        "{practice}: no hemos localizado al doctor de guardia y seguimos intentando. Si empeora o le preocupa, llame al 911 "
        "o vaya a urgencias. Puede llamarnos a cualquier hora: {line}"
    ),
}


def spoken(language: str, practice: str) -> str:
    """Twice, for who needs a moment to find quiet, or a pen."""
    words = _SPOKEN.get(language, _SPOKEN["en"]).format(practice=practice)
    return words + words.rsplit(". ", 2)[0] + "."


def written(language: str, practice: str, line: str) -> str:
    return _WRITTEN.get(language, _WRITTEN["en"]).format(practice=practice[:40], line=line)
