"""`Appeal`: somebody asks that another volunteer looks at a decision again."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.decisions.models import Decision
from community.notifications.models import notify
from community.times import now_in_steps

from .claims import Claimable
from .reports import Report


class AppealQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(decided_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("made_at", "pk")

    def with_place(self) -> Self:
        """With what a sentence needs."""
        return self.select_related("decision", "report")

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

    def get_absolute_url(self) -> str:
        return reverse("appeal_detail", args=[self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def is_decided(self) -> bool:
        return self.decided_at is not None

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None

    @property
    def about(self) -> Decision | Report:
        """What is to be looked at again."""
        return self.decision or self.report  # type: ignore[return-value]

    @property
    def voice(self) -> Any:
        """Whoever asks; None for a guest, or where nobody is behind a report any more."""
        return self.about.voice

    @property
    def shown_title(self) -> str:
        """Of one's own words alone: those of somebody else may be gone, for good reasons."""
        return self.about.shown_title if self.decision_id else ""

    @classmethod
    @transaction.atomic
    def ask(cls, about: Decision | Report, *, words: str = "") -> "Appeal":
        """Ask that somebody else looks at a decision about oneself, or at one's closed report. Once: a second one is the first."""
        of = {"decision": about} if isinstance(about, Decision) else {"report": about}
        first_by = about.by_id if isinstance(about, Decision) else about.closed_by_id
        cls.objects.bulk_create([cls(**of, words=words, first_by_id=first_by)], ignore_conflicts=True)  # type: ignore[list-item]
        return cls.objects.get(**of)

    @transaction.atomic(savepoint=False)
    def uphold(self, *, by: Any, reason: str) -> None:
        """It stays as it was decided, and whoever asked learns why."""
        if self._decide(by=by, answer=reason):
            record("moderation.appeal_upheld", by=by, target=self, reason=reason)
            self._tell()

    @transaction.atomic(savepoint=False)
    def overturn(self, *, by: Any, reason: str) -> None:
        """Turn it around: what was decided is undone; what was reported is open again, for somebody to act."""
        if self._decide(by=by, answer=reason, reversed_at=now_in_steps()):
            record("moderation.appeal_overturned", by=by, target=self, reason=reason)
            if self.decision is not None:
                self.decision.reverse(by=by, reason=reason)
            elif self.report is not None:
                self.report.reopen()
            self._tell()

    def _decide(self, *, by: Any, answer: str, **fields: Any) -> bool:
        """Only the first who decides does; False for everybody after them."""
        fields |= {"decided_by": by, "decided_at": now_in_steps(), "answer": answer}
        if not Appeal.objects.open().filter(pk=self.pk).update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def _tell(self) -> None:
        if (voice := self.voice) is not None:
            notify([voice], "moderation.appeal_decided", target=self, note=self.answer)
