"""What readers make of something: a word about it for others, or keeping it for themselves."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.posting import post_once, restored, wants_preview
from community.contributions.written import said_of_change
from community.pages import answer, page
from community.permissions import require
from resources import feedback, keeping
from resources.models import MOST_SAVED, NoRoom, Resource, Review, Saved
from resources.permissions import can_add_review, can_edit_review, can_save_resource, can_withdraw_review


def find(request: HttpRequest, public_id: UUID) -> Resource:
    return get_object_or_404(Resource.objects.visible_to(request.user), public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def review_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say whether it helped, or change what one said."""
    resource = find(request, public_id)
    said = feedback.of(request.user, resource)
    require(can_edit_review(request.user, said) if said else can_add_review(request.user, resource))
    place = {"resource": resource, "said": said}
    if request.method != "POST":
        verdict = request.GET.get("verdict", "")
        asked = {"verdict": verdict} if verdict in Review.Verdict.values else {}
        now = feedback.as_it_stands(said) if said else None
        context = restored(feedback.ReviewForm, request.user, now=now, asked=asked, **place)
    else:
        form = feedback.ReviewForm(request.POST, user=request.user, **place)
        if form.is_valid() and not wants_preview(request) and _say(request, resource, form):
            waits = said is not None and said.waiting_change is not None
            thanks = said_of_change(True) if waits else _("Thank you. It stands with your name on its page.")
            return answer(request, f"{resource.get_absolute_url()}#words", said=thanks)
        context = {"form": form}
    return page(request, "resources/review_edit.html", {**place, **context})


def _say(request: HttpRequest, resource: Resource, form: feedback.ReviewForm) -> UUID | None:
    return post_once(request, form, lambda made: Review.say(resource, request.user, public_id=made, **form.said))


@require_http_methods(["GET", "HEAD", "POST"])
def review_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = find(request, public_id)
    said = feedback.of(request.user, resource)
    if said is None:
        raise Http404
    require(can_withdraw_review(request.user, said))
    back = f"{resource.get_absolute_url()}#words"
    if request.method == "POST":
        said.withdraw()
        return answer(request, back, said=_("Taken back. Only the volunteers can still see it."))
    return page(request, "resources/review_withdraw.html", {"resource": resource, "said": said, "back": back})


# For oneself ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def saved_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep something, or change the note; what one kept before stays one's own, whatever became of it."""
    saved = keeping.of(request.user, public_id)
    resource = Resource.objects.visible_to(request.user).filter(public_id=public_id).first()
    if resource is None and saved is None:
        raise Http404
    kept = resource or saved.resource  # type: ignore[union-attr]
    require(can_save_resource(request.user, kept))
    form = keeping.SavedForm(request.POST if request.method == "POST" else None, initial={"note": saved.note if saved else ""})
    if request.method == "POST" and form.is_valid() and _keep(request, kept, form):
        back = resource.get_absolute_url() if resource else reverse("saved_list")
        return answer(request, back, said=_("Kept, for you alone."))
    return page(request, "resources/saved_edit.html", {"resource": resource, "saved": saved, "form": form})


def _keep(request: HttpRequest, resource: Resource, form: keeping.SavedForm) -> bool:
    try:
        Saved.keep(resource, request.user, form.cleaned_data["note"] if "note" in request.POST else None)
    except NoRoom:
        sentence = _("You keep %(most)s things, and there is no room for more. Let go of one that you don’t need any more first.")
        form.add_error(None, sentence % {"most": MOST_SAVED})
    return form.is_valid()


@require_POST
def saved_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End keeping something; where the list was left, it goes on."""
    if saved := keeping.of(request.user, public_id):
        saved.delete()
    else:
        find(request, public_id)
    return answer(request, reverse("saved_list"), said=_("You don’t keep it any more, and your note is gone."))


@require_safe
def saved_list(request: HttpRequest) -> HttpResponse:
    return page(request, "resources/saved_list.html", {"pages": keeping.kept(request)})
