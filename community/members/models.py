import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community import text
from community.audit.models import record
from community.times import in_steps

from . import time_zones
from .handles import LONGEST, skeleton, validate_handle

MODERATORS = "Moderators"


def drawing_seed() -> int:
    """A random seed for somebody's drawn window; never derived from a name, an id or an address."""
    return secrets.randbelow(2**31)


def stamp() -> str:
    """What every session of an account hangs on; a new one ends them."""
    return secrets.token_hex(16)


class MemberManager(UserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(handle_key=skeleton(username or ""))

    def with_handle(self, handle: str) -> models.QuerySet["User"]:
        """Members whose handle is this one, however it is capitalised."""
        if len(handle) > 4 * LONGEST or "\0" in handle:
            return self.none()
        return self.arrived().filter(handle_key=skeleton(handle))

    def arrived(self):
        """Those who are here. An account that still waits for its code shows nowhere: seeing one would tell that its address
        had none before."""
        return self.filter(~models.Exists(self.unconfirmed().filter(pk=models.OuterRef("pk"))), is_active=True)

    def unconfirmed(self):
        """Accounts whose address was never confirmed: nobody stands behind them yet."""
        return self.filter(last_login=None, is_staff=False, emailaddress__isnull=False).exclude(emailaddress__verified=True)

    def never_arrived(self, *, before: datetime) -> models.QuerySet["User"]:
        """Accounts made before that moment that nobody stands behind to this day."""
        return self.unconfirmed().filter(date_joined__lt=before)


class User(AbstractUser):
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
        if "username" in (fields := kwargs.get("update_fields") or ()):
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
    def is_persona(self) -> bool:
        return False

    @cached_property
    def group_ids(self) -> frozenset[int]:
        """The named groups this member is in, fetched once a request."""
        return frozenset(self.groups.values_list("pk", flat=True))

    @cached_property
    def is_moderator(self) -> bool:
        """Whether this member looks after what others write; a role, and no more than being in its group."""
        return self.is_active and self.is_staff and self.groups.filter(name=MODERATORS).exists()

    @property
    def is_owner(self) -> bool:
        return self.is_active and self.is_staff and self.is_superuser

    @transaction.atomic
    def appoint(self, *, by: "User", reason: str) -> None:
        """Let this member look after what others write. They set up a second step before the admin opens."""
        self.groups.add(Group.objects.get_or_create(name=MODERATORS)[0])
        self._change_office(is_staff=True)
        record("members.moderator_appointed", by=by, target=self, reason=reason)

    @transaction.atomic
    def dismiss(self, *, by: "User", reason: str) -> None:
        """Let a moderator be a member like any other."""
        self.groups.remove(*Group.objects.filter(name=MODERATORS))
        self._change_office(is_staff=self.is_superuser)
        record("members.moderator_dismissed", by=by, target=self, reason=reason)

    def _change_office(self, *, is_staff: bool) -> None:
        """With other powers every session begins anew."""
        self.is_staff, self.session_stamp = is_staff, stamp()
        self.save(update_fields=["is_staff", "session_stamp"])
        self.__dict__.pop("is_moderator", None)

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


def validate_time_zone(value: str) -> None:
    if value not in time_zones.known():
        raise ValidationError(_("Choose a time zone from the list."))


class Profile(models.Model):
    """What a member shows of themselves; nothing here counts anything."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    about = models.TextField(_("about me"), blank=True, max_length=500)
    about_html = models.TextField(blank=True, editable=False)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    avatar_seed = models.PositiveIntegerField(default=drawing_seed, editable=False)

    personal = {"about": "blank", "about_html": "blank", "languages": "blank", "time_zone": "blank", "avatar_seed": "keep"}

    def __str__(self) -> str:
        return self.user.username

    def save(self, **kwargs: Any) -> None:
        self.about_html = text.render(self.about) if self.about else ""
        if "about" in (fields := kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*fields, "about_html"}
        super().save(**kwargs)

    @classmethod
    def of(cls, user: User) -> "Profile":
        """The member's profile; a fresh one, not yet saved, if there is none."""
        return getattr(user, "profile", None) or cls(user=user)

    @property
    def picture(self) -> "Avatar | None":
        """The member's own picture, if they chose one."""
        return getattr(self, "avatar", None)

    @property
    def clock(self) -> str:
        """What their clock says, as in 21:40, if they told where it hangs."""
        if self.time_zone not in time_zones.known():
            return ""
        return f"{in_steps(timezone.now()).astimezone(ZoneInfo(self.time_zone)):%H:%M}"

    def draw_another_window(self) -> None:
        self.avatar_seed = drawing_seed()
        self.save()

    @transaction.atomic
    def hang(self, picture: bytes) -> "Avatar":
        """Show this picture (small WebP, see `pictures`) instead of the drawn window; each one has an address of its own."""
        if self._state.adding:
            self.save()
        return Avatar.objects.update_or_create(profile=self, defaults={"image": picture, "public_id": uuid.uuid4()})[0]

    def take_down(self) -> None:
        """Forget the member's picture; the drawn window is back."""
        Avatar.objects.filter(profile=self).delete()


class Avatar(models.Model):
    """A member's own picture, made small and written anew, so that nothing of the original file remains."""

    profile = models.OneToOneField(Profile, models.CASCADE, primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    image = models.BinaryField(max_length=200_000)

    personal = {"image": "erase"}

    def __str__(self) -> str:
        return str(self.public_id)

    def get_absolute_url(self) -> str:
        return reverse("avatar_image", args=[self.public_id])


class AgreementQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(replaced_at=None)

    def not_accepted_by(self, user) -> Self:
        """The current texts that `user` has not agreed to, or has taken the agreement back for."""
        return self.current().exclude(pk__in=Acceptance.objects.filter(user=user, withdrawn_at=None).values("agreement_id"))


class Agreement(models.Model):
    """One version of a text that members agree to: the house rules, or holding what is sensitive."""

    class Kind(models.TextChoices):
        RULES = "rules", _("House rules")
        SENSITIVE = "sensitive", _("Keeping what is sensitive")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"), editable=False)
    body = models.TextField(_("text"), max_length=text.MAX_LENGTH, help_text=_("Markdown. Every member is asked anew."))
    published_at = models.DateTimeField(_("published"), default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)

    objects = AgreementQuerySet.as_manager()
    personal = {}

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_text_per_version"),
            models.UniqueConstraint(fields=["kind"], condition=models.Q(replaced_at=None), name="one_current_text_per_kind"),
        ]

    def __str__(self) -> str:
        return _("%(kind)s, version %(version)s") % {"kind": self.get_kind_display(), "version": self.version}

    @property
    def body_html(self) -> str:
        return text.render(self.body)

    @transaction.atomic
    def publish(self) -> None:
        """Make this the current text of its kind; members are asked anew before they write again."""
        current = Agreement.objects.select_for_update().filter(kind=self.kind, replaced_at=None).first()
        self.version = current.version + 1 if current else 1
        self.published_at = timezone.now()
        if current:
            current.replaced_at = self.published_at
            current.save(update_fields=["replaced_at"])
        self.save()

    def accept(self, *, by: User) -> "Acceptance":
        """Write down that this member agrees to this version."""
        return Acceptance.objects.update_or_create(user=by, agreement=self, defaults={"at": timezone.now(), "withdrawn_at": None})[
            0
        ]

    def withdraw(self, *, by: User) -> None:
        """Take this member's agreement back, whichever version it was given to."""
        Acceptance.objects.filter(user=by, agreement__kind=self.kind, withdrawn_at=None).update(withdrawn_at=timezone.now())


class Acceptance(models.Model):
    """That a member agreed to one version of a text, and perhaps took it back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="acceptances")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="acceptances")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    personal = {"user": "erase", "at": "erase", "withdrawn_at": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agreement"], name="one_acceptance_per_text")]

    def __str__(self) -> str:
        return f"{self.user} · {self.agreement}"


class NewMemberLimits(models.Model):
    """What a member of the first days may do; lifted by time and reading, never by popularity."""

    links = models.PositiveSmallIntegerField(_("links in one post"), default=2)
    mentions = models.PositiveSmallIntegerField(_("people mentioned in one post"), default=2)
    topics_a_day = models.PositiveSmallIntegerField(_("conversations started in a day"), default=3)
    replies_a_day = models.PositiveSmallIntegerField(_("replies in a day"), default=10)
    days = models.PositiveSmallIntegerField(_("days until they can lift"), default=3)
    conversations = models.PositiveSmallIntegerField(_("conversations read until they can lift"), default=20)

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("limits of the first days")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_limits")]

    def __str__(self) -> str:
        return str(_("Limits of the first days"))

    @classmethod
    def current(cls) -> "NewMemberLimits":
        return cls.objects.filter(pk=1).first() or cls(pk=1)
