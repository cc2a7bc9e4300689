"""The hash chain over the audit log: what was written cannot be changed, removed or slipped in unnoticed."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from .models import Entry, EntryWords, Link

_GENESIS = "0" * 64
# Entries are linked within minutes, and that somebody signed in is written down within two hours: what says that it is older than
# what stood there before it by more than this was slipped in.
LATE = timedelta(days=1)


@dataclass(frozen=True)
class Broken:
    """The first thing that does not fit."""

    entry: int
    what: str


def _next(previous: str, entry: Entry) -> str:
    return hashlib.sha256(f"{previous}|{entry.line()}".encode()).hexdigest()


@transaction.atomic
def extend() -> int:
    """Link every entry that has no link yet, oldest first; returns how many. May run twice, never at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit.chain'))")
    last = Link.objects.order_by("-pk").first()
    previous = last.hash if last else _GENESIS
    links = []
    for entry in Entry.objects.filter(link=None).order_by("pk").iterator():
        previous = _next(previous, entry)
        links.append(Link(entry=entry, hash=previous))
    Link.objects.bulk_create(links, batch_size=1000)
    return len(links)


def verify() -> Broken | None:
    """Walk the whole chain; None when every link and every remaining word fits."""
    previous, newest = _GENESIS, None
    for link in Link.objects.select_related("entry").order_by("pk").iterator():
        if link.hash != _next(previous, link.entry):
            return Broken(link.entry_id, "the entry or its place in the chain was changed")
        if newest is not None and link.entry.at < newest - LATE:
            return Broken(link.entry_id, "the entry was written after others that say they are younger")
        previous, newest = link.hash, max(link.entry.at, newest or link.entry.at)
    linked = Link.objects.order_by("-pk").values_list("entry_id", flat=True).first() or 0
    if stray := Entry.objects.filter(link=None, pk__lt=linked).order_by("pk").first():
        # An entry whose transaction ended after a younger one was linked is linked by the next run.
        return Broken(stray.pk, "the entry is older than the newest link and has none (run the periodic task first)")
    for words in EntryWords.objects.select_related("entry").order_by("pk").iterator():
        digest = hashlib.sha256(f"{words.salt}|{words.reason}".encode()).hexdigest()
        if digest != words.entry.digest:
            return Broken(words.entry_id, "its words were changed")
    return None
