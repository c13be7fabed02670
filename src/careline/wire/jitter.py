"""A jitter buffer for coded audio of one byte per sample: packets in as the network delivers them, even frames out.

It works on a line of samples, not on packets: each packet lies where its timestamp says, and every `pop` takes the next 20 ms.
So packets of 10, 30 or 40 ms, reordering, duplicates and pauses without packets (silence suppression) need no special case.
It has no clock of its own: pops are the clock, one per 20 ms.

    slack = samples between the playhead and a packet as it arrives = how much too early it was

A packet that comes too late moves the playhead back (silence was played in its place already), so that no word is lost and the
delay grows by just that much. When for two seconds every packet came earlier than needed, quiet frames are skipped until the
delay has shrunk again. Two packets in a row that lie far off the line, or carry another source number, start a new line:
the far end was switched; a single one is garbage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from careline.wire.rtp import RtpPacket

FRAME = 160
"""Samples in 20 ms."""

_WINDOW = 100  # packets (two seconds) over which earliness is judged
_MOST_PACKETS = 250
_HALF = 1 << 31
_MOST_PAYLOAD = 4000
# Bytes of the two quietest segments, by the byte that means silence: what may be cut without anybody hearing it.
_QUIET = {
    0xFF: bytes(b for b in range(256) if b & 0x70 >= 0x60),  # µ-law
    0xD5: bytes(b for b in range(256) if (b ^ 0x55) & 0x70 <= 0x10),  # A-law
}


class Slot(NamedTuple):
    """20 ms of coded audio. `lost` when some of it never came and stands as silence."""

    coded: bytes
    lost: bool


@dataclass(slots=True)
class Counters:
    """What happened on the way, for measurement: packets, but `lost` and `skipped` count 20 ms frames."""

    received: int = 0
    duplicate: int = 0
    late: int = 0
    strange: int = 0
    restarted: int = 0
    lost: int = 0
    skipped: int = 0


class JitterBuffer:
    """All lengths in samples. `delay` is what the buffer starts with, `most` the lateness it still follows."""

    def __init__(self, silence: int, *, delay: int = 320, most: int = 4000, adaptive: bool = True) -> None:
        self.counters = Counters()
        self._silence = bytes([silence]) * FRAME
        self._quiet = _QUIET.get(silence, self._silence)
        self._delay, self._most, self._adaptive = delay, most, adaptive
        self._packets: dict[int, bytes] = {}
        self._ssrc: int | None = None
        self._playhead = 0
        self._played_to: int | None = None  # end of the newest audio already handed out
        self._newest = 0  # end of the newest audio received
        self._highest = 0  # newest sequence number
        self._seen = 0  # bit n: sequence number `highest - n` was received
        self._suspect: RtpPacket | None = None
        self._least_slack, self._judged = self._most, 0
        self._to_skip = self._to_wait = 0

    @property
    def started(self) -> bool:
        return self._ssrc is not None

    @property
    def ahead(self) -> int:
        """Samples waiting between the playhead and the end of the newest packet: the delay the buffer adds now."""
        return max(0, self._newest - self._playhead)

    def continues(self, packet: RtpPacket) -> bool:
        """Whether the packet comes from the same source, soon after the newest."""
        return packet.ssrc == self._ssrc and 0 < (packet.sequence - self._highest) & 0xFFFF < _MOST_PACKETS * 4

    def receive(self, packet: RtpPacket) -> None:
        if not 0 < len(packet.payload) <= _MOST_PAYLOAD:
            self.counters.strange += 1
            return
        if self._ssrc is None:
            self._start(packet)
            return
        playhead = self._playhead
        slack = ((packet.timestamp - playhead + _HALF) & 0xFFFFFFFF) - _HALF
        if packet.ssrc != self._ssrc or not -self._most <= slack <= self._most + FRAME * 50:
            self._receive_suspect(packet)
            return
        if self._is_duplicate(packet.sequence):
            self.counters.duplicate += 1
            return
        self._suspect = None
        self.counters.received += 1
        self._place(playhead + slack, packet.payload, slack)

    def pop(self) -> Slot:
        """The next 20 ms. Before the first packet, and while the buffer fills: silence."""
        if self._ssrc is None:
            return Slot(self._silence, lost=True)
        if self._to_wait:
            self._to_wait -= 1
            return self._lost()
        coded = self._packets.pop(self._playhead, None)
        if coded is not None and len(coded) == FRAME:
            slot = Slot(coded, lost=False)
        else:
            if coded is not None:
                self._packets[self._playhead] = coded
            slot = self._assemble() if self._packets else self._lost()
        self._playhead += FRAME
        if not slot.lost:
            self._played_to = self._playhead
        if self._to_skip and self._packets and not slot.coded.translate(None, self._quiet):
            self._to_skip -= 1
            self.counters.skipped += 1
            return self.pop()
        return slot

    def _start(self, packet: RtpPacket) -> None:
        self._ssrc, self._highest, self._seen = packet.ssrc, packet.sequence, 1
        playhead = packet.timestamp - self._delay
        left = {
            at - self._playhead: coded for at, coded in self._packets.items()
        }  # of the line before: still to be heard
        self._packets = {playhead + gap: coded for gap, coded in left.items() if gap + len(coded) <= self._delay}
        self._packets[packet.timestamp] = packet.payload
        self._newest = packet.timestamp + len(packet.payload)
        self._playhead, self._played_to = playhead, None
        self._least_slack, self._judged, self._to_skip, self._to_wait = self._most, 0, 0, 0
        self._suspect = None
        self.counters.received += 1

    def _receive_suspect(self, packet: RtpPacket) -> None:
        before = self._suspect
        follows = (
            before is not None
            and packet.ssrc == before.ssrc
            and (packet.sequence - before.sequence) & 0xFFFF == 1
            and (packet.timestamp - before.timestamp) & 0xFFFFFFFF <= _MOST_PAYLOAD
        )
        if before is None or not follows:
            self._suspect = packet
            self.counters.strange += 1
            return
        self.counters.strange -= 1
        self.counters.restarted += 1
        self._start(before)
        self.receive(packet)

    def _is_duplicate(self, sequence: int) -> bool:
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead > 0:
            self._seen = ((self._seen << min(ahead, 64)) | 1) & 0xFFFFFFFFFFFFFFFF
            self._highest = sequence
            return False
        bit = 1 << -ahead if ahead > -64 else 0
        duplicate = bool(self._seen & bit)
        self._seen |= bit
        return duplicate

    def _place(self, at: int, coded: bytes, slack: int) -> None:
        if slack < 0:
            self.counters.late += 1
            if self._adaptive:
                self._wait_for(at, -slack)
        if at + len(coded) > self._playhead and len(self._packets) < _MOST_PACKETS:
            self._packets[at] = coded
            self._newest = max(self._newest, at + len(coded))
        self._judge(slack)

    def _wait_for(self, at: int, lateness: int) -> None:
        frames = -(-lateness // FRAME)
        self._to_skip = 0
        self._least_slack, self._judged = self._most, 0
        if self._played_to is None or at >= self._played_to:
            self._playhead -= frames * FRAME  # only silence was played since: play this packet, later than planned
        else:
            self._to_wait = 1  # newer audio is out already: this one is lost, but give the next straggler more time

    def _judge(self, slack: int) -> None:
        self._least_slack = min(self._least_slack, slack)
        self._judged += 1
        if self._judged < _WINDOW:
            return
        if self._adaptive:
            self._to_skip = max(0, self._least_slack // FRAME - 1)
        self._least_slack, self._judged = self._most, 0

    def _assemble(self) -> Slot:
        """The general case: audio of this frame comes from parts of several packets, or is missing in parts."""
        start, end = self._playhead, self._playhead + FRAME
        frame, covered = bytearray(self._silence), 0
        for at in sorted(self._packets):
            if at >= end:
                break
            coded = self._packets[at]
            first, last = max(at, start), min(at + len(coded), end)
            if last > first:
                frame[first - start : last - start] = coded[first - at : last - at]
                covered += last - first
            if at + len(coded) <= end:
                del self._packets[at]
        if covered == 0:
            return self._lost()
        if covered < FRAME:
            self.counters.lost += 1
        return Slot(bytes(frame), lost=covered < FRAME)

    def _lost(self) -> Slot:
        if self._played_to is not None:
            self.counters.lost += 1
        return Slot(self._silence, lost=True)
