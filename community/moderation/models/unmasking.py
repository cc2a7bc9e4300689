"""`Unmasking`: finding out, by two people in charge of safety and for a written reason, who speaks under an alias."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.identity.models import Persona


class UnmaskingQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(approved_at=None, refused_at=None, expires_at__gt=timezone.now())


class Unmasking(models.Model):
    """One request, from the asking to the forgetting. Nothing here names a member: the answer is locked, and only for days."""

    persona = models.ForeignKey(Persona, models.PROTECT, related_name="+")
    reason = models.TextField(_("why"), max_length=1000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    # Who it is, in a box that the web process opens for the two and that is emptied when the time is over.
    answer = models.BinaryField(max_length=200, null=True)
    # Why the member is not told; empty: they are.
    untold_because = models.TextField(_("why the member is not told"), max_length=1000, blank=True)

    objects = UnmaskingQuerySet.as_manager()
    personal = {"answer": "erase", "asked_by": "keep", "approved_by": "keep"}

    class Meta:
        verbose_name = _("unmasking")
        verbose_name_plural = _("unmaskings")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="two_people_unmask",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="nothing_is_opened_unapproved",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_unmasking_has_a_reason"),
            models.UniqueConstraint(
                fields=["persona"],
                condition=Q(approved_at=None, refused_at=None),
                name="one_waiting_unmasking_per_alias",
            ),
        ]

    def __str__(self) -> str:
        return str(_("unmasking"))
