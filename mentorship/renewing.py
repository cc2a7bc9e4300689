"""What is kept ready for finding is made anew from the rows it comes from: bits of tags, helps, languages and hours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.utils import timezone

from community.members.languages import LANGUAGES as KNOWN
from community.members.languages import names
from community.tags.models import Tagged

from .fields import HELPS, HOURS, LANGUAGES, TAGS, bits
from .models import Mentor, Request

_PLACE_OF = {code: place for place, (code, _name) in enumerate(sorted(KNOWN))}


def language_bits(codes: list[str]) -> int:
    """Which of the languages that members can choose; codes nobody knows are left out."""
    return bits((_PLACE_OF[code] for code in codes if code in _PLACE_OF), LANGUAGES)


def language_names(places: Iterable[int]) -> list[str]:
    """The languages' own names, by their places among the bits."""
    wanted = set(places)
    return names([code for code, place in _PLACE_OF.items() if place in wanted])


def offset_of(zone: str, moment: datetime | None = None) -> int:
    """Minutes that clocks there are ahead of UTC at `moment`, or now; 0 for a zone nobody knows."""
    try:
        found = (moment or timezone.now()).astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return int((found or timedelta()).total_seconds() // 60)


def utc_hours(hours: int, offset: int) -> int:
    """A week of hours (bit n: the hour n since Monday 00:00) by clocks `offset` minutes ahead, as hours of UTC.

    Where clocks differ by half an hour the hour of UTC counts in which the greater part of it lies, the later one of two halves.
    """
    ahead = round(offset / 60) % HOURS
    # Local hour n is hour n - ahead of UTC: a turn of the whole week.
    whole = (1 << HOURS) - 1
    return ((hours >> ahead) | (hours << (HOURS - ahead))) & whole


def tags_of(item: models.Model) -> list[int]:
    return list(Tagged.objects.of(item).values_list("tag_id", flat=True))


def _renew(item: Mentor | Request, not_field: str, not_tags: list[int]) -> None:
    item.offset = offset_of(item.time_zone)
    item.utc_hours = utc_hours(item.hours, item.offset)
    item.language_bits = language_bits(item.languages)
    item.help_bits = bits(item.helps.values_list("pk", flat=True), HELPS)
    item.tag_bits = bits(tags_of(item), TAGS)
    setattr(item, not_field, bits(not_tags, TAGS))
    item.save(update_fields=["offset", "utc_hours", "language_bits", "help_bits", "tag_bits", not_field])


def renew_mentor(mentor: Mentor) -> None:
    """Make what is kept ready of this mentor anew; to be called in the transaction that changed it."""
    _renew(mentor, "not_bits", list(mentor.not_about.values_list("tag_id", flat=True)))


def renew_request(request: Request) -> None:
    """Make what is kept ready of this request anew; to be called in the transaction that changed it."""
    _renew(request, "without_bits", list(request.without.values_list("tag_id", flat=True)))
