"""What every template knows about the place."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest | None) -> dict[str, Any]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "QUICK_EXIT_URL": settings.QUICK_EXIT_URL,
        "SOURCE_URL": settings.SOURCE_URL,
        "DEMO": settings.DEMO,
    }
