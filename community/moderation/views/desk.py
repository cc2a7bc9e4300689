"""Sitting at the desk: one thing after the other, without leaving the queue."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.admin import ReasonForm
from community.audit import models as audit
from community.moderation import measuring
from community.moderation.desk_forms import AwayForm, DutyForm, HandOverForm
from community.moderation.desk_list import attend, marks, offers
from community.moderation.desk_page import Does, Opened, WaitsNoMore
from community.moderation.models import Claim, Duty, HandOver
from community.moderation.queue import Queue
from community.moderation.sources import Item
from community.notifications import models as news
from community.permissions import Denied, require

# The notes of the last shifts that can be read again.
NOTES = 50


# One thing after the other --------------------------------------------------------------


def desk_item(request: HttpRequest, item: str) -> HttpResponse:
    """One thing that waits, with what one needs to decide about it. Opening it takes nothing."""
    opened = Opened(request, item)
    if opened.item is None:
        return _waits_no_more(request)
    opened.check()
    opened.looked()
    does = offers(opened.item, opened.does)
    context: dict[str, Any] = {"around": opened.around(), "before": opened.before(), "does": does}
    context |= {"pictures": opened.pictures(), "shows_pictures": "pictures" in request.GET}
    return _page(request, "admin/desk_item.html", _shown(opened) | context)


def desk_act(request: HttpRequest, item: str, verb: str) -> HttpResponse:
    """Decide: the words, a form with the reason, and then on to the next thing."""
    is_sent = request.method == "POST"
    opened = Opened(request, item, to_act=is_sent, goes_on=is_sent and not ("stop" in request.POST or "unsettled" in request.POST))
    if opened.item is None:
        return _waits_no_more(request)
    opened.check()
    try:
        does = opened.verb(verb)
    except WaitsNoMore:
        return _waits_no_more(request)
    form = does.page.form_of(request, does.verb, does.thing)
    if is_sent and form.is_valid():
        return _after(request, opened, does) if _did(request, opened, does, form) else _waits_no_more(request)
    if is_sent:
        # While they put it right nobody else decides.
        _take(opened)
    _begin(form, rule=getattr(opened.thing, "rule", ""))
    opened.looked()
    return _page(request, "admin/desk_act.html", _shown(opened) | {"verb": does.verb, "form": form, "settles": does.settles})


@require_POST
def desk_claim(request: HttpRequest, item: str) -> HttpResponse:
    """Take it: for a while nobody else does the same."""
    opened = Opened(request, item)
    if opened.item is None:
        return _waits_no_more(request)
    opened.check()
    _take(opened)
    return redirect("desk_item", item)


@require_POST
def desk_claim_delete(request: HttpRequest, item: str) -> HttpResponse:
    """Leave it to others."""
    if (found := Queue(request.user).find(item)) is not None:
        Claim.drop(found.thing, by=request.user)
        messages.success(request, _("Others can take it now."))
    return redirect("admin:index")


@require_POST
def desk_next(request: HttpRequest) -> HttpResponse:
    """Take what is wanted first, and open it; what one had open is left to others."""
    queue = Queue(request.user)
    return _go_on(request, queue, leaving=queue.find(request.POST.get("leave", "")))


def _take(opened: Opened) -> None:
    """Hold it for whoever looks. Raises PermissionDenied where somebody else does."""
    require(opened.queue.take(opened.found()) or Denied(_("Somebody else was quicker, and looks at this now.")))


def _begin(form: ReasonForm, *, rule: str) -> None:
    """With the rule that whoever told us may have named, and where one begins to write."""
    form.initial.setdefault("rule", rule)
    for field in list(form.fields.values())[:1]:
        field.widget.attrs["autofocus"] = True


def _did(request: HttpRequest, opened: Opened, does: Does, form: ReasonForm) -> bool:
    """Do it, and unless more is to be done, settle what was waiting. False where it does not wait any more."""
    settling = _("A volunteer has looked at it and did something about it. Thank you for telling us.")
    with audit.together(), news.together():
        return opened.act(does, form, settling="" if "unsettled" in request.POST else settling)


def _after(request: HttpRequest, opened: Opened, does: Does) -> HttpResponse:
    """What follows a decision: on to the next thing, or back to the list."""
    item, queue = opened.found(), opened.queue
    attend(request, queue)
    if item.is_severe and queue.settings.debrief:
        messages.info(request, queue.settings.debrief)
    if "unsettled" in request.POST and does.settles and "stop" not in request.POST:
        # It stays theirs until they are done.
        queue.take(item)
        return redirect("desk_item", item.key)
    queue.took(item)
    if "stop" in request.POST:
        Claim.drop(item.thing, by=request.user)
        return redirect("admin:index")
    return _go_on(request, queue, leaving=item, after_severe=item.is_severe)


def _go_on(request: HttpRequest, queue: Queue, *, leaving: Item | None, after_severe: bool = False) -> HttpResponse:
    if queue.duty.is_away:
        if leaving:
            Claim.drop(leaving.thing, by=request.user)
        messages.info(request, _("You stepped away, so nothing is brought to you. Say that you are back when you are."))
        return redirect("admin:index")
    found = queue.take_next(leaving=leaving, after_severe=after_severe)
    if found is None:
        messages.success(request, _("Nothing else is there for you to take. Thank you."))
        return redirect("admin:index")
    return redirect("desk_item", found.key)


def _waits_no_more(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("This does not wait for you any more: somebody has looked at it, or other things come first."))
    return redirect("admin:index")


def _shown(opened: Opened) -> dict[str, Any]:
    item = opened.found()
    return {
        "title": item.source.name,
        "item": item,
        "marks": marks(item),
        "told": opened.told(),
        "words": opened.words(),
        "upto": opened.newest,
        "address": opened.address,
        "voice_url": opened.voice_url,
        "is_mine": item.claimed_by == opened.user.pk,
    }


# Oneself, and the next shift --------------------------------------------------------------


def desk_duty(request: HttpRequest) -> HttpResponse:
    """What they leave to others, and how much they take. Nobody else sees it."""
    duty = Duty.of(request.user)
    form = DutyForm(request.POST if request.method == "POST" else None, duty=duty)
    if request.method == "POST" and form.is_valid():
        duty.take(**form.values())
        messages.success(request, _("Kept. Nobody else sees it."))
        return redirect("admin:index")
    return _page(request, "admin/desk_duty.html", {"title": _("What you take"), "form": form, "duty": duty, "away": AwayForm()})


@require_POST
def desk_away(request: HttpRequest) -> HttpResponse:
    """Step away: nothing is brought to them, and what they had taken is for others."""
    form = AwayForm(request.POST)
    if form.is_valid():
        Duty.of(request.user).step_away(form.until())
        messages.success(request, _("Others look after it. What you had taken is theirs to take."))
        return redirect("admin:index")
    messages.error(request, _("Choose for how long."))
    return redirect("desk_duty")


@require_POST
def desk_away_delete(request: HttpRequest) -> HttpResponse:
    """Be back."""
    Duty.of(request.user).come_back()
    messages.success(request, _("Welcome back."))
    return redirect("admin:index")


def desk_notes(request: HttpRequest) -> HttpResponse:
    """What one shift tells the next."""
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        HandOver.objects.create(by=request.user, words=form.cleaned_data["words"])
        messages.success(request, _("Whoever comes next reads it above the list."))
        return redirect("admin:index")
    notes = HandOver.objects.select_related("by")[:NOTES]
    return _page(request, "admin/desk_notes.html", {"title": _("From one shift to the next"), "form": form, "notes": notes})


@require_safe
def desk_figures(request: HttpRequest) -> HttpResponse:
    """How this place is doing, for everybody who looks after it."""
    context = {"title": _("How this place is doing"), "measured": measuring.measured(request.user), "few": measuring.FEW}
    return _page(request, "admin/desk_figures.html", context | {"days": measuring.DAYS})


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context)
