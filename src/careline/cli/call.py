"""Place a real SIP call to the running service, and print what was said, heard and done."""

from __future__ import annotations

import argparse
import asyncio
import wave
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careline.bootstrap import installation
from careline.core.errors import Refused
from careline.settings import from_environment
from careline.testing.telephone import Softphone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.settings import Settings
    from careline.testing.telephone import PhoneCall

_PAUSE_S, _PATIENCE_S = 1.2, 40.0
#: With closed ears: English, yes it is about someone's health, yes to the first danger question; then the number to call back.
_DEMONSTRATION = (("keys", "1"), ("keys", "1"), ("keys", "1"), ("keys", "1"))


@dataclass(frozen=True, slots=True)
class _Line:
    who: str
    text: str
    ms: int


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", default="+12125550100", help="the line to ring (default: the demo practice's)")
    parser.add_argument("--from", dest="caller", default="+12125550190", help="the number that rings")
    parser.add_argument("--language", default="en", choices=("en", "es"), help="of what --say speaks")
    ordered = "each waits for the service to finish speaking; give them in the order of the call"
    parser.add_argument(
        "--say", dest="script", action=_Ordered, metavar="TEXT", default=[], help=f"speak this; {ordered}"
    )
    parser.add_argument("--keys", dest="script", action=_Ordered, metavar="DIGITS", help="press these telephone keys")
    parser.add_argument(
        "--wav", dest="script", action=_Ordered, metavar="FILE", help="play this recording (8 kHz, mono)"
    )


class _Ordered(argparse.Action):
    """Keeps --say, --keys and --wav in the order in which they were written."""

    def __call__(self, parser: object, namespace: Any, values: Any, option: str | None = None) -> None:  # noqa: ARG002
        before: list[tuple[str, str]] = getattr(namespace, self.dest, None) or []
        setattr(namespace, self.dest, [*before, ((option or "").lstrip("-"), str(values))])


def run(arguments: argparse.Namespace) -> int:
    settings = from_environment()
    script: Sequence[tuple[str, str]] = arguments.script or _DEMONSTRATION
    sounds = asyncio.run(_sounds(script, arguments.language))
    began = datetime.now(UTC)
    ended = asyncio.run(_call(settings, arguments, script, sounds))
    print(f"({ended})")
    _print_record(settings, began)
    return 0


async def _sounds(script: Sequence[tuple[str, str]], language: str) -> list[bytes]:
    """What each step of the script sounds like; empty for keys."""
    if not any(kind == "say" for kind, _ in script):
        return [_recording(text) if kind == "wav" else b"" for kind, text in script]
    from careline.bootstrap.speech import voice

    speaking = voice()
    await speaking.start()
    try:
        sounds: list[bytes] = []
        for kind, text in script:
            if kind == "say":
                sounds.append(b"".join([pcm async for pcm in speaking.render(text, language, 1.0)]))
            else:
                sounds.append(_recording(text) if kind == "wav" else b"")
        return sounds
    finally:
        await speaking.stop()


def _recording(name: str) -> bytes:
    try:
        with wave.open(str(Path(name)), "rb") as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (8000, 1, 2):
                raise Refused(
                    f"{name}: 8 kHz, mono, 16 bits are needed; convert it: sox {name} -r 8000 -c 1 -b 16 out.wav"
                )
            return file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise Refused(f"{name} is not a recording that can be played: {error}") from error


async def _call(
    settings: Settings, arguments: argparse.Namespace, script: Sequence[tuple[str, str]], sounds: list[bytes]
) -> str:
    async with Softphone(arguments.caller) as phone:
        call = await phone.dial(arguments.to, (settings.bind, settings.sip_port))
        try:
            await call.answered()
        except TimeoutError as error:
            where = f"{settings.bind}:{settings.sip_port}"
            raise Refused(f"nobody answers at {where}: start the service with `make run` first") from error
        print(f"ringing {arguments.to}: answered")
        for (kind, text), pcm in zip(script, sounds, strict=True):
            if not await _their_turn(call):
                return "the service hung up"
            print(f"  you {'press' if kind == 'keys' else 'say' if kind == 'say' else 'play'}: {text}", flush=True)
            if kind == "keys":
                call.press(text)
            else:
                call.play(pcm)
                await call.played()
        await _their_turn(call)
        if call.state == "over":
            return "the service hung up"
        call.hang_up()
        return "you hung up"


async def _their_turn(call: PhoneCall) -> bool:
    """Until the service has spoken and is quiet again. False when it has hung up."""
    try:
        await call.hears_sound(_PATIENCE_S)
        await call.hears_silence(_PAUSE_S, _PATIENCE_S)
    except TimeoutError:
        return call.state != "over"
    return call.state != "over"


def _print_record(settings: Settings, since: datetime) -> None:
    """The record of this call, as the desk sees it."""
    installation.connect(settings)
    from careline.actions.show_contacts import contacts_since

    for contact in contacts_since(since, "phone", datetime.now(UTC))[:1]:
        for seconds, who, words in contact.turns:
            print(f"  {seconds:6.1f} s  {who:<8}{words}")
        print(f"  disposition: {contact.disposition} (draft protocols, not signed by clinicians)")
        for line in contact.followed:
            print(f"  {line}")
