"""`Request`: a member looks for somebody who has been there; with the mentors that they noted for themselves."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community.audit.models import record
from community.members.models import COORDINATORS, User
from community.moderation.models import Claimable
from community.notifications.models import notify
from community.tags.models import Tag, Tagged
from community.times import now_in_steps
from mentorship.fields import HELPS, HOURS, LANGUAGES, TAGS, Bits

from .mentors import Fact, Gender, Mentor, all_facts
from .pace import Pace
from .training import Help


class Weight(models.TextChoices):
    """How much something matters to whoever looks."""

    MUST = "must", _("It has to be so")
    HIGH = "high", _("It matters a lot")
    MEDIUM = "medium", _("It would be good")
    LOW = "low", _("It matters little")


class RequestQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """One's own. A mentor reads what is shared through the match, a coordinator in the admin."""
        return self.filter(user=viewer.pk) if viewer.is_authenticated else self.none()

    def open(self) -> Self:
        """Those of people who still look: nobody found yet, nothing taken back, not run out."""
        return self.filter(closed_at=None, user__is_active=True)

    def past(self) -> Self:
        """Those whose time is over, and that are open still."""
        return self.filter(closed_at=None, open_until__lt=timezone.localdate())

    def longest_waiting(self) -> Self:
        return self.order_by("waiting_since", "pk")


