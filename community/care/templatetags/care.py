from typing import Any

from django import template
from django.db.models import Exists, OuterRef

from community.care.models import Country, today
from community.prepared import Prepared

register = template.Library()


# What is stale hangs on the day.
_countries: Prepared[Any] = Prepared(
    lambda viewer: Country.objects.annotate(is_stale=Exists(Country.objects.stale().order_by().filter(pk=OuterRef("pk"))))
)


@register.inclusion_tag("care/_notices.html")
def care_notices() -> dict[str, Any]:
    """What the people who run the house should look at before somebody relies on it."""
    countries = _countries.rows(None, today())
    return {
        "unconfirmed": [country for country in countries if not country.is_confirmed],
        "stale": [country for country in countries if country.is_stale],
        "is_empty": not countries,
    }
