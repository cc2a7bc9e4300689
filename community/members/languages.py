"""The languages a member can say they read and write, each by its own name."""

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language

# What Django knows a name for, without regional variants, and without sorting any people above another.
_CODES = (
    "ar bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka ko lt lv mk ml mr nb nl pa pl pt ro "
    "ru sk sl sq sr sv sw ta te th tr uk ur vi zh-hans"
)
# Where Django has the English name only.
_OWN_NAMES = {"eu": "euskara", "pa": "ਪੰਜਾਬੀ"}


def _own_name(code: str) -> str:
    return _OWN_NAMES.get(code) or LANG_INFO[code]["name_local"]


LANGUAGES = sorted(((code, _own_name(code)) for code in _CODES.split()), key=lambda pair: pair[1].casefold())


def names(codes: list[str]) -> list[str]:
    """The languages' own names, in the order of the list; codes nobody knows are left out."""
    return [name for code, name in LANGUAGES if code in codes]


def of_the_page() -> list[str]:
    """The language that pages are in just now, to begin a form with: whoever reads them reads it."""
    spoken = (get_language() or "").partition("-")[0]
    return [code for code, _name in LANGUAGES if code.partition("-")[0] == spoken]
