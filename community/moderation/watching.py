"""Whether anybody looks after this place just now, said to whoever writes; and telling those on duty of what is late.

A process remembers for a minute whether somebody was here: it stands beside every reply box.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from community.members.models import User

from .models import DeskSettings, Watch
from .queue import ROLE_OF, overdue, roles_for
from .sources import REST

REMEMBERED_SECONDS = 60
# What can wait longest is told of once in so long, however much of it there is.
AT_ONCE = timedelta(hours=1)

_remembered: dict[str, tuple[float, int]] = {}


def forget() -> None:
    """Look again the next time."""
    _remembered.clear()


def quiet_hours() -> int:
    """The hours in which nobody was at the desk, once they are as many as the house says; 0 while somebody was."""
    looked_at, hours = _remembered.get("hours", (0.0, 0))
    if not looked_at or time.monotonic() - looked_at > REMEMBERED_SECONDS:
        hours = _quiet_hours()
        _remembered["hours"] = (time.monotonic(), hours)
    return hours


def _quiet_hours() -> int:
    limit = DeskSettings.current().quiet_hours
    # An hour more: the time is kept to the hour in which it was.
    since = timezone.now() - timedelta(hours=limit + 1)
    return 0 if Watch.objects.filter(pk=1, attended_at__gt=since).exists() else limit


# What is late ------------------------------------------------------------------------------


@transaction.atomic
def tell_of_what_is_late() -> None:
    """Mail those on duty that something waits for longer than was said: once for each thing, and never what it is.

    All with the role are told, whoever it is about: whoever was left out would know why.
    """
    now = timezone.now()
    watch = Watch.objects.select_for_update().get_or_create(pk=1)[0]
    late = overdue(now)
    watch.told_of = [key for key in watch.told_of if key in late]
    new = [each for key, each in late.items() if key not in watch.told_of]
    can_wait = all(harm == REST for _source, harm in new) and watch.told_at and now - watch.told_at < AT_ONCE
    # Where nobody is on duty, whoever comes back is told then.
    addresses = [] if can_wait else _on_duty({role for source, _harm in new for role in roles_for(source)}, now)
    if addresses:
        watch.told_at, watch.told_of = now, list(late)
    watch.save(update_fields=["told_at", "told_of"])
    for address in addresses:
        send_mail(_("Something waits at the desk"), _words(), None, [address])


def _on_duty(roles: Iterable[str], now: datetime) -> list[str]:
    """The addresses of those with such a role who have not stepped away."""
    groups = Group.objects.filter(name__in=[group for group, role in ROLE_OF.items() if role in roles])
    staff = User.objects.filter(is_active=True, is_staff=True).exclude(email="").exclude(duty__away_until__gt=now)
    mine = Q(groups__in=groups) | Q(is_superuser=True) if "is_owner" in roles else Q(groups__in=groups)
    return sorted(set(staff.filter(mine).values_list("email", flat=True)))


def _words() -> str:
    return _(
        "Something at the desk waits for longer than we said it would. Everybody who is on duty gets this mail.\n\n%(desk)s\n\n"
        "If you cannot look just now, you need not: here you can step away, and nothing is mailed to you meanwhile.\n\n%(duty)s"
    ) % {"desk": f"{settings.SITE_URL}/admin/", "duty": f"{settings.SITE_URL}/admin/desk/duty/"}
