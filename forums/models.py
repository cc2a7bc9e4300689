import uuid
from collections.abc import Iterable
from datetime import time
from typing import Self

from django.contrib.auth.models import Group
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text
from community.audit.models import record
from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Quote, Revision, Voice
from community.identity.models import Persona
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

PAGE = 20


class Audience(models.TextChoices):
    EVERYONE = "everyone", gettext_lazy("Anyone, also people who are not signed in")
    MEMBERS = "members", gettext_lazy("Members")
    GROUP = "group", gettext_lazy("One group of members")


class Mode(models.TextChoices):
    """What the person who starts a conversation asks of those who answer."""

    LISTENING = "listening", gettext_lazy("Just listening")
    STORIES = "stories", gettext_lazy("Your stories")
    ADVICE = "advice", gettext_lazy("Advice welcome")
    PRACTICAL = "practical", gettext_lazy("Practical help")
    GOOD_NEWS = "good_news", gettext_lazy("Good news")


def _open_to(viewer) -> Q:
    """The audience rule, for anything with `audience` and `audience_group`."""
    if not viewer.is_authenticated:
        return Q(audience=Audience.EVERYONE)
    rule = Q(audience__in=[Audience.EVERYONE, Audience.MEMBERS])
    if viewer.group_ids:
        rule |= Q(audience=Audience.GROUP, audience_group__in=viewer.group_ids)
    return rule


_GROUP_NAMED = Q(audience=Audience.GROUP, audience_group__isnull=False) | (~Q(audience=Audience.GROUP) & Q(audience_group=None))


class BoardQuerySet(models.QuerySet):
    def visible_to(self, viewer) -> Self:
        return self.filter(_open_to(viewer))


class Board(models.Model):
    """A place for one theme: what it is for, how people speak here, who may read, when somebody is reading."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=60, unique=True)
    purpose = models.CharField(max_length=200)
    guidelines = models.TextField(blank=True, help_text=gettext_lazy("Markdown. A few short sentences."))
    guidelines_html = models.TextField(blank=True, editable=False)
    reads_from = models.TimeField(null=True, blank=True, help_text=gettext_lazy("From when somebody is reading, each day."))
    reads_until = models.TimeField(null=True, blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    audience_group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    objects = BoardQuerySet.as_manager()
    personal = {}

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(condition=_GROUP_NAMED, name="board_names_its_group")]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs) -> None:
        self.guidelines_html = text.render(self.guidelines) if self.guidelines else ""
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return reverse("board_detail", args=[self.slug])

    @property
    def hours(self) -> tuple[time, time] | None:
        return (self.reads_from, self.reads_until) if self.reads_from and self.reads_until else None

    @property
    def is_read_now(self) -> bool:
        """Is somebody reading at this moment, by the hours given (they may pass midnight)?"""
        if not self.hours:
            return False
        start, end = self.hours
        now = timezone.localtime(timezone=timezone.get_default_timezone()).time()
        return start <= now < end if start <= end else now >= start or now < end

    def narrower_audiences(self) -> list[Audience]:
        """What a conversation here may choose beside the board's own audience: never a wider one."""
        return [Audience.MEMBERS] if self.audience == Audience.EVERYONE else []

    @transaction.atomic
    def start(self, voice: Voice, *, title: str, body: str, mode: str, audience: str = "") -> "Topic":
        """Open a conversation."""
        audience = audience or self.audience
        if audience != self.audience and audience not in self.narrower_audiences():
            raise ValueError("A conversation may be narrower than its board, never wider.")
        topic = Topic(
            board=self,
            author=None if voice.is_persona else voice,
            persona=voice if voice.is_persona else None,
            title=title,
            mode=mode,
            audience=audience,
            audience_group=self.audience_group if audience == Audience.GROUP else None,
        )
        topic.active_at = topic.created_at
        fresh = topic.put(body)
        ReadMark.leave(topic, voice, position=0)
        notify(fresh, "contributions.mentioned", by=voice, target=topic)
        return topic


