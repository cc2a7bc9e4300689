"""The time zones to choose from."""

from functools import cache
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

_CONTINENTS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Choices = list[tuple[object, object]]


@cache
def known() -> frozenset[str]:
    """Every name of a time zone that this machine knows."""
    return frozenset(available_timezones())


@cache
def time_zones() -> Choices:
    """Choices of a select, by continent; the first one is to say nothing."""
    places: dict[str, list[tuple[str, str]]] = {continent: [] for continent in _CONTINENTS}
    for zone in sorted(known()):
        continent, _slash, place = zone.partition("/")
        if place and continent in places:
            places[continent].append((zone, place.replace("_", " ").replace("/", ", ")))
    return [("", _("I would rather not say")), ("UTC", "UTC"), *((name, zones) for name, zones in places.items() if zones)]
