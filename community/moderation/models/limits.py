"""The times and limits of the desk, as one row that owners change."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.members.models.limits import number
from community.prepared import Prepared


class DeskSettings(models.Model):
    """How soon somebody looks, when a team is here, and what happens while it is not."""

    worried_hours = number(gettext_lazy("hours until somebody looks: worried about someone"), default=1, least=1, most=168)
    harm_hours = number(gettext_lazy("hours until somebody looks: it may do harm"), default=24, least=1, most=336)
    other_hours = number(gettext_lazy("hours until somebody looks: everything else"), default=72, least=1, most=720)
    here_from = models.TimeField(gettext_lazy("somebody is here from"), null=True, blank=True)
    here_until = models.TimeField(gettext_lazy("somebody is here until"), null=True, blank=True)
    quiet_hours = number(
        gettext_lazy("hours without anybody until that is said"),
        default=12,
        least=1,
        most=168,
        help_text=gettext_lazy("After so many hours in which nobody was at the desk, whoever writes is told so."),
    )
    fold_after = number(
        gettext_lazy("reports that fold a post while nobody is here"),
        default=3,
        least=2,
        most=50,
        help_text=gettext_lazy("By so many different members. One alone folds nothing."),
    )
    fold_always_after = number(gettext_lazy("reports that fold a post at any time"), default=8, least=2, most=100)
    fold_days = number(gettext_lazy("days that a member must be here for that"), default=14, least=0, most=365)
    reports_a_day = number(
        gettext_lazy("reports that one person can make in a day"),
        default=60,
        least=10,
        most=500,
        help_text=gettext_lazy("For guests: all who come through one network together."),
    )
    claim_minutes = number(
        gettext_lazy("minutes that something is kept for whoever took it"),
        default=15,
        least=5,
        most=120,
        help_text=gettext_lazy("After that anybody else can take it."),
    )
    severe_a_day = number(gettext_lazy("heavy things that one volunteer takes in a day"), default=5, least=1, most=100)
    debrief = models.CharField(
        gettext_lazy("where to talk about it"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Shown to a volunteer after something heavy: whom to call or where to write."),
    )
    appeal_months = number(
        gettext_lazy("months in which another look can be asked for"),
        default=6,
        least=6,
        most=24,
        help_text=gettext_lazy("Half a year at least: nobody has to hurry."),
    )

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("times and limits of the desk")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_desk_settings")]

    def __str__(self) -> str:
        return _("Times and limits of the desk")

    def clean(self) -> None:
        if (self.here_from is None) != (self.here_until is None):
            raise ValidationError({"here_until": _("Give both times, or neither: then nobody has promised to be here.")})
        if self.fold_always_after < self.fold_after:
            raise ValidationError({"fold_always_after": _("Choose at least as many as while nobody is here.")})

    @classmethod
    def current(cls) -> "DeskSettings":
        return _settings.first(None, None) or cls(pk=1)

    @property
    def changes_at(self) -> datetime | None:
        """When whoever is here goes, or somebody comes, by these hours; None where there are none.

        The hours are of the house's clock. A moment can be told by that of whoever reads.
        """
        if self.here_from is None or self.here_until is None:
            return None
        now = timezone.localtime(timezone=timezone.get_default_timezone())
        days = (now.date(), now.date() + timedelta(days=1))
        moments = [datetime.combine(day, clock, now.tzinfo) for day in days for clock in (self.here_from, self.here_until)]
        return min(moment for moment in moments if moment > now)

    @property
    def appeals_possible_for(self) -> timedelta:
        """How long after a decision another look can be asked for; a month has 30.5 days here."""
        return timedelta(days=30.5 * self.appeal_months)


_settings = Prepared(lambda viewer: DeskSettings.objects.filter(pk=1))
