"""What news is about, as far as its reader may still see it: asked anew at every look and before every mail."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from community.prepared import Prepared, reach


class Shown(NamedTuple):
    """What a piece of news is about. One's own words may be hidden by now; they are still one's own news."""

    target: Any
    is_visible: bool

    @property
    def url(self) -> str:
        return self.target.get_absolute_url() if self.is_visible else reverse("wrote_list")


def open_targets(news: Iterable[Any], member: Any) -> dict[int, Shown]:
    """What each piece of news is about, by the news' id; what `member` may not see (any more) is missing.

    One statement for each kind of thing, and one more where something is missing. What somebody else took back is no news.
    """
    by_type: dict[int, list[Any]] = defaultdict(list)
    for item in news:
        by_type[item.target_type_id].append(item)
    found: dict[int, Shown] = {}
    for type_id, items in by_type.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is not None:
            found |= _of_one_kind(model, items, member)
    return found


def _of_one_kind(model: Any, items: list[Any], member: Any) -> dict[int, Shown]:
    wanted = {item.target_id for item in items}
    visible = {target.pk: target for target in _visible(model).rows(member, reach(member), keys=list(wanted))}
    missing = wanted - visible.keys()
    hidden = {target.pk: target for target in _with_place(model.objects.filter(pk__in=missing))} if missing else {}
    found = {}
    for item in items:
        if (target := visible.get(item.target_id)) and (not target.is_withdrawn or _is_own(item, target)):
            found[item.pk] = Shown(target, is_visible=True)
        elif (target := hidden.get(item.target_id)) and _is_own(item, target):
            found[item.pk] = Shown(target, is_visible=False)
    return found


@cache
def _visible(model: Any) -> Prepared:
    return Prepared(lambda viewer, keys: _with_place(_wanted(model, viewer).filter(pk__among=keys)), keys=list)


def _wanted(model: Any, viewer: Any) -> Any:
    """What `viewer` may see and did not choose to leave out, where the model knows of such a choice."""
    visible = model.objects.visible_to(viewer)
    return visible.wanted_by(viewer) if hasattr(visible, "wanted_by") else visible


def _with_place(rows: Any) -> Any:
    """With everything that a sentence and an address need, where the model knows how."""
    return rows.with_place() if hasattr(rows, "with_place") else rows


def _is_own(item: Any, target: Any) -> bool:
    """Did the voice that is told write it?"""
    if item.persona_id:
        return getattr(target, "persona_id", None) == item.persona_id
    return getattr(target, "author_id", None) == item.recipient_id
