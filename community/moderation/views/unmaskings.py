"""What a member reads when two people in charge of safety found out who speaks under an alias of theirs."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from community.moderation.models import Unmasking
from community.pages import page


@require_safe
def unmasking_list(request: HttpRequest, alias: UUID) -> HttpResponse:
    """Each time that it was done to this alias, for whoever is behind it."""
    rows = Unmasking.objects.visible_to(request.user).filter(persona__public_id=alias)
    if not (found := list(rows.select_related("persona").order_by("-opened_at", "-pk"))):
        raise Http404
    return page(request, "moderation/unmasking_list.html", {"alias": found[0].persona, "unmaskings": found})
