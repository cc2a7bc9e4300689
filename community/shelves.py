"""`Shelves`: the filter of a list behind the scenes that opens at what is to be done."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy


class Shelves(admin.SimpleListFilter):
    """What stands on the first of these, unless one asks for another; each has its word in the address, a name, and its rows."""

    title = gettext_lazy("state")
    parameter_name = "state"
    shelves: dict[str, tuple[Any, Callable[[Any], QuerySet]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        _first, *others = self.shelves.items()
        return [(word, name) for word, (name, _rows) in others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        first = next(iter(self.shelves.values()))
        _name, rows = self.shelves.get(str(self.value()), first)
        return rows(queryset)

    def choices(self, changelist: Any) -> Any:
        """The first choice says what it is."""
        first, *others = super().choices(changelist)
        name, _rows = next(iter(self.shelves.values()))
        yield first | {"display": name}
        yield from others
