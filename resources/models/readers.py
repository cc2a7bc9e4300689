"""What readers make of a resource: `Review`, for others; `Saved`, for themselves."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution, ContributionQuerySet
from community.members.models import User
from community.tags.models import Tag
from community.times import now_in_steps

from .resources import Resource


class ReviewQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        return super().visible_to(viewer).filter(resource__in=Resource.objects.visible_to(viewer))

    def with_place(self) -> Self:
        return super().with_place().select_related("resource", "need")


class Review(Contribution):
    """That something helped somebody, or was not for them: for which need, and a sentence if they like. Never a star."""

    class Verdict(models.TextChoices):
        HELPED = "helped", _("It helped me")
        NOT_FOR_ME = "not", _("It was not for me")

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="reviews", editable=False)
    verdict = models.CharField(_("did it help"), max_length=6, choices=Verdict.choices)
    need = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("for what"))

    objects = ReviewQuerySet.as_manager()

    class Meta(Contribution.Meta):
        verbose_name = _("word about a resource")
        verbose_name_plural = _("words about resources")
        constraints = [
            *Contribution.Meta.constraints,
            models.UniqueConstraint(
                fields=["resource", "author"], condition=models.Q(withdrawn_at=None), name="one_word_about_a_resource_per_member"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_verdict_display())

    def get_absolute_url(self) -> str:
        return f"{self.resource.get_absolute_url()}#w-{self.public_id}"

    @property
    def shown_title(self) -> str:
        return self.resource.shown_title


class Saved(models.Model):
    """A resource that a member keeps for themselves, with a note for nobody else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+")
    note = models.CharField(_("a note for yourself"), max_length=500, blank=True)
    at = models.DateTimeField(default=now_in_steps)

    personal = {"user": "erase", "note": "erase", "at": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "resource"], name="saved_once_by_a_member")]
        indexes = [models.Index(fields=["user", "-at", "-id"], name="saved_newest")]

    def __str__(self) -> str:
        return "something saved"
