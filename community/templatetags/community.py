"""What every room's templates draw: icons, windows, names, times, and what one may do."""

from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community import text

register = template.Library()
register.filter("kept", text.kept)

_THINGS = ("moon", "hill", "plant", "cup", "stars", "books", "bird", "candle")
_HUES = 6


@cache
def sprite() -> str:
    """The address of the one file with all drawings."""
    return static("img/sprite.svg")


@register.simple_tag
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
    profile = voice.profile
    own = None if for_guest else getattr(profile, "avatar", None)
    return picture(own.public_id, size) if own else window(profile.avatar_seed, size)


@register.simple_tag(takes_context=True)
def avatar(context: template.Context, voice: Any, size: str = "") -> SafeString:
    """The voice's window or own picture; `size` is empty, "large" or "huge"."""
    user = context.get("user")
    return face(voice, size=size, for_guest=not (user and user.is_authenticated))


@register.simple_tag
def byline(voice: Any, *, link: bool = True) -> SafeString:
    """A name as it stands above words: a member's leads to their page, an alias says that it is one."""
    if voice.is_persona:
        return format_html('<bdi>{}</bdi> <span class="role">{}</span>', voice.name, _("posting anonymously"))
    if not link:
        return format_html("<bdi>{}</bdi>", voice.name)
    return _linked(voice.name)


@lru_cache(maxsize=4096)
def _linked(name: str) -> SafeString:
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
    return _when(moment, timezone.get_current_timezone(), timezone.localdate(), get_language())


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
    hours = minutes // 60
    if hours < 48:
        return _("an hour") if hours == 1 else _("%(number)s hours") % {"number": hours}
    return _("%(number)s days") % {"number": hours // 24}


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


class _Once(template.Node):
    """A piece of a page that is the same for all, made once in each language; it lives as long as its template."""

    MOST = 64

    def __init__(self, nodes: template.NodeList, varying: list[template.base.FilterExpression]) -> None:
        self.nodelist, self.varying = nodes, varying
        self.made: dict[tuple[Any, ...], str] = {}

    def render(self, context: template.Context) -> str:
        key = (get_language(), *(each.resolve(context, ignore_failures=True) for each in self.varying))
        words = self.made.get(key)
        if words is None:
            if len(self.made) >= self.MOST:
                self.made.clear()
            words = self.made[key] = self.nodelist.render(context)
        return words


@register.tag
def once(parser: template.base.Parser, token: template.base.Token) -> _Once:
    """{% once SITE_NAME %}…{% endonce %}: what stands inside depends on the language and on what is named, and on nothing else."""
    varying = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(nodes, varying)


class _Each(template.Node):
    """A loop whose body is worked out once for each shape of a row, and then filled in; it lives as long as its template."""

    MOST = 256
    MARK = "\x1f"

    def __init__(self, name: str, rows: template.base.FilterExpression, beside: list[str], nodes: template.NodeList) -> None:
        self.name, self.rows, self.beside, self.nodelist = name, rows, beside, nodes
        self.made: dict[tuple[Any, ...], tuple[list[tuple[str, int]], str]] = {}

    def render(self, context: template.Context) -> str:
        language, beside = get_language(), tuple(context.get(name) for name in self.beside)
        parts: list[str] = []
        for row in self.rows.resolve(context) or ():
            values = (*row, *beside)
            shape = (language, *map(bool, values))
            pieces, end = self.made.get(shape) or self._make(context, row, shape)
            for words, place in pieces:
                value = values[place]
                parts += (words, value if hasattr(value, "__html__") else escape(str(value)))
            parts.append(end)
        return "".join(parts)

    def _make(self, context: template.Context, row: Any, shape: tuple[Any, ...]) -> tuple[list[tuple[str, int]], str]:
        """The body for rows of this shape: in front of each value its words, then the last of them."""
        stand_ins = [format_html("{0}{1}{0}", self.MARK, place) if holds else "" for place, holds in enumerate(shape[1:])]
        count = len(row)
        with context.push(**{self.name: type(row)(*stand_ins[:count])}, **dict(zip(self.beside, stand_ins[count:], strict=True))):
            *pieces, end = self.nodelist.render(context).split(self.MARK)
        if len(self.made) >= self.MOST:
            self.made.clear()
        made = self.made[shape] = list(zip(pieces[::2], map(int, pieces[1::2]), strict=True)), end
        return made


@register.tag
def each(parser: template.base.Parser, token: template.base.Token) -> _Each:
    """{% each post in posts with quote_url %}…{% endeach %}: a loop for long lists; translations and addresses in it cost nothing.

    Rows are named tuples of words. What is inside may only print their values and those of the variables behind `with`, as
    they are, and test whether there is something; a value that is empty or false prints nothing. It may depend on the language
    and on nothing else.
    """
    _tag, name, _in, rows, *beside = token.split_contents()
    nodes = parser.parse(("endeach",))
    parser.delete_first_token()
    return _Each(name, parser.compile_filter(rows), beside[1:], nodes)
