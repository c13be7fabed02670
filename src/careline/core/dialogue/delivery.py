"""Serving what was asked for: reviewed answers, messages, pages; said back to the caller only once it is committed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from careline.core.clinical import Disposition
from careline.core.contact import Channel, Expect
from careline.core.dialogue import brief
from careline.core.dialogue.deeds import RECALL, MessageKind, PageClinician, RequestCallback, TakeMessage
from careline.core.dialogue.state import Errand, Goal, Progress
from careline.core.routing.hours import desk_due

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.dialogue.deeds import Summary
    from careline.core.dialogue.scene import Scene
    from careline.core.dialogue.state import State

#: Intents answered from the practice's reviewed texts when there is one.
_FAQ = {"hours", "directions", "services", "insurance_accepted", "referral", "fees", "preparation"}
#: What is asked before a message of this kind is passed on, in order.
_DETAILS = {
    "refill": ("refill_what", "refill_pharmacy"),
    "appointment_new": ("appointment_what", "appointment_when"),
    "appointment_move": ("appointment_when",),
}
#: Deeds whose result is spoken elsewhere, or not at all.
_UNSPOKEN = ("brief", RECALL)
_KIND = {
    "refill": MessageKind.REFILL,
    "prescription_status": MessageKind.REFILL,
    "test_results": MessageKind.TEST_RESULTS,
    "referral": MessageKind.REFERRAL,
    "billing": MessageKind.BILLING,
    "insurance": MessageKind.INSURANCE,
    "prior_auth": MessageKind.INSURANCE,
    "records_forms": MessageKind.RECORDS,
    "complaint": MessageKind.COMPLAINT,
    "vendor_professional": MessageKind.PROFESSIONAL,
}


def needs_person(state: State) -> bool:
    """Whether somebody must get back to this caller, so that we must know who they are."""
    open_errand = any(not errand.settled and errand.intent.kind not in _FAQ for errand in state.errands)
    return state.symptomatic or open_errand or state.has("errand other") or state.has("question passed on")


def wrong_number(scene: Scene) -> bool:
    state = scene.state
    kinds = {errand.intent.kind for errand in state.errands}
    if state.symptomatic or kinds != {"wrong_number"}:
        return False
    scene.tell("close.wrong_number", practice=scene.setup.practice.name)
    return scene.finish("wrong number")


def errands(scene: Scene) -> bool:
    """Each errand in turn: a reviewed answer at once, or the details that the staff will need."""
    for errand in scene.state.errands:
        if errand.settled:
            continue
        kind = errand.intent.kind
        answer = scene.setup.practice.faq.get(kind, {}).get(scene.state.language) if kind in _FAQ else None
        if answer:
            scene.tell_text(f"faq.{kind}", answer)
            _settle(scene, errand)
            continue
        if kind in _FAQ:
            scene.tell("serve.no_faq")
            scene.tick("question passed on", "errand other")
            _settle(scene, errand)
            continue
        known = {name for name, _ in errand.details} | set(dict(errand.intent.slots))
        for field in _DETAILS.get(kind, ()):
            if field not in known and not scene.state.has(f"detail {kind}:{field}"):
                scene.tick(f"detail {kind}:{field}")
                return scene.ask(Goal.DETAIL, f"serve.{field}", Expect.OPEN, detail=f"{kind}:{field}")
    return False


def read_back(scene: Scene) -> bool:
    state = scene.state
    if state.has("correct"):
        return scene.ask(Goal.CORRECTION, "readback.correct", Expect.OPEN)
    if not needs_person(state) or state.has("read back") or not state.open_turns:
        return False
    if scene.progress("clinical") or scene.progress("message:other"):
        return False
    key = "readback.clinical" if state.symptomatic and state.identity.callback_number else "readback.simple"
    name = state.identity.patient_name or state.identity.caller_name
    number = state.identity.callback_number
    text = scene.words(
        key,
        name=name.reveal() if name else "",
        reason=brief.reason(state),
        number=" ".join(number.reveal()[-4:]) if number else "",
    )
    return scene.ask(Goal.READBACK, key, Expect.YES_NO, text=f"{text} {scene.words('readback.right')}")


def deliver(scene: Scene) -> bool:
    """Commit everything this contact promises: the clinical matter first, then each errand."""
    state = scene.state
    summary = brief.summary(scene.setup, state)
    if state.symptomatic and scene.progress("clinical") is None and state.raised is None:
        record = brief.triage_record(state, complete=True)
        disposition = summary.disposition
        if disposition.at_least(Disposition.WITHIN_4H):
            scene.tell("result.paging")
            scene.do("clinical", PageClinician(summary, record))
        else:
            due = clinical_due(scene, disposition)
            scene.do("clinical", TakeMessage(MessageKind.CLINICAL, summary, (), due, record))
    due = desk_due(scene.setup.practice, scene.now)
    for errand in state.errands:
        kind = errand.intent.kind
        if errand.settled or kind in _FAQ or kind == "wrong_number":
            continue
        if kind == "vendor_professional" and errand.intent.critical:
            scene.do(f"message:{kind}", PageClinician(_critical(summary), None))
        else:
            message = TakeMessage(_KIND.get(kind, _appointment(kind)), summary, errand.details, due)
            scene.do(f"message:{kind}", message)
    if state.has("errand other") and not state.symptomatic:
        if state.has("person settled"):
            scene.do("message:other", RequestCallback(summary, due, "asked for a person"))
        else:
            scene.do("message:other", TakeMessage(MessageKind.OTHER, summary, (), due))
    return scene.waiting()


def clinical_due(scene: Scene, disposition: Disposition) -> datetime:
    """By when a nurse or clinician answers: the office's own time, but never later than the disposition allows."""
    allowed = {Disposition.WITHIN_24H: timedelta(hours=24), Disposition.WITHIN_3D: timedelta(days=3)}
    latest = scene.now + allowed.get(disposition, timedelta(days=7))
    return min(desk_due(scene.setup.practice, scene.now), latest)


