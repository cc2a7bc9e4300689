"""`Mentor`: somebody who has been there and has a place for one more; with the training before it and the places that it holds."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community.audit.models import record
from community.members.models import MENTORS, User, not_blocked
from community.moderation.models import Claimable
from community.notifications.models import notify
from community.tags.models import Tag, Tagged
from community.times import now_in_steps
from mentorship.fields import HELPS, HOURS, LANGUAGES, TAGS, Bits

MOST_PLACES = 20
APPROVED_FOR = timedelta(days=365)


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


class Help(models.Model):
    """A kind of help that can be asked for and offered, such as listening; coordinators keep the list in the admin."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    hint = models.CharField(_("what it means"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(_("not offered any more since"), null=True, blank=True)

    personal = {}

    class Meta:
        verbose_name = _("kind of help")
        verbose_name_plural = _("kinds of help")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Lesson(models.Model):
    """One step before somebody is a mentor: something to read and agree to, or a practice case to answer in one's own words."""

    name = models.CharField(_("name"), max_length=120)
    body = models.TextField(_("what to read"), max_length=8000)
    is_case = models.BooleanField(_("a practice case"), default=False, help_text=_("Answered in words that the coordinator reads."))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(_("not asked any more since"), null=True, blank=True)

    personal = {}

    class Meta:
        verbose_name = _("training step")
        verbose_name_plural = _("training steps")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class MentorQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Approved mentors who are here and have nothing with the viewer that keeps them apart; a member's own row is among them.

        Full and paused ones are seen by those whom they guide; `listed` leaves them out.
        """
        if not viewer.is_authenticated:
            return self.none()
        return self.approved().filter(not_blocked(viewer, account="user"))

    def approved(self) -> Self:
        """Those whose approval runs."""
        return self.filter(user__is_active=True, approved_until__gte=timezone.localdate(), stood_down_at=None)

    def listed(self) -> Self:
        """Those with a place just now: approved, not paused, not full."""
        return self.approved().filter(paused_at=None, free__gt=0)

    def waiting(self) -> Self:
        """Applications for a coordinator to look at."""
        return self.filter(applied_at__isnull=False, approved_at=None, refused_at=None, stood_down_at=None)

    def lapsed(self) -> Self:
        return self.filter(approved_at__isnull=False, approved_until__lt=timezone.localdate(), stood_down_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("applied_at", "pk")


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
    looked_after_by = "Coordinators"
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
        return self.stood_down_at is not None

    @property
    def is_approved(self) -> bool:
        return self.approved_until is not None and self.approved_until >= timezone.localdate() and not self.is_withdrawn

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    def is_visible_to(self, viewer: Any) -> bool:
        return Mentor.objects.visible_to(viewer).filter(pk=self.pk).exists()

    def as_reported(self) -> dict[str, str]:
        return {"title": self.user.username, "body": "\n\n".join(filter(None, [self.story, self.offers, self.limits]))}

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
        if self.applied_at is not None and self.refused_at is None and not self.is_withdrawn:
            return
        self.applied_at = now_in_steps()
        self.approved_at = self.approved_until = self.refused_at = self.stood_down_at = None
        self.refusal = ""
        self.save()

    @transaction.atomic
    def approve(self, *, by: User, reason: str = "", until: date | None = None) -> None:
        """Let them be a mentor for a year; again before it is over, for another one."""
        self._lock()
        if self.applied_at is None or self.is_withdrawn:
            return
        self.approved_at = timezone.now()
        self.approved_until = until or timezone.localdate() + APPROVED_FOR
        self.refused_at, self.refusal = None, ""
        self.save()
        self.user.groups.add(Group.objects.get_or_create(name=MENTORS)[0])
        self.give_places()
        record("mentorship.mentor_approved", by=by, target=self, reason=reason)
        notify([self.user], "mentorship.mentor_approved", target=self)

    @transaction.atomic
    def refuse(self, *, by: User, reason: str) -> None:
        """Not, or not yet: the reason goes to whoever applied, and the text stays theirs to change."""
        self._lock()
        if self.applied_at is None or self.approved_at is not None or self.refused_at is not None:
            return
        self.refused_at, self.refusal = timezone.now(), reason[:500]
        self.save()
        record("mentorship.mentor_refused", by=by, target=self, reason=reason)
        notify([self.user], "mentorship.mentor_refused", target=self, note=reason)

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


def _holding() -> models.QuerySet:
    match = Place._meta.apps.get_model("mentorship", "Match")
    return match.objects.filter(mentor=OuterRef("mentor"), place=OuterRef("number"))


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
