"""What every room's templates draw: icons, windows, names, times, and what one may do."""

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache, partial
from html import escape
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


# Pieces of a page that are worked out once, and then filled in ----------------------------------------------------------


class _Mould:
    """What a piece of a template comes to, with gaps for what differs; it lives as long as its template."""

    MOST = 256
    MARK = "\x1f"

    def __init__(self, nodes: template.NodeList) -> None:
        self.nodes = nodes
        self.made: dict[Hashable, tuple[list[tuple[str, int]], str]] = {}

    def fill(self, context: template.Context, key: Hashable, values: Sequence[Any], named: Callable[[list], dict[str, Any]]) -> str:
        """The piece that is for this language, this key, and these values, each of which is there or not.

        `named` says under which names the piece knows the values; it may print them as they are, and ask whether they are there.
        """
        shape = (get_language(), key, *map(bool, values))
        pieces, end = self.made.get(shape) or self._make(context, shape, named)
        parts: list[str] = []
        for words, place in pieces:
            value = values[place]
            parts += (words, value if hasattr(value, "__html__") else escape(str(value)))
        parts.append(end)
        return "".join(parts)

    def _make(self, context: template.Context, shape: Any, named: Callable[[list], dict[str, Any]]) -> tuple[list, str]:
        """In front of each value its words, and then the last of them."""
        gaps = [format_html("{0}{1}{0}", self.MARK, place) if is_there else "" for place, is_there in enumerate(shape[2:])]
        with context.push(**named(gaps)):
            *pieces, end = self.nodes.render(context).split(self.MARK)
        if len(self.made) >= self.MOST:
            self.made.clear()
        made = self.made[shape] = list(zip(pieces[::2], map(int, pieces[1::2]), strict=True)), end
        return made


class _Once(template.Node):
    def __init__(self, nodes: template.NodeList, varying: list[Any], gaps: dict[str, Any]) -> None:
        self.nodelist, self.mould, self.varying, self.gaps = nodes, _Mould(nodes), varying, gaps

    def render(self, context: template.Context) -> str:
        key = tuple(each.resolve(context, ignore_failures=True) for each in self.varying)
        values = [each.resolve(context, ignore_failures=True) for each in self.gaps.values()]
        return self.mould.fill(context, key, values, lambda given: dict(zip(self.gaps, given, strict=True)))


@register.tag
def once(parser: template.base.Parser, token: template.base.Token) -> _Once:
    """{% once SITE_NAME with name=user.username %}…{% endonce %}: a piece that is the same for all.

    What stands inside depends on the language and on what is named, and on nothing else. Behind `with` stands what is somebody's
    own: inside, it may be printed as it is, and asked for being there; what is empty or false prints nothing.
    """
    bits = token.split_contents()[1:]
    before = bits.index("with") if "with" in bits else len(bits)
    gaps = template.base.token_kwargs(bits[before + 1 :], parser)
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(nodes, [parser.compile_filter(bit) for bit in bits[:before]], gaps)


class _Untouched(template.Node):
    def __init__(self, box: template.base.FilterExpression, words: dict[str, template.base.FilterExpression]) -> None:
        self.box, self.words = box, words
        self.mould: _Mould | None = None

    def render(self, context: template.Context) -> str:
        if self.mould is None:
            self.mould = _Mould(context.template.engine.get_template("components/composer.html").nodelist)  # type: ignore[union-attr]
        box, names = self.box.resolve(context), ["csrf_token", *self.words]
        values = [context.get("csrf_token"), *(each.resolve(context) for each in self.words.values()), *box.own]

        def named(given: list) -> dict[str, Any]:
            return {**dict(zip(names, given, strict=False)), "form": box.form(given[len(names) :])}

        return self.mould.fill(context, box.shape, values, named)


@register.tag
def untouched(parser: template.base.Parser, token: template.base.Token) -> _Untouched:
    """{% untouched box action=url label=… %}: components/composer.html for a form in which nobody has written yet.

    It is drawn once for all forms of one shape (contributions.posting.Untouched); the words and what is the member's own are
    filled in.
    """
    _tag, box, *bits = token.split_contents()
    return _Untouched(parser.compile_filter(box), template.base.token_kwargs(bits, parser))


class _Each(template.Node):
    def __init__(self, nodes: template.NodeList, name: str, rows: template.base.FilterExpression, beside: list[str]) -> None:
        self.nodelist, self.mould, self.name, self.rows, self.beside = nodes, _Mould(nodes), name, rows, beside

    def render(self, context: template.Context) -> str:
        rows, beside = self.rows.resolve(context) or (), tuple(context.get(name) for name in self.beside)
        return "".join(self.mould.fill(context, None, (*row, *beside), partial(self._named, row)) for row in rows)

    def _named(self, row: Any, given: list) -> dict[str, Any]:
        beside = dict(zip(self.beside, given[len(row) :], strict=True))
        return {self.name: type(row)(*given[: len(row)]), **beside}


@register.tag
def each(parser: template.base.Parser, token: template.base.Token) -> _Each:
    """{% each post in posts with quote_url %}…{% endeach %}: a loop for long lists; translations and addresses in it cost nothing.

    Rows are named tuples of words. What stands inside depends on the language and on nothing else; the values of a row and the
    variables behind `with` are for it what those behind `with` are for `once`.
    """
    _tag, name, _in, rows, *beside = token.split_contents()
    nodes = parser.parse(("endeach",))
    parser.delete_first_token()
    return _Each(nodes, name, parser.compile_filter(rows), beside[1:])


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
