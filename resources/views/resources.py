from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.contributions.cards import conversations_with
from community.contributions.quotes import settle_mentions
from community.pages import page
from community.tags.showing import shown
from resources import feedback, finding, keeping, showing
from resources.models import ResourceFile
from resources.permissions import can_add_review, can_edit_resource, can_report_resource, can_withdraw_resource


@require_safe
@login_not_required
def resource_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = finding.resource(request.user, public_id)
    if resource is None:
        raise Http404
    conversations = conversations_with(resource, request.user, most=5) if resource.is_shown else []  # type: ignore[attr-defined]
    words = feedback.words_about(resource, request)
    collections = finding.collections(request.user, resource.pk) if resource.has_places else []  # type: ignore[attr-defined]

    def context() -> dict[str, Any]:
        settle_mentions([resource, *words.items], request.user)
        return {
            "resource": resource,
            "tags": shown(resource.shown_tags),  # type: ignore[attr-defined]
            "facts": showing.line(resource),
            "sheet": showing.further(resource),
            "conversations": conversations,
            "words": words,
            "collections": collections,
            **_readers(request, resource),
            "way": showing.way_there(resource),
            "file": ResourceFile.of(resource),
            "tending": showing.tending(resource),
            "may_edit": can_edit_resource(request.user, resource),
            "may_withdraw": can_withdraw_resource(request.user, resource),
            "may_report": can_report_resource(request.user, resource),
        }

    talked = [(talk.pk, talk.version) for talk in conversations]
    said = [(word.pk, word.need_name) for word in words.items]
    stands_in = [(collection.pk, collection.title, collection.note) for collection in collections]
    version = (resource.version, resource.shown_tags, talked, said, stands_in, timezone.localdate())  # type: ignore[attr-defined]
    return page(request, "resources/resource_detail.html", context, version=version)


def _readers(request: HttpRequest, resource: Any) -> dict[str, Any]:
    """What the reader makes of it themselves."""
    said = feedback.of(request.user, resource) if resource.has_own_words else None
    saved = keeping.of(request.user, resource.public_id) if resource.is_saved else None
    return {
        "said": said,
        "may_say": said is None and can_add_review(request.user, resource),
        "saved": saved,
        "saved_form": keeping.SavedForm(initial={"note": saved.note if saved else ""}),
    }
