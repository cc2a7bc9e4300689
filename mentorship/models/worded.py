"""`Worded`: what volunteers decide about a mentor's words, each with a statement of reasons and its opposite.

While its words are not shown nobody new is brought to a mentor, or finds their page; whoever is with them goes on with them.
"""

from typing import Any, ClassVar

from django.db import models, transaction

from community.audit.models import record
from community.contributions.holding import stamp_of
from community.contributions.redacting import Redacted
from community.contributions.revisions import Revision
from community.decisions.models import Act, Decision, decide
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

TAKEN_AWAY = (Act.HIDE, Act.REVISE)


class Worded(Redacted):
    """The part of a mentor that others read."""

    own_words: ClassVar[tuple[str, ...]] = ("story", "offers", "limits")

    # Not shown to others; the two below say why, where no volunteer hid it for good.
    hidden_at = models.DateTimeField(null=True, editable=False)
    held_at = models.DateTimeField(null=True, editable=False)  # was changed, and waits for a coordinator
    sent_back_at = models.DateTimeField(null=True, editable=False)  # lies with its mentor, for a change

    user: Any
    count_free: Any

    class Meta:
        abstract = True

    @property
    def body(self) -> str:
        """All that they say, one after the other."""
        return "\n\n".join(self.as_kept().values())

    @property
    def has_hidden_words(self) -> bool:
        return self.hidden_at is not None

    def as_kept(self) -> dict[str, str]:
        """Their own words, as they stand."""
        return {name: getattr(self, name) for name in self.own_words if getattr(self, name)}

    @property
    def as_seen(self) -> str:
        """Stands for their words as they are: who looks at them shows these, not what they were changed to meanwhile."""
        return stamp_of(self.as_kept())

    def action(self, past: str) -> str:
        return f"mentorship.mentor_{past}"

    def revision(self) -> Revision:
        return Revision(target=self, title=self.user.username, body=self.body)

    @transaction.atomic
    def hide(self, *, by: User, reason: str, rule: str = "") -> None:
        """Show their words to nobody but themselves."""
        self._take_away(Act.HIDE, by=by, reason=reason, rule=rule)

    @transaction.atomic
    def revise(self, *, by: User, reason: str, rule: str = "") -> None:
        """Give their words back for a change; others see them when a coordinator has looked again."""
        self._take_away(Act.REVISE, by=by, reason=reason, rule=rule)

    def _take_away(self, act: Act, *, by: User, reason: str, rule: str) -> None:
        self._lock()
        if self.hidden_at is not None and self.held_at is None:
            return
        self.hidden_at, self.held_at = self.hidden_at or now_in_steps(), None
        self.sent_back_at = now_in_steps() if act == Act.REVISE else None
        self._keep_hidden()
        past = "sent_back" if act == Act.REVISE else "hidden"
        decide(act, self, by=by, reason=reason, rule=rule, action=self.action(past), kept={"body": self.body})

    def send_again(self) -> None:
        """A coordinator looks next at their words, as they changed them. Whoever calls this holds the mentor."""
        self.held_at, self.sent_back_at = now_in_steps(), None
        self.hidden_at = self.hidden_at or self.held_at
        self._keep_hidden()

    @transaction.atomic
    def restore(self, *, by: User, reason: str, of: Decision | None = None, seen: str = "") -> None:
        """Show their words again. `of` one decision: others keep holding. `seen` is `as_seen` of those that were looked at."""
        self._lock()
        if seen and seen != self.as_seen:
            return
        holding = list(Decision.objects.about(self).standing().filter(act__in=TAKEN_AWAY))
        undone = holding if of is None else [each for each in holding if each.pk == of.pk]
        if not undone and not (self.hidden_at and of is None):
            return
        Decision.objects.mark_reversed(undone)
        record(self.action("restored"), by=by, target=self, reason=reason)
        if len(undone) < len(holding):
            return
        if of is not None and of.kept.get("body") != self.body:
            # Whoever undoes this saw the words as they stood before.
            self.send_again()
        else:
            self.hidden_at = self.held_at = self.sent_back_at = None
            self._keep_hidden()
            self._tell_restored(reason)

    def undo(self, decision: Decision, *, by: User, reason: str) -> None:
        """Undo what was decided; see `Decision.reverse`."""
        if decision.act in TAKEN_AWAY:
            self.restore(by=by, reason=reason, of=decision)
        elif decision.act == Act.REDACT:
            self.put_back(by=by, reason=reason, of=decision)
        else:
            super().undo(decision, by=by, reason=reason)  # type: ignore[misc]

    def _keep_hidden(self) -> None:
        self.save(update_fields=["hidden_at", "held_at", "sent_back_at"])
        self.count_free()

    def _put_words(self, words: dict[str, Any]) -> None:
        for name in self.own_words:
            setattr(self, name, words.get(name, ""))
        self.save(update_fields=list(self.own_words))

    def _changed(self) -> None:
        """Nothing quotes a mentor's page, and no page of theirs is kept."""

    def _tell_restored(self, reason: str) -> None:
        if self.hidden_at is None:
            notify([self.user], "mentorship.mentor_restored", target=self, note=reason)
