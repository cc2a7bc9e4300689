"""`Topic`: a conversation, from its opening words on; every answer gets its place from it."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.managers import TaggableManager

from community.audit.models import record
from community.contributions.fields import SearchColumn
from community.contributions.holding import Holding, must_wait
from community.contributions.models import Contribution, ContributionQuerySet, Note, Revision, Voice
from community.decisions.models import About, Act
from community.members.models import LEADS_NEEDED, User, alias_not_blocked, own_alias_not_blocked
from community.notifications.models import notify
from community.prepared import Prepared, ask, key_array, mostly
from community.tags import applying
from community.tags.models import Tagged
from community.times import now_in_steps

from .answering import Answering, reply_model
from .audience import GROUP_IS_NAMED, Audience, open_to
from .boards import Board, board_address, next_version
from .modes import Mode
from .remembering import Remembering
from .steering import Steered

PAGE = 20


class TopicQuerySet(ContributionQuerySet):
    def visible_to(self, viewer) -> Self:
        return super().visible_to(viewer).within_reach_of(viewer)

    def within_reach_of(self, viewer) -> Self:
        """Those whose audience `viewer` belongs to, hidden ones too; for moderators, and a part of `visible_to`."""
        return self.filter(open_to(viewer), board__in=Board.objects.visible_to(viewer))

    def wanted_by(self, viewer) -> Self:
        """For lists: also without those that an alias began whom `viewer` blocked. The conversation itself stays open to them."""
        return super().wanted_by(viewer).filter(mostly(alias_not_blocked(viewer, persona="persona")))

    def with_opening(self, viewer) -> Self:
        """With `is_gap`: whether the opening words are not shown to `viewer`, who may read the conversation all the same."""
        meets = alias_not_blocked(viewer, persona="persona") & own_alias_not_blocked(
            viewer, account="author", conversation="public_id"
        )
        return self.annotate(is_gap=ExpressionWrapper(~meets if meets else Q(pk__in=[]), output_field=models.BooleanField()))

    def with_speaking(self, viewer) -> Self:
        """With `has_spoken`, whether `viewer` said something there by name, and `has_leads`, whether aliases can be taken.

        Both are asked only where the board lets members post anonymously, and are False elsewhere. Also with `in_the_house`:
        what a volunteer looks at first everywhere.
        """
        by_name = reply_model().objects.filter(topic=models.OuterRef("pk"), author=viewer.pk, persona=None)
        asked = {
            "has_spoken": models.Exists(by_name) if viewer.is_authenticated else models.Value(False),
            "has_leads": models.Exists(User.objects.leads().order_by("pk")[LEADS_NEEDED - 1 : LEADS_NEEDED]),
        }
        return self.annotate(
            **{
                name: models.Case(
                    models.When(board__anonymous_at__isnull=False, then=answer), default=False, output_field=models.BooleanField()
                )
                for name, answer in asked.items()
            },
            in_the_house=Holding.beside(),
        )

    def unanswered(self) -> Self:
        return self.filter(last_position=0, locked_at=None, withdrawn_at=None)

    def by_newcomers(self) -> Self:
        """Begun by name by a member of the first days; of an alias nobody learns how long its person is here."""
        return self.filter(author__settled_at=None, author__is_staff=False, author__is_active=True)

    def done_remembering(self) -> Self:
        """In memory of somebody, open, and past their last day."""
        return self.filter(remembers_until__lt=timezone.localdate(), locked_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-active_at", "-public_id")

    def longest_waiting_first(self) -> Self:
        return self.order_by("created_at", "public_id")

    def with_place(self) -> Self:
        return super().with_place().select_related("board")

    @staticmethod
    def version() -> int:
        """The number of the newest change among what is, or was, open to anyone: a guest's validator tells of nothing else."""
        newest = _newest_open.first(None, None)
        return newest.version if newest else 0


