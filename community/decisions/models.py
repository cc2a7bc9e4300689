"""`Decision`: what was decided about somebody's words or standing, and why. `ReasonTemplate`: reasons that are needed often."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.audit.models import record, record_each
from community.identity.models import Persona
from community.notifications.models import notify, notify_each
from community.times import WITHOUT_END, now_in_steps

# What something is decided about, the voice that it concerns, and what that keeps of it.
About = tuple[Any, Any, dict[str, Any]]


class Act(models.TextChoices):
    """What can be decided, in words that finish the sentence “A volunteer …”."""

    WORD = "word", _("wrote you a few words about it")
    NOTE = "note", _("added a content note")
    FOLD = "fold", _("folded it until somebody has looked")
    REVISE = "revise", _("asks for a change before others see it")
    CHANGE = "change", _("asks for another change; what others see stays as it was")
    REDACT = "redact", _("took out a part of it")
    HIDE = "hide", _("hid it")
    REMOVE = "remove", _("removed it")
    WITHIN = "within", _("hid the place in which your words stand")
    MOVE = "move", _("moved it to another board")
    LOCK = "lock", _("closed the conversation to replies")
    SLOW = "slow", _("slowed the conversation down")
    HOLD = "hold", _("looks first at what you post, for a time")
    PAUSE = "pause", _("paused your posting")
    RENAME = "rename", _("asks you to choose another name here")
    REFUSE = "refuse", _("could not take it")
    END = "end", _("ended your part")


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """Those about oneself, under whatever name; those about others are seen in the admin."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(member=viewer.pk) | Q(persona__pk__among=viewer.persona_keys))

    def standing(self) -> Self:
        return self.filter(reversed_at=None)

    def holding(self, now: Any) -> Self:
        """Those of acts that hold for a time, or without end, that hold at that moment; with that `end`."""
        holding = self.standing().filter(Q(until=None) | Q(until__gt=now))
        return holding.annotate(end=Coalesce("until", models.Value(WITHOUT_END)))

    def without_end(self) -> Self:
        """Pauses that hold until somebody looks at them again."""
        return self.standing().filter(act=Act.PAUSE, until=None)

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=ContentType.objects.get_for_model(target), target_id=target.pk)

    def about_any(self, targets: Iterable[models.Model]) -> Self:
        """About any of these, which are of one kind."""
        rows = list(targets)
        kind = ContentType.objects.get_for_model(rows[0])
        return self.filter(target_type=kind, target_id__in=[row.pk for row in rows])

    def newest_first(self) -> Self:
        return self.order_by("-at", "-public_id")

    def mark_reversed(self, decisions: "Iterable[Decision]") -> None:
        """Say that these hold no longer; whoever calls this has undone what they did."""
        keys = [decision.pk for decision in decisions]
        self.filter(pk__in=keys, reversed_at=None).update(reversed_at=now_in_steps())


