"""The queue on the admin's front page, and who else is there."""

from typing import Any

from django import template

from community.moderation.colleagues import Colleague, colleagues
from community.moderation.desk_list import front

register = template.Library()


@register.simple_tag
def on_duty() -> list[Colleague]:
    """{% load desk %}{% on_duty as colleagues %}"""
    return colleagues()


@register.inclusion_tag("admin/desk.html", takes_context=True)
def desk(context: dict[str, Any]) -> dict[str, Any]:
    """What waits for whoever looks, as far as they take it."""
    return front(context["request"]) | {"csrf_token": context["csrf_token"]}
