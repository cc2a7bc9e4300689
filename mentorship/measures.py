"""What mentorship is measured by: how long people wait for a mentor."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.moderation.measuring import Line, Measure, few, usual

from . import waiting
from .models import Request

MOST_WAITING = 5_000


def _waits(user: Any) -> Iterable[Line]:
    now = timezone.now()
    begun = list(Request.objects.open().longest_waiting().values_list("waiting_since", flat=True)[:MOST_WAITING])
    days = waiting.usual_days()
    usually = ngettext("%(number)s day", "%(number)s days", days) % {"number": days} if days is not None else _("too few to say")
    return [
        Line(_("People who wait for a mentor"), few(len(begun))),
        Line(_("Half of them have waited for more than"), usual(now - moment for moment in begun)),
        Line(_("Half of the last ones who found one had waited less than"), usually),
    ]


MEASURES = [Measure(gettext_lazy("Waiting for a mentor"), _waits, order=20)]
