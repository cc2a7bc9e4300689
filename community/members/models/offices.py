"""Roles: who looks after what here, since when and until when, and what they went through before it began.

An `Office` is the appointment; being in the group of its role is the power. The power begins once its holder has gone through the
training, where the community asks for one, and ends with the office (appointing.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community import text
from community.audit.models import record

GREETERS = "Greeters"
MODERATORS = "Moderators"
LEADS = "Safeguarding leads"
LIBRARIANS = "Librarians"
COORDINATORS = "Coordinators"
# Groups that are a role, and so no circle that somebody could speak to alone.
ROLE_GROUPS = (GREETERS, MODERATORS, LEADS, LIBRARIANS, COORDINATORS)
# Those whose work is in the admin, behind a second step.
STAFF_GROUPS = (MODERATORS, LEADS, LIBRARIANS, COORDINATORS)
# For so long somebody is appointed, and so long before the end they and the owners are reminded.
TERM, REMINDED = timedelta(days=365), timedelta(days=30)


class Role(models.TextChoices):
    """What somebody can be appointed to, in the words of the command line; a lead is a moderator, too, and comes after."""

    GREETER = "greeter", _("greeter")
    LIBRARIAN = "librarian", _("librarian")
    COORDINATOR = "coordinator", _("coordinator of mentorship")
    MODERATOR = "moderator", _("moderator")
    LEAD = "lead", _("lead, in charge of safety")

    @property
    def group(self) -> str:
        """The name of the group that has its power."""
        return _GROUPS[self]

    @property
    def with_it(self) -> "tuple[Role, ...]":
        """What one is as well: those in charge of safety look after what others write."""
        return (Role.MODERATOR, self) if self is Role.LEAD else (self,)

    @property
    def ends_with_it(self) -> "tuple[Role, ...]":
        """What one is no more as well: nobody is in charge of safety who looks after nothing."""
        return (Role.LEAD, self) if self is Role.MODERATOR else (self,)


_GROUPS = {
    Role.GREETER: GREETERS,
    Role.LIBRARIAN: LIBRARIANS,
    Role.COORDINATOR: COORDINATORS,
    Role.MODERATOR: MODERATORS,
    Role.LEAD: LEADS,
}
_ROLES = {group: role for role, group in _GROUPS.items()}


class OfficeQuerySet(models.QuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """One's own; owners hear of everybody's."""
        if not viewer.is_authenticated:
            return self.none()
        owner = get_user_model().objects.filter(pk=viewer.pk, is_superuser=True)
        return self.filter(Q(user=viewer.pk) | Exists(owner))

    def ending(self, now: datetime) -> Self:
        """Those that end soon, unless somebody renews them."""
        return self.standing().filter(until__gt=now, until__lte=now + REMINDED)

    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def of_roles(self, roles: Iterable[Role]) -> Self:
        return self.filter(group__name__in=[role.group for role in roles])

    def run_out(self) -> Self:
        """Those whose time is over, although nobody has tidied up yet: they give nothing any more."""
        return self.standing().filter(until__lte=Now())


class Office(models.Model):
    """A role that somebody holds: since when, until when, and when they were through its training, which begins its power."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offices")
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(_("until"), null=True)
    trained_at = models.DateTimeField(_("training done"), null=True)
    reminded_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = OfficeQuerySet.as_manager()
    personal = {"user": "erase"}

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], condition=Q(ended_at=None), name="one_office_per_role_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role.label}"

    def get_absolute_url(self) -> str:
        return reverse("office_list")

    @property
    def thread(self) -> UUID:
        """News of it stands for itself."""
        return self.public_id

    @property
    def is_withdrawn(self) -> bool:
        return False

    @property
    def role(self) -> Role:
        return _ROLES[self.group.name]

    @property
    def has_begun(self) -> bool:
        """Does it give its power?"""
        return self.trained_at is not None

    @cached_property
    def steps(self) -> list["TrainingStep"]:
        """The training as it is now, each step with `is_taken`; of several offices `with_steps` finds it at once."""
        return with_steps([self])[0].steps

    @property
    def is_ready(self) -> bool:
        """Is its training behind its holder?"""
        return all(step.is_taken for step in self.steps)


class TrainingStepQuerySet(models.QuerySet):
    def in_use(self) -> Self:
        return self.filter(retired_at=None)


class TrainingStep(models.Model):
    """One step before a role begins: something to read and agree to, or a case to think through. Owners keep them in the admin."""

    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    name = models.CharField(_("name"), max_length=120)
    body = models.TextField(_("what to read"), max_length=4000, help_text=_("Markdown."))
    answer = models.TextField(
        _("what we would do"),
        max_length=2000,
        blank=True,
        help_text=_("For a practice case: it is folded, to be opened after one has thought of an answer. Markdown."),
    )
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    retired_at = models.DateTimeField(_("not asked for since"), null=True, editable=False)

    objects = TrainingStepQuerySet.as_manager()
    personal = {}

    # Whether it was taken for the office that asks.
    is_taken = False

    class Meta:
        verbose_name = _("training step of a role")
        verbose_name_plural = _("training steps of roles")
        ordering = ["role", "position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def body_html(self) -> str:
        return text.render(self.body)

    @property
    def answer_html(self) -> str:
        return text.render(self.answer)

    @transaction.atomic
    def retire(self, *, by: Any, reason: str) -> None:
        """Ask for it no more; what waited for nothing else begins in the night."""
        if TrainingStep.objects.in_use().filter(pk=self.pk).update(retired_at=timezone.now()):
            record("members.trainingstep_retired", by=by, target=self, reason=reason)

    @transaction.atomic
    def bring_back(self, *, by: Any, reason: str) -> None:
        """Ask for it again; whoever has begun goes on."""
        if TrainingStep.objects.filter(pk=self.pk).exclude(retired_at=None).update(retired_at=None):
            record("members.trainingstep_brought_back", by=by, target=self, reason=reason)


class StepTaken(models.Model):
    """That somebody went through a step of the training for an office of theirs."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="steps_taken")
    step = models.ForeignKey(TrainingStep, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    personal = {"office": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "step"], name="each_step_once_per_office")]

    def __str__(self) -> str:
        return str(self.step)


def memberships_of(user: Any) -> models.QuerySet:
    """The groups that `user` is in, by `group`, without those of a role that has run out: its power ends at that moment."""
    over = Office.objects.run_out().filter(user=OuterRef("user"), group=OuterRef("group"))
    return get_user_model().groups.through.objects.filter(~Exists(over), user=user)


def with_steps(offices: Iterable[Office]) -> list[Office]:
    """These offices of one person, each with the steps of its training as it is now."""
    found = list(offices)
    taken = set(StepTaken.objects.filter(office__in=found).values_list("step", flat=True))
    steps = list(TrainingStep.objects.in_use().filter(role__in=[office.role for office in found]))
    for step in steps:
        step.is_taken = step.pk in taken
    for office in found:
        office.steps = [step for step in steps if step.role == office.role]
    return found
