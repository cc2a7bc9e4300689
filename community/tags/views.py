from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.pages import answer, is_prefetch, page, unchanged
from community.permissions import require

from . import finding, following, showing
from .models import Tag, Unmet
from .permissions import can_follow_tag


def _find(request: HttpRequest, slug: str) -> Tag:
    return get_object_or_404(Tag.objects.visible_to(request.user).select_related("alias_of"), slug=slug)


@require_safe
@login_not_required
def tag_list(request: HttpRequest) -> HttpResponse:
    """The vocabulary, or what in it is like some words."""
    told = showing.vocabulary(request.GET)
    followed = following.followed_by(request.user) if request.user.is_authenticated else []
    return page(request, "tags/tag_list.html", told | {"followed": followed}, version=tuple(told.values()))


@transaction.non_atomic_requests
@require_safe
@login_not_required
def tag_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands under a tag. Where the viewer sees nothing, nothing tells whether there is something."""
    tag, kind = finding.opened(request.user, slug), request.GET.get("kind", "")
    if tag is None:
        raise Http404
    if tag.alias_of:
        return redirect(tag.alias_of)
    if kind and kind not in finding.kinds():
        raise Http404
    if kind and finding.are_people(model := finding.kinds()[kind]):
        return redirect(model.all_under(tag))  # type: ignore[attr-defined]
    version = (tag.name, tag.also, timezone.localdate())  # type: ignore[attr-defined]
    if kept := unchanged(request, lambda: (*version, showing.numbers(request, tag, kind))):
        return kept
    if kind:
        sections = [showing.page_of(request, tag, kind)]
    else:
        sections = [showing.newest(tag, each, request.user) for each in finding.kinds()]
    kinds = finding.kinds()
    numbers = [section.told for section in sections if not finding.are_people(kinds[section.kind])]
    return page(request, "tags/tag_detail.html", lambda: _shown(request, tag, kind, sections), version=(*version, numbers))


def _shown(request: HttpRequest, tag: Tag, kind: str, sections: list[showing.Section]) -> dict[str, Any]:
    is_empty = not any(section.rows for section in sections)
    return {
        "tag": tag,
        "synonyms": tag.also,  # type: ignore[attr-defined]
        "follows": tag.is_followed,  # type: ignore[attr-defined]
        "sections": sections,
        "kind": kind,
        "is_empty": is_empty,
        "looked_for": is_empty and not kind and request.user.is_authenticated and _is_looked_for(request, tag),
    }


def _is_looked_for(request: HttpRequest, tag: Tag) -> bool:
    """Do several members look for it? Whoever finds nothing is counted, once."""
    if not is_prefetch(request):
        Unmet.note(tag, request.user)
    return Tag.objects.looked_for().filter(pk=tag.pk).exists()


@require_POST
def tag_follow(request: HttpRequest, slug: str) -> HttpResponse:
    tag = _find(request, slug)
    require(can_follow_tag(request.user))
    tag.follow(request.user)
    return answer(request, tag.get_absolute_url(), said=_("You follow it. You hear of what comes into the library under it."))


@require_POST
def tag_unfollow(request: HttpRequest, slug: str) -> HttpResponse:
    tag = _find(request, slug)
    tag.unfollow(request.user)
    return answer(request, tag.get_absolute_url(), said=_("You don’t follow it any more."))


@require_safe
def tag_suggest(request: HttpRequest) -> HttpResponse:
    """Names that somebody may mean who writes a tag, for the script beside the field."""
    return render(request, "tags/_suggestions.html", {"names": finding.suggestions(request.GET.get("q", ""))})
