"""Changing words that others see already: where a volunteer looks first, those that stand there stay until one has.

Start with `Changing.edit`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.notifications.models import notify
from community.times import now_in_steps

from .holding import Waits, must_wait, stamp_of
from .notes import Note


class ChangeQuerySet(models.QuerySet):
    def of(self, words: models.Model) -> Self:
        return self.filter(target_type=ContentType.objects.get_for_model(words), target_id=words.pk)

    def of_any(self, words: Iterable[models.Model]) -> Self:
        """Of any of these, of whatever kind."""
        is_one = models.Q(pk__in=[])
        for each in words:
            is_one |= models.Q(target_type=ContentType.objects.get_for_model(each), target_id=each.pk)
        return self.filter(is_one)

    def waiting(self) -> Self:
        """For a volunteer to look at."""
        return self.filter(sent_back_at=None)


class Change(models.Model):
    """Words as their author wants them to be. Others see those from before, until a volunteer has looked."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    words = models.JSONField()
    asked_at = models.DateTimeField(_("changed"), default=now_in_steps)
    # Lies with its author again, for another change.
    sent_back_at = models.DateTimeField(null=True)

    objects = ChangeQuerySet.as_manager()
    personal = {"words": "erase"}

    class Meta:
        verbose_name = _("change that waits")
        verbose_name_plural = _("changes that wait")
        constraints = [models.UniqueConstraint(fields=["target_type", "target_id"], name="one_change_of_words_at_a_time")]
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(sent_back_at=None), name="changes_that_wait")]

    def __str__(self) -> str:
        return str(self.shown_title)

    @classmethod
    def of(cls, words: models.Model) -> "Change | None":
        return cls.objects.of(words).first()

    @property
    def voice(self) -> Any:
        return self.target.voice  # type: ignore[union-attr]

    @property
    def shown_title(self) -> str:
        return self.target.shown_title  # type: ignore[union-attr]

    @property
    def is_sent_back(self) -> bool:
        return self.sent_back_at is not None

    @property
    def as_seen(self) -> str:
        """Stands for the words as they are: who looks at them shows these, not what they were changed to meanwhile."""
        return stamp_of(self.words)

    def _held(self) -> "Change | None":
        """As it is now, with what it changes held until the transaction ends; None if it does not wait any more."""
        self.target._lock()  # type: ignore[union-attr]
        return Change.objects.waiting().filter(pk=self.pk).first()

    @transaction.atomic
    def show(self, *, by: Any, seen: str = "") -> None:
        """Let others see it, now that somebody has looked. `seen` is `as_seen` of the words that they looked at."""
        now = self._held()
        if now is not None and seen in ("", now.as_seen):
            self.target.take_change(by=by)  # type: ignore[union-attr]

    @transaction.atomic
    def send_back(self, *, by: Any, reason: str, rule: str = "") -> None:
        """Leave it as it was; whoever wants the change has it in the editor, to put it right."""
        now, words = self._held(), self.target
        if now is None or words is None:
            return
        now.sent_back_at = self.sent_back_at = now_in_steps()
        now.save(update_fields=["sent_back_at"])
        action = words.action("change_sent_back")  # type: ignore[attr-defined]
        decide(Act.CHANGE, words, by=by, reason=reason, rule=rule, action=action, kept=now.words)


class Changing(Waits):
    """The part of a contribution that its author changes."""

    # Fields beside one's own words at which a volunteer looks, too; what else can be changed is seen at once.
    also_looked_at: ClassVar[tuple[str, ...]] = ()
    own_words: ClassVar[tuple[str, ...]]
    undone_by: ClassVar[dict[str, str]] = {Act.CHANGE: "show_change"}

    body: Any
    notes: Any
    brings_back: Any

    class Meta:
        abstract = True

    @property
    def is_held_first(self) -> bool:
        """Does a volunteer look first at what is written in the place where it stands?"""
        return False

    @property
    def is_changed_later(self) -> bool:
        """Does a volunteer look first at a change, and others see it later?"""
        return self.waits_first and not self.is_hidden and must_wait(self.voice, here=self.is_held_first, but=self)

    @property
    def waiting_change(self) -> Change | None:
        """What its author wants it to be, and others do not see yet."""
        return Change.of(self)

    @property
    def _is_change_sent_back(self) -> bool:
        change = self.waiting_change
        return change is not None and change.is_sent_back

    @property
    def lies_with_author(self) -> bool:
        return super().lies_with_author or (not (self.is_hidden or self.is_withdrawn) and self.waiting_change is not None)

    @transaction.atomic
    def edit(self, body: str, **changes: Any) -> bool:
        """Change the words (and a room's own fields); the change is marked, the old words stay for moderators.

        `changes` are those of `_change`. Says whether the words wait for a volunteer: so do they where new ones would, after a
        change that was sent back, and where they bring back what was taken out.
        """
        self._lock()
        if self.is_withdrawn:
            return False
        words = {"body": body} | {name: changes[name] for name in (*self.own_words, *self.also_looked_at) if name in changes}
        there = {name: getattr(self, name) for name in words}
        waits = words != there and (self.is_changed_later or self._is_change_sent_back or self.brings_back(words))
        if waits:
            self._ask(words)
            changes |= there
            body = changes.pop("body")
        else:
            self.leave_change()
        self._change(body, **changes)
        return waits

    def leave_change(self) -> None:
        """Let it stand as others see it."""
        Change.objects.of(self).delete()

    @transaction.atomic
    def send_again(self, body: str, **changes: Any) -> bool:
        self._lock()
        if self.lies_with_author and not self.is_hidden:
            self.edit(body, **changes)
            return True
        if is_sent := super().send_again(body, **changes):
            self.leave_change()
        return is_sent

    def _ask(self, words: dict[str, str]) -> None:
        """What waited before is changed with it."""
        change = Change.of(self) or Change(target=self, words={})
        change.words, change.asked_at, change.sent_back_at = change.words | words, now_in_steps(), None
        change.save()

    def take_change(self, *, by: Any) -> None:
        """Put in what waited, and tell its author."""
        self.put_change()
        record(self.action("change_shown"), by=by, target=self)
        notify([self.voice], "contributions.shown", target=self)

    def put_change(self) -> None:
        """Put in what waited; nothing where there are no words any more."""
        words = dict(change.words) if (change := self.waiting_change) else {}
        self.leave_change()
        if words and not (self.is_withdrawn or self.is_removed):
            if "note_words" in words:
                words["notes"] = Note.objects.filter(pk__in=self.notes)
            self._change(words.pop("body", self.body), **words)

    @transaction.atomic
    def show_change(self, *, by: Any, reason: str, of: Decision) -> None:
        """Show after all what was sent back, unless its author went on with it since."""
        self._lock()
        change = Change.of(self)
        if change is not None and change.is_sent_back and change.words == of.kept:
            self.take_change(by=by)
        Decision.objects.mark_reversed([of])
