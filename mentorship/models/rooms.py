"""What the two keep in their room: `Message`, `Goal`, and the `Session` log that each keeps alone."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution, ContributionQuerySet
from community.members.models import User

from .matches import Match


class MessageQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """The words of one's own rooms. A block between the two does not take away what was said; it ends what comes."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(match__newcomer=viewer.pk) | Q(match__mentor=viewer.pk), hidden_at=None)

    def in_order(self) -> Self:
        return self.order_by("position")


class Message(Contribution):
    """What one of the two says to the other. Only they read it; of a reported one, moderators read it and five around it."""

    match = models.ForeignKey(Match, models.PROTECT, related_name="messages")
    position = models.PositiveIntegerField()

    objects = MessageQuerySet.as_manager()
    personal = Contribution.personal

    class Meta(Contribution.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            *Contribution.Meta.constraints,
            models.CheckConstraint(condition=Q(persona=None), name="messages_are_said_by_name"),
            models.UniqueConstraint(fields=["match", "position"], name="one_message_per_position"),
        ]

    def __str__(self) -> str:
        return "a message"

    def get_absolute_url(self) -> str:
        return f"{reverse('match_detail', args=[self.match.public_id])}#m-{self.public_id}"

    @property
    def thread(self) -> uuid.UUID:
        return self.match.public_id


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
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=3), name="three_goals_at_most"),
        ]

    def __str__(self) -> str:
        return "a goal"


class SessionQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Whoever wrote it, and nobody else."""
        return self.filter(user=viewer.pk) if viewer.is_authenticated else self.none()


class Session(models.Model):
    """A line of the log that each of the two keeps alone."""

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
