"""`Report`: somebody asks to have something looked at. Where many ask, a post is folded until somebody has."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution
from community.identity.models import Persona
from community.times import now_in_steps

from .claims import Claimable
from .closing import Closed
from .limits import DeskSettings

# What one report of a member weighs towards a fold: all of it, or half where some of theirs came to nothing.
WHOLE, HALF = 2, 1
# Reports of half a year that came to nothing: from so many on, what else a member reports folds nothing by itself.
MOST_UNFOUNDED, REMEMBERED = 3, timedelta(days=183)


# What is told so can be hard to read: it comes folded, and nobody takes many of it in a day.
HEAVY = frozenset({"worried", "illegal", "harmful"})


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=ContentType.objects.get_for_model(target), target_id=target.pk)

    def beside(self, report: "Report") -> Self:
        """All about the same thing, whether it is still there or not."""
        return self.filter(target_type=report.target_type_id, target_id=report.target_id)

    def in_voice(self, voice: Any) -> Self:
        return self.filter(reporter_persona=voice) if voice.is_persona else self.filter(reporter=voice)

    def visible_to(self, viewer: Any) -> Self:
        """One's own reports; those of others are seen in the admin."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(reporter=viewer.pk) | Q(reporter_persona__pk__among=viewer.persona_keys))

    def with_receipt_for(self, viewer: Any) -> Self:
        """One's own, and those that nobody made by an account: of these, whoever keeps the address sees what became of them."""
        nobodys = self.filter(reporter=None, reporter_persona=None)
        return nobodys | self.visible_to(viewer) if viewer.is_authenticated else nobodys

    def unfounded_lately(self) -> Self:
        """Those of the last half year that came to nothing."""
        return self.filter(unfounded_at__gt=timezone.now() - REMEMBERED)

    def that_fold(self) -> Self:
        """Those that ask for a post to be out of the way; worries about a person ask for the opposite."""
        return self.exclude(reason__in=[Report.Reason.WORRIED, Report.Reason.STALE])


