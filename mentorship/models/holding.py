"""Two people, held: whoever changes something between a newcomer and a mentor waits here for everybody else who does.

People are held first, the one of the lower key before the other, then every mentor whom it may concern, in the order of their keys,
then the match: so any two of them wait for each other in one order, and none sees half of another.
"""

from collections.abc import Iterable

from django.db.models import Q

from community.members.models import User

from .mentors import Mentor
from .places import all_matches


def hold_people(*keys: int) -> None:
    """Hold these members until the transaction ends, the lowest key first; blocks and endings between them wait."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def hold_mentors(keys: Iterable[int], *, asked_by: Iterable[int]) -> None:
    """Hold these mentors, and those whom these newcomers asked, the lowest key first. Whoever calls this holds the newcomers."""
    asked = all_matches().open().filter(newcomer__in=asked_by).values_list("mentor", flat=True)
    wanted = {*keys, *asked}
    list(Mentor.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk").values_list("pk"))


def between(one: int, other: int) -> Q:
    """Blocks between these two members, whichever of them made it."""
    return Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)


def is_called_about(newcomer: int, mentor: int, *, by: User | None = None) -> bool:
    """Is there something between these two, in whatever match of theirs, that a lead has yet to look at; of `by`, if given?"""
    pair = Q(newcomer=newcomer, mentor=mentor) | Q(newcomer=mentor, mentor=newcomer)
    who = {"concerns__by": by} if by else {"concerns__isnull": False}
    return all_matches().filter(pair, concerns__closed_at=None, **who).exists()
