"""Giving and taking roles: appointed, begun when the training is done, renewed, laid down, ended by somebody or by time."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.notifications.models import notify

from .offices import TERM, Office, Role, StepTaken, TrainingStep, with_steps


@transaction.atomic
def appoint(user: Any, role: Role, *, by: Any, reason: str, is_trained: bool = False) -> Office:
    """Give `user` a role for a year. It begins once they went through its training, or at once if they did elsewhere."""
    _hold(user)
    office = _give(user, role, is_trained=is_trained)
    record(f"members.{role}_appointed", by=by, target=user, reason=reason)
    notify([user], "members.role_given", by=by, target=office, note=reason)
    _begin(user)
    office.refresh_from_db(fields=["trained_at"])
    return office


def _give(user: Any, role: Role, *, is_trained: bool = False) -> Office:
    """The office, with what one is as well, from now on for a year."""
    now, begun = timezone.now(), []
    names = [each.group for each in role.with_it]
    Group.objects.bulk_create([Group(name=name) for name in names], ignore_conflicts=True)
    held = {office.group_id: office for office in user.offices.standing().filter(group__name__in=names)}
    for group in sorted(Group.objects.filter(name__in=names), key=lambda group: names.index(group.name)):
        office = held.get(group.pk) or Office(user=user, group=group)
        office.group, office.until, office.reminded_at = group, max(office.until or now, now + TERM), None
        if is_trained and not office.has_begun:
            office.trained_at = now
            begun.append(office)
        office.save()
    _empower(user, begun)
    return office


def settle_in(user: Any, role: Role) -> None:
    """Give a new account a role that is finished, for the command line and the demo. It is in no log: nobody had less before."""
    _give(user, role, is_trained=True)


@transaction.atomic
def begin(user: Any) -> bool:
    """Begin what `user` was appointed to and is ready for; says whether something did."""
    _hold(user)
    return _begin(user)


def _begin(user: Any) -> bool:
    offices = {office.role: office for office in with_steps(user.offices.standing().select_related("group"))}
    begun = []
    for role in Role:
        office = offices.get(role)
        if office is None or office.has_begun or not office.is_ready:
            continue
        # What one is as well comes first.
        if all(each == role or (each in offices and offices[each].has_begun) for each in role.with_it):
            office.trained_at = timezone.now()
            office.save(update_fields=["trained_at"])
            begun.append(office)
    _empower(user, begun)
    return bool(begun)


@transaction.atomic
def take(office: Office, step: TrainingStep) -> bool:
    """Note that its holder went through a step of the training; says whether something begins with that."""
    StepTaken.objects.get_or_create(office=office, step=step)
    return begin(office.user)


def _empower(user: Any, begun: list[Office]) -> None:
    if begun:
        user.groups.add(*(office.group for office in begun))
        user.change_powers()


@transaction.atomic
def renew(user: Any, role: Role, *, by: Any, reason: str) -> None:
    """Let somebody go on for another year."""
    _hold(user)
    if not user.offices.standing().of_roles([role]).exists():
        return
    office = _give(user, role)
    record(f"members.{role}_renewed", by=by, target=user, reason=reason)
    notify([user], "members.role_renewed", by=by, target=office, note=reason)


@transaction.atomic
def dismiss(user: Any, role: Role, *, by: Any, reason: str, rule: str = "") -> None:
    """Take a role from somebody: a decision, which they can have looked at again."""
    _hold(user)
    is_held = user.groups.filter(name=role.group).exists()
    ended = _end(user, role)
    if ended or is_held:
        action = f"members.{role}_dismissed"
        kept = {"offices": [office.pk for office in ended]}
        decide(Act.END, user, by=by, reason=reason, rule=rule, action=action, kept=kept)


@transaction.atomic
def lay_down(office: Office) -> None:
    """Its holder does not go on; nobody has to say why."""
    _hold(office.user)
    if _end(office.user, office.role):
        record(f"members.{office.role}_laid_down", by=office.user, target=office.user)


@transaction.atomic
def reinstate(user: Any, decision: Decision, *, by: Any, reason: str) -> None:
    """Undo a dismissal: what was held then is held again, until it would have ended."""
    _hold(user)
    held = user.offices.standing().values("group")
    ended = user.offices.filter(pk__in=decision.kept.get("offices", [])).exclude(group__in=held).select_related("group")
    held_again = list(ended.filter(until__gt=timezone.now()))
    for office in held_again:
        office.ended_at = None
        office.save(update_fields=["ended_at"])
        record(f"members.{office.role}_reinstated", by=by, target=user, reason=reason)
        notify([user], "members.role_given", by=by, target=office, note=reason)
    _empower(user, [office for office in held_again if office.has_begun])


def _end(user: Any, role: Role) -> list[Office]:
    """End the offices, and with them the power."""
    ended = list(user.offices.standing().of_roles(role.ends_with_it).select_related("group"))
    user.offices.filter(pk__in=[office.pk for office in ended]).update(ended_at=timezone.now())
    user.groups.remove(*Group.objects.filter(name__in=[each.group for each in role.ends_with_it]))
    user.change_powers()
    return ended


def end_all(user: Any, *, by: Any, reason: str) -> None:
    """End all that somebody looked after: nobody is there any more who could."""
    _hold(user)
    # A lead comes after a moderator, and ends with one.
    for role in reversed(Role):
        if _end(user, role):
            record(f"members.{role}_ended", by=by, target=user, reason=reason)
    if user.is_superuser:
        user.is_superuser = False
        user.save(update_fields=["is_superuser"])
        user.change_powers()
        record("members.owner_ended", by=by, target=user, reason=reason)


def _hold(user: Any) -> None:
    """Of two who appoint or dismiss somebody at once, one after the other."""
    get_user_model().objects.select_for_update().get(pk=user.pk)


# Time ---------------------------------------------------------------------------------------


@transaction.atomic
def end_those_over(now: datetime) -> None:
    """End what nobody renewed. Their holders were reminded; it is no decision about them, and they are thanked."""
    over = Office.objects.standing().filter(until__lte=now).select_related("user", "group").order_by("pk")
    for office in over.select_for_update(of=("self",), skip_locked=True):
        if _end(office.user, office.role):
            record(f"members.{office.role}_ran_out", by=None, target=office.user)
            notify([office.user], "members.role_ended", target=office)


def begin_those_ready() -> None:
    """Begin what waits for no step any more, such as one that is not asked for since."""
    for office in Office.objects.standing().filter(trained_at=None).select_related("user"):
        begin(office.user)


@transaction.atomic
def remind(now: datetime) -> None:
    """Tell whoever holds something that ends soon, and the owners, who can renew it; once."""
    ending = Office.objects.ending(now).filter(reminded_at=None)
    owners = list(get_user_model().objects.filter(is_active=True, is_staff=True, is_superuser=True))
    for office in ending.select_related("user", "group").select_for_update(of=("self",), skip_locked=True):
        office.reminded_at = now
        office.save(update_fields=["reminded_at"])
        notify([office.user, *owners], "members.role_ending", target=office)