class Report(Closed, Claimable):
    """That somebody wants something looked at, with the words as they stood then. Nobody it concerns learns who that was."""

    class Reason(models.TextChoices):
        WORRIED = "worried", _("I am worried about somebody")
        RULE = "rule", _("It breaks a house rule")
        ILLEGAL = "illegal", _("It is against the law")
        PRIVATE = "private", _("It tells private details")
        HARMFUL = "harmful", _("It could do harm")
        STALE = "stale", _("It is out of date or gone")
        SELLING = "selling", _("It sells something")
        NOTE = "note", _("Its content note is wrong or missing")
        OTHER = "other", _("Something else")

    class Harm(models.IntegerChoices):
        DANGER = 0, _("somebody may be in danger")
        HARM = 1, _("it may do harm")
        REST = 2, _("everything else")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reporter_persona = models.ForeignKey(Persona, models.SET_NULL, null=True, related_name="+")
    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    reason = models.CharField(_("what is the matter"), max_length=10, choices=Reason.choices)
    rule = models.CharField(_("which rule or law"), max_length=200, blank=True)
    # That they believe what they say to be right and whole; the law asks for it where something is against it.
    in_good_faith_at = models.DateTimeField(null=True, editable=False)
    # What comes first.
    harm = models.PositiveSmallIntegerField(choices=Harm.choices, default=Harm.REST, editable=False)
    # Towards a fold; nothing for guests and new members.
    weight = models.PositiveSmallIntegerField(default=0, editable=False)
    words = models.TextField(_("in your words"), max_length=2000, blank=True)
    # What was reported, as it stood then: title and words. Editing it away afterwards hides nothing from whoever looks.
    kept = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=now_in_steps, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    outcome = models.CharField(_("what came of it"), max_length=1000, blank=True, editable=False)
    # Closed because there was nothing to it.
    unfounded_at = models.DateTimeField(null=True, editable=False)

    objects = ReportQuerySet.as_manager()
    personal = {"reporter": "erase", "words": "blank", "kept": "blank", "closed_by": "keep"}

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(reporter__isnull=True) | Q(reporter_persona__isnull=True),
                name="a_report_has_one_voice_at_most",
            ),
            models.UniqueConstraint(
                fields=["reporter", "target_type", "target_id"],
                condition=Q(closed_at=None),
                name="one_open_report_per_member_and_thing",
            ),
            models.UniqueConstraint(
                fields=["reporter_persona", "target_type", "target_id"],
                condition=Q(closed_at=None),
                name="one_open_report_per_alias_and_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], condition=Q(closed_at=None), name="reports_open"),
            models.Index(fields=["harm", "created_at", "id"], condition=Q(closed_at=None), name="reports_by_harm"),
            models.Index(fields=["target_type", "target_id"], name="reports_by_target"),
            models.Index(fields=["created_at"], name="reports_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.get_reason_display())

    def get_absolute_url(self) -> str:
        """Its receipt: where whoever reported it sees what became of it."""
        return reverse("report_detail", args=[self.public_id])

    @property
    def voice(self) -> Any:
        """Whoever reported it; None for a guest."""
        return self.reporter_persona if self.reporter_persona_id else self.reporter

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def claimed_as(self) -> tuple[int, int]:
        """What it is about: of several reports of one thing nobody works on the second meanwhile."""
        return self.target_type_id, self.target_id

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def thread(self) -> uuid.UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def shown_title(self) -> str:
        return str(self.kept.get("title", ""))

    @property
    def kind(self) -> str:
        """What sort of thing it is about, in a word or two."""
        return str(self.target_type.name)

    @property
    def is_heavy(self) -> bool:
        """Can it be hard to read? Private details are urgent, and seldom that."""
        return self.reason in HEAVY

    @classmethod
    def harm_of(cls, reason: str) -> "Report.Harm":
        """How much comes before it."""
        if reason == cls.Reason.WORRIED:
            return cls.Harm.DANGER
        is_harm = reason in {cls.Reason.HARMFUL, cls.Reason.ILLEGAL, cls.Reason.PRIVATE}
        return cls.Harm.HARM if is_harm else cls.Harm.REST

    @classmethod
    def heavy_among(cls, kind: ContentType, keys: Iterable[int]) -> models.QuerySet:
        """Which things of that kind can be hard to read, as far as somebody said so and nobody has looked yet."""
        told = cls.objects.open().filter(target_type=kind, target_id__in=keys, reason__in=HEAVY)
        return told.values_list("target_id", flat=True)

    @classmethod
    def weight_of(cls, user: Any, *, voice: Any) -> int:
        """What a report of the signed-in `user` in that voice weighs towards a fold.

        Nothing in their first days. Under an alias it is all or nothing: a half would say something of who is behind it.
        """
        if user.date_joined > timezone.now() - timedelta(days=DeskSettings.current().fold_days):
            return 0
        unfounded = cls.objects.visible_to(user).unfounded_lately()[:MOST_UNFOUNDED].count()
        if unfounded >= MOST_UNFOUNDED:
            return 0
        return HALF if unfounded and not voice.is_persona else WHOLE

    @classmethod
    @transaction.atomic
    def put(
        cls,
        target: Any,
        *,
        by: Any = None,
        reason: str,
        words: str = "",
        rule: str = "",
        weight: int = 0,
        in_good_faith: bool = False,
        public_id: uuid.UUID | None = None,
    ) -> "Report":
        """Report something, with its words as they stand now; `by` is nobody for a guest.

        While one is open, another by the same voice changes nothing: the answer is the one that is open.
        """
        if isinstance(target, Contribution):
            # Else whoever edits it just now could take the words away, and of three at once none would be the third.
            target._lock()
        if by is not None and (there := cls.objects.open().about(target).in_voice(by).first()):
            return there
        report = cls(
            public_id=public_id or uuid.uuid4(),
            target=target,
            reporter=None if by is None or by.is_persona else by,
            reporter_persona=by if by is not None and by.is_persona else None,
            reason=reason,
            rule=rule[:200],
            harm=cls.harm_of(reason),
            words=words,
            weight=weight,
            in_good_faith_at=timezone.now() if in_good_faith else None,
            kept=target.as_reported(),
        )
        if by is None:
            report.save()
        else:
            cls.objects.bulk_create([report], ignore_conflicts=True)  # type: ignore[list-item]
            report = cls.objects.open().about(target).in_voice(by).get()
        if isinstance(target, Contribution):
            cls._fold_if_many(target)
        return report

    @classmethod
    def _fold_if_many(cls, target: Contribution) -> None:
        """Fold it while so many ask for that: fewer are enough when nobody is here. It touches a post, never a person."""
        desk, open_ones = DeskSettings.current(), cls.objects.open().about(target).that_fold()
        needed = desk.fold_always_after if is_somebody_here(desk, target) else desk.fold_after
        weight = open_ones.aggregate(weight=Sum("weight"))["weight"] or 0
        if weight >= WHOLE * max(1, min(needed, desk.fold_always_after)):
            target.fold(
                by=None,
                reason=gettext(
                    "Several members asked us to look at this, so it is folded until a volunteer has. Everybody can still open "
                    "it, and nobody has judged it yet."
                ),
            )

    @classmethod
    def move(cls, user: Any, persona: Persona, *, about: models.QuerySet) -> None:
        """From now on it is the alias that has reported these: an account never stands beside the conversation of its alias."""
        kind = ContentType.objects.get_for_model(about.model)
        cls.objects.filter(reporter=user, target_type=kind, target_id__in=about.values("pk")).update(
            reporter=None, reporter_persona=persona
        )

    def holds(self, target: Any) -> bool:
        """Is it about these words of `target`? Of a pair there are two kinds: those for others, and a thank-you."""
        return not hasattr(target, "reported") or target.as_reported()["body"] in self.kept.get("body", "")

    @transaction.atomic
    def add(self, target: Any, *, words: str = "") -> None:
        """Other words of the same thing are to be looked at, too: they are kept with the first, as they stand now."""
        report = Report.objects.select_for_update(no_key=True).get(pk=self.pk)
        if report.closed_at is None and not report.holds(target):
            more = target.as_reported()
            report.kept["body"] = "\n\n".join([report.kept.get("body", ""), f"{more['title']}:", more["body"]])
            report.words = "\n\n".join(filter(None, [report.words, words]))[:2000]
            report.save(update_fields=["kept", "words"])


def is_somebody_here(desk: DeskSettings, target: Any = None) -> bool:
    """Does somebody look after things at this moment: at the desk, by its hours, or where `target` stands, by those there?

    Where no hours were given nobody has promised to be here.
    """
    if getattr(target, "is_watched", False):
        return True
    start, end = desk.here_from, desk.here_until
    if start is None or end is None:
        return False
    now = timezone.localtime(timezone=timezone.get_default_timezone()).time()
    return start <= now < end if start <= end else now >= start or now < end
