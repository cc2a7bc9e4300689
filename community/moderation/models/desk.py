"""The desk: who sits at it and how much of what they take, and what one tells the next."""

import json
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.identity.models import Persona
from community.prepared import Prepared

from .claims import Claim
from .limits import DeskSettings


class Watch(models.Model):
    """When somebody was last at the desk, and when those on duty were last told of what is late. One row; it names nobody."""

    # To the hour: a volunteer may say something under an alias next.
    attended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    # What they were told of and is late still: by what it is, its key, and how harmful it was said to be.
    told_of = ArrayField(models.CharField(max_length=60), default=list)

    personal = {}

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_watch")]

    def __str__(self) -> str:
        return "the watch"

    @classmethod
    def attend(cls, before: datetime | None = None) -> None:
        """Somebody is at the desk; written down once an hour. `before` is when that was the last time, as far as one knows."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        if before != hour:
            cls.objects.update_or_create(pk=1, defaults={"attended_at": hour})


class Duty(models.Model):
    """What one volunteer takes: no themes that are too close, no more heavy things a day than this, nothing while away."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="duty")
    # Content notes, by their keys.
    themes_left = ArrayField(models.BigIntegerField(), default=list, blank=True)
    severe_a_day = models.PositiveSmallIntegerField(null=True, blank=True)
    away_until = models.DateTimeField(null=True, blank=True)
    # How many heavy things they took, on the last day on which they took any.
    severe_on = models.DateField(null=True, editable=False)
    severe_taken = models.PositiveSmallIntegerField(default=0, editable=False)

    personal = {"user": "erase"}

    def __str__(self) -> str:
        return f"{self.user}"

    @classmethod
    def of(cls, user: Any) -> "Duty":
        return _duty.first(None, None, user=user.pk) or cls(user=user)

    @property
    def is_away(self) -> bool:
        return self.away_until is not None and self.away_until > timezone.now()

    @property
    def severe_today(self) -> int:
        return self.severe_taken if self.severe_on == timezone.localdate() else 0

    def count_severe(self) -> None:
        """One more heavy thing, today."""
        today = timezone.localdate()
        one_more = Case(When(severe_on=today, then=F("severe_taken") + 1), default=1)
        self._set(severe_taken=one_more, severe_on=today)
        self.severe_on, self.severe_taken = today, self.severe_today + 1

    def take(self, *, themes_left: list[int], severe_a_day: int | None) -> None:
        """Leave these themes to others, and take no more heavy things in a day; None: as many as the house says."""
        self._set(themes_left=themes_left, severe_a_day=severe_a_day)

    @transaction.atomic
    def step_away(self, until: datetime) -> None:
        """Nothing is theirs to do until then, and what they had taken is for others."""
        self._set(away_until=until)
        Claim.objects.filter(by=self.user).delete()

    def come_back(self) -> None:
        self._set(away_until=None)

    def _set(self, **fields: Any) -> None:
        """Change these alone: in another window the same volunteer may change others."""
        if not Duty.objects.filter(user=self.user_id).update(**fields):
            Duty.objects.get_or_create(user_id=self.user_id)
            Duty.objects.filter(user=self.user_id).update(**fields)


_duty = Prepared(lambda viewer, user: Duty.objects.filter(user=user), user=int)


class Sitting(NamedTuple):
    """Somebody at the desk: its times and limits, what they take, and when anybody was there last."""

    settings: DeskSettings
    duty: Duty
    attended_at: datetime | None

    @classmethod
    def told(cls) -> JSONObject:
        """All that of a member, as one value of a query: it comes with what waits for them."""
        return JSONObject(
            settings=Subquery(DeskSettings.objects.filter(pk=1).values(told=_as_object(DeskSettings))),
            duty=Subquery(Duty.objects.filter(user=OuterRef("pk")).values(told=_as_object(Duty))),
            attended_at=Subquery(Watch.objects.filter(pk=1).values("attended_at")),
        )

    @classmethod
    def heard(cls, user: Any, told: str) -> Self:
        values = json.loads(told)
        attended_at = values["attended_at"]
        return cls(
            _made(DeskSettings, values["settings"] or {"id": 1}),
            _made(Duty, values["duty"] or {"user_id": user.pk}),
            datetime.fromisoformat(attended_at) if attended_at else None,
        )


def _as_object(model: type[models.Model]) -> JSONObject:
    return JSONObject(**{field.attname: field.attname for field in model._meta.concrete_fields})


def _made(model: Any, values: dict[str, Any]) -> Any:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in values.items()})


class HandOver(models.Model):
    """A few words from one shift to the next."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.TextField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    personal = {"by": "keep", "words": "keep"}

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("hand-over note")
        verbose_name_plural = _("hand-over notes")
        indexes = [models.Index(fields=["-at", "-id"], name="hand_over_newest")]

    def __str__(self) -> str:
        return self.words[:60]


class MemberNoteQuerySet(models.QuerySet):
    def on(self, voice: Any) -> Self:
        """Those about a voice, newest first."""
        mine = self.filter(persona=voice) if voice.is_persona else self.filter(member=voice)
        return mine.order_by("-at", "-pk")

    def not_about(self, viewer: Any) -> Self:
        """Without those about the signed-in `viewer`, under whatever name."""
        return self.exclude(member=viewer.pk).exclude(persona__pk__among=viewer.persona_keys)


class MemberNote(models.Model):
    """What volunteers tell each other about a member, or about whoever speaks under an alias."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    words = models.TextField(_("words"), max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    objects = MemberNoteQuerySet.as_manager()
    personal = {"member": "erase", "words": "erase", "by": "keep"}

    class Meta:
        verbose_name = _("note on a member")
        verbose_name_plural = _("notes on members")
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, persona__isnull=False) | Q(member__isnull=False, persona=None),
                name="a_note_is_about_one_voice",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-at"], name="member_note_newest"),
            models.Index(fields=["persona", "-at"], name="persona_note_newest"),
        ]

    def __str__(self) -> str:
        return self.words[:60]

    @property
    def voice(self) -> Any:
        return self.member if self.member_id else self.persona
