"""Boards: a place for one theme each."""

from datetime import time
from functools import lru_cache
from typing import Any, Self

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Func, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text
from community.audit.models import record
from community.contributions.models import Voice
from community.members.models import User
from community.prepared import Prepared
from community.times import now_in_steps

from .audience import GROUP_IS_NAMED, Audience, open_to


def next_version() -> Func:
    """The next number of the sequence that numbers every change to what readers see; validators of kept pages stand on it."""
    return Func(Value("forums_version"), function="nextval", output_field=models.BigIntegerField())


def validate_slug_is_free(slug: str) -> None:
    if slug == "waiting":
        raise ValidationError(_("That address is taken by the list of conversations that wait for a first reply."))


@lru_cache(maxsize=1024)
def board_address(slug: str) -> str:
    return reverse("board_detail", args=[slug])


class BoardQuerySet(models.QuerySet):
    def visible_to(self, viewer) -> Self:
        return self.filter(open_to(viewer))

    @staticmethod
    def version() -> int:
        """The number of the newest change among all, whoever may see them or not; 0 for none."""
        newest = _newest.first(None, None)
        return newest.version if newest else 0


class Board(models.Model):
    """A place for one theme: what it is for, how people speak here, who may read, when somebody is reading."""

    slug = models.SlugField(gettext_lazy("address"), max_length=50, unique=True, validators=[validate_slug_is_free])
    name = models.CharField(gettext_lazy("name"), max_length=60, unique=True)
    purpose = models.CharField(gettext_lazy("what it is for"), max_length=200)
    guidelines = models.TextField(
        gettext_lazy("how people speak here"), blank=True, help_text=gettext_lazy("Markdown. A few short sentences.")
    )
    guidelines_html = models.TextField(blank=True, editable=False)
    reads_from = models.TimeField(
        gettext_lazy("somebody reads from"),
        null=True,
        blank=True,
        help_text=gettext_lazy("From when somebody is reading, each day."),
    )
    reads_until = models.TimeField(gettext_lazy("somebody reads until"), null=True, blank=True)
    audience = models.CharField(gettext_lazy("who can read it"), max_length=10, choices=Audience.choices, default=Audience.MEMBERS)
    audience_group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=gettext_lazy("the group")
    )
    anonymous_at = models.DateTimeField(
        gettext_lazy("anonymous posting since"),
        null=True,
        editable=False,
        help_text=gettext_lazy("Since when members may post here under a name made for one conversation."),
    )
    held_first_at = models.DateTimeField(
        gettext_lazy("looked at first since"),
        null=True,
        editable=False,
        help_text=gettext_lazy("Since when a volunteer looks at everything here before others see it."),
    )
    position = models.PositiveSmallIntegerField(
        gettext_lazy("place in the list"), default=0, help_text=gettext_lazy("Boards stand in this order.")
    )
    version = models.BigIntegerField(db_default=next_version(), editable=False)

    objects = BoardQuerySet.as_manager()
    personal = {}

    class Meta:
        verbose_name = gettext_lazy("board")
        verbose_name_plural = gettext_lazy("boards")
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(condition=GROUP_IS_NAMED, name="board_names_its_group")]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs) -> None:
        self.guidelines_html = text.render(self.guidelines) if self.guidelines else ""
        super().save(**kwargs)
        Board.objects.filter(pk=self.pk).update(version=next_version())

    def get_absolute_url(self) -> str:
        return board_address(self.slug)

    @property
    def is_anonymous(self) -> bool:
        """May members post here under a name made for one conversation?"""
        return self.anonymous_at is not None

    @transaction.atomic
    def allow_anonymous(self, *, by: User, reason: str) -> None:
        """Let members post here under a name made for one conversation."""
        if not self._fresh().is_anonymous:
            self.anonymous_at = now_in_steps()
            self.save(update_fields=["anonymous_at"])
            record("forums.board_anonymous_allowed", by=by, target=self, reason=reason)

    @transaction.atomic
    def end_anonymous(self, *, by: User, reason: str) -> None:
        """Let nobody take a new name for a conversation here; whoever has one goes on under it."""
        if self._fresh().is_anonymous:
            self.anonymous_at = None
            self.save(update_fields=["anonymous_at"])
            record("forums.board_anonymous_ended", by=by, target=self, reason=reason)

    @property
    def is_held_first(self) -> bool:
        """Does a volunteer look at everything here before others see it?"""
        return self.held_first_at is not None

    @transaction.atomic
    def look_first(self, *, by: User, reason: str) -> None:
        """Let a volunteer look at everything new here before others see it."""
        if not self._fresh().is_held_first:
            self.held_first_at = now_in_steps()
            self.save(update_fields=["held_first_at"])
            record("forums.board_held_first", by=by, target=self, reason=reason)

    @transaction.atomic
    def show_at_once(self, *, by: User, reason: str) -> None:
        """Let what is new here be seen at once; what waits goes on waiting."""
        if self._fresh().is_held_first:
            self.held_first_at = None
            self.save(update_fields=["held_first_at"])
            record("forums.board_shown_at_once", by=by, target=self, reason=reason)

    def _fresh(self) -> "Board":
        """This row as it stands, held until the transaction ends."""
        return Board.objects.select_for_update().get(pk=self.pk)

    @property
    def hours(self) -> tuple[time, time] | None:
        return (self.reads_from, self.reads_until) if self.reads_from and self.reads_until else None

    @property
    def is_read_now(self) -> bool:
        """Is somebody reading at this moment, by the hours given (they may pass midnight)?"""
        if not self.hours:
            return False
        start, end = self.hours
        now = timezone.localtime(timezone=timezone.get_default_timezone()).time()
        return start <= now < end if start <= end else now >= start or now < end

    def audiences_for(self, voice: Voice) -> list[tuple[Audience, Group | None]]:
        """Who may read what `voice` starts here: the board's own audience first, then narrower ones, never a wider one."""
        offered: list[tuple[Audience, Group | None]] = [(Audience(self.audience), self.audience_group)]
        if self.audience == Audience.EVERYONE:
            offered.append((Audience.MEMBERS, None))
        if self.audience != Audience.GROUP and not voice.is_persona:
            offered += [(Audience.GROUP, circle) for circle in voice.circles]
        return offered

    def start(self, voice: Voice, **words: Any) -> Any:
        """Open a conversation here; see `Topic.begin` for the words it takes."""
        return self.topics.model.begin(self, voice, **words)


_newest = Prepared(lambda _viewer: Board.objects.order_by("-version").only("version")[:1])
