from urllib.parse import urlencode

from django.db.models import Count

from community.benching.pages import Budget, Page
from community.pages import cursor_of
from community.tags.models import Tag

from .finding import PAGE
from .models import Audience, Kind, Resource
from .models.resources import ResourceQuerySet


def _open() -> ResourceQuerySet:
    return Resource.objects.filter(published_at__isnull=False, hidden_at=None, withdrawn_at=None, audience=Audience.EVERYONE)


def listed() -> str:
    return "/resources/"


def deep() -> str:
    """The page that begins after two hundred others, or halfway through where there are fewer."""
    before = _open().newest_first()[min(200 * PAGE, _open().count() // 2) - 1]
    return f"/resources/?from={cursor_of(before.published_at, before.public_id)}"


def by_kind() -> str:
    return f"/resources/?kind={Kind.BOOK}"


def by_two() -> str:
    """What is rare twice over."""
    return f"/resources/?kind={Kind.TOOL}&country=IE"


def _usual() -> Tag:
    """A tag that stands on very many things."""
    return Tag.objects.accepted().annotate(number=Count("items")).order_by("-number", "pk")[0]


def by_tag() -> str:
    return f"/resources/?tag={_usual().slug}"


def tag() -> str:
    return _usual().get_absolute_url()


def search() -> str:
    """Two words that both stand in very many."""
    return f"/resources/?{urlencode({'q': 'gentle questions'})}"


def misspelt() -> str:
    return f"/resources/?{urlencode({'q': 'gentel qestions'})}"


def resource() -> str:
    return _open().filter(kind=Kind.ARTICLE).order_by("pk")[0].get_absolute_url()


KEPT = Budget(1.2)
SEARCH = Budget(25, 8)
PAGES = [
    Page("library", "the library, page 1", listed, guest=Budget(5, 5), kept=KEPT, member=Budget(8, 8)),
    Page("deep-library", "the library, 200 pages deep", deep, guest=Budget(5, 5), member=Budget(8, 8)),
    Page("library-kind", "the library by kind", by_kind, guest=Budget(5, 5), member=Budget(8, 8)),
    Page("library-two", "the library by kind and country", by_two, guest=Budget(5, 5), member=Budget(8, 8)),
    Page("library-tag", "the library by tag", by_tag, member=Budget(8, 8)),
    Page("tags", "the list of all tags", lambda: "/tags/", guest=Budget(5, 5), kept=KEPT, member=Budget(8, 8)),
    Page("tag", "a tag on very many things", tag, guest=Budget(5, 5), member=Budget(8, 9)),
    Page("library-search", "the library, two words", search, guest=SEARCH, member=SEARCH),
    Page("library-misspelt", "the library, two misspelt words", misspelt, guest=SEARCH, member=SEARCH),
    Page("resource", "a resource", resource, guest=Budget(5, 5), kept=KEPT, member=Budget(8, 9)),
]
