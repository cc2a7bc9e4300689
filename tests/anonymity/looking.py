"""What somebody can see or receive: every page that is open to them, with its headers, and every mail."""

import re
from difflib import unified_diff
from html import unescape
from typing import Any

from django.contrib import admin
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from community.members.models import User
from community.notifications.models import Notification
from tests.addresses import PARAMETER, routes
from tests.anonymity.world import MEMBERS, MODERATOR, ONE, OWNER, SILENT, World

GUEST = ""
# Made anew at every look, whoever looks.
PASSING = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=name="key" value=")[^"]*')


def look(world: World, who: str, *, at: str = "") -> dict[str, str]:
    """Everything that `who` (nobody, for a guest) can see now, by its address; looking leaves no trace.

    Addresses are found in the URL configuration; `at` leaves only those that match this expression.
    """
    seen: dict[str, str] = {}
    with transaction.atomic():
        client = world.sign_in(world.user(who)) if who else Client()
        for url in addresses(world, who):
            if re.search(at, url):
                world.chance.seed(who, url)
                with transaction.atomic():
                    seen[url] = told(client.get(url))
                    transaction.set_rollback(True)
        transaction.set_rollback(True)
    return seen


def told(answer: HttpResponse) -> str:
    """Status, headers, cookies and page, without what is made anew at every look."""
    headers = sorted(f"{name}: {value}" for name, value in answer.items())
    cookies = sorted(name for name in answer.cookies if name not in {"csrftoken", "__Host-csrftoken", "session"})
    sent = b"".join(answer.streaming_content) if answer.streaming else answer.content
    body = PASSING.sub("…", sent.decode(errors="replace"))
    return "\n".join([str(answer.status_code), *headers, *cookies, "", body])


def letters_to(who: str) -> dict[str, str]:
    """The mails to `who`, headers and all, in their order."""
    address = f"{who}@example.org"
    mails = [message for message in mail.outbox if message.to == [address]]
    return {f"mail {n}": re.sub(r"<[0-9a-f]{32}@", "<…@", message.message().as_string()) for n, message in enumerate(mails)}


def addresses(world: World, who: str) -> list[str]:
    """Every address with every id that it can be filled with, as far as `who` may have heard of it."""
    found: list[str] = []
    for route in routes():
        if route.startswith("admin/") or route in _SKIPPED or route.startswith(_SKIPPED_PARTS):
            continue
        found += [_filled(route, values) for values in _values(world, who, route)]
    if who in (MODERATOR, OWNER):
        found += _behind_the_scenes(world)
    return list(dict.fromkeys(found))


# Pages that hold nothing of what members say, or that are other people's programs.
_SKIPPED_PARTS = ("accounts/", "static/", "help", "demo/", "agreements/", "avatars/", "_")
_SKIPPED = {"healthz", "readyz", "robots.txt", "favicon.ico", "manifest.webmanifest"}


def _filled(route: str, values: dict[str, Any]) -> str:
    return "/" + PARAMETER.sub(lambda match: str(values[match[1]]), route)


def _values(world: World, who: str, route: str) -> list[dict[str, Any]]:
    names = PARAMETER.findall(route)
    if not names:
        return [{}]
    if names == ["handle"]:
        return [{"handle": handle} for handle in MEMBERS]
    if names == ["board"]:
        return [{"board": board.slug} for board in world.boards]
    if names[:2] == ["board", "public_id"]:
        posts = [post for post in world.posts if (post.words.pk, type(post.words)) not in {(t.pk, type(t)) for t in world.topics}]
        topics = [{"board": topic.board.slug, "public_id": topic.public_id} for topic in world.topics]
        if "reply_id" not in names:
            return topics
        return [topics[post.topic] | {"reply_id": post.words.public_id} for post in posts]
    if route.startswith("inbox/") and who:
        return [{"public_id": key} for key in _news_of(world.user(who))]
    if names == ["public_id"]:
        return [{"public_id": post.words.public_id} for post in world.posts]
    return []


def _news_of(user: User) -> list[Any]:
    return list(Notification.objects.for_member(user).newest_first().values_list("public_id", flat=True))


def _behind_the_scenes(world: World) -> list[str]:
    """The lists, with searches for each member and for words, and the page of each thing in them."""
    found = ["/admin/"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        searched = _SEARCHED if hasattr(model, "search") else ()
        found += [reverse(f"{name}_changelist"), *(f"{reverse(f'{name}_changelist')}?q={word}" for word in searched)]
        if model._meta.app_label in {"forums", "members", "notifications"}:
            found += [reverse(f"{name}_change", args=[key]) for key in model.objects.order_by("pk").values_list("pk", flat=True)]
    return found


_SEARCHED = ("quiet", SILENT, ONE)


# Telling what differs ----------------------------------------------------------------------------------------------------


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """What is not the same in both, as lines that can be read."""
    found = [
        f"only in {where}: {key}"
        for where, keys in (("the first", one.keys() - other), ("the second", other.keys() - one))
        for key in sorted(keys)
    ]
    for key in sorted(one.keys() & other.keys()):
        if one[key] != other[key]:
            found += [f"--- {key}", *list(unified_diff(_lines(one[key]), _lines(other[key]), lineterm="", n=1))[2:40]]
    return found


def _lines(page: str) -> list[str]:
    return unescape(re.sub(r"(?=<(?!/))", "\n", page)).splitlines()
