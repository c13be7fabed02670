"""How something was said: broken off again and again for want of breath, or in distress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.language import tokens as cutting

if TYPE_CHECKING:
    from careline.core.language.matching import Match
    from careline.core.language.scope import Scene

FEWEST = 4  # fragments
LONGEST_MEAN = 4.6  # words a fragment


def may_be_broken(raw: cutting.Raw) -> bool:
    """Many short sentences: patterns may then reach from one to the next."""
    sizes = cutting.fragments(raw)
    return len(sizes) >= FEWEST and sum(sizes) / len(sizes) <= LONGEST_MEAN


def breaks(scene: Scene) -> int:
    """How many sentences stop in mid-phrase or begin as the rest of the one before ("I keep having. To stop.")."""
    tokens = scene.tokens
    starts = {cue.start for cue in scene.cues.get("continues", [])}
    ends = {cue.end for cue in scene.cues.get("dangling", [])}
    count = 0
    for at in range(1, len(tokens)):
        if tokens.sentence[at] != tokens.sentence[at - 1] and (at in starts or at in ends):
            count += 1
    return count


def distress(text: str, cues: list[Match]) -> float:
    """0 to 1: pleading words, exclamation marks, a turn in capitals."""
    score = min(0.8, 0.4 * len(cues)) + min(0.3, 0.1 * text.count("!"))
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 12 and sum(c.isupper() for c in letters) > 0.8 * len(letters):
        score += 0.3
    return round(min(1.0, score), 2)
