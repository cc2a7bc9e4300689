"""`Report`: somebody asks to have something looked at. `Claim`: somebody is looking at it just now."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.identity.models import Persona
from community.notifications.models import notify
from community.times import now_in_steps

CLAIMED_FOR = timedelta(minutes=15)


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=ContentType.objects.get_for_model(target), target_id=target.pk)

    def visible_to(self, viewer: Any) -> Self:
        """One's own reports; those of others are seen in the admin."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(models.Q(reporter=viewer.pk) | models.Q(reporter_persona__pk__among=viewer.persona_keys))


class Claimable(models.Model):
    """What can be claimed, so that two do not work on it at once."""

    class Meta:
        abstract = True

    @cached_property
    def running_claim(self) -> "Claim | None":
        """Who works on it just now, looked up once."""
        return Claim.of(self)

    def is_somebody_elses(self, user: Any) -> bool:
        return self.running_claim is not None and self.running_claim.by_id != user.pk

    def claim(self, *, by: Any) -> bool:
        """See `Claim.take`."""
        self.__dict__.pop("running_claim", None)
        return Claim.take(self, by=by)

    def let_go(self, *, by: Any) -> None:
        self.__dict__.pop("running_claim", None)
        Claim.let_go(self, by=by)


class Report(Claimable):
    """That somebody wants something looked at, with the words as they stood then. Nobody it concerns learns who that was."""

    class Reason(models.TextChoices):
        HARMFUL = "harmful", _("It could do harm")
        STALE = "stale", _("It is out of date or gone")
        SELLING = "selling", _("It sells something")
        NOTE = "note", _("Its content note is wrong or missing")
        OTHER = "other", _("Something else")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reporter_persona = models.ForeignKey(Persona, models.SET_NULL, null=True, related_name="+")
    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    reason = models.CharField(_("what is the matter"), max_length=10, choices=Reason.choices)
    words = models.TextField(_("in your words"), max_length=2000, blank=True)
    # What was reported, as it stood then: title and words. Editing it away afterwards hides nothing from whoever looks.
    kept = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=now_in_steps, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(_("what came of it"), max_length=500, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()
    personal = {"reporter": "erase", "words": "blank", "kept": "blank"}

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reporter__isnull=True) | models.Q(reporter_persona__isnull=True),
                name="a_report_has_one_voice_at_most",
            ),
            models.UniqueConstraint(
                fields=["reporter", "target_type", "target_id"],
                condition=models.Q(closed_at=None),
                name="one_open_report_per_member_and_thing",
            ),
            models.UniqueConstraint(
                fields=["reporter_persona", "target_type", "target_id"],
                condition=models.Q(closed_at=None),
                name="one_open_report_per_alias_and_thing",
            ),
        ]
        indexes = [models.Index(fields=["created_at", "id"], condition=models.Q(closed_at=None), name="reports_open")]

    def __str__(self) -> str:
        return str(self.get_reason_display())

    def get_absolute_url(self) -> str:
        """Where whoever reported it sees what it was about, if it is still there for them."""
        target = self.target
        is_there = target is not None and self.reporter is not None and target.is_visible_to(self.reporter)
        return target.get_absolute_url() if is_there else reverse("inbox")

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def thread(self) -> uuid.UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def shown_title(self) -> str:
        return str(self.kept.get("title", ""))

    @classmethod
    def put(cls, target: Any, *, by: Any, reason: str, words: str = "") -> None:
        """Report something, with its words as they stand now. While one is open, another by the same voice changes nothing."""
        voice = {"reporter_persona": by} if by.is_persona else {"reporter": by}
        report = cls(target=target, reason=reason, words=words, kept=target.as_reported(), **voice)
        cls.objects.bulk_create([report], ignore_conflicts=True)  # type: ignore[list-item]

    @transaction.atomic
    def add(self, target: Any, *, words: str = "") -> None:
        """Something else about the same thing is to be looked at, too: what it says is kept with the first, as it stands now."""
        report = Report.objects.select_for_update(no_key=True).get(pk=self.pk)
        more = target.as_reported()
        if not report.is_closed and more["body"] not in report.kept.get("body", ""):
            report.kept["body"] = "\n\n".join([report.kept.get("body", ""), f"{more['title']}:", more["body"]])
            report.words = "\n\n".join(filter(None, [report.words, words]))[:2000]
            report.save(update_fields=["kept", "words"])

    @transaction.atomic
    def close(self, *, by: Any, reason: str) -> None:
        """It was looked at: tell whoever reported it what came of it."""
        if not Report.objects.open().filter(pk=self.pk).update(closed_at=now_in_steps(), outcome=reason[:500]):
            return
        self.refresh_from_db()
        record("moderation.report_closed", by=by, target=self, reason=reason)
        voice = self.reporter_persona if self.reporter_persona_id else self.reporter
        if voice is not None:
            notify([voice], "moderation.report_closed", target=self, note=reason)


class Claim(models.Model):
    """That somebody works on something just now, so that nobody else does the same. It ends by itself."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    personal = {"by": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target_type", "target_id"], name="one_claim_per_thing")]

    def __str__(self) -> str:
        return f"{self.by} until {self.until:%H:%M}"

    @classmethod
    def take(cls, target: models.Model, *, by: Any) -> bool:
        """Claim `target`, or keep one’s claim for longer; False while it is somebody else’s. Safe for two at once."""
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO moderation_claim AS held (target_type_id, target_id, by_id, until) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (target_type_id, target_id) DO UPDATE SET by_id = excluded.by_id, until = excluded.until "
                "WHERE held.by_id = excluded.by_id OR held.until < %s",
                [ContentType.objects.get_for_model(target).pk, target.pk, by.pk, now + CLAIMED_FOR, now],
            )
            return cursor.rowcount == 1

    @classmethod
    def of(cls, target: models.Model) -> "Claim | None":
        """Who works on `target` just now."""
        target_type = ContentType.objects.get_for_model(target)
        running = cls.objects.filter(target_type=target_type, target_id=target.pk, until__gte=timezone.now())
        return running.select_related("by").first()

    @classmethod
    @transaction.atomic
    def let_go(cls, target: models.Model, *, by: Any) -> None:
        cls.objects.filter(target_type=ContentType.objects.get_for_model(target), target_id=target.pk, by=by).delete()
