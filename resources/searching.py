"""Looking for something in the library: what is asked for, and what there is. The words are kept nowhere.

Without words it is a list, newest first, of any length. With words the newest hits are ranked, and no more than those are shown:
ranking everything that holds a common word would take half a second.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, TrigramWordSimilarity
from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.http import QueryDict

from community import text
from community.members.languages import LANGUAGES
from community.prepared import Planned, Prepared, reach
from community.tags import finding as tags_finding
from community.tags.models import Tag, Tagged
from community.tags.naming import slug_of

from .finding import PAGE, cards
from .models import Cost, Kind, Resource

# Of so many hits, the newest, the best are shown.
NEWEST = 300
# Where there are fewer, also what is nearly written so.
FEW = 5
_LONGEST_WORDS, _MOST_WORDS, _SHORT = 200, 6, 4
# Of so many more than a page the rows are fetched at first, since some may not be wanted.
_SPARE = 20
# What it counts for to be found in a title, and under a tag that is meant by the words.
_IN_TITLE, _UNDER_TAG = 3.0, 0.2


class Wish(NamedTuple):
    """What somebody looks for; each part is empty where it was not said, or where there is no such thing."""

    words: str = ""
    kind: str = ""
    tag: str = ""
    language: str = ""
    cost: str = ""
    country: str = ""
    # “yes” for what carries no content note.
    plain: str = ""

    @classmethod
    def read(cls, data: QueryDict, *, countries: Iterable[str]) -> "Wish":
        """From an address, in which anything may stand."""
        said = {name: text.clean(data.get(name, "")[: _LONGEST_WORDS * 2]).strip() for name in ("q", *cls._fields[1:])}
        known: dict[str, Iterable[str]] = {
            "kind": Kind.values,
            "language": dict(LANGUAGES),
            "cost": Cost.values,
            "country": countries,
            "plain": ("yes",),
        }
        chosen = {name: said[name] for name, there in known.items() if said[name] in there}
        return cls(words=" ".join(said["q"].split())[:_LONGEST_WORDS], tag=slug_of(said["tag"]), **chosen)

    @property
    def facets(self) -> dict[str, str]:
        """What was chosen beside the words."""
        return {name: value for name, value in self._asdict().items() if name != "words" and value}

    @property
    def is_empty(self) -> bool:
        return not any(self)

    def address(self, **more: Any) -> str:
        """The query of an address that asks for this, with something more or in place of it."""
        parts = {("q" if name == "words" else name): value for name, value in self._asdict().items()} | more
        return f"?{urlencode({name: value for name, value in parts.items() if value})}"


class Found(NamedTuple):
    """A page of what there is, and one more if there is more."""

    rows: list[Resource]
    # Are there more hits than were looked at?
    is_cut: bool = False


def tag_of(wish: Wish) -> Tag | None:
    """The tag that is asked for, or the one that it stands for."""
    tag = tags_finding.called(wish.tag) if wish.tag else None
    return (tag.alias_of or tag) if tag else None


def exactly(words: str) -> Tag | None:
    """The tag of which these words are the name, or a synonym."""
    return tag_of(Wish(tag=slug_of(words))) if words else None


def _tagged(**which: Any) -> QuerySet[Tagged]:
    return Tagged.objects.filter(content_type=ContentType.objects.get_for_model(Resource), **which)


Chosen = tuple[tuple[str, Any], ...]


def _chosen(wish: Wish, tag: Tag | None) -> Chosen:
    """The facets; the tag is its key here."""
    return tuple(sorted((wish.facets | ({"tag": tag.pk} if tag else {})).items()))


# Without words -------------------------------------------------------------------------


def _narrowed(rows: QuerySet[Resource], chosen: Chosen) -> QuerySet[Resource]:
    """Those that fit what was chosen."""
    asked = dict(chosen)
    equal = {name: value for name, value in chosen if name not in ("tag", "plain")}
    if "plain" in asked:
        equal["note"] = ""
    if "tag" in asked:
        equal["pk__in"] = _tagged(tag=asked["tag"]).values("object_id")
    return rows.filter(**equal) if equal else rows


@lru_cache(maxsize=256)
def _listing(chosen: Chosen, *, is_further: bool) -> Prepared[Resource]:
    """A list for one choice of facets. What was chosen stands in the statement: the plan for what is rare is another one."""

    def build(viewer: Any, moment: Any = None, public_id: Any = None) -> QuerySet[Resource]:
        rows = _narrowed(Resource.objects.visible_to(viewer), chosen)
        if is_further:
            rows = rows.filter(Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(public_id__lt=public_id)))
        return cards(rows.newest_first(), viewer)[: PAGE + 1]  # type: ignore[attr-defined]

    return Prepared(build, **({"moment": datetime, "public_id": UUID} if is_further else {}))


def listed(viewer: Any, wish: Wish, tag: Tag | None, *, beyond: tuple[datetime, UUID] | None) -> list[Resource]:
    """A page of what fits the facets and one more, newest first, or those that follow `beyond`."""
    place = {"moment": beyond[0], "public_id": beyond[1]} if beyond else {}
    return _listing(_chosen(wish, tag), is_further=beyond is not None).rows(viewer, reach(viewer), **place)


# With words ----------------------------------------------------------------------------


@cache
def _page(number: int) -> Prepared[Resource]:
    """Those of these keys that `viewer` wants to see, in their order: one page and one more."""
    in_order = "array_position(%s::bigint[], resources_resource.id)"
    return Prepared(
        lambda viewer, keys: cards(
            Resource.objects.visible_to(viewer).filter(pk__among=keys).order_by(RawSQL(in_order, [keys])),  # noqa: S611
            viewer,
        )[(number - 1) * PAGE : number * PAGE + 1],
        keys=list,
    )


def search(viewer: Any, wish: Wish, tag: Tag | None, *, page: int) -> Found:
    """A page of what holds the words or stands under a tag that is meant by them, the best first; three to six statements."""
    chosen = _chosen(wish, tag)
    found_by = _found(viewer, chosen, words=wish.words, tags=[] if tag else tags_finding.named(wish.words))
    ranked = best_first(found_by)
    is_cut = len(ranked) >= NEWEST
    # What is nearly right is slow to find, in titles less so than among tags.
    if len(ranked) < FEW:
        ranked += [key for key in _nearly(viewer, chosen, wish.words) if key not in found_by]
    if len(ranked) < FEW and not tag and (near := tags_finding.nearly(wish.words)):
        ranked += [key for key in best_first(_found(viewer, chosen, tags=near)) if key not in ranked]
    return Found(_rows_of(viewer, ranked, page), is_cut)


def _rows_of(viewer: Any, ranked: list[int], page: int) -> list[Resource]:
    """One page and one more of these; hardly ever are so many of them not wanted that the first few were too few."""
    first_few = ranked[: page * PAGE + 1 + _SPARE]
    rows = _page(page).rows(viewer, reach(viewer), keys=first_few) if ranked else []
    if len(rows) <= PAGE and len(first_few) < len(ranked):
        rows = _page(page).rows(viewer, reach(viewer), keys=ranked)
    return rows


@lru_cache(maxsize=128)
def _finds(chosen: Chosen, *, has_words: bool, has_tags: bool) -> Planned[Any]:
    """The keys of what holds some words, or carries some tags, and how well it fits, for one choice of facets."""

    def build(viewer: Any, words: str = "", tags: Any = ()) -> QuerySet[Any]:
        rows = _narrowed(Resource.objects.visible_to(viewer), chosen)
        parts = [_holding(rows, SearchQuery(words, config="hearth", search_type="websearch"), 1)] if has_words else []
        parts += [_under(rows, tags)] if has_tags else []
        return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]

    return Planned(build, **({"words": str} if has_words else {}), **({"tags": list} if has_tags else {}))


def _found(viewer: Any, chosen: Chosen, *, words: str = "", tags: list[int]) -> dict[int, float]:
    """As `hits` for what `viewer` may see and what was chosen, with what is worked out once."""
    finds = _finds(chosen, has_words=bool(words), has_tags=bool(tags))
    return _summed(finds.rows(viewer, reach(viewer), words=words, tags=tags))


def _newest(rows: QuerySet[Resource], score: Any) -> QuerySet[Any]:
    newest = rows.order_by("-published_at", "-public_id")[:NEWEST]
    return Resource.objects.filter(pk__in=newest.values("pk")).order_by().values_list("pk", Cast(score, FloatField()))


def hits(rows: QuerySet[Resource], query: SearchQuery | None, tags: Iterable[int], *, weight: int = 1) -> dict[int, float]:
    """The keys of the newest that hold the words or carry one of these tags, and how well they fit; one statement.

    PostgreSQL shares a rank out among alternatives; with as many as `weight`, each counts in full again.
    """
    parts = [_holding(rows, query, weight)] if query else []
    parts += [_under(rows, list(tags))] if tags else []
    return _summed(parts[0].union(*parts[1:], all=True) if parts else ())


def best_first(found: dict[int, float]) -> list[int]:
    return sorted(found, key=lambda key: (-found[key], -key))


def _holding(rows: QuerySet[Resource], query: SearchQuery, weight: int) -> QuerySet[Any]:
    in_title = SearchRank(SearchVector("title", config="hearth"), query, normalization=Value(1))
    score = SearchRank(F("search"), query, normalization=Value(1)) + in_title * _IN_TITLE
    return _newest(rows.filter(search=query), score * Value(float(weight)))


def _under(rows: QuerySet[Resource], tags: Any) -> QuerySet[Any]:
    carrying = _tagged(tag__pk__among=tags)
    on_it = carrying.filter(object_id=OuterRef("pk")).order_by().values("object_id")
    number = Cast(Subquery(on_it.annotate(number=Count("pk")).values("number")), FloatField())
    return _newest(rows.filter(pk__in=carrying.values("object_id")), number * _UNDER_TAG)


def _summed(rows: Iterable[tuple[int, float | None]]) -> dict[int, float]:
    """What was found, with the sum of what it counts for."""
    found: dict[int, float] = {}
    for key, score in rows:
        found[key] = found.get(key, 0) + (score or 0)
    return found


@lru_cache(maxsize=64)
def _nearly_holding(chosen: Chosen, number: int) -> Planned[Any]:
    """The keys of those in which each of so many words stands, in a title nearly so, and how near that is."""

    def build(viewer: Any, **said: str) -> QuerySet[Any]:
        rows, likeness = _narrowed(Resource.objects.visible_to(viewer), chosen), Value(0.0)
        for at in range(number):
            swapped = SearchQuery(said[f"swapped_{at}"], config="hearth", search_type="websearch")
            rows = rows.filter(Q(title__trigram_word_similar=said[f"word_{at}"]) | Q(search=swapped))
            likeness = likeness + TrigramWordSimilarity(said[f"word_{at}"], "title")  # type: ignore[assignment]
        return _newest(rows, likeness)

    return Planned(build, **{f"{name}_{at}": str for name in ("word", "swapped") for at in range(number)})


def _nearly(viewer: Any, chosen: Chosen, words: str) -> list[int]:
    """The keys of those in which each word stands, in a title nearly so, the nearest first; one statement."""
    said = [word for word in words.split() if any(map(str.isalnum, word))][:_MOST_WORDS]
    long = [word for word in said if len(word) >= _SHORT]
    if not long:
        return []
    values = {f"word_{at}": word for at, word in enumerate(long)} | {
        f"swapped_{at}": _swapped(word) for at, word in enumerate(long)
    }
    return best_first(dict(_nearly_holding(chosen, len(long)).rows(viewer, reach(viewer), **values)))


def _swapped(word: str) -> str:
    """The word, or what it is if two letters changed places: likeness alone does not see it in short ones."""
    swapped = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(min(len(word), 12) - 1))
    return " OR ".join(dict.fromkeys([word, *swapped]))
