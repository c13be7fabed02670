"""What a browser and we tell each other before they speak (JSEP, RFC 8829): one G.711 audio stream and one data channel on a
single encrypted connection.

A browser's offer is long; of it we need who may knock (ICE), whose certificate it is (DTLS), which sections there are, and that
it speaks G.711, as every browser must (RFC 7874). Everything else is refused by leaving it out of the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from careline.core.errors import WireError
from careline.wire import sdp
from careline.wire.g711 import Law

_ICE = re.compile(r"[A-Za-z0-9+/]{4,256}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_.+\-]{1,64}\Z")
_FINGERPRINT = re.compile(r"(sha-(?:256|384|512)) ((?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})\Z", re.IGNORECASE)
_MOST_CANDIDATES, _MOST_SECTIONS = 24, 8
_AUDIO, _DATA = "UDP/TLS/RTP/SAVPF", ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")
_KINDS = ("host", "srflx", "relay", "prflx")
DATA_PORT = 5000
LONGEST_MESSAGE = 16_384
"""Bytes of one message on the data channel; keys are a few."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where one side may be reached (RFC 8839)."""

    foundation: str
    priority: int
    host: str
    port: int
    kind: str
    base: tuple[str, int] | None = None

    def text(self) -> str:
        related = f" raddr {self.base[0]} rport {self.base[1]}" if self.base else ""
        where = f"{self.host} {self.port} typ {self.kind}{related}"
        return f"{self.foundation} 1 udp {self.priority} {where}"


@dataclass(frozen=True, slots=True)
class Side:
    """How one side proves who it is: ICE's two secrets and the certificate's fingerprints as (algorithm, value)."""

    user: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """`sections` are all of the offer's media lines in order, as (kind, protocol, formats, mid); `audio` and `data` are places in
    it. `active` says that the browser insists on beginning the handshake, `passive` that we must."""

    side: Side
    law: Law
    sections: tuple[tuple[str, str, str, str], ...]
    audio: int
    data: int | None
    data_port: int
    candidates: tuple[Candidate, ...]
    passive: bool


@dataclass(frozen=True, slots=True)
class Local:
    """Our end of the answer. `session` is any number, `ssrc` the source number of the audio we send."""

    side: Side
    candidates: tuple[Candidate, ...]
    session: int
    ssrc: int


def parse(text: str) -> Offer:
    """Raises WireError for what is no offer, or none that we can answer."""
    session, *media = sdp.sections(text)
    if len(media) > _MOST_SECTIONS:
        raise WireError("offer with too many media sections")
    heads = tuple(_head(section) for section in media)
    audio = next((place for place, head in enumerate(heads) if head[0] == "audio" and head[1] == _AUDIO), None)
    if audio is None:
        raise WireError("offer without encrypted audio")
    lines = media[audio]
    bundled = _bundle(session)
    data = next((place for place, head in enumerate(heads) if head[1] in _DATA and head[3] in bundled), None)
    if heads[audio][3] not in bundled:
        data = None
    return Offer(
        side=_side(session, lines),
        law=_law(text, audio),
        sections=heads,
        audio=audio,
        data=data,
        data_port=_number(_attribute(media[data], "sctp-port") or str(DATA_PORT)) if data is not None else 0,
        candidates=_candidates(lines),
        passive=(_attribute(lines, "setup") or _attribute(session, "setup")) == "passive",
    )


def candidate(text: str) -> Candidate | None:
    """The value of an `a=candidate:` line. None for one that we cannot use (TCP, a name of the local network, a second
    component). Raises WireError for what is none at all."""
    parts = text.removeprefix("candidate:").split()
    if len(parts) < 8 or parts[6] != "typ" or not _TOKEN.match(parts[0].replace("/", "_")):
        raise WireError("ICE candidate malformed")
    priority, port = _number(parts[3]), _number(parts[5])
    if priority >= 1 << 32 or port > 65_535:
        raise WireError("ICE candidate malformed")
    if parts[1] != "1" or parts[2].lower() != "udp" or parts[7] not in _KINDS or not port:
        return None
    try:
        address = ip_address(parts[4])
    except ValueError:
        return None
    if address.is_multicast or address.is_unspecified:
        return None
    return Candidate(parts[0], priority, str(address), port, "srflx" if parts[7] == "prflx" else parts[7])


