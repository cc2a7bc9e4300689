"""What the measured server serves: the house as it is, and beside it the floor.

The floor is a bare Django view as in a project that was just started, with the middleware that Django puts there: one query by
primary key, a template with three variables. What any page costs is told in floors, so that figures of different machines can be
laid side by side. Nothing but the bench serves this module.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils.module_loading import import_string

from community.wsgi import application as house

from .pages import FLOOR

# The house is at home by now, so its models can be asked for.
_KIND: Any = apps.get_model("contenttypes", "ContentType")
_TEMPLATE = engines["django"].from_string(
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ words }}</p><p>{{ number }}</p>"
)

STARTPROJECT = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


@transaction.non_atomic_requests
def floor(request: HttpRequest) -> HttpResponse:
    found = _KIND.objects.get(pk=1)
    return HttpResponse(_TEMPLATE.render({"title": found.model, "words": found.app_label, "number": found.pk}, request))


urlpatterns = [path("floor/", floor, name="bench_floor")]


class _FloorRequest(WSGIRequest):
    urlconf = __name__


class _FloorHandler(WSGIHandler):
    """Django's handler with the middleware that `startproject` writes down."""

    request_class = _FloorRequest

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware, self._template_response_middleware, self._exception_middleware = [], [], []
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for name in reversed(STARTPROJECT):
            middleware = import_string(name)(handler)
            if hasattr(middleware, "process_view"):
                self._view_middleware.insert(0, middleware.process_view)
            handler = convert_exception_to_response(middleware)
        self._middleware_chain = handler


_floor = _FloorHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if "HTTP_X_BENCH" in environ:
        return _counted(environ, start_response)
    return _answer(environ, start_response)


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    return (_floor if environ["PATH_INFO"] == FLOOR else house)(environ, start_response)


def _counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same answer, saying how many queries it took and which process gave it. Not for what is timed."""
    asked = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Bench-Queries", str(len(asked))), ("X-Bench-Pid", str(os.getpid()))], *more)

    with connection.execute_wrapper(note):
        return _answer(environ, start)
