"""What the library is measured by: what does not open any more, and what is due to be looked at."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.moderation.measuring import Line, Measure

from .models import LinkState, Resource


def _links(user: Any) -> Iterable[Line]:
    """Things, not people: their numbers are told as they are."""
    is_late = Q(review_by__lt=timezone.localdate())
    found = (
        Resource.objects.up()
        .filter(hidden_at=None)
        .aggregate(
            broken=Count("pk", filter=Q(link_state=LinkState.BROKEN)),
            moved=Count("pk", filter=Q(link_state=LinkState.MOVED)),
            late=Count("pk", filter=is_late),
            number=Count("pk"),
        )
    )
    return [
        Line(_("Do not open any more"), _("%(number)s of %(all)s") % {"number": found["broken"], "all": found["number"]}),
        Line(_("Have moved"), str(found["moved"])),
        Line(_("Should be looked through again"), str(found["late"])),
    ]


MEASURES = [Measure(gettext_lazy("Links in the library"), _links, order=60)]
