"""`Mentor`: somebody who has been there and has a place for one more; with the way to it and the places that it holds."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community.audit.models import record
from community.contributions.filters import Filter, words_found
from community.decisions.models import Act, Decision, decide
from community.members.models import COORDINATORS, MENTORS, User, not_blocked
from community.moderation.models import Claimable
from community.notifications.models import notify
from community.tags.models import Tag, Tagged
from community.times import now_in_steps
from mentorship.fields import HELPS, HOURS, LANGUAGES, TAGS, Bits

from .training import Help, Lesson

MOST_PLACES = 20
APPROVED_FOR = timedelta(days=365)
# So long before an approval runs out it can be renewed, and so long before its mentor is told.
RENEWED_BEFORE, TOLD_BEFORE = timedelta(days=60), timedelta(days=30)


class Gender(models.TextChoices):
    """What somebody says of themselves, only so that others' wishes can be met; saying nothing is as good."""

    UNSAID = "", _("I would rather not say")
    WOMAN = "woman", _("A woman")
    MAN = "man", _("A man")
    OTHER = "other", _("Neither of these")


class Fact(models.TextChoices):
    """What a match is built from, and what either side may or may not share with the other."""

    TOPICS = "topics", _("what you look for in each other")
    LIVED = "lived", _("what you have both lived through")
    HOURS = "hours", _("when you are both free")
    WISH = "wish", _("that one of you asked for the other")
    NEARNESS = "nearness", _("that your clocks are close")
    LANGUAGE = "language", _("a second language that you share")


def all_facts() -> list[str]:
    return [str(fact) for fact in Fact]


class MentorQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Approved mentors who are here and have nothing with the viewer that keeps them apart; and a member's own row, whatever
        has become of it.

        Full and paused ones are among them for those whom they guide; see `open_to` and `listed_for`.
        """
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(pk=viewer.pk) | (_approved() & not_blocked(viewer, account="user")))

    def open_to(self, viewer: Any) -> Self:
        """Those whose page the viewer may read: approved ones who have a place, or something to do with the viewer already."""
        if not viewer.is_authenticated:
            return self.none()
        theirs = _matches().filter(mentor=OuterRef("pk"), newcomer=viewer.pk)
        return self.visible_to(viewer).approved().filter(_has_place() | Q(pk=viewer.pk) | Exists(theirs))

    def approved(self) -> Self:
        """Those whose approval runs."""
        return self.filter(_approved())

    def listed(self) -> Self:
        """Those with a place just now: approved, not paused, not full."""
        return self.approved().filter(_has_place())

    def listed_for(self, viewer: Any) -> Self:
        """For lists, in turn: those with a place whom the viewer may and wants to see, with `is_folded`."""
        kept = Filter.objects.filter(user=viewer.pk).running()
        left_out = kept.filter(person__isnull=False).values("person")
        return self.visible_to(viewer).listed().exclude(pk__in=left_out).with_folds(viewer).with_place().in_turn()

    def with_folds(self, viewer: Any) -> Self:
        """With `is_folded`: does the viewer filter words that stand here?"""
        words = SearchVector("story", "offers", "limits", config="hearth")
        return self.annotate(is_folded=words_found(viewer, words) & ~Q(pk=viewer.pk))

    def with_place(self) -> Self:
        return self.select_related("user__profile__avatar").defer("user__profile__avatar__image").prefetch_related("helps")

    def in_turn(self, day: date | None = None) -> Self:
        """With `turn`, and ordered by it: an order of that day, another one the next, so that nobody is always first."""
        key = salted_hmac("mentorship.turn", (day or timezone.localdate()).isoformat(), algorithm="sha256").hexdigest()
        return self.annotate(
            turn=MD5(Concat(Value(key), Cast("public_id", models.TextField()), output_field=models.TextField()))
        ).order_by("turn")

    def that_tell(self, fact: str) -> Self:
        """Those who let others know of this part of them."""
        return self.filter(shares__contains=[fact])

    def that_tell_tags(self) -> Self:
        return self.that_tell(Fact.LIVED)

    def waiting(self) -> Self:
        """Applications for a coordinator to look at, and approvals that are to be renewed."""
        first = Q(applied_at__isnull=False, approved_at=None, refused_at=None)
        return self.filter(first | Q(renewal_asked_at__isnull=False), stood_down_at=None, user__is_active=True)

    def lapsed(self) -> Self:
        return self.filter(approved_at__isnull=False, approved_until__lt=timezone.localdate(), stood_down_at=None)

    def to_let_go(self) -> Self:
        """Those whose approval ran out and who are in the circle of mentors still."""
        return self.lapsed().filter(user__groups__name=MENTORS)

    def to_tell(self) -> Self:
        """Those whose approval runs out soon, and who were not told that yet."""
        return self.approved().filter(
            approved_until__lte=timezone.localdate() + TOLD_BEFORE, renewal_asked_at=None, lapse_told_at=None
        )

    def oldest_first(self) -> Self:
        """With `asked_at`: when they asked, whether to begin or to go on."""
        return self.annotate(asked_at=Coalesce("renewal_asked_at", "applied_at")).order_by("asked_at", "pk")


def _approved() -> Q:
    return Q(user__is_active=True, approved_until__gte=timezone.localdate(), stood_down_at=None)


def _has_place() -> Q:
    return Q(paused_at=None, free__gt=0)


class Mentor(Claimable):
    """A member as a mentor, from the first line of the application on. Its key is the member's own."""

    user = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="mentor", editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What newcomers read
    story = models.TextField(_("what you have been through"), max_length=2000, blank=True)
    offers = models.TextField(_("what you can offer"), max_length=1000, blank=True)
    limits = models.TextField(_("what you will not do"), max_length=1000, blank=True)
    tags = TaggableManager(through=Tagged, blank=True)  # what they have lived through
    helps = models.ManyToManyField(Help, verbose_name=_("what you can be asked for"), blank=True)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = Bits(HOURS)  # of their own week, in their own time zone
    capacity = models.PositiveSmallIntegerField(_("places"), default=1)
    gender = models.CharField(_("you are"), max_length=6, choices=Gender.choices, blank=True)
    wished_gender = models.CharField(_("you would rather guide"), max_length=6, choices=Gender.choices, blank=True)
    shares = ArrayField(models.CharField(max_length=8, choices=Fact.choices), default=all_facts, blank=True)

    # The way to being one
    begun_at = models.DateTimeField(default=now_in_steps, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_until = models.DateField(_("approved until"), null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refusal = models.CharField(_("why not, or not yet"), max_length=500, blank=True, editable=False)
    experienced_at = models.DateTimeField(_("trained for harder stories since"), null=True, editable=False)
    paused_at = models.DateTimeField(_("rests since"), null=True, editable=False)
    stood_down_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    renewal_asked_at = models.DateTimeField(_("asked to go on"), null=True, editable=False)
    lapse_told_at = models.DateTimeField(null=True, editable=False)  # that it runs out soon

    # Kept ready for finding; `renewing.py` makes them anew from the rows above.
    tag_bits = Bits(TAGS)
    not_bits = Bits(TAGS)
    help_bits = Bits(HELPS)
    language_bits = Bits(LANGUAGES)
    utc_hours = Bits(HOURS)
    offset = models.SmallIntegerField(default=0, editable=False)  # minutes ahead of UTC just now
    free = models.SmallIntegerField(default=0, editable=False)  # places nobody holds and nobody was asked for
    price = models.SmallIntegerField(default=0, editable=False)  # how sought after, in points of the score

    objects = MentorQuerySet.as_manager()
    looked_after_by = COORDINATORS
    personal = {
        "user": "keep",
        **dict.fromkeys(("story", "offers", "limits", "languages", "time_zone", "hours", "gender", "wished_gender"), "blank"),
        **dict.fromkeys(
            ("shares", "refusal", "tag_bits", "not_bits", "help_bits", "language_bits", "utc_hours", "offset"), "blank"
        ),
    }

    class Meta:
        verbose_name = _("mentor")
        verbose_name_plural = _("mentors")
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MOST_PLACES), name="a_mentor_has_one_to_twenty_places"
            ),
            models.CheckConstraint(condition=Q(approved_at=None) | Q(approved_until__isnull=False), name="an_approval_ends"),
            models.CheckConstraint(condition=Q(approved_at=None) | Q(refused_at=None), name="mentor_is_approved_or_turned_down"),
        ]
        indexes = [
            models.Index(
                fields=["applied_at"], condition=Q(approved_at=None, refused_at=None, stood_down_at=None), name="mentors_waiting"
            ),
            models.Index(
                fields=["approved_until"], condition=Q(paused_at=None, stood_down_at=None, free__gt=0), name="mentors_listed"
            ),
        ]

    def __str__(self) -> str:
        return self.user.username

    def get_absolute_url(self) -> str:
        return reverse("mentor_detail", args=[self.public_id])

    @classmethod
    def all_under(cls, tag: Tag) -> str:
        """The list of those who know this from the inside."""
        return f"{reverse('mentor_list')}?{urlencode({'tag': tag.name})}"

    @property
    def thread(self) -> uuid.UUID:
        """News of an application is bundled by it."""
        return self.public_id

    @property
    def shown_title(self) -> str:
        return self.user.username

    @property
    def voice(self) -> User:
        return self.user

    @property
    def is_withdrawn(self) -> bool:
        """News of an application is news for as long as the member wants it."""
        return False

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

    def is_visible_to(self, viewer: Any) -> bool:
        return Mentor.objects.visible_to(viewer).filter(pk=self.pk).exists()

    # What stands of it in lists under a tag
    icon, note = "person", ""

    @property
    def listed_in(self) -> str:
        """What they offer, if they let others know."""
        return ", ".join(each.name for each in self.helps.all() if not each.retired_at) if self.tells(Fact.TOPICS) else ""

    def tells(self, fact: str) -> bool:
        """Do they let others know of this part of them?"""
        return fact in self.shares

    reported_as = "mentor"

    @classmethod
    def reportable_by(cls, viewer: Any) -> MentorQuerySet:
        return cls.objects.open_to(viewer).with_place()

    @classmethod
    def kept_from(cls, viewer: Any) -> models.QuerySet:
        """Oneself: what is said about that is for another coordinator."""
        return cls.objects.filter(pk=viewer.pk)

    def as_reported(self) -> dict[str, str]:
        return {"title": self.user.username} | self.as_kept()

    def as_kept(self) -> dict[str, str]:
        """Their own words, as they stand."""
        return {"body": "\n\n".join(filter(None, [self.story, self.offers, self.limits]))}

    def _lock(self) -> None:
        """Hold this mentor until the transaction ends, and see the newest state."""
        fresh = Mentor.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))

    # The way to being one ----------------------------------------------------------

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
    def approve(self, *, by: User, reason: str = "", until: date | None = None) -> None:
        """Let them be a mentor for a year; again before it is over, for another one."""
        self._lock()
        if self.applied_at is None or self.has_stopped:
            return
        self.approved_at = timezone.now()
        self.approved_until = until or timezone.localdate() + APPROVED_FOR
        self.refused_at, self.refusal = None, ""
        self.renewal_asked_at = self.lapse_told_at = None
        self.save()
        Decision.objects.mark_reversed(Decision.objects.about(self).standing())
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
        self.refusal, self.renewal_asked_at = reason[:500], None
        self.refused_at = timezone.now() if self.approved_at is None else None
        self.save()
        decide(Act.REFUSE, self, by=by, reason=reason, rule=rule, action="mentorship.mentor_refused", kept=self.as_kept())

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
        self.refused_at, self.refusal = timezone.now(), reason[:500]
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
        if Mentor.objects.to_tell().filter(pk=self.pk).update(lapse_told_at=timezone.now()):
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
        if Mentor.objects.approved().filter(pk=self.pk, experienced_at=None).update(experienced_at=timezone.now()):
            record("mentorship.mentor_trusted", by=by, target=self, reason=reason)

    @transaction.atomic
    def spare(self, *, by: User, reason: str) -> None:
        """Harder stories are not for them any more."""
        if Mentor.objects.filter(pk=self.pk, experienced_at__isnull=False).update(experienced_at=None):
            record("mentorship.mentor_spared", by=by, target=self, reason=reason)

    @transaction.atomic
    def keep_back(self, fact: str) -> None:
        """Share one part less: nobody is brought to them for it any more, and nobody reads it. Their form takes it in again."""
        self._lock()
        self.shares = [each for each in self.shares if each != fact]
        self.save(update_fields=["shares"])

    @transaction.atomic
    def pause(self) -> None:
        """Rest: nobody new is brought, from this moment on."""
        Mentor.objects.filter(pk=self.pk, paused_at=None).update(paused_at=timezone.now())

    @transaction.atomic
    def resume(self) -> None:
        Mentor.objects.filter(pk=self.pk).update(paused_at=None)

    @transaction.atomic
    def set_capacity(self, capacity: int) -> None:
        """So many places from now on. Whoever holds one keeps it; fewer places take effect as they become free."""
        self._lock()
        self.capacity = capacity
        self.save(update_fields=["capacity"])
        self.give_places()

    # Places: whoever calls these holds the mentor ------------------------------------

    def give_places(self) -> None:
        """As many places as there is capacity for, without taking one away that is held; and what is free is counted anew."""
        held = set(self.places.held().values_list("number", flat=True))
        wanted = set(range(1, self.capacity + 1)) if self.is_approved else set()
        surplus = max(0, len(held - wanted))
        # A held place of a high number stands for one of the wanted ones.
        for number in sorted(wanted - held, reverse=True)[:surplus]:
            wanted.discard(number)
        self.places.exclude(number__in=wanted | held).delete()
        Place.objects.bulk_create([Place(mentor=self, number=number) for number in sorted(wanted)], ignore_conflicts=True)
        self.count_free()

    def count_free(self) -> None:
        """Note how many could be brought: the places nobody holds, less the open questions to this mentor."""
        asked = self.matches.open().count()
        self.free = max(0, self.places.free().count() - asked)
        Mentor.objects.filter(pk=self.pk).update(free=self.free)

    @property
    def first_free_place(self) -> "Place | None":
        return self.places.free().order_by("number").first()

    def set_not_about(self, tags: Iterable[Tag]) -> None:
        """What they would rather not be brought for."""
        self.not_about.all().delete()
        NotAbout.objects.bulk_create([NotAbout(mentor=self, tag=tag) for tag in tags])


