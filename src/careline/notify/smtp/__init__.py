"""Mail by SMTP (RFC 5321), with `smtplib`: one connection per letter, encrypted wherever the server offers it.

What the answers mean: 2yz is DELIVERED (to the server; nobody has read it), 4yz and everything that goes wrong on the way is
RETRY, 5yz is FAILED. A letter's key becomes its Message-ID, so that a letter sent twice shows as one in most mail programs.
"""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from careline.core.errors import Refused
from careline.ports import Attempt, Outcome, Provider

if TYPE_CHECKING:
    from careline.ports import Letter, Means

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SmtpMessenger:
    """`url` is `smtp://[user:password@]host[:port]`, or `smtps://…` for TLS from the first byte. A password is never sent in
    clear: without STARTTLS the server is refused, unless it is on this machine."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise Refused("CARELINE_SMTP_URL must look like smtp://user:password@host:587")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    async def send(self, letter: Letter, timeout_s: float) -> Attempt:
        """Never longer than `timeout_s` in all."""
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.to_thread(self._send, letter, timeout_s / 3)
        except TimeoutError:
            return Attempt(Outcome.RETRY, reason="the mail server did not answer in time")

    def _send(self, letter: Letter, step_s: float) -> Attempt:
        try:
            message = compose(letter, self._sender)
            with self._connect(step_s) as server:
                server.send_message(message)
        except (
            ValueError,
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPResponseException,
            smtplib.SMTPException,
        ) as error:
            return failed(error)
        except OSError as error:
            return Attempt(Outcome.RETRY, reason=f"no connection to the mail server ({type(error).__name__})")
        return Attempt(Outcome.DELIVERED, reference=str(message["Message-ID"]))

    def _connect(self, step_s: float) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if self._tls:
            return self._signed_on(smtplib.SMTP_SSL(self._host, self._port, timeout=step_s, context=trusted))
        return self._signed_on(smtplib.SMTP(self._host, self._port, timeout=step_s), trusted)

    def _signed_on(self, server: smtplib.SMTP, upgrade: ssl.SSLContext | None = None) -> smtplib.SMTP:
        try:
            server.ehlo()
            if upgrade is not None and server.has_extn("starttls"):
                server.starttls(context=upgrade)
            elif upgrade is not None and self._user and self._host not in _THIS_MACHINE:
                raise smtplib.SMTPNotSupportedError("STARTTLS")
            if self._user:
                server.login(self._user, self._password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Raises ValueError for an address or subject with line breaks: a header cannot be smuggled in."""
    if any(character in text for text in (letter.to, letter.subject, sender) for character in "\r\n\0"):
        raise ValueError("a line break in a header")
    message = EmailMessage()
    message["From"], message["To"] = sender, letter.to
    if letter.subject:
        message["Subject"] = letter.subject
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    message["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:32]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def failed(error: Exception) -> Attempt:
    """What an answer of the server means for this letter; its own words are left out, they may quote an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
        return Attempt(Outcome.FAILED if code >= 500 else Outcome.RETRY, reason=f"recipient refused ({code})")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Attempt(Outcome.RETRY, reason="the mail server refused our password")
    if isinstance(error, smtplib.SMTPResponseException):
        outcome = Outcome.FAILED if error.smtp_code >= 500 else Outcome.RETRY
        return Attempt(outcome, reason=f"the mail server answered {error.smtp_code}")
    if isinstance(error, ValueError):
        return Attempt(Outcome.FAILED, reason="not an address that mail can go to")
    return Attempt(Outcome.RETRY, reason=f"the mail server did not keep to its protocol ({type(error).__name__})")


def _build(means: Means) -> SmtpMessenger | None:
    url = means.environment.get("CARELINE_SMTP_URL")
    if not url:
        return None
    return SmtpMessenger(url, means.environment.get("CARELINE_MAIL_FROM") or "careline@localhost")


PROVIDER = Provider("smtp", "email", "set CARELINE_SMTP_URL=smtp://user:password@host:587", _build)
