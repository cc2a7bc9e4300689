from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from . import activity, mail
from .models import Outgoing

SENT_DAYS = 7
GIVEN_UP_DAYS = 30


@app.task(retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def mail_notification(public_id: str, instead: list[int] | None = None) -> None:
    """Decide whether a piece of news deserves a mail, and whether it should be about something newer."""
    activity.consider(UUID(public_id), instead=(instead[0], instead[1]) if instead else None)


@app.task
def send_mail(mail_id: int) -> None:
    """Hand one mail on. While the mail server can't be reached, leave it to `send_due`."""
    if not mail.is_line_down():
        mail.deliver(mail_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notifications.send_due")
def send_due(timestamp: int) -> None:
    """Every minute, hand on what is due: what had to wait, and what a killed worker left behind."""
    mail.deliver_due()


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="notifications.sweep")
def sweep(timestamp: int) -> None:
    """Forget that mails were sent after a week, and that they could not be after a month."""
    now = timezone.now()
    Outgoing.objects.filter(sent_at__lt=now - timedelta(days=SENT_DAYS)).delete()
    Outgoing.objects.filter(given_up_at__lt=now - timedelta(days=GIVEN_UP_DAYS)).delete()
