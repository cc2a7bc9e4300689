"""What the pages of the vocabulary show, worked out before the template runs."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from community import text
from community.pages import cursor, keyset_page
from community.templatetags.community import clock

from . import finding
from .models import Tag
from .naming import slug_of

FIRST_FEW, PAGE = 10, 20
# So many tags are shown at once, and so many of those like some words.
WHOLE, LIKE = 300, 50


class Row(NamedTuple):
    """One thing under a tag, for `{% each %}`."""

    url: str
    title: str
    icon: str
    place: str
    when: SafeString
    note: str
    # The reader asked for that; the title says nothing then.
    is_folded: bool


class Section(NamedTuple):
    """What there is of one kind under a tag: the newest, or a page of all."""

    kind: str
    heading: str
    rows: list[Row]
    all_url: str = ""
    next_url: str = ""
    previous_url: str = ""
    # What a guest's copy is checked by.
    told: list[Any] = []


def newest(tag: Tag, kind: str, viewer: Any) -> Section:
    """The newest of one kind; one query."""
    model: Any = finding.kinds()[kind]
    found = finding.under(tag, model, viewer, most=FIRST_FEW + 1)
    if finding.are_people(model):
        return Section(kind, _heading(model), _rows(model, found[:FIRST_FEW]), model.all_under(tag) if found[FIRST_FEW:] else "")
    pages = keyset_page(found, by=model.listed_by, size=FIRST_FEW, is_first=True)
    all_url = f"?kind={kind}" if pages.further else ""
    return Section(kind, _heading(model), _rows(model, pages.items), all_url, told=finding.numbers_of(found))


def page_of(request: HttpRequest, tag: Tag, kind: str) -> Section:
    """The page of one kind that `?from=` names."""
    model: Any = finding.kinds()[kind]
    beyond = cursor(request)
    found = finding.under(tag, model, request.user, most=PAGE + 1, beyond=beyond)
    pages = keyset_page(found, by=model.listed_by, size=PAGE, is_first=beyond is None)
    here = f"?kind={kind}"
    further = f"{here}&from={pages.further}" if pages.further else ""
    back = "" if pages.is_first else here
    return Section(kind, _heading(model), _rows(model, pages.items), "", further, back, finding.numbers_of(found))


def numbers(request: HttpRequest, tag: Tag, kind: str) -> list[Any]:
    """The numbers of the sections that the page would have; one query."""
    kinds = finding.kinds()
    if not kind:
        return finding.numbers_under(tag, kinds.values(), request.user, most=FIRST_FEW + 1)
    return finding.numbers_under(tag, [kinds[kind]], request.user, most=PAGE + 1, beyond=cursor(request))


def _heading(model: Any) -> str:
    return str(getattr(model, "listed_as", capfirst(model._meta.verbose_name_plural)))


def _rows(model: Any, items: Any) -> list[Row]:
    told, by = clock(), None if finding.are_people(model) else model.listed_by
    return [
        Row(
            url=item.get_absolute_url(),
            title=item.shown_title,
            icon=getattr(item, "icon", ""),
            place=str(getattr(item, "listed_in", "")),
            when=format_html("") if by is None else told(getattr(item, by)),
            note=item.note,
            is_folded=item.is_folded,
        )
        for item in items
    ]


class Shown(NamedTuple):
    """A tag beside something that carries it."""

    name: str
    url: str


def shown(names: list[str]) -> list[Shown]:
    """Tags by their names, as `finding.names_on` gives them."""
    before, after = reverse("tag_detail", args=["~"]).split("~")
    return [Shown(name, f"{before}{slug_of(name)}{after}") for name in names]


class Letter(NamedTuple):
    letter: str
    # Its tags as items of a list.
    items: SafeString


def vocabulary(asked: Mapping[str, str]) -> dict[str, Any]:
    """What the list shows: all of a small vocabulary; of a larger one a part, and the ways to the others."""
    words, letter, after = (text.clean(asked.get(name, ""))[:60] for name in ("q", "letter", "after"))
    if words:
        return {"words": words, "like": shown(finding.suggestions(words, most=LIKE)), "jumps": first_letters()}
    letters, further = by_letter(letter=letter.lower(), after=after)
    return {"letters": letters, "further": further, "jumps": first_letters() if further or letter or after else ()}


def first_letters() -> list[str]:
    """Those with which a tag begins."""
    letters = Tag.objects.accepted().annotate(first=Left("slug", 1)).order_by("first")
    return list(letters.values_list("first", flat=True).distinct())


def by_letter(*, letter: str = "", after: str = "") -> tuple[list[Letter], str]:
    """The vocabulary by first letters, from one of them or behind a tag on, and where it goes on."""
    begun = Q(slug__gt=after) if after else Q(slug__gte=letter)
    tags = Tag.objects.accepted().filter(begun).order_by("slug")
    found = list(tags.values_list("name", "slug", "alias_of__name", "alias_of__slug")[: WHOLE + 1])
    further = found[WHOLE - 1][1] if len(found) > WHOLE else ""
    see = _("see")
    letters = []
    for letter, some in groupby(found[:WHOLE], key=lambda row: row[1][0].upper()):
        letters.append(Letter(letter, format_html_join("", "<li>{}</li>", ((_line(row, see),) for row in some))))
    return letters, further


def _line(row: tuple[str, str, str | None, str | None], see: str) -> SafeString:
    """A tag, or a synonym and what it stands for; the addresses are those below the page."""
    name, slug, other, its_slug = row
    if other:
        return format_html('<bdi>{}</bdi> <span class="meta">{}</span> <a href="{}/"><bdi>{}</bdi></a>', name, see, its_slug, other)
    return format_html('<a href="{}/"><bdi>{}</bdi></a>', slug, name)
