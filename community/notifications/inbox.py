"""News as its reader sees it: sentences with the way to what they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from community.prepared import Prepared

from . import kinds
from .models import Notification
from .showing import Shown, open_targets

# Enough to find a few that are still open to the reader.
_LOOKED_AT = 20


@dataclass(frozen=True)
class Item:
    """One line of the inbox."""

    public_id: UUID
    kind: str
    target: Any
    note: str
    created_at: datetime
    is_read: bool

    @cached_property
    def sentence_html(self) -> SafeString:
        return render_to_string(kinds.template(self.kind), {"target": self.target})

    @property
    def url(self) -> str:
        return reverse("inbox_item", args=[self.public_id])


def items(news: Iterable[Notification], member: Any) -> list[Item]:
    """What can be shown of `news`. What is no longer open to the reader is left out, as if it had never been."""
    news = list(news)
    shown = open_targets(news, member)
    return [_item(each, shown[each.pk]) for each in news if each.pk in shown]


def _item(news: Notification, shown: Shown) -> Item:
    return Item(
        public_id=news.public_id,
        kind=news.kind,
        target=shown.target,
        note=news.note,
        created_at=news.created_at,
        is_read=news.is_read,
    )


_unread = Prepared(lambda viewer: Notification.objects.for_member(viewer).unread().newest_first()[:_LOOKED_AT])
_unread_by_name = Prepared(lambda viewer: Notification.objects.filter(recipient=viewer.pk).unread().newest_first()[:_LOOKED_AT])


def waiting(member: Any, number: int) -> list[Item]:
    """The newest unread news of the signed-in `member`, so many of them. Two statements when there is none."""
    asked = _unread if member.persona_keys else _unread_by_name
    news = asked.rows(member, None)
    # What is not open to them any more is rare, so no more are looked at than are shown, unless some are missing.
    found = items(news[:number], member)
    if len(found) < number < len(news):
        found += items(news[number:], member)
    return found[:number]
