"""The dialogue as a function: an event and the instant it happened go in; a new state and what to say or do come out.

    hear ──► listen (danger, intents, wishes) ──► read the reply ──► decide anew ──► the next move that has something to do

The table of moves (`moves.py`) is the order of care. A caller may leave at any event: what they had already told is then kept
by `leave`, never lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core import triage
from careline.core.clinical import Disposition
from careline.core.contact import Expect, Heard, Hearing, HearingChanged, Left, Say, Silence, Spoken, VoiceLost
from careline.core.dialogue import brief, company
from careline.core.dialogue.deeds import (
    AmendBrief,
    DeskRings,
    Done,
    Failed,
    Joined,
    MessageKind,
    PageAccepted,
    PageClinician,
    PersonLeft,
    Remembered,
    RequestCallback,
    TakeMessage,
)
from careline.core.dialogue.delivery import clinical_due, needs_person
from careline.core.dialogue.emergency import in_crisis
from careline.core.dialogue.listen import believe, decide, listen
from careline.core.dialogue.moves import next_move
from careline.core.dialogue.replies import Turn, read_reply
from careline.core.dialogue.scene import Output, Scene
from careline.core.dialogue.state import Progress, Setup, State
from careline.core.routing.hours import desk_due

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

News = PageAccepted | DeskRings | Joined | PersonLeft | Remembered
Event = Heard | Spoken | Silence | Left | HearingChanged | VoiceLost | Done | Failed | News
Step = tuple[State, "Sequence[Output]"]

#: The sentence that is there as a recording, for when nothing can be rendered.
RECORDED_WORDS = "emergency.recorded"
_FREE_SPEECH = (Expect.OPEN, Expect.NAME, Expect.DATE)
_SILENCES = ("silence.first", "silence.second")


def begin(setup: Setup, hearing: Hearing, language: str, now: datetime) -> Step:
    """Answer: greet, and ask the first question."""
    scene = Scene(setup, State(language=language, hearing=hearing), now)
    next_move(scene)
    return scene.state, scene.outputs


def step(setup: Setup, state: State, event: Event, now: datetime) -> Step:
    """One event. After the contact is finished nothing is said any more, but late news still updates the state."""
    scene = Scene(setup, state, now)
    match event:
        case Heard():
            _heard(scene, event)
        case Silence():
            _silence(scene)
        case Left():
            _leave(scene, event.reason)
        case HearingChanged():
            _hears_otherwise(scene, event)
        case Spoken():
            pass
        case VoiceLost():
            _voice_lost(scene)
        case _:
            _told(scene, event)
    if not isinstance(event, Left | Spoken):
        next_move(scene)
    return scene.state, scene.outputs


def _told(scene: Scene, event: Done | Failed | News) -> None:
    """News from the world: what became of a deed, who accepted, who joined."""
    match event:
        case Done(key=key, detail=detail):
            _settled(scene, key, Progress.DONE, detail)
        case Failed(key=key, reason=reason):
            _settled(scene, key, Progress.FAILED, reason)
            if key == scene.state.person_key:
                company.nobody(scene)
        case Remembered(key=key, earlier=earlier):
            scene.update(earlier=earlier)
            _settled(scene, key, Progress.DONE, "")
        case PageAccepted(by=by):
            scene.update(accepted_by=by)
            if not scene.state.finished and scene.state.raised is None and not scene.state.company:
                scene.tell("result.accepted", name=by)
        case DeskRings() | Joined() | PersonLeft():
            company.take(scene, event)


def _heard(scene: Scene, heard: Heard) -> None:
    if scene.state.finished:
        return
    if scene.state.company:
        company.listen_along(scene, heard)
        return
    if heard.keys == "0":
        believe(scene)
        scene.state = scene.state.wanting_person()
        scene.update(awaiting=None)
        return
    if _switch_key(scene, heard):
        return
    understood = listen(scene, heard)
    decide(scene)
    if any(command.kind == "repeat" for command in understood.commands) and not understood.findings:
        _ask_anew(scene)
        return
    before = scene.state.raised
    if brief.disposition(scene.state).at_least(Disposition.ED_NOW) and before is None:
        # An emergency is told before anything else is asked: the open question no longer matters.
        _read_quietly(scene, Turn(heard, understood))
        scene.update(awaiting=None)
        return
    read_reply(scene, Turn(heard, understood))
    decide(scene)


def _read_quietly(scene: Scene, turn: Turn) -> None:
    """Read the reply for what it tells, without asking again: an emergency is about to be told."""
    before = list(scene.outputs)
    read_reply(scene, turn)
    scene.outputs = [output for output in scene.outputs if output in before or not isinstance(output, Say)]


def _switch_key(scene: Scene, heard: Heard) -> bool:
    """Keys offered in the greeting: 9 not to be recorded, and to whoever can be heard freely 8 for the other language."""
    awaiting = scene.state.awaiting
    if heard.keys == "9" and (awaiting is None or awaiting.expect is not Expect.DIGITS):
        scene.record(on=False)
    elif heard.keys == "8" and scene.state.hearing is Hearing.OPEN:
        others = [code for code in scene.setup.practice.languages if code != scene.state.language]
        scene.update(language=others[0] if others else scene.state.language)
    else:
        return False
    _ask_anew(scene)
    return True


def _ask_anew(scene: Scene) -> None:
    """Say the open question again: in another language, to other ears, or because it was asked for."""
    awaiting = scene.state.awaiting
    if awaiting is None:
        return
    question = awaiting.question
    text = awaiting.words
    if question is not None:
        text = question.words.get(scene.state.language, text)
    scene.ask(
        awaiting.goal, "again", awaiting.expect, detail=awaiting.detail, text=text, question=question,
        options=question.choices if question else (),
    )  # fmt: skip


def _hears_otherwise(scene: Scene, event: HearingChanged) -> None:
    """Worse ears: what they cannot hear is no longer asked, what they can is asked anew, unless it is being answered."""
    state = scene.state
    worse = state.hearing is Hearing.OPEN and event.hearing is not Hearing.OPEN
    scene.update(hearing=event.hearing)
    if worse:
        known = ("speech asked",) if state.open_turns else ()
        scene.tick("language", *known, *(("health asked",) if state.errands else ()))
    if event.answering or state.finished:
        return
    _believe_at_once(scene)
    awaiting = scene.state.awaiting
    if worse and awaiting is not None and awaiting.expect in _FREE_SPEECH:
        scene.tell("keys.from_here_on")
        scene.update(awaiting=None)
    elif worse or not state.has("told keys"):
        _ask_anew(scene)


def _voice_lost(scene: Scene) -> None:
    """The last rungs: recorded words about emergencies, and a person. Without a person the line is given back, and somebody
    calls."""
    if scene.state.finished or scene.state.company or scene.state.has("voice lost"):
        return
    scene.tick("voice lost")
    scene.tell(RECORDED_WORDS)
    _keep_what_was_said(scene, "voice lost")
    if scene.setup.desk_open:
        scene.state = scene.state.wanting_person()
        scene.update(awaiting=None)
    else:
        scene.finish("voice lost")


def _silence(scene: Scene) -> None:
    state = scene.state
    if state.finished or state.company or company.still_ringing(scene):
        return
    scene.update(silences=state.silences + 1)
    if state.held:
        _believe_at_once(scene)
        return
    if state.silences < len(_SILENCES):
        scene.tell(_SILENCES[state.silences])
        return
    _keep_what_was_said(scene, "silence")
    if in_crisis(scene):
        scene.tell("emergency.with_you")
        return
    scene.tell("silence.goodbye")
    scene.finish("silence")


def _believe_at_once(scene: Scene) -> None:
    """The plain question before an emergency got no answer: that is as good as a yes."""
    if scene.state.held:
        believe(scene)
        scene.update(awaiting=None)


def _leave(scene: Scene, reason: str) -> None:
    if not scene.state.finished:
        believe(scene)
        _keep_what_was_said(scene, "caller left")
        scene.update(finished=f"left: {reason}", awaiting=None)


def _keep_what_was_said(scene: Scene, why: str) -> None:
    """The caller is gone before the end. Somebody unwell is paged for or messaged at what is known (what was not asked counts
    as danger); anybody else gets a callback."""
    state = scene.state
    if state.raised is not None:
        record = brief.triage_record(state, complete=False)
        scene.do("brief", AmendBrief(brief.summary(scene.setup, state), record))
        return
    if state.symptomatic and scene.progress("clinical") is None:
        scene.update(decision=_final(scene))
        record = brief.triage_record(scene.state, complete=False)
        summary = brief.summary(scene.setup, scene.state)
        if summary.disposition.at_least(Disposition.WITHIN_4H):
            scene.do("clinical", PageClinician(summary, record))
        else:
            due = clinical_due(scene, summary.disposition)
            scene.do("clinical", TakeMessage(MessageKind.CLINICAL, summary, (), due, record))
        return
    if state.company or state.has(company.SERVED):
        return
    served = all(errand.settled for errand in state.errands) and bool(state.errands)
    if (needs_person(state) or not served) and not any(key.startswith("message:") for key in state.deeds):
        due = desk_due(scene.setup.practice, scene.now)
        scene.do("abandoned", RequestCallback(brief.summary(scene.setup, state), due, why))


def _final(scene: Scene) -> triage.Decision:
    state, setup = scene.state, scene.setup
    asked_enough = state.has("asked enough")
    return triage.decide(
        setup.library,
        state.facts,
        settings=setup.practice.settings,
        packs=setup.practice.packs,
        final=not asked_enough,
    )


def _settled(scene: Scene, key: str, progress: Progress, result: str) -> None:
    wanted = scene.state.deeds.get(key)
    if wanted is not None:
        deeds = {**scene.state.deeds, key: replace(wanted, progress=progress, result=result)}
        scene.update(deeds=deeds)
