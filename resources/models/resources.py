"""`Resource`: one thing that helped somebody, with the facts a tired person wants to know before they open it."""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Revision
from community.decisions.models import About, Act
from community.members.models import LIBRARIANS, User
from community.moderation.models import Claimable
from community.tags import applying
from community.tags.models import Tagged

from .facts import Audience, Cost, Kind, Level, LinkState
from .shelved import Shelved


def next_version() -> Func:
    """The next number of the sequence that numbers every change to what readers see; validators of kept pages stand on it."""
    return Func(Value("resources_version"), function="nextval", output_field=models.BigIntegerField())


def open_to(viewer: Any) -> Q:
    return Q() if viewer.is_authenticated else Q(audience=Audience.EVERYONE)


class ResourceQuerySet(ContributionQuerySet):
    def visible_to(self, viewer: Any) -> Self:
        """What a librarian has looked at and put up; what waits or was turned down is under *What you wrote*, and in the admin."""
        return super().visible_to(viewer).filter(open_to(viewer), published_at__isnull=False, withdrawn_at=None)

    def not_for(self, user: User) -> Q:
        """One's own; librarians decide about what owners bring, too."""
        return self.own_of(user)

    def waiting(self) -> Self:
        """For a librarian to look at."""
        return self.filter(published_at=None, refused_at=None, withdrawn_at=None, hidden_at=None)

    def up(self) -> Self:
        return self.filter(published_at__isnull=False, withdrawn_at=None)

    def to_look_at(self) -> Self:
        """With an address at which it is time to look, the longest due first."""
        return self.up().filter(look_next_at__lte=timezone.now(), unchecked_at=None, hidden_at=None).order_by("look_next_at")

    def overdue(self) -> Self:
        return self.filter(published_at__isnull=False, review_by__lt=timezone.localdate(), withdrawn_at=None)

    def broken(self) -> Self:
        """Up, with an address that does not open any more."""
        return self.up().filter(link_state=LinkState.BROKEN)

    def moved(self) -> Self:
        """Up, with an address that leads on to another one for good."""
        return self.up().filter(link_state=LinkState.MOVED)

    def left_alone(self) -> Self:
        """Up, with an address at which nobody is to look."""
        return self.up().filter(unchecked_at__isnull=False)

    def holding(self, *keys: str) -> Self:
        """What stands in the way of another one with one of these keys, seen or not. A book is one wherever it leads."""
        given = [key for key in keys if key]
        isbns = [key.removeprefix("isbn:") for key in given if key.startswith("isbn:")]
        dois = [key.removeprefix("doi:") for key in given if key.startswith("doi:")]
        held = Q(address_key__in=given)
        held |= Q(isbn__in=isbns) if isbns else Q()
        held |= Q(doi__in=dois) if dois else Q()
        return self.filter(held, refused_at=None, withdrawn_at=None) if given else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-public_id")

    def tagged(self, tags: Any) -> Self:
        """Those that carry one of these tags, each once."""
        return self.filter(tags__in=tags).distinct()


class NoRoom(Exception):
    """There are as many of them as there can be."""


