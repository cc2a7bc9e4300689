"""What coordinators keep for mentors: kinds of help (`Help`), and the steps of the training (`Lesson`), with who took them."""

from typing import Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import User
from community.times import now_in_steps


class RetirableQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        return self.filter(retired_at=None)


class Retirable(models.Model):
    """One of a list that coordinators keep: retired, never deleted, so that what stands of it elsewhere still means something."""

    retired_at = models.DateTimeField(_("not used any more since"), null=True, editable=False)

    objects = RetirableQuerySet.as_manager()
    personal: dict[str, str] = {}

    class Meta:
        abstract = True

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @transaction.atomic
    def retire(self, *, by: User, reason: str) -> None:
        """Offer and ask for it no more; whoever has it keeps it."""
        if type(self)._default_manager.filter(pk=self.pk, retired_at=None).update(retired_at=timezone.now()):
            record(f"mentorship.{self._meta.model_name}_retired", by=by, target=self, reason=reason)

    @transaction.atomic
    def bring_back(self, *, by: User, reason: str) -> None:
        if type(self)._default_manager.filter(pk=self.pk, retired_at__isnull=False).update(retired_at=None):
            record(f"mentorship.{self._meta.model_name}_brought_back", by=by, target=self, reason=reason)


class Help(Retirable):
    """A kind of help that can be asked for and offered, such as listening; coordinators keep the list in the admin."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    hint = models.CharField(_("what it means"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)

    class Meta:
        verbose_name = _("kind of help")
        verbose_name_plural = _("kinds of help")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Lesson(Retirable):
    """One step before somebody is a mentor: something to read and agree to, or a practice case to answer in one's own words."""

    name = models.CharField(_("name"), max_length=120)
    body = models.TextField(_("what to read"), max_length=8000)
    is_case = models.BooleanField(_("a practice case"), default=False, help_text=_("Answered in words that the coordinator reads."))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)

    class Meta:
        verbose_name = _("training step")
        verbose_name_plural = _("training steps")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class LessonDone(models.Model):
    """That somebody took a step of the training; for a practice case, in their own words."""

    mentor = models.ForeignKey("Mentor", models.CASCADE, related_name="lessons_done")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    words = models.TextField(_("in your words"), max_length=4000, blank=True)
    at = models.DateTimeField(default=now_in_steps)

    personal = {"words": "blank", "at": "keep"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mentor", "lesson"], name="each_lesson_once")]

    def __str__(self) -> str:
        return "a step taken"
