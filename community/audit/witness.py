"""Telling the owners, every morning, what the newest link of the chain is: whoever wrote the whole log anew could not reach into
their mailboxes. `manage.py verify_audit --head …` finds what was mailed in the chain, or does not.
"""

from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from . import chain
from .models import Link


def mail_head() -> None:
    """Link what is new, look whether all of it fits, and mail the newest link. Nothing in it says who did what."""
    chain.extend()
    head = Link.objects.order_by("-pk").first()
    if head is None:
        return
    broken = chain.verify()
    lines = [
        _("The newest link of the record of who did what. Keep this mail: with it you can tell later if anything was changed."),
        f"{date_format(timezone.localtime(), 'j F Y, H:i')}\n{head.entry_id}\n{head.hash}",
        _("Every link was checked just now, and all of them fit.")
        if broken is None
        else _("Something does not fit: entry %(entry)s. Ask whoever looks after the server to run “manage.py verify_audit”.")
        % {"entry": broken.entry},
        _("To compare later: manage.py verify_audit --head %(hash)s") % {"hash": head.hash},
    ]
    owners = get_user_model().objects.filter(is_superuser=True, is_staff=True, is_active=True).exclude(email="")
    for address in owners.order_by("pk").values_list("email", flat=True):
        send_mail(_("The record of who did what"), "\n\n".join(lines), None, [address])
