"""What a coordinator looks at first: who waits, what is short, which pairs may need a word.

A dozen statements, however many people there are.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import CheckIn, Match, Mentor, Request, waiting

SOON = timedelta(days=30)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
# So many of each are named; the number is that of all.
NAMED = 5
_MOST_COUNTED = 1_000


class Item(NamedTuple):
    """One line, and where it leads; an empty address leads nowhere yet."""

    words: str
    url: str


class Section(NamedTuple):
    title: str
    number: int
    items: list[Item]
    more: str


def sections(viewer: Any) -> list[Section]:
    """All that is to be looked at, without the viewer's own pairs and search: those are for another coordinator."""
    return [
        _waiting(viewer),
        _scarce(),
        _cover(viewer),
        _stuck(viewer),
        _check_ins(viewer),
        _endings(viewer),
        _lapsing(),
        _applications(),
    ]


def others_pairs(viewer: Any) -> Any:
    """Pairs and questions of other people."""
    return Match.objects.exclude(Q(newcomer=viewer.pk) | Q(mentor=viewer.pk))


def stuck(viewer: Any) -> Any:
    """Pairs of whom nobody has said anything for three weeks."""
    return others_pairs(viewer).stuck()


def aged(rows: Any, age: str) -> Any:
    """Of these requests those that wait over a month, over a week, or less."""
    now = timezone.now()
    return {
        "month": rows.filter(waiting_since__lt=now - MONTH),
        "week": rows.filter(waiting_since__gte=now - MONTH, waiting_since__lt=now - WEEK),
        "new": rows.filter(waiting_since__gte=now - WEEK),
    }.get(age, rows)


def _days(moment: Any) -> str:
    if not (number := max(0, (timezone.now() - moment).days)):
        return _("since today")
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}


def _page(model: type, query: str = "") -> str:
    """The list of a model behind the scenes, if it has pages there."""
    if model not in admin.site._registry:
        return ""
    return reverse(f"admin:mentorship_{model._meta.model_name}_changelist") + (f"?{query}" if query else "")  # type: ignore[attr-defined]


def _one(model: type, key: Any) -> str:
    if model not in admin.site._registry:
        return ""
    return reverse(f"admin:mentorship_{model._meta.model_name}_change", args=[key])  # type: ignore[attr-defined]


def _waiting(viewer: Any) -> Section:
    rows, now = waiting().exclude(user=viewer.pk), timezone.now()
    counts = rows.aggregate(
        everybody=Count("pk"),
        month=Count("pk", filter=Q(waiting_since__lt=now - MONTH)),
        new=Count("pk", filter=Q(waiting_since__gte=now - WEEK)),
    )
    counts["week"] = counts["everybody"] - counts["month"] - counts["new"]
    words = {
        "month": ngettext("%(n)s for more than a month", "%(n)s for more than a month", counts["month"]),
        "week": ngettext("%(n)s for more than a week", "%(n)s for more than a week", counts["week"]),
        "new": ngettext("%(n)s for less than a week", "%(n)s for less than a week", counts["new"]),
    }
    items = [Item(said % {"n": counts[age]}, _page(Request, f"age={age}")) for age, said in words.items() if counts[age]]
    longest = rows.longest_waiting().values_list("pk", "user__username", "waiting_since")[:3]
    items += [Item(f"{name} · {_days(since)}", _one(Request, key)) for key, name, since in longest]
    return Section(_("Waiting"), counts["everybody"], items, _page(Request))


_SCARCE = """
    SELECT tag.id, tag.name, asked.waiting, coalesce(sum(m.free), 0) AS spare FROM (
        SELECT tag_id, count(*) AS waiting FROM tags_tagged
        WHERE content_type_id = %(request)s AND object_id = ANY(%(waiting)s) GROUP BY tag_id
    ) AS asked
    JOIN tags_tag tag ON tag.id = asked.tag_id
    LEFT JOIN tags_tagged carried ON carried.tag_id = tag.id AND carried.content_type_id = %(mentor)s
    LEFT JOIN mentorship_mentor m ON m.user_id = carried.object_id AND m.approved_until >= %(today)s
        AND m.stood_down_at IS NULL AND m.paused_at IS NULL
    GROUP BY tag.id, tag.name, asked.waiting ORDER BY coalesce(sum(m.free), 0) - asked.waiting, tag.name
"""


