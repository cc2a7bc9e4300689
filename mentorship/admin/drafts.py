"""What the page of a draft shows, worked out before its template runs: figures, a page of rows, and what to look for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.members.models import User
from mentorship import counted, scoring
from mentorship.models import LOW, Cohort, Pairing, Request

PAGE = 50
SHOWS: dict[str, Any] = {
    "": gettext_lazy("All"),
    "drafted": gettext_lazy("With somebody"),
    "unmatched": gettext_lazy("With nobody"),
    "low": gettext_lazy("Low score"),
    "pinned": gettext_lazy("Held together"),
    "left_out": gettext_lazy("Left out"),
    "overtaken": gettext_lazy("Overtaken by life"),
    "published": gettext_lazy("Asked"),
}
# What the rows of a draft need of both people; nothing that is long.
_ONLY = (
    *("cohort", "request", "mentor", "match", "score", "parts", "rank", "eligible", "why", "stale", "left_out_at"),
    *("request__user", "request__user__username", "request__user__is_active", "request__closed_at", "request__changed_at"),
    *("mentor__user", "mentor__user__username", "mentor__user__is_active"),
    *("mentor__paused_at", "mentor__free", "mentor__approved_until", "mentor__stood_down_at"),
)


class Shown(NamedTuple):
    """One row, in words."""

    key: int
    newcomer: str
    mentor: str
    score: Any
    parts: str
    place: str
    words: list[str]
    state: str
    can_publish: bool


@dataclass(frozen=True)
class Names:
    """The handles of people whom rows speak of."""

    newcomers: Mapping[int, str]
    mentors: Mapping[int, str]

    def words(self, row: Pairing) -> list[str]:
        """Why it is so: who would suit better and who has their places, who would be next, what is missing."""
        why = row.why
        if row.left_out_at:
            return []
        if row.mentor_id is None:
            return [self._nobody(why)] if "left" in why else []
        words = [_level(why.get("level", 0))] if why.get("level") else []
        better = why.get("ahead", [])
        if better:
            named = ", ".join(self._ahead(*each) for each in better if each[0] in self.mentors)
            words.append(_("Suits better: %(names)s.") % {"names": named})
        if why.get("next") in self.newcomers:
            words.append(_("The place would go to %(name)s next.") % {"name": self.newcomers[why["next"]]})
        return words

    def _ahead(self, mentor: int, holders: int, fewest: int | None) -> str:
        name = self.mentors[mentor]
        if not holders:
            return name
        if fewest == 1:
            return _("%(name)s (taken; one there has no other mentor)") % {"name": name}
        return _("%(name)s (taken by %(holders)s)") % {"name": name, "holders": holders}

    def _nobody(self, why: Mapping[str, Any]) -> str:
        if why["left"].get(scoring.PLACE):
            return _("There are mentors for them, and all their places go to people with fewer choices or a longer wait.")
        return counted.relaxation(why.get("relaxation"), why["opens"])


def _level(level: int) -> str:
    """Why they come before others; bits as in `matching`: 4 few mentors, 2 needs somebody trained, 1 has waited long."""
    words = {4: _("has few mentors"), 2: _("needs somebody trained"), 1: _("has waited long")}
    return _("Comes first: %(why)s.") % {"why": ", ".join(said for bit, said in words.items() if level & bit)}


def names_of(rows: Iterable[Pairing]) -> Names:
    """Two statements, however many rows."""
    rows = list(rows)
    following = {row.why.get("next") for row in rows} - {None}
    lost = {key for row in rows for cost in row.why.get("costs", {}).values() if cost for key in cost.get("lost", ())}
    better = {each[0] for row in rows for each in row.why.get("ahead", ())}
    newcomers = dict(Request.objects.filter(pk__in=following | lost).values_list("pk", "user__username"))
    return Names(newcomers, dict(User.objects.filter(pk__in=better).values_list("pk", "username")))


def draft_page(cohort: Cohort, query: Mapping[str, str], viewer: Any) -> dict[str, Any]:
    """All that the page of a draft shows; `query` is what its address asks for. One's own search is for another coordinator."""
    show, after = query.get("show", ""), query.get("after", "")
    show = show if show in SHOWS else ""
    rows = Pairing.objects.filter(cohort=cohort).exclude(request__user=viewer.pk)
    found = getattr(rows, show)() if show else rows
    if after.isascii() and after.isdecimal() and len(after) < 19:
        found = found.filter(request__gt=int(after))
    listed = list(found.select_related("request__user", "mentor__user").only(*_ONLY).order_by("request")[: PAGE + 1])
    names = names_of(listed[:PAGE])
    counts = _counts(rows)
    return {
        "cohort": cohort,
        "figures": _figures(cohort),
        "sought": counted.sought(cohort.certificate.get("sought", {})),
        "shows": [(name, label, counts[name], name == show) for name, label in SHOWS.items() if counts[name] or name == show],
        "show": show,
        "shown": [_shown(row, names) for row in listed[:PAGE]],
        "after": listed[PAGE - 1].request_id if len(listed) > PAGE else 0,
        "is_first": not after,
        "to_publish": counts["drafted"],
    }


