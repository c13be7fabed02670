"""Open ears over real sockets: what a recogniser server says becomes turns, and what it does wrong does no harm."""

from __future__ import annotations

import asyncio

import pytest
from speech_sounds import frames, quiet, spoken, trimmed

from careline.core.contact import Expect, Hearing
from careline.core.errors import CarelineError, Refused, TryAgain
from careline.speech.deepgram import DeepgramRecogniser, StreamServer
from careline.speech.open import OpenEars
from careline.speech.openai import OpenAiRecogniser, OpenAiServer
from careline.testing.recogniser import Line, Mood, RecogniserServer

PROTOCOLS = ("openai", "deepgram")
HINTS = ("Cedar Hill Family Practice", "Dr. Ana Rivera", "metformin")


def ears_on(server: RecogniserServer, protocol: str) -> OpenEars:
    if protocol == "openai":
        return OpenEars(OpenAiRecogniser(OpenAiServer(server.openai_url, key="k", interim_s=0.4)))
    return OpenEars(DeepgramRecogniser(StreamServer(server.stream_url, key="k")))


async def hear(session, sound, turns=1):
    """Everything up to the given number of final results. Sound goes in faster than life, with room for what answers."""
    found = []

    async def gather():
        async for result in session.events():
            found.append(result)
            if sum(each.final for each in found) == turns:
                return

    gathering = asyncio.create_task(gather())
    try:
        async with asyncio.timeout(10):
            for frame in frames(sound):
                session.feed(frame)
                await asyncio.wait([gathering], timeout=0.001)
                if gathering.done():
                    break
            await gathering
    finally:
        gathering.cancel()
    return found


def listen(loop, protocol, lines, sound, mood=Mood.WELL, expect=Expect.OPEN, turns=1):
    async def go():
        async with RecogniserServer(lines, mood) as server:
            ears = ears_on(server, protocol)
            await ears.start()
            try:
                session = await ears.listen("en", HINTS)
                session.expect(expect, (), "en")
                found = await hear(session, sound, turns)
                await session.close()
                return found, server
            finally:
                await ears.stop()

    return loop.run(go())


def said(loop, voice, text):
    pcm = loop.run(spoken(voice, text))
    return Line.of(text, pcm), quiet(0.5) + pcm


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_free_speech_arrives_with_partials_confidence_and_word_times(loop, voice, protocol):
    line, sound = said(loop, voice, "my chest hurts when I walk up the stairs")
    found, server = listen(loop, protocol, [line], sound + quiet(1.6))
    final = found[-1]
    assert final.text == line.text
    assert 0.9 <= final.confidence <= 1.0
    assert [word.text for word in final.words] == line.text.split()
    assert 0.4 <= final.words[0].started <= 0.9
    assert abs(final.words[-1].ended - (0.5 + line.seconds)) < 0.4
    partials = [each.text for each in found[:-1] if each.text]
    assert partials
    assert all(line.text.startswith(text) for text in partials)
    told = server.seen[0]
    assert "metformin" in told.get("prompt", "") + told.get("keyterm", "")
    assert told["language"].startswith("en")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_pause_of_a_second_in_an_open_answer_does_not_end_it(loop, voice, protocol):
    first, second = (trimmed(loop.run(spoken(voice, text))) for text in ("I have had this pain", "since last Tuesday"))
    sound = quiet(0.5) + first + quiet(1.0) + second + quiet(1.6)
    line = Line.of("I have had this pain since last Tuesday", sound, gap_s=1.4)
    found, _ = listen(loop, protocol, [line], sound)
    assert found[-1].text == line.text
    assert sum(each.final for each in found) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_two_turns_keep_their_own_words(loop, voice, protocol):
    one, first = said(loop, voice, "yes")
    two, second = said(loop, voice, "no thank you")
    sound = first + quiet(1.0) + second + quiet(1.0)
    found, _ = listen(loop, protocol, [one, two], sound, expect=Expect.YES_NO, turns=2)
    assert [each.text for each in found if each.final] == ["yes", "no thank you"]


def test_a_word_corrected_later_is_corrected_in_the_turn(loop, voice):
    line, sound = said(loop, voice, "I have chest pain since this morning")
    line = Line(line.text, line.seconds, mishears={"chest": "chess"})
    found, _ = listen(loop, "deepgram", [line], sound + quiet(1.6))
    assert any("chess" in each.text for each in found[:-1])
    assert found[-1].text == line.text


def test_a_server_without_word_times_is_understood_too(loop, voice):
    line, sound = said(loop, voice, "I need to move my appointment")
    found, _ = listen(loop, "openai", [line], sound + quiet(1.6), Mood.PLAIN)
    assert (found[-1].text, found[-1].words) == (line.text, ())


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("mood", [Mood.SILENT, Mood.SLOW, Mood.BROKEN, Mood.GARBAGE, Mood.REFUSING])
def test_a_server_that_fails_says_so_within_two_seconds(loop, voice, protocol, mood):
    line, sound = said(loop, voice, "yes")
    began = loop.get_loop().time()
    with pytest.raises((TryAgain, Refused)):
        listen(loop, protocol, [line], sound + quiet(1.0), mood, Expect.YES_NO)
    assert loop.get_loop().time() - began < 2.6  # of which the sound itself takes a part


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nonsense_is_not_taken_for_words_and_given_up_after_a_while(loop, voice, protocol):
    lines, sound = [], b""
    for _ in range(4):
        line, more = said(loop, voice, "yes I do")
        lines, sound = [*lines, line], sound + more + quiet(0.6)
    with pytest.raises(CarelineError):
        listen(loop, protocol, lines, sound + quiet(1.0), Mood.NONSENSE, Expect.YES_NO, 4)
    found, _ = listen(loop, protocol, lines, sound + quiet(1.0), Mood.NONSENSE, Expect.YES_NO, 3)
    assert {each.text for each in found if each.final} == {""}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_is_not_there_is_one_clear_error(loop, protocol):
    server = RecogniserServer([])
    server.port = 9  # nobody listens there

    async def go():
        ears = ears_on(server, protocol)
        await ears.start()
        try:
            session = await ears.listen("en", ())
            assert session.hearing is Hearing.OPEN
            session.expect(Expect.YES_NO, (), "en")
            await hear(session, quiet(0.5) + b"\x00\x20\x00\xe0" * 2400 + quiet(1.0))
        finally:
            await ears.stop()

    with pytest.raises(TryAgain, match="away"):
        loop.run(go())
