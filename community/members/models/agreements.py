"""The texts that members agree to, version by version, and who agreed to which."""

import re
from typing import Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community import text

from .users import User

# A rule is a line of a list that begins in bold.
_RULE = re.compile(r"^[-*] \*\*(.+?)\*\*", re.MULTILINE)


class AgreementQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(replaced_at=None)

    def not_accepted_by(self, user) -> Self:
        """The current texts that `user` has not agreed to, or has taken the agreement back for."""
        return self.current().exclude(pk__in=Acceptance.objects.filter(user=user, withdrawn_at=None).values("agreement_id"))


class Agreement(models.Model):
    """One version of a text that members agree to: the house rules, or holding what is sensitive."""

    class Kind(models.TextChoices):
        RULES = "rules", _("House rules")
        SENSITIVE = "sensitive", _("Keeping what is sensitive")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"), editable=False)
    body = models.TextField(_("text"), max_length=text.MAX_LENGTH, help_text=_("Markdown. Every member is asked anew."))
    published_at = models.DateTimeField(_("published"), default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)

    objects = AgreementQuerySet.as_manager()
    personal = {}

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_text_per_version"),
            models.UniqueConstraint(fields=["kind"], condition=models.Q(replaced_at=None), name="one_current_text_per_kind"),
        ]

    def __str__(self) -> str:
        return _("%(kind)s, version %(version)s") % {"kind": self.get_kind_display(), "version": self.version}

    @property
    def body_html(self) -> str:
        return text.render(self.body)

    @classmethod
    def rules(cls) -> list[str]:
        """The house rules as they are now, each by its first bold words; what a report or a decision can name."""
        body = cls.objects.current().filter(kind=cls.Kind.RULES).values_list("body", flat=True).first() or ""
        return [rule.strip().rstrip(".")[:200] for rule in _RULE.findall(body)]

    @transaction.atomic
    def publish(self) -> None:
        """Make this the current text of its kind; members are asked anew before they write again."""
        current = Agreement.objects.select_for_update().filter(kind=self.kind, replaced_at=None).first()
        self.version = current.version + 1 if current else 1
        self.published_at = timezone.now()
        if current:
            current.replaced_at = self.published_at
            current.save(update_fields=["replaced_at"])
        self.save()

    def accept(self, *, by: User) -> "Acceptance":
        """Write down that this member agrees to this version."""
        return Acceptance.objects.update_or_create(user=by, agreement=self, defaults={"at": timezone.now(), "withdrawn_at": None})[
            0
        ]

    def withdraw(self, *, by: User) -> None:
        """Take this member's agreement back, whichever version it was given to."""
        Acceptance.objects.filter(user=by, agreement__kind=self.kind, withdrawn_at=None).update(withdrawn_at=timezone.now())


class Acceptance(models.Model):
    """That a member agreed to one version of a text, and perhaps took it back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="acceptances")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="acceptances")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    personal = {"user": "erase", "at": "erase", "withdrawn_at": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agreement"], name="one_acceptance_per_text")]

    def __str__(self) -> str:
        return f"{self.user} · {self.agreement}"
