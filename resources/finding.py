"""What the pages that are opened most ask of the database, worked out once for each kind of viewer (see `community.prepared`).

Every list here begins with `visible_to` and leaves out what the viewer does not want (`wanted_by`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from community.care.models import Country
from community.contributions.cards import conversations_with, is_shown
from community.members.models import User
from community.prepared import Prepared, reach
from community.tags.finding import names_on

from .models import Collection, Place, Resource, ResourceFile, Review, Saved

PAGE = 20
# How many words about one thing stand on its page, how many collections that it is in, and conversations that show it.
WORDS, COLLECTIONS, TALKS = 10, 5, 5

_FACTS = ("kind", "title", "address", "language", "minutes", "pages", "cost", "level", "country", "has_captions", "needs_account")
CARD = (*_FACTS, "public_id", "body", "note", "published_at", "version")


def cards(resources: QuerySet[Resource], viewer: Any) -> QuerySet[Resource]:
    """What the viewer wants of these, with no more than a card shows, each with `is_folded`."""
    return resources.wanted_by(viewer).with_folds(viewer).only(*CARD)  # type: ignore[attr-defined]


def _made_of_it(viewer: Any) -> dict[str, Exists]:
    """Whether there is anything that people said of a resource or made of it; else nothing more is asked for."""
    about = {"resource": OuterRef("pk")}
    return {
        "has_words": Exists(Review.objects.filter(**about)),
        "has_places": Exists(Place.objects.filter(**about)),
        "has_file": Exists(ResourceFile.objects.filter(**about)),
        "has_own_words": Exists(Review.objects.filter(author=viewer.pk or 0, **about)),
        "is_saved": Exists(Saved.objects.filter(user=viewer.pk or 0, **about)),
    }


def _is_keeper_met(viewer: Any) -> Exists | Value:
    """May the viewer meet whoever looks after a resource? A guest is told who it is."""
    if not viewer.is_authenticated:
        return Value(True)
    return Exists(User.objects.visible_to(viewer).filter(pk=OuterRef("keeper")))


_resource = Prepared(
    lambda viewer, public_id: (
        Resource.objects.visible_to(viewer)
        .filter(public_id=public_id)
        .with_folds(viewer)
        .with_voices()
        .annotate(shown_tags=names_on(Resource), is_shown=is_shown(Resource), **_made_of_it(viewer))
        .annotate(is_keeper_met=_is_keeper_met(viewer))
        .select_related("author__profile__avatar", "persona", "keeper")
    ),
    public_id=UUID,
)


def words(viewer: Any, resource: Any) -> Any:
    """What members said of a resource, as far as the viewer may and wants to see it, each with `is_folded`."""
    rows = Review.objects.visible_to(viewer).wanted_by(viewer).with_folds(viewer).with_place()  # type: ignore[attr-defined]
    return rows.filter(resource=resource).order_by("-created_at", "-public_id")


_reviews = Prepared(lambda viewer, resource: words(viewer, resource)[: WORDS + 1], resource=int)


def holding(viewer: Any, resource: Any) -> QuerySet[Collection]:
    """The newest collections that a resource stands in."""
    rows = Collection.objects.visible_to(viewer).wanted_by(viewer).with_folds(viewer)  # type: ignore[attr-defined]
    return rows.filter(places__resource=resource).newest_first()[:COLLECTIONS]


_collections = Prepared(
    lambda viewer, resource: holding(viewer, resource).only("public_id", "title", "note", "shared"), resource=int
)


def _each(rows: QuerySet[Any], **told: str) -> ArraySubquery:
    """What is told of each of these, for a subquery."""
    return ArraySubquery(rows.annotate(told=JSONObject(**told)).values("told"))


# What `Review.need_name` is made of.
_NEED = {name: f"need__{name}" for name in ("name", "accepted_at", "alias_of__name", "alias_of__accepted_at")}
_version: Prepared[Any] = Prepared(
    lambda viewer, public_id: (
        Resource.objects.visible_to(viewer)
        .filter(public_id=public_id)
        .annotate(
            shown_tags=names_on(Resource),
            is_shown=is_shown(Resource),
            said=_each(words(viewer, OuterRef("pk"))[: WORDS + 1], pk="pk", **_NEED),
            stands_in=_each(holding(viewer, OuterRef("pk")), pk="pk", title="title", note="note", folded="folded_at"),
        )
        .values_list("pk", "version", "shown_tags", "is_shown", "said", "stands_in")
    ),
    public_id=UUID,
)
_steps = Prepared(
    lambda viewer, collection: (
        Resource.objects.visible_to(viewer)
        .wanted_by(viewer)  # type: ignore[attr-defined]
        .with_folds(viewer)
        .filter(places__collection=collection)
        .annotate(words_before=F("places__words"))
        .only(*CARD, "link_state", "looked_at", "fault")
        .order_by("places__position")
    ),
    collection=int,
)
_countries = Prepared(lambda _viewer: Country.objects.only("code", "name"))


def _numbers(resources: QuerySet[Resource]) -> QuerySet[Any]:
    """What a page of the library is checked by: the numbers of its rows, and which countries can be chosen."""
    codes = Cast(ArraySubquery(Country.objects.values("code")), TextField())
    return resources.newest_first().annotate(codes=codes).values_list("pk", "version", "codes")[: PAGE + 1]  # type: ignore[attr-defined]


_newest_numbers: Prepared[Any] = Prepared(lambda viewer: _numbers(Resource.objects.visible_to(viewer)))
_further_numbers = Prepared(
    lambda viewer, moment, public_id: _numbers(
        Resource.objects.visible_to(viewer).filter(
            Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(public_id__lt=public_id))
        )
    ),
    moment=datetime,
    public_id=UUID,
)


def numbers(guest: Any, *, beyond: tuple[datetime, UUID] | None) -> list[Any]:
    """What a guest's copy of a page of the library is checked by."""
    if beyond is None:
        rows: list[Any] = _newest_numbers.rows(guest, reach(guest))
    else:
        rows = _further_numbers.rows(guest, reach(guest), moment=beyond[0], public_id=beyond[1])
    return rows or list(countries())


