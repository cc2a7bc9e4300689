"""The kinds of news: one small template each, `templates/notifications/kinds/<app>.<noun>_<past>.html`.

The template says the sentence; rendered with `describe=True` it says instead when such news comes, for the settings page.
"""

from functools import cache

from django.conf import settings
from django.template.loader import render_to_string

_FOLDER = settings.BASE_DIR / "templates" / "notifications" / "kinds"


@cache
def names() -> tuple[str, ...]:
    """Every kind there is, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.html")))


@cache
def offered() -> tuple[str, ...]:
    """Those that still come. What lies in inboxes from before keeps its sentence, and says nothing of when such news comes."""
    return tuple(kind for kind in names() if describe(kind).strip())


def template(kind: str) -> str:
    return f"notifications/kinds/{kind}.html"


def describe(kind: str) -> str:
    """When such news comes."""
    return render_to_string(template(kind), {"describe": True})


def require(kind: str) -> None:
    """Fail at the call, in development, when a kind has no template."""
    if kind not in names():
        raise LookupError(f"There is no templates/{template(kind)}: every kind of news needs its sentence.")
