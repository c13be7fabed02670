"""What stands in the way of a start is one clear line with the mend, and exit code 2."""

from __future__ import annotations

import fcntl
import json
import socket
from pathlib import Path

import pytest

from careline.cli import main


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder and ports that are free."""
    monkeypatch.setenv("CARELINE_DATA", str(tmp_path))
    for name, kind in (("WEB", socket.SOCK_STREAM), ("VOICE", socket.SOCK_STREAM), ("SIP", socket.SOCK_DGRAM)):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            monkeypatch.setenv(f"CARELINE_{name}_PORT", str(probe.getsockname()[1]))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert err.startswith("careline: ")
    assert err.count("\n") == 1, "one line"
    return err


@pytest.mark.parametrize("name", ["WEB", "VOICE", "SIP"])
def test_a_port_in_use_is_named_with_its_setting(
    house: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if name == "SIP" else socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        if name != "SIP":
            taken.listen()
        monkeypatch.setenv(f"CARELINE_{name}_PORT", str(taken.getsockname()[1]))
        assert main(["serve", "--demo"]) == 2
    line = said(capsys)
    assert str(taken) not in line
    assert f"CARELINE_{name}_PORT" in line


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://somewhere/careline", "must begin with postgresql://"),
        ("postgresql://careline:x@127.0.0.1:1/careline", "cannot reach the database"),
    ],
)
def test_a_wrong_database_address_is_said(
    house: Path, url: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CARELINE_DATABASE_URL", url)
    assert main(["serve", "--demo"]) == 2
    assert words in said(capsys)


def test_a_second_start_finds_the_first_and_says_where_it_is(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (house / "careline.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        json.dump({"pid": 4711, "url": "http://localhost:8000"}, first)
        first.flush()
        assert main(["serve", "--demo"]) == 0
    assert capsys.readouterr().out == "Careline already runs here (process 4711): http://localhost:8000\n"


def test_a_data_folder_that_cannot_be_made_is_said(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (house / "file").touch()
    monkeypatch.setenv("CARELINE_DATA", str(house / "file" / "data"))
    assert main(["serve", "--demo"]) == 2
    assert "CARELINE_DATA" in said(capsys)
