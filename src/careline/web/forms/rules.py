"""The form of a rotation: to a table in the words of `oncall.toml`, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from careline.core.clinical import Level
from careline.core.spans import WEEKDAYS
from careline.web.forms.rota import LAYERS, RotaForm, people_field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PEOPLE, HOURS = 8, 3  # rows of an empty form; a rule that has more gets more
DAYS = tuple(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
UNITS = (("week", "weeks"), ("day", "days"), ("hour", "hours"))
_DATE, _TIME = {"type": "date"}, {"type": "time"}


class RuleForm(RotaForm):
    """`people_rows` and `hour_rows` say how many of each it offers."""

    people_rows, hour_rows = PEOPLE, HOURS

    def names(self) -> Mapping[str, str]:
        return {"people": "person_1", "every": "count", "hours": "days_1", "desk": "days_1"}

    def groups(self) -> list[tuple[str, str, list[Any]]]:
        """The fields under their headings, each group with how it is laid out."""
        people = [self[f"person_{number}"] for number in range(1, self.people_rows + 1)]
        hours = [self[f"{part}_{number}"] for number in range(1, self.hour_rows + 1) for part in ("days", "from", "to")]
        return [
            ("What it is called, and how", "pair", [self["id"], self["kind"]]),
            ("Who, in this order", "pair", people),
            ("Turns", "pair", [self["count"], self["unit"], self["first"], self["hand_off"], self["turns"]]),
            ("Only at these hours (none: round the clock; an earlier end is the next day)", "hours3", hours),
            ("Only for", "pair", [self["specialty"], self["location"], self["role"], self["urgency"]]),
            (
                "Which days, and beside whom",
                "pair",
                [self["layer"], self["holidays"], self["starts"], self["until"], self["together"]],
            ),
        ]

    def table(self) -> dict[str, Any]:
        """What was filled in, in the words of a file. What is wrong with it is found by who reads the table."""
        given = self.cleaned_data
        table: dict[str, Any] = {"id": given["id"]}
        if given["kind"] == "list":
            return {**table, **self._for_what()}
        if given["kind"] == "turns":
            turns = [line.strip() for line in given["turns"].splitlines() if line.strip()]
            count = given["count"] or 1
            every = f"{count} {given['unit']}s" if count > 1 else given["unit"]
            table |= {"turns": turns} if turns else {"people": self._people(), "every": every}
            table |= {key: given[key].isoformat() for key in ("first",) if given[key]}
            table |= {"hand_off": f"{given['hand_off']:%H:%M}"} if given["hand_off"] else {}
        else:
            table["people"] = self._people()
        hours = self._hours()
        return {**table, **({"hours": hours} if hours else {}), **self._for_what()}

    def _people(self) -> list[str]:
        chosen = (self.cleaned_data[f"person_{number}"] for number in range(1, self.people_rows + 1))
        return [person for person in chosen if person]

    def _hours(self) -> list[str]:
        rows = [
            tuple(self.cleaned_data[f"{part}_{number}"] for part in ("days", "from", "to"))
            for number in range(1, self.hour_rows + 1)
        ]
        return [f"{','.join(days)} {start:%H:%M}-{end:%H:%M}" for days, start, end in rows if days and start and end]

    def _for_what(self) -> dict[str, Any]:
        given = self.cleaned_data
        found: dict[str, Any] = {key: given[key] for key in ("specialty", "location", "role", "urgency") if given[key]}
        found |= {key: given[key].isoformat() for key in ("starts", "until") if given[key]}
        if given["layer"] != "1":
            found["layer"] = int(given["layer"])
        if given["holidays"] != "as_usual":
            found["holidays"] = given["holidays"]
        return {**found, **({"together": True} if given["together"] else {})}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for number in range(1, self.hour_rows + 1):
            parts = [given.get(f"{part}_{number}") for part in ("days", "from", "to")]
            if any(parts) and not all(part not in (None, [], "") for part in parts):
                self.add_error(f"days_{number}", "Hours need days, a beginning and an end.")
        return given


def rule_form(data: Any, people: Sequence[tuple[str, str]], initial: Mapping[str, Any] | None = None) -> RuleForm:
    first = {"kind": "turns", "count": 1, "unit": "week", "layer": "1", "holidays": "as_usual"}
    known = {**first, **(initial or {})}
    form = RuleForm(data, initial=known)
    form.people_rows = max(PEOPLE, sum(key.startswith("person_") for key in known) + 1)
    form.hour_rows = max(HOURS, sum(key.startswith("days_") for key in known) + 1)
    kinds = [("turns", "People take turns"), ("always", "Always the same people")]
    if known["kind"] == "list":
        kinds = [("list", "A list of shifts, as imported")]
    form.fields |= {
        "id": forms.RegexField(r"^[\w .-]{1,60}$", label="Name", help_text="Short, as in: week, nights, heart."),
        "kind": forms.ChoiceField(label="Kind", choices=kinds, widget=forms.RadioSelect),
        **{
            f"person_{number}": people_field(people, f"{number}.", required=False)
            for number in range(1, form.people_rows + 1)
        },
        **_turn_fields(),
        **_hour_fields(form.hour_rows),
        **_scope_fields(),
    }
    return form


def _turn_fields() -> dict[str, forms.Field]:
    return {
        "count": forms.IntegerField(label="Each turn lasts", min_value=1, max_value=999, required=False),
        "unit": forms.ChoiceField(label="of", choices=UNITS),
        "first": forms.DateField(
            label="The first turn begins on",
            required=False,
            widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
            help_text="The hand-off is always on this day of the week, when turns last whole weeks.",
        ),
        "hand_off": forms.TimeField(
            label="Hand-off at", required=False, widget=forms.TimeInput(attrs=_TIME, format="%H:%M")
        ),
        "turns": forms.CharField(
            label="Turns of different length, or of several together",
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text="One line each, by their short names, as in: rivera 3 days; okafor+novak 4 days. Leave empty otherwise.",
        ),
    }


def _hour_fields(rows: int) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for number in range(1, rows + 1):
        found[f"days_{number}"] = forms.MultipleChoiceField(
            label=f"Days ({number})", choices=DAYS, required=False, widget=forms.CheckboxSelectMultiple
        )
        found[f"from_{number}"] = forms.TimeField(
            label=f"from ({number})", required=False, widget=forms.TimeInput(attrs=_TIME, format="%H:%M")
        )
        found[f"to_{number}"] = forms.TimeField(
            label=f"until ({number})",
            required=False,
            widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
        )
    return found


def _scope_fields() -> dict[str, forms.Field]:
    holidays = (("as_usual", "as on any day"), ("only", "only on holidays"), ("never", "never on holidays"))
    return {
        "specialty": forms.CharField(label="Specialty", max_length=60, required=False),
        "location": forms.CharField(label="Location", max_length=60, required=False),
        "role": forms.CharField(label="Role", max_length=60, required=False),
        "urgency": forms.MultipleChoiceField(
            label="Urgency (none: any)",
            choices=[(level.value, level.value.replace("_", " ")) for level in Level],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
        "layer": forms.ChoiceField(label="Called", choices=LAYERS),
        "holidays": forms.ChoiceField(label="Holidays", choices=holidays),
        "starts": forms.DateField(
            label="Holds from", required=False, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
        ),
        "until": forms.DateField(
            label="No longer holds on", required=False, widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
        ),
        "together": forms.BooleanField(label="May be on call beside the people of another rotation", required=False),
    }


def initial_of(table: Mapping[str, Any], short_names: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows for a rule that is there; `short_names` are staff ids by person id."""
    people = [str(one) for one in table.get("people", ())]
    kind = "turns" if "every" in table or "turns" in table else "always" if people else "list"
    found: dict[str, Any] = {f"person_{number}": person for number, person in enumerate(people, 1)}
    found |= {key: table[key] for key in ("id", "specialty", "location", "role", "urgency") if key in table}
    found |= {key: table[key] for key in ("first", "holidays", "starts", "until", "together") if key in table}
    count, _, unit = str(table.get("every", "week")).rpartition(" ")
    found |= {"kind": kind, "count": int(count or 1), "unit": unit.removesuffix("s")}
    found["layer"] = str(table.get("layer", 1))
    found["hand_off"] = str(table.get("hand_off", ""))[-5:]
    found["turns"] = "\n".join(_short(str(turn), short_names) for turn in table.get("turns", ()))
    for number, written in enumerate(table.get("hours", ()), 1):
        days, _, span = str(written).partition(" ")
        start, _, end = span.partition("-")
        found |= {f"days_{number}": _days(days), f"from_{number}": start, f"to_{number}": end}
    return found


def _short(turn: str, names: Mapping[str, str]) -> str:
    who, _, length = turn.partition(" ")
    return "+".join(names.get(one, one) for one in who.split("+")) + f" {length}"


def _days(written: str) -> list[str]:
    """ "mon-thu,sat" as days one by one."""
    found: list[str] = []
    for part in written.split(","):
        first, _, last = part.partition("-")
        at, to = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found += [WEEKDAYS[(at + step) % 7] for step in range((to - at) % 7 + 1)]
    return found
