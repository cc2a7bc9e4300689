"""`Cohort`: a draft of the best matching of many newcomers and mentors, that a coordinator edits and publishes."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.members.models import User
from community.moderation.models import Claimable

from .matches import Match
from .mentors import Mentor
from .requests import Request


class Cohort(Claimable):
    """Everybody who waits, and everybody with a place, matched at once; nothing happens to anybody until it is published."""

    class Aim(models.TextChoices):
        FIT = "fit", _("Best fit")
        MANY = "many", _("Most people matched")

    name = models.CharField(_("name"), max_length=120)
    aim = models.CharField(_("what for"), max_length=4, choices=Aim.choices, default=Aim.MANY)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # Which people it is about; empty for everybody who waits.
    only = models.JSONField(default=list, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    solving_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)
    # Served and its bound, total and its bound, and what to recruit for; numbers only.
    certificate = models.JSONField(default=dict, blank=True)

    personal = {"by": "keep"}

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class Pairing(models.Model):
    """One row of a draft: a newcomer with the mentor drafted for them, or with nobody and why."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="pairings")
    request = models.ForeignKey(Request, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(Mentor, models.CASCADE, null=True, related_name="+")
    score = models.SmallIntegerField(null=True)
    parts = models.JSONField(default=dict, blank=True)
    rank = models.PositiveIntegerField(null=True)
    eligible = models.PositiveIntegerField(default=0)
    why: Any = models.JSONField(default=dict, blank=True)  # what it cost others, or the funnel and the one relaxation
    match = models.ForeignKey(Match, models.SET_NULL, null=True, related_name="+")  # once published
    stale = models.CharField(max_length=200, blank=True)  # why life has overtaken it

    personal = {"parts": "erase", "why": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "request"], name="one_row_per_newcomer_in_a_draft"),
        ]
        indexes = [models.Index(fields=["cohort", "mentor"], name="pairings_of_a_mentor")]

    def __str__(self) -> str:
        return "a drafted pair"


class Rule(models.Model):
    """What a coordinator wants of a draft: these two together, or never these two."""

    class Kind(models.TextChoices):
        PIN = "pin", _("Together")
        FORBID = "forbid", _("Not together")

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="rules")
    request = models.ForeignKey(Request, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)

    personal = {"kind": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "request", "mentor"], name="one_wish_per_pair_of_a_draft"),
            models.UniqueConstraint(fields=["cohort", "request"], condition=Q(kind="pin"), name="one_pin_per_newcomer_of_a_draft"),
        ]

    def __str__(self) -> str:
        return "a wish for a draft"
