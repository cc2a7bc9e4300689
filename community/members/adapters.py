"""Where allauth asks us: names and addresses, mail, redirects, counting failures, sessions, secrets of second factors."""

import hashlib
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_changed, password_set
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models.functions import TruncHour
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from nacl.encoding import Base64Encoder
from nacl.secret import SecretBox
from qrcode.image.svg import SvgPathImage

from community.audit.models import SIGNED_IN, record

from . import devices
from .addresses import plain_address
from .joining import free_handle, one_at_a_time
from .models import User
from .models.users import within_the_hour


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and in."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The address and the password do not go together. Try again, or let us mail you a code."),
        "too_many_login_attempts": _(
            "That was wrong many times, so passwords have to wait for up to a quarter of an hour. A code by mail works at once."
        ),
        "incorrect_code": _("That is not the code. Look once more; only the newest one counts."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your password."),
        "email_taken": _("Somebody already joined with this address."),
        "duplicate_email": _("That is the address you have already."),
        "same_as_current": _("That is the address you have already."),
        "rate_limited": _("That was a lot in a short time. Please wait a few minutes and try again."),
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        return free_handle(username)

    def clean_email(self, email: str) -> str:
        email = plain_address(email)
        one_at_a_time("address", email)
        return email

    def is_safe_url(self, url: str | None) -> bool:
        """Only our own pages, by their path."""
        return bool(url) and url.startswith("/") and url.isprintable() and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile_edit")

    # Mail: addresses in it come from SITE_URL, never from the request's Host header ----

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing goes to the mailbox of somebody who is kept in memory, whoever asks for it; others read it by now."""
        if User.objects.filter(email=email, memorial_at__isnull=False).exists():
            return
        pinned = {name: _on_our_site(value) if name.endswith("_url") else value for name, value in context.items()}
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.SITE_URL).netloc)
        ours = {"current_site": site, "SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL}
        self.render_mail(template_prefix, email, {"email": email, **ours, **pinned}).send()

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """allauth writes to the owner when a password, an address or a second factor changes; that is when other sessions end."""
        super().send_notification_mail(template_prefix, user, context, email)
        end_other_sessions(self.request, user)

    # Failures are counted by account and network, or by account and known device ------

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return devices.knock(request, str(credentials.get("email", "")).lower())

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        keep_no_moment(request)
        if user.is_staff:
            # To the hour, as with everybody: staff may say something under an alias next.
            record(SIGNED_IN, by=user, at=within_the_hour(timezone.now()))
        devices.remember(request, response, user.email)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """Behind a local socket there is no address; everybody is then one network."""
        return super().get_client_ip(request) if request.META.get("REMOTE_ADDR") else "::"


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are never in the database in the clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not the code your app shows now. Codes change every half minute; try the next one."),
        "cannot_generate_recovery_codes": _("Recovery codes stand in for a second step. Set one up first."),
        "unverified_email": _("Please confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode(), encoder=Base64Encoder).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode("ascii"), encoder=Base64Encoder).decode()

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> str:
        """The square as an element that can stand in a page: without the declaration of an XML file."""
        return qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 allauth's name for it
        """What stands in the field until the member writes a name of their own."""
        return gettext("My passkey")


def forget_what_a_stranger_chose(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Whoever arrives by a mailed code owns the address; who chose a password and agreed at sign-up may be somebody else."""
    user = email_address.user
    came_by_code = any(step.get("method") == "code" for step in get_authentication_records(request, user))
    if came_by_code and user.last_login is None and user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        user.acceptances.all().delete()
        messages.info(request, gettext("Your address is confirmed. The password from joining is not kept; you can choose one now."))


email_confirmed.connect(forget_what_a_stranger_chose)


def keep_no_moment(request: HttpRequest) -> None:
    """Since when a device is signed in, to the hour: the moment could be put beside that of what was posted next."""
    hours = {name: TruncHour(name) for name in ("created_at", "last_seen_at")}
    UserSession.objects.filter(session_key=request.session.session_key).update(**hours)


def keep_no_moment_of_a_change(request: HttpRequest, **kwargs: Any) -> None:
    """allauth notes it once more, after us."""
    transaction.on_commit(lambda: keep_no_moment(request))


for changed in (password_set, password_changed):
    changed.connect(keep_no_moment_of_a_change)


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """Sign a member out everywhere but here, and begin a fresh session here."""
    user.end_sessions()
    if request.user.pk == user.pk:
        update_session_auth_hash(request, user)
        # What is purged below is read from the database: this session must be there as it is now.
        request.session.save()
        UserSession.objects.create_from_request(request)
        keep_no_moment(request)
    UserSession.objects.purge_and_list(user)


def _box() -> SecretBox:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=SecretBox.KEY_SIZE, person=b"hearth second").digest()
    return SecretBox(key)


def _on_our_site(url: Any) -> str:
    """An address of this server, whatever host the request named."""
    parts = urlsplit(str(url))
    return settings.SITE_URL + parts.path + (f"?{parts.query}" if parts.query else "")
