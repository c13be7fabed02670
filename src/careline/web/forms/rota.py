"""Forms of the rota. Times are read on the practice's own wall clock; a refusal is shown at the field it is about."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms

from careline.core.errors import DataFileError, Refused
from careline.core.oncall.telling import LeavesGap
from careline.core.oncall.wall import instant, wall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    Choices = Sequence[tuple[str, str]]

_NEAR = range(2000, 2100)
CHANGES = (
    ("replace", "Somebody takes the place of somebody"),
    ("add", "Somebody is on call as well"),
    ("remove", "Somebody is taken off"),
)
LAYERS = (("1", "first"), ("2", "second, when nobody of the first accepts"), ("3", "third"))


_MISSING = {"people": "Choose at least one person.", "first": "Say on which day the first turn begins."}


def _is_missing(error: DataFileError) -> bool:
    return error.problem.endswith((" is missing", "not empty"))


def _told(error: DataFileError) -> str:
    return f"{error.problem} — {error.mend}" if error.mend else error.problem


class WallField(forms.CharField):
    """A time on the practice's wall clock, read as the instant at which the clock first shows it (or jumps over it)."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def __init__(self, zone: ZoneInfo, **options: Any) -> None:
        self.zone = zone
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "")
        if not text:
            return None
        try:
            local = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError("This is not a time. Write 2026-12-24T17:00.") from error
        if local.tzinfo is not None or local.year not in _NEAR:
            raise forms.ValidationError("This is not a likely time: check the year.")
        return instant(self.zone, wall(local.date(), time(local.hour, local.minute)))


def people_field(people: Choices, label: str, *, required: bool = True, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "Choose…"), *people], required=required, **options)


class RotaForm(forms.Form):
    """What all of them share: refusals at their fields, and a gap that must be confirmed."""

    def refuse(self, error: Refused | DataFileError) -> None:
        if isinstance(error, LeavesGap):
            self.fields["despite_gaps"] = forms.BooleanField(
                label="Save it nevertheless: whoever stands in is called at these times", required=False
            )
            for line in error.told[:12]:
                self.add_error(None, f"Nobody would be on call: {line}.")
        elif isinstance(error, DataFileError):
            words = _MISSING.get(error.file, "Fill this in.") if _is_missing(error) else _told(error)
            named = self.names().get(error.file, error.file)
            self.add_error(named if named in self.fields else None, words)
        else:
            self.add_error(None, str(error))

    def names(self) -> Mapping[str, str]:
        """Which field a key of the rota's tables stands in."""
        return {}

    @property
    def despite_gaps(self) -> bool:
        return bool(self.data.get("despite_gaps"))

    def person(self, name: str) -> UUID | None:
        value = self.cleaned_data.get(name)
        return UUID(value) if value else None


def change_form(data: Any, zone: ZoneInfo, people: Choices, rules: Choices, initial: Mapping[str, str]) -> RotaForm:
    form = RotaForm(data, initial={"change": "replace", "layer": "1", **initial})
    form.fields |= {
        "change": forms.ChoiceField(label="What changes", choices=CHANGES, widget=forms.RadioSelect),
        "person": people_field(people, "Who comes", required=False),
        "leaves": people_field(
            people, "Who leaves", required=False, help_text="Nobody chosen: whoever is on call then."
        ),
        "start": WallField(zone, label="From"),
        "end": WallField(zone, label="Until"),
        "rule": forms.ChoiceField(label="In which rotation", choices=[("", "All of them"), *rules], required=False),
        "layer": forms.ChoiceField(
            label="Called", choices=LAYERS, required=False, help_text="Only for somebody on call as well."
        ),
        "reason": forms.CharField(
            label="Why", max_length=200, required=False, help_text="Colleagues read it. Nothing of a patient here."
        ),
    }
    return form


def away_form(data: Any, zone: ZoneInfo, people: Choices, initial: Mapping[str, str]) -> RotaForm:
    form = RotaForm(data, initial=dict(initial))
    form.fields |= {
        "person": people_field(people, "Who is away"),
        "start": WallField(zone, label="From"),
        "end": WallField(zone, label="Until"),
        "reason": forms.CharField(
            label="Note", max_length=200, required=False, help_text="Colleagues read it. No medical reasons here."
        ),
    }
    return form


def swap_form(data: Any, zone: ZoneInfo, people: Choices, initial: Mapping[str, str]) -> RotaForm:
    form = RotaForm(data, initial=dict(initial))
    form.fields |= {
        "first": people_field(people, "Who gives a shift away"),
        "start": WallField(zone, label="From"),
        "end": WallField(zone, label="Until"),
        "colleague": people_field(people, "Who takes it"),
        "back_start": WallField(zone, label="In return, from", required=False),
        "back_end": WallField(
            zone,
            label="In return, until",
            required=False,
            help_text="Leave both empty when nothing is given in return.",
        ),
    }
    return form


def stand_ins_form(data: Any, people: Choices, initial: Mapping[str, Any]) -> RotaForm:
    form = RotaForm(data, initial=dict(initial))
    form.fields |= {
        "backup": people_field(people, "Back-up: called when nobody is on call"),
        "supervisor": people_field(people, "Supervisor: called after the back-up"),
        "desk": forms.CharField(
            label="Hours in which the office answers itself",
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="One line each, as in: mon-fri 08:00-17:00. Nobody on call then is no gap. Never on holidays.",
        ),
        "alarm_minutes": forms.IntegerField(
            label="Sound the alarm so many minutes before a gap", min_value=5, max_value=1440
        ),
        "days_ahead": forms.IntegerField(label="Look so many days ahead for gaps", min_value=1, max_value=92),
        "enquiry_pin": forms.CharField(
            label="PIN of the office, for asking by telephone who is on call",
            required=False,
            widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            help_text="6 to 12 digits; empty keeps the one there is. Staff may use their own PIN from their own number.",
        ),
    }
    return form


def holiday_form(data: Any) -> RotaForm:
    form = RotaForm(data, initial={"moved": "stays", "both": True})
    moves = (
        ("stays", "stays where it is"),
        ("nearest", "Saturday to Friday, Sunday to Monday"),
        ("next", "to the next working day"),
    )
    form.fields |= {
        "name": forms.CharField(label="Name", max_length=80),
        "date": forms.CharField(
            label="When",
            max_length=400,
            help_text="As in: 12-25, 4th thu of 11, last mon of 05, easter - 2, or dates: 2026-12-24, 2027-12-24.",
        ),
        "moved": forms.ChoiceField(label="When it falls on a weekend, it", choices=moves),
        "both": forms.BooleanField(label="The day itself stays a holiday too", required=False),
    }
    return form


def import_form(data: Any, files: Any) -> RotaForm:
    form = RotaForm(data, files, initial={"rule": "imported", "hand_off": "07:00", "layer": "1"})
    form.fields |= {
        "file": forms.FileField(label="The .ics file", required=False),
        "text": forms.CharField(
            label="or its text", required=False, max_length=1_500_000, widget=forms.Textarea(attrs={"rows": 4})
        ),
        "rule": forms.RegexField(
            r"^[\w .-]{1,60}$",
            label="Name of the list",
            help_text="An imported list of this name is replaced from now on.",
        ),
        "hand_off": forms.TimeField(
            label="Whole-day shifts begin at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        ),
        "layer": forms.ChoiceField(label="Called", choices=LAYERS),
    }
    return form


def written_dates(text: str) -> str | list[str]:
    """A list of dates when it is one, else the rule as written."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return [date.fromisoformat(part).isoformat() for part in parts] or text.strip()
    except ValueError:
        return text.strip()
