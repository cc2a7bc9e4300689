"""The times and limits of mentorship, as one row that coordinators and owners change."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.members.models.limits import number

from .places import MOST_PLACES

# As it is shipped: so long a question waits for its answer, and a search stays open.
ASKED_FOR, OPEN_FOR = timedelta(days=7), timedelta(days=90)


class Pace(models.Model):
    """How many one mentor takes, how long a question waits, and how long a search stays open."""

    most_places = number(
        _("people that one mentor can guide at once"),
        default=MOST_PLACES,
        least=1,
        most=MOST_PLACES,
        help_text=_("Whoever guides more by now goes on with all of them."),
    )
    answer_days = number(
        _("days to answer a question in"),
        default=ASKED_FOR.days,
        least=2,
        most=30,
        help_text=_("Then it is taken back, kindly. It counts from the next question on."),
    )
    search_days = number(
        _("days that a search stays open"),
        default=OPEN_FOR.days,
        least=14,
        most=365,
        help_text=_("Then it rests, so that nobody is asked for somebody who left. One press, and it goes on."),
    )

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("times and limits of mentorship")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_pace")]

    def __str__(self) -> str:
        return str(_("Times and limits of mentorship"))

    @classmethod
    def current(cls) -> "Pace":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def asked_for(self) -> timedelta:
        return timedelta(days=self.answer_days)

    @property
    def open_for(self) -> timedelta:
        return timedelta(days=self.search_days)
