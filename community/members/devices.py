"""Who knocks at the door: known devices, and the keys by which knocking is counted.

A guesser is slowed by account and network; a device on which the member signed in before is counted for itself, so that
nobody's guessing keeps the member out. Keys are HMAC tags: the cache that counts holds no address and no name.
"""

import secrets
from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.core.internal.ratelimit import consume, get_ip
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .handles import skeleton

COOKIE = "__Host-device" if settings.SECURE else "device"
KNOWN_FOR = 60 * 60 * 24 * 180
HELD_FOR = 60 * 60 * 48
# The minute of each hour at which what was held for so long is let go.
LET_GO_AT = 41
_SALT = "members.device"


def tag(*parts: Any) -> str:
    """An opaque name for these parts."""
    return salted_hmac("members.knock", "|".join(map(str, parts)), algorithm="sha256").hexdigest()[:40]


def cache_key(key: str, prefix: str, version: int) -> str:
    """How every key is written in the cache: nobody can read from it whom it counts."""
    return tag(prefix, version, key)


def knock(request: HttpRequest, email: str) -> str:
    """The key that one account's failures are counted under: its device if it is known there, else its network."""
    device = _read(request)
    if tag("known", email) in device["members"]:
        return tag("device", email, device["id"])
    return tag("network", email, get_ip(request))


def may_go_on(request: HttpRequest, action: str, *, key: str, at_most: str) -> bool:
    """May `action` be done once more under this key: at once, as the settings say, and by `at_most`, which owners choose?"""
    at_once = app_settings.RATE_LIMITS.get(action)
    if not at_once:
        return True
    limits = {action: f"{at_once},{at_most}/key"}
    return bool(consume(request, app="allauth.account", action=action, key=key, config=limits))


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Know this device from now on; the last five members who signed in on it."""
    device = _read(request)
    others = [known for known in device["members"] if known != tag("known", email)]
    response.set_cookie(
        COOKIE,
        signing.dumps({"id": device["id"], "members": [tag("known", email), *others][:5]}, salt=_SALT),
        max_age=KNOWN_FOR,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {"id": secrets.token_hex(16), "members": []}


def hold(handle: str) -> None:
    """Keep a name as taken for as long as an account waits for its address to be confirmed, to the minute."""
    now = timezone.now()
    end = (now + timedelta(seconds=HELD_FOR)).replace(second=0, microsecond=0)
    end += timedelta(minutes=(LET_GO_AT - end.minute - 1) % 60 + 1)
    cache.set(_held_key(handle), True, (end - now).total_seconds())


def is_held(handle: str) -> bool:
    return cache.get(_held_key(handle)) is not None


def _held_key(handle: str) -> str:
    return tag("held", skeleton(handle))