def _shown(row: Pairing, names: Names) -> Shown:
    stale = row.stale or overtaken(row)
    if row.match_id:
        state = _("asked")
    elif row.left_out_at:
        state = _("left out")
    else:
        state = stale
    return Shown(
        key=row.pk,
        newcomer=row.request.user.username,
        mentor=row.mentor.user.username if row.mentor else "–",
        score=row.score if row.score is not None else "–",
        parts=counted.in_brief(row.parts),
        place=counted.place_of(row.rank, row.eligible),
        words=names.words(row),
        state=state,
        can_publish=row.mentor is not None and row.match_id is None,
    )


def overtaken(row: Pairing) -> str:
    """Whether life has overtaken a row since it was drafted, as far as that shows without looking further."""
    if row.match_id or row.left_out_at:
        return ""
    if row.request.closed_at or not row.request.user.is_active:
        return _("They are not looking any more.")
    mentor = row.mentor
    if mentor is None:
        return ""
    if not mentor.is_approved or not mentor.user.is_active:
        return _("The mentor is not there any more.")
    return counted.against(scoring.PLACE) if mentor.is_paused or mentor.free < 1 else ""


def _counts(rows: Any) -> dict[str, int]:
    drafted = Q(mentor__isnull=False, match=None)
    counts = rows.aggregate(
        all=Count("pk"),
        drafted=Count("pk", filter=drafted),
        unmatched=Count("pk", filter=Q(mentor=None, match=None, left_out_at=None)),
        low=Count("pk", filter=drafted & Q(score__lt=LOW)),
        left_out=Count("pk", filter=Q(left_out_at__isnull=False)),
        overtaken=Count("pk", filter=~Q(stale="")),
        published=Count("pk", filter=Q(match__isnull=False)),
    )
    return counts | {"": counts["all"], "pinned": rows.pinned().count()}


def _figures(cohort: Cohort) -> list[dict[str, Any]]:
    """The two aims side by side, the chosen one first."""
    aims = cohort.certificate.get("aims", {})
    return [
        {
            "label": cohort.Aim(name).label,
            "is_chosen": name == cohort.aim,
            "served": _of(found["served"], found["served_bound"]),
            "points": found["points"],
            "average": found["points"] // found["served"] if found["served"] else 0,
            **{group: _of(*found[group]) for group in ("hard", "waited", "flagged")},
        }
        for name, found in sorted(aims.items(), key=lambda one: one[0] != cohort.aim)
    ]


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": part, "whole": whole} if whole else "–"


def cost_words(cost: Mapping[str, Any]) -> str:
    """What holding two together would cost others."""
    if "cannot" in cost:
        return counted.against(cost["cannot"])
    moved, lost, gained = (len(cost[name]) for name in ("moved", "lost", "gained"))
    words = []
    if lost:
        people = ", ".join(Request.objects.filter(pk__in=cost["lost"][:5]).values_list("user__username", flat=True))
        said = ngettext("%(number)s would have nobody: %(names)s", "%(number)s would have nobody: %(names)s", lost)
        words.append(said % {"number": lost, "names": people})
    if gained:
        said = ngettext("%(number)s more would have somebody", "%(number)s more would have somebody", gained)
        words.append(said % {"number": gained})
    if moved:
        said = ngettext("%(number)s would have another mentor", "%(number)s would have another mentor", moved)
        words.append(said % {"number": moved})
    points = cost["points"]
    if points:
        words.append(_("%(points)+d points in all") % {"points": points})
    return "; ".join(words) if words else _("Nobody else would notice.")
