"""What waits in the library: what members brought, until a librarian has looked at it."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy

from community.moderation.sources import Source, waiting

from .models import Resource


def _submissions(seat: Any, now: datetime) -> QuerySet | None:
    """Nobody puts up what they brought themselves."""
    if not (seat.is_librarian or seat.is_owner):
        return None
    own = Q(author=seat.pk) | Q(persona__pk__among=seat.persona_keys)
    return waiting(Resource.objects.waiting().exclude(own), since="created_at", line=F("title"), notes=F("notes"))


SOURCES = [Source("resource", Resource, gettext_lazy("For the library"), _submissions)]
