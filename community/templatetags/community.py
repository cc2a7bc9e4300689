"""What every room's templates draw: icons, windows, names, times, and what one may do."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community import moulds, text

register = template.Library()
register.filter("kept", text.kept)
register.tag(moulds.once)
register.tag(moulds.untouched)
register.tag(moulds.each)

_THINGS = ("moon", "hill", "plant", "cup", "stars", "books", "bird", "candle")
_HUES = 6


@cache
def sprite() -> str:
    """The address of the one file with all drawings."""
    return static("img/sprite.svg")


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    """A drawing beside a word; it says nothing that the word does not say."""
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#i-{}"/></svg>', sprite(), name)


@lru_cache(maxsize=4096)
def window(seed: int, size: str = "") -> SafeString:
    """The drawn window of a seed: one of six hues and one of eight things on the sill."""
    return format_html(
        '<svg class="avatar hue-{}{}" viewBox="0 0 40 46" aria-hidden="true"><use href="{}#p-{}"/></svg>',
        seed % _HUES + 1,
        size and f" {size}",
        sprite(),
        _THINGS[seed // _HUES % len(_THINGS)],
    )


@cache
def curtains(size: str = "") -> SafeString:
    """The window of somebody who speaks under an alias."""
    return format_html(
        '<svg class="avatar drawn{}" viewBox="0 0 40 46" aria-hidden="true"><use href="{}#p-curtain"/></svg>',
        size and f" {size}",
        sprite(),
    )


def picture(public_id: UUID, size: str = "") -> SafeString:
    """A member's own picture; only members can fetch it."""
    return format_html(
        '<img class="avatar{}" src="{}" alt="" width="40" height="46" loading="lazy">',
        size and f" {size}",
        reverse("avatar_image", args=[public_id]),
    )


def face(voice: Any, *, size: str = "", for_guest: bool = False) -> SafeString:
    """What stands beside a voice's name; guests see drawn windows only."""
    if voice.is_persona:
        return curtains(size)
    own = getattr(voice.profile, "avatar", None)
    return face_of(voice.profile.avatar_seed, own and own.public_id, size=size, for_guest=for_guest)


def face_of(seed: int, own: UUID | None, *, size: str = "", for_guest: bool = False) -> SafeString:
    """The same of a member's values: the seed of their window, and their own picture if they have one."""
    return picture(own, size) if own and not for_guest else window(seed, size)


@register.simple_tag(takes_context=True)
def avatar(context: template.Context, voice: Any, size: str = "") -> SafeString:
    """The voice's window or own picture; `size` is empty, "large" or "huge"."""
    user = context.get("user")
    return face(voice, size=size, for_guest=not (user and user.is_authenticated))


@register.simple_tag
def byline(voice: Any, *, link: bool = True) -> SafeString:
    """A name as it stands above words: a member's leads to their page, an alias says that it is one."""
    if voice.is_persona:
        return alias_line(voice.name)
    return name_line(voice.name) if link else format_html("<bdi>{}</bdi>", voice.name)


def alias_line(alias: str) -> SafeString:
    return format_html('<bdi>{}</bdi> <span class="role">{}</span>', alias, _("posting anonymously"))


@lru_cache(maxsize=4096)
def name_line(name: str) -> SafeString:
    return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse("member_detail", args=[name]), name)


def in_words(moment: datetime) -> str:
    """A time as people say it, in the reader's zone: "today at 17:50", "on Friday at 09:05", "on 3 May at 21:00"."""
    return _in_words(moment, timezone.get_current_timezone(), timezone.localdate(), get_language())


