"""What stands under a tag, in whatever room, and which tags are meant by some words.

A kind of thing carries tags if its model has `tags = TaggableManager(through=Tagged)`. Its rows come from `visible_to`,
`wanted_by` and `with_folds`, each has `shown_title`, `get_absolute_url()` and a `public_id`, `listed_as` is what stands above them,
`listed_by` names the time that lists of it are ordered by, `on_a_line` the fields that its line is made of, and `numbered_by` those
that change when its line does.

People stand under tags, too, where their rows are `listed_for` a viewer: in an order of their own, without a time, and never
counted. `all_under(tag)` is the address of all of them.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject
from taggit.managers import TaggableManager

from community import text
from community.prepared import Prepared, reach

from .models import Following, Tag, Tagged
from .naming import slug_of

# How many words of what somebody looks for are looked at, and how many of them make one name.
_WORDS, _TOGETHER = 8, 3
# How many phrases are looked for that are not written as a tag is, how like it they must be, and how many tags are found then.
_PHRASES, _LIKE, _NEAREST = 8, 0.3, 5
_SUGGESTED = 8


@cache
def kinds() -> dict[str, type[models.Model]]:
    """The kinds of things that stand under tags, by the names of their models."""
    return {
        str(model._meta.model_name): model
        for model in apps.get_models()
        if (hasattr(model._default_manager, "wanted_by") or are_people(model))
        and any(isinstance(field, TaggableManager) and field.remote_field.through is Tagged for field in model._meta.many_to_many)
    }


def are_people(model: Any) -> bool:
    return hasattr(model._default_manager, "listed_for")


# One tag, and what stands under it -----------------------------------------------------

_slug = Prepared(lambda _viewer, slug: Tag.objects.accepted().select_related("alias_of").filter(slug=slug), slug=str)
_tag = Prepared(
    lambda viewer, slug: (
        Tag.objects.visible_to(viewer)
        .select_related("alias_of")
        .filter(slug=slug)
        .annotate(
            also=ArraySubquery(Tag.objects.accepted().filter(alias_of=OuterRef("pk")).by_name().values("name")),
            is_followed=Exists(Following.objects.filter(tag=OuterRef("pk"), user=viewer.pk))
            if viewer.is_authenticated
            else Value(False),
        )
    ),
    slug=str,
)


def called(slug: str) -> Tag | None:
    """The tag or synonym of the vocabulary with this address."""
    return _slug.first(None, None, slug=slug)


def opened(viewer: Any, slug: str) -> Tag | None:
    """The same with `also`, the names of its synonyms, and whether it `is_followed` by `viewer`."""
    return _tag.first(viewer, reach(viewer), slug=slug)


Place = tuple[datetime, UUID]


def _under(tag: int, model: Any, viewer: Any, most: int, moment: Any, public_id: Any) -> Any:
    """What `viewer` may see of one kind under a tag, newest first, or what follows a place in that order."""
    carrying = Tagged.objects.filter(tag=tag, content_type=ContentType.objects.get_for_model(model)).values("object_id")
    rows, by = model.objects.visible_to(viewer).filter(pk__in=carrying), model.listed_by
    if moment is not None:
        rows = rows.filter(Q(**{f"{by}__lte": moment}) & (Q(**{f"{by}__lt": moment}) | Q(public_id__lt=public_id)))
    return rows.order_by(f"-{by}", "-public_id")


# Which tag it is stands in the statement: the plan for one that stands on few things is another one.
@lru_cache(maxsize=128)
def _things(tag: int, model: Any, most: int, *, is_further: bool) -> Prepared[Any]:
    above = [name.rpartition("__")[0] for name in model.on_a_line if "__" in name]

    def build(viewer: Any, moment: Any = None, public_id: Any = None) -> Any:
        rows = _under(tag, model, viewer, most, moment, public_id).wanted_by(viewer).with_folds(viewer)
        return rows.select_related(*above).only("public_id", model.listed_by, "note", *model.on_a_line, *model.numbered_by)[:most]

    return Prepared(build, **({"moment": datetime, "public_id": UUID} if is_further else {}))


@lru_cache(maxsize=128)
def _numbers(tag: int, kinds: tuple[Any, ...], most: int, *, is_further: bool) -> Prepared[Any]:
    def build(viewer: Any, moment: Any = None, public_id: Any = None) -> Any:
        told = {
            f"of_{model._meta.model_name}": ArraySubquery(
                _under(tag, model, viewer, most, moment, public_id)
                .annotate(told=JSONObject(key="pk", **{name: name for name in model.numbered_by}))
                .values("told")[:most]
            )
            for model in kinds
        }
        return Tag.objects.filter(pk=tag).annotate(**told).values_list(*told)

    return Prepared(build, **({"moment": datetime, "public_id": UUID} if is_further else {}))


def _place(beyond: Place | None) -> dict[str, Any]:
    return {"moment": beyond[0], "public_id": beyond[1]} if beyond else {}


def under(tag: Tag, model: Any, viewer: Any, *, most: int, beyond: Place | None = None) -> list[Any]:
    """What `viewer` may and wants to see of one kind under a tag, newest first, each with `is_folded`."""
    if are_people(model):
        carrying = Tagged.objects.filter(tag=tag, content_type=ContentType.objects.get_for_model(model)).values("object_id")
        return list(model.objects.listed_for(viewer).that_tell_tags().filter(pk__in=carrying)[:most])
    things = _things(tag.pk, model, most, is_further=beyond is not None)
    return things.rows(viewer, reach(viewer), **_place(beyond))


def numbers_under(tag: Tag, models: Iterable[Any], guest: Any, *, most: int, beyond: Place | None = None) -> list[Any]:
    """As `numbers_of` for what a guest may see of each kind, without fetching it; one statement."""
    kinds = tuple(model for model in models if not are_people(model))
    told: Any = _numbers(tag.pk, kinds, most, is_further=beyond is not None).first(guest, reach(guest), **_place(beyond))
    return [
        [tuple(row[name] for name in ("key", *model.numbered_by)) for row in rows]
        for model, rows in zip(kinds, told or [()] * len(kinds), strict=True)
    ]


def numbers_of(rows: list[Any]) -> list[tuple[Any, ...]]:
    """What a guest's copy of these rows is checked by."""
    return [(row.pk, *(attrgetter(name.replace("__", "."))(row) for name in row.numbered_by)) for row in rows]


