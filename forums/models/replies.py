"""`Reply`: an answer, at its place in a conversation."""

import uuid
from collections.abc import Iterable
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Quote, Reference
from community.members.models import alias_not_blocked, own_alias_not_blocked
from community.notifications.models import notify
from community.prepared import Prepared

from .topics import Topic, TopicQuerySet


class ReplyQuerySet(ContributionQuerySet):
    def visible_to(self, viewer) -> Self:
        """Also nothing across a block that an alias has a part in; that holds in its conversation alone."""
        return (
            super()
            .visible_to(viewer)
            .filter(
                alias_not_blocked(viewer, persona="persona"),
                own_alias_not_blocked(viewer, account="author", conversation="topic__public_id"),
                topic__in=Topic.objects.visible_to(viewer),
            )
        )

    def within_reach_of(self, viewer) -> Self:
        return self.filter(topic__in=Topic.objects.within_reach_of(viewer))

    def conversations(self, viewer) -> TopicQuerySet:
        shown = self.visible_to(viewer).wanted_by(viewer).filter(withdrawn_at=None)
        return Topic.objects.visible_to(viewer).wanted_by(viewer).filter(pk__in=shown.values("topic")).with_place()

    def with_place(self) -> Self:
        return super().with_place().select_related("topic__board")


class Reply(Contribution):
    """An answer, at its place in a conversation for good."""

    # No index of its own: the constraint has one that begins with it.
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="replies", editable=False, db_index=False)
    # None while nobody has looked at it yet: it gets its place when it is shown, so that holding leaves no gap.
    position = models.PositiveIntegerField(null=True, editable=False)
    search = SearchColumn("note", "body")

    # See `community.contributions.cards`.
    shows_cards = True
    waits_first = True
    reported_as = "reply"
    held_after = ("topic",)

    objects = ReplyQuerySet.as_manager()

    class Meta(Contribution.Meta):
        verbose_name = gettext_lazy("reply")
        verbose_name_plural = gettext_lazy("replies")
        constraints = [
            *Contribution.Meta.constraints,
            models.UniqueConstraint(fields=["topic", "position"], name="one_reply_per_position"),
            models.CheckConstraint(
                condition=Q(position__isnull=False) | Q(hidden_at__isnull=False), name="a_shown_reply_has_a_place"
            ),
        ]
        indexes = [
            models.Index(fields=["author", "-created_at", "-public_id"], name="reply_by_author"),
            models.Index(fields=["persona", "-created_at", "-public_id"], condition=Q(author=None), name="reply_by_persona"),
            models.Index(fields=["topic", "author"], condition=Q(persona=None), name="reply_by_name"),
            models.Index(fields=["held_at"], condition=Q(held_at__isnull=False), name="reply_held"),
            GinIndex(fields=["search"], name="reply_search"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} · {self.position}"

    def get_absolute_url(self) -> str:
        """The reply's own stable address; it leads to its page and place."""
        return reverse("reply_detail", args=[self.topic.board.slug, self.topic.public_id, self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        return self.topic.public_id

    def touch(self) -> None:
        if self.was_shown:
            self.topic.touch()

    @classmethod
    def touch_all(cls, rows: Iterable[Self]) -> None:
        Topic.touch_all({row.topic for row in rows if row.was_shown})

    @classmethod
    def never_seen(cls) -> Q:
        return Q(position=None)

    @classmethod
    def hold_places_of(cls, keys: Iterable[int]) -> None:
        """The conversations, as `_lock` does."""
        held = Topic.objects.filter(pk__in=Reply.objects.filter(pk__in=keys).values("topic")).order_by("pk")
        list(held.select_for_update(of=("self",), no_key=True).values_list("pk"))

    @property
    def was_shown(self) -> bool:
        return self.position is not None

    def take_place(self) -> None:
        """The next one, also where the conversation was closed while it waited."""
        self.topic.make_room(self, even_if_closed=True)

    def tell(self, quoting: Iterable[Quote] | None = None) -> None:
        """Tell whoever began the conversation, and whoever is quoted."""
        quotes = Reference.quotes_of(self) if quoting is None else quoting
        notify([self.topic.voice], "forums.reply", by=self.voice, target=self)
        notify([quote.source.voice for quote in quotes], "forums.quote", by=self.voice, target=self)

    def _hold_place(self) -> None:
        """One change after the other in a conversation: else whoever quotes these words just now could miss that they go."""
        _held_topic.first(None, None, topic=self.topic_id)

    @property
    def is_held_first(self) -> bool:
        return self.topic.is_held_first

    @property
    def shown_title(self) -> str:
        return self.topic.shown_title

    @property
    def is_watched(self) -> bool:
        return self.topic.is_watched

    @property
    def title_apart(self) -> str:
        """The title is somebody else's words, hidden perhaps."""
        return _("A conversation")

    @property
    def around(self) -> "list[Reply]":
        """It and the two before and after it that are shown, for whoever decides about it; of one that is held, the last ones."""
        place = self.position or self.topic.last_position + 1
        return _around.rows(None, None, topic=self.topic_id, first=place - 2, last=place + 2)

    @property
    def place(self) -> str:
        """The address of the page it stands on, down to the anchor."""
        page = self.topic.page_of(self.position or 1)
        query = f"?page={page}" if page > 1 else ""
        return f"{self.topic.get_absolute_url()}{query}#r-{self.public_id}"


_held_topic = Prepared(
    lambda viewer, topic: Topic.objects.select_for_update(of=("self",), no_key=True).filter(pk=topic).only("pk"), topic=int
)
_around = Prepared(
    lambda viewer, topic, first, last: (
        Reply.objects.filter(topic=topic, position__gte=first, position__lte=last, hidden_at=None)
        .with_voices()
        .order_by("position")
    ),
    topic=int,
    first=int,
    last=int,
)
