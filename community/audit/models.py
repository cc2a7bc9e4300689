import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gathering import Gathering
from community.prepared import ask, key_array

# What is written when somebody of the staff signs in.
SIGNED_IN = "members.staff_signed_in"


def _append_only() -> list[pgtrigger.Trigger]:
    """The second lock: the web role's missing grants are the first, this one holds the owner too."""
    return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Entry(models.Model):
    """One use of power over others' words, accounts or settings: ids, action, time and a digest of its words."""

    action = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text=_("Empty: the house itself.")
    )
    target_type = models.ForeignKey(ContentType, models.PROTECT, null=True, related_name="+")
    target_id = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64)

    personal = {"by": "keep"}

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        triggers = _append_only()
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_entry_target")]

    def __str__(self) -> str:
        return self.action

    def line(self) -> str:
        """What the chain is made of: everything of this entry, in a fixed order."""
        parts = (self.pk, self.action, self.at.isoformat(), self.by_id, self.target_type_id, self.target_id, self.digest)
        return "|".join(str(part) for part in parts)


class EntryWords(models.Model):
    """The words of an entry, kept apart so that they can be forgotten while the entry stays provable."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="words")
    salt = models.CharField(max_length=32)
    reason = models.TextField(blank=True)

    personal = {"reason": "erase"}

    class Meta:
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.reason


class Link(models.Model):
    """One link of the hash chain over the entries, added in order by a periodic task."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)

    personal = {}

    class Meta:
        triggers = _append_only()

    def __str__(self) -> str:
        return f"link {self.pk}"


# An entry that is not written yet, with its salt and its words.
_Said = tuple[Entry, str, str]


def record(action: str, *, by, target: Any = None, reason: str = "", at: datetime | None = None) -> Entry:
    """Write down a use of power; the only way to write an entry, beside `record_each`. Call it inside the verb's transaction.

    `at` is for what may not be known to the moment.
    """
    kind = ContentType.objects.get_for_model(target) if target is not None else None
    key = str(target.pk) if target is not None else ""
    entry = Entry(action=action, at=at or timezone.now(), by=by, target_type=kind, target_id=key)
    _entries.add([_said(entry, reason)])
    return entry


def record_each(action: str, *, by: Any, targets: Iterable[tuple[ContentType, int]], reason: str) -> None:
    """The same use of power over each of these, by type and key: an entry for each, in one statement."""
    at = timezone.now()
    entries = (Entry(action=action, at=at, by=by, target_type=kind, target_id=str(key)) for kind, key in targets)
    _entries.add([_said(entry, reason) for entry in entries])


def _said(entry: Entry, reason: str) -> _Said:
    salt = secrets.token_hex(16)
    entry.digest = _digest(salt, reason)
    return entry, salt, reason


def _write(said: list[_Said]) -> None:
    """Entries and their words, which find each other by the digest: with its salt there is no other like it."""
    if not said:
        return
    rows = [
        (entry.action, entry.at, entry.by_id, entry.target_type_id, entry.target_id, entry.digest, salt, reason)
        for entry, salt, reason in said
    ]
    actions, times, by, kinds, *words = map(list, zip(*rows, strict=True))
    keys = sorted(key for (key,) in ask(_WRITE, actions, times, key_array(by), key_array(kinds), *words))
    for (entry, _salt, _reason), key in zip(said, keys, strict=True):
        entry.pk, entry._state.adding, entry._state.db = key, False, connection.alias


_entries = Gathering(_write)
# What is recorded meanwhile is written down at the end.
together = _entries.together


_WRITE = """
WITH given AS (
    SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
        WITH ORDINALITY AS given (action, at, by_id, kind, key, digest, salt, reason, place)
), entry AS (
    INSERT INTO audit_entry (action, at, by_id, target_type_id, target_id, digest)
    SELECT action, at, by_id, kind, key, digest FROM given ORDER BY place RETURNING id, digest
)
INSERT INTO audit_entrywords (entry_id, salt, reason)
SELECT entry.id, given.salt, given.reason FROM entry JOIN given USING (digest) RETURNING entry_id
"""


def _digest(salt: str, reason: str) -> str:
    return hashlib.sha256(f"{salt}|{reason}".encode()).hexdigest()
