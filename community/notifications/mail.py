"""All mail goes one way: a row in the transaction of its cause, then the worker hands it on.

`OutboxBackend` is what Django and allauth send through. `deliver()` hands one mail to settings.MAIL_BACKEND: SMTP, or
`FolderBackend` in the demo and in development.
"""

import contextlib
import logging
import re
import smtplib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from email.utils import formatdate, parseaddr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import BadHeaderError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community import files, text
from community.identity.seal import CannotOpen

from . import activity
from .models import Outgoing

logger = logging.getLogger(__name__)

# After the mail server could not be reached, one mail a minute finds out whether it is back; the others wait.
_BREATH = timedelta(minutes=1)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class OutboxBackend(BaseEmailBackend):
    """Writes each mail into the outbox, one row for each recipient, in the current transaction."""

    @transaction.atomic(savepoint=False)
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                Outgoing.put(
                    to=_address(recipient),
                    sender=_one_line(message.from_email),
                    subject=_one_line(str(message.subject))[:200],
                    body=_with_help(text.clean(str(message.body))),
                )
        return len(email_messages)


def _address(recipient: str) -> str:
    """The bare address. A line break in it is somebody's attempt to write headers."""
    if _CONTROL.search(recipient):
        raise BadHeaderError("A mail address has no line breaks or control characters.")
    return parseaddr(recipient)[1]


def _one_line(words: str) -> str:
    return " ".join(_CONTROL.sub(" ", text.clean(words)).split())


def _with_help(body: str) -> str:
    """Every mail says where help is."""
    address = f"{settings.SITE_URL}/help/"
    return body if address in body else f"{body.rstrip()}\n\n{_('Get help now')}: {address}\n"


# Handing on --------------------------------------------------------------------------


def is_line_down() -> bool:
    """Could the mail server not be reached a moment ago?"""
    return Outgoing.objects.waiting().filter(unreachable_at__gt=timezone.now() - _BREATH).exists()


@transaction.atomic
def deliver(pk: int) -> bool:
    """Hand one mail on and empty it, or postpone it; False if the mail server could not be reached.

    The row stays locked meanwhile, so nobody else sends it. A worker that dies after the server took the mail and before the
    commit sends it once more, with the same Message-ID.
    """
    mail = Outgoing.objects.due().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if mail is None:
        return True
    try:
        message = _message(mail)
        if message is None:
            mail.delete()
            return True
        _hand_on(message)
    except (OSError, ValueError, CannotOpen) as problem:
        unreachable = _is_unreachable(problem)
        mail.postpone(_in_words(problem), unreachable=unreachable)
        logger.log(logging.ERROR if mail.given_up_at else logging.WARNING, "Mail %s: %s, %s.", pk, mail.problem, mail.state)
        return not unreachable
    mail.done()
    return True


def deliver_due(*, at_most: int = 500) -> None:
    """Hand on whatever is due, oldest first, until the mail server can't be reached."""
    for pk in Outgoing.objects.due().values_list("pk", flat=True)[:at_most]:
        if not deliver(pk):
            return


def _message(mail: Outgoing) -> EmailMessage | None:
    """What goes out; None for news that needs no mail any more."""
    to, subject, body = mail.to, mail.subject, mail.body
    if mail.notification:
        member = activity.reader(mail.notification)
        if member is None:
            return None
        subject, body = activity.words()
        to, body = _address(member.email), _with_help(body)
    headers = {
        "Message-ID": mail.message_id,
        "Date": formatdate(mail.created_at.timestamp(), usegmt=True),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject, body, mail.sender or settings.DEFAULT_FROM_EMAIL, [to], headers=headers)


def _hand_on(message: EmailMessage) -> None:
    server = get_connection(settings.MAIL_BACKEND)
    server.open()
    try:
        server.send_messages([message])
    finally:
        # Once the server has taken a mail, a clumsy goodbye changes nothing.
        with contextlib.suppress(OSError):
            server.close()


def _is_unreachable(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPException):
        return isinstance(problem, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError | smtplib.SMTPAuthenticationError)
    return isinstance(problem, OSError)


def _in_words(problem: Exception) -> str:
    """What went wrong, without the server's own words: they often repeat the address."""
    codes: Iterable[int] = [problem.smtp_code] if isinstance(problem, smtplib.SMTPResponseException) else []
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in problem.recipients.values()]
    return " ".join([type(problem).__name__, *map(str, codes)])


class FolderBackend(BaseEmailBackend):
    """Writes each mail as a file into settings.MAIL_FOLDER, for its owner's eyes only; sent twice, it is still one file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.MAIL_FOLDER
        if folder is None:
            raise ImproperlyConfigured("There is no MAIL_FOLDER to put mail into.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            files.write(folder / f"{_file_name(message)}.eml", message.message().as_bytes())
        return len(email_messages)


def _file_name(message: EmailMessage) -> str:
    return re.sub(r"[^0-9a-zA-Z]", "", message.extra_headers["Message-ID"].partition("@")[0])
