"""What of the news is a member's own: that it came, and what they want to hear of. What was said in it stands elsewhere."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Notification, Outgoing, Preference


def _mails_to(user: Any) -> QuerySet[Outgoing]:
    news = Notification.objects.filter(Q(recipient=user.pk) | Q(persona__pk__among=user.persona_keys))
    to_them = Q(to__iexact=user.email) if user.email else Q()
    return Outgoing.objects.filter(Q(notification__in=news.values("pk")) | to_them)


OWN = [
    Own(
        Notification,
        _("News that came to you"),
        {"kind": _("what it was"), "persona__alias": _("to your alias"), "created_at": _("when"), "read_at": _("read")},
        by=("recipient", "persona"),
    ),
    Own(
        Preference,
        _("What you want to hear less of"),
        {"kind": _("news of this kind"), "inbox": _("in the inbox"), "mail": _("by mail")},
    ),
    Own(
        Outgoing,
        _("Mail that was sent to you"),
        {"subject": _("subject"), "created_at": _("when"), "sent_at": _("sent"), "given_up_at": _("not delivered")},
        found=_mails_to,
    ),
]