def results(scene: Scene) -> bool:
    """Say what is committed, and what to do meanwhile."""
    for key, wanted in scene.state.deeds.items():
        if scene.state.has(f"reported {key}") or key in _UNSPOKEN or key.startswith(("emergency:", "person")):
            continue
        scene.tick(f"reported {key}")
        _report(scene, wanted.deed, wanted.progress)
    if scene.state.symptomatic and not scene.state.has("safety net"):
        scene.tick("safety net")
        scene.tell_text("safety.net", _safety_net(scene))
    return False


def goodbye(scene: Scene) -> bool:
    if scene.setup.channel is Channel.PHONE:
        scene.tell("close.automated_end")
    scene.tell("close.goodbye", practice=scene.setup.practice.name)
    return scene.finish("served")


def spoken_when(scene: Scene, due: datetime) -> str:
    """A due time as a caller hears it: "by 9:00 tomorrow"."""
    zone = ZoneInfo(scene.setup.practice.timezone)
    local, today = due.astimezone(zone), scene.now.astimezone(zone)
    clock = f"{local:%H:%M}" if scene.state.language != "en" else f"{local:%I:%M %p}".lstrip("0")
    days = (local.date() - today.date()).days
    if days == 0:
        return scene.words("when.today")
    if days == 1:
        return scene.words("when.tomorrow", time=clock)
    day = scene.setup.words.each("when.days", scene.state.language)[local.weekday()]
    return scene.words("when.day", time=clock, day=day)


def _report(scene: Scene, deed: object, progress: Progress) -> None:
    minutes = str(scene.setup.practice.promises.callback_minutes)
    done = progress is Progress.DONE
    match deed:
        case PageClinician(summary=summary) if summary.thread and done and not scene.state.accepted_by:
            scene.tell("memory.worse_paged" if summary.worse else "memory.added")
        case PageClinician() if scene.state.accepted_by:
            scene.tell("result.accepted", name=scene.state.accepted_by)
        case PageClinician():
            scene.tell("result.paged" if done else "result.not_paged", minutes=minutes)
        case TakeMessage(kind=MessageKind.CLINICAL, due=due) if done:
            scene.tell("result.message_nurse", when=spoken_when(scene, due))
        case TakeMessage(due=due) if done:
            scene.tell("result.message", when=spoken_when(scene, due))
        case RequestCallback(due=due) if done:
            scene.tell("person.callback", when=spoken_when(scene, due))
        case _:
            scene.tell("result.not_saved")


def _safety_net(scene: Scene) -> str:
    """What to do if it gets worse: the own signs of the protocols that a symptom started, then the general sentence."""
    decision, words = scene.state.decision, scene.setup.library.words.get(scene.state.language)
    net = words.safety_net(decision.disposition, decision.started) if decision and words else ""
    return net or scene.words("safety.worse")


def _settle(scene: Scene, done: Errand) -> None:
    scene.update(errands=tuple(replace(e, settled=True) if e is done else e for e in scene.state.errands))


def _critical(summary: Summary) -> Summary:
    """A critical result is urgent whatever else the call is."""
    return replace(summary, disposition=Disposition.CLINICIAN_NOW)


def _appointment(kind: str) -> MessageKind:
    return MessageKind.APPOINTMENT if kind.startswith(("appointment", "waitlist", "telehealth")) else MessageKind.OTHER
