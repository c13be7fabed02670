"""The same thread: what a patient's earlier contact left open is known in a later one, whatever channel either came by.

Nothing is asked for, and so nothing can be told, before two identifiers are known; the answer to `Recall` is empty unless they
match. What is told then is how the matter stands, never what it is about. A caller who goes on about it is screened like any
other; what has become worse since is at least a clinician's to judge now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.contact import Expect
from careline.core.dialogue import delivery
from careline.core.dialogue.deeds import RECALL, MessageKind, Recall
from careline.core.dialogue.state import Goal, Progress

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.dialogue.deeds import Earlier
    from careline.core.dialogue.scene import Scene
    from careline.core.people import Identity


def recall(scene: Scene) -> bool:
    """Ask once, when two identifiers are known. Nothing waits for it longer than for any other deed."""
    if scene.progress(RECALL) is None and two_identifiers(scene.state.identity):
        scene.do(RECALL, Recall(scene.state.identity))
    return scene.progress(RECALL) is Progress.WANTED


def two_identifiers(known: Identity) -> bool:
    named = known.patient_name or (known.caller_name if known.relation == "self" else None)
    return known.date_of_birth is not None and bool(named or known.callback_number)


def go_on(scene: Scene) -> bool:
    """Say how an open matter stands; join it when this contact is about the same, and ask whether it got worse."""
    clinical = next((one for one in scene.state.earlier if one.kind is MessageKind.CLINICAL), None)
    for one in scene.state.earlier:
        if one is clinical or one.kind is not MessageKind.CLINICAL:
            _tell(scene, one)
    if clinical is None or not _might_be_about_it(scene):
        return False
    if not scene.state.has("same matter") and not _gave_up(scene, Goal.SAME_MATTER):
        return scene.ask(Goal.SAME_MATTER, "memory.same", Expect.YES_NO, detail=clinical.matter)
    if scene.state.thread and not scene.state.has("worse asked") and not _gave_up(scene, Goal.WORSE):
        return scene.ask(Goal.WORSE, "memory.worse", Expect.YES_NO)
    return False


def _might_be_about_it(scene: Scene) -> bool:
    """Not somebody who only wants a refill; but whoever asks what became of an earlier call is asked, and screened again."""
    return scene.state.symptomatic or not scene.state.errands


def _tell(scene: Scene, one: Earlier) -> None:
    tick = f"told {one.matter}"
    if scene.state.has(tick):
        return
    scene.tick(tick)
    at = _clock(scene, one.accepted_at or one.at)
    if one.accepted_by:
        role = scene.words(f"memory.role_{one.role}") if one.role else ""
        key = "memory.accepted" if one.paged else "memory.taken"
        scene.tell(key, name=f"{one.accepted_by} ({role})" if role else one.accepted_by, at=at)
    elif one.paged:
        scene.tell("memory.paging", at=at)
    elif one.due is not None and one.due >= scene.now:
        scene.tell("memory.message", at=at, when=delivery.spoken_when(scene, one.due))
    else:
        scene.tell("memory.message_late", at=at)


def _clock(scene: Scene, at: datetime) -> str:
    """When it was, as said in a sentence: "9:40 PM today", "9:40 PM on Monday"."""
    zone = ZoneInfo(scene.setup.practice.timezone)
    local, now = at.astimezone(zone), scene.now.astimezone(zone)
    clock = f"{local:%H:%M}" if scene.state.language != "en" else f"{local:%I:%M %p}".lstrip("0")
    if local.date() == now.date():
        return scene.words("memory.today", time=clock)
    day = scene.setup.words.each("when.days", scene.state.language)[local.weekday()]
    return scene.words("memory.day", time=clock, day=day)


def _gave_up(scene: Scene, goal: Goal) -> bool:
    return scene.state.has(f"gave up {goal}")