# Times come in steps of five minutes, so a page says the same ones again and again; putting one in words takes 50 µs.
@lru_cache(maxsize=4096)
def _in_words(moment: datetime, zone: tzinfo, today: date, _language: str | None) -> str:
    local = timezone.localtime(moment, zone)
    days, clock = (today - local.date()).days, date_format(local, "H:i")
    if days == 0:
        return _("today at %(clock)s") % {"clock": clock}
    if days == 1:
        return _("yesterday at %(clock)s") % {"clock": clock}
    if 1 < days < 7:
        return _("on %(day)s at %(clock)s") % {"day": date_format(local, "l"), "clock": clock}
    day = date_format(local, "j F" if local.year == today.year else "j F Y")
    return _("on %(day)s at %(clock)s") % {"day": day, "clock": clock}


@register.filter
def when(moment: datetime) -> SafeString:
    """A time in words, with the exact one for machines."""
    return clock()(moment)


def clock() -> Callable[[datetime], SafeString]:
    """`when`, as it is here and now; for all times of one page."""
    zone, today, language = timezone.get_current_timezone(), timezone.localdate(), get_language()
    return lambda moment: _when(moment, zone, today, language)


@lru_cache(maxsize=4096)
def _when(moment: datetime, zone: tzinfo, today: date, language: str | None) -> SafeString:
    exact = timezone.localtime(moment, zone).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', exact, _in_words(moment, zone, today, language))


@register.filter
def waited(moment: datetime) -> str:
    """How long ago, roughly, as one says it: "20 minutes", "3 hours", "2 days"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 60:
        steps = max(5, minutes - minutes % 5)
        return _("%(number)s minutes") % {"number": steps}
    whole = minutes // 60
    return hours(whole if whole < 48 else whole - whole % 24)


@register.filter
def hours(number: int) -> str:
    """So many hours, as one says it: "an hour", "20 hours", "3 days"."""
    if number < 48 or number % 24:
        return _("an hour") if number == 1 else _("%(number)s hours") % {"number": number}
    return _("%(number)s days") % {"number": number // 24}


@register.simple_tag
def may(verdict: Any, label: str) -> SafeString:
    """A greyed button with its reason beside it, for a rule that said no; nothing for a yes."""
    if verdict is True:
        return format_html("")
    return format_html(
        '<button class="button" type="button" aria-disabled="true">{}</button> <span class="hint">{}</span>',
        label,
        conditional_escape(verdict),
    )


@register.simple_tag
def hidden_fields(form: Any) -> SafeString:
    """The fields of a form that nobody sees: its key, whose it is, what it quotes."""
    values = ((field, field.value()) for field in form.hidden_fields())
    told = ((field.html_name, "" if value is None else value, field.id_for_label) for field, value in values)
    return format_html_join("", '<input type="hidden" name="{}" value="{}" id="{}">', told)


class Here(NamedTuple):
    """Where in the house a page is, and who looks: "member", "guest", or nothing for pages that must not know."""

    entry: str
    who: str = ""
    name: str = ""


# Entries of the navigation by their own pages, and those that other pages belong to, with a "+".
_ENTRIES = {
    "/": "home",
    "/forums/": "talk",
    "/resources/": "library",
    "/mentorship/": "mentors",
    "/inbox/": "inbox",
    "/accounts/login/": "sign-in",
    "/accounts/signup/": "join",
}
_WITHIN = (
    ("/forums/", "talk+"),
    ("/resources/", "library+"),
    ("/mentorship/", "mentors+"),
    ("/collections/", "library+"),
    ("/tags/", "library+"),
    ("/inbox/", "inbox+"),
    ("/accounts/", "you+"),
    ("/wrote/", "you+"),
    ("/saved/", "you+"),
)


@register.simple_tag(takes_context=True)
def whereabouts(context: template.Context) -> Here:
    """What the navigation has to know of a page. There may be no request, and nobody in it."""
    path = context["request"].path if context.get("request") else ""
    entry = _ENTRIES.get(path) or next((entry for start, entry in _WITHIN if path.startswith(start)), "")
    if context.get("for_everybody"):
        return Here(entry)
    user = context.get("user")
    if not (user and user.is_authenticated):
        return Here(entry, "guest")
    return Here("you" if path == f"/members/{user.username}/" else entry, "member", user.username)
