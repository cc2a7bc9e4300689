"""Changes of words that others see already, to look at before others see them, too."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import HearthModelAdmin, Verb
from community.contributions.models import Change, Contribution
from community.decisions.models import Act
from community.members.deciding import form_to
from community.permissions import Verdict

from .seen import SeenAdmin, ShowForm
from .words import REDACT


@admin.register(Change)
class ChangeAdmin(SeenAdmin):
    """Oldest first, with what stands there and what would. Whoever may decide about the words may decide about their change."""

    can_add = can_change = False
    list_display = ["kind", "state", "asked_at"]
    list_select_related = ["target_type"]
    fields = readonly_fields = ["kind", "by", "state", "asked_at", "words_changed"]
    ordering = ["asked_at", "pk"]
    verbs = [
        Verb(
            "show",
            gettext_lazy("Let others see the change"),
            said=gettext_lazy("Others see it now, and whoever wrote it was told."),
            offered=lambda change: not change.is_sent_back,
            form=ShowForm,
        ),
        Verb(
            "send_back",
            gettext_lazy("Ask for another change"),
            asks=gettext_lazy("What would have to be different? Whoever wrote it reads this beside their words."),
            said=gettext_lazy("It is with whoever wrote it. What others see stays as it was."),
            offered=lambda change: not change.is_sent_back,
            form=form_to(Act.CHANGE),
        ),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_librarian or request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Change) -> bool | Verdict:
        return self._page(obj.target).may(request, REDACT, obj.target)

    def _page(self, words: Any) -> HearthModelAdmin:
        return self.admin_site._registry[type(words)]  # type: ignore[return-value]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Of what they may look at, and only where its audience lets them in."""
        found = Q(pk__in=[])
        for model, kind in ContentType.objects.get_for_models(*Contribution.kinds()).items():
            page = self.admin_site._registry.get(model)
            # Whoever opens a page for its tags alone reads no words there, and none here.
            if page is not None and page.has_view_permission(request) and "words" in page.get_fields(request):
                rows = page.get_queryset(request).order_by()
                found |= Q(target_type=kind, target_id__in=rows.values("pk"))
        return super().get_queryset(request).filter(found)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return self._page(obj.target).get_view_on_site_url(obj.target) if obj is not None else None

    def _back_to(self, obj: Any) -> HttpResponse:
        return redirect("admin:contributions_change_changelist")

    @admin.display(description=gettext_lazy("about"))
    def kind(self, change: Change) -> str:
        return change.target_type.name

    @admin.display(description=gettext_lazy("by"))
    def by(self, change: Change) -> str:
        voice = change.voice
        return _("%(alias)s, anonymous") % {"alias": voice.name} if voice.is_persona else voice.name

    @admin.display(description=gettext_lazy("state"))
    def state(self, change: Change) -> str:
        return _("with its author, for a change") if change.is_sent_back else _("waits to be looked at")

    @admin.display(description=gettext_lazy("what would be different"))
    def words_changed(self, change: Change) -> str:
        """What goes is struck out and what comes is underlined; folded where there is a note, since volunteers choose, too."""
        words: Any = change.target
        compared = ((_compared(getattr(words, name), said),) for name, said in change.words.items())
        changed = format_html_join("", "<p>{}</p>", compared)
        if not words.note:
            return changed
        note = _("Content note: %(note)s.") % {"note": words.note}
        return format_html("<details><summary>{} <b>{}</b></summary>{}</details>", note, _("Read it"), changed)


def _compared(before: str, after: str) -> SafeString:
    return format_html_join(" ", "{}", ((part,) for part in _parts(before.split(), after.split())))


def _parts(before: list[str], after: list[str]) -> Iterator[SafeString | str]:
    for what, begin, end, start, stop in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            yield " ".join(before[begin:end])
            continue
        if end > begin:
            yield format_html("<del>{}</del>", " ".join(before[begin:end]))
        if stop > start:
            yield format_html("<ins>{}</ins>", " ".join(after[start:stop]))