class Request(Claimable):
    """What somebody looks for in a mentor, until one is found. There is one open one for each member."""

    class Ending(models.TextChoices):
        FOUND = "found", _("A mentor was found")
        TAKEN_BACK = "back", _("Taken back")
        RUN_OUT = "out", _("Run out")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    need = models.TextField(_("what it is about"), max_length=2000)
    hopes = models.TextField(_("what you hope for"), max_length=1000, blank=True)
    tags = TaggableManager(through=Tagged, blank=True)  # what they are going through
    helps = models.ManyToManyField(Help, verbose_name=_("what would help"), blank=True)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = Bits(HOURS)  # of their own week, in their own time zone
    gender = models.CharField(_("you are"), max_length=6, choices=Gender.choices, blank=True)
    wished_gender = models.CharField(_("you would rather have"), max_length=6, choices=Gender.choices, blank=True)
    # How much each part matters to them, and the one that matters most.
    weigh_topics = models.CharField(_("the kind of help"), max_length=6, choices=Weight.choices, default=Weight.HIGH)
    weigh_lived = models.CharField(_("having been there"), max_length=6, choices=Weight.choices, default=Weight.HIGH)
    weigh_hours = models.CharField(_("being free at the same time"), max_length=6, choices=Weight.choices, default=Weight.MEDIUM)
    weigh_gender = models.CharField(_("who it is"), max_length=6, choices=Weight.choices, default=Weight.MUST)
    most_important = models.CharField(_("what matters most to you"), max_length=8, choices=Fact.choices, blank=True)
    # “Do not match me on this”: facts such as `hours`, or one tag or kind of help as `tag:12`, `help:3`.
    struck = ArrayField(models.CharField(max_length=24), default=list, blank=True, editable=False)
    shares = ArrayField(models.CharField(max_length=8, choices=Fact.choices), default=all_facts, blank=True)

    created_at = models.DateTimeField(default=now_in_steps, editable=False)
    changed_at = models.DateTimeField(default=now_in_steps, editable=False)
    # When they began to wait: a match that did not fit costs nobody their turn.
    waiting_since = models.DateTimeField(default=now_in_steps, editable=False)
    open_until = models.DateField(editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    ending = models.CharField(max_length=5, choices=Ending.choices, blank=True, editable=False)
    flagged_at = models.DateTimeField(_("needs somebody trained for harder stories since"), null=True, editable=False)

    # Kept ready for finding; `renewing.py` makes them anew from the rows above.
    tag_bits = Bits(TAGS)
    without_bits = Bits(TAGS)
    help_bits = Bits(HELPS)
    language_bits = Bits(LANGUAGES)
    utc_hours = Bits(HOURS)
    offset = models.SmallIntegerField(default=0, editable=False)

    objects = RequestQuerySet.as_manager()
    looked_after_by = COORDINATORS
    personal = {
        "user": "keep",
        **dict.fromkeys(("need", "hopes", "languages", "time_zone", "hours", "gender", "wished_gender", "most_important"), "blank"),
        **dict.fromkeys(("struck", "shares", "tag_bits", "without_bits", "help_bits", "language_bits", "utc_hours"), "blank"),
        "offset": "blank",
    }

    class Meta:
        verbose_name = _("request for a mentor")
        verbose_name_plural = _("requests for a mentor")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(closed_at=None), name="one_open_request_per_member"),
            models.CheckConstraint(
                condition=Q(closed_at=None, ending="") | (Q(closed_at__isnull=False) & ~Q(ending="")),
                name="an_ended_request_says_how",
            ),
        ]
        indexes = [models.Index(fields=["waiting_since", "id"], condition=Q(closed_at=None), name="requests_longest_waiting")]

    def __str__(self) -> str:
        return self.user.username

    def save(self, **kwargs: Any) -> None:
        if self.open_until is None:
            self.open_until = timezone.localdate() + Pace.current().open_for
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return reverse("request_detail")

    @property
    def thread(self) -> uuid.UUID:
        return self.public_id

    @property
    def shown_title(self) -> str:
        return self.user.username

    @property
    def is_withdrawn(self) -> bool:
        """One that ran out is news still: it can be taken up again."""
        return self.ending in (self.Ending.FOUND, self.Ending.TAKEN_BACK)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_visible_to(self, viewer: Any) -> bool:
        return Request.objects.visible_to(viewer).filter(pk=self.pk).exists()

    @transaction.atomic
    def close(self, ending: str) -> bool:
        """End the search; False if it was over already."""
        closed = Request.objects.filter(pk=self.pk, closed_at=None).update(closed_at=now_in_steps(), ending=ending)
        self.refresh_from_db(fields=["closed_at", "ending"])
        return bool(closed)

    @transaction.atomic
    def run_out(self) -> bool:
        """End it, its time being over; the words stay the member's. False if it was prolonged, or over before."""
        past = Request.objects.past().filter(pk=self.pk)
        if not past.update(closed_at=now_in_steps(), ending=self.Ending.RUN_OUT):
            return False
        self.refresh_from_db(fields=["closed_at", "ending"])
        notify([self.user], "mentorship.request_ran_out", target=self)
        return True

    @transaction.atomic
    def flag(self, *, by: User, reason: str) -> None:
        """Only mentors who are trained for harder stories are brought from now on."""
        if Request.objects.filter(pk=self.pk, flagged_at=None).update(flagged_at=timezone.now()):
            record("mentorship.request_flagged", by=by, target=self, reason=reason)

    @transaction.atomic
    def unflag(self, *, by: User, reason: str) -> None:
        if Request.objects.filter(pk=self.pk, flagged_at__isnull=False).update(flagged_at=None):
            record("mentorship.request_unflagged", by=by, target=self, reason=reason)

    def set_without(self, tags: Iterable[Tag]) -> None:
        """What must not be in a mentor's story."""
        self.without.all().delete()
        Without.objects.bulk_create([Without(request=self, tag=tag) for tag in tags])


class Without(models.Model):
    """A tag that the mentor somebody looks for must not carry."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="without")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    personal = {"tag": "erase"}

    def __str__(self) -> str:
        return "not with this"


class Noted(models.Model):
    """That somebody who looks keeps a mentor in mind, or would rather not be shown them; the mentor never learns of it."""

    class How(models.TextChoices):
        SAVED = "saved", _("Kept in mind")
        NOT_FOR_ME = "not", _("Not for me")

    request = models.ForeignKey(Request, models.CASCADE, related_name="noted")
    mentor = models.ForeignKey(Mentor, models.CASCADE, related_name="+")
    how = models.CharField(max_length=5, choices=How.choices)

    personal = {"how": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "mentor"], name="one_note_per_request_and_mentor")]

    def __str__(self) -> str:
        return "a mentor noted"
