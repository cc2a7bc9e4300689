"""`Month`: what a month of looking after this place came to, in numbers that anybody may read; and what authorities asked for."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Month(models.Model):
    """The figures of one month that is over, as they were counted then. The first day of the month; counts and hours."""

    month = models.DateField(unique=True)
    figures = models.JSONField(default=dict)

    personal = {}

    class Meta:
        verbose_name = _("figures of a month")
        verbose_name_plural = _("figures of months")
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    def count_demands(self) -> None:
        """Count anew what authorities asked for: that may be written down later."""
        self.figures["demands"] = Demand.objects.filter(on__year=self.month.year, on__month=self.month.month).count()
        self.save(update_fields=["figures"])


class Demand(models.Model):
    """That a public authority asked for something about members, and whether anything was given. No name belongs here."""

    on = models.DateField(_("day on which it came"), default=timezone.localdate)
    what = models.TextField(
        _("who asked, for what, by which law"), max_length=1000, help_text=_("For the owners. Leave out whom it is about.")
    )
    given_at = models.DateTimeField(_("something was given"), null=True, blank=True, help_text=_("Empty: nothing was given."))

    personal = {}

    class Meta:
        verbose_name = _("request of an authority")
        verbose_name_plural = _("requests of authorities")
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """The months that were counted before it was written down, or put right, are counted anew."""
        super().save(*args, **kwargs)
        for month in Month.objects.all():
            month.count_demands()
