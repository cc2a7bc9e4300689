"""`Beginning`: from a question to a pair, when both say yes; what speaks against it, and what becomes of a question unanswered."""

from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, User
from community.notifications.models import notify
from community.times import now_in_steps

from .holding import between, hold_mentors, hold_people, is_called_about
from .mentors import Mentor
from .pace import Pace
from .parting import Parting
from .places import all_matches
from .requests import Request
from .together import Side

# So many mentors somebody can ask at once, and one of them so often in the time of a question: each asking is news and a mail.
MOST_ASKED, MOST_TO_ONE = 3, 2


class CannotBegin(Exception):
    """These two can't be brought together, or not any more; the words say why, kindly."""


class Beginning(Parting):
    """The part of a match that is a question still. Each of its verbs holds everybody whom it concerns first; see `holding.py`."""

    class Origin(models.TextChoices):
        NEWCOMER = "newcomer", _("The newcomer chose")
        COORDINATOR = "coord", _("A coordinator matched them")
        COHORT = "cohort", _("Matched in a cohort")
        AGAIN = "again", _("Both asked for each other again")

    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.NEWCOMER)
    asked_at = models.DateTimeField(default=now_in_steps, editable=False)
    hello = models.TextField(_("a first line"), max_length=1000, blank=True)
    answer_until = models.DateTimeField()
    newcomer_accepted_at = models.DateTimeField(null=True)
    mentor_accepted_at = models.DateTimeField(null=True)

    request: Any
    mentor_id: int
    place: Any
    is_active: Any
    decline_reason: Any

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.began_at is None and self.ended_at is None

    @property
    def is_late(self) -> bool:
        """Is this a question that was to be answered by now?"""
        return self.is_open and timezone.now() >= self.answer_until

    @classmethod
    @transaction.atomic
    def ask(
        cls,
        request: Request,
        mentor: Mentor,
        *,
        by: User | None = None,
        origin: str = Origin.NEWCOMER,
        hello: str = "",
        **known: Any,
    ) -> Self:
        """Ask the two whether they want to begin; whoever asks has said yes. `known` is the score and what it is made of.

        Raises CannotBegin where it can't be: no place, a block, a pair that ended, somebody gone, or a question asked already.
        """
        hold_people(request.user_id, mentor.pk)
        mentor._lock()
        request.refresh_from_db()
        if not request.is_open:
            raise CannotBegin(_("This search is over meanwhile."))
        why_not(request.user_id, mentor)
        if is_called_about(request.user_id, mentor.pk):
            raise CannotBegin(not_to_be())
        if mentor.free < 1 or mentor.is_paused:
            raise CannotBegin(_("This mentor has no place free just now."))
        if all_matches().open().filter(newcomer=request.user_id, mentor=mentor).exists():
            raise CannotBegin(_("This mentor was asked already. They have a few days to answer."))
        if origin == cls.Origin.NEWCOMER and all_matches().open().filter(newcomer=request.user_id).count() >= MOST_ASKED:
            raise CannotBegin(_("You asked as many as can be asked at once. Wait for an answer, or take a question back."))
        asked_for = Pace.current().asked_for
        lately = all_matches().filter(newcomer=request.user_id, mentor=mentor, asked_at__gt=timezone.now() - asked_for)
        if origin == cls.Origin.NEWCOMER and lately.filter(origin=origin).count() >= MOST_TO_ONE:
            raise CannotBegin(_("You asked this mentor before, a few days ago. Let some more pass before you ask again."))
        match = cls(request=request, newcomer_id=request.user_id, mentor=mentor, by=by, origin=origin, hello=hello, **known)
        match.answer_until = timezone.now() + asked_for
        if origin == cls.Origin.NEWCOMER:
            match.newcomer_accepted_at = now_in_steps()
        match.save(force_insert=True)
        mentor.count_free()
        told = [mentor.user] if match.newcomer_accepted_at else [match.newcomer, mentor.user]
        notify(told, "mentorship.match_asked", by=match.newcomer if match.newcomer_accepted_at else None, target=match)
        return match

    def _hold(self) -> None:
        """Hold both people, the mentors whom this newcomer asked and this match, and see their newest state."""
        hold_people(self.newcomer_id, self.mentor_id)
        hold_mentors([self.mentor_id], asked_by=[self.newcomer_id])
        self.mentor._lock()
        self._hold_row(no_key=False)

    @transaction.atomic
    def accept(self, *, by: User) -> bool:
        """Say yes for one's own side; the second yes begins it. True if they are a pair now.

        Raises CannotBegin where it can't be any more; the place may have gone to somebody else.
        """
        self._hold()
        if self.is_active:
            return True
        if not self.is_open or timezone.now() >= self.answer_until:
            raise CannotBegin(_("This question is not open any more."))
        side = self.side_of(by)
        if side == Side.NEWCOMER and self.newcomer_accepted_at is None:
            self.newcomer_accepted_at = now_in_steps()
        elif side == Side.MENTOR and self.mentor_accepted_at is None:
            self.mentor_accepted_at = now_in_steps()
        if self.newcomer_accepted_at is None or self.mentor_accepted_at is None:
            self.save()
            return False
        # A yes of before they rested is none to begin now; and what the other one called the leads about comes first.
        rests_since = side == Side.NEWCOMER and self.mentor.is_paused
        if rests_since or is_called_about(self.newcomer_id, self.mentor_id, by=self.other_than(by)):
            raise CannotBegin(_("It can’t begin just now. Nobody did anything wrong, and you need do nothing more."))
        self.begin()
        return True

    def begin(self) -> None:
        """Give them a place and a room, both having said yes. Whoever calls this holds the people and the mentors."""
        why_not(self.newcomer_id, self.mentor)
        place = self.mentor.first_free_place
        if place is None:
            raise CannotBegin(_("This mentor’s last place is taken meanwhile. They may have one again later."))
        if all_matches().active().filter(newcomer=self.newcomer_id).exists():
            raise CannotBegin(_("There is a mentor already. One at a time keeps it a good thing for both."))
        self.place, self.began_at = place.number, now_in_steps()
        self.save()
        self.request.close(Request.Ending.FOUND)
        # Whoever else was asked is not needed now; they are told so, and keep their place.
        others = all_matches().open().filter(newcomer=self.newcomer_id).exclude(pk=self.pk)
        for other in others.select_related("mentor__user"):
            other._end(self.Ending.TAKEN_BACK, Side.NEWCOMER)
            notify([other.mentor.user], "mentorship.match_not_needed", target=other)
            other.mentor.count_free()
        self.mentor.count_free()
        notify([self.newcomer, self.mentor.user], "mentorship.match_begun", target=self)

    @transaction.atomic
    def decline(self, *, by: User, reason: str = "") -> None:
        """Say no. The other side learns that it is not possible; the reason is for the coordinators."""
        self._hold()
        if not self.is_open:
            return
        side = self.side_of(by)
        self.decline_reason = reason[:500]
        taken_back = side == Side.NEWCOMER and self.origin == self.Origin.NEWCOMER
        self._end(self.Ending.TAKEN_BACK if taken_back else self.Ending.DECLINED, side or Side.PROGRAMME)
        self.mentor.count_free()
        # To a mentor it makes no difference who decided.
        kind = "mentorship.match_declined" if side == Side.MENTOR else "mentorship.match_not_needed"
        notify([self.other_than(by)], kind, target=self)

    @transaction.atomic
    def expire(self) -> None:
        """Nobody answered in time: it is taken back, kindly."""
        self._hold()
        if not self.is_open or timezone.now() < self.answer_until:
            return
        self._end(self.Ending.EXPIRED, Side.PROGRAMME)
        self.mentor.count_free()
        notify([self.newcomer, self.mentor.user], "mentorship.match_expired", target=self)


def not_to_be() -> str:
    return gettext("This mentor can’t be brought to you.")


def why_not(newcomer: int, mentor: Mentor) -> None:
    """Raise CannotBegin if these two can't be a pair, for what is between them or because one of them is gone."""
    if newcomer == mentor.pk or Block.objects.filter(between(newcomer, mentor.pk)).exists() or not mentor.is_approved:
        raise CannotBegin(not_to_be())
    if User.objects.filter(pk__in=[newcomer, mentor.pk], is_active=True).count() != 2:
        raise CannotBegin(_("One of the two is not here any more."))
    past = all_matches().filter(newcomer=newcomer, mentor=mentor, began_at__isnull=False)
    if past.filter(Q(newcomer_asks_again_at=None) | Q(mentor_asks_again_at=None) | Q(ending=Parting.Ending.SAFETY)).exists():
        raise CannotBegin(_("You were together before. You begin again when both of you ask for it."))
