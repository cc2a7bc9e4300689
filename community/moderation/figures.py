"""What a month of looking after this place came to: counted once it is over, shown so that no small number tells of anybody."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from community.decisions.models import Act, Decision

from .models import Appeal, Demand, Month, Report, Unmasking

# A smaller number could tell who is behind it.
FEW = 5
# Stands for a number from which, beside another one, a small one could be worked out.
UNTOLD = "–"


class Line(NamedTuple):
    label: str
    shown: str


class Section(NamedTuple):
    heading: str
    lines: list[Line]


# Counting ---------------------------------------------------------------------------------


def count_what_is_over() -> None:
    """Count each month that is over and was not counted yet. It may run twice: a month is counted once."""
    counted = set(Month.objects.values_list("month", flat=True))
    for month in _months_that_are_over():
        if month not in counted:
            Month.objects.get_or_create(month=month, defaults={"figures": counted_in(month)})


def counted_in(month: date) -> dict[str, Any]:
    """The figures of the month that begins on this day; times in hours."""
    within = (_midnight(month), _midnight(_next(month)))
    reports = Report.objects.filter(created_at__gte=within[0], created_at__lt=within[1])
    acts = _in(Decision, "at", within).exclude(act=Act.WITHIN)
    median, ninetieth, looked_at = _hours(within)
    return {
        "reports": dict(reports.order_by().values_list("reason").annotate(number=Count("pk"))),
        "acts": dict(acts.order_by().values_list("act").annotate(number=Count("pk"))),
        "looked_at": looked_at,
        "median_hours": median,
        "ninetieth_hours": ninetieth,
        "appeals": _in(Appeal, "made_at", within).count(),
        "reversed": _in(Appeal, "reversed_at", within).count(),
        "unmaskings": _in(Unmasking, "opened_at", within).count(),
        "demands": Demand.objects.filter(on__gte=month, on__lt=_next(month)).count(),
    }


def _in(model: Any, field: str, within: tuple[datetime, datetime]) -> Any:
    return model.objects.filter(**{f"{field}__gte": within[0], f"{field}__lt": within[1]})


def _hours(within: tuple[datetime, datetime]) -> tuple[float | None, float | None, int]:
    """From a report to the end of looking at it: the median and the ninetieth percentile, in hours, and of how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - created_at) / 3600), "
            "count(*) FROM moderation_report WHERE closed_at >= %s AND closed_at < %s",
            within,
        )
        times, number = cursor.fetchone()
    median, ninetieth = (round(float(hours), 1) for hours in times) if times else (None, None)
    return median, ninetieth, number


def _months_that_are_over() -> Iterator[date]:
    """From the first one in which there was something to look after."""
    firsts = [Report.objects.aggregate(at=Min("created_at"))["at"], Decision.objects.aggregate(at=Min("at"))["at"]]
    if not (begun := [timezone.localdate(at, timezone.get_default_timezone()) for at in firsts if at]):
        return
    month, current = min(begun).replace(day=1), _today().replace(day=1)
    while month < current:
        yield month
        month = _next(month)


def _today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _next(month: date) -> date:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())


# Showing ----------------------------------------------------------------------------------


def sections(month: Month) -> list[Section]:
    """All that is shown of a month, every line whatever stands in it: a missing one would be a number, too."""
    told = month.figures
    reports = [Line(str(label), few(told["reports"].get(reason, 0))) for reason, label in Report.Reason.choices]
    acts = [Line(str(label), few(told["acts"].get(act, 0))) for act, label in Act.choices]
    return [
        Section(_("What people told us about"), reports),
        Section(_("How long it took until somebody had looked"), _times(told)),
        Section(_("What was decided: a volunteer …"), acts),
        Section(
            _("Another look"),
            [
                Line(_("Somebody asked for another look"), few(told["appeals"])),
                Line(_("It was decided the other way then"), beside(told["reversed"], told["appeals"])),
                Line(_("Two people in charge of safety found out who speaks under an alias"), few(told["unmaskings"])),
                # Months that were counted before anybody wrote this down had none.
                Line(_("A public authority asked us for something about members"), few(told.get("demands", 0))),
            ],
        ),
    ]


def few(number: int) -> str:
    """The number, unless it is small."""
    return str(number) if number >= FEW else f"<{FEW}"


def beside(number: int, shown: int) -> str:
    """The number, unless the difference to one that is `shown` beside it is small: what is left over would tell of a few."""
    return few(number) if number < FEW or shown < FEW or abs(shown - number) >= FEW else UNTOLD


def _times(told: dict[str, Any]) -> list[Line]:
    is_known = told["looked_at"] >= FEW
    return [
        Line(_("Half of them within"), _in_hours(told["median_hours"]) if is_known else _("too few to say")),
        Line(_("Nine of ten within"), _in_hours(told["ninetieth_hours"]) if is_known else _("too few to say")),
    ]


def _in_hours(hours: float) -> str:
    return _("%(number)s hours") % {"number": f"{hours:g}"}
