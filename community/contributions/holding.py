"""Where a volunteer looks at words before others see them, everywhere: one row that staff can change."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Holding(models.Model):
    """What is looked at first in the whole house; boards, conversations and members add their own."""

    everything = models.BooleanField(_("everything"), default=False)
    first_posts = models.PositiveSmallIntegerField(
        _("the first posts of a new member"), default=0, help_text=_("So many of each member’s; 0 for none.")
    )

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("what is looked at first")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_holding")]

    def __str__(self) -> str:
        return str(_("What is looked at first"))

    @classmethod
    def current(cls) -> "Holding":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
