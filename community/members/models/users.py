"""The account: who signs in, under which handle, in which office, and what its sessions hang on."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community.identity.models import Persona
from community.identity.seal import persona_keys_of, persona_of
from community.members.handles import is_findable, skeleton, validate_handle

from .appointing import appoint, dismiss, renew
from .blocks import not_blocked
from .decided import DecidedAbout
from .limits import NewMemberLimits
from .memorial import give_back, keep_in_memory
from .offices import (
    COORDINATORS,
    GREETERS,
    LEADS,
    LIBRARIANS,
    MODERATORS,
    ROLE_GROUPS,
    STAFF_GROUPS,
    Office,
    Role,
    memberships_of,
)

# Those who guide newcomers: a circle of their own, for which a board can be opened.
MENTORS = "Mentors"
# So many leads must there be before anybody can post anonymously: one alone finds out nothing.
LEADS_NEEDED = 2


def stamp() -> str:
    """What every session of an account hangs on; a new one ends them."""
    return secrets.token_hex(16)


def within_the_hour(moment: datetime) -> datetime:
    """Some moment of the hour before: it says no more than about when, and never the same twice."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour - timedelta(microseconds=secrets.randbelow(3_600_000_000) + 1)


class MemberManager(UserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(handle_key=skeleton(username or ""))

    def with_handle(self, handle: str, *, viewer: Any) -> models.QuerySet["User"]:
        """Members whom `viewer` may meet and whose handle is this one, however it is capitalised."""
        if not is_findable(handle):
            return self.none()
        return self.visible_to(viewer).filter(handle_key=skeleton(handle))

    def visible_to(self, viewer: Any) -> "models.QuerySet[User]":
        """Those whom `viewer` may meet: who is here, and no block between them either way. Nobody, for a guest."""
        if not viewer.is_authenticated:
            return self.none()
        return self.arrived().filter(not_blocked(viewer, account="pk"))

    def leads(self) -> "models.QuerySet[User]":
        """Those in charge of safety."""
        over = Office.objects.run_out().filter(user=models.OuterRef("pk"), group__name=LEADS)
        return self.filter(~models.Exists(over), is_active=True, is_staff=True, groups__name=LEADS)

    def arrived(self):
        """Those who are here, and those who are kept in memory. An account that still waits for its code shows nowhere: seeing
        one would tell that its address had none before."""
        there = models.Q(is_active=True) | models.Q(memorial_at__isnull=False)
        return self.filter(there, ~models.Exists(self.unconfirmed().filter(pk=models.OuterRef("pk"))))

    def unconfirmed(self):
        """Accounts whose address was never confirmed: nobody stands behind them yet."""
        return self.filter(last_login=None, is_staff=False, emailaddress__isnull=False).exclude(emailaddress__verified=True)

    def never_arrived(self, *, before: datetime) -> models.QuerySet["User"]:
        """Accounts made before that moment that nobody stands behind to this day."""
        return self.unconfirmed().filter(date_joined__lt=before)


class User(DecidedAbout, AbstractUser):
    """A member: signs in by e-mail, is known by a handle, and has no real name here."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        _("name here"),
        max_length=24,
        unique=True,
        validators=[validate_handle],
        error_messages={"unique": _("Somebody here already has this name. Try another one.")},
    )
    handle_key = models.CharField(max_length=72, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), blank=True)
    settled_at = models.DateTimeField(
        _("limits lifted"), null=True, editable=False, help_text=_("When the limits of the first days were lifted.")
    )
    memorial_at = models.DateTimeField(
        _("in memory since"), null=True, editable=False, help_text=_("Since when this account is kept in memory of its member.")
    )
    # Since when they are called by a neutral name, and can choose another one.
    unnamed_at = models.DateTimeField(null=True, editable=False)
    session_stamp = models.CharField(max_length=32, default=stamp, editable=False)

    objects = MemberManager()
    personal = {
        "username": "blank",
        "handle_key": "blank",
        "email": "blank",
        "password": "blank",
        "last_login": "blank",
        "date_joined": "keep",
        "settled_at": "keep",
        "memorial_at": "keep",
        "unnamed_at": "blank",
        "session_stamp": "blank",
        "is_active": "keep",
        "is_staff": "keep",
        "is_superuser": "keep",
    }

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="one_account_per_address"),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, **kwargs: Any) -> None:
        self.handle_key = skeleton(self.username)
        fields = kwargs.get("update_fields") or ()
        if "last_login" in fields and self.last_login:
            # Django notes a sign-in to the moment, and what is posted next has one, too.
            self.last_login = within_the_hour(self.last_login)
        if "username" in fields:
            kwargs["update_fields"] = {*fields, "handle_key"}
        super().save(**kwargs)

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username

    def get_absolute_url(self) -> str:
        return reverse("member_detail", args=[self.username])

    @property
    def name(self) -> str:
        return self.username

    @property
    def told_name(self) -> str:
        """The name in lists and sentences."""
        return self.username

    @property
    def is_persona(self) -> bool:
        return False

    # What a report of their page is about ------------------------------------------

    @property
    def voice(self) -> "User":
        return self

    @property
    def shown_title(self) -> str:
        return self.username

    @property
    def is_withdrawn(self) -> bool:
        return not (self.is_active or self.is_in_memory)

    @property
    def pictures(self) -> list[str]:
        """The address of the picture that they chose, for whoever looks at what was reported."""
        picture = getattr(getattr(self, "profile", None), "picture", None)
        return [picture.get_absolute_url()] if picture else []

    def as_reported(self) -> dict[str, str]:
        """What a report keeps of their page, as it stands now."""
        profile = getattr(self, "profile", None)
        return {"title": self.username, "body": profile.about if profile else ""}

    # Who they are in a conversation ------------------------------------------------

    # The kinds of current texts that they have not agreed to, for whoever is signed in; None where nobody looked yet.
    missing_agreements: frozenset[str] | None = None

    # Only the member whose request this is: with their keys the tags of anybody else would tell whether a guess is right.
    is_here = False

    @cached_property
    def persona_keys(self) -> list[int]:
        """The keys of this member's personas, found once a request; none for whoever is not signed in here."""
        return persona_keys_of(self) if self.is_here else []

    def persona_in(self, conversation: UUID) -> Persona | None:
        """The alias this member speaks under there, found once a request; none for whoever is not signed in here."""
        if not self.is_here:
            return None
        known = self.__dict__.setdefault("_personas", {})
        if conversation not in known:
            known[conversation] = persona_of(self, conversation)
        return known[conversation]

    def voice_in(self, conversation: UUID) -> "User | Persona":
        """As whom this member speaks in that conversation: under an alias if they have one there, else by name."""
        return self.persona_in(conversation) or self

    def forget_personas(self) -> None:
        """Look again: a persona was made."""
        for name in ("persona_keys", "_personas"):
            self.__dict__.pop(name, None)

    @cached_property
    def group_ids(self) -> frozenset[int]:
        """The named groups this member is in, fetched once a request."""
        return frozenset(memberships_of(self).values_list("group", flat=True))

    @cached_property
    def circles(self) -> list[Group]:
        """The named groups this member may speak to alone: all of theirs but those that are a role."""
        return list(self.groups.exclude(name__in=ROLE_GROUPS).order_by("name"))

    # In memory ---------------------------------------------------------------------

    @property
    def is_in_memory(self) -> bool:
        return self.memorial_at is not None

    def keep_in_memory(self, *, by: "User", reason: str) -> None:
        """Keep this account in memory of its member: nobody signs in with it, and what they wrote stays."""
        keep_in_memory(self, by=by, reason=reason)

    def give_back(self, *, by: "User", reason: str) -> None:
        """It was a mistake: the account is its member's again."""
        give_back(self, by=by, reason=reason)

    # What they look after ----------------------------------------------------------

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the groups that give this member a role, fetched once a request; none for whoever is not of the staff."""
        if not (self.is_active and self.is_staff):
            return frozenset()
        return frozenset(memberships_of(self).filter(group__name__in=ROLE_GROUPS).values_list("group__name", flat=True))

    @cached_property
    def is_greeter(self) -> bool:
        """Whether this member says hello to newcomers; a role without any power over what others write."""
        return self.is_active and memberships_of(self).filter(group__name=GREETERS).exists()

    @property
    def is_moderator(self) -> bool:
        """Whether this member looks after what others write; a role, and no more than being in its group."""
        return MODERATORS in self.role_names

    @property
    def is_lead(self) -> bool:
        """Whether this member is one of those in charge of safety; a role, and no more than being in its group."""
        return LEADS in self.role_names

    @property
    def is_librarian(self) -> bool:
        """Whether this member looks after the library and its vocabulary; a role, and no more than being in its group."""
        return LIBRARIANS in self.role_names

    @property
    def is_coordinator(self) -> bool:
        """Whether this member brings newcomers and mentors together; a role, and no more than being in its group."""
        return COORDINATORS in self.role_names

    @property
    def is_owner(self) -> bool:
        return self.is_active and self.is_staff and self.is_superuser

    def appoint(self, role: Role | str, *, by: "User", reason: str, is_trained: bool = False) -> Office:
        """Let this member look after something for a year; it begins once they went through its training."""
        return appoint(self, Role(role), by=by, reason=reason, is_trained=is_trained)

    def renew(self, role: Role | str, *, by: "User", reason: str) -> None:
        """Let them go on for another year."""
        renew(self, Role(role), by=by, reason=reason)

    def dismiss(self, role: Role | str, *, by: "User", reason: str, rule: str = "") -> None:
        """Let them look after it no more, and stay what else they are."""
        dismiss(self, Role(role), by=by, reason=reason, rule=rule)

    def change_powers(self) -> None:
        """Be of the staff while there is something behind the scenes to look after. With other powers every session begins anew,
        and so staff set up a second step before the admin opens."""
        before, names = self.is_staff, set(self.groups.filter(name__in=STAFF_GROUPS).values_list("name", flat=True))
        self.is_staff = self.is_superuser or bool(names)
        if before or self.is_staff:
            self.session_stamp = stamp()
            self.save(update_fields=["is_staff", "session_stamp"])
        for name in ("role_names", "is_greeter"):
            self.__dict__.pop(name, None)

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    def settle(self, *, conversations_read: int) -> bool:
        """Lift the limits of the first days once there was time enough and reading enough; says whether they are lifted."""
        if self.is_settled or self.is_staff:
            return True
        limits = NewMemberLimits.current()
        if timezone.now() < self.date_joined + timedelta(days=limits.days) or conversations_read < limits.conversations:
            return False
        self.settled_at = timezone.now()
        self.save(update_fields=["settled_at"])
        return True

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session is good for one password and one stamp."""
        return salted_hmac(
            "members.session", f"{self.password}|{self.session_stamp}", secret=secret, algorithm="sha256"
        ).hexdigest()

    def end_sessions(self) -> None:
        """Sign this member out everywhere, at the next look of each device."""
        self.session_stamp = stamp()
        self.save(update_fields=["session_stamp"])

    def reset_stamp(self) -> str:
        """What a mailed code for a new password hangs on: signing in, a new password or address, or the account's end ends it."""
        parts = (self.get_session_auth_hash(), self.email, self.last_login, self.is_active)
        return salted_hmac("members.reset", "|".join(map(str, parts)), algorithm="sha256").hexdigest()
