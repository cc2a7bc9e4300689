from typing import Any

from django import template

from community.care.models import Country

register = template.Library()


@register.inclusion_tag("care/_notices.html")
def care_notices() -> dict[str, Any]:
    """What the people who run the house should look at before somebody relies on it."""
    return {
        "unconfirmed": Country.objects.unconfirmed(),
        "stale": Country.objects.stale(),
        "is_empty": not Country.objects.exists(),
    }