class NotAbout(models.Model):
    """A tag for which a mentor does not want to be brought."""

    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="not_about")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    personal = {"tag": "erase"}

    def __str__(self) -> str:
        return "not about this"


class LessonDone(models.Model):
    """That somebody took a step of the training; for a practice case, in their own words."""

    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="lessons_done")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    words = models.TextField(_("in your words"), max_length=4000, blank=True)
    at = models.DateTimeField(default=now_in_steps)

    personal = {"words": "blank", "at": "keep"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mentor", "lesson"], name="each_lesson_once")]

    def __str__(self) -> str:
        return "a step taken"


class PlaceQuerySet(models.QuerySet):
    def held(self) -> Self:
        """Those that an active match holds."""
        return self.filter(Exists(_holding()))

    def free(self) -> Self:
        """Those nobody holds, as far as there is capacity for them."""
        return self.filter(~Exists(_holding()), number__lte=F("mentor__capacity"))


def _matches() -> Any:
    return Mentor._meta.apps.get_model("mentorship", "Match").objects.all()


def _holding() -> models.QuerySet:
    return _matches().filter(mentor=OuterRef("mentor"), place=OuterRef("number"))


class Place(models.Model):
    """One of a mentor's places. An active match holds exactly one, and no two hold the same: nobody has more than they offered."""

    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()

    objects = PlaceQuerySet.as_manager()
    personal = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mentor", "number"], name="each_place_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=2 * MOST_PLACES), name="places_are_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)
