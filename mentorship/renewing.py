"""What is kept ready for finding is made anew from the rows it comes from: bits of tags, helps, languages and hours."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
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


# All at once -------------------------------------------------------------------------------

# Which sets of bits there are, and from which rows each is made: somebody, and the number that becomes a bit.
_TAGGED = "SELECT object_id AS item, tag_id AS number FROM tags_tagged WHERE content_type_id = {kind}"
_SETS = (
    (Mentor, "tag_bits", TAGS, _TAGGED),
    (Mentor, "not_bits", TAGS, "SELECT mentor_id AS item, tag_id AS number FROM mentorship_notabout"),
    (Mentor, "help_bits", HELPS, "SELECT mentor_id AS item, help_id AS number FROM mentorship_mentor_helps"),
    (Request, "tag_bits", TAGS, _TAGGED),
    (Request, "without_bits", TAGS, "SELECT request_id AS item, tag_id AS number FROM mentorship_without"),
    (Request, "help_bits", HELPS, "SELECT request_id AS item, help_id AS number FROM mentorship_request_helps"),
)


def renew_sets() -> int:
    """Make anew the sets of bits that are not those of their rows any more, such as after tags were merged; how many there were.

    One statement for each kind of set, which writes nothing where nothing is to be renewed.
    """
    renewed = 0
    with connection.cursor() as cursor:
        for model, field, width, rows in _SETS:
            table, key = model._meta.db_table, model._meta.pk.column
            made_of = rows.format(kind=ContentType.objects.get_for_model(model).pk)
            one = f"set_bit(0::bit({width}), {width - 1} - (number %% {width})::int, 1)"
            cursor.execute(
                f"""
                UPDATE {table} AS old SET {field} = new.bits FROM (
                    SELECT item.{key}, coalesce(bit_or({one}) FILTER (WHERE number IS NOT NULL), 0::bit({width})) AS bits
                    FROM {table} AS item LEFT JOIN ({made_of}) AS made ON made.item = item.{key} GROUP BY item.{key}
                ) AS new WHERE new.{key} = old.{key} AND new.bits <> old.{field}
                """,  # noqa: S608
                [],
            )
            renewed += cursor.rowcount
    return renewed


def renew_clocks(moment: datetime | None = None) -> int:
    """Turn the hours of everybody whose clock was put forward or back since, as far as they can still be found; how many."""
    renewed = 0
    found: Any = ((Mentor, Mentor.objects.filter(stood_down_at=None)), (Request, Request.objects.filter(closed_at=None)))
    for model, rows in found:
        for zone, offset in rows.order_by().values_list("time_zone", "offset").distinct():
            now = offset_of(zone, moment)
            moved = list(rows.filter(time_zone=zone, offset=offset)) if now != offset else []
            for item in moved:
                item.offset, item.utc_hours = now, utc_hours(item.hours, now)
            model.objects.bulk_update(moved, ["offset", "utc_hours"], batch_size=200)
            renewed += len(moved)
    return renewed
