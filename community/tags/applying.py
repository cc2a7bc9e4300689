"""The only way tags get onto things and off them."""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from .holding import hold
from .models import Tag, Tagged
from .naming import LONGEST, slug_of, tidied, tidy

__all__ = ["LONGEST", "MOST", "apply", "resolve", "slug_of", "tidied", "tidy"]

# How many tags one thing may carry.
MOST = 8


def resolve(names: Iterable[str], *, accept: bool = False) -> list[Tag]:
    """The tags of these names, synonyms followed; unknown ones are proposed, or with `accept` taken into the vocabulary.

    Three statements however many names. Call it in the transaction that uses them.
    """
    wanted = {slug_of(name): name for name in tidied(names)}
    if not wanted:
        return []
    hold(alone=False)
    now = timezone.now() if accept else None
    # In one order for everybody, so that two who propose the same names do not wait for each other.
    rows = [Tag(name=name, slug=slug, accepted_at=now) for slug, name in sorted(wanted.items())]
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
    hold(alone=False)
    mine = {"content_type": ContentType.objects.get_for_model(item), "object_id": item.pk}
    Tagged.objects.filter(**mine).exclude(tag__in=tags).delete()
    Tagged.objects.bulk_create([Tagged(tag=tag, **mine) for tag in tags], ignore_conflicts=True)
    return tags
