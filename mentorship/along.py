"""Along the way, from time to time: who is asked how it goes, whom a long quiet sets free, what ends by its day, what runs out.

Each function looks for rows that something is due for, and asks each of them to do it; a row that is not due any more by then does
nothing. So it does no harm if any of them runs twice, and what was missed is done at the next turn.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from . import resuming
from .models import CheckIn, Match, Message, Request

# Asked after the first contact, or so many days after the beginning; then on these days, and from the last on at this distance.
FIRST_AFTER = 7
DAYS, EVERY = (14, 30), 60


def number_due(began: datetime, *, have_met: bool) -> int:
    """The number of the newest check-in that such a pair is asked by now: 1 is the one after the first contact, 0 none yet."""
    days = (timezone.now() - began) // timedelta(days=1)
    if days >= DAYS[-1]:
        return 1 + len(DAYS) + (days - DAYS[-1]) // EVERY
    later = sum(days >= day for day in DAYS)
    return 1 + later if later else int(have_met or days >= FIRST_AFTER)


def ask_how_it_goes() -> None:
    """Ask each of the two, alone, as often as it is due. Of several that were missed only the newest is asked."""
    said = Message.objects.filter(match=OuterRef("pk"))
    have_met = Q(Exists(said.filter(author=OuterRef("newcomer")))) & Q(Exists(said.filter(author=OuterRef("mentor"))))
    pairs = Match.objects.active().filter(frozen_at=None).annotate(asked=Max("check_ins__number"), have_met=have_met)
    for match in pairs.select_related("newcomer", "mentor__user").order_by("pk"):
        due = number_due(match.began_at, have_met=match.have_met)  # type: ignore[arg-type]
        if due > (match.asked or 0):
            CheckIn.ask(match, due, kind=CheckIn.Kind.ALONG if match.asked else CheckIn.Kind.FIT)


def look_after_the_quiet() -> None:
    """Ask both once whether it goes on, and set them free after a long quiet."""
    for match in Match.objects.to_nudge().select_related("newcomer", "mentor__user").order_by("pk"):
        match.nudge()
    for match in Match.objects.to_release().order_by("pk"):
        match.release()


def keep_to_planned_ends() -> None:
    """Remind of a last day that is near, and end what was to end yesterday."""
    for match in Match.objects.to_remind().select_related("newcomer", "mentor__user").order_by("pk"):
        match.remind_of_ending()
    for match in Match.objects.to_end_as_planned().order_by("pk"):
        match.end_as_planned()


def bring_together_again() -> None:
    """Let those begin who asked for each other again, where a place is free by now; and forget wishes from long ago."""
    for match in Match.objects.asked_again().order_by("pk"):
        if match.is_asked_by_both:
            resuming.begin_again(match)
    long_ago = timezone.now() - resuming.WISHED_FOR
    old = Q(newcomer_asks_again_at__lt=long_ago) | Q(mentor_asks_again_at__lt=long_ago)
    for match in Match.objects.asked_again().filter(old).order_by("pk"):
        resuming.forget_wish(match)


def let_run_out() -> None:
    """Take back, kindly, questions that nobody answered in time, and let searches rest whose time is over."""
    for match in Match.objects.late().order_by("pk"):
        match.expire()
    # Whoever waits for an answer goes on looking until it is there.
    asked = Match.objects.open().values("request")
    for request in Request.objects.past().filter(user__is_active=True).exclude(pk__in=asked).select_related("user").order_by("pk"):
        request.run_out()


def see_off_the_gone() -> None:
    """End what somebody was part of who is not here any more; the other one hears that it is over, as always."""
    for match in Match.objects.with_somebody_gone().select_related("newcomer", "mentor__user").order_by("pk"):
        gone = match.mentor.user if match.newcomer.is_active else match.newcomer
        if match.is_open:
            match.decline(by=gone)
        else:
            match.end(ending=Match.Ending.STOPPED, by=gone)
    for request in Request.objects.filter(closed_at=None, user__is_active=False).order_by("pk"):
        request.close(Request.Ending.TAKEN_BACK)