class Resource(Claimable, Shelved):
    """One thing that helped somebody. The body says what it is and how it helped; for lived experience it is the thing itself."""

    kind = models.CharField(_("what it is"), max_length=8, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=200)
    made_by = models.CharField(_("who made it"), max_length=120, blank=True)
    hours = models.CharField(_("hours"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Where it can be used; empty for anywhere."))
    language = models.CharField(_("language"), max_length=8, blank=True)
    minutes = models.PositiveIntegerField(_("minutes it takes"), null=True, blank=True)
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    cost = models.CharField(_("cost"), max_length=6, choices=Cost.choices, blank=True)
    level = models.CharField(_("how hard to read"), max_length=6, choices=Level.choices, blank=True)
    has_captions = models.BooleanField(_("captions or a transcript"), null=True, blank=True)
    needs_account = models.BooleanField(_("needs an account"), null=True, blank=True)
    audience = models.CharField(_("who can see it"), max_length=10, choices=Audience.choices, default=Audience.EVERYONE)

    version = models.BigIntegerField(db_default=next_version(), editable=False)
    search = SearchColumn("title", "made_by", "note", "body")
    tags = TaggableManager(through=Tagged, blank=True)

    own_words = ("title", *Contribution.own_words)
    also_looked_at = ("made_by", "hours", "alt")
    undone_by = Contribution.undone_by | {Act.REFUSE: "publish"}
    # For lists of a tag.
    listed_as = _("Library")
    listed_by = "published_at"
    reported_as = "resource"
    goes_stale = True
    on_a_line = ("title", "kind")
    numbered_by = ("version",)

    # For texts that show a card of it.
    is_card = True

    # Beside the moderators.
    looked_after_by = LIBRARIANS

    objects = ResourceQuerySet.as_manager()
    personal = Contribution.personal | {"title": "blank", "made_by": "blank", "refusal": "blank", "keeper": "erase"}

    class Meta(Contribution.Meta):
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            *Contribution.Meta.constraints,
            models.CheckConstraint(condition=Q(published_at=None) | Q(refused_at=None), name="resource_is_up_or_turned_down"),
            # What was turned down or taken back makes room for another try.
            models.UniqueConstraint(
                fields=["address_key"],
                condition=~Q(address_key="") & Q(refused_at=None, withdrawn_at=None),
                name="one_resource_per_address",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-public_id"],
                condition=Q(hidden_at=None, published_at__isnull=False),
                name="resource_newest",
            ),
            models.Index(
                fields=["kind", "-published_at", "-public_id"],
                condition=Q(hidden_at=None, published_at__isnull=False),
                name="resource_by_kind",
            ),
            models.Index(
                fields=["id"],
                condition=Q(published_at=None, refused_at=None, withdrawn_at=None, hidden_at=None),
                name="resource_in_queue",
            ),
            models.Index(fields=["look_next_at"], condition=Q(look_next_at__isnull=False), name="resource_to_look_at"),
            models.Index(fields=["review_by"], condition=Q(review_by__isnull=False), name="resource_review_by"),
            models.Index(fields=["author", "-created_at", "-public_id"], name="resource_by_author"),
            models.Index(fields=["isbn"], condition=~Q(isbn=""), name="resource_by_isbn"),
            models.Index(fields=["doi"], condition=~Q(doi=""), name="resource_by_doi"),
            GinIndex(fields=["search"], name="resource_search"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="resource_by_likeness"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("resource_detail", args=[self.public_id])

    @property
    def shown_title(self) -> str:
        return self.title

    @property
    def title_apart(self) -> str:
        return self.title

    @property
    def apart(self) -> str:
        """Why its page is not open to whoever brought it."""
        if self.is_withdrawn:
            return gettext("It has left the library.")
        if self.is_refused:
            return gettext("Not taken into the library: %(reason)s") % {"reason": self.refusal}
        if not self.is_published:
            return gettext("It is with a librarian now. You are told either way.")
        return super().apart

    @property
    def change_url(self) -> str:
        """Where its author goes on with it while it is not up."""
        return "" if self.is_published else reverse("resource_edit", args=[self.public_id])

    @property
    def change_label(self) -> str:
        return gettext("Change it and send it again") if self.is_refused else gettext("Change it")

    @property
    def icon(self) -> str:
        return Kind(self.kind).icon

    @property
    def listed_in(self) -> str:
        """What it is, for lists of a tag."""
        return str(Kind(self.kind).label)

    @property
    def is_standing(self) -> bool:
        """For its card; who may see it is another question."""
        return self.is_published and not (self.is_withdrawn or self.is_hidden)

    @property
    def card_kind(self) -> str:
        return gettext("From the library: %(kind)s") % {"kind": self.get_kind_display()}

    @property
    def card_gone(self) -> str:
        return gettext("Something from the library stood here.")

    @property
    def alt(self) -> str:
        """What is to be seen in its picture, for whoever can't see it."""
        return self._files.values_list("alt", flat=True).first() or ""

    @alt.setter
    def alt(self, said: str) -> None:
        self._files.update(alt=said)

    @property
    def _files(self) -> Any:
        """Its file, if there is one, without reading it."""
        return self._meta.get_field("file").related_model.objects.filter(resource=self)  # type: ignore[union-attr]

    @property
    def as_seen(self) -> str:
        """With where it leads, its facts and its file."""
        return f"{super().as_seen}-{self.version}"

    def as_reported(self) -> dict[str, str]:
        return super().as_reported() | {"address": self.address or self.phone or self.isbn}

    def revision(self) -> Revision:
        revision = super().revision()
        revision.title = self.title[:120]
        return revision

    def touch(self) -> None:
        """Number the change, so that kept pages are made anew. What is shown on its page and belongs to others calls this, too."""
        Resource.touch_all([self])

    @classmethod
    def seen_only_with(cls, rows: Iterable[Self]) -> Iterable[About]:
        reviews = cls._meta.get_field("reviews").related_model
        return cls.in_these(rows, reviews.objects.all(), "resource")

    @classmethod
    def touch_all(cls, rows: Iterable[Self]) -> None:
        Resource.objects.filter(pk__in=[row.pk for row in rows]).update(version=next_version())

    def empty(self) -> None:
        self.title, self.address, self.address_key, self.isbn, self.doi, self.phone = "", "", "", "", "", ""
        self.made_by, self.hours, self.refusal = "", "", ""
        self.look_next_at, self.moved_to, self.archive = None, "", ""
        self._files.delete()

    @transaction.atomic
    def withdraw(self) -> None:
        """The tags go with the words: they say what those were about."""
        super().withdraw()
        applying.apply(self, [])
