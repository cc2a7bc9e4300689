"""Collections and reading paths: resources in an order, with words between them."""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Note, Revision
from community.members.models import User
from community.notifications.models import notify

from .resources import NoRoom, Resource

# More than anybody reads in a row, and more than one member puts together.
MOST_PLACES = 200
MOST_COLLECTIONS = 100


class CollectionQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """What is shared with the viewer; a private one is its maker's alone."""
        shared = Q(shared="everyone")
        if viewer.is_authenticated:
            shared |= Q(shared="members") | Q(author=viewer.pk)
        return super().visible_to(viewer).filter(shared, withdrawn_at=None)

    def shared(self) -> Self:
        """Without what is its maker's alone."""
        return self.exclude(shared="private")

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
    search = SearchColumn("title", "note", "body")

    own_words = ("title", *Contribution.own_words)
    reported_as = "collection"
    goes_stale = True

    objects = CollectionQuerySet.as_manager()
    personal = Contribution.personal | {"title": "blank"}

    class Meta(Contribution.Meta):
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        indexes = [
            models.Index(fields=["author", "-created_at", "-public_id"], name="collection_by_author"),
            models.Index(fields=["-created_at", "-public_id"], name="collection_newest"),
            GinIndex(fields=["search"], name="collection_search"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("collection_detail", args=[self.public_id])

    @property
    def shown_title(self) -> str:
        return self.title

    @property
    def is_private(self) -> bool:
        return self.shared == self.Shared.PRIVATE

    @property
    def said(self) -> str:
        """All that its maker wrote in it, for whoever looks at it because of its words."""
        between = self.places.exclude(words="").values_list("words", flat=True) if self.pk else ()
        return "\n\n".join(filter(None, [self.body, *between]))

    def as_reported(self) -> dict[str, str]:
        return {"title": self.title, "body": self.said}

    def revision(self) -> Revision:
        """What nobody else could see leaves nothing behind for moderators either."""
        if self.is_private:
            return Revision(target=self)
        return Revision(target=self, title=self.title, body=self.said, note=self.note)

    @transaction.atomic
    def edit(self, body: str, **fields: Any) -> bool:
        """Shared with more people than before, it is news for those who are named in it."""
        waits = super().edit(body, **fields)
        if not self.is_private:
            self.tell_mentioned()
        return waits

    def empty(self) -> None:
        self.title = ""
        self.places.all().delete()

    @classmethod
    @transaction.atomic
    def begin(
        cls,
        author: User,
        *,
        title: str,
        body: str = "",
        shared: str = Shared.PRIVATE,
        first: Resource | None = None,
        notes: Iterable[Note] = (),
        note_words: str = "",
        **fields: Any,
    ) -> Self:
        """Make a collection, with `first` at its first place. Raises NoRoom; two that are begun at once are counted in turn."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"collections of {author.pk}"])
        if cls.objects.in_voice(author).filter(withdrawn_at=None)[:MOST_COLLECTIONS].count() >= MOST_COLLECTIONS:
            raise NoRoom
        made = cls(author=author, title=title, shared=shared, **fields)
        made.set_note(notes, note_words)
        fresh = made.put(body)
        if first is not None:
            made.add(first)
        notify(fresh, "contributions.mentioned", by=author, target=made)
        return made

    # Its places. Whoever changes them holds the collection first, so that two at once never meet at one place.

    @transaction.atomic
    def add(self, resource: Resource) -> None:
        """Give something the last place, unless it has one already. Raises NoRoom."""
        self._lock()
        if self.is_withdrawn or self.places.filter(resource=resource).exists():
            return
        if self.places.count() >= MOST_PLACES:
            raise NoRoom
        last = self.places.aggregate(last=Max("position"))["last"] or 0
        self.places.create(resource=resource, position=last + 1)

    @transaction.atomic
    def move(self, resource: Resource, *, earlier: bool) -> None:
        """Let something change places with the one before or behind it, as its maker sees them."""
        self._lock()
        place = self.places.filter(resource=resource).first()
        if place is None:
            return
        seen = self.places.filter(resource__in=Resource.objects.visible_to(self.author))
        if earlier:
            other = seen.filter(position__lt=place.position).order_by("-position").first()
        else:
            other = seen.filter(position__gt=place.position).order_by("position").first()
        if other is not None:
            place.position, other.position = other.position, place.position
            Place.objects.bulk_update([place, other], ["position"])

    @transaction.atomic
    def take_out(self, resource: Resource) -> None:
        self._lock()
        self._remember_words(self.places.filter(resource=resource))
        self.places.filter(resource=resource).delete()

    @transaction.atomic
    def say_before(self, resource: Resource, words: str) -> None:
        """Set the words before something."""
        self._lock()
        place = self.places.filter(resource=resource)
        self._remember_words(place.exclude(words=words))
        place.update(words=words)

    def _remember_words(self, places: Any) -> None:
        """Words that others could see stay in the moderators' history."""
        if places.exclude(words="").exists():
            self.revision().save()


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
