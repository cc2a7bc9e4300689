"""Taking a name off somebody: at once they have a neutral one, nobody else can have the old one, and they choose another.

An app that keeps names in words has them written anew: `<app>.renaming`: `renamed(member)`.
"""

import secrets
from importlib import import_module
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import module_has_submodule

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.members.handles import skeleton
from community.notifications.models import notify
from community.times import now_in_steps

# Letters of which no word comes, and none that look like others.
_LETTERS = "bcdfghjkmpqstxz"


class TakenNameQuerySet(models.QuerySet):
    def given_back_to(self, member: Any) -> Self:
        """Those that `member` can have again, because the decision does not hold any more."""
        return self.filter(user=member, decision__reversed_at__isnull=False)

    def kept_from(self, member: Any) -> Self:
        """Those that `member`, or whoever joins, can't have."""
        return self.exclude(pk__in=self.given_back_to(member).values("pk"))


class TakenName(models.Model):
    """A name that was taken off somebody. It stays taken: whoever had it next would be taken for them."""

    key = models.CharField(max_length=72, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="taken_names")
    decision = models.OneToOneField(Decision, models.CASCADE, related_name="+")

    objects = TakenNameQuerySet.as_manager()
    personal = {"user": "erase", "key": "erase"}

    def __str__(self) -> str:
        return "a taken name"


def neutral(members: Any) -> str:
    """A name that says nothing, and that nobody has."""
    while True:
        name = f"member-{''.join(secrets.choice(_LETTERS) for _ in range(6))}"
        if not members.filter(handle_key=skeleton(name)).exists():
            return name


def was_taken(member: Any) -> bool:
    """Was a name taken off them by a decision that holds?"""
    return TakenName.objects.filter(user=member, decision__reversed_at=None).exists()


@transaction.atomic
def take_name(member: Any, *, by: Any, reason: str, rule: str = "") -> None:
    """Call them by a neutral name from now on, until they choose another one."""
    _hold(member)
    if member.unnamed_at is not None:
        return
    name = member.username
    decision = decide(Act.RENAME, member, by=by, reason=reason, rule=rule, action="members.name_taken", kept={"body": name})
    TakenName.objects.update_or_create(key=skeleton(name), defaults={"user": member, "decision": decision})
    _call(member, neutral(type(member).objects), since=now_in_steps())


def may_choose(member: Any) -> bool:
    """Can they choose a name: because theirs was taken, or because they can have it again?"""
    return member.unnamed_at is not None or TakenName.objects.given_back_to(member).exists()


@transaction.atomic
def choose_name(member: Any, name: str) -> None:
    """Be called so from now on; `name` is free (see `joining.free_handle`)."""
    _hold(member)
    if may_choose(member):
        TakenName.objects.given_back_to(member).delete()
        _call(member, name, since=None)


@transaction.atomic
def give_name_back(member: Any, *, by: Any, reason: str, of: Decision | None = None) -> None:
    """Call them as before, if they chose no other name since; else they can choose their old one again, and nobody else can."""
    _hold(member)
    taken = TakenName.objects.filter(user=member, decision__reversed_at=None).select_related("decision").order_by("-decision")
    undone = [each for each in taken if of is None or each.decision_id == of.pk]
    if not undone:
        return
    Decision.objects.mark_reversed(each.decision for each in undone)
    if member.unnamed_at is not None:
        newest = undone[0]
        newest.delete()
        _call(member, newest.decision.kept["body"], since=None)
    record("members.name_given_back", by=by, target=member, reason=reason)
    notify([member], "members.name_given_back", by=by, target=undone[0].decision, note=reason)


def _hold(member: Any) -> None:
    """Hold them until the transaction ends, as they stand now."""
    held = type(member).objects.select_for_update(no_key=True).get(pk=member.pk)
    member.username, member.unnamed_at = held.username, held.unnamed_at


def _call(member: Any, name: str, *, since: Any) -> None:
    member.username, member.unnamed_at = name, since
    member.save(update_fields=["username", "unnamed_at"])
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "renaming"):
            import_module(f"{app.name}.renaming").renamed(member)
