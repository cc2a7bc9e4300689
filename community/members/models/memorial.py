"""Keeping an account in memory of its member: nobody signs in with it, what they wrote stays, and those who were close to them
here are told gently.

An app that has something to close then says how in `<app>.remembering`: `kept_in_memory(member)`.
"""

from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from community.audit.models import record
from community.times import now_in_steps

from .appointing import end_all


@transaction.atomic
def keep_in_memory(member: Any, *, by: Any, reason: str) -> None:
    """Lock the account, end its sessions, its mails and all that it looked after, and close what was open between them and others.

    The rooms come first: they hold people in one order, and nothing new begins with somebody who is held.
    """
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "remembering"):
            import_module(f"{app.name}.remembering").kept_in_memory(member)
    kept = type(member).objects.filter(pk=member.pk, memorial_at=None)
    if not kept.update(memorial_at=now_in_steps(), is_active=False):
        return
    member.refresh_from_db()
    end_all(member, by=by, reason=reason)
    member.end_sessions()
    UserSession.objects.filter(user=member).delete()
    record("members.member_kept_in_memory", by=by, target=member, reason=reason)


@transaction.atomic
def give_back(member: Any, *, by: Any, reason: str) -> None:
    """It was a mistake: the account is its member's again. What was closed between them and others, and what they looked after,
    stays so until somebody begins it anew."""
    locked = type(member).objects.filter(pk=member.pk, memorial_at__isnull=False)
    if not locked.update(memorial_at=None, is_active=True):
        return
    member.refresh_from_db()
    record("members.member_given_back", by=by, target=member, reason=reason)
    if member.email:
        name = {"name": settings.SITE_NAME}
        words = _(
            "Your account at %(name)s was closed for a while, by a mistake of ours. It is open again, and what you wrote is where "
            "it was. We are sorry. If anything is missing, the volunteers help you find it."
        )
        send_mail(_("Your account is open again"), words % name, None, [member.email])
