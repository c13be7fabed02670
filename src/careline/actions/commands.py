"""What processes without Django ask of the database: commands and their results, as plain values that cross a pipe.

Every command is safe to send again: it carries an idempotency key, or names the row and number it is about, and a repeat gives
the first result. `at` is the sender's time (UTC, with zone). `perform.perform` carries a command out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from careline.core.clinical import Disposition
    from careline.core.contact import Channel, Hearing
    from careline.core.dialogue.deeds import Deed, Earlier, Summary, TriageRecord
    from careline.core.people import Identity, Private
    from careline.ports import Attempt, PageScript
    from careline.storage.claims import Claimed, Result


# ---------------------------------------------------------------- a contact


@dataclass(frozen=True, slots=True)
class OpenContact:
    """A contact begins. `called` is the dialled number (or the practice's slug, for chat and terminal); `key` is unique per
    call on this node. Raises `Refused` for a number no practice answers."""

    key: str
    at: datetime
    node: str
    channel: Channel
    called: str
    caller: Private | None
    hearing: Hearing
    language: str


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """`source` is the practice's file in force (parse it with `core.practice`, once per `sha256`)."""

    practice: UUID
    contact: UUID
    line: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TurnLine:
    """Something said. `who` is caller, agent or operator; times in seconds since the contact began. `seq` counts per contact."""

    seq: int
    who: str
    text: Private
    language: str
    started: float
    ended: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line of the timeline. `kind` is a fixed word; `body` may hold patient data (`Private` values). Counts like turns."""

    seq: int
    at: float
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Picture:
    """How the contact stands now, for the console. None leaves a part as it is."""

    language: str | None = None
    hearing: Hearing | None = None
    disposition: Disposition | None = None
    red_flag: bool | None = None
    identity: Identity | None = None
    reason: Private | None = None


@dataclass(frozen=True, slots=True)
class AppendRecord:
    """What was heard, said and noted since the last batch. A line whose `seq` is on record already is left as it is."""

    practice: UUID
    contact: UUID
    at: datetime
    turns: tuple[TurnLine, ...] = ()
    events: tuple[EventLine, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class DoDeed:
    """Carry out what the dialogue asked for (`CallPerson` excepted). `key` is the deed's own, unique within the contact."""

    practice: UUID
    contact: UUID
    key: str
    at: datetime
    deed: Deed


@dataclass(frozen=True, slots=True)
class DeedDone:
    """Committed. `reference` is short enough to be read out; `page` and `message` are what was made, if anything; `earlier`
    is what a `Recall` found."""

    reference: str = ""
    message: UUID | None = None
    page: UUID | None = None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class CloseContact:
    """The contact is over. `outcome` is completed, left or failed. `unfinished` says why somebody must call back ("" when
    nobody must); `summary` and `triage` are the final ones, when there are any."""

    practice: UUID
    contact: UUID
    at: datetime
    outcome: str
    unfinished: str = ""
    summary: Summary | None = None
    triage: TriageRecord | None = None


# ---------------------------------------------------------------- recordings


@dataclass(frozen=True, slots=True)
class StartRecording:
    """`starts` is in seconds since the contact began; `consent` a fixed word for what was asked and answered."""

    practice: UUID
    contact: UUID
    at: datetime
    starts: float
    consent: str


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """Seal each second with `storage.sealing.seal_chunk(key, str(recording), n, pcm)`; name it `sealing.chunk_name`."""

    recording: UUID
    key: bytes


@dataclass(frozen=True, slots=True)
class FinishRecording:
    """`deleted` when the caller did not agree and the chunks are gone."""

    practice: UUID
    recording: UUID
    at: datetime
    chunks: int
    deleted: bool = False


# ---------------------------------------------------------------- live calls


@dataclass(frozen=True, slots=True)
class Beat:
    """This node lives. Sent every second; a node not heard of for `live.LOST_AFTER` loses its calls."""

    node: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AwaitOrders:
    """Wait up to `wait_s` for orders to calls of this node, and claim them. One thread of the child waits with it."""

    node: str
    at: datetime
    wait_s: float


@dataclass(frozen=True, slots=True)
class Order:
    """`kind`: page_accepted (args: by), or one of `orders.KINDS`. `expected_version` is None for news. `name` and `number` are
    of whoever asks (their telephone at the desk), `text` what they write to the patient."""

    practice: UUID
    order: UUID
    contact: UUID
    kind: str
    args: Mapping[str, Any]
    expected_version: int | None
    by: UUID | None
    expires_at: datetime
    name: str = ""
    number: str = ""
    text: Private | None = None


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """`result` is one of `orders.RESULTS`; "ringing" may be followed by what came of it. `state` (with a new version) is how the
    call stands from now on, and `person` who is with the caller then."""

    practice: UUID
    order: UUID
    at: datetime
    result: str
    state: str | None = None
    person: UUID | None = None


# ---------------------------------------------------------------- promises


@dataclass(frozen=True, slots=True)
class ClaimPromises:
    kinds: tuple[str, ...]
    worker: str
    at: datetime
    lease_s: float
    most: int


@dataclass(frozen=True, slots=True)
class AwaitPromises:
    """Return when a promise of these kinds is made, falls due, or `wait_s` has passed."""

    kinds: tuple[str, ...]
    at: datetime
    wait_s: float


@dataclass(frozen=True, slots=True)
class RenewPromises:
    """Result: the ids still ours."""

    claims: tuple[Claimed, ...]
    at: datetime
    lease_s: float


@dataclass(frozen=True, slots=True)
class FinishPromises:
    """What became of claims whose handlers changed nothing in the database. Result: a `claims.Standing` for each."""

    results: tuple[tuple[Claimed, Result], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class PrepareNotice:
    """What to do for a notice of a page: a `RingOrder`, a `ports.Letter`, or None when it is no longer wanted (and finished)."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class RingOrder:
    """Ring `number` with `script` for at most `deadline_s`; `key` makes a repeat recognisable."""

    number: str
    script: PageScript
    deadline_s: float
    key: str


@dataclass(frozen=True, slots=True)
class FinishNotice:
    """What became of it. An accepted page is accepted, and the promise kept, in one transaction."""

    claim: Claimed
    attempt: Attempt
    at: datetime


@dataclass(frozen=True, slots=True)
class AdvancePage:
    """Begin the page's next step."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class TakeTurn:
    """Make the dead-man's test contact of this turn, and promise the next."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckWatch:
    """Have test contacts failed since this installation was started? Result: how many in a row; the operator is paged."""

    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class KeepDeadline:
    """Something was due from a person (an outcome, a callback) by now: raise it if it is still missing."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class PrepareTelling:
    """What a caller is to be told because nobody has accepted: a `CallerOrder`, a `ports.Letter`, or None (and finished)."""

    claim: Claimed
    at: datetime


@dataclass(frozen=True, slots=True)
class CallerOrder:
    """Ring the caller and say `text`, which names nobody."""

    number: Private
    text: str
    language: str
    deadline_s: float
    key: str


@dataclass(frozen=True, slots=True)
class FinishTelling:
    """What became of it. A call that was not heard to the end is followed by a text."""

    claim: Claimed
    attempt: Attempt
    at: datetime
