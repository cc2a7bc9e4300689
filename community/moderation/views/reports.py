"""Telling the volunteers about something, and what became of it. Guests can, too: their pages are of their own, with a token."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.contributions.models import Submission
from community.contributions.posting import post_once, restored
from community.members.models import User
from community.moderation import reporting
from community.moderation.forms import AppealForm, ReportForm
from community.moderation.models import Appeal, DeskSettings, Report
from community.moderation.models.reports import is_somebody_here
from community.moderation.permissions import can_appeal_report, can_report
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, keyset, page
from community.permissions import require


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def report_create(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    if (model := reporting.kinds().get(kind)) is None:
        raise Http404
    return report(request, get_object_or_404(model.reportable_by(request.user), public_id=public_id))


@require_http_methods(["GET", "HEAD", "POST"])
def member_report(request: HttpRequest, handle: str) -> HttpResponse:
    return report(request, get_object_or_404(User.objects.with_handle(handle, viewer=request.user).select_related("profile")))


def report(request: HttpRequest, target: Any) -> HttpResponse:
    """Ask what is the matter with something that this member, or guest, can see."""
    require(can_report(request.user, target))
    form = ReportForm(request.POST if request.method == "POST" else None, user=request.user, target=target)
    lead = getattr(target, "reported_with", "moderation/_who_reads.html")
    context: dict[str, Any] = {"target": target, "back": reporting.place_of(target), "lead": lead}
    if request.method == "POST":
        if form.is_valid() and (made := _tell(request, form)):
            return answer(request, Report(public_id=made).get_absolute_url())
        context["form"] = form
    elif told := form.open_one():
        return redirect(told)
    else:
        context |= _fresh(request, target)
    return page(request, "moderation/report_create.html", context | _promise())


def _fresh(request: HttpRequest, target: Any) -> dict[str, Any]:
    """The form with what a member left in it, or with what the way here says is the matter."""
    asked = {"reason": wanted} if (wanted := request.GET.get("reason")) in dict(reporting.reasons_for(target)) else {}
    if request.user.is_authenticated:
        return restored(ReportForm, request.user, asked=asked, target=target)
    return {"form": ReportForm(user=request.user, target=target, initial=asked)}


def _tell(request: HttpRequest, form: ReportForm) -> UUID | None:
    if not reporting.may_tell_more(request):
        form.add_error(
            None,
            _("That was a lot in a short time. Wait a few minutes and send it again. If somebody is in danger, get help now."),
        )
        return None
    told: list[Report] = []
    made = post_once(request, form, lambda public_id: told.append(form.tell(public_id)))
    for report in told:
        if report.public_id != made:
            # Somebody pressed twice at once.
            Submission.lead_to(form.cleaned_data["key"], report.public_id)
            return report.public_id
    return made


def _promise() -> dict[str, Any]:
    """How soon somebody looks, said honestly."""
    desk = DeskSettings.current()
    return {"desk": desk, "is_somebody_here": is_somebody_here(desk)}


@require_safe
@login_not_required
def report_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The receipt: what became of it. Who has its address may see it, if nobody made the report by an account."""
    report = find(request, public_id)
    if report.voice is not None and not is_prefetch(request):
        Notification.objects.read_in_thread(report.voice, report.public_id)
    return _receipt(request, report, AppealForm())


@require_http_methods(["POST"])
@login_not_required
def report_appeal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask that somebody else looks at it."""
    report = find(request, public_id)
    require(can_appeal_report(request.user, report))
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _receipt(request, report, form)
    Appeal.ask(report, words=form.cleaned_data["body"])
    return answer(request, report.get_absolute_url(), said=_("Thank you. Somebody else will look at it."))


def find(request: HttpRequest, public_id: UUID) -> Report:
    rows = Report.objects.with_receipt_for(request.user).select_related("target_type", "reporter", "reporter_persona")
    return get_object_or_404(rows, public_id=public_id)


def _receipt(request: HttpRequest, report: Report, form: AppealForm) -> HttpResponse:
    reporting.titled([report], request.user)
    context = {"report": report, "form": form, "appeal": Appeal.objects.filter(report=report).first()}
    context["may_appeal"] = can_appeal_report(request.user, report)
    return page(request, "moderation/report_detail.html", context | _promise())


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """What one told oneself."""
    rows = Report.objects.visible_to(request.user).select_related("target_type")
    pages = keyset(request, rows, by="created_at")
    reporting.titled(pages.items, request.user)
    return page(request, "moderation/report_list.html", {"pages": pages})
