"""The demo's letterbox: what was mailed, so that whoever tries the demo can read a sign-up code. Nowhere else does it exist."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from time import time

from allauth.mfa import app_settings as mfa
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from community.members.seed import DEMO_PASSWORD, demo_accounts
from community.pages import page

_SHOWN = 50


@dataclass(frozen=True)
class Letter:
    """One mail as it was handed on."""

    to: str
    subject: str
    sent_at: datetime
    body: str


def letters() -> list[Letter]:
    """The newest mails, newest first."""
    found = []
    for file in Path(settings.MAIL_FOLDER).glob("*.eml"):
        try:
            found.append((file.stat().st_mtime, file.read_bytes()))
        except FileNotFoundError:
            continue  # Somebody began the demo anew just now.
    found.sort(reverse=True)
    return [_letter(moment, content) for moment, content in found[:_SHOWN]]


def _letter(moment: float, content: bytes) -> Letter:
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",))
    return Letter(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=datetime.fromtimestamp(moment, UTC),
        body=part.get_content().strip() if part else "",
    )


@require_safe
@login_not_required
def demo_mail(request: HttpRequest) -> HttpResponse:
    """Every mail that the demo would have sent, its accounts, and what the authenticators of its staff show right now."""
    if not settings.DEMO:
        raise Http404
    context = {
        "letters": letters(),
        "accounts": demo_accounts(),
        "password": DEMO_PASSWORD,
        "seconds_left": mfa.TOTP_PERIOD - int(time()) % mfa.TOTP_PERIOD,
    }
    return page(request, "demo/demo_mail.html", context)


urlpatterns = [path("mail/", demo_mail, name="demo_mail")]
