"""`Shelved`: the way into the library: somebody brings it, a librarian looks at it, and somebody looks after it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self
from uuid import uuid4

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.audit.models import record
from community.contributions.models import Contribution, Note
from community.decisions.models import Act, Decision, decide, decide_each
from community.members.models import User
from community.notifications.models import notify
from community.tags import applying, following
from community.tags.models import Tagged
from community.times import now_in_steps

from .linked import AlreadyHere, Linked


class Shelved(Linked):
    """The part of a resource that librarians decide about."""

    published_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refusal = models.CharField(_("why it was turned down"), max_length=1000, blank=True, editable=False)
    keeper = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("keeper"))
    review_by = models.DateField(_("look at it again by"), null=True, blank=True)

    class Meta(Contribution.Meta):
        abstract = True

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
    def is_changed_later(self) -> bool:
        return self.is_published and not self.is_hidden

    @property
    def lies_with_author(self) -> bool:
        """What is not up is changed in its own form, and so a librarian looks at it anew."""
        return super().lies_with_author and (self.is_published or self.is_hidden)

    # Bringing it

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

    @transaction.atomic
    def change(self, body: str, *, tags: Iterable[str], has_new_file: bool = False, **fields: Any) -> bool:
        """Its author changes it. What was turned down, and what leads elsewhere or has another file, waits for a librarian again;
        of other changes the words do, and readers see those from before.

        Says whether something waits. Raises AlreadyHere.
        """
        before = type(self)._default_manager.select_for_update().filter(pk=self.pk).first() or self
        carried = set(Tagged.objects.of(self).values_list("tag", flat=True))
        leads = {name: fields.get(name, getattr(self, name)) for name in ("address", "doi", "isbn")}
        waits = self.edit(body, address_key=self._free_key(**leads), **fields)
        if self.is_withdrawn:
            return False
        is_readdressed = self.address_key != before.address_key
        if is_readdressed:
            self._forget_link()
        leads_elsewhere = is_readdressed or not self._leads_to(body) <= before._leads_to(before.body)
        if self.is_refused or leads_elsewhere or has_new_file:
            if waits:
                self.put_change()
            self.published_at, self.refused_at, self.refusal = None, None, ""
            self.save()
            self.renew_quotes()
        new = {tag.pk for tag in applying.apply(self, tags)} - carried
        if new and self.is_published:
            following.tell(self, kind="resources.resource_tagged", new=new)
        return waits or not self.is_published

    # Looking at it

    @transaction.atomic
    def publish(self, *, by: User, reason: str = "", of: Decision | None = None, seen: str = "") -> None:
        """Put it up, and thank whoever brought it. What was turned down stays so where the same came in meanwhile.

        `seen` is `as_seen` of it as it was looked at.
        Where `of` one decision is undone, and it was sent again since, a librarian looks at what it says now.
        """
        self._lock()
        if self.is_published or self.is_withdrawn or (of is not None and not self.is_refused):
            return
        if seen and seen != self.as_seen:
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