class TopicQuerySet(ContributionQuerySet):
    def visible_to(self, viewer) -> Self:
        return super().visible_to(viewer).filter(_open_to(viewer), board__in=Board.objects.visible_to(viewer))

    def unanswered(self) -> Self:
        return self.filter(last_position=0, locked_at=None, withdrawn_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-active_at", "-public_id")

    def longest_waiting_first(self) -> Self:
        return self.order_by("created_at", "public_id")


class Topic(Contribution):
    """A conversation: its opening post, and the replies in their positions."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="topics", editable=False)
    title = models.CharField(max_length=120)
    mode = models.CharField(max_length=10, choices=Mode.choices)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    audience_group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    last_position = models.PositiveIntegerField(default=0, editable=False)
    active_at = models.DateTimeField(default=now_in_steps, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)
    lock_reason = models.CharField(max_length=300, blank=True, editable=False)
    search = SearchColumn("title", "body")

    objects = TopicQuerySet.as_manager()
    personal = Contribution.personal | {"title": "blank"}

    class Meta(Contribution.Meta):
        constraints = [
            *Contribution.Meta.constraints,
            models.CheckConstraint(condition=_GROUP_NAMED, name="topic_names_its_group"),
        ]
        indexes = [
            models.Index(fields=["board", "-active_at", "-public_id"], condition=Q(hidden_at=None), name="topic_by_board"),
            models.Index(fields=["-active_at", "-public_id"], condition=Q(hidden_at=None), name="topic_by_activity"),
            models.Index(
                fields=["created_at", "public_id"],
                condition=Q(hidden_at=None, last_position=0, locked_at=None, withdrawn_at=None),
                name="topic_unanswered",
            ),
            models.Index(fields=["author", "-created_at", "-public_id"], name="topic_by_author"),
            GinIndex(fields=["search"], name="topic_search"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("topic_detail", args=[self.board.slug, self.public_id])

    @property
    def shown_title(self) -> str:
        """The title; a withdrawn opening post takes it along."""
        return _("A conversation") if self.is_withdrawn else self.title

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def last_page(self) -> int:
        return max(1, -(-self.last_position // PAGE))

    def page_of(self, position: int) -> int:
        return max(1, -(-position // PAGE))

    def revision(self) -> Revision:
        return Revision(target=self, title=self.title, body=self.body)

    def empty(self) -> None:
        self.title = ""

    @transaction.atomic
    def reply(self, voice: Voice, body: str, *, quoting: Iterable[Quote] = ()) -> "Reply":
        """Add a reply at the next position and tell whom it concerns."""
        quoting = list(quoting)
        topic = Topic.objects.select_for_update(of=("self",)).only("last_position", "active_at").get(pk=self.pk)
        reply = Reply(
            topic=self,
            author=None if voice.is_persona else voice,
            persona=voice if voice.is_persona else None,
            position=topic.last_position + 1,
        )
        fresh = reply.put(body, quoting=quoting)
        self.last_position, self.active_at = reply.position, max(topic.active_at, reply.created_at)
        self.save(update_fields=["last_position", "active_at"])
        ReadMark.leave(self, voice, position=reply.position)
        notify([self.voice], "forums.reply", by=voice, target=reply)
        notify([q.source.voice for q in quoting], "forums.quote", by=voice, target=reply)
        notify(fresh, "contributions.mentioned", by=voice, target=reply)
        return reply

    @transaction.atomic
    def lock(self, *, by: User, reason: str = "") -> None:
        """Close to new replies. A moderator gives a reason, the starter need not."""
        self._lock()
        if self.is_locked:
            return
        self.locked_at, self.lock_reason = now_in_steps(), reason
        self.save(update_fields=["locked_at", "lock_reason"])
        if not self.speaks_as(by):
            record("forums.topic_locked", by=by, target=self, reason=reason)
            notify([self.voice], "forums.topic_locked", by=by, target=self, note=reason)

    @transaction.atomic
    def unlock(self, *, by: User, reason: str = "") -> None:
        """Open to new replies again."""
        self._lock()
        if not self.is_locked:
            return
        self.locked_at, self.lock_reason = None, ""
        self.save(update_fields=["locked_at", "lock_reason"])
        if not self.speaks_as(by):
            record("forums.topic_unlocked", by=by, target=self, reason=reason)


class ReplyQuerySet(ContributionQuerySet):
    def visible_to(self, viewer) -> Self:
        return super().visible_to(viewer).filter(topic__in=Topic.objects.visible_to(viewer))

    def on_page(self, number: int) -> Self:
        """The replies of one numbered page: a range of positions, whatever is missing in it."""
        return self.filter(position__gt=(number - 1) * PAGE, position__lte=number * PAGE).order_by("position")


class Reply(Contribution):
    """An answer, at its place in a conversation for good."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="replies", editable=False)
    position = models.PositiveIntegerField(editable=False)
    search = SearchColumn("body")

    objects = ReplyQuerySet.as_manager()

    class Meta(Contribution.Meta):
        verbose_name_plural = gettext_lazy("replies")
        constraints = [
            *Contribution.Meta.constraints,
            models.UniqueConstraint(fields=["topic", "position"], name="one_reply_per_position"),
        ]
        indexes = [models.Index(fields=["author", "-created_at", "-public_id"], name="reply_by_author"), GinIndex(fields=["search"], name="reply_search")]

    def __str__(self) -> str:
        return f"{self.topic} · {self.position}"

    def get_absolute_url(self) -> str:
        """The reply's own stable address; it leads to its page and place."""
        return reverse("reply_detail", args=[self.topic.board.slug, self.topic.public_id, self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        return self.topic.public_id

    @property
    def place(self) -> str:
        """The address of the page it stands on, down to the anchor."""
        page = self.topic.page_of(self.position)
        query = f"?page={page}" if page > 1 else ""
        return f"{self.topic.get_absolute_url()}{query}#r-{self.public_id}"


class ReadMark(models.Model):
    """How far a voice has read a conversation; for that voice's own eyes."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    position = models.PositiveIntegerField()
    at = models.DateTimeField(default=now_in_steps)

    personal = {"user": "erase", "position": "erase", "at": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "user"], name="one_read_mark_per_member"),
            models.UniqueConstraint(fields=["topic", "persona"], name="one_read_mark_per_persona"),
            models.CheckConstraint(
                condition=Q(user=None, persona__isnull=False) | Q(user__isnull=False, persona=None),
                name="read_mark_has_one_voice",
            ),
        ]
        indexes = [models.Index(fields=["user", "-at"], name="read_mark_newest")]

    def __str__(self) -> str:
        return str(self.position)

    @classmethod
    def leave(cls, topic: Topic, voice: Voice, *, position: int) -> None:
        """Note that `voice` has read as far as `position`; never moves back. One statement."""
        column = "persona_id" if voice.is_persona else "user_id"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO forums_readmark (topic_id, {column}, position, at) VALUES (%s, %s, %s, %s) "  # noqa: S608
                f"ON CONFLICT (topic_id, {column}) DO UPDATE "
                "SET position = GREATEST(forums_readmark.position, excluded.position), at = excluded.at",
                [topic.pk, voice.pk, position, now_in_steps()],
            )