def _scarce() -> Section:
    """Spare places by tag, where fewest are left for those who wait."""
    # As many as can be looked at: with more, those who have waited longest say what is short.
    keys = list(waiting().longest_waiting().values_list("pk", flat=True)[:_MOST_COUNTED])
    kinds = {name: ContentType.objects.get_for_model(model).pk for name, model in (("request", Request), ("mentor", Mentor))}
    with connection.cursor() as cursor:
        cursor.execute(_SCARCE, {"waiting": keys, "today": timezone.localdate(), **kinds})
        rows = cursor.fetchall()
    said = _("%(tag)s: %(waiting)s waiting, %(spare)s free")
    items = [
        Item(said % {"tag": name, "waiting": waits, "spare": spare}, _page(Request, f"tag={key}"))
        for key, name, waits, spare in rows[:NAMED]
    ]
    short = sum(1 for _key, _name, waits, spare in rows if spare < waits)
    return Section(_("Tags with too few places"), short, items, "")


def _of_pairs(title: str, rows: Any, moment: str, said: Any, more: str) -> Section:
    """Pairs, each with a time. One statement for those named, one for their number."""
    found = list(rows.order_by(moment, "pk").values_list("pk", "newcomer__username", "mentor__user__username", moment)[: NAMED + 1])
    number = len(found) if len(found) <= NAMED else rows.count()
    items = [Item(f"{one}, {other} · {said(when)}", _one(Match, key)) for key, one, other, when in found[:NAMED]]
    return Section(title, number, items, more)


def _cover(viewer: Any) -> Section:
    rows = others_pairs(viewer).needing_cover()
    return _of_pairs(_("Mentors who need cover"), rows, "cover_asked_at", _days, _page(Match, "state=cover"))


def _stuck(viewer: Any) -> Section:
    return _of_pairs(_("Quiet for three weeks"), stuck(viewer), "quiet", _days, _page(Match, "state=stuck"))


def _check_ins(viewer: Any) -> Section:
    """Answers other than “a good fit” that nobody has read; with any words, also good ones."""
    rows = CheckIn.objects.filter(answered_at__isnull=False, seen_at=None, match__in=others_pairs(viewer))
    low = rows.filter(~Q(answer=CheckIn.Answer.GOOD) | ~Q(words=""))
    found = list(low.order_by("answered_at", "pk").values_list("match", "user__username", "answer", "answered_at")[: NAMED + 1])
    number = len(found) if len(found) <= NAMED else low.count()
    answers = dict(CheckIn.Answer.choices)
    items = [
        Item(f"{name} · {answers.get(answer, '–')} · {_days(at)}", _one(Match, key)) for key, name, answer, at in found[:NAMED]
    ]
    return Section(_("Check-ins to read"), number, items, _page(Match, "state=unread"))


def _endings(viewer: Any) -> Section:
    rows = others_pairs(viewer).active().filter(ending_planned_for__lte=timezone.localdate() + SOON)
    return _of_pairs(_("Endings coming"), rows, "ending_planned_for", str, _page(Match, "state=ending"))


def _lapsing() -> Section:
    until = timezone.localdate() + SOON
    rows = Mentor.objects.approved().filter(approved_until__lte=until).order_by("approved_until", "pk")
    found = list(rows.values_list("pk", "user__username", "approved_until")[: NAMED + 1])
    number = len(found) if len(found) <= NAMED else rows.count()
    items = [Item(f"{name} · {day}", _one(Mentor, key)) for key, name, day in found[:NAMED]]
    return Section(_("Approvals running out"), number, items, _page(Mentor, "state=soon"))


def _applications() -> Section:
    rows = Mentor.objects.waiting().oldest_first()
    found = list(rows.values_list("pk", "user__username", "asked_at")[: NAMED + 1])
    number = len(found) if len(found) <= NAMED else rows.count()
    items = [Item(f"{name} · {_days(at)}", _one(Mentor, key)) for key, name, at in found[:NAMED]]
    return Section(_("Applications waiting"), number, items, _page(Mentor))
