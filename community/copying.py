"""What is somebody's own, for the file that members take along (`members/export.py`).

Each app says it in `<app>.own.OWN`, one `Own` for each kind of thing that it holds of a member; a test asks for those that are
missing. Only words of the member's own go out: what somebody else wrote, or what nobody can tell apart, stays in its place. What
somebody does in a role is the house's: the record says what and when, the words about others stay here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

Words = str | Promise
# So many rows are in memory at a time.
CHUNK = 500


@dataclass(frozen=True)
class Own:
    """Which rows of a model are a member's own, and what the file holds of each.

    `columns` are what is taken of a row, fields or names of `also`, and what each is called. The rows are those whose fields `by`
    hold the member or, if they end in `persona`, an alias of theirs; else those that `found` finds.
    """

    model: Any
    title: Words
    columns: dict[str, Words]
    by: tuple[str, ...] = ("user",)
    found: Callable[[Any], models.QuerySet[Any]] | None = None
    also: dict[str, Any] = field(default_factory=dict)
    # What makes a column readable where what is stored is not.
    read: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    # The name of the address at which a row stands here, by its `public_id`.
    page: str = ""
    # What it is called in the data; else as its model.
    name: str = ""
    # The column that holds a file, and the one that says what it is called in there.
    file: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        return self.name or self.model._meta.model_name

    def rows(self, user: Any) -> models.QuerySet[Any]:
        """Those of the signed-in `user`, the oldest first."""
        rows = self.found(user) if self.found else self.model._base_manager.filter(self._of(user))
        return rows.annotate(**self.also).order_by("pk")

    def _of(self, user: Any) -> Q:
        is_own = Q()
        for name in self.by:
            is_own |= Q(**{f"{name}__pk__among": user.persona_keys} if name.endswith("persona") else {name: user.pk})
        return is_own

    def records(self, user: Any) -> Iterator[dict[str, Any]]:
        """What is taken of each row, under the names of the columns."""
        names, reads = [name_of(column) for column in self.columns], [self.read.get(column) for column in self.columns]
        for row in self.rows(user).values_list(*self.columns).iterator(chunk_size=CHUNK):
            yield {
                name: read(value) if read and value is not None else value
                for name, read, value in zip(names, reads, row, strict=True)
            }

    def files(self, user: Any) -> Iterator[tuple[str, bytes]]:
        """Their names and what is in them, one at a time."""
        if self.file:
            content, called = self.file
            for name, held in self.rows(user).values_list(called, content).iterator(chunk_size=1):
                yield name, bytes(held)

    @cached_property
    def labels(self) -> dict[str, Words]:
        return {name_of(column): label for column, label in self.columns.items()}

    @cached_property
    def choices(self) -> dict[str, dict[Any, Words]]:
        """What the values of a column are called, of those of which there is a list."""
        found = {name_of(column): getattr(self._field(column), "flatchoices", None) for column in self.columns}
        return {name: dict(known) for name, known in found.items() if known}

    def _field(self, column: str) -> Any:
        if column in self.also:
            return None
        found: Any = None
        for part in column.split("__"):
            found = (found.related_model if found else self.model)._meta.get_field(part)
        return found


def name_of(column: str) -> str:
    """What a column is called in the data."""
    return column.replace("__", "_")


def everything() -> Iterator[tuple[str, list[Own]]]:
    """Each app that holds something of members, by its label: who they are, then the rooms, then the rest of the foundation."""
    for app in sorted(apps.get_app_configs(), key=lambda app: (app.label != "members", app.name.startswith("community."))):
        if app.module and module_has_submodule(app.module, "own"):
            yield app.label, import_module(f"{app.name}.own").OWN
