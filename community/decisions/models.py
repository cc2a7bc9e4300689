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
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.identity.models import Persona
from community.notifications.models import notify
from community.times import now_in_steps


class Act(models.TextChoices):
    """What can be decided, in words that finish the sentence “A volunteer …”."""

    NOTE = "note", _("added a content note")
    FOLD = "fold", _("folded it until somebody has looked")
    REVISE = "revise", _("asks for a change before others see it")
    REDACT = "redact", _("took out a part of it")
    HIDE = "hide", _("hid it")
    REMOVE = "remove", _("removed it")
    MOVE = "move", _("moved it to another board")
    LOCK = "lock", _("closed the conversation to replies")
    SLOW = "slow", _("slowed the conversation down")
    HOLD = "hold", _("looks first at what you post, for a time")
    PAUSE = "pause", _("paused your posting, for a time")
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

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=ContentType.objects.get_for_model(target), target_id=target.pk)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-public_id")

    def mark_reversed(self, decisions: "Iterable[Decision]") -> None:
        """Say that these hold no longer; whoever calls this has undone what they did."""
        keys = [decision.pk for decision in decisions]
        self.filter(pk__in=keys, reversed_at=None).update(reversed_at=now_in_steps())


class Decision(models.Model):
    """A statement of reasons: what was decided by whom about whose words or standing, by which rule, on what grounds.

    It goes to the voice it concerns, and to nobody who stands behind an alias but through it. Machines decide nothing here.
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
        if self.by_id is None:
            return gettext("It is folded until a volunteer has looked at it")
        return gettext("A volunteer %(what)s") % {"what": self.get_act_display()}

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

    @transaction.atomic
    def reverse(self, *, by: Any, reason: str) -> None:
        """Undo what it did, as far as it holds: `target.undo()` knows the opposite of each act, and tells whom it concerns."""
        self.refresh_from_db(fields=["reversed_at"])
        if self.is_reversed:
            return
        if self.target is not None:
            self.target.undo(self, by=by, reason=reason)
        Decision.objects.mark_reversed([self])
        self.refresh_from_db(fields=["reversed_at", "kept"])


@transaction.atomic
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
) -> Decision:
    """Write down a decision about `target`, and tell whoever it concerns: `voice`, else the voice of `target`.

    Call it inside the verb's transaction, in place of `record` and `notify`: it calls both. `action` is the audit's name for it,
    such as `forums.reply_hidden`; `kept` what whoever wrote it keeps of the words as they stood.
    """
    voice = voice or target.voice
    decision = Decision.objects.create(
        act=act,
        member=None if voice.is_persona else voice,
        persona=voice if voice.is_persona else None,
        target_type=ContentType.objects.get_for_model(target),
        target_id=target.pk,
        rule=rule[:200],
        reason=reason,
        until=until,
        kept=kept or {},
        by=by,
    )
    record(action, by=by, target=target, reason=reason)
    notify([voice], "decisions.decision_made", target=decision, note=reason)
    return decision


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
