"""Names, dates of birth, telephone numbers and states, spoken or typed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from careline.core.language.answers import Heard
from careline.core.language.tokens import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.core.language.lexicon import Lexicon
    from careline.core.language.understanding import Lexicons

MOST_NAME_WORDS = 5
_SHORT, _LONG = 7, 10  # digits of a telephone number without and with its area code


def name(lexicons: Lexicons, text: str, language: str) -> str | None:
    """The name in "my name is Ana López, I'm calling about…" as it was said; None when nothing looks like one."""
    heard = Heard(lexicons.get(language), text)
    tokens = heard.tokens
    introduced = [match for match in heard.of("cue") if match.target.name == "introduces"]
    start = introduced[0].end if introduced else 0
    stop = {match.start for match in heard.of("cue") if match.target.name == "name_ends"}
    soft = heard.lexicon.normaliser.fillers
    while start < len(tokens) and (tokens.words[start] in soft or tokens.words[start] in heard.lexicon.titles):
        start += 1
    end = start
    while end < len(tokens) and end - start < MOST_NAME_WORDS:
        if end in stop or tokens.words[end][0].isdigit() or (end > start and _new_start(heard, end)):
            break
        end += 1
    if end == start or (not introduced and len(tokens) > MOST_NAME_WORDS + 2 and not _new_start(heard, end)):
        return None
    first, last = tokens.quote(start, end)
    return text[first:last]


def _new_start(heard: Heard, at: int) -> bool:
    tokens = heard.tokens
    return at >= len(tokens) or tokens.comma[at] or tokens.sentence[at] != tokens.sentence[at - 1]


def phone_number(lexicons: Lexicons, text: str, language: str) -> str | None:
    """Ten digits (a leading 1 dropped), or seven without an area code. None when the digits do not make a number."""
    lexicon = lexicons.get(language)
    digits = "".join(_digits(lexicon, Heard(lexicon, text).tokens.words))
    if len(digits) == _LONG + 1 and digits[0] == "1":
        digits = digits[1:]
    return digits if len(digits) in (_SHORT, _LONG) else None


def _digits(lexicon: Lexicon, words: Sequence[str]) -> list[str]:
    names = lexicon.numbers
    found: list[str] = []
    last = 0.0
    doubled = False
    for word in words:
        value = names.values.get(word)
        if word[0].isdigit():
            found.append("".join(c for c in word if c.isdigit()))
        elif value is not None and 0 < value < 10 and 20 <= last < 100 and last % 10 == 0:
            found[-1] = str(int(last + value))  # "fifty five"
        elif value is not None:
            found.append(str(int(value)) * (2 if doubled else 1))
        elif word in names.oh:
            found.append("00" if doubled else "0")
        elif word in names.scales and found:
            found.append("00" if names.scales[word] == 100 else "000")  # "eight hundred"
        doubled = word in names.double
        last = value or 0.0
    return found


def date_of_birth(lexicons: Lexicons, text: str, language: str, today: date) -> date | None:
    """A day that lies in the past hundred and twenty years. Two-digit years are read as the latest that fits."""
    lexicon = lexicons.get(language)
    heard = Heard(lexicon, text)
    month = next((lexicon.dates.months[word] for word in heard.tokens.words if word in lexicon.dates.months), None)
    values = _values(heard)
    if month is not None:
        days = [value for value in values if value <= 31]
        years = [value for value in values if value > 31]
        if not days or not (years or len(days) > 1):
            return None
        return _made(years[0] if years else days[1], month, days[0], today)
    if len(values) == 1:
        values = _split(values[0], text)
    if len(values) < 3:
        return None
    if values[0] > 31:
        return _made(values[0], values[1], values[2], today)
    first, second = (values[1], values[0]) if lexicon.dates.day_first else (values[0], values[1])
    return _made(values[2], first, second, today) or _made(values[2], second, first, today)


def _values(heard: Heard) -> list[int]:
    """Numbers and ordinals in the order they were said."""
    ordinals = heard.lexicon.dates.ordinals
    placed = [(number.start, int(number.value)) for number in heard.numbers]
    words = heard.tokens.words
    for at, word in enumerate(words):
        if word in ordinals:
            tens = at > 0 and words[at - 1] in heard.lexicon.numbers.values and ordinals[word] < 10
            before = int(heard.lexicon.numbers.values[words[at - 1]]) if tens else 0
            placed = [one for one in placed if not (tens and one[0] == at - 1)]
            placed.append((at, before + ordinals[word]))
    return [value for _, value in sorted(placed)]


def _split(value: int, text: str) -> list[int]:
    """Eight keys are month, day, year."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) == 8:
        return [int(digits[:2]), int(digits[2:4]), int(digits[4:])]
    return [int(digits[:2]), int(digits[2:4]), int(digits[4:])] if len(digits) == 6 else [value]


def _made(year: int, month: int, day: int, today: date) -> date | None:
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made if made <= today and today.year - made.year <= 120 else None


def us_state(lexicons: Lexicons, text: str, _language: str) -> str | None:
    """Two letters of the state named, in any language, or of a large city in it; None when none is."""
    words = [fold(word.strip(".,!?;")) for word in text.split()]
    for length in (4, 3, 2, 1):
        for start in range(len(words) - length + 1):
            found = lexicons.states.get(" ".join(words[start : start + length]))
            if found is not None:
                return found
    letters = {word.strip(".,") for word in text.split() if word.isupper() or len(text) <= 4}
    return next(
        (code for code in sorted(set(lexicons.states.values())) if code in {one.upper() for one in letters}), None
    )
