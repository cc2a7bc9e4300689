"""`Resource`: one thing that helped somebody, with the facts a tired person wants to know before they open it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from community import text
from community.audit.models import record
from community.contributions.fields import SearchColumn
from community.contributions.models import Contribution, ContributionQuerySet, Note, Revision
from community.decisions.models import About, Act, Decision, decide, decide_each
from community.members.models import LIBRARIANS, User
from community.moderation.models import Claimable
from community.notifications.models import notify
from community.permissions import Denied, require
from community.tags import applying, following
from community.tags.models import Tagged
from community.times import now_in_steps

from .facts import Audience, Cost, Fault, Kind, Level, LinkState
from .keys import hold_keys, keys_of


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


class AlreadyHere(Exception):
    """Somebody brought this already; whether it can be seen is another question."""


class NoRoom(Exception):
    """There are as many of them as there can be."""


class Resource(Claimable, Contribution):
    """One thing that helped somebody. The body says what it is and how it helped; for lived experience it is the thing itself."""

    kind = models.CharField(_("what it is"), max_length=8, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=200)
    address = models.URLField(_("address"), max_length=2000, blank=True)
    # What makes two of them the same: the normalised address, ISBN or DOI; see `addresses.py`.
    address_key = models.CharField(max_length=2000, blank=True, editable=False)
    isbn = models.CharField(_("ISBN"), max_length=13, blank=True)
    doi = models.CharField(_("DOI"), max_length=200, blank=True)
    made_by = models.CharField(_("who made it"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
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

    # Looking at it
    published_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refusal = models.CharField(_("why it was turned down"), max_length=1000, blank=True, editable=False)
    keeper = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("keeper"))
    review_by = models.DateField(_("look at it again by"), null=True, blank=True)

    # Its address
    link_state = models.CharField(_("address"), max_length=8, choices=LinkState.choices, default=LinkState.UNSEEN, editable=False)
    fault = models.CharField(max_length=8, choices=Fault.choices, blank=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    look_next_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_to = models.URLField(max_length=2000, blank=True, editable=False)
    archive = models.URLField(_("a kept copy elsewhere"), max_length=2000, blank=True)
    unchecked_at = models.DateTimeField(_("address is not looked at since"), null=True, editable=False)

    version = models.BigIntegerField(db_default=next_version(), editable=False)
    search = SearchColumn("title", "made_by", "note", "body")
    tags = TaggableManager(through=Tagged, blank=True)

    own_words = ("title", *Contribution.own_words)
    undone_by = Contribution.undone_by | {Act.REFUSE: "publish"}
    # For lists of a tag.
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
    def host(self) -> str:
        """Where its address leads, as a person says it."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")

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
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_refused(self) -> bool:
        return self.refused_at is not None

    @property
    def is_waiting(self) -> bool:
        """For a librarian to look at; see `ResourceQuerySet.waiting`."""
        return not (self.is_published or self.is_refused or self.is_withdrawn or self.is_hidden)

    @property
    def is_overdue(self) -> bool:
        return self.review_by is not None and self.review_by < timezone.localdate()

    @property
    def is_to_be_looked_at(self) -> bool:
        """Is its address due, or nearly so?"""
        return self.look_next_at is not None and self.look_next_at <= timezone.now() + timedelta(minutes=5)

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
        # Its file, without reading it first.
        self._meta.get_field("file").related_model.objects.filter(resource=self).delete()  # type: ignore[union-attr]

    @transaction.atomic
    def withdraw(self) -> None:
        """The tags go with the words: they say what those were about."""
        super().withdraw()
        applying.apply(self, [])

    # Bringing it ------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def bring(cls, author: User, *, tags: Iterable[str], notes: Iterable[Note] = (), note_words: str = "", **fields: Any) -> Self:
        """Suggest something; it waits until a librarian has looked at it. Raises AlreadyHere.

        Safe for two who bring the same at once: one brings it, the other is told.
        """
        body = fields.pop("body")
        made = cls(author=author, **fields)
        made.address_key = made._free_key(address=made.address, doi=made.doi, isbn=made.isbn)
        made.set_note(notes, note_words)
        made.put(body)
        applying.apply(made, tags)
        return made

    @property
    def keys(self) -> list[str]:
        return keys_of(address=self.address, doi=self.doi, isbn=self.isbn)

    def _free_key(self, *, address: str, doi: str, isbn: str) -> str:
        """What makes it the same as others, if it leads there. Waits for whoever brings the same just now; raises AlreadyHere."""
        keys = keys_of(address=address, doi=doi, isbn=isbn)
        hold_keys(keys)
        # What it has already is in nobody's way.
        own = self.keys if self.pk and not self.is_refused else []
        if Resource.objects.holding(*(key for key in keys if key not in own)).exclude(pk=self.pk).exists():
            raise AlreadyHere
        return keys[0] if keys else ""

    @transaction.atomic
    def change(self, body: str, *, tags: Iterable[str], has_new_file: bool = False, **fields: Any) -> bool:
        """Its author changes it. What was turned down, and what leads elsewhere or has another file, waits for a librarian again.

        Says whether it waits. Raises AlreadyHere.
        """
        before = Resource.objects.select_for_update().filter(pk=self.pk).first() or self
        carried = set(Tagged.objects.of(self).values_list("tag", flat=True))
        leads = {name: fields.get(name, getattr(self, name)) for name in ("address", "doi", "isbn")}
        self.edit(body, address_key=self._free_key(**leads), **fields)
        if self.is_withdrawn:
            return False
        is_readdressed = self.address_key != before.address_key
        if is_readdressed:
            self._forget_link()
        leads_elsewhere = is_readdressed or not self._leads_to() <= before._leads_to()
        if self.is_refused or leads_elsewhere or has_new_file:
            self.published_at, self.refused_at, self.refusal = None, None, ""
            self.save()
            self.renew_quotes()
        new = {tag.pk for tag in applying.apply(self, tags)} - carried
        if new and self.is_published:
            following.tell(self, kind="resources.resource_tagged", new=new)
        return not self.is_published

    def _leads_to(self) -> set[str]:
        """Where a reader can get to from it: what a librarian looked at."""
        return {self.address_key, self.phone, self.isbn, *text.linked(self.body)} - {""}

    def _forget_link(self) -> None:
        """Nothing that was found at the old address holds for the new one."""
        self.link_state, self.looked_at, self.look_next_at = LinkState.UNSEEN, None, None
        self.failing_since, self.failures, self.moved_to, self.archive = None, 0, "", ""
        self.fault, self.unchecked_at = "", None

    # Looking at it ----------------------------------------------------------------

    @transaction.atomic
    def publish(self, *, by: User, reason: str = "", of: Decision | None = None) -> None:
        """Put it up, and thank whoever brought it. What was turned down stays so where the same came in meanwhile.

        Where `of` one decision is undone, and it was sent again since, a librarian looks at what it says now.
        """
        self._lock()
        if self.is_published or self.is_withdrawn or (of is not None and not self.is_refused):
            return
        try:
            self._free_key(address=self.address, doi=self.doi, isbn=self.isbn)
        except AlreadyHere:
            return
        self.published_at, self.refused_at, self.refusal = now_in_steps(), None, ""
        self.look_next_at = timezone.now() if self.address and not self.unchecked_at else None
        self.save(update_fields=["published_at", "refused_at", "refusal", "look_next_at"])
        self.renew_quotes()
        self.touch()
        Decision.objects.mark_reversed(Decision.objects.about(self).standing().filter(act=Act.REFUSE))
        self._give_back_within(reason)
        record("resources.resource_published", by=by, target=self, reason=reason)
        notify([self.voice], "resources.resource_published", by=by, target=self)
        self.tell_mentioned()
        following.tell(self, kind="resources.resource_tagged")

    @transaction.atomic
    def refuse(self, *, by: User, reason: str, rule: str = "") -> None:
        """Turn it down with a reason; whoever brought it keeps the text and may try again."""
        self._lock()
        if self.is_refused or self.is_withdrawn:
            return
        if self.is_published and not self.is_hidden:
            decide_each(Act.WITHIN, self.seen_only_with([self]), by=by, reason=reason, rule=rule, action="", batch=uuid4())
        self.refused_at, self.refusal, self.published_at, self.look_next_at = now_in_steps(), reason, None, None
        self.save(update_fields=["refused_at", "refusal", "published_at", "look_next_at"])
        self.renew_quotes()
        self.touch()
        decide(Act.REFUSE, self, by=by, reason=reason, rule=rule, action="resources.resource_refused", kept=self.as_kept())

    @transaction.atomic
    def restore_whole(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Also what was turned down after others had said something about it."""
        if self.is_refused:
            self.publish(by=by, reason=reason)
        super().restore_whole(by=by, reason=reason, of=of)

    @transaction.atomic
    def keep(self, *, keeper: User | None, review_by: date | None, by: User) -> None:
        """Say who looks after it, and by when somebody looks at it again."""
        self.keeper, self.review_by = keeper, review_by
        self.save(update_fields=["keeper", "review_by"])
        self.touch()
        record("resources.resource_kept", by=by, target=self)

    # Its address ------------------------------------------------------------------

    def readdress(self, *, by: User) -> None:
        """Put the address to which it has moved in place of the old one."""
        if self.moved_to:
            self.correct_address(address=self.moved_to, by=by)

    @transaction.atomic
    def correct_address(self, *, address: str, by: User) -> None:
        """Let it lead to `address`, as `tidy` writes it, and look there soon."""
        self._lock()
        if address == self.address or self.is_withdrawn:
            return
        try:
            self.address_key = self._free_key(address=address, doi=self.doi, isbn=self.isbn)
        except AlreadyHere:
            require(Denied(gettext("Something else in the library has this address already.")))
        self.address = address
        archive = self.archive
        self._forget_link()
        # What was kept of the old page is still a copy of it.
        self.archive, self.look_next_at = archive, timezone.now() if self.is_published else None
        self.save()
        self.touch()
        record("resources.resource_readdressed", by=by, target=self)

    @transaction.atomic
    def leave_alone(self, *, by: User, reason: str) -> None:
        """Do not look at its address any more: what is found there says nothing."""
        self._lock()
        if self.unchecked_at:
            return
        kept = self.link_state if self.link_state in (LinkState.LOCKED, LinkState.MOVED) else LinkState.UNSEEN
        self.link_state, self.fault, self.failing_since, self.failures = kept, "", None, 0
        self.unchecked_at, self.look_next_at = timezone.now(), None
        self.save(update_fields=["link_state", "fault", "failing_since", "failures", "unchecked_at", "look_next_at"])
        self.touch()
        record("resources.resource_left_alone", by=by, target=self, reason=reason)

    @transaction.atomic
    def look_again(self, *, by: User) -> None:
        """Look at its address soon, whatever was found there or said about it."""
        self._lock()
        self.unchecked_at, self.look_next_at = None, timezone.now() if self.is_published and self.address else None
        self.save(update_fields=["unchecked_at", "look_next_at"])
        record("resources.resource_to_be_looked_at", by=by, target=self)

    @transaction.atomic
    def keep_copy(self, *, archive: str, by: User) -> None:
        """Say where a copy of it is kept, which stands in when its address does not open any more."""
        self._lock()
        if self.is_withdrawn:
            return
        self.archive = archive
        self.save(update_fields=["archive"])
        self.touch()
        record("resources.resource_copy_kept", by=by, target=self)
