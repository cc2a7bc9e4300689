"""Pages that need nothing: complete files per language, written anew at every edit and when the house starts to serve.

They are rendered without a request, a session or the database. A web server in front may hand out `503.<language>.html` itself.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from community import files
from community.context import site

from .models import Country, HelpService
from .shipped import shipped

ERRORS = (500, 503)
# The fields of forms here in which people write, however short.
WRITTEN = (
    "title",
    "body",
    "about",
    "reason",
    "note",
    "note_words",
    "between_us",
    "how_to_stop",
    "hopes",
    "offers",
    "limits",
    "thanks",
    "feedback",
    "testimonial",
)
# Words of others that a form carries along.
CARRIED = ("excerpt",)
Guide = list[tuple[Country, list[HelpService]]]


# Writing --------------------------------------------------------------------------------


def write() -> None:
    """Write every page anew from what the database holds. Call it when the house starts to serve."""
    guide = from_database()
    for language, _name in settings.LANGUAGES:
        for status in ERRORS:
            _write(f"{status}.{language}.html", _render(f"{status}.html", language))
        _write(f"help.{language}.html", _help(guide, language))
        for country, _services in guide:
            _write(f"help.{language}.{country.code}.html", _help(guide, language, first=country.code))


def write_soon() -> None:
    """Write the pages when this transaction has committed; a full disk must not undo an edit."""
    transaction.on_commit(write, robust=True)


def folder() -> Path:
    return Path(settings.STATE_DIR) / ("test-pages" if settings.MODE == "test" else "pages")


def _write(name: str, html: str) -> None:
    """Put the file in place, for everybody to read: a web server in front runs under another account."""
    folder().mkdir(parents=True, exist_ok=True)
    files.write(folder() / name, html.encode(), mode=0o644)


# Rendering ------------------------------------------------------------------------------


def from_database() -> Guide:
    return [(country, list(country.services.all())) for country in Country.objects.prefetch_related("services")]


def _help(guide: Guide, language: str, *, first: str = "") -> str:
    """The help page; the country with the code `first` stands at the top, nothing else depends on who reads."""
    ordered = sorted(guide, key=lambda entry: entry[0].code != first)
    unconfirmed = any(not country.is_confirmed for country, _services in guide)
    return _render("care/help.html", language, guide=ordered, first=ordered[0][0] if first else None, unconfirmed=unconfirmed)


def _render(template: str, language: str, **context: object) -> str:
    with translation.override(language):
        return render_to_string(template, {**site(None), **context, "for_everybody": True})


# Answering ------------------------------------------------------------------------------


@require_safe
@login_not_required
def help_view(request: HttpRequest) -> HttpResponse:
    return help_page(request)


def help_page(request: HttpRequest) -> HttpResponse:
    """The help page from its file, or, before one was written, from what is shipped; never from the database."""
    language = translation.get_language_from_request(request)
    names = [f"help.{language}.{code}.html" for code in _countries_of(request)] + [f"help.{language}.html"]
    html = _read(names) or _help(shipped(), language)
    etag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    is_unchanged = etag in request.headers.get("If-None-Match", "")
    response: HttpResponse = HttpResponseNotModified() if is_unchanged else HttpResponse(html)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _countries_of(request: HttpRequest) -> list[str]:
    """Countries that the browser's languages name, such as GB in `en-GB`: a hint for the order, never looked up."""
    languages = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    regions = [language.partition("-")[2].upper() for language, _weight in languages]
    return [region for region in regions if len(region) == 2 and region.isascii() and region.isalpha()][:3]


def _read(names: Iterable[str]) -> str:
    for name in names:
        try:
            return (folder() / name).read_text(encoding="utf-8")
        except OSError:
            continue
    return ""


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page of a broken or closed house, with the words that were being posted, if there were any."""
    language = translation.get_language_from_request(request)
    words = words_of(request)
    if request.headers.get("HX-Request"):
        html = _render("components/error_fragment.html", language, status=status)
    elif words:
        html = _render(f"{status}.html", language, words=words)
    else:
        html = _read([f"{status}.{language}.html"]) or _render(f"{status}.html", language)
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "no-store, private"
    if status == 503:
        response["Retry-After"] = "5"
    return response


def words_of(request: HttpRequest) -> list[str]:
    """What somebody wrote into the form of this request, to be given back. Never a password; never raises."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.POST.items())
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
        return []
    return words_among(fields)


def words_among(fields: Iterable[tuple[str, object]]) -> list[str]:
    """The words somebody wrote into these fields of a form, without its choices, keys and passwords."""
    return [
        value
        for name, value in fields
        if isinstance(value, str)
        and value.strip()
        and "password" not in name
        and name not in CARRIED
        # Not every language puts spaces between words.
        and (name in WRITTEN or not value.isascii() or len(value.split()) > 1)
    ]
