"""Who looks after this place, and who has stepped away: for those who do, so that one knows whom one can count on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from community.members.models import Role, User

_ROLE_OF = {role.group: role for role in Role}


@dataclass
class Colleague:
    """One of the staff; `away_until` is None while they are on duty."""

    name: str
    away_until: datetime | None
    roles: list[str] = field(default_factory=list)


def colleagues() -> list[Colleague]:
    """All of them, by name. One query."""
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("handle_key", "groups__name")
    found: dict[str, Colleague] = {}
    for name, is_owner, group, away_until in staff.values_list("username", "is_superuser", "groups__name", "duty__away_until"):
        one = found.setdefault(name, Colleague(name, _told(away_until), [_("owner")] if is_owner else []))
        if group in _ROLE_OF:
            one.roles.append(str(_ROLE_OF[group].label))
    return list(found.values())


def _told(until: datetime | None) -> datetime | None:
    """To the hour: when somebody stepped away to the minute could be put beside what was said under an alias."""
    if until is None or until <= timezone.now():
        return None
    return until.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
