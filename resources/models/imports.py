"""`Import`: a file of bookmarks on its way into the library, and what becomes of each of its rows."""

import uuid
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import User
from community.notifications.jobs import defer

from .resources import Resource


class ImportQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """An import is seen by whoever brought the file."""
        return self.filter(by=viewer.pk) if viewer.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-previewed_at", "-pk")


class Import(models.Model):
    """A file that somebody brought: first looked at, then, if they say so, brought in by the worker."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=8)
    # What is to be said of the file as a whole.
    notes = ArrayField(models.TextField(), default=list)
    previewed_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    # When a librarian said that they had looked at what is new; it is then put up at once.
    vouched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()
    personal = {"by": "erase", "name": "erase", "notes": "erase"}

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(started_at__isnull=False) | Q(finished_at=None, vouched_at=None), name="import_ends_after_it_began"
            ),
        ]
        indexes = [models.Index(fields=["by", "-previewed_at", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.public_id])

    @property
    def is_started(self) -> bool:
        return self.started_at is not None

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_running(self) -> bool:
        return self.is_started and not self.is_finished

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows there are in each state."""
        found = dict(self.rows.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in ImportRow.State.values}

    @property
    def percent(self) -> int:
        """How far the worker has come."""
        done, left = self.counts[ImportRow.State.BROUGHT], self.counts[ImportRow.State.NEW]
        return 100 * done // (done + left) if done + left else 100

    @transaction.atomic
    def start(self, *, vouched: bool, with_private: bool) -> None:
        """Have the worker bring in what is new; once, however often it is asked for."""
        fresh = Import.objects.select_for_update().get(pk=self.pk)
        self.started_at, self.vouched_at, self.finished_at = fresh.started_at, fresh.vouched_at, fresh.finished_at
        if self.is_started:
            return
        self.started_at = timezone.now()
        self.vouched_at = self.started_at if vouched else None
        self.save(update_fields=["started_at", "vouched_at"])
        if vouched:
            record("resources.import_vouched", by=self.by, target=self)
        if with_private:
            self.rows.filter(state=ImportRow.State.PRIVATE).update(state=ImportRow.State.NEW)
        defer("resources.tasks.take_in", {"import_id": self.pk})


class ImportRow(models.Model):
    """One row of a file and what becomes of it. `entry` is what the row holds, as `importing` read it."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        PRIVATE = "private", _("Was private")
        HERE = "here", _("Here already")
        UNREADABLE = "broken", _("Could not be read")
        BROUGHT = "brought", _("Brought in")

    source = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    raw = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices)
    # Why it can't be read or is not new, and what was changed on the way.
    problem = models.TextField(blank=True)
    notes = ArrayField(models.TextField(), default=list)
    key = models.CharField(max_length=2000, blank=True)
    entry = models.JSONField(default=dict)
    resource = models.ForeignKey(Resource, models.SET_NULL, null=True, related_name="+")

    personal = {"raw": "erase", "key": "erase", "entry": "erase", "problem": "erase", "notes": "erase"}

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="one_number_per_row")]
        indexes = [models.Index(fields=["source", "state", "number"], name="import_rows_by_state")]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def title(self) -> str:
        return self.entry.get("title", "") or self.raw

    @property
    def address(self) -> str:
        return self.entry.get("address", "")
