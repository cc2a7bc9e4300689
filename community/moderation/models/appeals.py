"""`Appeal`: somebody asks that another volunteer looks at a decision again."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.decisions.models import Decision
from community.times import now_in_steps

from .claims import Claimable
from .reports import Report

POSSIBLE_FOR = timedelta(days=183)


class AppealQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(decided_at=None)

    def visible_to(self, viewer: Any) -> Self:
        """One's own; those of others are seen in the admin."""
        decisions = Decision.objects.visible_to(viewer).values("pk")
        return self.filter(Q(decision__in=decisions) | Q(report__in=Report.objects.visible_to(viewer).values("pk")))


class Appeal(Claimable):
    """Against a decision about oneself, or against that nothing came of one's report. Somebody else decides it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="appeal")
    report = models.OneToOneField(Report, models.PROTECT, null=True, related_name="appeal")
    words = models.TextField(_("in your words"), max_length=2000, blank=True)
    made_at = models.DateTimeField(default=now_in_steps)
    # Who decided first, kept here so that the database can refuse the same person.
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # Whether the decision was turned around.
    reversed_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=1000, blank=True)

    objects = AppealQuerySet.as_manager()
    personal = {"words": "blank", "answer": "keep", "first_by": "keep", "decided_by": "keep"}

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=None, report__isnull=False) | Q(decision__isnull=False, report=None),
                name="an_appeal_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(first_by=None) | ~Q(decided_by=F("first_by")),
                name="appeals_are_decided_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, reversed_at=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_appeal_names_who_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["made_at", "id"], condition=Q(decided_at=None), name="appeals_open"),
            models.Index(fields=["made_at"], name="appeals_by_time"),
        ]

    def __str__(self) -> str:
        return str(_("appeal"))
