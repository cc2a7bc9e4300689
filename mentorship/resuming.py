"""After something ended: looking on with the same words and the same turn, and beginning again with somebody from before."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from community.members.models import User
from community.notifications.models import Notification, notify
from community.tags import applying
from community.times import now_in_steps

from . import seeking
from .models import CannotBegin, Help, Match, Noted, Pace, Request, Side
from .models.holding import hold_people, is_called_about
from .renewing import renew_request

# A wish to begin again holds for so long, so that nobody is brought together by what somebody wanted long ago.
WISHED_FOR = timedelta(days=60)
# What a search that goes on does not have from the one before.
_NEW = {"id", "public_id", "created_at", "changed_at", "waiting_since", "open_until", "closed_at", "ending"}


# Looking on --------------------------------------------------------------------------------


def resumable(user: User) -> Request | None:
    """The search that this member could take up again: their newest one, if it is over and they have no mentor."""
    last = seeking.last_of(user)
    if last is None or last.is_open or Match.objects.active().filter(newcomer=user).exists():
        return None
    return last


@transaction.atomic
def resume(user: User) -> Request | None:
    """Take the newest search up again, as it was; None if there is none. If one is open, that one is the answer."""
    hold_people(user.pk)
    if there := Request.objects.filter(user=user, closed_at=None).first():
        return there
    last = resumable(user)
    return _again(last, since=turn_of(last)) if last else None


def turn_of(request: Request) -> datetime:
    """Since when somebody waits who takes this search up again.

    What ran out, went quiet or did not fit costs nobody their turn; after a good end, or having taken it back, one begins anew.
    """
    pairs = Match.objects.filter(request=request, began_at__isnull=False)
    ended_well = pairs.filter(ending=Match.Ending.PLANNED).exists()
    return now_in_steps() if ended_well or request.ending == Request.Ending.TAKEN_BACK else request.waiting_since


def _again(old: Request, *, since: datetime) -> Request:
    """A new search with everything that was asked for in the old one, and with the mentors who were noted."""
    kept = {field.attname: getattr(old, field.attname) for field in old._meta.concrete_fields if field.name not in _NEW}
    new = Request.objects.create(**kept, waiting_since=since)
    applying.apply(new, old.tags.order_by("name").values_list("name", flat=True))
    new.helps.add(*Help.objects.filter(request=old))
    new.set_without([without.tag for without in old.without.select_related("tag")])
    noted = [Noted(request=new, mentor_id=note.mentor_id, how=note.how) for note in Noted.objects.filter(request=old)]
    Noted.objects.bulk_create(noted)
    renew_request(new)
    return new


# Beginning again ---------------------------------------------------------------------------


@transaction.atomic
def ask_again(match: Match, *, by: User) -> Match | None:
    """Ask for each other again. If both did, they begin as soon as there is a place; the new match, if that is now.

    After a good end the other one is told, once; after any other they learn of it only by asking, too.
    """
    match._hold()
    side, other = match.side_of(by), match.other_than(by)
    field = f"{side}_asks_again_at"
    if not match.is_over or side is None or not is_newest(match):
        return None
    if getattr(match, field) is None:
        setattr(match, field, timezone.now())
        match.save(update_fields=[field])
    if match.is_asked_by_both:
        return _if_possible(match)
    told = Notification.objects.filter(recipient=other, kind="mentorship.match_asked_again", thread=match.public_id)
    if match.ending == Match.Ending.PLANNED and not match.is_across_a_block and not told.exists():
        notify([other], "mentorship.match_asked_again", by=by, target=match)
    return None


@transaction.atomic
def leave_again(match: Match, *, by: User) -> None:
    """Not wish for it any more; whoever began again already has nothing to take back."""
    match._hold()
    side = match.side_of(by)
    if side is not None and is_newest(match):
        field = f"{side}_asks_again_at"
        setattr(match, field, None)
        match.save(update_fields=[field])


@transaction.atomic
def begin_again(match: Match) -> Match | None:
    """Let two begin anew who both asked for it; None while it can't be, such as while there is no place."""
    match._hold()
    return _if_possible(match) if match.is_over and match.is_asked_by_both and is_newest(match) else None


def _if_possible(match: Match) -> Match | None:
    try:
        with transaction.atomic():
            return _begin_again(match)
    except CannotBegin:
        return None


def _begin_again(match: Match) -> Match:
    is_in_question = is_called_about(match.newcomer_id, match.mentor_id)
    if match.mentor.free < 1 or match.mentor.is_paused or is_in_question:
        raise CannotBegin
    old = match.request
    there = Request.objects.filter(user=match.newcomer, closed_at=None).first()
    now = now_in_steps()
    new = Match(
        request=there or _again(old, since=now),
        newcomer=match.newcomer,
        mentor=match.mentor,
        origin=Match.Origin.AGAIN,
        answer_until=timezone.now() + Pace.current().asked_for,
        newcomer_accepted_at=now,
        mentor_accepted_at=now,
    )
    new.begin()
    return new


@transaction.atomic
def forget_wish(match: Match) -> None:
    """A wish to begin again that is old by now is taken as gone; nobody is told that it was there."""
    match._hold()
    if not is_newest(match):
        return
    long_ago = timezone.now() - WISHED_FOR
    for side in (Side.NEWCOMER, Side.MENTOR):
        wished = getattr(match, f"{side}_asks_again_at")
        if wished is not None and wished < long_ago:
            setattr(match, f"{side}_asks_again_at", None)
    match.save(update_fields=["newcomer_asks_again_at", "mentor_asks_again_at"])


def is_newest(match: Match) -> bool:
    """Was this the last time that the two were together?"""
    return Match.objects.newest_of_pair().filter(pk=match.pk).exists()
