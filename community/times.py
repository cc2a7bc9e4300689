"""Times tell nothing: every post, and every row a post makes, is dated in steps of five minutes."""

from datetime import datetime, timedelta

from django.utils import timezone

STEP = timedelta(minutes=5)


def in_steps(moment: datetime) -> datetime:
    """`moment`, rounded down to five minutes."""
    return moment - timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)


def now_in_steps() -> datetime:
    """This moment as it is stored and shown."""
    return in_steps(timezone.now())
