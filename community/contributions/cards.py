"""Cards: what a text shows of something that stands in another room, below its words.

What can be shown so is a kind of contribution with `is_card`; neither room knows the other.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community.prepared import Prepared, reach

from .filters import Filter, matching
from .models import Contribution
from .references import Reference, card_of

# How many cards one text can show, and how many of them stand beside something.
MOST = 3
# Of so many under each of its tags, the newest stand beside it.
_LOOKED_AT, _LATELY = 20, 200

# As `references.card_of` makes it; the address ends with the public id.
_BEGIN = '<div class="card">'
_CARD = re.compile(
    rf'{_BEGIN}(?:(?!</div>).)*?<a href="[^"]*/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/">.*?</div>', re.DOTALL
)


@cache
def kinds() -> list[type[Contribution]]:
    """The kinds of things that can be shown as cards."""
    return [model for model in apps.get_models() if issubclass(model, Contribution) and getattr(model, "is_card", False)]


@cache
def sources() -> list[Any]:
    """The kinds of words below which cards can stand."""
    return [model for model in apps.get_models() if issubclass(model, Contribution) and getattr(model, "shows_cards", False)]


class CardsField(forms.MultipleChoiceField):
    """Public ids of what is to be shown; those that stand for nothing, or for nothing the writer may see, are left out."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"required": False} | kwargs))

    def valid_value(self, value: Any) -> bool:
        return True

    def prepare_value(self, value: Any) -> list[str]:
        return [str(each) for each in ([value] if isinstance(value, str) else value or ())]


def ids_of(said: Iterable[str]) -> list[UUID]:
    """The public ids among these, each once."""
    found: dict[UUID, None] = {}
    for each in list(said)[: 4 * MOST]:
        try:
            found[UUID(each)] = None
        except ValueError:
            continue
    return list(found)


def find(viewer: Any, said: Iterable[str]) -> list[Contribution]:
    """What `viewer` may show under these public ids, in their order, as many as one text can show."""
    ids = ids_of(said)
    if not ids:
        return []
    rows = {row.public_id: row for model in kinds() for row in model.objects.visible_to(viewer).filter(public_id__in=ids)}
    return [rows[each] for each in ids if each in rows][:MOST]


def in_words(cards: Iterable[Contribution]) -> SafeString:
    return format_html_join("", "{}", ((card_of(card),) for card in cards))


# As they are read -------------------------------------------------------------------------


@cache
def _seen(model: type[Contribution]) -> Prepared[Any]:
    return Prepared(
        lambda viewer, ids: (
            model.objects.visible_to(viewer).wanted_by(viewer).with_folds(viewer).filter(public_id__among=ids).only("public_id")
        ),
        ids=list,
    )


def shown_in(pages: Iterable[str]) -> set[UUID]:
    """The public ids of all that these show cards of."""
    return {UUID(found) for html in pages if _BEGIN in html for found in _CARD.findall(html)}


def unseen(viewer: Any, ids: set[UUID]) -> set[UUID]:
    """Those that `viewer` may not or does not want to see; one statement for each kind."""
    rows = [row for model in kinds() for row in _seen(model).rows(viewer, reach(viewer), ids=list(ids))] if ids else []
    return ids - {row.public_id for row in rows if not row.is_folded}


def without(html: str, ids: set[UUID]) -> str:
    """The same words, with a sentence in place of each card of these."""
    if not ids or _BEGIN not in html:
        return html
    gone = format_html('<div class="card"><p class="gap">{}</p></div>', _("What is shown here is not open to you, or not wanted."))
    return _CARD.sub(lambda found: gone if UUID(found[1]) in ids else found[0], html)


def is_shown(kind: type[Contribution]) -> Exists:
    """For a queryset of `kind`: whether any text shows a card of it."""
    cards = Reference.objects.filter(kind=Reference.Kind.CARD, to_type=ContentType.objects.get_for_model(kind))
    return Exists(cards.filter(to_id=OuterRef("pk")))


def conversations_with(kind: type[Contribution], card: int, viewer: Any, *, most: int) -> list[Any]:
    """What shows a card of the thing of this kind with this key, as far as `viewer` may and wants to see it, lately active first.

    One statement for each kind of words.
    """
    found: list[Any] = []
    for model in sources():
        for row in _showing(model, kind, most).rows(viewer, reach(viewer), card=card):
            found.append((getattr(row, row.listed_by), row))
    return [row for _at, row in sorted(found, key=lambda pair: pair[0], reverse=True)[:most] if not row.is_folded]


@cache
def _showing(model: Any, kind: type[Contribution], most: int) -> Prepared[Any]:
    """The conversations of one kind of words that show a card, lately active first."""

    def build(viewer: Any, card: int) -> Any:
        types = {name: ContentType.objects.get_for_model(each) for name, each in (("to_type", kind), ("source_type", model))}
        shown = Reference.objects.filter(kind=Reference.Kind.CARD, to_id=card, **types)
        rows = model.objects.filter(pk__in=shown.order_by("-pk").values("source_id")[:_LATELY]).conversations(viewer)
        by = rows.model.listed_by
        return rows.with_folds(viewer).order_by(f"-{by}", "-public_id")[:most]

    return Prepared(build, card=int)


# Beside something under the same tags -----------------------------------------------------


_LINE = ("pk", "version", "public_id", "title", "kind", "note")


def beside(model: type[Contribution], viewer: Any, *fields: str) -> ArraySubquery:
    """For a queryset of `model`: the newest things that carry a tag of each, with what a line about them says, or these fields.

    Each has a `version`, so that it tells whether what stands beside changed. Of each tag only the newest few are looked at:
    some stand on very many things.
    """
    (kind,) = kinds()
    lately = RawSQL(  # noqa: S611
        "SELECT lately.object_id FROM tags_tagged AS mine JOIN tags_tag AS tag ON tag.id = mine.tag_id "  # noqa: S608
        "CROSS JOIN LATERAL (SELECT object_id FROM tags_tagged AS its WHERE its.tag_id = mine.tag_id AND its.content_type_id = %s "
        f"ORDER BY object_id DESC LIMIT {_LOOKED_AT}) AS lately "
        f"WHERE mine.content_type_id = %s AND mine.object_id = {model._meta.db_table}.id AND tag.accepted_at IS NOT NULL",
        [ContentType.objects.get_for_model(each).pk for each in (kind, model)],
    )
    rows = kind.objects.visible_to(viewer).filter(pk__in=lately)
    if viewer.is_authenticated:
        rows = rows.exclude(matching(viewer, Filter.Act.FOLD, Filter.Act.HIDE))
    by = kind.listed_by
    line = JSONObject(**{name: name for name in fields or _LINE})
    return ArraySubquery(rows.order_by(f"-{by}", "-public_id").annotate(line=line).values("line")[:MOST])
