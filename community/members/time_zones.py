"""The time zones to choose from."""

from functools import cache, lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

_CONTINENTS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def known() -> frozenset[str]:
    """Every name of a time zone that this machine knows."""
    return frozenset(available_timezones())


@cache
def places() -> dict[str, dict[str, str]]:
    """What each place is called by the name of its time zone, by continent."""
    found: dict[str, dict[str, str]] = {continent: {} for continent in _CONTINENTS}
    for zone in sorted(known()):
        continent, _slash, place = zone.partition("/")
        if place and continent in found:
            found[continent][zone] = place.replace("_", " ").replace("/", ", ")
    return {continent: zones for continent, zones in found.items() if zones}


# Four hundred lines are the same for everybody but for the chosen one, and most members of a community live in few places.
@lru_cache(maxsize=50)
def _options(chosen: str) -> SafeString:
    option, group = '<option value="{}"{}>{}</option>\n', '<optgroup label="{}">\n{}</optgroup>\n'
    return format_html_join(
        "",
        group,
        (
            (
                continent,
                format_html_join("", option, ((zone, " selected" if zone == chosen else "", name) for zone, name in zones.items())),
            )
            for continent, zones in places().items()
        ),
    )


class TimeZoneSelect(forms.Select):
    """A select of which the choices are the first lines; all places follow."""

    template_name = "members/_time_zones.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        (chosen,) = context["widget"]["value"] or [""]
        context["widget"]["places"] = _options(chosen if chosen in known() else "")
        return context


class TimeZoneField(forms.ChoiceField):
    """One of the places, or UTC; `nothing` is what stands first."""

    widget = TimeZoneSelect

    def __init__(self, *, nothing: Any, **kwargs: Any) -> None:
        told = {"invalid_choice": _("Choose a time zone from the list.")} | kwargs.pop("error_messages", {})
        super().__init__(choices=[("", nothing), ("UTC", "UTC")], error_messages=told, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or any(str(value) in zones for zones in places().values())
