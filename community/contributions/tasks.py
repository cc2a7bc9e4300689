from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from . import renewing
from .drafts import Draft
from .filters import Filter
from .submissions import KEPT_DAYS, Submission

DRAFT_DAYS = 180


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="contributions.sweep")
def sweep(timestamp: int) -> None:
    """Forget the keys of posted forms after a week, drafts nobody came back to after half a year, and filters that are over."""
    Submission.objects.filter(day__lt=timezone.now().date() - timedelta(days=KEPT_DAYS)).delete()
    Draft.objects.filter(saved_at__lt=timezone.now() - timedelta(days=DRAFT_DAYS)).delete()
    Filter.objects.over().delete()


@app.task
def renew_note(note: int) -> None:
    """A note has another name now: say it above everything that carries it, and wherever that is quoted."""
    renewing.renew_note(note)


@app.task
def renew_name(member: int) -> None:
    """A member has another name now: say it wherever their words are quoted and wherever they are called."""
    renewing.renew_name(member)
