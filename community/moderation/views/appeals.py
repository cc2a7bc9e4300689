"""Another look at a decision: asking for it, and what came of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.decisions.models import Decision
from community.moderation.forms import AppealForm
from community.moderation.models import Appeal
from community.moderation.permissions import can_appeal_decision
from community.pages import answer, page
from community.permissions import require


@require_http_methods(["GET", "HEAD", "POST"])
def appeal_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One press is enough; words are welcome."""
    decision = get_object_or_404(Decision.objects.visible_to(request.user), public_id=public_id)
    if made := Appeal.objects.filter(decision=decision).first():
        return redirect(made)
    require(can_appeal_decision(request.user, decision))
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = Appeal.ask(decision, words=form.cleaned_data["body"])
        return answer(request, made.get_absolute_url(), said=_("Thank you. Somebody else will look at it and tell you."))
    return page(request, "moderation/appeal_create.html", {"decision": decision, "form": form})


@require_safe
def appeal_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How it stands, and in the end what came of it."""
    rows = Appeal.objects.visible_to(request.user).select_related("decision", "report")
    return page(request, "moderation/appeal_detail.html", {"appeal": get_object_or_404(rows, public_id=public_id)})
