"""`careline practices check` tells a manager what is missing, what cannot be used, and why a practice may not go live."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from careline.bootstrap.installation import load_practice
from careline.cli import main
from careline.core.errors import Refused
from database import ROOT

DEMO = (ROOT / "practices" / "demo" / "practice.toml").read_text()
LIVE = DEMO.replace("live = false", "live = true")


def written(folder: Path, text: str) -> str:
    path = folder / "practice.toml"
    path.write_text(text)
    return str(path)


def test_nobody_goes_live_alone_on_closed_ears(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["practices", "check", written(tmp_path, LIVE)]) == 1
    assert "+12125550100, +12125550101 first" in capsys.readouterr().out
    with pytest.raises(Refused, match="may not go live"):
        load_practice(written(tmp_path, LIVE))


@pytest.mark.parametrize(
    "text",
    [
        DEMO,
        LIVE.replace('mode = "full_time"', 'mode = "overflow"').replace('mode = "after_hours"', 'mode = "overflow"'),
    ],
    ids=["not live", "a person answers first"],
)
def test_closed_ears_are_well_behind_a_person(text: str, tmp_path: Path) -> None:
    assert main(["practices", "check", written(tmp_path, text)]) == 0


def test_ears_that_hear_speech_may_answer_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELINE_EARS", "openai")
    monkeypatch.setenv("CARELINE_EARS_URL", "http://localhost:9000/v1")
    assert main(["practices", "check", written(tmp_path, LIVE)]) == 0


def test_which_sentences_are_recorded_missing_or_of_no_use_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sounds = tmp_path / "ours"
    sounds.mkdir()
    for name, rate in (("greeting.practice.en", 8000), ("greeting.assistant.en", 6000)):
        with wave.open(str(sounds / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(bytes(8000))
    assert main(["practices", "check", written(tmp_path, f'sentences = "ours"\n{DEMO}')]) == 0
    said = capsys.readouterr().out
    assert "1 sentences recorded" in said
    assert "MEND  greeting.assistant.en.wav" in said
    assert "missing: greeting.practice.es.wav" in said
    assert "missing: emergency.call_911.en.wav" in said
    assert "callback_known" not in said, "sentences with a number in them cannot be recorded"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["practices", "check", written(tmp_path, f'sentences = "ours"\n{DEMO}')]) == 2
    assert "there is no folder" in capsys.readouterr().err
