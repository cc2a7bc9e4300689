"""One's own page as a mentor, from the first word on: telling, the training, handing in, resting, going on and stopping."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community import text
from community.contributions.drafts import Draft
from community.contributions.posting import restored
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, page
from community.permissions import require
from mentorship import becoming
from mentorship.fields import HOURS
from mentorship.forms.mentors import APPLICATION, CapacityForm, CaseForm, MentorForm, ReadForm, RenewForm, StopForm, as_it_stands
from mentorship.models import Lesson, LessonDone, Mentor
from mentorship.permissions import (
    can_apply_as_mentor,
    can_change_places,
    can_renew_mentor,
    can_send_application,
    can_stop_mentoring,
)


def find(request: HttpRequest) -> Mentor:
    """Oneself as a mentor, or as somebody who would like to be one."""
    return get_object_or_404(Mentor.objects.select_related("user"), pk=request.user.pk)


# Where it stands -----------------------------------------------------------------------------


@require_safe
def mentor_apply(request: HttpRequest) -> HttpResponse:
    """What a mentor is here; for whoever began, where it stands."""
    mentor = Mentor.objects.select_related("user").filter(pk=request.user.pk).first()
    if mentor is None:
        context = {"lessons": list(Lesson.objects.in_use()), "may_apply": can_apply_as_mentor(request.user)}
        has_draft = bool(Draft.among(request.user, [APPLICATION]))
        return page(request, "mentorship/mentor_begin.html", context | {"has_draft": has_draft})
    if not is_prefetch(request):
        Notification.objects.read_in_thread(request.user, mentor.public_id)
    return _own_page(request, mentor)


def _own_page(request: HttpRequest, mentor: Mentor, form: CapacityForm | None = None) -> HttpResponse:
    context = {
        "mentor": mentor,
        "steps": becoming.steps(mentor),
        "has_told": bool(mentor.story and mentor.hours and mentor.languages),
        "may_send": can_send_application(request.user, mentor),
        "may_renew": can_renew_mentor(request.user, mentor),
        "form": form or CapacityForm(initial={"capacity": mentor.capacity}),
        "questions": list(mentor.matches.open().with_people().newest_first()),
        "rooms": list(mentor.matches.active().with_people().newest_first()),
        "is_every_hour": mentor.hours.bit_count() == HOURS,
    }
    return page(request, "mentorship/mentor_apply.html", context)


# Telling, and the training ---------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: HttpRequest) -> HttpResponse:
    require(can_apply_as_mentor(request.user))
    mentor = Mentor.objects.filter(pk=request.user.pk).first()
    if request.method != "POST":
        context = restored(MentorForm, request.user, now=as_it_stands(mentor) if mentor else None, mentor=mentor)
    else:
        form = MentorForm(request.POST, user=request.user, mentor=mentor)
        if form.is_valid():
            becoming.tell(request.user, **form.told)
            Draft.drop(request.user, form.place)
            return answer(request, reverse("mentor_apply"), said=_("Kept."))
        context = {"form": form}
    return page(request, "mentorship/application_edit.html", context | {"mentor": mentor})


@require_http_methods(["GET", "HEAD", "POST"])
def lesson_take(request: HttpRequest, pk: int) -> HttpResponse:
    """A step of the training: read and agree, or answer a case."""
    mentor, lesson = find(request), get_object_or_404(Lesson.objects.in_use(), pk=pk)
    require(can_apply_as_mentor(request.user))
    done = LessonDone.objects.filter(mentor=mentor, lesson=lesson).first()
    context = _case(request, lesson, done) if lesson.is_case else {"form": ReadForm(_sent(request))}
    form = context["form"]
    if request.method == "POST" and form.is_valid():
        becoming.take(mentor, lesson, form.cleaned_data.get("body", ""))
        if lesson.is_case:
            Draft.drop(request.user, form.place)
        return answer(request, _next(mentor), said=_("Thank you. That step is done."))
    context |= {"lesson": lesson, "words": text.render(lesson.body), "done": done, "steps": becoming.steps(mentor)}
    return page(request, "mentorship/lesson_take.html", context)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _case(request: HttpRequest, lesson: Lesson, done: LessonDone | None) -> dict[str, Any]:
    if request.method == "POST":
        return {"form": CaseForm(request.POST, user=request.user, lesson=lesson)}
    return restored(CaseForm, request.user, now={"body": done.words} if done else None, lesson=lesson)


def _next(mentor: Mentor) -> str:
    """The next step that is to be taken, or where it stands."""
    left = [step.lesson for step in becoming.steps(mentor) if step.done is None]
    return reverse("lesson_take", args=[left[0].pk]) if left else reverse("mentor_apply")


@require_POST
def application_send(request: HttpRequest) -> HttpResponse:
    mentor = find(request)
    if mentor.is_waiting:
        return redirect("mentor_apply")
    require(can_send_application(request.user, mentor))
    mentor.apply()
    return answer(request, reverse("mentor_apply"), said=_("Handed in. A coordinator reads it, and you hear either way."))


# Being one -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def mentor_renew(request: HttpRequest) -> HttpResponse:
    """Agree to everything again, and ask to go on."""
    mentor = find(request)
    if mentor.renewal_asked_at and request.method != "POST":
        return redirect("mentor_apply")
    require(can_renew_mentor(request.user, mentor))
    form = RenewForm(_sent(request), steps=becoming.steps(mentor))
    if request.method == "POST" and form.is_valid():
        becoming.agree_again(mentor)
        return answer(request, reverse("mentor_apply"), said=_("Thank you. A coordinator looks at it, and you hear either way."))
    lessons = [(lesson, text.render(lesson.body), field) for lesson, field in form.lessons]
    return page(request, "mentorship/mentor_renew.html", {"mentor": mentor, "form": form, "lessons": lessons})


@require_POST
def mentor_rest(request: HttpRequest) -> HttpResponse:
    mentor = find(request)
    require(can_change_places(request.user, mentor))
    mentor.pause()
    return answer(request, reverse("mentor_apply"), said=_("Rest well. Nobody new is brought to you, and nobody is told why."))


@require_POST
def mentor_resume(request: HttpRequest) -> HttpResponse:
    mentor = find(request)
    require(can_change_places(request.user, mentor))
    mentor.resume()
    return answer(request, reverse("mentor_apply"), said=_("Good that you are back. You can be found again."))


@require_http_methods(["GET", "HEAD", "POST"])
def places_edit(request: HttpRequest) -> HttpResponse:
    mentor = find(request)
    require(can_change_places(request.user, mentor))
    if request.method != "POST":
        return redirect("mentor_apply")
    form = CapacityForm(request.POST)
    if not form.is_valid():
        return _own_page(request, mentor, form)
    mentor.set_capacity(form.cleaned_data["capacity"])
    return answer(request, reverse("mentor_apply"), said=_("Changed. Whoever you guide now keeps their place with you."))


@require_http_methods(["GET", "HEAD", "POST"])
def mentor_stop(request: HttpRequest) -> HttpResponse:
    """Be no mentor any more."""
    mentor = find(request)
    if mentor.has_stopped:
        return redirect("mentor_apply")
    require(can_stop_mentoring(request.user, mentor))
    rooms = list(mentor.matches.active().with_people().newest_first())
    form = StopForm(_sent(request), has_pairs=bool(rooms))
    if request.method == "POST" and form.is_valid():
        mentor.stand_down(with_pairs=form.with_pairs)
        return answer(request, reverse("mentor_apply"), said=_("That is done. Thank you for being here for others."))
    context = {"mentor": mentor, "form": form, "rooms": rooms, "has_questions": mentor.matches.open().exists()}
    return page(request, "mentorship/mentor_stop.html", context)
