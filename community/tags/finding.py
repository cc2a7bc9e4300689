"""What stands under a tag, in whatever room, and which tags are meant by some words.

A kind of thing carries tags if its model has `tags = TaggableManager(through=Tagged)`. It stands under them for everybody if its
rows can be `wanted_by` a viewer, too: they come from `visible_to`, `wanted_by`, `with_folds` and `with_place`, each has
`shown_title`, `get_absolute_url()` and a `public_id`, and `listed_by` names the time that lists of it are ordered by.

People stand under tags, too, where their rows are `listed_for` a viewer: in an order of their own, without a time, and never
counted. `all_under(tag)` is the address of all of them.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from taggit.managers import TaggableManager

from community import text

from .models import Tag, Tagged
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


def under(tag: Tag, model: Any, viewer: Any) -> models.QuerySet[Any]:
    """What `viewer` may and wants to see of one kind under a tag, each with `is_folded`."""
    carrying = Tagged.objects.filter(tag=tag, content_type=ContentType.objects.get_for_model(model)).values("object_id")
    if are_people(model):
        return model.objects.listed_for(viewer).that_tell_tags().filter(pk__in=carrying)
    rows = model.objects.visible_to(viewer).wanted_by(viewer).with_folds(viewer).with_place()
    return rows.filter(pk__in=carrying)


def names_on(model: type[models.Model]) -> ArraySubquery:
    """For a queryset of `model`, the names of the tags that readers see on each, in order; `showing.shown` makes links of them."""
    carried = Tag.objects.accepted().filter(
        items__content_type=ContentType.objects.get_for_model(model), items__object_id=OuterRef("pk")
    )
    return ArraySubquery(carried.by_name().values("name"))


def _tags() -> Any:
    """Names and synonyms of the vocabulary, with `stands_for`: the key of the tag that is meant."""
    return Tag.objects.accepted().annotate(stands_for=Coalesce("alias_of", "pk"))


def matching(words: str) -> list[int]:
    """The keys of the tags that are meant by some words, by name or synonym: those named in them, else those nearly like them."""
    return named(words) or nearly(words)


def _phrases(words: str) -> list[str]:
    said = text.clean(words)[:400].split()[:_WORDS]
    return [" ".join(said[at : at + length]) for length in range(1, _TOGETHER + 1) for at in range(len(said) - length + 1)]


def named(words: str) -> list[int]:
    """The keys of the tags that are named in some words; one statement."""
    slugs = {slug_of(phrase) for phrase in _phrases(words)} - {""}
    return list(dict.fromkeys(_tags().filter(slug__in=slugs).values_list("stands_for", flat=True))) if slugs else []


def nearly(words: str) -> list[int]:
    """The keys of the tags nearly like something in these words; one statement, a slow one."""
    near = sorted((phrase for phrase in _phrases(words) if len(phrase) > 3 and phrase.count(" ") < 2), key=len)[-_PHRASES:]
    return _like(near, _NEAREST)


def suggestions(begun: str) -> list[str]:
    """Names of the vocabulary that somebody may mean who began to write one: those that begin so, then those nearly like it."""
    begun = text.clean(begun)[:80].strip()
    slug = slug_of(begun).rstrip("-")
    if not slug:
        return []
    starting = _tags().filter(slug__startswith=slug).order_by("slug").values_list("stands_for", "slug")[:_SUGGESTED]
    keys = [*dict.fromkeys(key for key, _slug in starting)]
    if len(keys) < _SUGGESTED and len(begun) > 2:
        keys = [*dict.fromkeys([*keys, *_like([begun], _SUGGESTED)])][:_SUGGESTED]
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
