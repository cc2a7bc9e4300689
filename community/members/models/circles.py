"""Named groups that a board or a conversation can be open to: who is taken in, and who is taken off the list, with a reason."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.notifications.models import notify


@transaction.atomic
def take_in(circle: Group, member: Any, *, by: Any) -> None:
    member.groups.add(circle)
    record("members.group_joined", by=by, target=member, reason=circle.name)


@transaction.atomic
def take_off(circle: Group, member: Any, *, by: Any, reason: str) -> None:
    """What is open to the group is closed to `member` from this moment on. Whoever leaves by their own hand needs no statement."""
    member.groups.remove(circle)
    if member == by:
        record("members.group_left", by=by, target=member, reason=circle.name)
        return
    kept = {"title": circle.name, "circle": circle.pk}
    decide(Act.END, member, by=by, reason=reason, action="members.group_left", kept=kept)


@transaction.atomic
def let_back(member: Any, decision: Decision, *, by: Any, reason: str) -> None:
    """The opposite, if there is still such a group."""
    circle = Group.objects.filter(pk=decision.kept["circle"]).first()
    if circle is not None:
        take_in(circle, member, by=by)
        notify([member], "members.circle_opened", by=by, target=decision, note=reason)
