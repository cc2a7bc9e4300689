"""Taking down what a member shows of themselves on their page, words and picture, and putting it back as it stood."""

from base64 import b64decode, b64encode
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.notifications.models import notify


def shows_something(member: Any) -> bool:
    """Is there something on their page that they brought themselves?"""
    return _shows(getattr(member, "profile", None))


def _shows(profile: Any) -> bool:
    return profile is not None and bool(profile.about or profile.picture)


def taken_down(member: Any) -> Any:
    """The decisions by which something was taken off their page, as far as they hold."""
    return Decision.objects.about(member).standing().filter(act=Act.REMOVE)


@transaction.atomic
def take_down(member: Any, *, by: Any, reason: str, rule: str = "") -> None:
    """Empty their page: they have their words in the statement, and what stood there can be put back."""
    profile = _held(member)
    if not _shows(profile):
        return
    kept = {"title": gettext("What you show of yourself"), "body": profile.about}
    if profile.picture:
        kept["picture"] = b64encode(bytes(profile.picture.image)).decode()
    profile.about = ""
    profile.save(update_fields=["about"])
    profile.take_down()
    decide(Act.REMOVE, member, by=by, reason=reason, rule=rule, action="members.profile_taken_down", kept=kept)


@transaction.atomic
def put_back(member: Any, *, by: Any, reason: str, of: Decision | None = None) -> None:
    """Put it back as it stood; what they wrote or chose since then stays."""
    profile = _held(member)
    undone = [each for each in taken_down(member).order_by("-pk") if of is None or each.pk == of.pk]
    if not undone:
        return
    profile.about = profile.about or _newest("body", undone)
    if profile.picture is None and (picture := _newest("picture", undone)):
        profile.hang(b64decode(picture))
    profile.save(update_fields=["about"])
    Decision.objects.mark_reversed(undone)
    record("members.profile_put_back", by=by, target=member, reason=reason)
    notify([member], "members.profile_put_back", by=by, target=undone[0], note=reason)


def _newest(name: str, decisions: list[Decision]) -> str:
    return next((decision.kept[name] for decision in decisions if decision.kept.get(name)), "")


def _held(member: Any) -> Any:
    """Their page as it is now, held until the transaction ends; None where they have none."""
    type(member).objects.select_for_update(no_key=True).get(pk=member.pk)
    profiles = type(member)._meta.get_field("profile").related_model._default_manager
    return profiles.select_related("avatar").filter(pk=member.pk).first()
