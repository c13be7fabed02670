"""The workbench of one step: it gathers what is said and done while the state moves on. It lives inside one call of `step`
and never outside it, so the dialogue stays a function of its arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from careline.core.contact import Channel, Expect, Hearing, Say
from careline.core.dialogue.deeds import RECALL, Do, Finish, Note, Record
from careline.core.dialogue.state import Awaiting, Progress, Wanted
from careline.core.people import Private

if TYPE_CHECKING:
    from datetime import datetime

    from careline.core.dialogue.deeds import Deed
    from careline.core.dialogue.state import Goal, Setup, State
    from careline.core.triage import Question

Output = Say | Do | Record | Note | Finish

#: Sentences that must be heard whole: they carry an instruction or a consent (issue: never interrupted).
_UNINTERRUPTIBLE = ("emergency.", "greeting.recorded", "consent.")

#: Deeds that somebody else waits for: a person who is rung, and memory (`memory.recall`).
_NOT_WAITED_FOR = ("person", RECALL)


class Scene:
    """State, outputs so far, and the few ways to add to them."""

    def __init__(self, setup: Setup, state: State, now: datetime) -> None:
        self.setup, self.state, self.now = setup, state, now
        self.outputs: list[Output] = []

    # ------------------------------------------------------------ saying

    def words(self, key: str, **slots: str) -> str:
        """The sentence in the contact's language; in writing, its `_written` form where there is one."""
        written = f"{key}_written"
        if self.setup.channel is not Channel.PHONE and self.setup.words.has(written):
            key = written
        return self.setup.words.of(key, self.state.language, **slots)

    def tell(self, key: str, **slots: str) -> None:
        """Say a sentence that wants no reply."""
        self._say(key, self.words(key, **slots), Expect.NOTHING, (), fixed=not slots)

    def tell_text(self, key: str, text: str) -> None:
        """Say a reviewed text of the practice (a greeting, an answer to a frequent question, safety-net words)."""
        self._say(key, text, Expect.NOTHING, (), fixed=True)

    def ask(
        self,
        goal: Goal,
        key: str,
        expect: Expect,
        *,
        detail: str = "",
        text: str = "",
        question: Question | None = None,
        options: tuple[str, ...] = (),
        **slots: str,
    ) -> bool:
        """Ask, and wait for the reply. `text` overrides the sentence of `key`. Always True: the step ends here."""
        sentence = text or self.words(key, **slots)
        before = self.state.awaiting
        tries = before.tries if before and (before.goal, before.detail) == (goal, detail) else 0
        if expect is Expect.YES_NO and self.state.hearing is not Hearing.OPEN:
            sentence = (
                f"{sentence} {self.words('keys.yes_no')}" if not self.state.has("told keys") or tries else sentence
            )
            self.state = self.state.tick("told keys")
        fixed = not slots and (not text or question is not None)  # a text made for this caller may hold their name
        self._say(key, sentence, expect, options, fixed=fixed)
        self.update(awaiting=Awaiting(goal, expect, sentence, detail, question, tries))
        return True

    def _say(self, key: str, text: str, expect: Expect, options: tuple[str, ...], *, fixed: bool) -> None:
        state = self.state
        said = state.said + 1
        interruptible = not key.startswith(_UNINTERRUPTIBLE)
        self.outputs.append(
            Say(f"{said}:{key}", text, state.language, interruptible, expect, options, state.pace, fixed)
        )
        self.update(said=said, last_said=text)

    # ------------------------------------------------------------ doing

    def do(self, key: str, deed: Deed) -> None:
        """Ask the world for a deed, once per key."""
        if key not in self.state.deeds:
            self.outputs.append(Do(key, deed))
            self.update(deeds={**self.state.deeds, key: Wanted(deed)})

    def progress(self, key: str) -> Progress | None:
        wanted = self.state.deeds.get(key)
        return wanted.progress if wanted else None

    def note(self, kind: str, text: str = "") -> None:
        self.outputs.append(Note(kind, Private(text)))

    def record(self, *, on: bool = True) -> None:
        """Record from here on, the announcement or question included. Off: the caller does not want it, or has not agreed where
        they must; what was taken is deleted, and they are told so, once."""
        setup = self.setup
        if setup.channel is not Channel.PHONE:
            return
        if on and setup.recorded:
            words = setup.consent.words if setup.consent else ""
            consent = f"{'asked' if setup.ask_consent else 'announced'} {words}".strip()
            self.outputs.append(Record(on=True, consent=consent))
            self.note("consent", consent)
        elif not on and not self.state.has("not recording"):
            self.tick("not recording")
            self.outputs.append(Record(on=False, delete=True))
            self.note("consent", "refused")
            self.tell("greeting.not_recording")

    def finish(self, reason: str) -> bool:
        self.outputs.append(Finish(reason))
        self.update(finished=reason, awaiting=None)
        return True

    # ------------------------------------------------------------ state

    def update(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def tick(self, *names: str) -> None:
        self.state = self.state.tick(*names)

    def waiting(self) -> bool:
        """Whether a deed is on its way whose result the caller must hear before anything else is said."""
        return any(
            wanted.progress is Progress.WANTED and not key.startswith(_NOT_WAITED_FOR)
            for key, wanted in self.state.deeds.items()
        )
