"""`Cohort`: a draft of the best matching of many newcomers and mentors, that a coordinator edits and publishes."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import User
from community.moderation.models import Claimable
from community.notifications.jobs import defer

from .matches import Match
from .mentors import Mentor
from .requests import Request, RequestQuerySet

# A draft that nobody finished in this time is not being worked out any more; whoever wants it presses again.
GIVEN_UP_AFTER = timedelta(minutes=10)
# A draft that nobody has touched for so long is forgotten; of a published one, what was not asked and why it was drafted so.
FORGOTTEN_AFTER = timedelta(days=30)
# Below so many points of 1000 a pair is worth another look.
LOW = 300


# What of a certificate is about nobody in particular.
_NUMBERS = ("aims", "waiting", "mentors", "places")


class CohortQuerySet(models.QuerySet):
    def to_forget(self) -> Self:
        """Drafts that nobody has touched for a while and published ones of which more is kept than what was asked."""
        before = timezone.now() - FORGOTTEN_AFTER
        touched = Greatest("created_at", "solving_at", "solved_at", "published_at")  # of those that are there
        more = Q(published_at=None) | Exists(Rule.objects.filter(cohort=OuterRef("pk"))) | Exists(_not_needed())
        return self.annotate(touched=touched).filter(more, touched__lt=before)


def _not_needed() -> "PairingQuerySet":
    """Rows of a published draft that nobody was asked for, or that tell still why they were drafted."""
    return Pairing.objects.filter(~Q(why={}) | ~Q(parts={}) | Q(match=None), cohort=OuterRef("pk"))


class Cohort(Claimable):
    """Everybody who waits, and everybody with a place, matched at once; nothing happens to anybody until it is published."""

    class Aim(models.TextChoices):
        FIT = "fit", _("Best fit")
        MANY = "many", _("Most people matched")

    name = models.CharField(_("name"), max_length=120)
    aim = models.CharField(_("what for"), max_length=4, choices=Aim.choices, default=Aim.MANY)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # Which people it is about; empty for everybody who waits.
    only = models.JSONField(default=list, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    solving_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)
    # Served and its bound, total and its bound, and what to recruit for; numbers only.
    certificate = models.JSONField(default=dict, blank=True)

    objects = CohortQuerySet.as_manager()
    personal = {"by": "keep"}

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_being_solved(self) -> bool:
        return self.solving_at is not None and timezone.now() < self.solving_at + GIVEN_UP_AFTER

    @property
    def has_stopped(self) -> bool:
        """Was it to be worked out, and nobody did?"""
        return self.solving_at is not None and not self.is_being_solved

    def requests(self) -> RequestQuerySet:
        """Whom it is about just now: who waits, less those left out of it and those whom it has brought to somebody."""
        rows = waiting()
        if self.only:
            rows = rows.filter(pk__in=self.only)
        return rows.exclude(pk__in=self.pairings.filter(Q(left_out_at__isnull=False) | Q(match__isnull=False)).values("request"))

    # What a coordinator does ------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def begin(cls, *, by: User, name: str, aim: str, only: Iterable[int] = ()) -> Self:
        """Begin a draft, for everybody who waits or for `only` these requests."""
        cohort = cls(by=by, name=name, aim=aim, only=sorted(only))
        cohort.save(force_insert=True)
        record("mentorship.cohort_begun", by=by, target=cohort)
        cohort._work_out()
        return cohort

    @transaction.atomic
    def solve(self, *, by: User) -> None:
        """Work it out anew, with everybody as they are now."""
        record("mentorship.cohort_solved", by=by, target=self)
        self._work_out()

    @transaction.atomic
    def turn(self, *, by: User) -> None:
        """Work it out for the other aim."""
        self.aim = self.Aim.FIT if self.aim == self.Aim.MANY else self.Aim.MANY
        self.save(update_fields=["aim"])
        record("mentorship.cohort_turned", by=by, target=self, reason=self.aim)
        self._work_out()

    @transaction.atomic
    def pin(self, *, by: User, pairing: "Pairing", mentor: Mentor) -> None:
        """These two together, whatever else comes of it."""
        self.rules.filter(Q(kind=Rule.Kind.PIN) | Q(mentor=mentor), request=pairing.request_id).delete()
        Rule.objects.create(cohort=self, request_id=pairing.request_id, mentor=mentor, kind=Rule.Kind.PIN)
        record("mentorship.pairing_pinned", by=by, target=pairing, reason=str(mentor.pk))
        self._work_out()

    @transaction.atomic
    def forbid(self, *, by: User, pairing: "Pairing", mentor: Mentor) -> None:
        """Not these two."""
        Rule.objects.update_or_create(
            cohort=self, request_id=pairing.request_id, mentor=mentor, defaults={"kind": Rule.Kind.FORBID}
        )
        record("mentorship.pairing_forbidden", by=by, target=pairing, reason=str(mentor.pk))
        self._work_out()

    @transaction.atomic
    def allow(self, *, by: User, pairing: "Pairing", mentor: Mentor) -> None:
        """Neither of both: let the draft decide about these two."""
        if self.rules.filter(request=pairing.request_id, mentor=mentor).delete()[0]:
            record("mentorship.pairing_allowed", by=by, target=pairing, reason=str(mentor.pk))
            self._work_out()

    @transaction.atomic
    def leave_out(self, *, by: User, pairing: "Pairing") -> None:
        """Leave somebody out of this draft; they go on waiting, and their place in it is free for others."""
        left = self.pairings.filter(pk=pairing.pk, match=None, left_out_at=None)
        if left.update(left_out_at=timezone.now(), mentor=None, score=None, rank=None, parts={}, why={}, stale=""):
            record("mentorship.pairing_left_out", by=by, target=pairing)
            self._work_out()

    @transaction.atomic
    def take_in(self, *, by: User, pairing: "Pairing") -> None:
        """Take somebody in again who was left out."""
        if self.pairings.filter(pk=pairing.pk, left_out_at__isnull=False).update(left_out_at=None):
            record("mentorship.pairing_taken_in", by=by, target=pairing)
            self._work_out()

    @transaction.atomic
    def weigh(self, *, pairing: "Pairing", mentor: Mentor) -> None:
        """Find out what it would cost others if these two were together; in the worker, and kept with the row."""
        pairing.why = pairing.why | {"costs": pairing.why.get("costs", {}) | {str(mentor.pk): None}}
        pairing.save(update_fields=["why"])
        defer("mentorship.tasks.weigh_pairing", {"pairing_id": pairing.pk, "mentor_id": mentor.pk})

    @transaction.atomic
    def discard(self, *, by: User, reason: str) -> None:
        """Throw the draft away; whoever was asked already stays asked."""
        record("mentorship.cohort_discarded", by=by, target=self, reason=reason)
        self.forget()

    @transaction.atomic
    def forget(self) -> None:
        """Erase the draft. Once something of it was published, what stays is who was asked, and figures of how many."""
        fresh = Cohort.objects.select_for_update(of=("self",)).filter(pk=self.pk).first()
        if fresh is None:
            return
        if not fresh.pairings.published().exists():
            Cohort.objects.filter(pk=self.pk).delete()
            return
        fresh.pairings.filter(match=None).delete()
        fresh.pairings.update(why={}, parts={}, stale="")
        fresh.rules.all().delete()
        if fresh.only:  # never empty again, for that would be everybody
            fresh.only = sorted(fresh.pairings.values_list("request", flat=True))
        fresh.solving_at = None
        fresh.certificate = {name: found for name, found in fresh.certificate.items() if name in _NUMBERS}
        fresh.save(update_fields=["only", "solving_at", "certificate"])

    def _work_out(self) -> None:
        """Put it down for the worker. Whatever it works on just now is not wanted any more: the newest time counts."""
        self.solving_at, self.progress, self.problem = timezone.now(), 0, ""
        self.save(update_fields=["solving_at", "progress", "problem"])
        defer("mentorship.tasks.draft_cohort", {"cohort_id": self.pk})


def waiting() -> RequestQuerySet:
    """The requests of those who wait: nobody is asked for them just now, and nobody found."""
    with_somebody = Match.objects.filter(newcomer=OuterRef("user"), ended_at=None)
    return Request.objects.open().filter(~Exists(with_somebody))


class PairingQuerySet(models.QuerySet):
    def drafted(self) -> Self:
        """With somebody, and nobody was asked yet."""
        return self.filter(mentor__isnull=False, match=None)

    def unmatched(self) -> Self:
        return self.filter(mentor=None, match=None, left_out_at=None)

    def low(self) -> Self:
        return self.drafted().filter(score__lt=LOW)

    def pinned(self) -> Self:
        pins = Rule.objects.filter(cohort=OuterRef("cohort"), request=OuterRef("request"), kind=Rule.Kind.PIN)
        return self.filter(Exists(pins))

    def left_out(self) -> Self:
        return self.filter(left_out_at__isnull=False)

    def overtaken(self) -> Self:
        """Whom life has overtaken since, as far as a draft has noticed."""
        return self.exclude(stale="")

    def published(self) -> Self:
        return self.filter(match__isnull=False)


class Pairing(models.Model):
    """One row of a draft: a newcomer with the mentor drafted for them, or with nobody and why."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="pairings")
    request = models.ForeignKey(Request, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(Mentor, models.CASCADE, null=True, related_name="+")
    score = models.SmallIntegerField(null=True)
    parts = models.JSONField(default=dict, blank=True)
    rank = models.PositiveIntegerField(null=True)
    eligible = models.PositiveIntegerField(default=0)
    why: Any = models.JSONField(default=dict, blank=True)  # what it cost others, or the funnel and the one relaxation
    match = models.ForeignKey(Match, models.SET_NULL, null=True, related_name="+")  # once published
    stale = models.CharField(max_length=200, blank=True)  # why life has overtaken it
    left_out_at = models.DateTimeField(null=True)  # by a coordinator

    objects = PairingQuerySet.as_manager()
    personal = {"parts": "erase", "why": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "request"], name="one_row_per_newcomer_in_a_draft"),
        ]
        indexes = [models.Index(fields=["cohort", "mentor"], name="pairings_of_a_mentor")]

    def __str__(self) -> str:
        return "a drafted pair"

    @property
    def is_open(self) -> bool:
        """Can it be changed? What was published is a question to two people."""
        return self.match_id is None


class Rule(models.Model):
    """What a coordinator wants of a draft: these two together, or never these two."""

    class Kind(models.TextChoices):
        PIN = "pin", _("Together")
        FORBID = "forbid", _("Not together")

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="rules")
    request = models.ForeignKey(Request, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)

    personal = {"kind": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "request", "mentor"], name="one_wish_per_pair_of_a_draft"),
            models.UniqueConstraint(fields=["cohort", "request"], condition=Q(kind="pin"), name="one_pin_per_newcomer_of_a_draft"),
        ]

    def __str__(self) -> str:
        return "a wish for a draft"
