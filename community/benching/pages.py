"""What a page is to be measured by. Every app names its own pages in `bench.PAGES`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

# The page that all others are compared with; `wsgi.py` has it.
FLOOR = "/floor/"


@dataclass(frozen=True)
class Budget:
    """What one request may cost: CPU time in floors, SQL queries, and kB of compressed HTML."""

    floors: float
    queries: int | None = None
    html: float | None = None


@dataclass(frozen=True)
class Page:
    """One page and its budgets: for a guest who comes the first time, one who has kept a copy, a member, and a volunteer.

    `address` is called over the seeded database and answers with the path. With `posts`, whoever is signed in sends that to it
    as a form, with another number each time; it stands in the field `words_in`, beside the others of `form`. Where no two would
    send to the same address at once, `addresses` answers with one for each connection.
    """

    key: str
    name: str
    address: Callable[[], str]
    guest: Budget | None = None
    kept: Budget | None = None
    member: Budget | None = None
    volunteer: Budget | None = None
    posts: str = ""
    words_in: str = "body"
    form: dict[str, str] = field(default_factory=dict)
    addresses: Callable[[], list[str]] | None = None
    # kB of style and script together, compressed.
    assets: float | None = None


def all_pages() -> list[Page]:
    """The pages of every app that names some, from the foundation up."""
    found: list[Page] = []
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "bench"):
            found += import_module(f"{app.name}.bench").PAGES
    return found