class Decision(models.Model):
    """A statement of reasons: what was decided by whom about whose words or standing, by which rule, on what grounds.

    It goes to the voice it concerns, and to nobody who stands behind an alias but through it. Without `by` a rule of
    the house did it, such as the one that counts who asked to have something looked at; no machine reads words.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    act = models.CharField(max_length=8, choices=Act.choices)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    persona = models.ForeignKey(Persona, models.PROTECT, null=True, related_name="+")
    target_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    rule = models.CharField(max_length=200, blank=True, help_text="The house rule or law it stands on, as it read then.")
    reason = models.TextField(max_length=1000)
    until = models.DateTimeField(null=True)
    # Whoever wrote it keeps a private copy: title, body and address as they stood before.
    kept = models.JSONField(default=dict)
    # Empty: the house itself, which folds what several asked to have looked at.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now_in_steps)
    reversed_at = models.DateTimeField(null=True)

    objects = DecisionQuerySet.as_manager()
    personal = {"member": "keep", "kept": "blank", "reason": "keep", "by": "keep"}

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None, persona__isnull=False) | Q(member__isnull=False, persona=None),
                name="a_decision_concerns_one_voice",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_decision_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="decision_target"),
            models.Index(fields=["member", "-at", "-public_id"], name="decision_by_member"),
            models.Index(fields=["at"], name="decision_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.get_act_display())

    def get_absolute_url(self) -> str:
        return reverse("decision_detail", args=[self.public_id])

    @property
    def voice(self) -> Any:
        return self.member if self.member_id else self.persona

    @property
    def sentence(self) -> str:
        """What was decided, as whoever it concerns reads it."""
        if self.is_automated:
            if self.act == Act.FOLD:
                return gettext("It is folded until a volunteer has looked at it")
            return gettext("A rule of this house %(what)s") % {"what": self.get_act_display()}
        return gettext("A volunteer %(what)s") % {"what": self.what}

    @property
    def what(self) -> str:
        """What was decided, after “A volunteer …”; of a pause also for how long, since that is what one asks first."""
        if self.act != Act.PAUSE:
            return str(self.get_act_display())
        return (
            gettext("paused your posting, for a time") if self.until else gettext("paused your posting until somebody looks again")
        )

    @property
    def is_without_end(self) -> bool:
        """Is it a pause that holds until somebody looks at it again?"""
        return self.act == Act.PAUSE and self.until is None

    @property
    def is_automated(self) -> bool:
        """Did a rule of the house decide it, and nobody?"""
        return self.by_id is None

    @property
    def thread(self) -> uuid.UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None

    @property
    def shown_title(self) -> str:
        return str(self.kept.get("title", ""))

    @property
    def others_alike(self) -> int:
        """How many other things of the same voice were decided about in the same way at the same time, for the same reason."""
        same = Decision.objects.filter(member=self.member_id, persona=self.persona_id, at=self.at, act=self.act, by=self.by_id)
        return same.filter(reason=self.reason).exclude(pk=self.pk).count()

    @transaction.atomic(savepoint=False)
    def reverse(self, *, by: Any, reason: str) -> None:
        """Undo what it did, as far as it holds: `target.undo()` knows the opposite of each act, and tells whom it concerns."""
        self.refresh_from_db(fields=["reversed_at"])
        if self.is_reversed:
            return
        if self.target is not None:
            self.target.undo(self, by=by, reason=reason)
        Decision.objects.mark_reversed([self])
        self.refresh_from_db(fields=["reversed_at", "kept"])


@transaction.atomic(savepoint=False)
def decide(
    act: Act,
    target: Any,
    *,
    by: Any,
    reason: str,
    action: str,
    voice: Any = None,
    rule: str = "",
    until: datetime | None = None,
    kept: dict[str, Any] | None = None,
    recorded: str = "",
) -> Decision:
    """Write down a decision about `target`, and tell whoever it concerns: `voice`, else the voice of `target`.

    Call it inside the verb's transaction, in place of `record` and `notify`: it calls both. `action` is the audit's name for it,
    such as `forums.reply_hidden`, empty where that is written down already; `kept` what whoever wrote it keeps of the words as they
    stood; `recorded` the reason as the audit keeps it, where telling all of it could put somebody else in danger.
    """
    voice = voice or target.voice
    decision = _about(target, voice, act=act, rule=rule[:200], reason=reason, until=until, kept=kept or {}, by=by)
    decision.save(force_insert=True)
    if action:
        record(action, by=by, target=target, reason=recorded or reason)
    notify([voice], "decisions.decision_made", target=decision, note=reason)
    return decision


@transaction.atomic(savepoint=False)
def decide_each(
    act: Act,
    about: Iterable[tuple[Any, Any, dict[str, Any]]],
    *,
    by: Any,
    reason: str,
    action: str,
    rule: str = "",
    batch: uuid.UUID,
) -> None:
    """The same decision about each of these targets of one kind, with the voice it concerns and what that keeps; six statements.

    Everybody has a statement for each of theirs. Within a `batch` they hear of it once: nobody gets a thousand mails.
    """
    told: dict[tuple[bool, int | None], Decision] = {}
    made = [_about(target, voice, act=act, rule=rule[:200], reason=reason, kept=kept, by=by) for target, voice, kept in about]
    Decision.objects.bulk_create(made)
    if action:
        record_each(action, by=by, targets=[(decision.target_type, decision.target_id) for decision in made], reason=reason)
    for decision in made:
        told.setdefault((decision.persona_id is not None, decision.persona_id or decision.member_id), decision)
    notify_each(((decision.voice, decision, batch) for decision in told.values()), "decisions.decision_made", note=reason)


def _about(target: Any, voice: Any, **fields: Any) -> Decision:
    """A statement to `voice`, not yet saved."""
    return Decision(
        member=None if voice.is_persona else voice,
        persona=voice if voice.is_persona else None,
        target_type=ContentType.objects.get_for_model(target),
        target_id=target.pk,
        **fields,
    )


class ReasonTemplate(models.Model):
    """A reason that is needed often, in words that a team agreed on; a decision takes them and may add its own."""

    act = models.CharField(_("for"), max_length=8, choices=Act.choices, blank=True, help_text=_("Empty: for everything."))
    name = models.CharField(_("name"), max_length=60, help_text=_("What the list of reasons says; only volunteers read it."))
    words = models.TextField(_("words"), max_length=600, help_text=_("What whoever it concerns reads."))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(null=True, editable=False)

    personal = {}

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @transaction.atomic
    def retire(self, *, by: Any, reason: str) -> None:
        """Offer it no longer; what was decided with it keeps its words."""
        if ReasonTemplate.objects.filter(pk=self.pk, retired_at=None).update(retired_at=now_in_steps()):
            record("decisions.reason_retired", by=by, target=self, reason=reason)

    @transaction.atomic
    def bring_back(self, *, by: Any, reason: str) -> None:
        if ReasonTemplate.objects.filter(pk=self.pk, retired_at__isnull=False).update(retired_at=None):
            record("decisions.reason_brought_back", by=by, target=self, reason=reason)
