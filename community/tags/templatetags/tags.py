"""The vocabulary on the pages of the rooms: what is looked for, and the names that one can choose from."""

from typing import Any

from django import template

from community.tags.models import Tag

register = template.Library()

_CARDS, _NAMES = 3, 200


@register.inclusion_tag("tags/_looked_for.html", takes_context=True)
def looked_for(context: template.Context) -> dict[str, Any]:
    """For members: what several of them looked for and did not find. By name, so that the order tells nothing. One query."""
    viewer = context["user"]
    return {"tags": list(Tag.objects.looked_for().by_name()[:_CARDS]) if viewer.is_authenticated else []}


@register.simple_tag
def vocabulary() -> list[str]:
    """The names that one can choose from, if they are few enough for a form; else none. One query."""
    names = list(Tag.objects.accepted().of_their_own().by_name().values_list("name", flat=True)[: _NAMES + 1])
    return names if len(names) <= _NAMES else []
