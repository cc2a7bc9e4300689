"""`Approval`: the way to being a mentor, for how long somebody is one, and how that ends."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.members.models import MENTORS, User
from community.moderation.models import Claimable
from community.notifications.models import notify
from community.times import now_in_steps

from .places import GivesPlaces

APPROVED_FOR = timedelta(days=365)
# So long before an approval runs out it can be renewed, and so long before its mentor is told.
RENEWED_BEFORE, TOLD_BEFORE = timedelta(days=60), timedelta(days=30)


class Approval(GivesPlaces, Claimable):
    """The part of a mentor that was applied for and that coordinators look after, from the first line on."""

    begun_at = models.DateTimeField(default=now_in_steps, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_until = models.DateField(_("approved until"), null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refusal = models.CharField(_("why not, or not yet"), max_length=1000, blank=True, editable=False)
    experienced_at = models.DateTimeField(_("trained for harder stories since"), null=True, editable=False)
    paused_at = models.DateTimeField(_("rests since"), null=True, editable=False)
    stood_down_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    renewal_asked_at = models.DateTimeField(_("asked to go on"), null=True, editable=False)
    lapse_told_at = models.DateTimeField(null=True, editable=False)  # that it runs out soon

    user: Any
    body: Any
    as_seen: Any

    class Meta:
        abstract = True

    @property
    def has_stopped(self) -> bool:
        return self.stood_down_at is not None

    @property
    def is_waiting(self) -> bool:
        """Is it with the coordinators, for the first time or again?"""
        first = self.applied_at is not None and self.approved_at is None and self.refused_at is None
        return not self.has_stopped and (first or self.renewal_asked_at is not None)

    @property
    def is_lapsed(self) -> bool:
        return self.approved_at is not None and not self.has_stopped and not self.is_approved

    @property
    def is_renewable(self) -> bool:
        """Has it run out, or will it soon?"""
        if self.approved_until is None or self.has_stopped:
            return False
        return self.approved_until <= timezone.localdate() + RENEWED_BEFORE

    @property
    def is_approved(self) -> bool:
        return self.approved_until is not None and self.approved_until >= timezone.localdate() and not self.has_stopped

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @transaction.atomic
    def apply(self) -> None:
        """Hand the application in."""
        self._lock()
        if self.applied_at is not None and self.refused_at is None and not self.has_stopped:
            return
        self.applied_at = now_in_steps()
        self.approved_at = self.approved_until = self.refused_at = self.stood_down_at = self.renewal_asked_at = None
        self.experienced_at = None
        self.refusal = ""
        self.save()

    @transaction.atomic
    def approve(self, *, by: User, reason: str = "", until: date | None = None, seen: str = "") -> None:
        """Let them be a mentor for a year; again before it is over, for another one.

        `seen` is `as_seen` of their words as they were looked at.
        """
        self._lock()
        if self.applied_at is None or self.has_stopped or (seen and seen != self.as_seen):
            return
        self.approved_at = timezone.now()
        self.approved_until = until or timezone.localdate() + APPROVED_FOR
        self.refused_at, self.refusal = None, ""
        self.renewal_asked_at = self.lapse_told_at = None
        self.save()
        Decision.objects.mark_reversed(Decision.objects.about(self).standing().filter(act__in=(Act.REFUSE, Act.END)))
        self.user.groups.add(Group.objects.get_or_create(name=MENTORS)[0])
        self.give_places()
        record("mentorship.mentor_approved", by=by, target=self, reason=reason)
        notify([self.user], "mentorship.mentor_approved", target=self)

    @transaction.atomic
    def refuse(self, *, by: User, reason: str, rule: str = "") -> None:
        """Not, or not yet: the reason goes to whoever applied, and the text stays theirs to change.

        Of an approval that was to be renewed, what is left of it runs on.
        """
        self._lock()
        if not self.is_waiting:
            return
        self.refusal, self.renewal_asked_at = reason[:1000], None
        self.refused_at = timezone.now() if self.approved_at is None else None
        self.save()
        decide(Act.REFUSE, self, by=by, reason=reason, rule=rule, action="mentorship.mentor_refused", kept={"body": self.body})

    @transaction.atomic
    def ask_to_go_on(self) -> None:
        """Ask for another year; what was approved runs on meanwhile."""
        self._lock()
        if self.approved_at is None or self.has_stopped or self.renewal_asked_at is not None:
            return
        self.renewal_asked_at, self.refusal = now_in_steps(), ""
        self.save()

    @transaction.atomic
    def end_approval(self, *, by: User, reason: str, rule: str = "", with_pairs: bool = False) -> None:
        """Let them be no mentor any more, from this moment on. `with_pairs` those whom they guide are let go, too."""
        self._take_nobody(with_pairs=with_pairs, decided_by=by)
        if self.approved_at is None or self.has_stopped:
            return
        kept = {"approved_until": self.approved_until.isoformat() if self.approved_until else ""}
        self.approved_at = self.approved_until = self.renewal_asked_at = self.experienced_at = None
        self.refused_at, self.refusal = timezone.now(), reason[:1000]
        self._leave()
        decide(Act.END, self, by=by, reason=reason, rule=rule, action="mentorship.mentor_ended", kept=kept)

    @transaction.atomic
    def undo(self, decision: Decision, *, by: User, reason: str) -> None:
        """What was turned down waits to be looked at anew; whoever was ended is a mentor again, for as long as it was to be."""
        self._lock()
        if self.has_stopped or not (self.refused_at or self.refusal):
            return
        if decision.act == Act.END:
            until = decision.kept.get("approved_until")
            return self.approve(by=by, reason=reason, until=date.fromisoformat(until) if until else None)
        if self.approved_at is not None:
            self.renewal_asked_at = now_in_steps()
        self.refused_at, self.refusal = None, ""
        self.save()
        record("mentorship.mentor_reopened", by=by, target=self, reason=reason)

    @transaction.atomic
    def stand_down(self, *, with_pairs: bool = False) -> None:
        """Stop being a mentor. Questions are answered kindly with a no; those whom they guide go on, or are let go, too."""
        self._take_nobody(with_pairs=with_pairs, by=self.user)
        if self.has_stopped:
            return
        self.stood_down_at = timezone.now()
        self.paused_at = self.renewal_asked_at = self.experienced_at = None
        self._leave()

    @transaction.atomic
    def let_lapse(self) -> None:
        """Their approval has run out: nobody new is brought, and they leave the circle. Those whom they guide go on."""
        self._take_nobody()
        if not self.is_lapsed or not self.user.groups.filter(name=MENTORS).exists():
            return
        self._leave()
        notify([self.user], "mentorship.mentor_lapsed", target=self)

    @transaction.atomic
    def tell_of_lapse(self) -> None:
        """Say that the approval runs out soon, once."""
        rows: Any = type(self)._default_manager
        if rows.to_tell().filter(pk=self.pk).update(lapse_told_at=timezone.now()):
            notify([self.user], "mentorship.mentor_lapsing", target=self)

    def _take_nobody(self, **how: Any) -> None:
        """Answer open questions with a no, then hold this mentor: people come before mentors where several are held."""
        self.matches.model.let_go(self, **how)
        self._lock()

    def _leave(self) -> None:
        self.save()
        self.user.groups.remove(*Group.objects.filter(name=MENTORS))
        self.give_places()

    @transaction.atomic
    def trust(self, *, by: User, reason: str) -> None:
        """They are trained for harder stories; it ends with their being a mentor, and is looked at anew if they are one again."""
        rows: Any = type(self)._default_manager
        if rows.approved().filter(pk=self.pk, experienced_at=None).update(experienced_at=timezone.now()):
            record("mentorship.mentor_trusted", by=by, target=self, reason=reason)

    @transaction.atomic
    def spare(self, *, by: User, reason: str) -> None:
        """Harder stories are not for them any more."""
        if type(self)._default_manager.filter(pk=self.pk, experienced_at__isnull=False).update(experienced_at=None):
            record("mentorship.mentor_spared", by=by, target=self, reason=reason)
