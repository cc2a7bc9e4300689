import json
from collections.abc import Iterator
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community import text
from community.care.asking import ASKED
from community.care.pages import WRITTEN, words_among, words_of
from community.notifications.inbox import Item, items
from community.notifications.models import Notification
from community.pages import KeysetPage, answer, cursor_of, keyset, page

from .drafts import Draft
from .forms import draft_name, is_of
from .keeping import put_away, waiting_in
from .models import Contribution, ContributionQuerySet
from .noting import note_of, with_note
from .posting import KEPT, Fields, fields_of, pairs_of, written

KEPT_LENGTH = 100_000


# Writing ------------------------------------------------------------------------------


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How these words will look; only the list of notes is looked up, so nothing can be learned from it."""
    body = text.clean(request.POST.get("body", ""))
    too_long = len(body) > text.MAX_LENGTH
    html = "" if too_long else with_note(text.render(body), note_of(request.POST))
    return render(request, "contributions/_preview.html", {"html": html, "too_long": too_long})


@require_POST
def draft_save(request: HttpRequest) -> HttpResponse:
    """Keep the fields of a form that this server made. Scripts get no page; a pressed button leads back to the form."""
    place = draft_name(request.POST.get("draft", ""))
    if place is None or not is_of(request.user, request.POST.get("member", "")):
        raise Http404
    fields: dict[str, Any] = {name: _short(value) for name, value in list(written(request).items())[:40]}
    if not has_words(request):
        fields = {}  # Without words there is nothing to come back to, whatever was chosen.
    if fields and request.POST.get("asked"):
        fields["asked"] = ASKED
    Draft.keep(request.user, place, fields)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    return answer(request, back, said=_("Kept. Your words stay here, even if you leave."))


def _short(value: str | list[str]) -> str | list[str]:
    """One field, cleaned, and no longer than anything that could be posted."""
    if isinstance(value, list):
        return [text.clean(each)[:100] for each in value[:50]]
    return text.clean(value)[: text.MAX_LENGTH * 5]


@require_safe
@login_not_required
def gap_detail(request: HttpRequest) -> HttpResponse:
    """Why a reply may not be shown: the same page for every cause and every reader."""
    return page(request, "contributions/gap_detail.html", {}, version=2)


# Words of an ended session ---------------------------------------------------------------


def is_same_origin(request: HttpRequest) -> bool:
    """Was this form sent from a page of ours? A stranger's page must not put words into anybody's hands."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin).netloc == request.get_host()


def has_words(request: HttpRequest) -> bool:
    """Did somebody write here? Only in forms for that: what a form at the door holds is no words of theirs."""
    return request.method == "POST" and any(request.POST.get(name, "").strip() for name in WRITTEN)


def offer_to_keep(request: HttpRequest, *, status: int) -> HttpResponse:
    """A page with the words that could not be posted, and a sign-in that posts them afterwards."""
    fields = {name: value for name, value in fields_of(request.POST).items() if name != "csrfmiddlewaretoken"}
    context = {
        "words": words_of(request),
        "payload": json.dumps({"path": request.path, "fields": fields}),
        "fits": _length(fields) <= KEPT_LENGTH,
        # Without its member's tag nothing is posted, so nothing need wait.
        "is_tagged": bool(fields.get("member")),
    }
    return page(request, "contributions/kept_offer.html", context, status=status)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token was stale or missing: give the words back; a stranger's form gets a plain refusal."""
    if has_words(request) and reason != REASON_BAD_ORIGIN and is_same_origin(request):
        return offer_to_keep(request, status=403)
    context = {
        "reason": _("This form was open for too long, or your browser keeps no cookies. Go back, reload the page and try again.")
    }
    return render(request, "403.html", context, status=403)


@login_not_required
def kept(request: HttpRequest) -> HttpResponse:
    """POST: put the words into the guest's session and go to sign-in. GET: after sign-in, hand them back."""
    if request.method == "POST":
        return _keep(request)
    if not request.user.is_authenticated:
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': reverse('kept')})}")
    waiting = waiting_in(request.session)
    if waiting is None:
        return redirect("home")
    path, fields = waiting
    is_mine = is_of(request.user, str(fields.get("member", "")))
    context = {
        "path": path,
        "fields": pairs_of(fields),
        "words": words_among(pairs_of(fields)),
        "is_mine": is_mine,
    }
    return page(request, "contributions/kept.html", context)


