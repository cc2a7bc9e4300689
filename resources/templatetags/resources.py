"""The library where people are: in a conversation, and beside it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import template

from resources import finding, showing, suggesting
from resources.models import Resource

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


@register.simple_tag(takes_context=True)
def resources_beside(context: template.Context, pairs: Iterable[list[int]] | None) -> list[showing.Card]:
    """What the library has under the tags of something, as `cards.beside` found it; one query, none if there is nothing."""
    keys, viewer = [key for key, _version in pairs or ()], context["user"]
    if not keys:
        return []
    rows = finding.cards(Resource.objects.visible_to(viewer).filter(pk__in=keys), viewer).in_bulk()
    return showing.cards([rows[key] for key in keys if key in rows and not rows[key].is_folded], {})  # type: ignore[attr-defined]
