"""Lists of members' words behind the scenes: nothing heavy stands in one before somebody opens it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from community.contributions.models import Contribution


class LightList(ChangeList):
    """A list in which words that somebody called heavy are left out, and so are those of the place where others stand."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        for thing in _heavy(self._things()):
            for name in {"title", *thing.own_words} & thing.__dict__.keys():
                setattr(thing, name, getattr(thing, name) and "–")

    def _things(self) -> Iterator[Any]:
        around = [field.name for field in self.model._meta.concrete_fields if field.related_model in Contribution.kinds()]
        for row in self.result_list:
            yield row
            yield from (getattr(row, name) for name in around if getattr(row, name) is not None)


def _heavy(things: Iterable[Any]) -> Iterator[Any]:
    """Those that are; whoever keeps what was said of things says it by `heavy_among`."""
    alike: dict[Any, list[Any]] = defaultdict(list)
    for thing in things:
        alike[type(thing)].append(thing)
    keepers = [model for model in apps.get_models() if hasattr(model, "heavy_among")]
    for model, rows in alike.items():
        kind = ContentType.objects.get_for_model(model)
        heavy = {key for keeper in keepers for key in keeper.heavy_among(kind, {row.pk for row in rows})}
        yield from (row for row in rows if row.pk in heavy)