def answer(offer: Offer, local: Local) -> str:
    """Sound both ways and the data channel; every other section is refused."""
    taken = [place for place in (offer.audio, offer.data) if place is not None]
    mids = " ".join(offer.sections[place][3] for place in sorted(taken))
    lines = ["v=0", f"o=- {local.session} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    lines += ["a=msid-semantic: WMS *"]
    for place, (kind, protocol, formats, mid) in enumerate(offer.sections):
        if place == offer.audio:
            lines += _audio_section(offer, local, mid)
        elif place == offer.data:
            lines += [f"m=application 9 {protocol} webrtc-datachannel", "c=IN IP4 0.0.0.0", f"a=mid:{mid}"]
            lines += [f"a=sctp-port:{DATA_PORT}", f"a=max-message-size:{LONGEST_MESSAGE}", *_security(offer, local)]
        else:
            lines += [f"m={kind} 0 {protocol} {formats}", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{mid}"]
    return "\r\n".join(lines) + "\r\n"


# ---------------------------------------------------------------- reading


def _head(section: list[str]) -> tuple[str, str, str, str]:
    parts = section[0][2:].split()
    if len(parts) < 4:
        raise WireError("SDP media line too short")
    mid = _attribute(section, "mid") or ""
    if not _TOKEN.match(mid) or not all(_TOKEN.match(part) for part in (parts[0], *parts[3:])):
        raise WireError("media section malformed")
    if not re.match(r"[A-Za-z0-9/]{1,40}\Z", parts[2]):
        raise WireError("media section malformed")
    return parts[0].lower(), parts[2].upper(), " ".join(parts[3:]), mid


def _attribute(section: list[str], name: str) -> str | None:
    start = f"a={name}:"
    return next((line[len(start) :].strip() for line in section if line.startswith(start)), None)


def _bundle(session: list[str]) -> frozenset[str]:
    group = next((line for line in session if line.startswith("a=group:BUNDLE")), "")
    return frozenset(group.split()[1:])


def _side(session: list[str], section: list[str]) -> Side:
    user = _attribute(section, "ice-ufrag") or _attribute(session, "ice-ufrag") or ""
    password = _attribute(section, "ice-pwd") or _attribute(session, "ice-pwd") or ""
    if not _ICE.match(user) or not _ICE.match(password) or len(password) < 22:
        raise WireError("offer without ICE user and password")
    start = "a=fingerprint:"
    prints = [line[len(start) :].strip() for line in (*section, *session) if line.startswith(start)]
    known = tuple((found[1].lower(), found[2].upper()) for text in prints[:8] if (found := _FINGERPRINT.match(text)))
    if not known:
        raise WireError("offer without a certificate's fingerprint")
    return Side(user, password, known)


def _law(text: str, audio: int) -> Law:
    codecs = sdp.parse(text)[audio].codecs
    for law, name in ((Law.MU, "pcmu/8000"), (Law.A, "pcma/8000")):
        if codecs.get(law.value) == name:
            return law
    raise WireError("offer without G.711")


def _candidates(section: list[str]) -> tuple[Candidate, ...]:
    start = "a=candidate:"
    texts = [line[len(start) :] for line in section if line.startswith(start)][:_MOST_CANDIDATES]
    return tuple(found for text in texts if (found := candidate(text)) is not None)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise WireError("SDP number is not one")
    return int(text)


# ---------------------------------------------------------------- writing


def _audio_section(offer: Offer, local: Local, mid: str) -> list[str]:
    kind, name = offer.law.value, "PCMU" if offer.law is Law.MU else "PCMA"
    return [
        f"m=audio 9 {_AUDIO} {kind}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=rtpmap:{kind} {name}/8000",
        "a=ptime:20",
        "a=msid:careline voice",
        f"a=ssrc:{local.ssrc} cname:careline",
        *_security(offer, local),
        *(f"a=candidate:{one.text()}" for one in local.candidates),
        "a=end-of-candidates",
    ]


def _security(offer: Offer, local: Local) -> list[str]:
    """Unless the browser insists that we begin the handshake, it does: it repeats a lost first packet sooner than we would."""
    return [
        f"a=ice-ufrag:{local.side.user}",
        f"a=ice-pwd:{local.side.password}",
        "a=ice-options:trickle",
        *(f"a=fingerprint:{algorithm} {value}" for algorithm, value in local.side.fingerprints),
        f"a=setup:{'active' if offer.passive else 'passive'}",
    ]
