"""What a member of the first days may do, as one row that staff can change."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NewMemberLimits(models.Model):
    """What a member of the first days may do; lifted by time and reading, never by popularity."""

    links = models.PositiveSmallIntegerField(_("links in one post"), default=2)
    mentions = models.PositiveSmallIntegerField(_("people mentioned in one post"), default=2)
    topics_a_day = models.PositiveSmallIntegerField(_("conversations started in a day"), default=3)
    replies_a_day = models.PositiveSmallIntegerField(_("replies in a day"), default=10)
    days = models.PositiveSmallIntegerField(_("days until they can lift"), default=3)
    conversations = models.PositiveSmallIntegerField(_("conversations read until they can lift"), default=20)

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("limits of the first days")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_limits")]

    def __str__(self) -> str:
        return str(_("Limits of the first days"))

    @classmethod
    def current(cls) -> "NewMemberLimits":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
