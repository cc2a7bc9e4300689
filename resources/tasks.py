from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from . import looking, taking_in
from .models import Import

IMPORT_DAYS = 30


@app.task
def take_in(import_id: int) -> None:
    """Bring in what is new in a file that somebody brought."""
    taking_in.take_in(import_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="resources.look", lock="resources.look")
def look(timestamp: int) -> None:
    """Every minute, look at a few of the addresses that are due."""
    looking.look_at_due()


@app.periodic(cron="51 3 * * *")
@app.task(queueing_lock="resources.forget_imports")
def forget_imports(timestamp: int) -> None:
    """Forget after a month what stood in files that were brought."""
    Import.objects.filter(previewed_at__lt=timezone.now() - timedelta(days=IMPORT_DAYS)).delete()