def names_on(model: type[models.Model]) -> ArraySubquery:
    """For a queryset of `model`, the names of the tags that readers see on each, in order; `showing.shown` makes links of them."""
    carried = Tag.objects.accepted().filter(
        items__content_type=ContentType.objects.get_for_model(model), items__object_id=OuterRef("pk")
    )
    return ArraySubquery(carried.by_name().values("name"))


def _tags() -> Any:
    """Names and synonyms of the vocabulary, with `stands_for`: the key of the tag that is meant."""
    return Tag.objects.accepted().annotate(stands_for=Coalesce("alias_of", "pk"))


_named = Prepared(lambda _viewer, slugs: _tags().filter(slug__among=slugs).values_list("stands_for"), slugs=list)


def matching(words: str) -> list[int]:
    """The keys of the tags that are meant by some words, by name or synonym: those named in them, else those nearly like them."""
    return named(words) or nearly(words)


def _phrases(words: str) -> list[str]:
    said = text.clean(words)[:400].split()[:_WORDS]
    return [" ".join(said[at : at + length]) for length in range(1, _TOGETHER + 1) for at in range(len(said) - length + 1)]


def named(words: str) -> list[int]:
    """The keys of the tags that are named in some words; one statement."""
    slugs = {slug_of(phrase) for phrase in _phrases(words)} - {""}
    return [*dict.fromkeys(key for (key,) in _named.rows(None, None, slugs=sorted(slugs)))] if slugs else []


def nearly(words: str) -> list[int]:
    """The keys of the tags nearly like something in these words; one statement, a slow one."""
    near = sorted((phrase for phrase in _phrases(words) if len(phrase) > 3 and phrase.count(" ") < 2), key=len)[-_PHRASES:]
    return _like(near, _NEAREST)


def suggestions(begun: str, *, most: int = _SUGGESTED) -> list[str]:
    """Names of the vocabulary that somebody may mean who began to write one: those that begin so, then those nearly like it."""
    begun = text.clean(begun)[:80].strip()
    slug = slug_of(begun).rstrip("-")
    if not slug:
        return []
    starting = _tags().filter(slug__startswith=slug).order_by("slug").values_list("stands_for", "slug")[:most]
    keys = [*dict.fromkeys(key for key, _slug in starting)]
    if len(keys) < most and len(begun) > 2:
        keys = [*dict.fromkeys([*keys, *_like([begun], most)])][:most]
    names = dict(Tag.objects.filter(pk__in=keys).values_list("pk", "name"))
    return [names[key] for key in keys if key in names]


def _like(phrases: list[str], most: int) -> list[int]:
    """The keys of the tags nearly like one of these, the nearest first; one statement.

    Likeness is slow to work out, and hardly anybody mistakes a first letter: a word of the tag begins as the phrase does.
    """
    first = [slug_of(phrase)[:1] for phrase in phrases]
    if not any(first):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(alias_of_id, id) AS stands_for
            FROM tags_tag, unnest(%s::text[], %s::text[]) AS said (phrase, first)
            WHERE accepted_at IS NOT NULL AND first <> '' AND (slug LIKE first || '%%' OR slug LIKE '%%-' || first || '%%')
                AND similarity(name, phrase) >= %s
            GROUP BY stands_for
            ORDER BY max(similarity(name, phrase)) DESC, stands_for
            LIMIT %s
            """,
            [phrases, first, _LIKE, most],
        )
        return [key for (key,) in cursor.fetchall()]
