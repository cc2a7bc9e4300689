"""What the desk measures of itself: what waits for a volunteer, how soon somebody looks, and how much there is to decide."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.decisions.models import Act, Decision

from .figures import Line, few
from .measuring import Measure, in_words, since, usual
from .models import Duty, Report
from .queue import Queue
from .sources import MOST, Item, sources

# As many reports as half a year brings to a large house.
MOST_REPORTS = 5_000


def _waits(user: Any) -> Iterator[Line]:
    """What is in their own queue: a number of all there is would tell them of reports that are about themselves."""
    items = Queue(user).everything
    for key, source in sources().items():
        if of_it := [item for item in items if item.source.key == key]:
            yield Line(str(source.name), _in_the_queue(of_it))


def _in_the_queue(items: list[Item]) -> str:
    number = f"{MOST}+" if len(items) >= MOST else str(len(items))
    late = sum(item.is_overdue for item in items)
    age = in_words(timezone.now() - min(item.since for item in items))
    said = _("%(number)s, the oldest for %(age)s") % {"number": number, "age": age}
    return _("%(said)s; %(late)s late") % {"said": said, "late": late} if late else said


def _looked(user: Any) -> Iterable[Line]:
    """Of what was told in these days: how long it took until somebody had looked."""
    told = (
        Report.objects.filter(created_at__gte=since()).order_by("-created_at").values_list("created_at", "closed_at")[:MOST_REPORTS]
    )
    times = list(told)
    closed = [closed_at - created_at for created_at, closed_at in times if closed_at]
    return [
        Line(_("Things that people told us"), few(len(times))),
        Line(_("Half of those that were looked at were within"), usual(closed)),
    ]


def _load(user: Any) -> Iterable[Line]:
    """A sum, and one's own part. There is no list of who did how much."""
    decided = Decision.objects.filter(at__gte=since(), by__isnull=False).exclude(act=Act.WITHIN)
    number = decided.aggregate(own=Count("pk", filter=Q(by=user.pk)), others=Count("pk", filter=~Q(by=user.pk)))
    taken = Duty.of(user).severe_today
    return [
        Line(_("Decisions of others"), few(number["others"])),
        Line(_("Your own"), str(number["own"])),
        Line(_("Heavy things that you took today"), str(taken)),
    ]


MEASURES = [
    Measure(
        gettext_lazy("What waits for you and others with your role"),
        _waits,
        order=30,
        way=("/admin/", gettext_lazy("To the queue")),
    ),
    Measure(gettext_lazy("How soon somebody looks"), _looked, order=40),
    Measure(gettext_lazy("What there was to decide"), _load, order=70, way=("/admin/desk/duty/", gettext_lazy("What you take"))),
]