def resource(viewer: Any, public_id: UUID) -> Resource | None:
    """What stands in the library, with `is_folded`, `shown_tags`, and whether there is more to ask for."""
    return _resource.first(viewer, reach(viewer), public_id=public_id)


def version(guest: Any, public_id: UUID) -> tuple[Any, ...] | None:
    """What a kept page of it is checked by; one statement more where conversations show it."""
    found = _version.first(guest, reach(guest), public_id=public_id)
    if found is None:
        return None
    pk, *told, is_shown, said, stands_in = found  # type: ignore[misc]
    talks = conversations_with(Resource, pk, guest, most=TALKS) if is_shown else []
    return *told, said, stands_in, [(talk.pk, talk.version) for talk in talks]


def conversations(viewer: Any, resource: Resource) -> list[Any]:
    """What shows a card of it, lately active first."""
    return conversations_with(Resource, resource.pk, viewer, most=TALKS) if resource.is_shown else []  # type: ignore[attr-defined]


def reviews(viewer: Any, resource: int) -> list[Review]:
    """The newest of what members said of a resource: a page of it and one more."""
    return _reviews.rows(viewer, reach(viewer), resource=resource)


def collections(viewer: Any, resource: int) -> list[Collection]:
    """The newest collections that a resource stands in, with `is_folded`."""
    return _collections.rows(viewer, reach(viewer), resource=resource)


def steps(viewer: Any, collection: int) -> list[Any]:
    """What stands in a collection, in its order, that the viewer may and wants to see, with `is_folded` and `words_before`."""
    return _steps.rows(viewer, reach(viewer), collection=collection)


def countries() -> dict[str, str]:
    """The names of the countries that the house knows, by their codes."""
    return {country.code: country.name for country in _countries.rows(None, None)}
