"""Mail over a real SMTP server on the loopback, which answers well, badly, slowly or not at all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from careline.core.errors import Refused
from careline.notify.smtp import SmtpMessenger
from careline.ports import Attempt, Letter, Outcome

LETTER = Letter(
    "rivera@cedarhill.example", "URGENT: page 7KD2PX", "Sign in:\nhttp://localhost:8000/pages/1\n", "page:0:0"
)


class Box:
    """A mail server. `answer` is what it says to a whole letter, `recipient` what it says to an address."""

    def __init__(self, answer: str = "250 OK", recipient: str = "250 OK") -> None:
        self.answer, self.recipient = answer, recipient
        self.letters: list[Message] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content))
        return self.answer


@contextmanager
def serving(box: Box, host: str = "127.0.0.1") -> Iterator[str]:
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname=host, port=port)
    controller.start()
    try:
        yield f"smtp://{host}:{port}"
    finally:
        controller.stop()


def send(url: str, letter: Letter = LETTER, timeout_s: float = 5.0) -> Attempt:
    return asyncio.run(SmtpMessenger(url, "Careline <careline@cedarhill.example>").send(letter, timeout_s))


def test_a_letter_arrives_as_it_was_written() -> None:
    box = Box()
    with serving(box) as url:
        attempt = send(url)
    assert attempt.outcome is Outcome.DELIVERED
    (arrived,) = box.letters
    assert (arrived["To"], arrived["Subject"]) == (LETTER.to, LETTER.subject)
    assert arrived["Message-ID"] == attempt.reference
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert str(arrived.get_payload()).replace("\r\n", "\n") == LETTER.body


def test_a_letter_sent_twice_can_be_known_again() -> None:
    box = Box()
    with serving(box) as url:
        assert send(url).reference == send(url).reference
        assert send(url, Letter(LETTER.to, LETTER.subject, LETTER.body, "another")).reference != send(url).reference


@pytest.mark.parametrize(
    ("box", "outcome"),
    [
        (Box(answer="451 try later"), Outcome.RETRY),
        (Box(answer="554 spam"), Outcome.FAILED),
        (Box(recipient="550 no such user rivera@cedarhill.example"), Outcome.FAILED),
        (Box(recipient="450 mailbox busy"), Outcome.RETRY),
    ],
)
def test_what_the_server_answers_decides_whether_to_try_again(box: Box, outcome: Outcome) -> None:
    with serving(box) as url:
        attempt = send(url)
    assert attempt.outcome is outcome
    assert "rivera" not in attempt.reason


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert send(f"smtp://127.0.0.1:{free.getsockname()[1]}").outcome is Outcome.RETRY


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        attempt = send(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.3)
    assert attempt.outcome is Outcome.RETRY


@pytest.mark.parametrize("subject", ["a\r\nBcc: everybody@example.com", "a\nb", "a\0b"])
def test_a_header_cannot_be_smuggled_in(subject: str) -> None:
    box = Box()
    with serving(box) as url:
        assert send(url, Letter(LETTER.to, subject, "x", "k")).outcome is Outcome.FAILED
        assert send(url, Letter("a@example.com\nBcc: b@example.com", "x", "x", "k")).outcome is Outcome.FAILED
    assert box.letters == []


def test_a_password_is_not_sent_in_clear_to_another_machine() -> None:
    box = Box()
    with serving(box, "127.0.0.2") as url:
        attempt = send(url.replace("127.0.0.2", "user:secret@127.0.0.2"))
    assert attempt.outcome is Outcome.RETRY
    assert "SMTPNotSupported" in attempt.reason
    assert box.letters == []


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://"])
def test_an_address_that_is_none_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(Refused, match="smtp://user:password@host:587"):
        SmtpMessenger(url, "a@example.com")


def test_a_letter_without_a_subject_has_none() -> None:
    box = Box()
    with serving(box) as url:
        send(url, Letter(LETTER.to, "", "x", "k"))
    assert box.letters[0]["Subject"] is None
