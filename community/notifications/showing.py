"""What news is about, as far as its reader may still see it: asked anew at every look and before every mail."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType


def open_targets(news: Iterable[Any], member: Any) -> dict[int, Any]:
    """What each piece of news is about, by the news' id; what `member` may not see (any more) is missing.

    One statement for each kind of thing, and one more where something is missing: one's own words, hidden or not, stay one's
    own news. What was taken back by somebody else is no news.
    """
    by_type: dict[int, list[Any]] = defaultdict(list)
    for item in news:
        by_type[item.target_type_id].append(item)
    found: dict[int, Any] = {}
    for type_id, items in by_type.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is None:
            continue
        wanted = {item.target_id for item in items}
        targets = {target.pk: target for target in _with_place(model.objects.visible_to(member).filter(pk__in=wanted))}
        seen = {pk for pk, target in targets.items() if not getattr(target, "is_withdrawn", False)}
        if seen != wanted:
            rest = wanted - targets.keys()
            targets |= {target.pk: target for target in _with_place(model.objects.filter(pk__in=rest))} if rest else {}
        for item in items:
            target = targets.get(item.target_id)
            if target is not None and (target.pk in seen or _is_own(item, target)):
                target.is_open = target.pk in seen
                found[item.pk] = target
    return found


def _with_place(rows: Any) -> Any:
    """With everything that a sentence and an address need, where the model knows how."""
    return rows.with_place() if hasattr(rows, "with_place") else rows


def _is_own(item: Any, target: Any) -> bool:
    """Did the voice that is told write it?"""
    written = target.persona_id if item.persona_id else target.author_id
    return written is not None and written == (item.persona_id or item.recipient_id)
