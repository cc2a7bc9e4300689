"""The front door: what this place is for a guest, what is waiting for a member. What the rooms show comes by template tags."""

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.pages import page


@transaction.non_atomic_requests
@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return page(request, "home_member.html", {})
    # A guest's copy tells the time in words and whether somebody is reading, so it is good for a minute at most.
    return page(request, "home_guest.html", {}, version=(timezone.now().strftime("%Y%m%d%H%M"), *_versions()))


def _versions() -> list[int]:
    """The newest change in every room whose rows are numbered by their changes."""
    return [model._default_manager.version() for model in apps.get_models() if hasattr(model._default_manager, "version")]
