"""How this place is doing, for whoever looks after it: how soon people are answered, what waits, what is broken, what it takes.

Each app names what it measures in `<app>.measures.MEASURES`; this module knows none by name. Nothing counts how long anybody
stays, and nobody is compared with anybody: of the volunteers there is a sum, and for each of them what they did themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple

from django.apps import apps
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .figures import FEW, Line, few

# What is measured happened in so many days.
DAYS = 30


@dataclass(frozen=True)
class Measure:
    """One thing to steer by. `lines(user)` gives what there is to say to this volunteer, in one query or two.

    `order` is its place on the page, `way` an address and what leads there, for whoever wants to do something about it.
    """

    name: str | Promise
    lines: Callable[[Any], Iterable[Line]]
    order: int = 50
    way: tuple[str, str | Promise] | None = None


class Measured(NamedTuple):
    heading: str
    lines: list[Line]
    way: tuple[str, str | Promise] | None


@cache
def measures() -> list[Measure]:
    """All that there are, in their order."""
    found: list[Measure] = []
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "measures"):
            found += import_module(f"{app.name}.measures").MEASURES
    return sorted(found, key=lambda measure: measure.order)


def measured(user: Any) -> list[Measured]:
    """Each with what it comes to now; those that say nothing to `user` are left out."""
    found = [(measure, list(measure.lines(user))) for measure in measures()]
    return [Measured(str(measure.name), lines, measure.way) for measure, lines in found if lines]


# In words ---------------------------------------------------------------------------------


def since() -> datetime:
    """The beginning of what is measured."""
    return timezone.now() - timedelta(days=DAYS)


def usual(times: Iterable[timedelta]) -> str:
    """The median of these, in words; of a few it would tell of each."""
    seconds = [time.total_seconds() for time in times]
    return in_words(timedelta(seconds=median(seconds))) if len(seconds) >= FEW else _("too few to say")


def in_words(time: timedelta) -> str:
    """About how long, in the largest unit that says something."""
    minutes = max(0, round(time / timedelta(minutes=1)))
    if minutes < 120:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = round(hours / 24)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


__all__ = ["DAYS", "FEW", "Line", "Measure", "Measured", "few", "in_words", "measured", "measures", "since", "usual"]
