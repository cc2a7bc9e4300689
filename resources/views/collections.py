"""Collections: putting them together, and reading them as a path."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.drafts import Draft
from community.contributions.posting import post_once, restored, wants_preview
from community.contributions.quotes import settle_mentions
from community.contributions.written import said_of_change
from community.pages import answer, keyset, page
from community.permissions import require
from resources import paths
from resources.models import MOST_COLLECTIONS, MOST_PLACES, Collection, NoRoom, Place, Resource
from resources.models.collections import CollectionQuerySet
from resources.permissions import can_add_collection, can_edit_collection, can_withdraw_collection

from .readers import find as find_resource

# How many of one's own stand above those of others.
OWN = 10


def find(request: HttpRequest, public_id: UUID) -> Collection:
    """What the viewer can see, and what is their own also while a volunteer hides it."""
    own = Collection.objects.in_voice(request.user).with_place().filter(public_id=public_id).first()
    return own or get_object_or_404(Collection.objects.visible_to(request.user).with_place(), public_id=public_id)


@require_safe
@login_not_required
def collection_list(request: HttpRequest) -> HttpResponse:
    """Those that are shared with the viewer; on the first page their own, too."""
    user = request.user
    shared = Collection.objects.visible_to(user).wanted_by(user).with_folds(user).shared().with_place()
    pages = keyset(request, shared, by="created_at")
    own = list(_own(request).newest_first()[: OWN + 1]) if pages.is_first and user.is_authenticated else []
    context = {"pages": pages, "own": own[:OWN], "has_more": len(own) > OWN, "may_add": can_add_collection(user)}
    version = [(each.pk, each.title, each.note, each.body, each.folded_at) for each in pages.items]
    return page(request, "resources/collection_list.html", context, version=version)


@require_safe
def collection_mine(request: HttpRequest) -> HttpResponse:
    """All that one put together oneself."""
    return page(request, "resources/collection_mine.html", {"pages": keyset(request, _own(request), by="created_at")})


def _own(request: HttpRequest) -> CollectionQuerySet:
    return Collection.objects.in_voice(request.user).visible_to(request.user)


@require_safe
@login_not_required
def collection_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rows = Collection.objects.visible_to(request.user).with_folds(request.user).with_place()
    collection = get_object_or_404(rows, public_id=public_id)
    steps = paths.steps(collection, request.user)
    settle_mentions([collection], request.user)

    def context() -> dict[str, Any]:
        return {
            "collection": collection,
            "steps": steps,
            "may_edit": can_edit_collection(request.user, collection),
            "may_withdraw": can_withdraw_collection(request.user, collection),
            "is_own": collection.speaks_as(request.user),
        }

    of_steps = [(step.id, step.version, step.words) for step in steps]
    shown = (collection.title, collection.body_html, collection.note, collection.folded_at, collection.shared)
    version = (*shown, of_steps, timezone.localdate())
    return page(request, "resources/collection_detail.html", context, version=version)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_create(request: HttpRequest) -> HttpResponse:
    require(can_add_collection(request.user))
    if request.method != "POST":
        first = _resource_named(request, request.GET.get("first", ""))
        context = restored(paths.CollectionForm, request.user, asked={"first": first.public_id if first else None})
    else:
        form = paths.CollectionForm(request.POST, user=request.user)
        if form.is_valid() and not wants_preview(request) and (made := _begin(request, form)):
            said = _("It is there. Add things to it from their pages.")
            return answer(request, reverse("collection_detail", args=[made]), said=said)
        context = {"form": form}
        first = _resource_named(request, request.POST.get("first", ""))
    return page(request, "resources/collection_create.html", {**context, "first": first})


def _resource_named(request: HttpRequest, public_id: str) -> Resource | None:
    """What is to stand at the first place, if the viewer can see it."""
    try:
        return Resource.objects.visible_to(request.user).filter(public_id=UUID(public_id)).first()
    except ValueError:
        return None


def _begin(request: HttpRequest, form: paths.CollectionForm) -> UUID | None:
    first = _resource_named(request, str(form.cleaned_data["first"] or ""))
    try:
        with transaction.atomic():
            return post_once(
                request, form, lambda made: Collection.begin(request.user, public_id=made, first=first, **form.fields_of_collection)
            )
    except NoRoom:
        sentence = _("You have %(most)s collections, and there is no room for more. Take one back first, or add to one you have.")
        form.add_error(None, sentence % {"most": MOST_COLLECTIONS})
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    collection = find(request, public_id)
    require(can_edit_collection(request.user, collection))
    if request.method != "POST":
        now = paths.as_it_stands(collection)
        context = restored(paths.CollectionEditForm, request.user, now=now, collection=collection)
    else:
        form = paths.CollectionEditForm(request.POST, user=request.user, collection=collection)
        if form.is_valid() and not wants_preview(request):
            waits = collection.edit(**form.fields_of_collection)
            Draft.drop(request.user, form.place)
            return answer(request, collection.get_absolute_url(), said=said_of_change(True) if waits else _("Changed."))
        context = {"form": form}
    return page(request, "resources/collection_edit.html", {"collection": collection, **context})


@require_http_methods(["GET", "HEAD", "POST"])
def collection_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    collection = find(request, public_id)
    require(can_withdraw_collection(request.user, collection))
    if request.method == "POST":
        collection.withdraw()
        return answer(request, reverse("collection_list"), said=_("Taken back. What stood in it is still in the library."))
    back = reverse("wrote_list") if collection.is_hidden else collection.get_absolute_url()
    return page(request, "resources/collection_withdraw.html", {"collection": collection, "back": back})


# Its places --------------------------------------------------------------------------------


@require_safe
def resource_collect(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where to put something: one's own collections, lately begun first."""
    resource = find_resource(request, public_id)
    require(can_add_collection(request.user))
    pages = keyset(request, _own(request), by="created_at")
    holding = set(Place.objects.filter(resource=resource, collection__in=pages.items).values_list("collection_id", flat=True))
    for collection in pages.items:
        collection.holds_it = collection.pk in holding  # type: ignore[attr-defined]
    return page(request, "resources/resource_collect.html", {"resource": resource, "pages": pages})


