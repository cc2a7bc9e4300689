"""What people see when something cannot be done: a reason, a next step, and the words they were writing."""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext as _

from community.care.middleware import breaker
from community.care.pages import error_page, words_of
from community.permissions import Refused

# SQLSTATE classes of a database that is away or full: connection lost, no room for another one, shutting down.
_AWAY = ("08", "53", "57P")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, 413)
    reason = ""
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        reason = _("The form had more fields than any form here has. Go back, reload the page and try again.")
    return _answer(request, 400, reason=reason)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The rule's reason, and what the person can do next."""
    if not isinstance(exception, Refused):
        return _answer(request, 403)
    label, address = exception.verdict.step or ("", "")
    return _answer(request, 403, reason=str(exception.verdict), next_label=label, next_url=address)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page for what is hidden and for what never was."""
    return _answer(request, 404)


def method_not_allowed(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    response = _answer(request, 405)
    response["Allow"] = refused["Allow"]
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke, or the database is away. Neither page needs the member, the session or the database."""
    failure = sys.exc_info()[1]
    if isinstance(failure, UnreadablePostError):
        return error_page(request, 500)
    if is_away(failure):
        breaker.trip()
        return error_page(request, 503)
    return error_page(request, 500)


def is_away(failure: BaseException | None) -> bool:
    """Could the database not be reached? A deadlock or a query that took too long is not that."""
    if not isinstance(failure, OperationalError | InterfaceError):
        return False
    state = getattr(failure.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


def _answer(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    context |= {"status": status, "words": words_of(request), "LOGIN_URL": settings.LOGIN_URL}
    template = "components/error_fragment.html" if request.headers.get("HX-Request") else f"{status}.html"
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store, private"
    return response
