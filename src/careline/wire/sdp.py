"""Session descriptions (RFC 4566) and the offer/answer dance (RFC 3264) for one G.711 audio stream with telephone keys.

Reading is tolerant of order and of lines we do not know; only what would make us send audio to the wrong place is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address

from careline.core.errors import WireError
from careline.wire.g711 import Law

_MOST_CHARS = 65_536
_MOST_LINES = 2_000
_PLAIN_RTP = ("RTP/AVP", "RTP/AVPF")
KEYS_TYPE = 101
"""The payload type we offer telephone keys under; any dynamic one will do, this is the one everybody uses."""


class Direction(StrEnum):
    """Who may send, as the side that wrote it sees it."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


_ANSWERED_BY = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}


@dataclass(frozen=True, slots=True)
class Media:
    """One `m=` section. `codecs` maps payload types to "name/rate" in lower case, static types included."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str
    direction: Direction
    codecs: dict[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides will do. `send` and `receive` are ours; `held` says that the far end has put us on hold.

    `keys_type` is the payload type of telephone keys, None when the far end does not know them.
    """

    law: Law
    keys_type: int | None
    address: str
    port: int
    send: bool
    receive: bool
    held: bool


def parse(text: str) -> tuple[Media, ...]:
    """Every media section, session-level defaults filled in. Raises WireError when it is no session description."""
    session, *media = sections(text)
    address = _connection(session)
    direction = _direction(session) or Direction.SENDRECV
    return tuple(_media(section, address, direction) for section in media)


def sections(text: str) -> list[list[str]]:
    """Its lines: those of the session, then those of each media section (one at least). Raises WireError."""
    if len(text) > _MOST_CHARS:
        raise WireError("SDP too long")
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if not lines or lines[0].strip() != "v=0":
        raise WireError("SDP does not begin with v=0")
    if len(lines) > _MOST_LINES:
        raise WireError("SDP has too many lines")
    found: list[list[str]] = [[]]
    for line in lines:
        if len(line) < 2 or line[1] != "=":
            raise WireError("SDP line without a type")
        if line.startswith("m="):
            found.append([])
        found[-1].append(line.strip())
    if len(found) < 2:
        raise WireError("SDP without media")
    return found


def _connection(section: list[str]) -> str:
    for line in section:
        if not line.startswith("c="):
            continue
        parts = line[2:].split()
        if len(parts) != 3 or parts[0] != "IN" or parts[1] not in ("IP4", "IP6"):
            raise WireError("SDP connection line malformed")
        address = parts[2].split("/", 1)[0]
        try:
            ip_address(address)
        except ValueError:
            raise WireError("SDP connection is not an address") from None
        return address
    return ""


def _direction(section: list[str]) -> Direction | None:
    for line in section:
        if line.startswith("a=") and line[2:] in _ANSWERED_BY:
            return Direction(line[2:])
    return None


def _media(section: list[str], address: str, direction: Direction) -> Media:
    parts = section[0][2:].split()
    if len(parts) < 4:
        raise WireError("SDP media line too short")
    port = parts[1].split("/", 1)[0]
    if not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise WireError("SDP media port is not one")
    return Media(
        kind=parts[0].lower(),
        port=int(port),
        protocol=parts[2].upper(),
        formats=tuple(parts[3:]),
        address=_connection(section) or address,
        direction=_direction(section) or direction,
        codecs=_codecs(section, parts[3:]),
    )


def _codecs(section: list[str], formats: list[str]) -> dict[int, str]:
    mapped: dict[str, str] = {"0": "pcmu/8000", "8": "pcma/8000"}
    for line in section:
        if line.startswith("a=rtpmap:"):
            number, _, name = line[len("a=rtpmap:") :].partition(" ")
            mapped[number.strip()] = name.strip().lower().removesuffix("/1")
    return {
        int(one): mapped[one] for one in formats if one in mapped and one.isascii() and one.isdigit() and int(one) < 128
    }


def agree(description: tuple[Media, ...]) -> tuple[int, Agreed] | None:
    """The first audio section we can take part in, and its place; None means 488. The far end's first codec of ours wins."""
    for place, media in enumerate(description):
        if media.kind != "audio" or media.port == 0 or media.protocol not in _PLAIN_RTP or not media.address:
            continue
        laws = [law for kind in media.codecs if (law := _law(kind, media.codecs[kind])) is not None]
        if laws:
            return place, _agreed(media, laws[0])
    return None


def _law(kind: int, name: str) -> Law | None:
    if kind == Law.MU.value and name == "pcmu/8000":
        return Law.MU
    if kind == Law.A.value and name == "pcma/8000":
        return Law.A
    return None


def _agreed(media: Media, law: Law) -> Agreed:
    nowhere = media.address in ("0.0.0.0", "::")  # noqa: S104 - the old way to say hold, not an address to bind
    may_hear = media.direction in (Direction.SENDRECV, Direction.RECVONLY) and not nowhere
    return Agreed(
        law=law,
        keys_type=next((kind for kind, name in media.codecs.items() if name == "telephone-event/8000"), None),
        address=media.address,
        port=media.port,
        send=may_hear,
        receive=media.direction in (Direction.SENDRECV, Direction.SENDONLY),
        held=nowhere or media.direction in (Direction.SENDONLY, Direction.INACTIVE),
    )


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our end. `session` and `version` go into the origin line; raise `version` with each description that differs."""

    address: str
    port: int
    session: int
    version: int = 1

    def next(self) -> LocalMedia:
        return replace(self, version=self.version + 1)


def offer(local: LocalMedia) -> str:
    """µ-law and A-law with telephone keys, 20 ms, both ways."""
    return _text(local, [_section(local.port, "RTP/AVP", [Law.MU, Law.A], KEYS_TYPE, Direction.SENDRECV)])


def answer(local: LocalMedia, description: tuple[Media, ...]) -> tuple[str, Agreed] | None:
    """Our answer to an offer and what it means; None when there is nothing to agree on (488)."""
    found = agree(description)
    if found is None:
        return None
    place, agreed = found
    sections: list[list[str]] = []
    for number, media in enumerate(description):
        if number == place:
            direction = _ANSWERED_BY[media.direction]
            if agreed.held and direction is Direction.SENDRECV:
                direction = Direction.RECVONLY
            sections.append(_section(local.port, media.protocol, [agreed.law], agreed.keys_type, direction))
        else:
            sections.append([f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}"])
    return _text(local, sections), agreed


def _section(port: int, protocol: str, laws: list[Law], keys_type: int | None, direction: Direction) -> list[str]:
    kinds = [str(law.value) for law in laws] + ([str(keys_type)] if keys_type is not None else [])
    lines = [f"m=audio {port} {protocol} {' '.join(kinds)}"]
    lines += [f"a=rtpmap:{law.value} {'PCMU' if law is Law.MU else 'PCMA'}/8000" for law in laws]
    if keys_type is not None:
        lines += [f"a=rtpmap:{keys_type} telephone-event/8000", f"a=fmtp:{keys_type} 0-15"]
    return [*lines, "a=ptime:20", f"a={direction.value}"]


def _text(local: LocalMedia, sections: list[list[str]]) -> str:
    where = f"IN {'IP6' if ':' in local.address else 'IP4'} {local.address}"
    lines = ["v=0", f"o=careline {local.session} {local.version} {where}", "s=-", f"c={where}", "t=0 0"]
    return "\r\n".join([*lines, *(line for section in sections for line in section)]) + "\r\n"
