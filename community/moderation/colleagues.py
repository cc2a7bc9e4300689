"""Who looks after this place, and who has stepped away: for those who do, so that one knows whom one can count on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from community.members.models import ROLE_GROUPS, Role, User, memberships_of

_ROLE_OF = {role.group: role for role in Role}


@dataclass
class Colleague:
    """One of the staff; `away_until` is None while they are on duty."""

    name: str
    away_until: datetime | None
    roles: list[str]


def colleagues() -> list[Colleague]:
    """All of them, by name, without the roles that have run out. One query."""
    groups = memberships_of(OuterRef("pk")).filter(group__name__in=ROLE_GROUPS).order_by("group__name").values("group__name")
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("handle_key").annotate(in_roles=ArraySubquery(groups))
    found = [
        Colleague(name, _told(away_until), [_("owner")] * is_owner + [str(_ROLE_OF[group].label) for group in in_roles])
        for name, is_owner, in_roles, away_until in staff.values_list("username", "is_superuser", "in_roles", "duty__away_until")
    ]
    return [one for one in found if one.roles]


def _told(until: datetime | None) -> datetime | None:
    """To the hour: when somebody stepped away to the minute could be put beside what was said under an alias."""
    if until is None or until <= timezone.now():
        return None
    return until.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
