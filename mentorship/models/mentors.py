"""`Mentor`: somebody who has been there and has a place for one more; found by newcomers, in their own words."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community.contributions.filters import Filter, words_found
from community.members.models import COORDINATORS, MENTORS, User, not_blocked
from community.tags.models import Tag, Tagged
from mentorship.fields import HELPS, HOURS, LANGUAGES, TAGS, Bits

from .approval import TOLD_BEFORE, Approval
from .places import MOST_PLACES, all_matches
from .training import Help
from .worded import Worded


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
        theirs = all_matches().filter(mentor=OuterRef("pk"), newcomer=viewer.pk)
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
        """Applications for a coordinator to look at, approvals that are to be renewed, and words that were changed as asked."""
        first = Q(applied_at__isnull=False, approved_at=None, refused_at=None)
        again = Q(renewal_asked_at__isnull=False) | Q(held_at__isnull=False)
        return self.filter(first | again, stood_down_at=None, user__is_active=True)

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
        """With `asked_at`: when they asked, whether to begin, to go on or to be shown again."""
        return self.annotate(asked_at=Coalesce("renewal_asked_at", "held_at", "applied_at")).order_by("asked_at", "pk")


def _approved() -> Q:
    return Q(user__is_active=True, approved_until__gte=timezone.localdate(), stood_down_at=None)


def _has_place() -> Q:
    return Q(paused_at=None, free__gt=0)


class Mentor(Worded, Approval):
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
    gender = models.CharField(_("you are"), max_length=6, choices=Gender.choices, blank=True)
    wished_gender = models.CharField(_("you would rather guide"), max_length=6, choices=Gender.choices, blank=True)
    shares = ArrayField(models.CharField(max_length=8, choices=Fact.choices), default=all_facts, blank=True)

    # Kept ready for finding; `renewing.py` makes them anew from the rows above.
    tag_bits = Bits(TAGS)
    not_bits = Bits(TAGS)
    help_bits = Bits(HELPS)
    language_bits = Bits(LANGUAGES)
    utc_hours = Bits(HOURS)
    offset = models.SmallIntegerField(default=0, editable=False)  # minutes ahead of UTC just now
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
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=False) | Q(held_at=None, sent_back_at=None), name="words_that_wait_are_hidden"
            ),
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
        return {"title": self.user.username, "body": self.body}

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
