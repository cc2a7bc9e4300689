"""Taking a file into the library: what of it is new, and bringing that in, batch by batch, in the worker.

It may be stopped and begun again anywhere: a row's state changes in the transaction that makes its resource.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from community import text
from community.audit.models import record
from community.contributions.models import Note
from community.members.models import User
from community.tags import applying
from community.tags.models import Tag, Tagged, Unmet
from community.times import in_steps, now_in_steps

from .addresses import key_of, key_of_doi, key_of_isbn
from .entries import Entry
from .importing import Reading, Row
from .importing.kinds import kind_of
from .models import Audience, Import, ImportRow, Kind, Resource, hold_keys
from .permissions import can_review_resource

BATCH = 250
_LOOKED_UP = 1_000
_FACTS = ("made_by", "isbn", "doi", "phone", "hours", "country", "language", "cost", "level", "archive")
_NUMBERS = ("minutes", "pages", "has_captions", "needs_account")

T = TypeVar("T")


def key(entry: Entry) -> str:
    """What makes two entries the same; also of what has neither address nor number, told by its title."""
    facts = entry.facts
    found = key_of(entry.address) or key_of_doi(str(facts.get("doi", ""))) or key_of_isbn(str(facts.get("isbn", "")))
    return found or _nameless_key(entry.title, str(facts.get("phone", "")))


def _nameless_key(title: str, phone: str) -> str:
    return f"{phone} {title}".casefold()[:2000]


# Looking at it ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def preview(reading: Reading, *, by: User, name: str) -> Import:
    """Keep what was read of a file, with what is new, here already, private or unreadable."""
    made = Import.objects.create(by=by, name=text.clean(name)[:120], format=reading.format, notes=reading.notes)
    first: dict[str, int] = {}
    for rows in _parts(reading.rows, _LOOKED_UP):
        keys = {row.number: key(row.entry) for row in rows if row.is_readable}
        here = _here({keys[row.number]: row.entry.title for row in rows if row.is_readable})
        ImportRow.objects.bulk_create(_judged(made, row, keys.get(row.number, ""), here, first) for row in rows)
    return made


def _judged(made: Import, row: Row, row_key: str, here: dict[str, str], first: dict[str, int]) -> ImportRow:
    """The row with what becomes of it; `first` remembers what stood in the file before it."""
    state, problem = ImportRow.State.NEW, row.problem
    if problem:
        state = ImportRow.State.UNREADABLE
    elif row_key in here:
        state, problem = ImportRow.State.HERE, here[row_key]
    elif row_key in first:
        state, problem = ImportRow.State.HERE, _("It is the same as row %(number)s.") % {"number": first[row_key]}
    elif row.entry.is_only_a_file:
        by_hand = _("A list holds no files: save “%(name)s” where it comes from, and bring it by hand.")
        state, problem = ImportRow.State.UNREADABLE, by_hand % {"name": row.entry.facts["file_name"]}
    elif row.is_private:
        state = ImportRow.State.PRIVATE
    if state in (ImportRow.State.NEW, ImportRow.State.PRIVATE) and "file_name" in row.entry.facts:
        row.notes.append(_("Its file, “%(name)s”, is not in a list, so it is left out.") % {"name": row.entry.facts["file_name"]})
    if not row.problem:
        first.setdefault(row_key, row.number)
    return ImportRow(
        source=made,
        number=row.number,
        line=row.line,
        raw=row.raw,
        state=state,
        problem=problem,
        notes=row.notes,
        key=row_key,
        entry=_kept(row.entry),
    )


def _here(titles: dict[str, str]) -> dict[str, str]:
    """The keys of what stands in the way of new ones, by their keys with their titles, and why."""
    rows = Resource.objects.filter(withdrawn_at=None)
    found = list(rows.filter(address_key__in=titles.keys() - {""}).values_list("address_key", "refused_at"))
    # Only the key of what has neither address nor number holds a space; looking for titles takes longer than all the rest.
    if nameless := {title for row_key, title in titles.items() if " " in row_key}:
        by_title = rows.filter(address_key="", title__in=nameless).values_list("title", "phone", "refused_at")
        found += [(_nameless_key(title, phone), refused_at) for title, phone, refused_at in by_title]
    refused, here = _("It was turned down before."), _("It is here already.")
    return {found_key: refused if refused_at else here for found_key, refused_at in found}


def _kept(entry: Entry) -> dict[str, Any]:
    kept = asdict(entry)
    del kept["page"]
    return kept | {"added_at": entry.added_at.isoformat() if entry.added_at else None}


def _read(kept: dict[str, Any]) -> Entry:
    added = kept["added_at"]
    return Entry(**kept | {"added_at": datetime.fromisoformat(added) if added else None})


def _parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


# Bringing it in ---------------------------------------------------------------------------------------------------------


def take_in(import_id: int) -> None:
    """Bring in everything that is new in a file."""
    while _take_batch(import_id):
        pass


@transaction.atomic
def _take_batch(import_id: int) -> bool:
    """Bring in the next rows, and say whether there may be more."""
    source = Import.objects.select_for_update(of=("self",)).select_related("by").filter(pk=import_id).first()
    if source is None or not source.is_running:
        return False
    rows = list(source.rows.filter(state=ImportRow.State.NEW).order_by("number")[:BATCH])
    if not rows:
        source.finished_at = timezone.now()
        source.save(update_fields=["finished_at"])
        record("resources.import_finished", by=source.by, target=source)
        return False
    _bring(source, rows)
    return True


def _bring(source: Import, rows: list[ImportRow]) -> None:
    hold_keys(row.key for row in rows)
    here = _here({row.key: row.title for row in rows})
    made: dict[int, Resource] = {}
    # Whoever vouched may have lost that role since.
    is_vouched = bool(source.vouched_at and can_review_resource(source.by))
    entries = {row.number: _read(row.entry) for row in rows if row.key not in here}
    notes = {note.name: note for note in Note.objects.all()} if any("content_note" in e.facts for e in entries.values()) else {}
    for row in rows:
        if row.key in here:
            row.state, row.problem = ImportRow.State.HERE, here[row.key]
        else:
            made[row.number] = _resource(source, row.key, entries[row.number], notes, is_vouched=is_vouched)
    Resource.objects.bulk_create(made.values())
    tags = _tag(made, entries)
    if is_vouched:
        Unmet.is_met(tags)
    ImportRow.objects.bulk_update([row for row in rows if row.key in here], ["state", "problem"])
    brought = [row for row in rows if row.number in made]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE resources_importrow AS kept SET state = %s, resource_id = found.resource_id"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS found (id, resource_id) WHERE kept.id = found.id",
            [ImportRow.State.BROUGHT, [row.pk for row in brought], [made[row.number].pk for row in brought]],
        )


def _resource(source: Import, row_key: str, entry: Entry, notes: dict[str, Note], *, is_vouched: bool) -> Resource:
    kind = kind_of(entry)
    facts = {name: entry.facts[name] for name in (*_FACTS, *_NUMBERS) if name in entry.facts}
    has_key = bool(entry.address or facts.get("doi") or facts.get("isbn"))
    audience = entry.facts.get("audience") or (Audience.MEMBERS if kind == Kind.LIVED else Audience.EVERYONE)
    made = Resource(
        author=source.by,
        kind=kind,
        title=entry.title,
        address=entry.address,
        address_key=row_key if has_key else "",
        body=entry.description,
        body_html=text.render(entry.description),
        audience=audience,
        created_at=in_steps(entry.added_at) if entry.added_at else now_in_steps(),
        **facts,
    )
    said = [part.strip() for part in str(entry.facts.get("content_note", "")).split(",") if part.strip()]
    made.set_note([notes[part] for part in said if part in notes], ", ".join(part for part in said if part not in notes)[:60])
    if is_vouched:
        made.published_at = now_in_steps()
        made.look_next_at = timezone.now() if made.address else None
    return made


def _tag(made: dict[int, Resource], entries: dict[int, Entry]) -> list[Tag]:
    """Let each carry its tags; all names of the batch are looked up at once. Returns the tags."""
    names = {number: [applying.slug_of(name) for name in applying.tidied(entries[number].tags)] for number in made}
    applying.resolve(name for number in made for name in entries[number].tags)
    slugs = {slug for some in names.values() for slug in some}
    tags = {tag.slug: tag.alias_of or tag for tag in Tag.objects.filter(slug__in=slugs).select_related("alias_of")}
    content_type = ContentType.objects.get_for_model(Resource)
    Tagged.objects.bulk_create(
        [
            Tagged(tag=tag, content_type=content_type, object_id=made[number].pk)
            for number, some in names.items()
            for tag in dict.fromkeys(tags[slug] for slug in some[: applying.MOST] if slug in tags)
        ],
        ignore_conflicts=True,
    )
    return list(tags.values())
