"""`Month`: what a month of looking after this place came to, in numbers that anybody may read."""

from django.db import models
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
