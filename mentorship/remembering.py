"""When a member is kept in memory: what was between them and a mentor or a newcomer comes to its end, gently."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from community.members.models import User

from .models import Match, Request
from .models.holding import hold_mentors, hold_people


@transaction.atomic
def kept_in_memory(member: User) -> None:
    """End their pairs and questions, and their search. The other one of a pair is told that they are kept in memory; whoever was
    only asked learns that it is not possible, as always."""
    for match in held_pairs(member):
        if match.is_open:
            match.decline(by=member)
        else:
            match.remember(of=member)
    for request in Request.objects.filter(user=member, closed_at=None):
        request.close(Request.Ending.TAKEN_BACK)


def held_pairs(member: User) -> Iterator[Match]:
    """The pairs and questions of theirs that are not over, with everybody held whom they concern."""
    between_them = Match.objects.filter(Q(newcomer=member.pk) | Q(mentor=member.pk), ended_at=None)
    people = {member.pk, *(key for pair in between_them.values_list("newcomer", "mentor") for key in pair)}
    hold_people(*people)
    hold_mentors(people, asked_by=people)
    among = between_them.filter(newcomer__in=people, mentor__in=people)
    yield from among.select_related("newcomer", "mentor__user").order_by("pk")
