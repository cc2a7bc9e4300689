"""Times tell nothing: every post, and every row a post makes, is dated in steps of five minutes. And how they are written out."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

STEP = timedelta(minutes=5)
# Stands, where moments are compared, for an end that nothing has; it is shown to nobody.
WITHOUT_END = datetime(9999, 1, 1, tzinfo=UTC)


def in_steps(moment: datetime) -> datetime:
    """`moment`, rounded down to five minutes."""
    return moment - timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)


def now_in_steps() -> datetime:
    """This moment as it is stored and shown."""
    return in_steps(timezone.now())


def day(moment: date) -> str:
    """A day, or that of a moment, as one writes it: "25 November 2026"."""
    return date_format(timezone.localtime(moment) if isinstance(moment, datetime) else moment, "DATE_FORMAT")


def day_and_clock(moment: datetime) -> str:
    """A moment as one writes it: "25 November 2026, 16:40"."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
