"""Triage: from findings to a disposition and why, by clinical protocols kept as data. Pure; files come in as strings."""

from careline.core.triage.cases import Case, Outcome, cases_of, run
from careline.core.triage.concepts import Concept, Concepts, Kind
from careline.core.triage.conditions import Setting
from careline.core.triage.decision import Decision, Fired, decide
from careline.core.triage.facts import answer, derive, fold
from careline.core.triage.interview import AGAIN, CONFIRM, Question, next_question, screen
from careline.core.triage.library import LANGUAGES, Library
from careline.core.triage.linting import lint, lint_files
from careline.core.triage.printing import table, tables
from careline.core.triage.protocol import PACKS, Protocol, Rule, Service, Source, Status
from careline.core.triage.reader import read_protocol
from careline.core.triage.red_flags import RedFlag, red_flags
from careline.core.triage.situation import OTHERWISE
from careline.core.triage.words import ProtocolWords, Words

__all__ = [
    "AGAIN", "CONFIRM", "LANGUAGES", "OTHERWISE", "PACKS", "Case", "Concept", "Concepts", "Decision", "Fired", "Kind",
    "Library", "Outcome", "Protocol", "ProtocolWords", "Question", "RedFlag", "Rule", "Service", "Setting", "Source",
    "Status", "Words", "answer", "cases_of", "decide", "derive", "fold", "lint", "lint_files", "next_question",
    "read_protocol",    "red_flags", "run", "screen", "table", "tables",
]  # fmt: skip
