"""Text can be read: every pair of ink and ground that pages use reaches 4.5 to 1, in the light and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

THEME = (Path(__file__).parents[2] / "src/careline/web/static/careline/theme.css").read_text()
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("ground", "surface", "surface-2")),
    *((ink, ground) for ink in ("accent", "accent-strong") for ground in ("ground", "surface", "accent-soft")),
    *((tone, f"{tone}-soft") for tone in ("emergency", "urgent", "routine", "good")),
    *(("ink", f"{tone}-soft") for tone in ("emergency", "urgent", "routine", "good", "accent")),
    ("ink-2", "emergency-soft"), ("ink-3", "emergency-soft"), ("emergency", "surface"), ("on-accent", "accent"),
    ("on-solid", "emergency-solid"), ("on-solid", "urgent-solid"),
]  # fmt: skip


def _colour(name: str, mode: int) -> str:
    value = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", THEME)
    assert value is not None, name
    return value[3] or value[mode + 1]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(ink: str, ground: str, mode: int) -> None:
    light, dark = sorted((_luminance(_colour(ink, mode)), _luminance(_colour(ground, mode))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
