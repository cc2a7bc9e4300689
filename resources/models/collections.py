"""Collections and reading paths: resources in an order, with words between them."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Contribution, ContributionQuerySet

from .resources import Resource


class CollectionQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """What is shared with the viewer; a private one is its maker's alone."""
        shared = Q(shared="everyone")
        if viewer.is_authenticated:
            shared |= Q(shared="members") | Q(author=viewer.pk)
        return super().visible_to(viewer).filter(shared)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-public_id")


class Collection(Contribution):
    """Some resources in an order that helps, such as “the first week after a diagnosis”; the body says whom it is for."""

    class Shared(models.TextChoices):
        PRIVATE = "private", _("Only you")
        MEMBERS = "members", _("Members can see it")
        EVERYONE = "everyone", _("Anyone can see it, also without signing in")

    title = models.CharField(_("title"), max_length=120)
    shared = models.CharField(_("who can see it"), max_length=10, choices=Shared.choices, default=Shared.PRIVATE)

    objects = CollectionQuerySet.as_manager()
    personal = Contribution.personal | {"title": "blank"}

    class Meta(Contribution.Meta):
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        indexes = [models.Index(fields=["author", "-created_at", "-public_id"], name="collection_by_author")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("collection_detail", args=[self.public_id])

    @property
    def shown_title(self) -> str:
        return self.title

    def empty(self) -> None:
        self.title = ""


class Place(models.Model):
    """A resource at its place in a collection, with words before it."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="places")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()
    words = models.CharField(_("words before it"), max_length=500, blank=True)

    personal = {"words": "blank"}

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "resource"], name="once_in_a_collection"),
            models.UniqueConstraint(
                fields=["collection", "position"], name="one_resource_per_place", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return str(self.position)