@require_safe
@login_not_required
def leaving(request: HttpRequest) -> HttpResponse:
    """Somebody left quickly: what this browser's session kept is forgotten."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and KEPT in request.session:
        del request.session[KEPT]
    return HttpResponse(status=204)


def _keep(request: HttpRequest) -> HttpResponse:
    try:
        payload = json.loads(request.POST.get("payload", ""))
        path, fields = payload["path"], payload["fields"]
        resolve(path)
        is_sound = all(isinstance(value, str) for _name, value in pairs_of(fields)) and len(path) < 400
        fields = {text.clean(name): _clean(value) for name, value in fields.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, Resolver404):
        raise Http404 from None
    if not is_sound or _length(fields) > KEPT_LENGTH:
        raise Http404
    put_away(request.session, path, fields)
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': reverse('kept')})}")


def _clean(value: str | list[str]) -> str | list[str]:
    return [text.clean(each) for each in value] if isinstance(value, list) else text.clean(value)


def _length(fields: Fields) -> int:
    return sum(len(value) for _name, value in pairs_of(fields))


# What I wrote ----------------------------------------------------------------------------


@require_safe
def wrote_list(request: HttpRequest) -> HttpResponse:
    """Everything the member wrote, under whatever name, newest first; hidden and withdrawn words too, for their own eyes."""
    parts = [keyset(request, rows.with_place(), by="created_at") for rows in _written_by(request.user)]
    merged = sorted((item for part in parts for item in part.items), key=attrgetter("created_at", "public_id"), reverse=True)
    mine = merged[:20]
    more = len(merged) > 20 or any(part.further for part in parts)
    further = cursor_of(mine[-1].created_at, mine[-1].public_id) if more and mine else ""
    pages = KeysetPage(items=mine, further=further, is_first=parts[0].is_first, next_label=_("Older"))
    open_to_them = _open_places(mine, request.user)
    for item in mine:
        item.excerpt = text.excerpt(item.body)
        item.is_open = (type(item), item.pk) in open_to_them
    return page(request, "contributions/wrote_list.html", {"pages": pages, "answers": _answers(request.user, pages)})


def _written_by(user: Any) -> Iterator[ContributionQuerySet]:
    """By name and under aliases, each apart: then each is read along its own index."""
    for model in Contribution.kinds():
        yield model.objects.in_voice(user)
        if user.persona_keys and not model.is_by_name:
            yield model.objects.under_aliases_of(user)


def _answers(user: Any, pages: KeysetPage) -> list[Item]:
    """What came to the member's aliases, read or not, as far as it is still open to them."""
    if not (user.persona_keys and pages.is_first):
        return []
    return items(Notification.objects.for_member(user).filter(recipient=None).newest_first()[:20], user)


def _open_places(mine: list[Contribution], viewer: Any) -> set[tuple[type, int]]:
    """Which of these stand where `viewer` may look; one query for each kind."""
    kinds: dict[type[Contribution], list[int]] = {}
    for item in mine:
        kinds.setdefault(type(item), []).append(item.pk)
    return {
        (model, pk)
        for model, keys in kinds.items()
        for pk in model.objects.visible_to(viewer).filter(pk__in=keys).values_list("pk", flat=True)
    }


@require_http_methods(["GET", "HEAD", "POST"])
def wrote_withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own words where their conversation is hidden or not open any more."""
    found = (rows.filter(public_id=public_id, withdrawn_at=None).first() for rows in _written_by(request.user))
    words = next(filter(None, found), None)
    if words is None:
        raise Http404
    if request.method == "POST":
        words.withdraw()
        return answer(request, reverse("wrote_list"), said=_("Taken back. Only the volunteers can still see it."))
    return page(request, "contributions/words_withdraw.html", {"words": words, "back": reverse("wrote_list")})
