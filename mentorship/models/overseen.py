"""`Overseen`: what coordinators and leads do to a pair. Each side has a statement of reasons, and each act its opposite.

Why a room is closed or a pair ended for safety stays in the log: told in full, it could lead back to whoever called. The two read
a calm sentence instead, or what the lead writes for them.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.members.models import Block, User
from community.notifications.models import notify

from .parting import Parting

FROZEN_BECAUSE = _(
    "This room is closed for a while, so that there is time to look at how things are. That says nothing about what either of you "
    "did. You can write to us at any time."
)
ENDED_BECAUSE = _(
    "We ended your time together so that both of you are safe. That says nothing about what either of you did, and we can’t say "
    "more here. You can write to us at any time."
)
TAKEN_BACK_BECAUSE = _(
    "We took this question back before it was answered. That says nothing about either of you; there will be other questions."
)
WITH_MENTOR_BECAUSE = _(
    "Your mentor does not go on as a mentor here, so your time together ends. That says nothing about you; you can look for "
    "somebody else whenever you like."
)


class Overseen(Parting):
    """The part of a match that those who look after pairs can change, and undo."""

    # Only those in charge of safety, and the owners, read in the log why it was; so they alone look again.
    decided_for_safety = (Act.LOCK, Act.END)
    undone_by: ClassVar[dict[str, str]] = {Act.REMOVE: "put_testimonial_back", Act.LOCK: "unfreeze", Act.END: "reopen"}

    request: Any
    place: Any
    free: Any
    frozen_at: Any
    ended_by: Any
    answer_until: Any
    asked_at: Any
    mentor_id: int
    newcomer_accepted_at: Any
    mentor_accepted_at: Any
    is_open: Any
    is_over: Any
    as_reported: Any

    class Meta:
        abstract = True

    @property
    def both(self) -> list[User]:
        return [self.newcomer, self.mentor.user]

    def _decide(self, act: Act, voices: list[User], told: Any, *, by: User, reason: str, action: str) -> None:
        """A statement to each of these, and one entry in the log, which keeps the reason."""
        if not voices:
            record(action, by=by, target=self, reason=reason)
        for number, voice in enumerate(voices):
            once = action if number == 0 else ""
            decide(act, self, voice=voice, by=by, reason=str(told), recorded=reason, action=once)

    def _decided(self, act: Act) -> Any:
        return Decision.objects.about(self).standing().filter(act=act)

    @transaction.atomic
    def undo(self, decision: Decision, *, by: User, reason: str) -> None:
        """Undo what was decided about the two, for both; see `Decision.reverse`."""
        getattr(self, self.undone_by[decision.act])(by=by, reason=reason)

    # The room ---------------------------------------------------------------------------

    @transaction.atomic
    def freeze(self, *, by: User | None = None, reason: str = "", told: str = "") -> None:
        """Let nobody write. Without `by` one of the two asked for it, and nothing says which."""
        frozen = self._row.filter(frozen_at=None, began_at__isnull=False, ended_at=None).update(frozen_at=timezone.now())
        if frozen and by is not None:
            self._decide(Act.LOCK, self.both, told or FROZEN_BECAUSE, by=by, reason=reason, action="mentorship.match_frozen")
        self.refresh_from_db(fields=["frozen_at"])

    @transaction.atomic
    def unfreeze(self, *, by: User, reason: str) -> None:
        if self._row.filter(frozen_at__isnull=False).update(frozen_at=None):
            Decision.objects.mark_reversed(self._decided(Act.LOCK))
            record("mentorship.match_unfrozen", by=by, target=self, reason=reason)
            notify(self.both, "mentorship.match_unfrozen", target=self)
        self.refresh_from_db(fields=["frozen_at"])

    # The pair ---------------------------------------------------------------------------

    @transaction.atomic
    def end_for_safety(self, *, by: User, reason: str, told: str = "") -> None:
        """End the pair, or take the question back. Both learn that it is over, and not why."""
        self._hold()
        if self.is_open:
            self._take_back(by=by, reason=reason, told=told)
        elif self._end_pair(self.Ending.SAFETY, None):
            told = told or str(ENDED_BECAUSE)
            self._decide(Act.END, self.both, told, by=by, reason=reason, action="mentorship.match_ended_for_safety")

    @transaction.atomic
    def take_back(self, *, by: User, reason: str, told: str = "") -> None:
        """Take a question back that the two have yet to answer; they are told, and not why. Who said yes has a statement."""
        self._hold()
        if self.is_open:
            self._take_back(by=by, reason=reason, told=told)

    def _take_back(self, *, by: User, reason: str, told: str) -> None:
        self._end(self.Ending.TAKEN_BACK, "programme")
        self.mentor.count_free()
        yes = [(self.newcomer_accepted_at, self.newcomer), (self.mentor_accepted_at, self.mentor.user)]
        voices = [voice for said_at, voice in yes if said_at is not None]
        told = told or str(TAKEN_BACK_BECAUSE)
        self._decide(Act.END, voices, told, by=by, reason=reason, action="mentorship.match_taken_back")
        notify(self.both, "mentorship.match_taken_back", target=self)

    def state_end_with_mentor(self, *, by: User) -> None:
        """Tell the newcomer that it ended because their mentor was ended; why that was is between the mentor and the staff."""
        action = "mentorship.match_ended_with_mentor"
        decide(Act.END, self, voice=self.newcomer, by=by, reason=str(WITH_MENTOR_BECAUSE), action=action)

    @property
    def was_ended_by_staff(self) -> bool:
        return self.is_over and self._decided(Act.END).exists()

    @transaction.atomic
    def reopen(self, *, by: User, reason: str) -> None:
        """Let them go on where they were, as far as that can be by now: nobody is gone, or together with somebody else."""
        self._hold()
        if not self.was_ended_by_staff:
            return
        Decision.objects.mark_reversed(self._decided(Act.END))
        if self._can_go_on():
            self.ended_at, self.ending, self.ended_by = None, "", ""
            if self.began_at is None:
                self.answer_until = timezone.now() + (self.answer_until - self.asked_at)
            else:
                self.place = self.mentor.first_free_place.number
            self.save()
            self.mentor.count_free()
        record("mentorship.match_reopened", by=by, target=self, reason=reason)
        notify(self.both, "mentorship.match_reopened", target=self, note=reason)

    def _can_go_on(self) -> bool:
        rows: Any = type(self)._default_manager.exclude(pk=self.pk)
        pair = Q(blocker=self.newcomer_id, blocked=self.mentor_id) | Q(blocker=self.mentor_id, blocked=self.newcomer_id)
        if Block.objects.filter(pair).exists() or not self.mentor.is_approved:
            return False
        if not all(voice.is_active for voice in self.both):
            return False
        if self.began_at is None:
            again = rows.open().filter(newcomer=self.newcomer_id, mentor=self.mentor_id)
            return self.request.is_open and self.mentor.free > 0 and not again.exists()
        looks_on = type(self.request)._default_manager.open().filter(user=self.newcomer_id).exists()
        elsewhere = rows.active().filter(newcomer=self.newcomer_id).exists()
        return self.mentor.first_free_place is not None and not looks_on and not elsewhere

    # What stands on the mentor's page -------------------------------------------------------

    @transaction.atomic
    def take_down_testimonial(self, *, by: User, reason: str, rule: str = "") -> None:
        """Take words away that should not stand there: whoever wrote them has a copy, and both learn why."""
        self._hold()
        if not self.testimonial:
            return
        shown = self.testimonial_shown_at
        kept = self._testimonial_kept() | {"shown_at": shown.isoformat() if shown else ""}
        self.withdraw_testimonial()
        action = "mentorship.testimonial_taken_down"
        decide(Act.REMOVE, self, voice=self.newcomer, by=by, reason=reason, rule=rule, action=action, kept=kept)
        notify([self.mentor.user], "mentorship.testimonial_taken_down", target=self, note=reason)

    def _testimonial_kept(self) -> dict[str, Any]:
        self.reported = "testimonial"
        return self.as_reported() | {"is_named": self.testimonial_is_named}

    @property
    def has_testimonial_taken_down(self) -> bool:
        return self._decided(Act.REMOVE).exists()

    @transaction.atomic
    def put_testimonial_back(self, *, by: User, reason: str) -> None:
        """Put them back as they stood, unless new ones stand there by now."""
        self._hold()
        taken = self._decided(Act.REMOVE).order_by("-pk").first()
        if taken is None:
            return
        Decision.objects.mark_reversed(self._decided(Act.REMOVE))
        record("mentorship.testimonial_put_back", by=by, target=self, reason=reason)
        if self.testimonial:
            return
        shown = taken.kept.get("shown_at")
        self.testimonial, self.testimonial_is_named = taken.kept["body"], bool(taken.kept.get("is_named"))
        self.testimonial_shown_at = datetime.fromisoformat(shown) if shown else None
        self.save(update_fields=["testimonial", "testimonial_is_named", "testimonial_shown_at"])
        notify(self.both, "mentorship.testimonial_put_back", target=self, note=reason)
