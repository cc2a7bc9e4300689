"""Many words at once: chosen in a list, with one reason for all of them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ModelAdmin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.admin import ReasonForm
from community.contributions.many import ManyWords, Sorted
from community.decisions.models import Act
from community.members.deciding import form_to

from .light import LightList

_WHY = gettext_lazy("Why? Each of those who wrote them will read this.")
FORMS: dict[str, type[ReasonForm]] = {"hide": form_to(Act.HIDE), "restore": ReasonForm}
TITLES = {"hide": gettext_lazy("Hide these"), "restore": gettext_lazy("Show these again")}


class ManyAdmin(ModelAdmin):
    """A page asks for the reason and says what will happen to how many; nothing else is done to many at once."""

    actions = ["hide_many", "restore_many"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LightList]:
        return LightList

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """May this person decide about such words at all?"""
        raise NotImplementedError

    @admin.action(description=gettext_lazy("Hide"), permissions=["decide"])
    def hide_many(self, request: HttpRequest, queryset: ManyWords) -> HttpResponse | None:
        return self._ask("hide", request, queryset)

    @admin.action(description=gettext_lazy("Show again"), permissions=["decide"])
    def restore_many(self, request: HttpRequest, queryset: ManyWords) -> HttpResponse | None:
        return self._ask("restore", request, queryset)

    def _ask(self, act: str, request: HttpRequest, queryset: ManyWords) -> HttpResponse | None:
        """Ask why, then do it; once more where more came in meanwhile than somebody agreed to."""
        is_answer = request.POST.get("answer") == act
        upto, seen = _number(request, "upto"), _number(request, "seen")
        if is_answer and upto is not None:
            queryset = queryset.filter(pk__lte=upto)
        form = FORMS[act](request.POST if is_answer else None)
        found = queryset.sort(act, by=request.user)
        if is_answer and found.ready > (seen if seen is not None else -1):
            form.add_error(None, _("There are more of them by now. Look at the numbers again."))
        if not found.ready:
            messages.info(request, " ".join([_("There is nothing to do."), *_left(found)]))
            return None
        if is_answer and form.is_valid():
            done = getattr(queryset, f"{act}_all")(by=request.user, **form.cleaned_data)
            messages.success(request, _said(act, done))
            for line in _left(found):
                messages.info(request, line)
            return None
        if upto is None:
            upto = queryset.aggregate(last=Max("pk"))["last"]
        context = self.admin_site.each_context(request) | {
            "title": TITLES[act],
            "act": act,
            "asks": _WHY,
            "form": form,
            "found": found,
            "left": _left(found),
            "upto": upto,
            "opts": self.opts,
            "media": self.media,
            "across": request.POST.get("select_across", "0"),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/many.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _said(act: str, number: int) -> str:
    if act == "hide":
        words = ngettext(
            "Hidden: %(number)s. Whoever wrote it was told why.", "Hidden: %(number)s. Whoever wrote them was told why.", number
        )
    else:
        words = ngettext("Shown again: %(number)s.", "Shown again: %(number)s.", number)
    return words % {"number": number}


def _left(found: Sorted) -> list[str]:
    """What is left as it is, and why."""
    lines: list[tuple[int, Any]] = [
        (found.so_already, _("Left, because that is so already, or they were taken back: %(number)s.")),
        (found.own, _("Left, because they are your own words or an owner’s, and somebody else decides: %(number)s.")),
        (found.held, _("Left, because somebody else works on them just now: %(number)s.")),
        (found.singly, _("Left, because they were removed or never seen; look at each of them by itself: %(number)s.")),
    ]
    return [line % {"number": number} for number, line in lines if number]
