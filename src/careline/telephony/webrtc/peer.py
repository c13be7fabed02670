"""One encrypted connection to one browser: ICE finds the way, DTLS agrees on keys, then sound (SRTP) and keys (a data channel).

aiortc does the handshake and the data channel. Its own receivers and senders are left out: they decode in a thread per call and
resample every frame, which costs over four times the whole leg on our own RTP (`bench browser_calls`); sound therefore goes
from the socket through libsrtp into `wire.audio`, as it does for SIP. That needs a few of aiortc's inner names, all of them in
this file; its version is pinned.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCSctpTransport

from careline.telephony.webrtc.ice import BrowserPath
from careline.wire import webrtc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiortc import RTCDataChannel, RTCIceTransport

    from careline.telephony.webrtc.config import WebRtcConfig

_log = logging.getLogger("careline.telephony")
_KEYS = frozenset("0123456789*#ABCD")
_MOST_KEYS = 20
_REPORTS = range(192, 224)  # second byte of SRTCP (RFC 5761)


@dataclass(frozen=True, slots=True)
class _Way:
    """What aiortc's DTLS asks of ICE."""

    _recv: Callable[[], Awaitable[bytes]]
    _send: Callable[[bytes], Awaitable[None]]
    role: str = "controlled"


class Peer:
    """`on_sound` gets RTP packets, `on_key` telephone keys, `on_gone` is told once when a connection that was up is over."""

    def __init__(
        self,
        config: WebRtcConfig,
        certificate: RTCCertificate,
        on_sound: Callable[[bytes], None],
        on_key: Callable[[str], None],
        on_gone: Callable[[Peer], None],
    ) -> None:
        self._config, self._on_sound, self._on_key, self._on_gone = config, on_sound, on_key, on_gone
        self._path = BrowserPath(config, self._sound)
        way = cast("RTCIceTransport", _Way(self._path.recv, self._path.send))
        self._dtls = RTCDtlsTransport(way, [certificate])
        self._data: RTCSctpTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self.connected: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()

    async def accept(self, offer: webrtc.Offer, session: int, ssrc: int) -> str:
        """Our answer; connecting goes on by itself. Raises TryAgain when no port is free."""
        await self._path.gather_candidates()
        prints = self._dtls.getLocalParameters().fingerprints
        side = webrtc.Side(
            self._path.local_username,
            self._path.local_password,
            tuple((one.algorithm, one.value) for one in prints if one.algorithm == "sha-256"),
        )
        self._dtls._set_role("client" if offer.passive else "server")  # noqa: SLF001
        self._task = asyncio.create_task(self._live(offer), name="browser connection")
        return webrtc.answer(offer, webrtc.Local(side, self._path.local(), session, ssrc))

    async def add_candidate(self, candidate: webrtc.Candidate | None) -> None:
        await self._path.add(candidate)

    def send(self, rtp: bytes) -> None:
        session = cast("pylibsrtp.Session | None", self._dtls._tx_srtp)  # noqa: SLF001
        if session is not None:
            self._path.send_now(session.protect(rtp))

    async def close(self) -> None:
        """Ends it and gives back its sockets."""
        self._over.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        else:
            await self._path.close()

    # ------------------------------------------------------------ its life

    async def _live(self, offer: webrtc.Offer) -> None:
        over = asyncio.create_task(self._over.wait())
        connecting = asyncio.create_task(self._connect(offer))
        try:
            await asyncio.wait((over, connecting), return_when=asyncio.FIRST_COMPLETED)
            if connecting.done() and connecting.result():
                self._settle(connected=True)
                await over
        finally:
            self._settle(connected=False)
            connecting.cancel()
            over.cancel()
            await asyncio.gather(connecting, over, return_exceptions=True)
            if self._data is not None:
                await self._data.stop()
            await self._dtls.stop()
            await self._path.close()
            self._on_gone(self)

    async def _connect(self, offer: webrtc.Offer) -> bool:
        for candidate in offer.candidates:
            await self._path.add(candidate)
        self._path.remote_username, self._path.remote_password = offer.side.user, offer.side.password
        prints = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in offer.side.fingerprints]
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(self._config.connect_s):
                await self._path.connect()
                await self._dtls.start(RTCDtlsParameters(prints))
        if self._dtls.state != "connected":
            return False
        self._dtls.on("statechange", self._over.set)
        if offer.data is not None:
            self._data = RTCSctpTransport(self._dtls, webrtc.DATA_PORT)
            self._data.on("datachannel", self._opened)
            await self._data.start(None, offer.data_port)
        return True

    def _settle(self, *, connected: bool) -> None:
        if not self.connected.done():
            self.connected.set_result(connected)

    # ------------------------------------------------------------ what arrives

    def _sound(self, data: bytes) -> None:
        session = cast("pylibsrtp.Session | None", self._dtls._rx_srtp)  # noqa: SLF001
        if session is None or len(data) < 2 or data[1] in _REPORTS:
            return
        try:
            rtp = session.unprotect(data)
        except pylibsrtp.Error:
            return  # not of this call, or a repeat
        self._on_sound(rtp)

    def _opened(self, channel: RTCDataChannel) -> None:
        channel.on("message", self._message)

    def _message(self, message: str | bytes) -> None:
        """Telephone keys, as they stand on the keypad."""
        if isinstance(message, str):
            for key in message[:_MOST_KEYS]:
                if key in _KEYS:
                    self._on_key(key)
