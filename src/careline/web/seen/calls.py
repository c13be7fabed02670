"""What can be done to a contact that is up, and who takes calls at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

#: What an operator is told, by the answer of the machine that holds the call. An empty answer is one that did not come in time.
ANSWERS = {
    "done": "Done.",
    "ringing": "Your telephone is ringing: pick it up and you are connected.",
    "stale": "Nothing was done: this contact has changed or ended meanwhile. Look again.",
    "refused": "Nothing was done: that is not possible for this contact.",
    "not_yours": "Nothing was done: somebody else is with the caller.",
    "no_answer": "Your telephone did not answer. The caller is with the assistant.",
    "no_telephone": "No telephone is known for you. Say above where you take calls.",
    "no_consent": "The caller has not agreed to be recorded, so nobody listens in. You can take the call.",
    "": "The machine that holds this call did not answer within 5 seconds. Nothing is certain: look at the call, and try again.",
}
DONE = {
    "take_over": "You are writing with the patient now.",
    "hold": "The caller is on hold.",
    "resume": "The caller hears you again.",
    "give_back": "The caller is with the assistant again.",
    "hang_up": "The contact was ended.",
    "say": "Sent.",
}


@dataclass(frozen=True, slots=True)
class Controls:
    """`held`: the caller is on hold; `waiting`: they have asked for a person; `written`: a chat, where there is no telephone."""

    contact: UUID
    version: int
    holder: str
    mine: bool
    held: bool
    waiting: bool
    written: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the viewer takes calls, where, and whether calls that went unanswered made the desk stop ringing them."""

    available: bool
    number: str
    missed: bool
    others: tuple[str, ...]
