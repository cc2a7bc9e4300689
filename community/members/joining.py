"""How somebody becomes a member: the front door for sign-up, the command line, the demo and the tests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from .addresses import plain_address
from .handles import skeleton, tidy, validate_handle
from .models import Acceptance, Agreement, Profile, Role, TakenName, User
from .models.appointing import settle_in

ROLES = ("newcomer", "member", "mentor", *Role.values, "owner")


@dataclass(frozen=True)
class Joined:
    """Who joined, and what staff need for their second step; it is told once, here."""

    user: User
    totp_secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)


def one_at_a_time(*what: str) -> None:
    """Wait for whoever is joining with the same name or address just now; to be called in the transaction that joins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["|".join(what)])


def free_handle(handle: str, *, member: User | None = None) -> str:
    """The handle as it is kept. Raises ValidationError, with advice, if it may not stand here, or somebody has it or had it taken
    off them. For `member` their own is free."""
    handle = tidy(handle)
    validate_handle(handle)
    one_at_a_time("handle", skeleton(handle))
    key, others = skeleton(handle), User.objects.exclude(pk=member.pk if member else None)
    # In one look: between two of them a name that was taken could be given back.
    kept = TakenName.objects.kept_from(member).filter(key=key).values("key")
    if others.filter(handle_key=key).values("handle_key").union(kept).exists():
        raise ValidationError(_("Somebody here already has this name, or one that looks like it. Try another one."), code="taken")
    return handle


def free_address(email: str) -> str:
    """The address as it is kept. Raises ValidationError if it is none or somebody joined with it."""
    validate_email(email)
    email = plain_address(email)
    one_at_a_time("address", email)
    if User.objects.filter(email=email).exists() or EmailAddress.objects.filter(email=email).exists():
        raise ValidationError(_("Somebody already joined with this address."), code="taken")
    return email


@transaction.atomic
def join(
    *,
    handle: str,
    email: str,
    password: str | None,
    role: str = "member",
    joined_at: datetime | None = None,
    **profile: Any,
) -> Joined:
    """Make an account that is ready to use: a confirmed address, a profile, the current agreements accepted.

    `role` is one of ROLES, with its training behind them; members and staff have the first days behind them, staff have a
    second factor. `profile` holds fields of `Profile`. Without a password one signs in by mailed code. Raises ValidationError
    for what sign-up would refuse.
    """
    if role not in ROLES:
        raise ValidationError(
            _("There is no role “%(role)s”. Choose one of: %(roles)s."), params={"role": role, "roles": ", ".join(ROLES)}
        )
    user = User(username=free_handle(handle), email=free_address(email), date_joined=joined_at or timezone.now())
    user.is_staff = user.is_superuser = role == "owner"
    user.settled_at = None if role == "newcomer" else user.date_joined
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    move_in(user, Agreement.objects.current(), **profile)
    if role in Role:
        settle_in(user, Role(role))
    for part in _joining_elsewhere():
        part.joined(user, role)
    return _with_second_factor(user) if user.is_staff else Joined(user)


@cache
def _joining_elsewhere() -> list[ModuleType]:
    """The modules of other apps that have something to do when somebody joins; looking for them takes a while."""
    others = (app for app in apps.get_app_configs() if app.name != "community.members")
    return [import_module(f"{app.name}.joining") for app in others if module_has_submodule(app.module, "joining")]


def move_in(user: User, agreements: Iterable[Agreement], **profile: Any) -> None:
    """Give a new account its profile, and write down what it agreed to."""
    Profile.objects.create(user=user, **profile)
    Acceptance.objects.bulk_create(Acceptance(user=user, agreement=agreement) for agreement in agreements)


def _with_second_factor(user: User) -> Joined:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return Joined(user, secret, RecoveryCodes.activate(user).generate_codes())
