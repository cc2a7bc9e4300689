"""`Linked`: where a resource leads, what is found there, and that nothing else in the library leads there, too."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community import text
from community.audit.models import record
from community.contributions.models import Contribution
from community.members.models import User
from community.permissions import Denied, require

from .facts import Fault, LinkState
from .keys import hold_keys, keys_of


class AlreadyHere(Exception):
    """Somebody brought this already; whether it can be seen is another question."""


class Linked(Contribution):
    """The part of a resource that is its address."""

    address = models.URLField(_("address"), max_length=2000, blank=True)
    # What makes two of them the same: the normalised address, ISBN or DOI; see `addresses.py`.
    address_key = models.CharField(max_length=2000, blank=True, editable=False)
    isbn = models.CharField(_("ISBN"), max_length=13, blank=True)
    doi = models.CharField(_("DOI"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    link_state = models.CharField(_("address"), max_length=8, choices=LinkState.choices, default=LinkState.UNSEEN, editable=False)
    fault = models.CharField(max_length=8, choices=Fault.choices, blank=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    look_next_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_to = models.URLField(max_length=2000, blank=True, editable=False)
    archive = models.URLField(_("a kept copy elsewhere"), max_length=2000, blank=True)
    unchecked_at = models.DateTimeField(_("address is not looked at since"), null=True, editable=False)

    is_refused: Any
    is_published: Any

    class Meta(Contribution.Meta):
        abstract = True

    @property
    def host(self) -> str:
        """Where its address leads, as a person says it."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")

    @property
    def is_to_be_looked_at(self) -> bool:
        """Is its address due, or nearly so?"""
        return self.look_next_at is not None and self.look_next_at <= timezone.now() + timedelta(minutes=5)

    def touch(self) -> None:
        raise NotImplementedError

    # What makes two of them the same

    @property
    def keys(self) -> list[str]:
        return keys_of(address=self.address, doi=self.doi, isbn=self.isbn)

    def _free_key(self, *, address: str, doi: str, isbn: str) -> str:
        """What makes it the same as others, if it leads there. Waits for whoever brings the same just now; raises AlreadyHere."""
        keys = keys_of(address=address, doi=doi, isbn=isbn)
        hold_keys(keys)
        # What it has already is in nobody's way.
        own = self.keys if self.pk and not self.is_refused else []
        rows: Any = type(self)._default_manager
        if rows.holding(*(key for key in keys if key not in own)).exclude(pk=self.pk).exists():
            raise AlreadyHere
        return keys[0] if keys else ""

    def _leads_to(self, body: str) -> set[str]:
        """Where a reader can get to from it: what a librarian looked at."""
        return {self.address_key, self.phone, self.isbn, *text.linked(body)} - {""}

    def _forget_link(self) -> None:
        """Nothing that was found at the old address holds for the new one."""
        self.link_state, self.looked_at, self.look_next_at = LinkState.UNSEEN, None, None
        self.failing_since, self.failures, self.moved_to, self.archive = None, 0, "", ""
        self.fault, self.unchecked_at = "", None

    # What librarians do about it

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
