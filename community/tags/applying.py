"""The only way tags get onto things, off them, and into one another.

Tagging and merging must not pass each other by: whoever tags holds a lock that many can hold, whoever merges holds it alone.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from community import text
from community.audit.models import record

from .models import LONGEST, Tag, Tagged

# How many tags one thing may carry.
MOST = 8


class CannotMerge(Exception):
    """A tag can't stand for itself, nor for one of its own synonyms."""


def _hold(*, alone: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(hashtextextended('tags', 0))")


def tidy(name: str) -> str:
    """A tag's name as it is kept: cleaned, with single spaces and without a leading #."""
    return " ".join(text.clean(name).split()).lstrip("#").strip()[:LONGEST].strip()


def slug_of(name: str) -> str:
    """What makes two names the same tag: “Self harm” and “self-harm” are one. Empty where no letter or digit is in it."""
    return slugify(name, allow_unicode=True)[:60]


def tidied(names: Iterable[str]) -> list[str]:
    """These names as they are kept, each tag once, without those that name nothing."""
    found = {slug_of(name): name for name in reversed([tidy(name) for name in names]) if slug_of(name)}
    return list(reversed(found.values()))


def resolve(names: Iterable[str], *, accept: bool = False) -> list[Tag]:
    """The tags of these names, synonyms followed; unknown ones are proposed, or with `accept` taken into the vocabulary.

    Three statements however many names. Call it in the transaction that uses them.
    """
    wanted = {slug_of(name): name for name in tidied(names)}
    if not wanted:
        return []
    _hold(alone=False)
    now = timezone.now() if accept else None
    rows = [Tag(name=name, slug=slug, accepted_at=now) for slug, name in wanted.items()]
    Tag.objects.bulk_create(rows, ignore_conflicts=True)
    found = list(Tag.objects.filter(slug__in=list(wanted)).select_related("alias_of"))
    tags = {tag.alias_of_id or tag.pk: tag.alias_of or tag for tag in found}
    if accept:
        Tag.objects.filter(pk__in=list(tags), accepted_at=None).update(accepted_at=now)
    order = list(wanted)
    return sorted(tags.values(), key=lambda tag: order.index(tag.slug) if tag.slug in order else len(order))


@transaction.atomic
def apply(item: models.Model, names: Iterable[str], *, accept: bool = False) -> list[Tag]:
    """Let `item` carry exactly these tags, at most MOST of them."""
    tags = resolve(names, accept=accept)[:MOST]
    _hold(alone=False)
    mine = {"content_type": ContentType.objects.get_for_model(item), "object_id": item.pk}
    Tagged.objects.filter(**mine).exclude(tag__in=tags).delete()
    Tagged.objects.bulk_create([Tagged(tag=tag, **mine) for tag in tags], ignore_conflicts=True)
    return tags


@transaction.atomic
def accept(tag: Tag, *, by: Any, reason: str = "") -> None:
    """Take a proposed tag into the vocabulary."""
    if Tag.objects.filter(pk=tag.pk, accepted_at=None).update(accepted_at=timezone.now()):
        record("tags.tag_accepted", by=by, target=tag, reason=reason)


@transaction.atomic
def merge(tag: Tag, into: Tag, *, by: Any, reason: str) -> Tag:
    """Let `tag` stand for `into` from now on: what carries it and who follows it move over, its address leads on.

    Returns the tag that it stands for now (`into` may be a synonym itself by now). Raises CannotMerge.
    """
    _hold(alone=True)
    fresh = Tag.objects.in_bulk([tag.pk, into.pk])
    source, target = fresh[tag.pk], fresh[into.pk]
    target = target.alias_of or target
    if source.alias_of_id == target.pk:
        return target
    if source.pk == target.pk:
        raise CannotMerge(_("“%(name)s” stands for this one already.") % {"name": into.name})
    with connection.cursor() as cursor:
        for table, columns in (
            ("tags_tagged", "content_type_id, object_id"),
            ("tags_following", "user_id"),
            ("tags_unmet", "seeker, day"),
        ):
            cursor.execute(
                f"INSERT INTO {table} (tag_id, {columns}) SELECT %s, {columns} FROM {table} WHERE tag_id = %s "  # noqa: S608
                "ON CONFLICT DO NOTHING",
                [target.pk, source.pk],
            )
            cursor.execute(f"DELETE FROM {table} WHERE tag_id = %s", [source.pk])  # noqa: S608
    Tag.objects.filter(alias_of=source).update(alias_of=target)
    source.alias_of, source.accepted_at = target, source.accepted_at or timezone.now()
    source.save(update_fields=["alias_of", "accepted_at"])
    if target.accepted_at is None:
        accept(target, by=by, reason=reason)
    record("tags.tag_merged", by=by, target=source, reason=reason)
    return target
