"""What volunteers decide about words: every act leaves a statement of reasons with whoever wrote them, and has its opposite.

Start with `hide` and `restore`. Appeals and `Decision.reverse` come in by `undo`.
"""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction

from community.audit.models import record
from community.decisions.models import About, Act, Decision, decide, decide_each
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

from .notes import Note
from .redacting import Redacted
from .references import Reference

# What keeps words from being seen; one verb undoes them all.
TAKEN_AWAY = (Act.HIDE, Act.REMOVE, Act.REVISE)


class Decided(Redacted):
    """The part of a contribution that volunteers decide about. A reason comes with each act; a rule, where one was broken."""

    # Which fields are words of whoever wrote it: what they keep, and what goes when it is removed.
    own_words: ClassVar[tuple[str, ...]] = ("body", "note_words")
    undone_by: ClassVar[dict[str, str]] = {
        Act.HIDE: "restore",
        Act.REMOVE: "restore",
        Act.REVISE: "restore",
        Act.WITHIN: "restore_whole",
        Act.REDACT: "put_back",
        Act.FOLD: "unfold",
        Act.NOTE: "take_off_note",
    }

    # Not shown to others, for whatever reason; the two below say for which, where it is not a volunteer who hid it.
    hidden_at = models.DateTimeField(null=True, editable=False)
    # Waits until a volunteer has looked; nobody was told of it yet.
    held_at = models.DateTimeField(null=True, editable=False)
    # Lies with its author again, for a change.
    sent_back_at = models.DateTimeField(null=True, editable=False)
    # Several asked to have it looked at: folded for everybody until somebody has.
    folded_at = models.DateTimeField(null=True, editable=False)

    public_id: Any
    voice: Any
    body: Any
    body_html: Any
    notes: Any
    note_words: Any
    is_withdrawn: Any
    action: Any
    set_note: Any
    revision: Any
    render: Any
    renew_quotes: Any
    leave_quotes: Any
    touch: Any
    show: Any
    _lock: Any

    class Meta:
        abstract = True

    @property
    def is_hidden(self) -> bool:
        return self.hidden_at is not None

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    @property
    def is_sent_back(self) -> bool:
        return self.sent_back_at is not None

    @property
    def is_folded_for_all(self) -> bool:
        return self.folded_at is not None

    @property
    def is_removed(self) -> bool:
        """Hidden, and its words are with nobody but whoever wrote them."""
        return self.is_hidden and not self.is_withdrawn and not self.as_kept()

    @property
    def was_shown(self) -> bool:
        """Did others see it once? What was held from the beginning has no place yet."""
        return True

    @classmethod
    def never_seen(cls) -> models.Q:
        """The same in a query, the other way round."""
        return models.Q(pk__in=[])

    def as_kept(self) -> dict[str, str]:
        """What whoever wrote it keeps of it when it is taken away: their own words, as they stand."""
        return {name: getattr(self, name) for name in self.own_words if getattr(self, name)}

    # Not shown ---------------------------------------------------------------------

    @transaction.atomic(savepoint=False)
    def hide(self, *, by: User, reason: str, rule: str = "") -> None:
        """Show it to nobody but its author; its place is kept."""
        self._lock()
        if self.is_hidden and not (self.is_held or self.is_sent_back):
            return
        self._take_away(by=by, reason=reason, rule=rule)
        self.save(update_fields=["hidden_at", "held_at", "sent_back_at"])
        self._gone()
        decide(Act.HIDE, self, by=by, reason=reason, rule=rule, action=self.action("hidden"), kept=self.as_kept())

    @transaction.atomic(savepoint=False)
    def remove(self, *, by: User, reason: str, rule: str = "") -> None:
        """Show it to nobody and empty it: whoever wrote it has the words, and moderators their history."""
        self._lock()
        if self.is_removed or self.is_withdrawn:
            return
        kept = self.as_kept()
        self.revision().save()
        self._take_away(by=by, reason=reason, rule=rule)
        self._put_words({})
        self._gone()
        decide(Act.REMOVE, self, by=by, reason=reason, rule=rule, action=self.action("removed"), kept=kept)

    @transaction.atomic(savepoint=False)
    def revise(self, *, by: User, reason: str, rule: str = "") -> None:
        """Give it back to its author for a change; others see it when somebody has looked at it again."""
        self._lock()
        if self.is_sent_back or self.is_removed or self.is_withdrawn:
            return
        self._take_away(by=by, reason=reason, rule=rule)
        self.sent_back_at = self.hidden_at
        self.save(update_fields=["hidden_at", "held_at", "sent_back_at"])
        self._gone()
        decide(Act.REVISE, self, by=by, reason=reason, rule=rule, action=self.action("sent_back"), kept=self.as_kept())

    @transaction.atomic(savepoint=False)
    def restore(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Show it again at its old place, with the words it had. `of` one decision: others keep holding."""
        self._lock()
        holding = list(Decision.objects.about(self).standing().filter(act__in=TAKEN_AWAY).order_by("pk"))
        undone = holding if of is None else [each for each in holding if each.pk == of.pk]
        if not undone and not (self.is_hidden and of is None):
            return
        if removed := next((each for each in undone if each.act == Act.REMOVE), None):
            self._give_back(removed)
        Decision.objects.mark_reversed(undone)
        record(self.action("restored"), by=by, target=self, reason=reason)
        if len(undone) < len(holding) or self.is_held:
            # Held: its author sent it again, and whoever undoes this saw the words as they stood before.
            return
        if self.was_shown:
            self.hidden_at = self.held_at = self.sent_back_at = None
            self.save(update_fields=["hidden_at", "held_at", "sent_back_at"])
            self._changed()
        elif not self.is_withdrawn:
            self.show(by=by)
        self._give_back_within(reason)
        self._tell_restored(reason)

    def _tell_restored(self, reason: str) -> None:
        """Say that it stands as it was again, unless it is not shown for another reason."""
        if not (self.is_hidden or self.is_withdrawn):
            notify([self.voice], "contributions.restored", target=self, note=reason)

    @transaction.atomic(savepoint=False)
    def restore_whole(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Show it again because of somebody else whose words stand in it."""
        self.restore(by=by, reason=reason)

    @classmethod
    def seen_only_with(cls, rows: Iterable[Any]) -> Iterable[About]:
        """Whose words are seen only together with these: the row, the voice, and what tells them which words of theirs."""
        return ()

    def _take_away(self, *, by: User, reason: str, rule: str) -> None:
        """Whoever has words in it learns that, too."""
        if not self.is_hidden:
            others = self.seen_only_with([self])
            decide_each(Act.WITHIN, others, by=by, reason=reason, rule=rule, action="", batch=uuid.uuid4())
        self.hidden_at = self.hidden_at or now_in_steps()
        self.held_at = self.sent_back_at = None

    def _give_back_within(self, reason: str) -> None:
        """It is seen again, and so is what stands in it."""
        found = list(Decision.objects.about(self).standing().filter(act=Act.WITHIN).select_related("member", "persona"))
        Decision.objects.mark_reversed(found)
        notify([decision.voice for decision in found], "contributions.restored", target=self, note=reason)

    def _give_back(self, removed: Decision) -> None:
        """The words as they stood; nothing where they were taken back meanwhile, or others stand there."""
        if self.is_removed:
            self._put_words(removed.kept)

    def _put_words(self, words: dict[str, Any]) -> None:
        for name in self.own_words:
            setattr(self, name, words.get(name, ""))
        self.set_note(Note.objects.filter(pk__in=self.notes), self.note_words)
        if words:
            self.render()
        else:
            self.body_html = ""
        self.save()

    def _gone(self) -> None:
        self.leave_quotes()
        self.touch()

    def _changed(self) -> None:
        self.renew_quotes()
        self.touch()

    # What stands above it ------------------------------------------------------------

    @transaction.atomic(savepoint=False)
    def add_note(self, *, by: User, reason: str, notes: Iterable[Note] = (), note_words: str = "", rule: str = "") -> None:
        """A moderator says what the words are about: beside the notes they carry, and in place of one's own words if given."""
        self._lock()
        before = {"notes": list(self.notes), "note_words": self.note_words}
        chosen = list(Note.objects.filter(pk__in={*self.notes, *(note.pk for note in notes)}))
        words = note_words or self.note_words
        if self.is_withdrawn or self.is_removed or ({note.pk for note in chosen}, words) == (set(self.notes), self.note_words):
            return
        self.set_note(chosen, words)
        self._show_note()
        added = [note.pk for note in chosen if note.pk not in before["notes"]]
        kept = {"before": before, "added": added, "words": words}
        decide(Act.NOTE, self, by=by, reason=reason, rule=rule, action=self.action("noted"), kept=kept)

    @transaction.atomic(savepoint=False)
    def take_off_note(self, *, by: User, reason: str, of: Decision) -> None:
        """Without the note that this decision put there; what others wrote above it stays."""
        self._lock()
        if of.is_reversed:
            return
        Decision.objects.mark_reversed([of])
        words = of.kept["before"]["note_words"] if self.note_words == of.kept["words"] else self.note_words
        if not self.is_withdrawn:
            self.set_note(Note.objects.filter(pk__in=set(self.notes) - set(of.kept["added"])), words)
            self._show_note()
        record(self.action("note_taken_off"), by=by, target=self, reason=reason)
        self._tell_restored(reason)

    @transaction.atomic(savepoint=False)
    def renew_note(self) -> None:
        """Say the note again as the list says it now."""
        self._lock()
        self.set_note(Note.objects.filter(pk__in=self.notes), self.note_words)
        self._show_note()

    def _show_note(self) -> None:
        references, shown = Reference.around(self)
        self.render(references)
        self.save(update_fields=["notes", "note_words", "note", "body_html", "renderer"])
        Reference.renew(shown)
        self.touch()

    @transaction.atomic(savepoint=False)
    def fold(self, *, by: User | None, reason: str, rule: str = "") -> None:
        """Fold it for everybody until somebody has looked; without `by` the house does, because several asked."""
        self._lock()
        if self.folded_at or self.is_hidden or self.is_withdrawn:
            return
        self.folded_at = now_in_steps()
        self.save(update_fields=["folded_at"])
        self._changed()
        decide(Act.FOLD, self, by=by, reason=reason, rule=rule, action=self.action("folded"))

    @transaction.atomic(savepoint=False)
    def unfold(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Show it as it was: somebody has looked."""
        self._lock()
        Decision.objects.mark_reversed(Decision.objects.about(self).standing().filter(act=Act.FOLD))
        if not self.folded_at:
            return
        self.folded_at = None
        self.save(update_fields=["folded_at"])
        self._changed()
        record(self.action("unfolded"), by=by, target=self, reason=reason)
        self._tell_restored(reason)

    # The opposite --------------------------------------------------------------------

    @transaction.atomic(savepoint=False)
    def undo(self, decision: Decision, *, by: User, reason: str) -> None:
        """Undo what was decided, as far as it holds; see `Decision.reverse`."""
        getattr(self, self.undone_by[decision.act])(by=by, reason=reason, of=decision)
