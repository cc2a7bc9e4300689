"""What stood there before: the moderators' history of words."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from community.times import now_in_steps

from .notes import LONGEST


class Revision(models.Model):
    """Words as they stood before an edit or a withdrawal; for moderators only."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    title = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    note = models.CharField(max_length=LONGEST, blank=True)
    replaced_at = models.DateTimeField(default=now_in_steps)

    personal = {"title": "erase", "body": "erase", "note": "erase"}

    class Meta:
        indexes = [models.Index(fields=["target_type", "target_id"], name="revision_target")]

    def __str__(self) -> str:
        return f"{self.replaced_at:%Y-%m-%d %H:%M}"
