"""The vocabulary: a tag, what carries it, who follows it, and what was looked for under it in vain."""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import CommonGenericTaggedItemBase, TagBase

LONGEST = 40


class TagQuerySet(models.QuerySet):
    def accepted(self) -> Self:
        """Those of the vocabulary, without what was only proposed."""
        return self.filter(accepted_at__isnull=False)

    def of_their_own(self) -> Self:
        """Without synonyms."""
        return self.filter(alias_of=None)

    def visible_to(self, viewer: Any) -> Self:
        """A tag that is only proposed is seen by those who look after the vocabulary, in the admin."""
        return self.accepted()

    def by_name(self) -> Self:
        return self.order_by(Lower("name"))


class Tag(TagBase):
    """A word of the vocabulary, or a synonym that stands for one (`alias_of`, never in a chain)."""

    name = models.CharField(_("name"), max_length=LONGEST)
    slug = models.SlugField(_("address"), max_length=60, unique=True, allow_unicode=True)
    alias_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="synonyms", verbose_name=_("stands for")
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)

    objects = TagQuerySet.as_manager()
    personal = {}

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="one_tag_per_name"),
            models.CheckConstraint(condition=Q(alias_of=None) | ~Q(alias_of=F("id")), name="no_tag_stands_for_itself"),
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="tag_by_likeness")]

    def get_absolute_url(self) -> str:
        return reverse("tag_detail", args=[self.slug])

    @property
    def is_accepted(self) -> bool:
        return self.accepted_at is not None


class TaggedQuerySet(models.QuerySet):
    def of(self, item: models.Model) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(item), object_id=item.pk)


class Tagged(CommonGenericTaggedItemBase):
    """That something carries a tag; the one table of it for every room. It says nothing of who set it."""

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="items")
    object_id = models.BigIntegerField()

    objects = TaggedQuerySet.as_manager()
    personal = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_type", "object_id"], name="one_tag_once_on_a_thing")]
        indexes = [models.Index(fields=["content_type", "object_id"], name="tags_of_a_thing")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.content_type_id}:{self.object_id}"


class Following(models.Model):
    """That a member wants to hear of new things under a tag."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="followings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    personal = {"user": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "user"], name="one_following_per_tag")]

    def __str__(self) -> str:
        return "a following"


class Unmet(models.Model):
    """That somebody looked under a tag where there was nothing: which tag, and a keyed mark that tells only two people apart."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    seeker = models.BinaryField(max_length=32)
    day = models.DateField()

    personal = {"seeker": "erase"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "seeker"], name="one_search_in_vain_per_person")]

    def __str__(self) -> str:
        return "something looked for in vain"
