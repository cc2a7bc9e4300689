"""What the measured server serves: the house as it is, and beside it the floor.

The floor is a bare Django view: no middleware, one query by primary key, a template with three variables. What any page costs
is told in floors, so that figures of different machines can be laid side by side. Nothing but the bench serves this module.
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

from community.wsgi import application as house

from .pages import FLOOR

# The house is at home by now, so its models can be asked for.
_KIND: Any = apps.get_model("contenttypes", "ContentType")
_TEMPLATE = engines["django"].from_string(
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ words }}</p><p>{{ number }}</p>"
)


@transaction.non_atomic_requests
def floor(request: HttpRequest) -> HttpResponse:
    found = _KIND.objects.get(pk=1)
    words = _TEMPLATE.render({"title": found.model, "words": found.app_label, "number": found.pk})
    return HttpResponse(words, headers={"Content-Length": str(len(words))})


urlpatterns = [path("floor/", floor, name="bench_floor")]


class _FloorRequest(WSGIRequest):
    urlconf = __name__


class _FloorHandler(WSGIHandler):
    """Django's handler with no middleware at all."""

    request_class = _FloorRequest

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware, self._template_response_middleware, self._exception_middleware = [], [], []
        self._middleware_chain = convert_exception_to_response(self._get_response)


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
