"""The demo's library: what its people brought, each on their day; and one of any size, which `inventing` makes up."""

import tomllib
import uuid
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from community import text
from community.contributions.models import Note
from community.members.models import User
from community.notifications.models import Notification
from community.seeding import Size, reserve, tidy_up, write, writer
from community.tags import applying
from community.tags.models import Tag, Tagged
from community.times import in_steps

from . import inventing
from .addresses import key_of, key_of_isbn, phone_of
from .models import Audience, Collection, LinkState, Place, Resource, ResourceFile, Review

# How many things make one batch.
BATCH = 5_000
SHELVES = Path(__file__).with_name("demo.toml")
USUAL_WAIT = 20
# Their own fields here; whatever else is told is a fact.
_TOLD = {
    "brought_by",
    "days_ago",
    "up_after",
    "waiting",
    "refused",
    "keeper",
    "look_again_in",
    "tags",
    "notes",
    "note_words",
    "file",
}


def fill_demo(*, now: datetime | None = None) -> None:
    """Let the invented people bring what helped them; does nothing where somebody has brought something already."""
    if not Resource.objects.exists():
        with transaction.atomic():
            shelves = tomllib.loads(SHELVES.read_text())
            _fill(shelves["resources"], now or timezone.now())
            _read(shelves["reviews"], shelves["collections"], now or timezone.now())


def _fill(told: list[dict[str, Any]], now: datetime) -> None:
    # The same addresses in every demo: nobody's safety hangs on them.
    drawn = Random(3)  # noqa: S311
    people = {user.username: user for user in User.objects.all()}
    notes = {note.name: note for note in Note.objects.all()}
    told = sorted(told, key=lambda each: -each["days_ago"])
    resources = [
        _resource(each, key, people, notes, now, drawn) for each, key in zip(told, reserve(Resource, len(told)), strict=True)
    ]
    write(resources, [news for resource in resources for news in _news(resource)])
    for resource, each in zip(resources, told, strict=True):
        applying.apply(resource, each["tags"], accept=True)
        if file := each.get("file"):
            content = leaf(file["title"], file["lines"])
            ResourceFile.put(resource, name=file["name"], content_type="application/pdf", content=content)


def leaf(title: str, lines: list[str]) -> bytes:
    """A PDF of one page (A4, in points): a title, and below each line room to write."""
    drawn = [_written_at(780, 20, title)]
    for number, line in enumerate(lines):
        top = 720 - 90 * number
        drawn += [_written_at(top, 12, line), f"60 {top - 30} m 535 {top - 30} l S 60 {top - 55} m 535 {top - 55} l S"]
    writer = PdfWriter()
    page = writer.add_blank_page(width=595, height=842)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    known = DictionaryObject({NameObject(name): NameObject(value) for name, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): known})})
    contents = DecodedStreamObject()
    contents.set_data("\n".join(["0.6 G", *drawn]).encode("cp1252"))
    page[NameObject("/Contents")] = writer._add_object(contents)
    writer.metadata = None
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _written_at(height: int, size: int, words: str) -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf 60 {height} Td ({escaped}) Tj ET"


def _resource(
    told: dict[str, Any], key: int, people: dict[str, User], notes: dict[str, Note], now: datetime, drawn: Random
) -> Resource:
    brought_at = in_steps(now - timedelta(days=told["days_ago"], minutes=drawn.randrange(20, 600)))
    looked_at = in_steps(min(brought_at + timedelta(hours=told.get("up_after", USUAL_WAIT)), now))
    facts = {name: value for name, value in told.items() if name not in _TOLD} | {"body": told["body"].strip()}
    if "address" in facts:
        facts["address"] = f"https://example.org/{facts['address']}"
    if "phone" in facts:
        facts["phone"] = phone_of(facts["phone"])
    resource = Resource(
        pk=key,
        public_id=uuid.UUID(int=drawn.getrandbits(128), version=4),
        author=people[told["brought_by"]],
        created_at=brought_at,
        body_html=text.render(facts["body"]),
        **{"audience": Audience.EVERYONE, **facts},
    )
    resource.address_key = key_of(resource.address) or key_of_isbn(resource.isbn)
    resource.set_note([notes[name] for name in told.get("notes", ())], told.get("note_words", ""))
    if "refused" in told:
        resource.refused_at, resource.refusal = looked_at, told["refused"]
    elif not told.get("waiting"):
        resource.published_at = looked_at
        # Nobody looks at addresses that lead nowhere: they count as looked at and fine.
        resource.link_state, resource.looked_at = (LinkState.FINE, looked_at) if resource.address else (LinkState.UNSEEN, None)
    if "keeper" in told:
        resource.keeper = people[told["keeper"]]
        resource.review_by = timezone.localdate(now) + timedelta(days=told["look_again_in"])
    return resource


