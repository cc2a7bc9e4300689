"""The first middleware: help needs nothing, and a house whose database is away says so at once."""

import time
from collections.abc import Callable
from threading import Lock

from csp.constants import HEADER as CSP
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from . import pages

ALWAYS_OPEN = ("/help/", settings.STATIC_URL, "/healthz", "/readyz")


class Breaker:
    """After the database could not be reached, pages are refused for a second; then one request at a time may try again.

    Without it every request would wait for a connection until its time is up, and hold a thread that `/help/` needs.
    """

    PAUSE = 1.0  # seconds in which nobody asks the database
    TRIAL = 3.0  # seconds that the one who asks again may take

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed_until = 0.0

    @property
    def is_tripped(self) -> bool:
        return self._closed_until > 0

    def trip(self) -> None:
        self._closed_until = time.monotonic() + self.PAUSE

    def mend(self) -> None:
        self._closed_until = 0.0

    def lets_through(self) -> bool:
        if not self._closed_until:
            return True
        with self._lock:
            if time.monotonic() < self._closed_until:
                return False
            self._closed_until = time.monotonic() + self.TRIAL
            return True


breaker = Breaker()


class HelpFirst:
    """Serve `/help/` from its file, before sessions and the database, and see that every answer is guarded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Django's own middleware set these further in; answers that never get that far receive them here.
        self.guard = {
            CSP: build_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._answer(request)
        for name, value in self.guard.items():
            response.headers.setdefault(name, value)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/help/" and request.method in {"GET", "HEAD"}:
            return pages.help_page(request)
        if request.path_info.startswith(ALWAYS_OPEN):
            return self.get_response(request)
        if not breaker.lets_through():
            return pages.error_page(request, 503)
        was_tripped = breaker.is_tripped
        response = self.get_response(request)
        if was_tripped and response.status_code != 503:
            breaker.mend()
        return response
