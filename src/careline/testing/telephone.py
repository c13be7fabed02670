"""A small SIP telephone for tests and for `careline call`: it dials, answers, plays, presses keys, holds, hangs up, and keeps
what it hears with the time it arrived. Many can live in one process, each on a port of its own.

    async with Softphone("5550123") as phone:
        call = await phone.dial("5550100", ("127.0.0.1", 5060))
        await call.answered()
        call.play(pcm)
        call.press("1#")
        await call.hears_sound()
        call.hang_up()

Everything is waited for by event (`until`), never by time passing.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from careline.core.errors import Refused, WireError
from careline.telephony.sip.media import MediaClock, RtpSocket
from careline.testing.telephone_audio import PhoneAudio
from careline.testing.telephone_line import Dialog, Line, Signal
from careline.wire import sdp, sip

if TYPE_CHECKING:
    from collections.abc import Callable

    from careline.testing.telephone_line import Address
    from careline.wire.digest import Login


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that came about. Kinds: ringing, up, refused, over, key, played, held, resumed. `at` in seconds of the call."""

    kind: str
    at: float
    detail: str = ""


class PhoneCall:
    """One call of a Softphone. `state` is "ringing", "up" or "over"; `status` the last SIP status of a call we placed."""

    def __init__(self, phone: Softphone, remote: str, opened: RtpSocket, offered: str | None = None) -> None:
        loop = asyncio.get_running_loop()
        self._phone, self.remote = phone, remote
        self.state, self.status = "ringing", 0
        self.happened: list[Happened] = []
        self.audio = PhoneAudio(opened, loop.time, self._note)
        self.local = sdp.LocalMedia(phone.line.address[0], self.audio.port, secrets.randbits(31))
        self.dialog: Dialog | None = None
        self._offered = offered
        self._socket, self._loop, self._began = opened, loop, loop.time()
        self._changed = asyncio.Event()

    # ------------------------------------------------------------ what a person does

    def answer(self) -> None:
        answered = sdp.answer(self.local, sdp.parse(self._offered)) if self._offered else None
        if self._offered and answered is None:
            raise WireError("the caller offered nothing we can speak")
        self._phone.line.respond(self._its_dialog, 200, "OK", answered[0] if answered else sdp.offer(self.local))
        if answered:
            self.audio.agree(answered[1])
        self._go_up()

    def hang_up(self, status: int = 603) -> None:
        """BYE when up; CANCEL while the far end rings; a refusal with `status` when it is we who ring."""
        if self.state == "up":
            self._phone.line.bye(self._its_dialog)
        elif self.state == "ringing" and self._offered is not None:
            self._phone.line.respond(self._its_dialog, status, "Declined")
        elif self.state == "ringing" and self.dialog is not None:
            self._phone.line.cancel(self._its_dialog)
        self._end()

    def play(self, pcm: bytes) -> None:
        self.audio.mouth.play(pcm)

    def press(self, digits: str) -> None:
        self.audio.mouth.press(digits)

    def hold(self, *, on: bool = True) -> None:
        """Puts the far end on hold, or takes it back."""
        self.local = self.local.next()
        offer = sdp.offer(self.local)
        self._phone.line.invite(self._its_dialog, offer.replace("a=sendrecv", "a=sendonly") if on else offer)

    # ------------------------------------------------------------ what a person waits for

    async def answered(self, timeout_s: float = 10.0) -> None:
        """Raises Refused with the status when the far end does not take the call."""
        await self.until(lambda: self.state != "ringing", timeout_s)
        if self.state != "up":
            raise Refused(f"the call was not answered: {self.status}")

    async def over(self, timeout_s: float = 10.0) -> None:
        await self.until(lambda: self.state == "over", timeout_s)

    async def played(self, timeout_s: float = 60.0) -> None:
        """Until everything queued by `play` so far was sent, or the call is over."""
        name = secrets.token_hex(4)
        self.audio.mouth.mark(name)
        await self.until(lambda: self.state == "over" or self._has("played", name), timeout_s)

    async def hears_sound(self, timeout_s: float = 10.0) -> float:
        """The loop's time of the first loud frame from now on."""
        start = len(self.audio.heard)
        await self.until(lambda: any(frame.loud for frame in self.audio.heard[start:]), timeout_s)
        return next(frame.at for frame in self.audio.heard[start:] if frame.loud)

    async def hears_silence(self, seconds: float, timeout_s: float = 30.0) -> None:
        """Until the last `seconds` of what was received held nothing loud, or the call is over."""
        frames, start = round(seconds / 0.02), len(self.audio.heard)

        def quiet() -> bool:
            last = self.audio.heard[max(start, len(self.audio.heard) - frames) :]
            return self.state == "over" or (len(last) >= frames and not any(frame.loud for frame in last))

        await self.until(quiet, timeout_s)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Until the condition holds, looked at after everything that happens. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    # ------------------------------------------------------------ told by signalling and audio

    def on_signal(self, signal: Signal) -> str:
        if signal.kind == "progress":
            self.status = signal.status
            self._note("ringing", str(signal.status))
        elif signal.kind == "accepted":
            self._on_description(signal.sdp)
            self.status = signal.status
            self._go_up()
        elif signal.kind == "refused" and self.state == "ringing":
            self.status = signal.status
            self._note("refused", str(signal.status))
            self._end()
        elif signal.kind == "acknowledged" and signal.sdp:
            self._on_description(signal.sdp)
        elif signal.kind == "offered":
            return self._on_offer(signal.sdp)
        elif signal.kind == "over":
            self._end()
        return ""

    def _on_description(self, text: str) -> None:
        found = sdp.agree(sdp.parse(text))
        if found is not None:
            self.audio.agree(found[1])

    def _on_offer(self, text: str) -> str:
        if not text:
            return sdp.offer(self.local)
        self.local = self.local.next()
        answered = sdp.answer(self.local, sdp.parse(text))
        if answered is None:
            return ""
        self._note("held" if answered[1].held else "resumed")
        self.audio.agree(answered[1])
        return answered[0]

    def _note(self, kind: str, detail: str = "") -> None:
        if kind != "heard":
            self.happened.append(Happened(kind, self._loop.time() - self._began, detail))
        self._changed.set()

    def _has(self, kind: str, detail: str) -> bool:
        return any((one.kind, one.detail) == (kind, detail) for one in self.happened)

    @property
    def _its_dialog(self) -> Dialog:
        if self.dialog is None:
            raise Refused("the call has no dialog yet")
        return self.dialog

    def _go_up(self) -> None:
        if self.state == "ringing":
            self.state = "up"
            self._phone.clock.join(self.audio)
            self._note("up")

    def _end(self) -> None:
        if self.state != "over":
            self.state = "over"
            self._phone.clock.leave(self.audio)
            self._socket.close()
            self._note("over")


