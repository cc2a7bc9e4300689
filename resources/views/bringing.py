"""Bringing something, changing it, and taking it back."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from community.contributions.drafts import Draft
from community.contributions.posting import post_once, restored, wants_preview
from community.contributions.written import said_of_change
from community.pages import answer, page
from community.permissions import require
from resources.forms import NEW, WITHOUT_ADDRESS, BeginningForm, ResourceEditForm, ResourceForm, already_here, as_it_stands
from resources.models import AlreadyHere, Audience, Kind, Resource
from resources.permissions import can_edit_resource, can_submit_resource, can_withdraw_resource

WAITS = gettext_lazy("Thank you. It is with a librarian now, which can take a few days. You are told either way.")


def find(request: HttpRequest, public_id: UUID) -> Resource:
    """What stands in the library, and what one brought oneself whether it is up or not."""
    own = Resource.objects.in_voice(request.user).with_place().filter(public_id=public_id).first()
    return own or get_object_or_404(Resource.objects.visible_to(request.user).with_place(), public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def resource_create(request: HttpRequest) -> HttpResponse:
    """Two steps: its address, then what it is. What has no address begins with the second."""
    require(can_submit_resource(request.user))
    if "look" in request.POST:
        return _begin(request)
    if request.method == "POST":
        return _bring(request)
    draft, kind = Draft.of(request.user, NEW), request.GET.get("kind", "")
    if kind in WITHOUT_ADDRESS or (kind in Kind.values and "file" in request.GET):
        return _second_step(request, {"kind": kind})
    if draft and "anew" not in request.GET:
        return _second_step(request, {})
    return _first_step(request, BeginningForm(), has_draft=bool(draft))


def _begin(request: HttpRequest) -> HttpResponse:
    form = BeginningForm(request.POST)
    if not form.is_valid():
        return _first_step(request, form)
    if already := already_here(request.user, form.key):
        return _first_step(request, form, already=already)
    return _second_step(request, form.cleaned_data["look"])


def _first_step(request: HttpRequest, form: BeginningForm, **context: Any) -> HttpResponse:
    kinds = [Kind(kind) for kind in WITHOUT_ADDRESS]
    return page(request, "resources/resource_begin.html", {"form": form, "kinds": kinds, **context})


def _second_step(request: HttpRequest, known: dict[str, str]) -> HttpResponse:
    """The form with what is known by now; a draft of the same thing comes back, one of another thing stays where it is."""
    draft = Draft.of(request.user, NEW)
    context = restored(ResourceForm, request.user)
    if any(draft.get(name, "") != value for name, value in known.items()):
        # Lived experience is the thing itself, so at first it is for members.
        audience = Audience.MEMBERS if known.get("kind") == Kind.LIVED else Audience.EVERYONE
        context = {"form": ResourceForm(user=request.user, initial={"audience": audience, **known}), "saved": ""}
    return page(request, "resources/resource_create.html", context)


def _bring(request: HttpRequest) -> HttpResponse:
    form = ResourceForm(request.POST, request.FILES, user=request.user)
    if form.is_valid() and not wants_preview(request):
        try:
            with transaction.atomic():
                made = post_once(request, form, form.bring)
        except AlreadyHere:
            form.say_whether_here()
            made = None
        if made:
            return answer(request, reverse("wrote_list"), said=WAITS)
    return page(request, "resources/resource_create.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def resource_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = find(request, public_id)
    require(can_edit_resource(request.user, resource))
    if request.method != "POST":
        now = as_it_stands(resource, resource.tags.names())
        context = restored(ResourceEditForm, request.user, now=now, resource=resource)
    else:
        form = ResourceEditForm(request.POST, request.FILES, user=request.user, resource=resource)
        if form.is_valid() and not wants_preview(request) and (changed := _change(request, resource, form)):
            return changed
        context = {"form": form}
    return page(request, "resources/resource_edit.html", {"resource": resource, **context})


def _change(request: HttpRequest, resource: Resource, form: ResourceEditForm) -> HttpResponse | None:
    try:
        with transaction.atomic():
            waits = resource.change(**form.fields_of_resource, has_new_file=bool(form.cleaned_data["file"]))
            form.settle_file(resource)
    except AlreadyHere:
        form.say_whether_here()
        return None
    Draft.drop(request.user, form.place)
    if not resource.is_published:
        return answer(request, reverse("wrote_list"), said=WAITS)
    return answer(request, resource.get_absolute_url(), said=said_of_change(waits))


@require_http_methods(["GET", "HEAD", "POST"])
def resource_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    resource = find(request, public_id)
    require(can_withdraw_resource(request.user, resource))
    if request.method == "POST":
        resource.withdraw()
        return answer(request, reverse("wrote_list"), said=_("Taken back. Only the volunteers can still see it."))
    return page(request, "resources/resource_withdraw.html", {"resource": resource, "back": _place_of(resource)})


def _place_of(resource: Resource) -> str:
    """Where its author came from."""
    return resource.get_absolute_url() if resource.is_published and not resource.is_hidden else reverse("wrote_list")
