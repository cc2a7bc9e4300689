"""How long somebody waits for a mentor, said honestly."""

from datetime import timedelta
from statistics import median

from django.db.models import F

from .models import Match

# Of so many lately begun matches; from fewer than that nothing is said.
LATELY, ENOUGH = 20, 5


def usual_days() -> int | None:
    """The median of how long the newcomers of the last matches waited, in whole days; None if too few began to say so."""
    # Two who begin again waited for each other, not for a mentor.
    begun = Match.objects.filter(began_at__isnull=False).exclude(origin=Match.Origin.AGAIN).order_by("-began_at", "-pk")
    waits = list(begun.annotate(waited=F("began_at") - F("request__waiting_since")).values_list("waited", flat=True)[:LATELY])
    if len(waits) < ENOUGH:
        return None
    days = [max(timedelta(), wait) / timedelta(days=1) for wait in waits]
    return max(1, round(median(days)))