class Topic(Answering, Steered, Remembering, Contribution):
    """A conversation: its opening post, and the replies in their positions."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="topics", editable=False, verbose_name=gettext_lazy("board"))
    title = models.CharField(max_length=120)
    mode = models.CharField(gettext_lazy("what is asked for"), max_length=10, choices=Mode.choices)
    audience = models.CharField(gettext_lazy("who can read it"), max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    audience_group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=gettext_lazy("the group")
    )
    # None while nobody has looked at it yet.
    active_at = models.DateTimeField(default=now_in_steps, null=True, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)
    lock_reason = models.CharField(gettext_lazy("why it was closed"), max_length=1000, blank=True, editable=False)
    # From then on a volunteer looks at replies here before others see them.
    held_first_at = models.DateTimeField(null=True, editable=False)
    # So many minutes lie between two replies of the same voice.
    slow_minutes = models.PositiveSmallIntegerField(null=True, editable=False)
    slow_until = models.DateTimeField(null=True, editable=False)
    pinned_at = models.DateTimeField(null=True, editable=False)
    # The last day of a conversation in memory of somebody.
    remembers_until = models.DateField(null=True, editable=False)
    version = models.BigIntegerField(db_default=next_version(), editable=False)
    search = SearchColumn("title", "note", "body")
    tags = TaggableManager(through=Tagged, blank=True)

    own_words = ("title", *Contribution.own_words)
    undone_by = Contribution.undone_by | {Act.LOCK: "unlock", Act.SLOW: "quicken", Act.MOVE: "move_back"}
    waits_first = True
    # For lists of a tag.
    listed_by = "active_at"
    reported_as = "topic"
    on_a_line = ("title", "mode", "withdrawn_at", "board__slug", "board__name")
    numbered_by = ("version", "board__version")

    objects = TopicQuerySet.as_manager()
    personal = Contribution.personal | {"title": "blank"}

    class Meta(Contribution.Meta):
        verbose_name = gettext_lazy("conversation")
        verbose_name_plural = gettext_lazy("conversations")
        constraints = [
            *Contribution.Meta.constraints,
            models.CheckConstraint(condition=GROUP_IS_NAMED, name="topic_names_its_group"),
            models.CheckConstraint(
                condition=Q(active_at__isnull=False) | Q(hidden_at__isnull=False), name="a_shown_conversation_is_active"
            ),
        ]
        indexes = [
            models.Index(fields=["board", "-active_at", "-public_id"], condition=Q(hidden_at=None), name="topic_by_board"),
            models.Index(fields=["-active_at", "-public_id"], condition=Q(hidden_at=None), name="topic_by_activity"),
            models.Index(
                fields=["created_at", "public_id"],
                condition=Q(hidden_at=None, last_position=0, locked_at=None, withdrawn_at=None),
                name="topic_unanswered",
            ),
            models.Index(
                fields=["board", "created_at", "public_id"],
                condition=Q(hidden_at=None, last_position=0, locked_at=None, withdrawn_at=None),
                name="topic_unanswered_by_board",
            ),
            models.Index(fields=["author", "-created_at", "-public_id"], name="topic_by_author"),
            models.Index(fields=["persona", "-created_at", "-public_id"], condition=Q(author=None), name="topic_by_persona"),
            models.Index(fields=["board", "-version"], condition=Q(audience=Audience.EVERYONE), name="topic_board_version"),
            models.Index(fields=["-version"], condition=Q(audience=Audience.EVERYONE), name="topic_version"),
            models.Index(fields=["board"], condition=Q(pinned_at__isnull=False), name="topic_pinned"),
            models.Index(fields=["held_at"], condition=Q(held_at__isnull=False), name="topic_held"),
            models.Index(fields=["remembers_until"], condition=Q(remembers_until__isnull=False), name="topic_in_memory"),
            GinIndex(fields=["search"], name="topic_search"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        # What `topic_detail` is; a list of twenty asks for twenty.
        return f"{board_address(self.board.slug)}{self.public_id}/"

    @classmethod
    @transaction.atomic(savepoint=False)
    def begin(
        cls,
        board: Board,
        voice: Voice,
        *,
        title: str,
        body: str,
        mode: str,
        audience: str = "",
        group: Group | None = None,
        notes: Iterable[Note] = (),
        note_words: str = "",
        tags: Iterable[str] = (),
        public_id: uuid.UUID | None = None,
    ) -> "Topic":
        """Open a conversation on a board. Raises ValueError for an audience that is wider than the board's."""
        chosen = (audience or board.audience, group or board.audience_group)
        if chosen != (board.audience, board.audience_group) and chosen not in board.audiences_for(voice):
            raise ValueError("A conversation may be narrower than its board, never wider.")
        topic = cls(
            public_id=public_id or uuid.uuid4(),
            board=board,
            author=None if voice.is_persona else voice,
            persona=voice if voice.is_persona else None,
            title=title,
            mode=mode,
            audience=chosen[0],
            audience_group=chosen[1],
        )
        topic.active_at = topic.created_at
        if must_wait(voice, here=board.is_held_first):
            topic.hold()
        topic.set_note(notes, note_words)
        fresh = topic.put(body)
        if names := list(tags):
            applying.apply(topic, names)
        notify(fresh, "contributions.mentioned", by=voice, target=topic)
        return topic

    def hold(self) -> None:
        super().hold()
        # A guest's validator tells nothing of it.
        self.active_at, self.version = None, 0

    @property
    def was_shown(self) -> bool:
        return self.active_at is not None

    def take_place(self) -> None:
        self.active_at = self.created_at

    @property
    def is_held_first(self) -> bool:
        """Does a volunteer look at replies here before others see them?"""
        return self.held_first_at is not None or self.board.is_held_first

    @property
    def holding(self) -> Holding:
        """What a volunteer looks at first everywhere."""
        # A page found it with the conversation.
        return Holding(**(self.in_the_house or {})) if hasattr(self, "in_the_house") else Holding.current()

    @property
    def is_looked_at_first(self) -> bool:
        """Does a volunteer look first at every reply, whoever writes it?"""
        return self.is_held_first or self.holding.everything

    @property
    def shown_title(self) -> str:
        """The title; a withdrawn opening post takes it along."""
        return _("A conversation") if self.is_withdrawn else self.title

    @classmethod
    def reportable_by(cls, viewer: Any) -> TopicQuerySet:
        """Not where the opening words are kept from `viewer`; from guests they are nowhere."""
        seen = cls.objects.visible_to(viewer).with_place()
        return seen.with_opening(viewer).filter(is_gap=False) if viewer.is_authenticated else seen

    @property
    def is_watched(self) -> bool:
        """Does somebody read on its board just now?"""
        return self.board.is_read_now

    @property
    def is_open_to_guests(self) -> bool:
        return self.audience == self.board.audience == Audience.EVERYONE

    @property
    def last_page(self) -> int:
        return self.page_of(self.last_position)

    def page_of(self, position: int) -> int:
        return max(1, -(-position // PAGE))

    def revision(self) -> Revision:
        return Revision(target=self, title=self.title, body=self.body, note=self.note)

    def empty(self) -> None:
        self.title = ""

    @property
    def listed_in(self) -> str:
        """Where it stands, for lists of a tag."""
        return self.board.name

    @property
    def tag_names(self) -> list[str]:
        """Its tags for whoever set them, with those that were only proposed."""
        return [name for (name,) in _tag_names.rows(None, None, topic=self.pk)]

    @transaction.atomic
    def retag(self, names: Iterable[str]) -> None:
        """Let it carry these tags and no others, unless it was taken back. The record of changed words says nothing of it."""
        if Topic.objects.select_for_update().filter(pk=self.pk, withdrawn_at=None).first() is None:
            return
        applying.apply(self, names)
        self.touch()

    @transaction.atomic
    def relabel(self, *, tags: Iterable[str], by: User, reason: str) -> None:
        """A librarian or a moderator sets its tags."""
        self.retag(tags)
        record("forums.topic_relabelled", by=by, target=self, reason=reason)

    @transaction.atomic
    def withdraw(self) -> None:
        """The tags go with the words: they say what those were about."""
        super().withdraw()
        applying.apply(self, [])

    def touch(self) -> None:
        """A guest's validator tells nothing of what was never shown."""
        Topic.touch_all([self])

    @classmethod
    def touch_all(cls, rows: Iterable[Self]) -> None:
        ask(
            "UPDATE forums_topic SET version = nextval('forums_version') "
            "WHERE id = ANY($1::bigint[]) AND active_at IS NOT NULL RETURNING id",
            key_array(row.pk for row in rows),
        )

    @classmethod
    def never_seen(cls) -> Q:
        return Q(active_at=None)

    @classmethod
    def seen_only_with(cls, rows: Iterable[Self]) -> Iterable[About]:
        return cls.in_these(rows, reply_model().objects.all(), "topic")


_tag_names: Prepared[Any] = Prepared(
    lambda viewer, topic: (
        Tagged.objects.filter(content_type=ContentType.objects.get_for_model(Topic), object_id=topic)
        .order_by("pk")
        .values_list("tag__name")
    ),
    topic=int,
)
_newest_open = Prepared(
    lambda _viewer: (
        Topic.objects.filter(audience=Audience.EVERYONE, board__audience=Audience.EVERYONE).order_by("-version").only("version")[:1]
    )
)
