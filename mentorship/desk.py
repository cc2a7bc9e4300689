"""What waits in mentorship: who would like to be a mentor, and what somebody says is not safe."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from community.moderation.sources import DANGER, Source, waiting

from .models import Concern, Mentor


def _applications(seat: Any, now: datetime) -> QuerySet | None:
    if not (seat.is_coordinator or seat.is_owner):
        return None
    rows = Mentor.objects.waiting().exclude(pk=seat.pk)
    return waiting(rows, since=Coalesce("renewal_asked_at", "held_at", "applied_at"), line=F("user__username"))


def _concerns(seat: Any, now: datetime) -> QuerySet | None:
    if not seat.is_lead:
        return None
    return waiting(Concern.objects.open().visible_to(seat), since="at", harm=DANGER, is_severe=True)


SOURCES = [
    Source("mentor", Mentor, gettext_lazy("Would like to be a mentor"), _applications),
    Source("concern", Concern, gettext_lazy("Not safe, somebody says"), _concerns),
]
