"""The queue on the admin's front page."""

from typing import Any

from django import template

from community.moderation.desk_list import front

register = template.Library()


@register.inclusion_tag("admin/desk.html", takes_context=True)
def desk(context: dict[str, Any]) -> dict[str, Any]:
    """What waits for whoever looks, as far as they take it."""
    return front(context["request"]) | {"csrf_token": context["csrf_token"]}
