"""`Parting`: how the time of two comes to its end, what they say then, and what stays open after it."""

import hashlib
from datetime import date, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.members.models import COORDINATORS, User
from community.notifications.models import Notification, notify
from community.times import now_in_steps

from .together import RoomClosed, Together

# After so long without a word of either: both are asked once, coordinators see it, and the place is given free.
NUDGED_AFTER, STUCK_AFTER, RELEASED_AFTER = timedelta(days=14), timedelta(days=21), timedelta(days=35)
# Nobody is released who was not asked so long before.
WARNED_FOR = timedelta(days=20)
# So long before a planned end both are reminded of it.
REMINDED_BEFORE = timedelta(days=3)


class Parting(Together):
    """The end of a match: planned or not, and by whom it may be spoken of to others."""

    class Ending(models.TextChoices):
        DECLINED = "declined", _("One of them said no")
        EXPIRED = "expired", _("Nobody answered in time")
        TAKEN_BACK = "back", _("The question was taken back")
        PLANNED = "planned", _("It came to a good end")
        NO_FIT = "no_fit", _("It did not fit")
        STOPPED = "stopped", _("One of them stopped")
        QUIET = "quiet", _("It went quiet")
        SAFETY = "safety", _("Ended for safety")
        MEMORY = "memory", _("One of them is kept in memory")

    ending_reminded_at = models.DateTimeField(null=True)
    # With the newcomer's name, because they chose so; without it otherwise.
    testimonial_is_named = models.BooleanField(default=False)

    ending: Any
    ending_planned_for: Any
    testimonial: Any
    testimonial_shown_at: Any
    mentor: Any
    newcomer: Any
    newcomer_id: int
    public_id: Any
    get_absolute_url: Any

    class Meta:
        abstract = True

    @property
    def _row(self) -> Any:
        """This match as a query, to ask whether something is due, and to do it only then."""
        return type(self)._default_manager.filter(pk=self.pk)

    @property
    def is_across_a_block(self) -> bool:
        raise NotImplementedError

    def _hold(self) -> None:
        raise NotImplementedError

    def _end(self, ending: str, side: str) -> None:
        raise NotImplementedError

    def _end_pair(self, ending: str, by: User | None) -> bool:
        raise NotImplementedError

    # A long quiet -------------------------------------------------------------------

    @property
    def quiet_since(self) -> Any:
        """When one of them said something last, or when they began."""
        return self.spoke_at or self.began_at

    @transaction.atomic
    def nudge(self) -> bool:
        """Ask both once whether it still goes on; a word of either answers it. False if it is not quiet, or they were asked."""
        asked = self._row.to_nudge().update(nudged_at=timezone.now())
        if asked:
            notify([self.newcomer, self.mentor.user], "mentorship.match_nudged", target=self)
        return bool(asked)

    @transaction.atomic
    def release(self) -> bool:
        """Give both free after a long quiet, with no blame: the mentor's place, and the newcomer to look on. False if one spoke."""
        self._hold()
        if not self._row.to_release().exists():
            return False
        self._finish(self.Ending.QUIET, "mentorship.match_released")
        return True

    def _finish(self, ending: str, kind: str) -> None:
        """End it for neither of the two, and tell both. Whoever calls this holds the match."""
        self._end(ending, "programme")
        self.mentor.give_places()
        notify([self.newcomer, self.mentor.user], kind, target=self)

    @transaction.atomic
    def remember(self, *, of: User) -> bool:
        """`of` is kept in memory, so it is over, and the other one is told gently. False if it was over."""
        self._hold()
        if self.began_at is None or self.ended_at is not None:
            return False
        self._end(self.Ending.MEMORY, "programme")
        self.mentor.give_places()
        notify([self.other_than(of)], "mentorship.match_remembered", target=self)
        return True

    # A planned end ------------------------------------------------------------------

    @transaction.atomic
    def plan_ending(self, day: date | None, *, by: User) -> None:
        """Choose the last day together, another one, or with None no day; the other one is told. Raises RoomClosed."""
        self.hold_open()
        if day == self.ending_planned_for:
            return
        self.ending_planned_for = day
        # Whoever plans for these days needs no reminder.
        is_near = day is not None and day <= timezone.localdate() + REMINDED_BEFORE
        self.ending_reminded_at = timezone.now() if is_near else None
        self.save(update_fields=["ending_planned_for", "ending_reminded_at"])
        notify([self.other_than(by)], "mentorship.ending_planned", by=by, target=self)

    @transaction.atomic
    def remind_of_ending(self) -> bool:
        reminded = self._row.to_remind().update(ending_reminded_at=timezone.now())
        if reminded:
            notify([self.newcomer, self.mentor.user], "mentorship.ending_approached", target=self)
        return bool(reminded)

    @transaction.atomic
    def end_as_planned(self) -> bool:
        """End it, the day being over that they planned. False if they chose another one meanwhile."""
        self._hold()
        if not self._row.to_end_as_planned().exists():
            return False
        self._finish(self.Ending.PLANNED, "mentorship.match_ended")
        return True

    # What is said at the end ----------------------------------------------------------

    @property
    def ended_well(self) -> bool:
        """Did it end in a way after which a thank-you is welcome?"""
        return self.ending in (self.Ending.PLANNED, self.Ending.QUIET)

    @property
    def lets_words_pass(self) -> bool:
        """Do words go from one to the other still, here at the end?"""
        return (self.ended_at is None or self.ended_well) and not self.is_frozen and not self.is_across_a_block

    @transaction.atomic
    def part(
        self,
        *,
        by: User,
        thanks: str | None = None,
        feedback: str | None = None,
        testimonial: str | None = None,
        is_named: bool = False,
    ) -> bool:
        """Say what there is to say at the end, and end it if it goes on still; True if this ended it. None leaves words alone.

        Raises RoomClosed where no words go from one to the other any more, or the room rests.
        """
        self._hold()
        if (thanks or testimonial or self.ended_at is None) and not self.lets_words_pass:
            raise RoomClosed
        ends_now = self._end_pair(self.Ending.PLANNED, by)
        side = self.side_of(by).value
        before = getattr(self, f"{side}_thanks")
        for name, words in (("thanks", thanks), ("feedback", feedback)):
            if words is not None:
                setattr(self, f"{side}_{name}", words)
        if side == "newcomer" and testimonial is not None:
            self._put_testimonial(testimonial, is_named)
        self.save()
        # To whom it ends now learns that, and finds the thank-you there.
        if thanks and not before and not ends_now:
            self._tell_once(self.other_than(by), "mentorship.thanks_written")
        return ends_now

    def _tell_once(self, user: User, kind: str) -> None:
        """Tell it the first time; whoever changes it as often as they like calls nobody again."""
        if not Notification.objects.filter(recipient=user, kind=kind, thread=self.public_id).exists():
            notify([user], kind, target=self)

    def _put_testimonial(self, words: str, is_named: bool) -> None:
        """Other words, or another name, are for the mentor to choose anew."""
        if (words, is_named and bool(words)) == (self.testimonial, self.testimonial_is_named):
            return
        self.testimonial, self.testimonial_is_named, self.testimonial_shown_at = words, is_named and bool(words), None
        if words:
            self._tell_once(self.mentor.user, "mentorship.testimonial_written")

    @property
    def testimonial_stamp(self) -> str:
        """Tells one wording from another, so that nobody shows what they have not read."""
        return hashlib.sha256(f"{self.testimonial}\x1f{self.testimonial_is_named}".encode()).hexdigest()[:16]

    @transaction.atomic
    def show_testimonial(self, *, seen: str) -> bool:
        """Let others read it on the mentor's page. False if it was changed or taken back since the mentor read it."""
        self._hold()
        if not self.testimonial or seen != self.testimonial_stamp:
            return False
        if self.testimonial_shown_at is None:
            self.testimonial_shown_at = now_in_steps()
            self.save(update_fields=["testimonial_shown_at"])
            self._tell_once(self.newcomer, "mentorship.testimonial_shown")
        return True

    @transaction.atomic
    def hide_testimonial(self) -> None:
        self._row.update(testimonial_shown_at=None)

    @transaction.atomic
    def withdraw_testimonial(self) -> None:
        """The newcomer takes it back; from this moment on nobody reads it, the mentor included."""
        nothing: dict[str, Any] = {"testimonial": "", "testimonial_is_named": False, "testimonial_shown_at": None}
        self._row.update(**nothing)

    # Asking to have it looked at ------------------------------------------------------

    looked_after_by = COORDINATORS
    is_between_two = True
    # Why a pair was parted or its room closed can lead back to whoever called.
    is_for_leads = True
    # Which of its words a report is about: those for others, or a thank-you.
    reported = "testimonial"

    @classmethod
    def kept_from(cls, viewer: Any) -> models.QuerySet:
        """One's own: what is said about these is for others to look at."""
        return cls._default_manager.filter(Q(newcomer=viewer.pk) | Q(mentor=viewer.pk))

    def thanks_from_other_than(self, user: Any) -> Self:
        """The same, for a report of what the other one says at the end."""
        self.reported = "mentor_thanks" if user.pk == self.newcomer_id else "newcomer_thanks"
        return self

    @property
    def report_key(self) -> str:
        """What a form says of it; whose words are on a mentor's page, nobody finds by it."""
        return self.testimonial_stamp if self.reported == "testimonial" else str(self.public_id)

    reported_with = "mentorship/_words_reported.html"

    @property
    def voice(self) -> User:
        """Whose words those are."""
        return self.mentor.user if self.reported == "mentor_thanks" else self.newcomer

    @property
    def reported_at(self) -> str:
        """Where they stand."""
        return self.mentor.get_absolute_url() if self.reported == "testimonial" else self.get_absolute_url()

    @property
    def reported_words(self) -> str:
        return getattr(self, self.reported)

    def as_reported(self) -> dict[str, str]:
        name = self.mentor.user.username
        title = gettext("Words about %(name)s") % {"name": name} if self.reported == "testimonial" else gettext("A thank-you")
        return {"title": title, "body": self.reported_words}
