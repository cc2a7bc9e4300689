"""Looking for a mentor, from the first words on: what is asked for, changed, prolonged, taken back, and what is left out."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from community.members.models import User
from community.prepared import Prepared
from community.tags import applying
from community.times import now_in_steps

from .fields import HELPS, TAGS
from .models import Fact, Match, Mentor, Noted, Pace, Request
from .models.holding import hold_mentors, hold_people
from .renewing import renew_request

# What can be left out by itself, each with its key.
SINGLE = ("tag", "help")
_MOST_STRUCK = HELPS + TAGS


@transaction.atomic
def begin(user: User, *, public_id: UUID, **asked: Any) -> Request:
    """Look for a mentor. There is one search for each member: if there is one already, that one is the answer."""
    hold_people(user.pk)
    if there := Request.objects.filter(user=user, closed_at=None).first():
        return there
    request = Request(user=user, public_id=public_id)
    _put(request, **asked)
    return request


@transaction.atomic
def change(request: Request, **asked: Any) -> bool:
    """Ask for something else from now on. False if the search is over meanwhile."""
    hold_people(request.user_id)
    request.refresh_from_db()
    if not request.is_open:
        return False
    request.changed_at = now_in_steps()
    _put(request, **asked)
    return True


def _put(request: Request, *, tags: Iterable[str], helps: Iterable[Any], without: Iterable[str], **fields: Any) -> None:
    for name, value in fields.items():
        setattr(request, name, value)
    request.save()
    applying.apply(request, tags)
    request.helps.set(helps)
    request.set_without(applying.resolve(without))
    # What is not asked for any more need not be left out.
    there = {f"tag:{key}" for key in request.tags.values_list("pk", flat=True)}
    there |= {f"help:{key}" for key in request.helps.values_list("pk", flat=True)} | set(Fact.values)
    request.struck = [fact for fact in request.struck if fact in there]
    request.save(update_fields=["struck"])
    renew_request(request)


@transaction.atomic
def prolong(request: Request) -> bool:
    """Let the search stay open for as long again; whoever waits keeps their turn. False if it is over meanwhile."""
    until = timezone.localdate() + Pace.current().open_for
    done = Request.objects.filter(pk=request.pk, closed_at=None).update(open_until=until)
    request.refresh_from_db(fields=["open_until", "closed_at"])
    return bool(done)


@transaction.atomic
def take_back(request: Request) -> bool:
    """End the search, with every question that is still open; the words stay the member's. False if it was over already."""
    asked = Match.objects.open().filter(request=request).select_related("newcomer", "mentor__user").order_by("pk")
    # All of them before the first: mentors who answer at the same moment hold them in this order, too.
    hold_people(request.user_id, *asked.values_list("mentor", flat=True))
    hold_mentors([], asked_by=[request.user_id])
    for match in asked.all():
        match.decline(by=match.newcomer)
    return request.close(Request.Ending.TAKEN_BACK)


@transaction.atomic
def strike(request: Request, fact: str) -> None:
    """Do not match on this from now on: a part such as `hours`, or a single tag or kind of help as `tag:12`."""
    fresh = Request.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if fact not in fresh.struck and len(fresh.struck) < _MOST_STRUCK:
        Request.objects.filter(pk=fresh.pk).update(struck=[*fresh.struck, fact])


@transaction.atomic
def restore(request: Request, fact: str) -> None:
    """Match on it again."""
    fresh = Request.objects.select_for_update(of=("self",)).get(pk=request.pk)
    Request.objects.filter(pk=fresh.pk).update(struck=[each for each in fresh.struck if each != fact])


def is_matched_on(request: Request, fact: str) -> bool:
    """Is this something that the request is matched on?"""
    if fact in Fact.values:
        return True
    kind, _colon, key = fact.partition(":")
    if kind not in SINGLE or not (key.isascii() and key.isdecimal() and len(key) < 19):
        return False
    return (request.tags if kind == "tag" else request.helps).filter(pk=int(key)).exists()


def note(request: Request, mentor: Mentor, how: str) -> None:
    """Keep a mentor in mind, or rather not see them, or neither any more; they never learn of it."""
    if how:
        Noted.objects.update_or_create(request=request, mentor=mentor, defaults={"how": how})
    else:
        Noted.objects.filter(request=request, mentor=mentor).delete()


_last = Prepared(lambda user: Request.objects.filter(user=user.pk).order_by("closed_at", "-created_at", "-pk").reverse()[:1])


def last_of(user: User) -> Request | None:
    """The newest search of this member, open or over."""
    return _last.first(user, None)
