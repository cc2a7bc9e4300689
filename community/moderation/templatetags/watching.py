"""Beside a reply box: whether somebody looks after this place just now."""

from typing import Any

from django import template

from community.moderation.watching import quiet_hours

register = template.Library()


@register.inclusion_tag("moderation/_nobody_here.html")
def nobody_here() -> dict[str, Any]:
    """Says so where nobody has been at the desk for long, and nothing otherwise.

    {% load watching %}{% nobody_here %}
    """
    return {"hours": quiet_hours()}
