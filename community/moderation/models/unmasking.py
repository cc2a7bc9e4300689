"""`Unmasking`: finding out, by two people in charge of safety and for a written reason, who speaks under an alias."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.identity.models import Persona
from community.notifications.jobs import defer

# How long a request waits for a second person, and how long the two may look at the answer.
WAITS_FOR = READABLE_FOR = timedelta(days=7)


class UnmaskingQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(approved_at=None, refused_at=None, expires_at__gt=timezone.now())

    def unanswered(self) -> Self:
        """Those that nobody agreed to in time."""
        return self.filter(approved_at=None, refused_at=None, expires_at__lte=timezone.now())

    def to_open(self) -> Self:
        """Two people agree, and the worker has yet to look."""
        return self.filter(approved_at__isnull=False, opened_at=None, expires_at__gt=timezone.now())

    def visible_to(self, viewer: Any) -> Self:
        """Those that were done to oneself and are told; the rest is seen in the admin."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(persona__pk__among=viewer.persona_keys, opened_at__isnull=False, untold_because="")

    def with_place(self) -> Self:
        """With what a sentence and an address need."""
        return self.select_related("persona")

    def not_about(self, viewer: Any) -> Self:
        """Without those about an alias of the signed-in `viewer`: one does not decide about oneself."""
        return self.exclude(persona__pk__among=viewer.persona_keys)


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

    def get_absolute_url(self) -> str:
        """Where the member behind the alias reads of it."""
        return reverse("unmasking_list", args=[self.persona.public_id])

    @property
    def thread(self) -> uuid.UUID:
        """News of one alias is bundled."""
        return self.persona.public_id

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def shown_title(self) -> str:
        return self.persona.told_name

    @property
    def is_waiting(self) -> bool:
        """Can somebody still agree?"""
        return self.approved_at is None and self.refused_at is None and not self.is_over

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_opened(self) -> bool:
        return self.opened_at is not None

    @property
    def is_told(self) -> bool:
        return not self.untold_because

    @classmethod
    def kept_from(cls, viewer: Any) -> models.QuerySet:
        """Those about an alias of `viewer`: they are told when it is done, and by nothing else."""
        return cls.objects.filter(persona__pk__among=viewer.persona_keys)

    def is_of_the_two(self, user: Any) -> bool:
        return user.pk in (self.asked_by_id, self.approved_by_id)

    @classmethod
    @transaction.atomic
    def ask(cls, persona: Persona, *, by: Any, reason: str, untold_because: str = "") -> "Unmasking | None":
        """Ask a second person to agree to finding out who `persona` is; None while such a question waits already."""
        now = timezone.now()
        cls.objects.unanswered().filter(persona=persona).update(refused_at=now)
        try:
            with transaction.atomic():
                made = cls.objects.create(
                    persona=persona, asked_by=by, reason=reason, untold_because=untold_because, expires_at=now + WAITS_FOR
                )
        except IntegrityError:
            return None
        record("moderation.unmasking_asked", by=by, target=made, reason=reason)
        return made

    @transaction.atomic
    def approve(self, *, by: Any, reason: str) -> None:
        """Agree, as the second person. The worker does it: no other process can."""
        now = timezone.now()
        waiting = Unmasking.objects.open().filter(pk=self.pk).exclude(asked_by=by)
        if waiting.update(approved_by=by, approved_at=now, expires_at=now + READABLE_FOR):
            self.refresh_from_db()
            record("moderation.unmasking_approved", by=by, target=self, reason=reason)
            defer("community.moderation.tasks.open_unmasking", {"unmasking": self.pk})

    @transaction.atomic
    def refuse(self, *, by: Any, reason: str) -> None:
        """Do not agree; whoever asked may also take it back like this."""
        if Unmasking.objects.open().filter(pk=self.pk).update(refused_at=timezone.now()):
            self.refresh_from_db()
            record("moderation.unmasking_refused", by=by, target=self, reason=reason)
