"""Following a tag: who hears of what is new under it, and that somebody looked for it in vain no longer."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from community.members.models import User
from community.notifications.jobs import defer
from community.notifications.models import Notification, notify

from .models import Following, Tag, Tagged, Unmet

_AT_ONCE = 500


def tell(item: models.Model, *, kind: str, new: Iterable[int] | None = None) -> None:
    """Something is up, or carries other tags now: let the worker tell those who follow one of them, each once about each thing.

    `kind` is the kind of news, `new` the keys of the tags that it did not carry before. A room calls this inside its verb.
    """
    tags = list(carried_by(item, new))
    if not tags:
        return
    Unmet.is_met(tags)
    if Following.objects.filter(tag__in=tags).exists():
        told = {"item_type": ContentType.objects.get_for_model(item).pk, "item": item.pk, "kind": kind}
        if new is not None:
            told["tags"] = [tag.pk for tag in tags]
        defer("community.tags.tasks.tell_followers", told)


def carried_by(item: Any, among: Iterable[int] | None = None) -> models.QuerySet[Tag]:
    """The tags of it that are no mere proposals; of those `among` these keys, where they are given."""
    carried = Tag.objects.accepted().filter(items__in=Tagged.objects.of(item))
    return carried if among is None else carried.filter(pk__in=list(among))


def tell_followers(item: Any, *, kind: str, tags: Iterable[int] | None = None) -> None:
    """Tell those who may see it and were not told of it before, whatever became of that news. Whoever brought it knows."""
    told = Notification.objects.filter(
        kind=kind, target_type=ContentType.objects.get_for_model(item), target_id=item.pk, recipient__isnull=False
    )
    followers = Following.objects.filter(tag__in=carried_by(item, tags)).values("user")
    # Those who see nothing of it are not told; as long as nothing tells members apart but blocks, it costs a query each.
    waiting = User.objects.filter(pk__in=followers, is_active=True).exclude(pk__in=told.values("recipient")).order_by("pk")
    for some in _in_parts(waiting):
        notify([user for user in some if item.is_visible_to(user)], kind, by=item.voice, target=item)


def _in_parts(users: models.QuerySet[User]) -> Iterable[list[User]]:
    last = 0
    while some := list(users.filter(pk__gt=last)[:_AT_ONCE]):
        yield some
        last = some[-1].pk


def followed_by(user: Any) -> list[Tag]:
    """The tags that a member follows, by name."""
    return list(Tag.objects.accepted().filter(followings__user=user.pk).by_name())
