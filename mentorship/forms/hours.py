"""The field for the hours of a week: a table of days and parts of the day, for mentors and for whoever looks for one.

{% include "mentorship/_hours.html" with field=form.hours only %}
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mentorship.fields import HOURS, bits

# Parts of a day: how each is called, its hours on the clock, and those of the week from midnight of its day on.
PARTS = (
    (_("Early"), "5–9", range(5, 9)),
    (_("Morning"), "9–13", range(9, 13)),
    (_("Afternoon"), "13–18", range(13, 18)),
    (_("Evening"), "18–22", range(18, 22)),
    (_("Night"), "22–5", range(22, 29)),
)
CHOICES = [
    (f"{day}-{part}", format_lazy("{}, {} {}", WEEKDAYS[day], name, clock))
    for day in range(7)
    for part, (name, clock, _hours) in enumerate(PARTS)
]


def hours_of(parts: Iterable[str]) -> int:
    """The hours of a week (bit n: the hour n since Monday 00:00) that these parts of days cover."""
    found = 0
    for each in parts:
        day, _dash, part = each.partition("-")
        found |= bits((24 * int(day) + hour for hour in PARTS[int(part)][2]), HOURS)
    return found


def parts_of(hours: int) -> list[str]:
    """The parts of days of which at least half is among these hours."""
    return [value for value, _label in CHOICES if 2 * (hours & hours_of([value])).bit_count() >= hours_of([value]).bit_count()]


class Cell(NamedTuple):
    value: str
    label: str
    id: str
    is_chosen: bool


class HoursBoundField(forms.BoundField):
    @property
    def heads(self) -> list[tuple[Any, str]]:
        """The parts of a day: their names and their hours."""
        return [(name, clock) for name, clock, _hours in PARTS]

    @property
    def week(self) -> list[tuple[Any, list[Cell]]]:
        """A row for each day, with a cell for each part of it."""
        chosen = set(self.value() or ())
        cells = [Cell(value, label, f"{self.auto_id}_{value}", value in chosen) for value, label in CHOICES]
        return [(WEEKDAYS[day], cells[day * len(PARTS) : (day + 1) * len(PARTS)]) for day in range(7)]


class HoursField(forms.MultipleChoiceField):
    """Cleaned, it is the hours as bits; so is its initial value."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("Choose when you are usually free. One time a week is enough."),
        "invalid_choice": _("Choose from the times in the table."),
        "invalid_list": _("Choose from the times in the table."),
    }

    def __init__(self, *, may_be_all: bool = False, **kwargs: Any) -> None:
        super().__init__(**({"label": _("When are you usually free?"), "choices": CHOICES} | kwargs))
        self.may_be_all = may_be_all

    def prepare_value(self, value: Any) -> Any:
        return parts_of(value) if isinstance(value, int) else [value] if isinstance(value, str) else value

    def clean(self, value: Any) -> int:  # type: ignore[override]
        hours = hours_of(super().clean(value))
        if hours.bit_count() == HOURS and not self.may_be_all:
            raise ValidationError(_("Nobody is free at every hour. Leave out when you sleep, eat and rest."))
        return hours

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial or 0), data)

    def get_bound_field(self, form: Any, field_name: str) -> HoursBoundField:
        return HoursBoundField(form, self, field_name)
