"""Publishing a draft: each of its rows becomes a question to two people, who both answer for themselves.

All in one transaction, under locks on everybody concerned. A row that life has overtaken since is left out, with its sentence.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community.audit.models import record
from community.members.models import User

from . import scoring
from .counted import against
from .models import CannotBegin, Cohort, Match, Mentor, Pairing, Request, waiting
from .models.holding import hold_mentors, hold_people
from .people import read

# So many at one press: it takes a second or two, and whoever pressed waits for it.
AT_ONCE = 100


class CannotPublish(Exception):
    """Why nothing of a draft can be published just now."""


@dataclass(frozen=True)
class Published:
    """How many pairs were asked, how many were left out since life has overtaken them, and how many are still to come."""

    asked: int
    left_out: int
    to_come: int


def bringing_oneself() -> str:
    return _("You can’t bring somebody to yourself. Another coordinator can, or they ask you themselves.")


def to_publish(cohort: Cohort, only: Collection[int] = (), *, by: User) -> list[Pairing]:
    """The rows that would become questions, those who have waited longest first; of `only` these keys, if there are some.

    Those in which `by` is one of the two are for another coordinator.
    """
    rows = cohort.pairings.drafted().select_related("mentor__user", "request__user")
    if only:
        rows = rows.filter(pk__in=list(only))
    return list(rows.exclude(request__user=by.pk).exclude(mentor=by.pk).order_by("request__waiting_since", "request"))


@transaction.atomic
def publish(cohort: Cohort, *, by: User, only: Collection[int] = ()) -> Published:
    """Ask the two of each row, or of `only` these. A second press asks nobody twice. Raises CannotPublish."""
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if cohort.is_being_solved:
        raise CannotPublish(_("It is being worked out just now. Wait until it is there, and look at it first."))
    wanted = to_publish(cohort, only, by=by)
    rows = wanted[:AT_ONCE]
    if not rows:
        raise CannotPublish(_("There is nobody to ask: nobody in it has a mentor, or everybody was asked already."))
    newcomers, mentors = {row.request.user_id for row in rows}, {row.mentor.pk for row in rows if row.mentor}
    hold_people(*newcomers, *mentors)
    hold_mentors(mentors, asked_by=newcomers)
    people = read(waiting().filter(pk__in=[row.request_id for row in rows]))
    seekers, guides = {one.key: one for one in people.newcomers}, {one.key: one for one in people.mentors}
    asked = 0
    for row in rows:
        asked += _ask(cohort, row, by, seekers, guides, people.rarity)
    if asked:
        _remember(cohort)
    record("mentorship.cohort_published", by=by, target=cohort, reason=f"{asked} of {len(rows)}")
    return Published(asked, len(rows) - asked, len(wanted) - len(rows))


def _ask(
    cohort: Cohort,
    row: Pairing,
    by: User,
    seekers: dict[int, scoring.Newcomer],
    guides: dict[int, scoring.Mentor],
    rarity: tuple[int, ...],
) -> bool:
    """Ask the two of one row; or keep why not."""
    seeker, guide = seekers.get(row.request_id), guides.get(row.mentor_id or 0)
    found = scoring.obstacles(seeker, guide) if seeker and guide else ("gone",)
    if found or seeker is None or guide is None:
        return _overtaken(row, against(found[0]))
    score = scoring.score(seeker, guide, rarity)
    known: dict[str, Any] = {"score": score.total, "parts": score.points, "rank": row.rank, "eligible": row.eligible}
    try:
        with transaction.atomic():
            row.match = Match.ask(row.request, row.mentor, by=by, origin=Match.Origin.COHORT, **known)  # type: ignore[arg-type]
    except CannotBegin as reason:
        return _overtaken(row, str(reason))
    row.stale = ""
    row.save(update_fields=["match", "stale"])
    return True


def _overtaken(row: Pairing, why: str) -> bool:
    row.stale = why[:200]
    row.save(update_fields=["stale"])
    return False


def _remember(cohort: Cohort) -> None:
    """When it was; and how sought after each mentor's places are, for those who look by themselves."""
    if cohort.published_at is None:
        cohort.published_at = timezone.now()
        cohort.save(update_fields=["published_at"])
        if not cohort.only:
            prices = {int(key): price for key, price in cohort.certificate.get("prices", {}).items()}
            priced = list(Mentor.objects.filter(pk__in=prices).only("pk"))
            for mentor in priced:
                mentor.price = prices[mentor.pk]
            Mentor.objects.exclude(pk__in=prices).exclude(price=0).update(price=0)
            Mentor.objects.bulk_update(priced, ["price"], batch_size=500)


@transaction.atomic
def bring(request: Request, mentor: Mentor, *, by: User, score: scoring.Score, rank: int, eligible: int) -> Match:
    """A coordinator brings two together: both are asked. Raises CannotBegin."""
    if by.pk in (request.user_id, mentor.pk):
        raise CannotBegin(bringing_oneself())
    known: dict[str, Any] = {"score": score.total, "parts": score.points, "rank": rank, "eligible": eligible}
    match = Match.ask(request, mentor, by=by, origin=Match.Origin.COORDINATOR, **known)
    record("mentorship.match_proposed", by=by, target=match)
    return match
