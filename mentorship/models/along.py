"""What is asked and called along the way: `CheckIn` for the coordinators, `Concern` for the leads alone."""

import uuid
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.members.models import User
from community.times import now_in_steps

from .matches import Match


class CheckInQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Whoever is asked; the answers go to the coordinators, in the admin."""
        return self.filter(user=viewer.pk) if viewer.is_authenticated else self.none()

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)


class CheckIn(models.Model):
    """How is it going? Asked of each side alone; the answer is for the coordinators only."""

    class Kind(models.TextChoices):
        FIT = "fit", _("After the first contact")
        ALONG = "along", _("Along the way")

    class Answer(models.TextChoices):
        GOOD = "good", _("A good fit")
        DECIDING = "deciding", _("Still deciding")
        NOT = "not", _("Not a good fit")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, models.CASCADE, related_name="check_ins")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()  # the how-manieth of its match; so a task that runs twice asks once
    asked_at = models.DateTimeField(default=now_in_steps)
    answer = models.CharField(_("how is it?"), max_length=8, choices=Answer.choices, blank=True)
    words = models.TextField(_("anything the coordinator should know"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # by a coordinator

    objects = CheckInQuerySet.as_manager()
    personal = {"user": "erase", "answer": "erase", "words": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["match", "user", "number"], name="asked_once_each_time"),
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answer=""), name="an_answer_says_how_it_is"),
        ]
        indexes = [
            models.Index(fields=["answered_at"], condition=Q(seen_at=None, answered_at__isnull=False), name="check_ins_to_read")
        ]

    def __str__(self) -> str:
        return "a check-in"

    def get_absolute_url(self) -> str:
        return reverse("checkin_answer", args=[self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        return self.public_id

    @property
    def shown_title(self) -> str:
        return ""

    @property
    def is_withdrawn(self) -> bool:
        return self.answered_at is not None

    def is_visible_to(self, viewer: Any) -> bool:
        return CheckIn.objects.visible_to(viewer).filter(pk=self.pk).exists()


class Concern(models.Model):
    """Something in a pair's room is not safe, one of them says. It goes to the leads alone, and to no coordinator."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="concerns")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.TextField(_("what is the matter"), max_length=2000, blank=True)
    shown = ArrayField(models.BigIntegerField(), default=list, blank=True)  # messages that whoever calls wants read
    at = models.DateTimeField(default=now_in_steps)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("what came of it"), max_length=500, blank=True)

    personal = {"by": "keep", "words": "blank", "taken_by": "keep", "outcome": "blank"}

    class Meta:
        verbose_name = _("concern for safety")
        verbose_name_plural = _("concerns for safety")
        indexes = [models.Index(fields=["at", "id"], condition=Q(closed_at=None), name="concerns_open")]

    def __str__(self) -> str:
        return "a concern"
