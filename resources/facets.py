"""What can be chosen beside the words when somebody looks for something, as the form shows it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community.members.languages import LANGUAGES

from .models import Cost, Kind
from .searching import Wish


class Option(NamedTuple):
    value: str
    label: str
    is_chosen: bool


class Facet(NamedTuple):
    """One thing to choose by; shut, its fold says what is chosen."""

    name: str
    label: str
    said: str
    options: tuple[Option, ...]
    # Too many for a list of choices.
    is_long: bool = False


def facets(wish: Wish, countries: dict[str, str]) -> tuple[Facet, ...]:
    return _facets(wish._replace(words="", tag=""), tuple(countries.items()), get_language())


@lru_cache(maxsize=64)
def _facets(wish: Wish, countries: tuple[tuple[str, str], ...], _language: str | None) -> tuple[Facet, ...]:
    return (
        _facet("kind", _("Kind"), Kind.choices, wish.kind),
        _facet("cost", _("Cost"), Cost.choices, wish.cost),
        _facet("language", _("Language"), LANGUAGES, wish.language, is_long=True),
        _facet("country", _("Country"), countries, wish.country, is_long=True),
        _facet("plain", _("Content notes"), [("yes", _("Only what has none"))], wish.plain),
    )


def _facet(name: str, label: str, choices: Iterable[tuple[str, object]], chosen: str, *, is_long: bool = False) -> Facet:
    options = [Option("", _("Any"), not chosen), *(Option(value, str(said), value == chosen) for value, said in choices)]
    said = next(option.label for option in options if option.is_chosen)
    return Facet(name, label, said, tuple(options), is_long)
