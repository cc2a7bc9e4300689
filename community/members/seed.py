"""The people of the demo, eleven of whom a visitor can sign in as, and those of a community of any size."""

import time
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from community import text
from community.identity.aliases import CREATURES, QUIET
from community.seeding import Size, reserve, tidy_up, write

from .handles import skeleton
from .joining import join
from .models import Acceptance, Agreement, Profile, User

DEMO_PASSWORD = "tea by the window"  # noqa: S105 printed at the start of every demo
PEOPLE = Path(__file__).with_name("demo.toml")
SETTLING = timedelta(days=3)


@dataclass(frozen=True)
class DemoAccount:
    """Somebody a visitor of the demo can sign in as."""

    role: str
    handle: str
    email: str
    password: str
    secret: str = ""

    @property
    def code(self) -> str:
        """What the authenticator of a staff account shows at this moment; empty for the others."""
        if not self.secret:
            return ""
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // mfa.TOTP_PERIOD))


@cache
def _people() -> list[dict[str, Any]]:
    return tomllib.loads(PEOPLE.read_text())["members"]


def fill_demo(*, now: datetime | None = None) -> None:
    """Let the invented people join, each on their day; does nothing where somebody has joined already."""
    if not User.objects.exists():
        with transaction.atomic():
            _join(now or timezone.now())


def demo_accounts() -> list[DemoAccount]:
    """The accounts to show to whoever tries the demo, with the secrets of the staff's authenticators."""
    roles = {person["handle"]: person["account"] for person in _people() if "account" in person}
    users = {user.username: user for user in User.objects.filter(username__in=list(roles))}
    apps = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__in=users.values())
    secrets = {app.user_id: decrypt(app.data["secret"]) for app in apps}
    return [
        DemoAccount(role, handle, users[handle].email, DEMO_PASSWORD, secrets.get(users[handle].pk, ""))
        for handle, role in roles.items()
        if handle in users
    ]


def _join(now: datetime) -> None:
    # Drawn windows and hours of the day, the same in every demo.
    drawn = Random(1)  # noqa: S311
    newcomers = []
    for person in _people():
        joined = now - timedelta(days=person["joined_days_ago"], minutes=drawn.randrange(20, 600))
        shown = {name: person[name] for name in ("about", "languages", "time_zone")} | {"avatar_seed": drawn.randrange(2**31)}
        if account := person.get("account"):
            address, role = f"{person.get('address', account)}@example.org", person.get("role", account)
            join(handle=person["handle"], email=address, password=DEMO_PASSWORD, role=role, joined_at=joined, **shown)
        else:
            newcomers.append((person["handle"], joined, shown))
    _move_in(newcomers, now)


def _move_in(people: list[tuple[str, datetime, dict[str, Any]]], now: datetime) -> None:
    """Handle, moment and profile of each. Nobody signs in as these: no address, no password, and 50 ms saved for each."""
    users, profiles = [], []
    for key, (handle, joined, shown) in zip(reserve(User, len(people)), people, strict=True):
        user = User(pk=key, username=handle, handle_key=skeleton(handle), password=make_password(None), date_joined=joined)
        user.settled_at = joined if joined + SETTLING < now else None
        users.append(user)
        profiles.append(Profile(user=user, about_html=text.render(shown["about"]) if shown["about"] else "", **shown))
    agreements = Agreement.objects.current()
    accepted = [Acceptance(user=user, agreement=agreement, at=user.date_joined) for agreement in agreements for user in users]
    write(users, profiles, accepted)


# A community of any size ----------------------------------------------------------------------------------------------

# Handle, what the address begins with, and role.
_KNOWN = [("Lantern", "member", "member"), ("Keeper", "moderator", "moderator")]
_IN_CHARGE = [("Harbour", "lead", "lead"), ("Fennel", "lead2", "lead")]


def fill(size: Size, *, now: datetime | None = None) -> None:
    """Let that many invented people join over four years. `member@example.org` and the staff can sign in, as in the demo.

    Where many speak under aliases there are two in charge of safety, without whom nobody could.
    """
    now = now or timezone.now()
    # Nobody is behind these.
    drawn = Random(size.seed)  # noqa: S311
    known = [*_KNOWN, *_IN_CHARGE] if size.anonymous else _KNOWN
    with transaction.atomic():
        for handle, name, role in known:
            address = f"{name}@example.org"
            joined = now - timedelta(days=4 * 365)
            join(handle=handle, email=address, password=DEMO_PASSWORD, role=role, joined_at=joined, **_shown(drawn))
        others = size.members - len(known)
        days = sorted((drawn.random() * 4 * 365 for _ in range(others)), reverse=True)
        people = zip(_handles(others, drawn), days, strict=True)
        _move_in([(handle, now - timedelta(days=ago), _shown(drawn)) for handle, ago in people], now)
    tidy_up([User, Profile, Acceptance, EmailAddress])


def _handles(number: int, drawn: Random) -> list[str]:
    """So many names, no two of which look alike."""
    names = [f"{creature}{quiet}" for quiet in QUIET for creature in CREATURES]  # the other way round they would be aliases
    drawn.shuffle(names)
    found: dict[str, str] = {}
    for more in range(1 + 2 * number // len(names)):
        for name in names:
            if len(found) >= number:
                return list(found.values())
            found.setdefault(skeleton(handle := f"{name}{more or ''}"), handle)
    return list(found.values())[:number]


def _shown(drawn: Random) -> dict[str, Any]:
    about = drawn.choice(("", "", "I read more than I write.", "Two grown children, one *allotment*, not enough hours."))
    return {
        "about": about,
        "languages": drawn.choice((["en"], ["en", "de"], ["en", "fr"])),
        "time_zone": drawn.choice(("", "Europe/London", "Europe/Berlin", "Africa/Lagos")),
        "avatar_seed": drawn.randrange(2**31),
    }
