"""`Match`: two people, from the first question to the last thank-you; with what they keep in their room."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import Block, User, not_blocked
from community.notifications.models import notify
from community.times import now_in_steps

from .beginning import Beginning
from .covering import Covered
from .holding import between, hold_mentors, hold_people
from .mentors import Mentor
from .overseen import Overseen
from .parting import NUDGED_AFTER, RELEASED_AFTER, REMINDED_BEFORE, STUCK_AFTER, WARNED_FOR, Parting
from .requests import Request
from .together import Side


class MatchQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """One's own, whichever side one is on. Coordinators see in the admin that there is one, not what is said in it."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(newcomer=viewer.pk) | Q(mentor=viewer.pk))

    def open(self) -> Self:
        """Questions that somebody has yet to answer."""
        return self.filter(began_at=None, ended_at=None)

    def active(self) -> Self:
        return self.filter(began_at__isnull=False, ended_at=None)

    def over(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def late(self) -> Self:
        """Questions that were to be answered by now."""
        return self.open().filter(answer_until__lte=timezone.now())

    def with_somebody_gone(self) -> Self:
        """Questions and pairs of whom one is not here any more."""
        return self.filter(Q(newcomer__is_active=False) | Q(mentor__user__is_active=False), ended_at=None)

    # Along the way

    def quiet_for(self, time: timedelta) -> Self:
        """Pairs of whom neither has said anything for so long, with `quiet`, the moment since when.

        A room that rests for safety is quiet on purpose.
        """
        since = Coalesce("spoke_at", "began_at")
        return self.active().filter(frozen_at=None).annotate(quiet=since).filter(quiet__lte=timezone.now() - time)

    def stuck(self) -> Self:
        """Pairs for a coordinator to look at."""
        return self.quiet_for(STUCK_AFTER)

    def to_nudge(self) -> Self:
        """Those who were not asked yet in this quiet."""
        return self.quiet_for(NUDGED_AFTER).filter(Q(nudged_at=None) | Q(nudged_at__lt=F("quiet")))

    def to_release(self) -> Self:
        """Those who were asked, and had time to answer; a last day that they planned is waited for."""
        warned = self.quiet_for(RELEASED_AFTER).filter(nudged_at__gte=F("quiet"), nudged_at__lte=timezone.now() - WARNED_FOR)
        return warned.filter(Q(ending_planned_for=None) | Q(ending_planned_for__lt=timezone.localdate()))

    def to_remind(self) -> Self:
        """Those whose planned end is near, and who were not told that yet."""
        near = timezone.localdate() + REMINDED_BEFORE
        return self.active().filter(frozen_at=None, ending_planned_for__lte=near, ending_reminded_at=None)

    def to_end_as_planned(self) -> Self:
        return self.active().filter(frozen_at=None, ending_planned_for__lt=timezone.localdate())

    def needing_cover(self) -> Self:
        """Pairs whose mentor asked for cover, and nobody has taken it up."""
        return self.active().filter(cover_asked_at__isnull=False, cover_arranged_at=None)

    # After it

    def newest_of_pair(self) -> Self:
        """The last time that these two were together, without those before."""
        later = Match.objects.filter(newcomer=OuterRef("newcomer"), mentor=OuterRef("mentor"), began_at__isnull=False)
        return self.filter(~Exists(later.filter(pk__gt=OuterRef("pk"))), began_at__isnull=False)

    def asked_again(self) -> Self:
        """Those who were together, of whom one or both would like to be again."""
        asks = Q(newcomer_asks_again_at__isnull=False) | Q(mentor_asks_again_at__isnull=False)
        return self.over().newest_of_pair().filter(asks)

    def testimonials_for(self, viewer: Any) -> Self:
        """With words that the mentor chose to show, of newcomers who are here or kept in memory and, where they are named, not
        apart from the viewer.

        Words without a name stand there whoever is blocked: by what a block takes away one would find who wrote them.
        """
        if not viewer.is_authenticated:
            return self.none()
        there = Q(newcomer__is_active=True) | Q(newcomer__memorial_at__isnull=False)
        shown = self.over().filter(there, testimonial_shown_at__isnull=False).exclude(testimonial="")
        found = shown.filter(Q(testimonial_is_named=False) | not_blocked(viewer, account="newcomer"))
        return found.select_related("newcomer").order_by("testimonial_shown_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-asked_at", "-pk")

    def with_people(self) -> Self:
        people = ("newcomer__profile__avatar", "mentor__user__profile__avatar")
        return self.select_related(*people, "request").defer(*(f"{person}__image" for person in people))


class Match(Covered, Beginning, Overseen):
    """A newcomer and a mentor. It is a question until both said yes, then a room of two, then a memory."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="matches")
    newcomer = models.ForeignKey(User, models.PROTECT, related_name="+")
    mentor = models.ForeignKey(Mentor, models.PROTECT, related_name="matches")
    # Whoever made the match for them, if not one of the two.
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    began_at = models.DateTimeField(null=True)
    # The number of the mentor's place that it holds while it is active.
    place = models.PositiveSmallIntegerField(null=True)

    # What was known when it was made, kept with what became of it, so that the weights can be fitted again.
    score = models.SmallIntegerField(null=True)
    parts = models.JSONField(default=dict, blank=True)
    rank = models.PositiveIntegerField(null=True)
    eligible = models.PositiveIntegerField(null=True)

    # The end
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=8, choices=Overseen.Ending.choices, blank=True)
    ended_by = models.CharField(max_length=9, choices=Side.choices, blank=True)
    decline_reason = models.CharField(_("why"), max_length=500, blank=True)  # for the coordinator only
    ending_planned_for = models.DateField(null=True)
    newcomer_thanks = models.TextField(_("your thank-you"), max_length=2000, blank=True)
    mentor_thanks = models.TextField(_("your thank-you"), max_length=2000, blank=True)
    newcomer_feedback = models.TextField(max_length=2000, blank=True)  # for the coordinator only
    mentor_feedback = models.TextField(max_length=2000, blank=True)
    testimonial = models.CharField(_("what others may read"), max_length=600, blank=True)
    testimonial_shown_at = models.DateTimeField(null=True)
    newcomer_asks_again_at = models.DateTimeField(null=True)
    mentor_asks_again_at = models.DateTimeField(null=True)

    objects = MatchQuerySet.as_manager()
    personal = {
        **dict.fromkeys(("newcomer", "mentor", "request"), "keep"),
        "by": "keep",
        **dict.fromkeys(
            ("hello", "decline_reason", "newcomer_thanks", "mentor_thanks", "newcomer_feedback", "mentor_feedback"), "blank"
        ),
        **dict.fromkeys(("testimonial", "parts", "notes", "rhythm", "channel", "between_us", "how_to_stop"), "blank"),
    }

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.CheckConstraint(condition=~Q(newcomer=F("mentor")), name="nobody_mentors_themselves"),
            models.CheckConstraint(
                condition=Q(began_at__isnull=False, ended_at=None, place__isnull=False)
                | Q(began_at=None, place=None)
                | Q(ended_at__isnull=False, place=None),
                name="an_active_match_holds_a_place_and_no_other_does",
            ),
            models.UniqueConstraint(fields=["mentor", "place"], condition=Q(place__isnull=False), name="one_match_per_place"),
            models.UniqueConstraint(
                fields=["newcomer"], condition=Q(began_at__isnull=False, ended_at=None), name="one_active_match_per_newcomer"
            ),
            models.UniqueConstraint(
                fields=["newcomer", "mentor"], condition=Q(began_at=None, ended_at=None), name="one_open_question_per_pair"
            ),
            # Who was a pair once is none again, unless both ask for it; after an end for safety not even then.
            models.UniqueConstraint(
                fields=["newcomer", "mentor"],
                condition=Q(began_at__isnull=False)
                & (Q(newcomer_asks_again_at=None) | Q(mentor_asks_again_at=None) | Q(ending=Parting.Ending.SAFETY)),
                name="a_pair_begins_again_only_if_both_ask",
            ),
            models.CheckConstraint(
                condition=Q(began_at=None) | Q(newcomer_accepted_at__isnull=False, mentor_accepted_at__isnull=False),
                name="a_match_begins_when_both_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")), name="an_ended_match_says_how"
            ),
        ]
        indexes = [
            models.Index(fields=["newcomer", "-asked_at"], name="matches_of_a_newcomer"),
            models.Index(fields=["mentor", "-asked_at"], name="matches_of_a_mentor"),
            models.Index(fields=["answer_until"], condition=Q(began_at=None, ended_at=None), name="questions_running_out"),
            models.Index(fields=["spoke_at"], condition=Q(began_at__isnull=False, ended_at=None), name="matches_gone_quiet"),
        ]

    def __str__(self) -> str:
        return "a match"

    def get_absolute_url(self) -> str:
        return reverse("match_detail", args=[self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        return self.public_id

    @property
    def shown_title(self) -> str:
        return ""

    @classmethod
    def reportable_by(cls, viewer: Any) -> MatchQuerySet:
        """Of a match others see one thing: what the newcomer wrote about it, where the mentor shows that."""
        shown = cls.objects.testimonials_for(viewer).filter(mentor__in=Mentor.objects.open_to(viewer))
        return shown.select_related("mentor__user")

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def is_active(self) -> bool:
        return self.began_at is not None and self.ended_at is None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def is_asked_by_both(self) -> bool:
        """Would both like to begin again?"""
        return self.newcomer_asks_again_at is not None and self.mentor_asks_again_at is not None

    def is_visible_to(self, viewer: Any) -> bool:
        return Match.objects.visible_to(viewer).filter(pk=self.pk).exists()

    def side_of(self, user: Any) -> Side | None:
        """Which of the two `user` is."""
        if user.pk == self.newcomer_id:
            return Side.NEWCOMER
        return Side.MENTOR if user.pk == self.mentor_id else None

    def other_than(self, user: Any) -> User:
        """The other one of the two."""
        return self.mentor.user if user.pk == self.newcomer_id else self.newcomer

    @property
    def is_across_a_block(self) -> bool:
        """Does one of the two not want to meet the other any more?"""
        return Block.objects.filter(between(self.newcomer_id, self.mentor_id)).exists()

    @transaction.atomic
    def read_check_ins(self, *, by: User) -> None:
        """A coordinator has read what both answered along the way."""
        if self.check_ins.filter(answered_at__isnull=False, seen_at=None).update(seen_at=timezone.now()):
            record("mentorship.check_ins_read", by=by, target=self)

    @transaction.atomic
    def end(self, *, ending: str, by: User | None = None) -> bool:
        """End a pair at once; its place is free in the same step. False if it was over."""
        self._hold()
        return self._end_pair(ending, by)

    def _end_pair(self, ending: str, by: User | None) -> bool:
        if not self.is_active:
            return False
        side = self.side_of(by) if by is not None else None
        self._end(ending, side or Side.PROGRAMME)
        self.mentor.give_places()
        told = [self.other_than(by)] if side else [self.newcomer, self.mentor.user]
        notify(told, "mentorship.match_ended", target=self)
        return True

    @classmethod
    @transaction.atomic
    def parted(cls, one: User, other: User) -> None:
        """`one` does not want to meet `other` any more: what is between them is over in the same moment. See `Block.put`."""
        hold_people(one.pk, other.pk)
        pair = Q(newcomer=one.pk, mentor=other.pk) | Q(newcomer=other.pk, mentor=one.pk)
        between_them = list(cls.objects.filter(pair, ended_at=None).select_related("mentor__user", "newcomer").order_by("pk"))
        if not between_them:
            return
        hold_mentors([one.pk, other.pk], asked_by=[one.pk, other.pk])
        for match in between_them:
            if match.is_open:
                match.decline(by=one)
            else:
                match.end(ending=cls.Ending.STOPPED, by=one)

    @classmethod
    @transaction.atomic
    def let_go(cls, mentor: Mentor, *, by: User | None = None, with_pairs: bool = False, decided_by: User | None = None) -> None:
        """A mentor takes nobody on any more: open questions are answered with a no, and `with_pairs` their pairs end, too.

        Where staff decided it (`decided_by`), those whom the mentor guided have a statement of it. Whoever calls this counts the
        mentor's places anew.
        """
        rows = cls.objects.filter(mentor=mentor, ended_at=None)
        rows = rows if with_pairs else rows.open()
        newcomers = set(rows.values_list("newcomer", flat=True))
        hold_people(mentor.pk, *newcomers)
        hold_mentors([mentor.pk], asked_by=newcomers)
        held = rows.filter(newcomer__in=newcomers).select_for_update(of=("self",)).select_related("newcomer").order_by("pk")
        for match in held:
            match.mentor = mentor
            if match.is_open:
                match._end(cls.Ending.DECLINED, Side.MENTOR)
                notify([match.newcomer], "mentorship.match_declined", target=match)
            else:
                match._end(cls.Ending.STOPPED, Side.MENTOR if by else Side.PROGRAMME)
                told = [match.other_than(by)] if by else [match.newcomer, mentor.user]
                notify(told, "mentorship.match_ended", target=match)
                if decided_by is not None:
                    match.state_end_with_mentor(by=decided_by)

    def _end(self, ending: str, side: str) -> None:
        self.ended_at, self.ending, self.ended_by, self.place = now_in_steps(), ending, side, None
        self.save()
