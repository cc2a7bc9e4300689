"""What is asked and called along the way: `CheckIn` for the coordinators, `Concern` for the leads alone."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.members.models import User
from community.notifications.models import notify
from community.times import now_in_steps

from .holding import hold_people
from .matches import Match
from .rooms import Message


class CheckInQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Whoever is asked; the answers go to the coordinators, in the admin."""
        return self.filter(user=viewer.pk) if viewer.is_authenticated else self.none()

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)

    def with_place(self) -> Self:
        return self.select_related("match")


class CheckIn(models.Model):
    """How is it going? Asked of each side alone; the answer is for the coordinators only."""

    class Kind(models.TextChoices):
        FIT = "fit", _("After the first contact")
        ALONG = "along", _("Along the way")

    class Answer(models.TextChoices):
        GOOD = "good", _("A good fit")
        DECIDING = "deciding", _("Still deciding")
        NOT = "not", _("Not a good fit")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, models.CASCADE, related_name="check_ins")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()  # the how-manieth of its match; so a task that runs twice asks once
    asked_at = models.DateTimeField(default=now_in_steps)
    answer = models.CharField(_("how is it?"), max_length=8, choices=Answer.choices, blank=True)
    words = models.TextField(_("anything the coordinator should know"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # by a coordinator

    objects = CheckInQuerySet.as_manager()
    personal = {"user": "erase", "answer": "erase", "words": "erase"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["match", "user", "number"], name="asked_once_each_time"),
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answer=""), name="an_answer_says_how_it_is"),
        ]
        indexes = [
            models.Index(fields=["answered_at"], condition=Q(seen_at=None, answered_at__isnull=False), name="check_ins_to_read")
        ]

    def __str__(self) -> str:
        return "a check-in"

    def get_absolute_url(self) -> str:
        return reverse("checkin_answer", args=[self.public_id])

    @property
    def thread(self) -> uuid.UUID:
        return self.public_id

    @property
    def shown_title(self) -> str:
        return ""

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_withdrawn(self) -> bool:
        """Nobody need answer it any more, once it is over."""
        return self.match.is_over

    @classmethod
    @transaction.atomic
    def ask(cls, match: Match, number: int, *, kind: str) -> None:
        """Ask each of the two for themselves, once for each number."""
        for user in (match.newcomer, match.mentor.user):
            asked, is_new = cls.objects.get_or_create(match=match, user=user, number=number, defaults={"kind": kind})
            if is_new:
                notify([user], "mentorship.checkin_asked", target=asked)

    @transaction.atomic
    def say(self, answer: str, words: str = "") -> None:
        """Say how it is; saying something else later is for a coordinator to read anew."""
        if self.is_answered and (answer, words) == (self.answer, self.words):
            return
        self.answer, self.words, self.answered_at, self.seen_at = answer, words, now_in_steps(), None
        self.save(update_fields=["answer", "words", "answered_at", "seen_at"])

    def is_visible_to(self, viewer: Any) -> bool:
        return CheckIn.objects.visible_to(viewer).filter(pk=self.pk).exists()


class ConcernQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Whoever is in charge of safety, unless they are one of the two themselves."""
        if not viewer.is_authenticated:
            return self.none()
        of_others = self.exclude(match__newcomer=viewer.pk).exclude(match__mentor=viewer.pk)
        return of_others.filter(Exists(User.objects.leads().filter(pk=viewer.pk)))

    def open(self) -> Self:
        return self.filter(closed_at=None)


class Concern(models.Model):
    """Something in a pair's room is not safe, one of them says. It goes to the leads alone, and to no coordinator."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="concerns")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.TextField(_("what is the matter"), max_length=2000, blank=True)
    shown = ArrayField(models.BigIntegerField(), default=list, blank=True)  # messages that whoever calls wants read
    at = models.DateTimeField(default=now_in_steps)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("what came of it"), max_length=500, blank=True)

    # In the log, why something was done about it is for leads alone, too.
    is_for_leads = True
    objects = ConcernQuerySet.as_manager()
    personal = {"by": "keep", "words": "blank", "shown": "keep", "taken_by": "keep", "outcome": "blank"}

    class Meta:
        verbose_name = _("concern for safety")
        verbose_name_plural = _("concerns for safety")
        indexes = [models.Index(fields=["at", "id"], condition=Q(closed_at=None), name="concerns_open")]

    def __str__(self) -> str:
        return "a concern"

    def get_absolute_url(self) -> str:
        return reverse("admin:mentorship_concern_change", args=[self.pk])

    @property
    def thread(self) -> uuid.UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def shown_title(self) -> str:
        return ""

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @classmethod
    def kept_from(cls, viewer: Any) -> models.QuerySet:
        """Those about a room of one's own, whatever one is in charge of."""
        return cls.objects.filter(models.Q(match__newcomer=viewer.pk) | models.Q(match__mentor=viewer.pk))

    def is_visible_to(self, viewer: Any) -> bool:
        return Concern.objects.visible_to(viewer).filter(pk=self.pk).exists()

    @classmethod
    @transaction.atomic
    def call(
        cls,
        match: Match,
        *,
        by: User,
        words: str = "",
        shown: Iterable[Message] = (),
        freeze: bool = False,
        public_id: uuid.UUID | None = None,
    ) -> Self:
        """Call the leads; who would begin in this moment waits for it, and then does not.

        `shown` are messages that whoever calls wants read; with `freeze` nobody writes there from now on.
        """
        hold_people(match.newcomer_id, match.mentor_id)
        concern = cls(match=match, by=by, words=words, shown=[message.pk for message in shown], public_id=public_id or uuid.uuid4())
        concern.save(force_insert=True)
        if freeze:
            match.freeze()
        leads = User.objects.leads().exclude(pk__in=[match.newcomer_id, match.mentor_id])
        notify(leads, "mentorship.concern_raised", target=concern)
        return concern

    # What a lead does ------------------------------------------------------------------

    @transaction.atomic
    def take(self, *, by: User) -> None:
        """Say that one is on it; later somebody else can say so."""
        if self.taken_by_id != by.pk:
            self.taken_by = by
            self.save(update_fields=["taken_by"])
            record("mentorship.concern_taken", by=by, target=self)

    @transaction.atomic
    def freeze(self, *, by: User, reason: str, told: str = "") -> None:
        self.match.freeze(by=by, reason=reason, told=told)

    @transaction.atomic
    def unfreeze(self, *, by: User, reason: str) -> None:
        self.match.unfreeze(by=by, reason=reason)

    @transaction.atomic
    def end_pair(self, *, by: User, reason: str, told: str = "") -> None:
        """End the pair for safety, or take the question back; both are told that it is over, and not why."""
        self.match.end_for_safety(by=by, reason=reason, told=told)

    @transaction.atomic
    def let_go_on(self, *, by: User, reason: str) -> None:
        """The opposite."""
        self.match.reopen(by=by, reason=reason)

    @transaction.atomic
    def close(self, *, by: User, reason: str) -> None:
        """It was looked at. Whoever called learns that, and the outcome stays with the leads."""
        if not Concern.objects.open().filter(pk=self.pk).update(closed_at=now_in_steps(), outcome=reason[:500]):
            return
        self.refresh_from_db(fields=["closed_at", "outcome"])
        record("mentorship.concern_closed", by=by, target=self, reason=reason)
        notify([self.by], "mentorship.concern_closed", target=self.match)
