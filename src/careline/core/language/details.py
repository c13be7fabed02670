"""What was said around a mention: since when, how long, how bad, which side, getting better or worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.core.clinical import Course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from careline.core.language.matching import Match
    from careline.core.language.scope import Scene
    from careline.core.language.times import Time

NEAR = 6  # words within which an adjective belongs to a mention
_COURSES = {course.value: course for course in Course}


def course(scene: Scene, match: Match) -> Course | None:
    """The course said nearest to a mention, in its sentence."""
    sentence = scene.tokens.sentence[match.start]
    cues = [cue for cue in scene.cues.get("course", ()) if scene.tokens.sentence[cue.start] == sentence]
    cue = min(cues, key=lambda one: abs(one.start - match.end), default=None)
    return _COURSES.get(cue.target.options.get("value", "")) if cue is not None else None


def severity(scene: Scene, match: Match) -> int | None:
    """0 to 10: what the pattern itself says, or a word such as "terrible" beside it."""
    own = match.target.options.get("severity")
    if own is not None:
        return int(own)
    cue = _nearest(scene, "severity", match)
    return int(cue.target.options["severity"]) if cue is not None else None


def side(scene: Scene, match: Match) -> str | None:
    own = match.target.options.get("side")
    if own is not None:
        return own
    cue = _nearest(scene, "side", match)
    return cue.target.options.get("value") if cue is not None else None


def site(scene: Scene, match: Match) -> str | None:
    """The part of the body named in the mention itself."""
    own = match.target.options.get("site")
    if own is not None:
        return own
    inside = (cue for cue in scene.cues.get("site", ()) if match.start <= cue.start and cue.end <= match.end)
    return next((cue.target.options["value"] for cue in inside), None)


def _nearest(scene: Scene, name: str, match: Match) -> Match | None:
    tokens = scene.tokens
    best: tuple[int, Match] | None = None
    for cue in scene.near(name, match):
        if cue.end <= match.start:
            distance = tokens.before[match.start] - tokens.after[cue.end - 1]
        elif cue.start >= match.end:
            distance = tokens.before[cue.start] - tokens.after[match.end - 1]
        else:
            distance = 0
        if distance <= NEAR and (best is None or distance < best[0]):
            best = (distance, cue)
    return best[1] if best is not None else None


def timing(
    scene: Scene, match: Match, times: Sequence[Time], taken: Sequence[Match]
) -> tuple[float | None, float | None]:
    """(onset in hours ago, duration in hours) from the nearest stretch of time in the same sentence."""
    tokens = scene.tokens
    sentences = {tokens.sentence[match.start], tokens.sentence[match.end - 1]}
    free = [
        time
        for time in times
        if tokens.sentence[time.start] in sentences
        and not any(one.start <= time.start and time.end <= one.end for one in taken)
    ]
    if not free:
        return None, None
    time = min(free, key=lambda one: min(abs(one.start - match.end), abs(match.start - one.end)))
    if time.kind == "ago":
        return time.hours, None
    return time.hours, time.hours
