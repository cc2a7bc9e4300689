"""What somebody may do for a time, and since when somebody looks after this place with which training."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.identity.seal import standing_tag

from .users import User


class Standing(models.Model):
    """Until when a member's posting is paused, or looked at first.

    Kept under a keyed tag, because the person behind an alias can be paused, too: no list tells who it is.
    """

    tag = models.BinaryField(max_length=32, unique=True)
    paused_until = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)

    personal = {"tag": "erase"}

    def __str__(self) -> str:
        return "a standing"

    @classmethod
    def set_for(cls, user_id: int, **until: datetime | None) -> None:
        """Set `paused_until` or `held_until` of that member; for the worker, and for decisions about a member by name."""
        cls.objects.update_or_create(tag=standing_tag(user_id), defaults=until)


class Office(models.Model):
    """A role that somebody holds: since when, until when, and when they went through its training."""

    user = models.ForeignKey(User, models.CASCADE, related_name="offices")
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(_("until"), null=True)
    trained_at = models.DateTimeField(_("training done"), null=True)

    personal = {"user": "erase"}

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="one_office_per_role")]

    def __str__(self) -> str:
        return f"{self.user} · {self.group}"
