"""The vocabulary: a tag, what carries it, who follows it, and what was looked for under it in vain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.models import CommonGenericTaggedItemBase, TagBase

from community.audit.models import record

from .holding import hold
from .naming import LONGEST, slug_of, tidy

# From so many different people on it is said that several look for something.
SEVERAL = 5
LOOKED_FOR = timedelta(days=365)


class CannotChange(Exception):
    """Meanwhile the vocabulary is another one, and what was asked for makes no sense in it; the words say why."""


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

    def proposed(self) -> Self:
        return self.filter(accepted_at=None)

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "pk")

    def looked_for(self) -> Self:
        """Those under which several people found nothing. The day counts when it is over, so that nobody sees who was the last."""
        today = timezone.localdate()
        searches = Unmet.objects.filter(day__lt=today, day__gte=today - LOOKED_FOR)
        several = searches.order_by().values("tag").annotate(people=Count("pk")).filter(people__gte=SEVERAL)
        return self.accepted().of_their_own().filter(pk__in=several.values("tag"))


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

    @property
    def is_synonym(self) -> bool:
        return self.alias_of_id is not None

    @property
    def synonym_names(self) -> list[str]:
        return list(self.synonyms.accepted().by_name().values_list("name", flat=True))  # type: ignore[attr-defined]

    @property
    def carries_things(self) -> bool:
        """Does anything carry it that stands under tags for everybody? People do not count, nor what is its writer's alone."""
        models_of = (kind.model_class() for kind in ContentType.objects.filter(pk__in=self.items.values("content_type")))
        return any(model is not None and hasattr(model._default_manager, "wanted_by") for model in models_of)

    def _alone(self, other: "Tag | None" = None) -> "list[Tag]":
        """Hold the vocabulary alone, and give this tag, and another one, as they stand now. Raises CannotChange if one is gone."""
        hold(alone=True)
        wanted = [self.pk, *([other.pk] if other else [])]
        fresh = Tag.objects.select_related("alias_of").in_bulk(wanted)
        if len(fresh) != len(set(wanted)):
            raise CannotChange(gettext("One of these tags is gone meanwhile."))
        return [fresh[pk] for pk in wanted]

    @transaction.atomic
    def accept(self, *, by: Any, reason: str = "") -> None:
        """Take a proposed tag into the vocabulary, unless somebody turned it down meanwhile."""
        hold(alone=False)
        if Tag.objects.filter(pk=self.pk, accepted_at=None).update(accepted_at=timezone.now()):
            record("tags.tag_accepted", by=by, target=self, reason=reason)

    @transaction.atomic
    def turn_down(self, *, by: Any, reason: str) -> None:
        """Take a proposal off whatever carries it, and forget it. Nobody is told: nobody but its writer ever saw it."""
        hold(alone=True)
        if not Tag.objects.filter(pk=self.pk, accepted_at=None, alias_of=None).exists():
            return
        record("tags.tag_turned_down", by=by, target=self, reason=reason)
        Tagged.objects.filter(tag=self.pk).delete()
        Tag.objects.filter(pk=self.pk).delete()

    @transaction.atomic
    def merge(self, *, into: "Tag", by: Any, reason: str) -> "Tag":
        """Let this stand for `into` from now on: what carries it and who follows it move over, its address leads on.

        Returns the tag that it stands for now (`into` may be a synonym itself by now). Raises CannotChange.
        """
        source, target = self._alone(into)
        target = target.alias_of or target
        if source.alias_of_id == target.pk:
            return target
        if source.alias_of:
            # What carried it is elsewhere by now, and would not come along.
            raise CannotChange(gettext("It stands for “%(name)s” meanwhile.") % {"name": source.alias_of.name})
        if source.pk == target.pk:
            raise CannotChange(gettext("“%(name)s” stands for this one already.") % {"name": into.name})
        for table, columns in (("tags_tagged", "content_type_id, object_id"), ("tags_following", "user_id")):
            _move(table, columns, source=source.pk, target=target.pk)
        # Two marks of one person under two tags can't be told to be one person's, so they are not counted together.
        Unmet.objects.filter(tag__in=[source, target] if target.carries_things else [source]).delete()
        _point_on(source, target)
        Tag.objects.filter(alias_of=source).update(alias_of=target)
        source.alias_of, source.accepted_at = target, source.accepted_at or timezone.now()
        source.save(update_fields=["alias_of", "accepted_at"])
        target.accept(by=by, reason=reason)
        record("tags.tag_merged", by=by, target=source, reason=reason)
        return target

    @transaction.atomic
    def lead_to(self, *, into: "Tag", by: Any, reason: str) -> None:
        """Let this synonym stand for another tag; what the first merge moved stays where it is. Raises CannotChange."""
        synonym, target = self._alone(into)
        target = target.alias_of or target
        if not synonym.is_synonym or target.pk == synonym.pk:
            raise CannotChange(gettext("“%(name)s” is no synonym.") % {"name": synonym.name})
        synonym.alias_of = target
        synonym.save(update_fields=["alias_of"])
        target.accept(by=by, reason=reason)
        record("tags.tag_led_on", by=by, target=synonym, reason=reason)

    @transaction.atomic
    def rename(self, *, name: str, by: Any, reason: str) -> None:
        """Give it another name; the old one stands for it from now on, so its address leads on. Raises CannotChange."""
        (tag,) = self._alone()
        name, before = tidy(name), (tag.name, tag.slug)
        slug = slug_of(name)
        other = Tag.objects.filter(slug=slug).exclude(pk=tag.pk).first()
        if not slug or tag.is_synonym or (other and other.alias_of_id != tag.pk):
            raise CannotChange(gettext("“%(name)s” is another tag already.") % {"name": name})
        if other:
            other.delete()
        tag.name, tag.slug = name, slug
        tag.save(update_fields=["name", "slug"])
        # What was only proposed has no address that anybody knows.
        if tag.is_accepted and slug != before[1]:
            Tag.objects.create(name=before[0], slug=before[1], alias_of=tag, accepted_at=tag.accepted_at)
        record("tags.tag_renamed", by=by, target=tag, reason=reason)
        self.name, self.slug = tag.name, tag.slug

    @transaction.atomic
    def add_synonym(self, *, name: str, by: Any, reason: str) -> None:
        """Let another word lead here that is no tag yet. Raises CannotChange."""
        (tag,) = self._alone()
        name = tidy(name)
        slug = slug_of(name)
        if not slug or tag.is_synonym or Tag.objects.filter(slug=slug).exists():
            raise CannotChange(gettext("“%(name)s” is a tag already. Merge it into this one.") % {"name": name})
        Tag.objects.create(name=name, slug=slug, alias_of=tag, accepted_at=timezone.now())
        tag.accept(by=by, reason=reason)
        record("tags.tag_synonym_added", by=by, target=tag, reason=reason)

    @transaction.atomic
    def follow(self, user: Any) -> None:
        """Let `user` hear of new things under it, or under what it stands for by now."""
        hold(alone=False)
        tag = Tag.objects.accepted().filter(pk=self.pk).first()
        if tag is not None:
            Following.objects.bulk_create([Following(tag_id=tag.alias_of_id or tag.pk, user=user)], ignore_conflicts=True)

    @transaction.atomic
    def unfollow(self, user: Any) -> None:
        hold(alone=False)
        tag = Tag.objects.filter(pk=self.pk).first()
        if tag is not None:
            Following.objects.filter(tag=tag.alias_of_id or tag.pk, user=user).delete()


