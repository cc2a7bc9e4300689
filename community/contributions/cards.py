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
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, OuterRef
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community.prepared import Prepared, reach
from community.tags.models import Tag, Tagged

from .models import Contribution
from .references import Reference, card_of

# How many cards one text can show, and how many of them stand beside something.
MOST = 3
# Of so many under the same tags, the newest stand beside it.
_LOOKED_AT, _LATELY = 60, 200

# As `references.card_of` makes it; the address ends with the public id.
_BEGIN = '<div class="card">'
_CARD = re.compile(
    rf'{_BEGIN}(?:(?!</div>).)*?<a href="[^"]*/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/">.*?</div>', re.DOTALL
)


@cache
def kinds() -> list[type[Contribution]]:
    """The kinds of things that can be shown as cards."""
    return [model for model in apps.get_models() if issubclass(model, Contribution) and getattr(model, "is_card", False)]


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


def conversations_with(card: Contribution, viewer: Any, *, most: int) -> list[Any]:
    """What shows a card of this, as far as `viewer` may and wants to see it, lately active first."""
    lately = Reference.objects.to(card).filter(kind=Reference.Kind.CARD).order_by("-pk").values_list("source_type", "source_id")
    by_type: dict[int, list[int]] = {}
    for source_type, source_id in lately[:_LATELY]:
        by_type.setdefault(source_type, []).append(source_id)
    found: list[Any] = []
    for source_type, ids in by_type.items():
        model: Any = ContentType.objects.get_for_id(source_type).model_class()
        rows = model.objects.filter(pk__in=ids).conversations(viewer)
        by = getattr(rows.model, "listed_by", "created_at")
        found += [(getattr(row, by), row) for row in rows.with_folds(viewer).order_by(f"-{by}", "-public_id")[:most]]
    return [row for _at, row in sorted(found, key=lambda pair: pair[0], reverse=True)[:most] if not row.is_folded]


# Beside something under the same tags -----------------------------------------------------


def beside(model: type[Contribution], viewer: Any) -> ArraySubquery:
    """For a queryset of `model`: the newest things that carry a tag of each, as pairs of a key and a version."""
    (kind,) = kinds()
    tags = Tag.objects.accepted().filter(
        items__content_type=ContentType.objects.get_for_model(model), items__object_id=OuterRef(OuterRef(OuterRef("pk")))
    )
    lately = Tagged.objects.filter(content_type=ContentType.objects.get_for_model(kind), tag__in=tags.values("pk"))
    rows = (
        kind.objects.visible_to(viewer)
        .wanted_by(viewer)
        .filter(pk__in=lately.order_by("-object_id").values("object_id")[:_LOOKED_AT])
    )
    pair = Func(F("pk"), F("version"), template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField()))
    by = getattr(kind, "listed_by", "created_at")
    return ArraySubquery(rows.order_by(f"-{by}", "-public_id").annotate(pair=pair).values("pair")[:MOST])
