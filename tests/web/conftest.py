"""Sign-ins, the running web process, and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

PASSWORD = "correct horse battery"
EMAILS = {
    "operator": "operator@cedarhill.example",
    "clinician": "okafor@cedarhill.example",
    "colleague": "rivera@cedarhill.example",
    "manager": "manager@cedarhill.example",
}

SignIn = Callable[..., Client]


@pytest.fixture
def with_passwords(demo: UUID) -> UUID:
    """The demo practice, whose people can sign in with `PASSWORD`. Returns its id."""
    from django.contrib.auth.hashers import make_password

    from careline.storage.models import Person

    Person.objects.update(password=make_password(PASSWORD))
    return demo


@pytest.fixture
def sign_in(with_passwords: UUID) -> SignIn:
    """A client signed in by the form, as somebody of the demo practice; the role names who."""

    def signed_in(role: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        answer = client.post("/account/login/", {"login": EMAILS[role], "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        return client

    return signed_in


@pytest.fixture
def site(with_passwords: UUID, tmp_path: Path) -> Iterator[str]:
    """The web process, running. Gives its address."""
    command = [sys.executable, str(Path(__file__).with_name("web_server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://localhost:{process.stdout.readline().strip()}"
        process.stdin.close()
        assert process.wait(timeout=10) == 0
