"""Words at which a volunteer looks before others see them: where that is so, what becomes of them, and how they come out.

What is held is hidden as well, so whatever asks what is seen needs to know nothing of it. Before it is shown it has no place,
is counted nowhere, and nobody is told of it. Start with `must_wait` and `Waits.show`.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.db import models, transaction
from django.db.models import Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.decisions.models import Act, Decision
from community.members.models import standing_decisions
from community.members.models.limits import number
from community.notifications.models import notify
from community.times import now_in_steps


class Holding(models.Model):
    """What is looked at first in the whole house; boards, conversations and members add their own."""

    everything = models.BooleanField(_("everything"), default=False)
    first_posts = number(
        _("the first posts of a new member"), default=0, least=0, most=50, help_text=_("So many of each member’s; 0 for none.")
    )

    personal = {}

    class Meta:
        verbose_name = verbose_name_plural = _("what is looked at first")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_holding")]

    def __str__(self) -> str:
        return str(_("What is looked at first"))

    @classmethod
    def current(cls) -> "Holding":
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def beside(cls) -> Subquery:
        """The same as a value beside something else, to make one of; None if nothing was ever chosen."""
        return Subquery(cls.objects.filter(pk=1).values(held=JSONObject(everything="everything", first_posts="first_posts")))


def must_wait(voice: Any, *, here: bool, holding: Holding | None = None, but: Any = None) -> bool:
    """Does a volunteer look at new words of `voice` first? `here` says whether that is so for everybody where they stand, `holding`
    what is so everywhere, if that was found already; `but` are words of theirs that are changed, and count for nothing.

    What an alias says waits because of the place or of the alias, never because of whoever is behind it: that would tell.
    """
    if here:
        return True
    holding = holding or Holding.current()
    if holding.everything:
        return True
    if voice.is_persona:
        return standing_decisions(voice, Act.HOLD).exists()
    return bool(voice.held_until) or _has_few(voice, holding.first_posts, but=but)


def _has_few(member: Any, number: int, *, but: Any) -> bool:
    """Were fewer than `number` posts of this member by name ever seen by others, without this one?"""
    kinds: Iterable[Any] = apps.get_models() if number else ()
    for model in kinds:
        if getattr(model, "waits_first", False):
            # What was taken back, or hidden, while it waited was seen by nobody.
            seen = model._default_manager.filter(author=member, held_at=None, sent_back_at=None).exclude(model.never_seen())
            if isinstance(but, model):
                seen = seen.exclude(pk=but.pk)
            number -= seen[:number].count()
            if number == 0:
                return False
    return number > 0


def stamp_of(words: dict[str, str]) -> str:
    """Stands for these words, so that nobody decides about others than they saw."""
    said = "\0".join(f"{name}\0{value}" for name, value in sorted(words.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


class Waits(models.Model):
    """The part of a contribution that waits until a volunteer has looked, and comes out as if it was written then."""

    # Do new ones wait, where a volunteer looks first? Of others only those that were given back for a change.
    waits_first: ClassVar[bool] = False

    public_id: Any
    voice: Any
    created_at: Any
    edited_at: Any
    hidden_at: Any
    held_at: Any
    sent_back_at: Any
    is_hidden: Any
    is_held: Any
    is_sent_back: Any
    is_removed: Any
    is_withdrawn: Any
    was_shown: Any
    as_kept: Any
    action: Any
    _change: Any
    tell_mentioned: Any
    _lock: Any
    _changed: Any
    _give_back_within: Any

    class Meta:
        abstract = True

    def hold(self) -> None:
        """Let it wait, before it is written for the first time."""
        self.hidden_at = self.held_at = self.created_at

    @property
    def lies_with_author(self) -> bool:
        """Can whoever wrote it still put it right before others see it (again)?"""
        return not self.is_withdrawn and (self.is_held or self.is_sent_back)

    @property
    def as_seen(self) -> str:
        """Stands for the words as they are: who looks at them shows these, not what they were changed to meanwhile."""
        return stamp_of(self.as_kept())

    @transaction.atomic
    def show(self, *, by: Any, seen: str = "") -> None:
        """Let others see what waited, now that somebody has looked. `seen` is `as_seen` of the words that they looked at.

        What others never saw gets its place and its time now, and only now is anybody told of it.
        """
        self._lock()
        if self.is_withdrawn or self.is_removed or not self.is_hidden or (self.was_shown and not self.is_held):
            return
        if seen and seen != self.as_seen:
            return
        waited, is_new = self.is_held, not self.was_shown
        self.hidden_at = self.held_at = self.sent_back_at = None
        if is_new:
            self.created_at, self.edited_at = now_in_steps(), None
            self.take_place()
        self.save()
        taken_away = Decision.objects.about(self).standing().filter(act__in=(Act.HIDE, Act.REVISE))
        Decision.objects.mark_reversed(taken_away)
        self._changed()
        self._give_back_within("")
        if is_new:
            self.tell()
        self.tell_mentioned()
        if waited:
            record(self.action("shown"), by=by, target=self)
            notify([self.voice], "contributions.shown", target=self)

    def take_place(self) -> None:
        """Find its place among what others see; a room extends it. Whoever calls this saves."""

    def tell(self) -> None:
        """Tell those whom it concerns, as if it was written just now; a room extends it. Who is named in it is told anyway."""

    @transaction.atomic
    def send_again(self, body: str, **changes: Any) -> bool:
        """Put it before the volunteers (again), with these words; False if it does not lie with its author any more."""
        self._lock()
        if not self.lies_with_author:
            return False
        self._change(body, **changes)
        self.held_at, self.sent_back_at = self.held_at or now_in_steps(), None
        self.save(update_fields=["held_at", "sent_back_at"])
        return True
