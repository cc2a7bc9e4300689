"""What anybody may do at the door, and a member in the first days, as one row that owners change."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def number(name: Any, *, default: int, least: int, most: int, help_text: Any = "") -> models.PositiveSmallIntegerField:
    """A number that owners choose, within bounds: nobody lets everything in, or shuts everybody out, by a slip of the hand."""
    bounds = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(name, default=default, validators=bounds, help_text=help_text)


class NewMemberLimits(models.Model):
    """What a member of the first days may do; lifted by time and reading, never by popularity. And what stands before those."""

    links = number(_("links in one post"), default=2, least=0, most=20)
    mentions = number(_("people mentioned in one post"), default=2, least=0, most=10)
    topics_a_day = number(_("conversations started in a day"), default=3, least=1, most=100)
    replies_a_day = number(_("replies in a day"), default=10, least=1, most=500)
    days = number(_("days until they can lift"), default=3, least=0, most=90)
    conversations = number(
        _("conversations read until they can lift"),
        default=20,
        least=0,
        most=200,
        help_text=_("They lift by themselves once both are reached. In anonymous posts they hold for everybody."),
    )
    mails_an_hour = number(
        _("mails with a code that one address gets in an hour"),
        default=12,
        least=4,
        most=60,
        help_text=_("From one place: to join, to sign in or for a new password. So nobody’s letterbox is filled from here."),
    )

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("limits at the door and in the first days")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_limits")]

    def __str__(self) -> str:
        return str(_("Limits at the door and in the first days"))

    @classmethod
    def current(cls) -> "NewMemberLimits":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
