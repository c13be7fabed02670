"""The way a browser's packets take to us: aioice's agent, on our own addresses and ports, with sound on a path of its own.

Sound is fifty packets a second and call each way, so it is told apart by its first byte (RFC 7983) as it arrives and handed on at
once; only the handshake and the data channel go through the agent's queue.
"""

from __future__ import annotations

import asyncio
import random
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, server_reflexive_candidate
from aioice.stun import TransactionError

from careline.core.errors import TryAgain
from careline.wire import webrtc

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from careline.telephony.webrtc.config import WebRtcConfig

_MOST_QUEUED = 200
_PORT_TRIES = 200
_STUN_S = 2.0
_SOUND = range(128, 192)


class _Port(StunProtocol):
    """One bound socket of one call."""

    def __init__(self, path: BrowserPath) -> None:
        super().__init__(path)
        self._path = path

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if data and isinstance(data, bytes) and data[0] in _SOUND:
            self._path.sound(data)
        else:
            super().datagram_received(data, addr)


class BrowserPath(Connection):
    """One ICE connection. `on_sound` gets every packet of sound (SRTP) or of its reports (SRTCP), still encrypted."""

    def __init__(self, config: WebRtcConfig, on_sound: Callable[[bytes], None]) -> None:
        stun = next((one for one in config.servers if one.scheme == "stun"), None)
        turn = next((one for one in config.servers if one.scheme != "stun"), None)
        super().__init__(
            ice_controlling=False,
            stun_server=(stun.host, stun.port) if stun else None,
            turn_server=(turn.host, turn.port) if turn else None,
            turn_username=turn.username if turn else None,
            turn_password=turn.password if turn else None,
            turn_ssl=turn is not None and turn.scheme == "turns",
            turn_transport=turn.transport if turn else "udp",
        )
        self._config, self.sound = config, on_sound

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],  # noqa: ARG002 - aioice's own idea of our addresses; ours are configured
        timeout: int = 5,  # noqa: ASYNC109 - aioice's signature
    ) -> list[Candidate]:
        """Where we may be reached. Raises TryAgain when no port is free."""
        ports = [await self._open(component, address) for address in self._config.addresses()]
        found = [port for port in ports if port is not None]
        if not found:
            raise TryAgain("no port is free for a browser's call")
        self._protocols += found
        candidates = [port.local_candidate for port in found]
        candidates += self._mapped(component, candidates)
        if self.stun_server is not None:
            candidates += await self._reflexive(found)
        return candidates + await super().get_component_candidates(component, [], timeout)

    async def _open(self, component: int, address: str) -> _Port | None:
        """A socket on an odd port of the range. None when this address cannot be bound at all."""
        loop = asyncio.get_running_loop()
        bound = _bound(address, self._config.ports)
        if bound is None:
            return None
        _, port = await loop.create_datagram_endpoint(lambda: _Port(self), sock=bound)
        port.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", address),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=address,
            port=int(port.transport.get_extra_info("sockname")[1]),
            type="host",
        )
        return port

    def _mapped(self, component: int, own: list[Candidate]) -> list[Candidate]:
        """A router that forwards our ports to us shows them under its own address."""
        public = self._config.public_host
        if not public or public in [one.host for one in own]:
            return []
        version = ip_address(public).version
        return [
            Candidate(
                foundation=candidate_foundation("srflx", "udp", public),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "srflx"),
                host=public,
                port=one.port,
                type="srflx",
                related_address=one.host,
                related_port=one.port,
            )
            for one in own
            if ip_address(one.host).version == version and not ip_address(one.host).is_loopback
        ]

    async def _reflexive(self, ports: list[_Port]) -> list[Candidate]:
        asked = [port for port in ports if ip_address(port.local_candidate.host).version == 4]
        return [found for found in await asyncio.gather(*map(self._seen_from_outside, asked)) if found is not None]

    async def _seen_from_outside(self, port: _Port) -> Candidate | None:
        try:
            async with asyncio.timeout(_STUN_S):
                found, _ = await server_reflexive_candidate(port, self.stun_server or ("", 0))
        except (TransactionError, TimeoutError, OSError):
            return None
        return found

    def data_received(self, data: bytes, component: int) -> None:
        """The handshake and the data channel need few packets; a flood is dropped here."""
        if self._queue.qsize() < _MOST_QUEUED:
            super().data_received(data, component)

    def send_now(self, data: bytes) -> None:
        """To the browser, by the path that was found; nowhere as long as there is none."""
        pair = self._nominated.get(1)
        if pair is not None:
            pair.protocol.transport.sendto(data, pair.remote_addr)

    def local(self) -> tuple[webrtc.Candidate, ...]:
        return tuple(
            webrtc.Candidate(
                one.foundation,
                one.priority,
                one.host,
                one.port,
                one.type,
                (one.related_address, one.related_port or 0) if one.related_address else None,
            )
            for one in self.local_candidates
        )

    async def add(self, candidate: webrtc.Candidate | None) -> None:
        """Where the browser may be reached; None says that these were all."""
        if self._remote_candidates_end:
            return
        if candidate is None:
            await self.add_remote_candidate(None)
        elif len(self._remote_candidates) < _MOST_REMOTE:
            await self.add_remote_candidate(
                Candidate(
                    foundation=candidate.foundation,
                    component=1,
                    transport="udp",
                    priority=candidate.priority,
                    host=candidate.host,
                    port=candidate.port,
                    type=candidate.kind,
                )
            )


_MOST_REMOTE = 24


def _bound(address: str, ports: tuple[int, int]) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    odd = range(ports[0] | 1, ports[1] + 1, 2)
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    for port in random.sample(odd, min(_PORT_TRIES, len(odd))):
        try:
            made.bind((address, port))
        except OSError:
            continue
        return made
    made.close()
    return None