@require_POST
def place_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give something the last place in a collection of one's own."""
    collection = find(request, public_id)
    require(can_edit_collection(request.user, collection))
    resource = _resource_named(request, request.POST.get("resource", ""))
    if resource is None:
        raise Http404
    try:
        collection.add(resource)
    except NoRoom:
        sentence = _("There are %(most)s things in it, and there is no room for more. Begin another one.") % {"most": MOST_PLACES}
        return answer(request, reverse("resource_collect", args=[resource.public_id]), said=sentence)
    return answer(
        request, f"{collection.get_absolute_url()}#at-{resource.public_id}", said=_("It is in “%s” now.") % collection.title
    )


def _place(request: HttpRequest, public_id: UUID, resource_id: UUID) -> Place:
    """A place in a collection of one's own, with what stands there and is open to one."""
    collection = find(request, public_id)
    require(can_edit_collection(request.user, collection))
    there = Resource.objects.visible_to(request.user).filter(public_id=resource_id)
    return get_object_or_404(collection.places.select_related("collection", "resource"), resource__in=there)


def _change(request: HttpRequest, public_id: UUID, resource_id: UUID, act: Callable[[Place], object]) -> HttpResponse:
    place = _place(request, public_id, resource_id)
    act(place)
    return answer(request, f"{place.collection.get_absolute_url()}#at-{resource_id}")


@require_POST
def place_earlier(request: HttpRequest, public_id: UUID, resource_id: UUID) -> HttpResponse:
    return _change(request, public_id, resource_id, lambda place: place.collection.move(place.resource, earlier=True))


@require_POST
def place_later(request: HttpRequest, public_id: UUID, resource_id: UUID) -> HttpResponse:
    return _change(request, public_id, resource_id, lambda place: place.collection.move(place.resource, earlier=False))


@require_POST
def place_delete(request: HttpRequest, public_id: UUID, resource_id: UUID) -> HttpResponse:
    place = _place(request, public_id, resource_id)
    place.collection.take_out(place.resource)
    return answer(request, place.collection.get_absolute_url(), said=_("Taken out. It is still in the library."))


@require_http_methods(["GET", "HEAD", "POST"])
def place_edit(request: HttpRequest, public_id: UUID, resource_id: UUID) -> HttpResponse:
    """The words before something."""
    place = _place(request, public_id, resource_id)
    if request.method != "POST":
        context = restored(paths.PlaceForm, request.user, now={"body": place.words}, place_in=place)
    else:
        form = paths.PlaceForm(request.POST, user=request.user, place_in=place)
        if form.is_valid():
            place.collection.say_before(place.resource, form.cleaned_data["body"])
            Draft.drop(request.user, form.place)
            return answer(request, f"{place.collection.get_absolute_url()}#at-{resource_id}")
        context = {"form": form}
    return page(request, "resources/place_edit.html", {"place": place, **context})
