"""The library where people are: in a conversation, and beside it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import template
from django.urls import reverse

from resources import showing, suggesting
from resources.models import Kind, ResourceFile

register = template.Library()


class Offered(NamedTuple):
    """Something that could be shown below somebody’s words."""

    id: str
    is_chosen: bool
    card: showing.Card


@register.simple_tag(takes_context=True)
def suggested_resources(
    context: template.Context, conversation: Any, chosen: Iterable[str], *, asked: bool = False
) -> list[Offered]:
    """What was chosen for words in a conversation, and if it was asked for, what fits it. No query if there is neither."""
    viewer, ids = context["user"], list(chosen)
    rows = suggesting.chosen(ids, viewer) if ids else []
    if asked:
        found = suggesting.suggestions(conversation, viewer, open_to_guests=conversation.is_open_to_guests)
        rows += [row for row in found if row not in rows]
    return [
        Offered(str(row.public_id), str(row.public_id) in ids, card)
        for row, card in zip(rows, showing.cards(rows) if rows else (), strict=True)
    ]


@register.filter
def file_words(file: ResourceFile) -> str:
    """What a file is and how large, as in “PDF, 2 MB”."""
    return showing.file_words(file)


class Line(NamedTuple):
    """Something of the library in one line."""

    url: str
    title: str
    kind: str
    note: str


@register.simple_tag(takes_context=True)
def resource_on(context: template.Context, tags: Iterable[int]) -> Line | None:
    """The newest thing under one of these tags, by their keys, that the viewer may and wants to see. One query at most."""
    found = suggesting.newest_on(list(tags), context["user"])
    return Line(found.get_absolute_url(), found.title, str(Kind(found.kind).label), found.note) if found else None


@register.simple_tag(takes_context=True)
def collection_on(context: template.Context, tags: Iterable[int]) -> Line | None:
    """The newest collection of others with something under one of these tags in it, as `resource_on`."""
    found = suggesting.newest_collection_on(list(tags), context["user"])
    return Line(found.get_absolute_url(), found.title, "", found.note) if found else None


@register.simple_tag
def resources_beside(found: Iterable[dict[str, Any]] | None) -> list[Line]:
    """What the library has under the tags of something, as `cards.beside` found it; no query."""
    return [
        Line(reverse("resource_detail", args=[each["public_id"]]), each["title"], str(Kind(each["kind"]).label), each["note"])
        for each in found or ()
    ]