def _read(reviews: list[dict[str, Any]], collections: list[dict[str, Any]], now: datetime) -> None:
    """What readers made of it: words about it, and reading paths."""
    drawn = Random(5)  # noqa: S311
    people = {user.username: user for user in User.objects.all()}
    things = {resource.title: resource for resource in Resource.objects.all()}
    needs = {tag.name: tag for tag in Tag.objects.accepted()}
    write([_review(each, people, things, needs, now, drawn) for each in sorted(reviews, key=lambda each: -each["days_ago"])])
    made = []
    for told, key in zip(collections, reserve(Collection, len(collections)), strict=True):
        collection = Collection(
            pk=key,
            title=told["title"],
            shared=told["shared"],
            **_written(people[told["made_by"]], told, now, drawn),
        )
        collection.set_note((), told.get("note_words", ""))
        places = [
            Place(collection=collection, resource=things[place["thing"]], position=number, words=place.get("words", ""))
            for number, place in enumerate(told["places"], start=1)
        ]
        made.append((collection, places))
    write([collection for collection, _places in made], [place for _collection, places in made for place in places])


def _review(
    told: dict[str, Any],
    people: dict[str, User],
    things: dict[str, Resource],
    needs: dict[str, Tag],
    now: datetime,
    drawn: Random,
) -> Review:
    need = needs[told["need"]] if "need" in told else None
    words = _written(people[told["said_by"]], told, now, drawn)
    return Review(resource=things[told["about"]], verdict=told["verdict"], need=need, **words)


def _written(author: User, told: dict[str, Any], now: datetime, drawn: Random) -> dict[str, Any]:
    """What all words have."""
    body = told.get("body", "")
    return {
        "public_id": uuid.UUID(int=drawn.getrandbits(128), version=4),
        "author": author,
        "body": body,
        "body_html": text.render(body),
        "created_at": in_steps(now - timedelta(days=told["days_ago"], minutes=drawn.randrange(20, 600))),
    }


def _news(resource: Resource) -> list[Notification]:
    """What whoever brought it was told, and has read by now."""
    at = resource.published_at or resource.refused_at
    if at is None:
        return []
    kind = "resources.resource_published" if resource.is_published else "resources.resource_refused"
    return [
        Notification(
            recipient=resource.author,
            kind=kind,
            target_type=ContentType.objects.get_for_model(Resource),
            target_id=resource.pk,
            thread=resource.thread,
            note=resource.refusal,
            created_at=at,
            read_at=at,
            mailed_at=at,
        )
    ]


def fill(size: Size, *, now: datetime | None = None) -> None:
    """Fill in a library of that size, brought by the members there are, under the tags there are."""
    # A community for looking at speed, the same for each seed: nothing in it is a secret.
    drawn = Random(size.seed)  # noqa: S311
    users = list(User.objects.order_by("date_joined", "pk"))
    tags = list(Tag.objects.accepted().of_their_own().order_by("pk").values_list("pk", "name"))
    notes = list(Note.objects.offered())
    carrier = ContentType.objects.get_for_model(Resource)
    with writer() as there:
        for shelf in inventing.shelves(size.resources, users, tags, notes, now or timezone.now(), drawn, batch=BATCH):
            keys = reserve(Resource, len(shelf.resources))
            for resource, key in zip(shelf.resources, keys, strict=True):
                resource.pk = key
            carried = [
                Tagged(tag_id=tag, content_type=carrier, object_id=resource.pk)
                for resource, some in zip(shelf.resources, shelf.tags, strict=True)
                for tag in some
            ]
            there.write(shelf.resources, carried)
    tidy_up([Resource, Tagged])
