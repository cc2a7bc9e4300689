"""Mail about news: whether to send one, to whom, and its few words. Only the worker comes here: it alone opens seals."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from community.identity.seal import open_seal, persona_of
from community.times import STEP, now_in_steps

from .jobs import defer
from .models import Notification, Outgoing, Preference
from .showing import open_targets

# At most one mail in this time for one reader and one conversation.
QUIET = timedelta(minutes=10)


def reader(news: Notification) -> Any | None:
    """The member to mail about this news as things stand now; None if it is read, unwanted, or not open to them any more."""
    member = None if news.is_read else _member(news)
    if member is None or Preference.objects.filter(user=member, kind=news.kind, mail=False).exists():
        return None
    return member if open_targets([news], member) else None


def _member(news: Notification) -> Any | None:
    """Whoever is told, also behind an alias."""
    key = open_seal(news.persona) if news.persona else news.recipient_id
    member = get_user_model().objects.filter(pk=key, is_active=True).exclude(email="").first()
    if member is not None:
        # The alias that matters in the conversation that the news is about; a name called there may hang on its blocks, too.
        persona = news.persona or persona_of(member, news.thread)
        member.persona_keys = [persona.pk] if persona else []
    return member


@transaction.atomic
def consider(public_id: UUID, *, instead: tuple[int, int] | None = None) -> None:
    """Put a mail about this news on its way, unless none is wanted or one about its conversation was just sent.

    `instead` is something newer (its content type and id): the news is about that, once its own can no longer be seen.
    """
    news = Notification.objects.select_for_update(of=("self",)).select_related("persona").filter(public_id=public_id).first()
    if news is None or news.is_read:
        return
    if instead:
        _renew(news, *instead)
    if news.mailed_at or reader(news) is None:
        return
    lately = Notification.objects.to(news.voice).filter(thread=news.thread, mailed_at__isnull=False).exclude(pk=news.pk)
    if lately.unread().exists():
        return  # They know already that something waits for them there.
    last = lately.order_by("-mailed_at").values_list("mailed_at", flat=True).first()
    if last and (quiet := _quiet_seconds(last)) > 0:
        defer("mail_notification", {"public_id": str(public_id)}, wait_seconds=quiet)
        return
    news.mailed_at = now_in_steps()
    news.save(update_fields=["mailed_at"])
    Outgoing.put(notification=news, created_at=news.mailed_at)


def _renew(news: Notification, target_type: int, target_id: int) -> None:
    """Let the news be about this from now on, if what it was about is gone for its reader."""
    member = _member(news)
    if member is None or open_targets([news], member):
        return
    news.target_type_id, news.target_id, news.created_at = target_type, target_id, now_in_steps()
    if news.mailed_at and _quiet_seconds(news.mailed_at) <= 0:
        news.mailed_at = None
    news.save(update_fields=["target_type", "target_id", "created_at", "mailed_at"])


def _quiet_seconds(last: datetime) -> int:
    """How long to wait after a mail whose time was rounded down."""
    return round((last + STEP + QUIET - timezone.now()).total_seconds())


def words() -> tuple[str, str]:
    """Subject and body, the same for all news: nobody beside the reader learns anything from them."""
    body = render_to_string("emails/news.txt", {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL})
    return _("Something new is waiting for you"), body