class Softphone:
    """A telephone with a number. `port` 0 takes any free one; `login` answers challenges and is used by `register`."""

    def __init__(self, number: str, host: str = "127.0.0.1", port: int = 0, login: Login | None = None) -> None:
        self.number = number
        self.line = Line(number, login)
        self.calls: list[PhoneCall] = []
        self._bind = (host, port)
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def uri(self) -> str:
        """What to dial to make it ring."""
        return self.line.uri

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self.clock = MediaClock(loop)
        await loop.create_datagram_endpoint(lambda: self.line, local_addr=self._bind)
        self.line.on_call = self._on_call
        return self

    async def __aexit__(self, *_: object) -> None:
        for call in self.calls:
            call.hang_up()
        self.line.close()

    async def dial(self, number: str, address: Address, codecs: str = "0 8") -> PhoneCall:
        """Sends the INVITE; `answered` waits for the rest. `codecs` are RTP payload types, the preferred first."""
        call = PhoneCall(self, number, await _open_rtp(self._bind[0]))
        self.calls.append(call)
        target = f"sip:{number}@{address[0]}:{address[1]}"
        call.dialog = self.line.call(
            target, address, sdp.offer(call.local).replace("RTP/AVP 0 8", f"RTP/AVP {codecs}"), call.on_signal
        )
        return call

    async def incoming(self, timeout_s: float = 10.0) -> PhoneCall:
        """The next call that rings here. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            return await self._incoming.get()

    async def register(self, address: Address, expires_s: int = 300) -> int:
        """Tells a registrar where we are; returns its final status."""
        done: asyncio.Future[sip.Response] = asyncio.get_running_loop().create_future()
        target = f"sip:{address[0]}:{address[1]}"
        me = f"<sip:{self.number}@{address[0]}>"
        dialog = Dialog(secrets.token_hex(8), f"{me};tag={secrets.token_hex(4)}", me, target, address, lambda _: "")
        expires = (("expires", str(expires_s)),)
        request = self.line.request(dialog, "REGISTER", more=expires)
        self.line.send(request, address, lambda response: done.set_result(response) if response.status >= 200 else None)
        response = await done
        login = self.line.answer_challenge(response, request)
        if not login:
            return response.status
        again: asyncio.Future[sip.Response] = asyncio.get_running_loop().create_future()
        request = self.line.request(dialog, "REGISTER", more=(*expires, *login))
        self.line.send(
            request, address, lambda response: again.set_result(response) if response.status >= 200 else None
        )
        return (await again).status

    def _on_call(self, dialog: Dialog, offered: str) -> None:
        task = asyncio.get_running_loop().create_task(self._ring(dialog, offered))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _ring(self, dialog: Dialog, offered: str) -> None:
        remote = sip.parse_uri(sip.parse_address(dialog.remote).uri).user
        call = PhoneCall(self, remote, await _open_rtp(self._bind[0]), offered)
        call.dialog = dialog
        dialog.on_signal = call.on_signal
        self.calls.append(call)
        self.line.respond(dialog, 180, "Ringing")
        self._incoming.put_nowait(call)


async def _open_rtp(host: str) -> RtpSocket:
    transport, opened = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: RtpSocket(0), local_addr=(host, 0)
    )
    opened.port = int(transport.get_extra_info("sockname")[1])
    return opened
