"""The door: what comes in is clean, who comes in is known only if needed, and pages are private unless marked."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import parse_header_parameters

from community import errors, text
from community.contributions.views import has_words, is_same_origin, offer_to_keep

# What no address, query or cookie holds: control characters, lone surrogates, what turns the reading direction.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
# Headers arrive as bytes in disguise (latin-1), so only what is a control character in any encoding may go.
_UNFIT_HEADER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# A form with a file may be larger than words are; words are still counted against DATA_UPLOAD_MAX_MEMORY_SIZE.
MAX_UPLOAD = 12 * 1024 * 1024


class PlainRequest(WSGIRequest):
    """Forms are UTF-8 here, whatever a request says of its charset.

    One that is no text encoding, or a header without end, would make Django raise before any middleware could answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            self.content_type, self.content_params = "", {}


class CleanInput:
    """Nothing that comes in may break what reads it. Words in forms are cleaned by their fields, so that nothing is lost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _UNFIT.search(request.path_info):
            raise Http404
        self._clean_headers(request)
        self._clean_cookies(request)
        self._clean_query(request)
        self._measure_body(request)
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            return errors.method_not_allowed(request, response)
        return response

    def _clean_headers(self, request: HttpRequest) -> None:
        for name, value in request.META.items():
            if name.startswith(("HTTP_", "CONTENT_")) and isinstance(value, str) and _UNFIT_HEADER.search(value):
                request.META[name] = _UNFIT_HEADER.sub("", value)

    def _clean_cookies(self, request: HttpRequest) -> None:
        unfit = [name for name, value in request.COOKIES.items() if _UNFIT.search(name) or _UNFIT.search(value)]
        for name in unfit:
            del request.COOKIES[name]

    def _clean_query(self, request: HttpRequest) -> None:
        if any(_UNFIT.search(name) or any(map(_UNFIT.search, values)) for name, values in request.GET.lists()):
            query = request.GET.copy()
            query.clear()
            for name, values in request.GET.lists():
                query.setlist(text.clean(name), [text.clean(value) for value in values])
            query._mutable = False
            request.GET = query

    def _measure_body(self, request: HttpRequest) -> None:
        """Refuse what is too large before anybody reads it, also when its length was not told."""
        room = MAX_UPLOAD if request.content_type == "multipart/form-data" else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit():
            if int(length[:18]) > room:
                raise RequestDataTooBig
        elif "HTTP_TRANSFER_ENCODING" in request.META:
            body = request.environ["wsgi.input"].read(room + 1)
            if len(body) > room:
                raise RequestDataTooBig
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = BytesIO(body)


class Visitors(AuthenticationMiddleware):
    """Who is here. A guest without a session costs nothing; a member is loaded when somebody asks, with their time zone."""

    def process_request(self, request: HttpRequest) -> None:
        timezone.deactivate()
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.user = SimpleLazyObject(lambda: _member(request))
        else:
            request.user = AnonymousUser()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What a member sees is never stored; after signing out nothing that was stays in the browser's memory."""
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        if "Cache-Control" not in response or (is_html and settings.SESSION_COOKIE_NAME in request.COOKIES):
            response["Cache-Control"] = "no-store, private"
        was_member = getattr(request, "_cached_user", None)
        if was_member is not None and was_member.is_authenticated and isinstance(request.user, AnonymousUser):
            response["Clear-Site-Data"] = '"cache"'
        return response


def _member(request: HttpRequest) -> Any:
    user = get_user(request)
    profile = getattr(user, "profile", None)
    if profile is not None and profile.time_zone:
        try:
            timezone.activate(profile.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            timezone.deactivate()
    return user


class PrivateByDefault(LoginRequiredMiddleware):
    """Every page is for members unless its view is marked `login_not_required`; the mark is looked at first."""

    def process_view(
        self, request: HttpRequest, view_func: Callable, view_args: tuple, view_kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        is_private = getattr(view_func, "login_required", True)
        # A form that was made for a member says so; sent by a guest, its session has ended meanwhile.
        is_members_form = request.method == "POST" and "member" in request.POST
        if not (is_private or is_members_form) or request.user.is_authenticated:
            return None
        if request.headers.get("HX-Request") and is_private:
            return render(request, "components/error_fragment.html", {"status": 401}, status=401)
        if has_words(request) and is_same_origin(request):
            return offer_to_keep(request, status=403)
        return self.handle_no_permission(request, view_func) if is_private else None
