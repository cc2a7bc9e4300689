"""What the two keep in their room: `Message`, `Goal`, and the `Session` log that each keeps alone."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import connection, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution, ContributionQuerySet
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

from .matches import Match
from .together import RoomClosed

# So many messages stand on a page of a room.
PAGE = 20
# So many before and after a reported message are read with it, to understand it.
AROUND = 5
MOST_GOALS = 3
# So many lines can one keep of one match.
MOST_SESSIONS = 200


class MessageQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """The words of one's own rooms. A block between the two does not take away what was said; it ends what comes."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(match__newcomer=viewer.pk) | Q(match__mentor=viewer.pk), hidden_at=None)

    def wanted_by(self, viewer: Any) -> Self:
        """All of them: filters are for places where many talk."""
        return self

    def with_folds(self, viewer: Any, *, of_wanted: bool = False) -> Self:
        return self.annotate(is_folded=models.Value(False))

    def with_place(self) -> Self:
        return super().with_place().select_related("match")

    def in_order(self) -> Self:
        return self.order_by("position")


class Message(Contribution):
    """What one of the two says to the other. Only they read it; of a reported one, moderators read it and five around it."""

    # No index of its own: the constraint has one that begins with it.
    match = models.ForeignKey(Match, models.PROTECT, related_name="messages", editable=False, db_index=False)
    position = models.PositiveIntegerField(editable=False)

    reported_as = "message"
    reported_with = "mentorship/_message_reported.html"

    objects = MessageQuerySet.as_manager()
    is_by_name = True
    personal = Contribution.personal

    class Meta(Contribution.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            *Contribution.Meta.constraints,
            models.CheckConstraint(condition=Q(persona=None), name="messages_are_said_by_name"),
            models.UniqueConstraint(fields=["match", "position"], name="one_message_per_position"),
        ]
        indexes = [models.Index(fields=["author", "-created_at", "-public_id"], name="message_by_author")]

    def __str__(self) -> str:
        return "a message"

    def get_absolute_url(self) -> str:
        """The message's own address; it leads to its page and place."""
        return reverse("message_detail", args=[self.match.public_id, self.public_id])

    @property
    def place(self) -> str:
        """The page of the room that it stands on, and where on it."""
        page = max(1, -(-self.position // PAGE))
        return f"{reverse('match_detail', args=[self.match.public_id])}?page={page}#m-{self.public_id}"

    @property
    def thread(self) -> uuid.UUID:
        return self.match.public_id

    @property
    def shown_title(self) -> str:
        """Nothing of the words: this stands in lists."""
        return gettext("A message in a room of two")

    @classmethod
    @transaction.atomic
    def say(cls, match: Match, *, by: User, body: str, public_id: uuid.UUID | None = None) -> Self:
        """Say something, at the next position, and tell the other one. Raises RoomClosed if nobody can write there, by now."""
        now = now_in_steps()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE mentorship_match SET last_position = last_position + 1, spoke_at = %s "
                "WHERE id = %s AND began_at IS NOT NULL AND ended_at IS NULL AND frozen_at IS NULL RETURNING last_position",
                [now, match.pk],
            )
            row = cursor.fetchone()
        if row is None:
            raise RoomClosed
        match.last_position, match.spoke_at = row[0], now
        message = cls(match=match, author=by, position=row[0], created_at=now, public_id=public_id or uuid.uuid4())
        message.put(body)
        notify([match.other_than(by)], "mentorship.message_written", by=by, target=message)
        return message

    def _mentioned(self, body: str) -> dict[str, User]:
        """Nobody is called in a room of two: whoever is named there learns nothing of it, and no page leads to them from it."""
        return {}

    # Looking at what was reported -----------------------------------------------------

    is_between_two = True

    @classmethod
    def kept_from(cls, viewer: Any) -> models.QuerySet:
        """Messages whose reports are not for `viewer` to look at, whatever their role: they are one of the two."""
        return cls.objects.filter(Q(match__newcomer=viewer.pk) | Q(match__mentor=viewer.pk))

    @property
    def around(self) -> MessageQuerySet:
        """It and up to five before and after it: all that whoever looks at a report reads of the room."""
        near = Q(position__gte=self.position - AROUND, position__lte=self.position + AROUND)
        return Message.objects.filter(near, match=self.match_id).with_voices().in_order()


class Goal(models.Model):
    """One of the one to three things that the two want to get to."""

    match = models.ForeignKey(Match, models.CASCADE, related_name="goals")
    number = models.PositiveSmallIntegerField()
    words = models.CharField(_("goal"), max_length=300)
    reached_at = models.DateTimeField(null=True)

    personal = {"words": "blank", "reached_at": "keep"}

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["match", "number"], name="each_goal_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=MOST_GOALS), name="three_goals_at_most"),
        ]

    def __str__(self) -> str:
        return "a goal"

    @classmethod
    @transaction.atomic
    def add(cls, match: Match, words: str) -> bool:
        """Add one at the first free number; False if there are three, or these very words stand there already."""
        match.hold_open()
        there = dict(match.goals.values_list("number", "words"))
        free = [number for number in range(1, MOST_GOALS + 1) if number not in there]
        if words in there.values():
            return True
        if free:
            cls.objects.create(match=match, number=free[0], words=words)
        return bool(free)

    @transaction.atomic
    def reword(self, words: str) -> None:
        self.match.hold_open()
        Goal.objects.filter(pk=self.pk).update(words=words)

    @transaction.atomic
    def reach(self) -> None:
        self.match.hold_open()
        Goal.objects.filter(pk=self.pk, reached_at=None).update(reached_at=timezone.now())

    @transaction.atomic
    def reopen(self) -> None:
        """There is still some way to go, after all."""
        self.match.hold_open()
        Goal.objects.filter(pk=self.pk).update(reached_at=None)

    @transaction.atomic
    def remove(self) -> None:
        self.match.hold_open()
        Goal.objects.filter(pk=self.pk).delete()


class SessionQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Whoever wrote it, and nobody else."""
        return self.filter(user=viewer.pk) if viewer.is_authenticated else self.none()


class Session(models.Model):
    """A line of the log that each of the two keeps alone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, models.CASCADE, related_name="sessions")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    on = models.DateField(_("day"))
    words = models.CharField(_("a line for yourself"), max_length=500, blank=True)

    objects = SessionQuerySet.as_manager()
    personal = {"user": "erase", "on": "erase", "words": "erase"}

    class Meta:
        indexes = [models.Index(fields=["match", "user", "-on"], name="sessions_of_one")]

    def __str__(self) -> str:
        return "a session"

    @classmethod
    def keep(cls, match: Match, *, by: User, on: date, words: str) -> bool:
        """Note a line for oneself; the same one twice is one. False if there is no room for more."""
        own = cls.objects.visible_to(by).filter(match=match)
        if own.count() >= MOST_SESSIONS:
            return False
        own.get_or_create(on=on, words=words, defaults={"match": match, "user": by})
        return True