def _pointers() -> list[tuple[Any, str]]:
    """What points at a tag from elsewhere, such as the need that something helped with: models and the names of their fields."""
    relations = [each for each in Tag._meta.get_fields(include_hidden=True) if isinstance(each, models.ManyToOneRel)]
    return [
        (each.related_model, each.field.name) for each in relations if each.related_model._meta.app_label != Tag._meta.app_label
    ]


def _point_on(source: Tag, target: Tag) -> None:
    """Let what points at the one tag from elsewhere point at the other."""
    for model, name in _pointers():
        model._base_manager.filter(**{name: source}).update(**{name: target})


@transaction.atomic
def forget_unused() -> None:
    """Forget what was proposed and is on nothing any more: whoever proposed it took it off, or took back what carried it."""
    hold(alone=True)
    unused = Tag.objects.proposed().filter(alias_of=None, synonyms=None, items=None)
    for model, name in _pointers():
        unused = unused.exclude(pk__in=model._base_manager.filter(**{f"{name}__isnull": False}).values(name))
    Tag.objects.filter(pk__in=list(unused.values_list("pk", flat=True))).delete()


def _move(table: str, columns: str, *, source: int, target: int) -> None:
    """Let the rows of one tag be those of another, without what that has already."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (tag_id, {columns}) SELECT %s, {columns} FROM {table} WHERE tag_id = %s "  # noqa: S608
            "ON CONFLICT DO NOTHING",
            [target, source],
        )
        cursor.execute(f"DELETE FROM {table} WHERE tag_id = %s", [source])  # noqa: S608


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

    @staticmethod
    def seeker_of(tag: Tag, user: Any) -> bytes:
        """The mark of a member under one tag; what the same member looked for elsewhere has another."""
        return salted_hmac("tags.unmet", f"{tag.pk}|{user.pk}", algorithm="sha256").digest()

    @classmethod
    def note(cls, tag: Tag, user: Any) -> None:
        """Note that `user` found nothing under a tag of the vocabulary; once for each person and tag."""
        row = Unmet(tag=tag, seeker=cls.seeker_of(tag, user), day=timezone.localdate())
        Unmet.objects.bulk_create([row], ignore_conflicts=True)

    @classmethod
    def is_met(cls, tags: Sequence[Tag]) -> None:
        """There is something under these now: whoever looked for it is not counted any more."""
        cls.objects.filter(tag__in=tags).delete()
