"""What the pages that are opened most ask of the database, worked out once for each kind of viewer (see `community.prepared`).

Every list here begins with `visible_to` and leaves out what the viewer does not want (`wanted_by`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from community.care.models import Country
from community.prepared import Prepared, reach
from community.tags.finding import names_on

from .models import Resource

PAGE = 20

_FACTS = ("kind", "title", "address", "language", "minutes", "pages", "cost", "level", "country", "has_captions", "needs_account")
_CARD = (*_FACTS, "public_id", "body", "note", "published_at", "version")


def cards(resources: QuerySet[Resource], viewer: Any) -> QuerySet[Resource]:
    """What the viewer wants of these, with no more than a card shows, each with `is_folded`."""
    return resources.wanted_by(viewer).with_folds(viewer).only(*_CARD)  # type: ignore[attr-defined]


_newest = Prepared(lambda viewer: cards(Resource.objects.visible_to(viewer).newest_first(), viewer)[: PAGE + 1])
_further = Prepared(
    lambda viewer, moment, public_id: cards(
        Resource.objects.visible_to(viewer)
        .filter(Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(public_id__lt=public_id)))
        .newest_first(),
        viewer,
    )[: PAGE + 1],
    moment=datetime,
    public_id=UUID,
)
_resource = Prepared(
    lambda viewer, public_id: (
        Resource.objects.visible_to(viewer)
        .filter(public_id=public_id)
        .with_folds(viewer)
        .with_voices()
        .annotate(shown_tags=names_on(Resource))
        .select_related("author__profile__avatar", "persona", "keeper")
    ),
    public_id=UUID,
)
_countries = Prepared(lambda _viewer: Country.objects.only("code", "name"))


def newest(viewer: Any, *, beyond: tuple[datetime, UUID] | None) -> list[Resource]:
    """A page of the library and one more, newest first, or those that follow `beyond`."""
    if beyond is None:
        return _newest.rows(viewer, reach(viewer))
    return _further.rows(viewer, reach(viewer), moment=beyond[0], public_id=beyond[1])


def resource(viewer: Any, public_id: UUID) -> Resource | None:
    """What stands in the library, with `is_folded` and `shown_tags`."""
    return _resource.first(viewer, reach(viewer), public_id=public_id)


def countries() -> dict[str, str]:
    """The names of the countries that the house knows, by their codes."""
    return {country.code: country.name for country in _countries.rows(None, None)}
