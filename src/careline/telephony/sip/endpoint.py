"""What this adapter asks of a SIP stack, whichever it is: calls in, calls out, and single requests. `stack.py` fulfils it with
sippy; nothing else in the house knows that name.

Everything happens on the event loop's thread, by plain calls: the stack tells a call's handler, the handler tells the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.wire import sip

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to invite, and where to send the request. `sender` and `domain` make the From address; `username` and `password`
    answer a challenge (digest), empty for none."""

    user: str
    address: Address
    sender: str
    domain: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Ringing:
    """The far end of a call we placed has it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The far end took the call we placed, or answered the offer we made on picking up; `sdp` is empty when it sent none."""

    sdp: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The call we placed was refused (3xx to 6xx; 408 also when nobody replied)."""

    status: int


@dataclass(frozen=True, slots=True)
class Keyed:
    """Telephone keys sent as SIP INFO."""

    digits: str


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life in signalling."""


@dataclass(frozen=True, slots=True)
class Over:
    """The far end hung up, cancelled, or never confirmed our answer. Nothing follows."""


CallEvent = Ringing | Answered | Failed | Keyed | Alive | Over


class CallHandler(Protocol):
    """The owner of one call. Session descriptions are passed as text."""

    def on_event(self, event: CallEvent) -> None: ...
    def on_offer(self, text: str) -> str | int:
        """Within the call the far end offers anew (hold, resume, another address): our answer, or a status to refuse with.
        Empty when it asks us to offer: then the result is our offer, and `Answered` follows."""
        ...


class SipCall(Protocol):
    """One call's signalling. Acting on a call that is over does nothing."""

    @property
    def id(self) -> str: ...
    @property
    def caller(self) -> str: ...
    @property
    def called(self) -> str: ...
    @property
    def offer(self) -> str:
        """The session description of the first INVITE; empty when it had none (we offer, the far end answers)."""
        ...

    @property
    def over(self) -> bool: ...
    def handled_by(self, handler: CallHandler) -> None: ...
    def ring(self) -> None: ...
    def answer(self, sdp: str) -> None: ...
    def refuse(self, status: int, retry_after_s: int = 0) -> None: ...
    def hang_up(self) -> None:
        """BYE when up, CANCEL when we are still ringing the far end."""
        ...

    def probe(self) -> None:
        """Asks the far end for a sign of life (OPTIONS); `Alive` if one comes."""
        ...


class SipEndpoint(Protocol):
    def receive(self, data: bytes, source: Address) -> None: ...
    def invite(self, target: Target, sdp: str, handler: CallHandler) -> SipCall: ...
    def request(self, message: sip.Request, address: Address, on_response: Callable[[sip.Response], None]) -> None:
        """A request outside any call (REGISTER, OPTIONS), repeated until the final response, or 408."""
        ...

    def due_in(self) -> float | None:
        """Seconds until `run_timers` wants to be called."""
        ...

    def run_timers(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a stack needs from the socket and the telephone around it."""

    send: Callable[[bytes, Address], None]
    wake: Callable[[], None]  # something changed: ask `due_in` again
    on_invite: Callable[[SipCall], None]  # must set a handler before it returns
    on_register: Callable[[sip.Request, Address], sip.Response] | None = None
    own_names: frozenset[str] = frozenset()
    """What we registered as: a trunk calls us by it, and writes the number the caller dialled into To."""


@dataclass(slots=True)
class Tally:
    """What came to the door, for measurement."""

    passed: int = 0
    refused: int = 0
    dropped: int = 0
    faults: int = 0
