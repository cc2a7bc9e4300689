"""What waits in the forums: conversations and replies that a volunteer looks at before others see them."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy

from community.moderation.sources import Source, waiting

from .models import Reply, Topic


def _by_others(seat: Any) -> Q:
    """Nobody looks at their own words, under whatever name."""
    return ~Q(author=seat.pk) & ~Q(persona__pk__among=seat.persona_keys)


def _topics(seat: Any, now: datetime) -> QuerySet | None:
    if not (seat.is_moderator or seat.is_owner):
        return None
    rows = Topic.objects.filter(_by_others(seat), held_at__isnull=False).within_reach_of(seat)
    return waiting(rows, since="held_at", line=F("board__name"), notes=F("notes"))


def _replies(seat: Any, now: datetime) -> QuerySet | None:
    if not (seat.is_moderator or seat.is_owner):
        return None
    rows = Reply.objects.filter(_by_others(seat), held_at__isnull=False).within_reach_of(seat)
    return waiting(rows, since="held_at", line=F("topic__board__name"), notes=F("notes"))


SOURCES = [
    Source("topic", Topic, gettext_lazy("Held conversation"), _topics),
    Source("reply", Reply, gettext_lazy("Held reply"), _replies),
]
