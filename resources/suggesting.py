"""Suggesting something for a conversation: by its tags, by those that its words name, and by the words themselves."""

import re
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from community import text
from community.contributions.cards import MOST
from community.prepared import Prepared, key_array, reach
from community.tags.models import Tag, Tagged
from community.tags.naming import slug_of

from . import finding, searching
from .models import Audience, Collection, LinkState, Resource

# How much of a conversation is looked at, and what has to fit at least.
_WORDS, _TOGETHER, _ASKED, _LEAST = 120, 3, 12, 0.06
# What says nothing about what a conversation is about.
_EMPTY = frozenset(
    "about after again ago all almost alone also always and another any anybody anyone anything are around ask asked away back "
    "because been before being best better both but came can cannot come could day days did does doing done down each else even "
    "ever every everybody everyone everything feel feels felt few find first for found from gave get gets getting give goes going "
    "gone good got great had has have having hear help helped helps her here him his how into its just keep keeps kind know last "
    "later least left less like little long look looking lot made make makes many maybe mean might more most much must need needs "
    "never new next nobody not nothing now off often once one only other our out over own people perhaps please put quite read "
    "really right said same say says see seem seems she should since some somebody someone something sometimes somewhere soon "
    "start started still such sure take takes talk tell than thank thanks that the their them then there these they thing things "
    "think this those though thought through time times today told too took tried try trying two under until upon use used very "
    "want wants was way week weeks well went were what when where which while who whole why will with without word words work "
    "worked would write year years yes yet you your months month".split()
)


def suggestions(conversation: Any, viewer: Any, *, open_to_guests: bool) -> list[Resource]:
    """Up to three things that fit a conversation and that `viewer` may and wants to see; five statements at most."""
    said = text.clean(f"{conversation.shown_title} {'' if getattr(conversation, 'is_gap', False) else conversation.body}")
    words = re.findall(r"[^\W_]+(?:[’'-][^\W_]+)*", said)[:_WORDS]
    tags, telling = _tags(conversation, words), _telling(words)
    found = searching.hits(_fitting(viewer, said, open_to_guests), _any_of(telling), tags, weight=len(telling))
    best = [key for key in searching.best_first(found) if found[key] >= _LEAST][: 4 * MOST]
    rows = finding.cards(Resource.objects.filter(pk__in=best), viewer).in_bulk() if best else {}
    return [rows[key] for key in best if key in rows and not rows[key].is_folded][:MOST]  # type: ignore[attr-defined]


def chosen(ids: list[str], viewer: Any) -> list[Resource]:
    """What somebody chose to show, as far as they may see it."""
    rows = finding.cards(Resource.objects.visible_to(viewer).filter(public_id__in=ids), viewer)
    return list(rows) if ids else []


def newest_on(tags: list[int], viewer: Any) -> Resource | None:
    """The newest thing under one of these tags that opens and that `viewer` may and wants to see."""
    return _newest_on.first(viewer, reach(viewer), tags=key_array(tags)) if tags else None


def newest_collection_on(tags: list[int], viewer: Any) -> Collection | None:
    """The newest collection of others that holds something under one of these tags, if `viewer` may and wants to see both."""
    return _newest_collection_on.first(viewer, reach(viewer), tags=key_array(tags)) if tags else None


def _things_on(viewer: Any, tags: Any) -> Any:
    rows = finding.cards(Resource.objects.visible_to(viewer).exclude(link_state=LinkState.BROKEN), viewer)
    return rows.filter(pk__in=_carrying(tags), is_folded=False).newest_first()[:1]  # type: ignore[attr-defined]


def _collections_on(viewer: Any, tags: Any) -> Any:
    inside = Resource.objects.visible_to(viewer).filter(pk__in=_carrying(tags), places__collection=OuterRef("pk"))
    shared = Collection.objects.visible_to(viewer).shared().exclude(author=viewer.pk)
    rows = shared.wanted_by(viewer).with_folds(viewer).filter(Exists(inside), is_folded=False)  # type: ignore[attr-defined]
    return rows.newest_first()[:1]


def _carrying(tags: Any) -> Any:
    kind = ContentType.objects.get_for_model(Resource)
    return Tagged.objects.filter(tag__among=tags, content_type=kind).values("object_id")


_newest_on: Prepared[Resource] = Prepared(_things_on, tags=list)
_newest_collection_on: Prepared[Collection] = Prepared(_collections_on, tags=list)


def _fitting(viewer: Any, said: str, open_to_guests: bool) -> Any:
    """What may be suggested: what opens, in a language that is spoken there, for a country that was not ruled out."""
    rows = Resource.objects.visible_to(viewer).wanted_by(viewer).exclude(link_state=LinkState.BROKEN)  # type: ignore[attr-defined]
    spoken = {(get_language() or "en").partition("-")[0], *viewer.profile.languages}
    rows = rows.filter(Q(language="") | Q(language__in=spoken))
    if open_to_guests:
        rows = rows.filter(audience=Audience.EVERYONE)
    named = [code for code, name in finding.countries().items() if str(name).casefold() in said.casefold()]
    return rows.filter(Q(country="") | Q(country__in=named)) if named else rows


def _tags(conversation: Any, words: list[str]) -> list[int]:
    """The keys of the tags that it carries, and of those that its words name."""
    phrases = {" ".join(words[at : at + length]) for length in range(1, _TOGETHER + 1) for at in range(len(words) - length + 1)}
    slugs = {slug_of(phrase) for phrase in phrases} - {"", *_EMPTY}
    # “a panic attack” means “panic attacks”.
    slugs |= {f"{slug}s" for slug in slugs} | {slug.removesuffix("s") for slug in slugs}
    own = Q(items__in=Tagged.objects.of(conversation))
    rows = Tag.objects.accepted().filter(own | Q(slug__in=slugs)).values_list("pk", "alias_of").distinct()
    return list(dict.fromkeys(alias_of or key for key, alias_of in rows))


def _telling(words: list[str]) -> list[str]:
    """The words that say what it is about, those of the title first."""
    telling = dict.fromkeys(word.casefold() for word in words if len(word) > 3 and word.casefold() not in _EMPTY)
    return list(telling)[:_ASKED]


def _any_of(words: list[str]) -> SearchQuery | None:
    query: SearchQuery | None = None
    for word in words:
        part = SearchQuery(word, config="hearth")
        query = part if query is None else query | part
    return query
