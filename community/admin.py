"""The base of every page behind the scenes; `door.py` is the way in.

`HearthModelAdmin` is the only class that the door accepts: it writes to the audit instead of Django's own log (which keeps
titles), never deletes unless told so, lets nobody guess hidden columns by look-ups, and offers verbs that ask for a reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.audit.models import record
from community.permissions import Denied, Verdict, require
from community.text import BodyField
from community.times import day_and_clock

SHORTEST_REASON = 10

_WHY = gettext_lazy("Why? The person concerned will read this.")
_DONE = gettext_lazy("Done.")
# What a verb asks that nobody is told of.
FOR_THE_RECORD = gettext_lazy("Why? It is kept in the record of who did what.")


class ReasonForm(forms.Form):
    reason = BodyField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Write a reason first, in a sentence.")},
    )
    use_required_attribute = False

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if len(reason) < SHORTEST_REASON:
            raise forms.ValidationError(_("A few more words, please, so that it can be understood later."))
        return reason


class Titled:
    """For a filter of the admin: its title says what the choice is about, not how the column is called."""

    titled: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.titled


@dataclass(frozen=True)
class Verb:
    """Something staff can do to one object, with a reason: calls the object's method `name(by=…, reason=…)`.

    A `form` that asks for more hands that over as well.
    `offered` says for which objects it makes sense; who may do it is the model admin's `may`.
    """

    name: str
    label: str | Promise
    asks: str | Promise = _WHY
    said: str | Promise = _DONE
    offered: Callable[[Any], bool] = lambda obj: True
    form: type[ReasonForm] = ReasonForm


def shown(field: str, label: str | Promise) -> Callable[[Any, Any], Any]:
    """A line of an admin page, or a column: a field under a name of ours."""

    @admin.display(description=label, ordering=field)
    def line(_page: Any, obj: Any) -> Any:
        value = getattr(obj, field)
        return day_and_clock(value) if isinstance(value, datetime) else value or "–"

    return line


class BoundedPaginator(Paginator):
    """Numbered pages over the first 2,000 rows: a list that grows costs no more on its way; what lies further is searched for."""

    MOST = 2_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[: self.MOST].count()


class ManyForm(ActionForm):
    """What is done to those that were chosen in a list."""

    action = forms.ChoiceField(label=gettext_lazy("With those you choose:"))


class HearthModelAdmin(admin.ModelAdmin):
    """Base of every model's pages. Subclasses set `verbs`, `can_add`, `can_change` and `can_delete`."""

    verbs: Sequence[Verb] = ()
    can_add = True
    can_change = True
    can_delete = False
    paginator = BoundedPaginator
    action_form = ManyForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # The parts of a look-up that filters use; a transform such as `__startswith` could spell out what is not shown.
    plain_lookups = frozenset({"id", "pk", "exact", "in", "isnull", "isempty", "gt", "gte", "lt", "lte", "year", "month", "day"})

    # What may be done

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see or act on it may see it, also where nothing can be changed by hand."""
        return super().has_view_permission(request, obj) or super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and super().has_delete_permission(request, obj)

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool | Verdict:
        """May this person do it to `obj`? A Denied is shown with its reason; to a plain no there is no such verb."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def initial_of(self, verb: Verb, obj: Any) -> dict[str, Any]:
        """What stands in the form of a verb that asks for more than a reason."""
        return {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the page's own filters ask for: a look-up on a hidden column would tell what is in it."""
        filters: Iterable[Any] = self.get_list_filter(request) if request is not None else self.list_filter
        names = {self.date_hierarchy} if self.date_hierarchy else set()
        for item in filters:
            name = item[0] if isinstance(item, list | tuple) else getattr(item, "parameter_name", item)
            names.add(str(name))
        return any(
            lookup == name
            or (lookup.startswith(f"{name}__") and self.plain_lookups.issuperset(lookup[len(name) + 2 :].split("__")))
            for name in names
        )

    # What is written down

    def action(self, past: str) -> str:
        return f"{self.opts.app_label}.{self.opts.model_name}_{past}"

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        record(self.action("added"), by=request.user, target=obj)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Which fields were changed, never what was in them."""
        fields = [str(name) for part in message for what in part.values() for name in what.get("fields", [what.get("name", "")])]
        record(self.action("changed"), by=request.user, target=obj, reason=", ".join(fields))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset:
            record(self.action("deleted"), by=request.user, target=obj)

    # Addresses and pages

    def get_urls(self) -> list[URLPattern]:
        """With the verbs, and without the history page, whose log is not kept."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_verb"
        own = [path("<path:object_id>/do/<slug:verb>/", self.admin_site.admin_view(self.verb_view), name=name)]
        return own + [entry for entry in super().get_urls() if not str(entry.name).endswith("_history")]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj is not None and hasattr(obj, "get_absolute_url") else None

    def looked(self, request: HttpRequest, obj: Any) -> None:
        """What follows that somebody reads `obj` here, if a subclass has something to do."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the name of what it lists."""
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural)} | (extra_context or {}))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Under the name of what it is, with the verbs above it and one way to save below."""
        obj = kwargs.get("obj")
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if obj is not None:
            context["title"] = capfirst(self.opts.verbose_name)
            if str(obj) == self.opts.verbose_name:
                context["subtitle"] = None
            self.looked(request, obj)
        offered = [verb for verb in self.verbs if obj is not None and verb.offered(obj)]
        asked = [(verb, self.may(request, verb, obj)) for verb in offered]
        context["verbs"] = [
            {"label": verb.label, "url": self._verb_url(obj, verb) if verdict else "", "verdict": verdict}
            for verb, verdict in asked
            if verdict or isinstance(verdict, Denied)
        ]
        return super().render_change_form(request, context, **kwargs)

    def _verb_url(self, obj: Any, verb: Verb) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_verb", args=[obj.pk, verb.name])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """An empty `_to_field` in the address names no field."""
        return super().get_object(request, object_id, from_field or None)

    def verb_of(self, request: HttpRequest, obj: Any, name: str) -> Verb:
        """The verb of this name. Raises Http404 where there is none, PermissionDenied for whoever may not."""
        chosen = next((known for known in self.verbs if known.name == name), None)
        if obj is None or chosen is None or not self.has_view_permission(request, obj):
            raise Http404
        verdict = self.may(request, chosen, obj)
        if verdict is False:
            verdict = Denied(_("Your role does not include this."))
        require(verdict)
        return chosen

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Keys that are none choose nothing."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if all(key.isascii() and key.isdecimal() and len(key) < 19 for key in chosen):
            return super().response_action(request, queryset)
        messages.warning(request, _("Choose from the list what you mean."))
        return None

    def form_of(self, request: HttpRequest, verb: Verb, obj: Any) -> ReasonForm:
        return verb.form(request.POST if request.method == "POST" else None, initial=self.initial_of(verb, obj))

    def act(self, request: HttpRequest, verb: Verb, obj: Any, form: ReasonForm) -> None:
        """Do it, once the form is valid."""
        getattr(obj, verb.name)(by=request.user, **form.cleaned_data)
        self.done(request, verb, obj)
        messages.success(request, verb.said)

    def verb_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Ask for a reason, then do it."""
        obj = self.get_object(request, unquote(object_id))
        chosen = self.verb_of(request, obj, verb)
        if not chosen.offered(obj):
            messages.info(request, _("That is so already."))
            return self._back_to(obj)
        self.opened(request, chosen, obj)
        form = self.form_of(request, chosen, obj)
        if request.method == "POST" and form.is_valid():
            self.act(request, chosen, obj, form)
            return self._back_to(obj)
        context = self.admin_site.each_context(request) | {
            "title": chosen.label,
            "verb": chosen,
            "form": form,
            "original": obj,
            "opts": self.opts,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/verb.html", context)

    def _back_to(self, obj: Any) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    def opened(self, request: HttpRequest, verb: Verb, obj: Any) -> None:
        """What comes before a verb is asked about, if a subclass has something to do."""

    def done(self, request: HttpRequest, verb: Verb, obj: Any) -> None:
        """What follows a verb, if a subclass has something to do."""
