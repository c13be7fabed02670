"""Words in, findings and intents out: what callers say in everyday speech, in any language that has a data folder."""

from careline.core.language.answers import choice, number, relation, reply
from careline.core.language.identity import date_of_birth, name, phone_number, us_state
from careline.core.language.lexicon import Lexicon
from careline.core.language.second import SecondListener
from careline.core.language.understanding import Lexicons, understand
from careline.core.language.values import Command, Context, Intent, Medicine, Understanding

__all__ = [
    "Command",
    "Context",
    "Intent",
    "Lexicon",
    "Lexicons",
    "Medicine",
    "SecondListener",
    "Understanding",
    "choice",
    "date_of_birth",
    "name",
    "number",
    "phone_number",
    "relation",
    "reply",
    "understand",
    "us_state",
]
