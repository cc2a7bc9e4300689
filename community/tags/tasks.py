from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from . import following
from .models import LOOKED_FOR, Unmet, forget_unused


@app.task
@transaction.atomic
def tell_followers(item_type: int, item: int, kind: str, tags: list[int] | None = None) -> None:
    """Tell whoever follows a tag of something, unless it is gone by now."""
    model = ContentType.objects.get_for_id(item_type).model_class()
    found = model._base_manager.filter(pk=item).first() if model else None
    if found is not None:
        following.tell_followers(found, kind=kind, tags=tags)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="tags.sweep")
def sweep(timestamp: int) -> None:
    """Forget after a year that somebody looked for something in vain, and what was proposed for nothing that is left."""
    Unmet.objects.filter(day__lt=timezone.localdate() - LOOKED_FOR - timedelta(days=1)).delete()
    forget_unused()
