"""What members brought, behind the scenes: what waits for a librarian first, then what is up, overdue or broken."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import Verb
from community.contributions.admin import ABOUT_WRITERS, ContributionAdmin, ShowForm, may_about_writer
from community.decisions.models import Act
from community.members.deciding import form_to
from community.moderation.admin import CLAIM, LET_GO, ClaimedAdmin, NoReasonForm
from community.permissions import Denied, Verdict
from community.shelves import Shelves
from community.tags.models import Tag, Tagged
from resources.addresses import key_of
from resources.models import Resource, ResourceFile
from resources.permissions import can_decide_resource, can_import_resources, can_review_resource
from resources.serving import download
from resources.showing import file_words, sheet

from .looking_after import AddressForm, CopyForm, KeepForm

LOOK_AGAIN_AFTER = timedelta(days=365)


class Shelf(Shelves):
    """What waits, unless one asks for something else."""

    title = gettext_lazy("shelf")
    parameter_name = "shelf"
    shelves = {
        "waiting": (gettext_lazy("Waiting"), lambda rows: rows.waiting()),
        "up": (gettext_lazy("In the library"), lambda rows: rows.up()),
        "overdue": (gettext_lazy("To be looked at again"), lambda rows: rows.overdue()),
        "broken": (gettext_lazy("Does not open any more"), lambda rows: rows.broken()),
        "moved": (gettext_lazy("Has moved"), lambda rows: rows.moved()),
        "left-alone": (gettext_lazy("Address is not looked at"), lambda rows: rows.left_alone()),
        "refused": (gettext_lazy("Turned down"), lambda rows: rows.filter(refused_at__isnull=False)),
        "hidden": (gettext_lazy("Hidden"), lambda rows: rows.filter(hidden_at__isnull=False)),
        "all": (gettext_lazy("Everything"), lambda rows: rows),
    }


# Lines of a resource that say nothing unless this is known of it.
_EMPTY_UNLESS = {
    "keeper": "keeper_id",
    "review_by": "review_by",
    "link": "address",
    "new_address": "moved_to",
    "archive": "archive",
    "looked_at": "looked_at",
    "look_next_at": "look_next_at",
    "edited_at": "edited_at",
}


@admin.register(Resource)
class ResourceAdmin(ClaimedAdmin, ContributionAdmin):
    """What members brought. Moderators look; librarians and owners decide."""

    list_display = ["title", "kind", "note", "by", "state", "taken", "created_at"]
    list_filter = [Shelf, "kind"]
    # As they came in: what was brought in a file keeps the day on which it was found.
    ordering = ["pk"]
    fields = [
        "title",
        "by",
        "state",
        "claimed",
        "way",
        "note",
        "words",
        "facts",
        "tag_names",
        "audience",
        "keeper",
        "review_by",
        "link",
        "new_address",
        "archive",
        "kept_file",
        "looked_at",
        "look_next_at",
        "created_at",
        "edited_at",
        "history",
    ]
    readonly_fields = fields
    verbs = [
        Verb(
            "publish",
            gettext_lazy("Put it up"),
            said=gettext_lazy("It is in the library now, and whoever brought it was thanked."),
            offered=lambda resource: resource.is_waiting,
            form=ShowForm,
        ),
        Verb(
            "refuse",
            gettext_lazy("Turn it down"),
            asks=gettext_lazy("Why? Whoever brought it reads this beside their words, and may change them and send them again."),
            said=gettext_lazy("Turned down. Whoever brought it was told why and has their words."),
            offered=lambda resource: not (resource.is_refused or resource.is_withdrawn or resource.is_hidden),
            form=form_to(Act.REFUSE),
        ),
        Verb(
            "keep",
            gettext_lazy("Say who looks after it"),
            said=gettext_lazy("Kept."),
            offered=lambda resource: resource.is_published and not resource.is_withdrawn,
            form=KeepForm,
        ),
        Verb(
            "readdress",
            gettext_lazy("Use the new address"),
            said=gettext_lazy("It leads to the new address now."),
            offered=lambda resource: bool(resource.moved_to),
            form=NoReasonForm,
        ),
        Verb(
            "correct_address",
            gettext_lazy("Correct its address"),
            said=gettext_lazy("It leads to the new address now."),
            offered=lambda resource: bool(resource.address) and not resource.is_withdrawn,
            form=AddressForm,
        ),
        Verb(
            "keep_copy",
            gettext_lazy("Say where a copy is kept"),
            said=gettext_lazy("Kept."),
            offered=lambda resource: bool(resource.address) and not resource.is_withdrawn,
            form=CopyForm,
        ),
        Verb(
            "look_again",
            gettext_lazy("Look at its address again"),
            said=gettext_lazy("Its address will be looked at within the next minutes."),
            offered=lambda resource: resource.is_published and bool(resource.address) and not resource.is_to_be_looked_at,
            form=NoReasonForm,
        ),
        Verb(
            "leave_alone",
            gettext_lazy("Don’t look at its address"),
            asks=gettext_lazy("Why? It is kept in the record of who did what."),
            said=gettext_lazy("Nobody looks at its address any more, until somebody wants it again."),
            offered=lambda resource: resource.is_published and bool(resource.address) and not resource.unchecked_at,
        ),
        *ContributionAdmin.verbs,
        CLAIM,
        LET_GO,
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_librarian or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to whole files, for those who may bring them."""
        return super().changelist_view(request, {"may_import": can_import_resources(request.user), **(extra_context or {})})

    def may_act(self, request: HttpRequest) -> bool:
        return bool(can_review_resource(request.user))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.may_act(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool | Verdict:
        if verb in ABOUT_WRITERS:
            return may_about_writer(request.user, verb, obj)
        may = super().may(request, verb, obj)
        if may and not (may := can_decide_resource(request.user, obj)):
            return may
        if may and verb.name == "readdress" and Resource.objects.holding(key_of(obj.moved_to)).exclude(pk=obj.pk).exists():
            return Denied(_("Something else in the library has this address already."))
        return may

    def initial_of(self, verb: Verb, obj: Resource) -> dict[str, Any]:
        if verb.name in ("keep_copy", "correct_address"):
            return {"archive": obj.archive, "address": obj.moved_to or obj.address}
        if verb.name != "keep":
            return super().initial_of(verb, obj)
        return {"keeper": obj.keeper_id, "review_by": obj.review_by or timezone.localdate() + LOOK_AGAIN_AFTER}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.with_claims(Resource.objects.with_place().select_related("keeper"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Without the lines that would hold nothing but a dash: whoever has ten minutes reads what there is."""
        return [name for name in self.fields if name not in _EMPTY_UNLESS or getattr(obj, _EMPTY_UNLESS[name], None)]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """What waits or was turned down has no page."""
        is_there = obj is not None and obj.is_published and not (obj.is_hidden or obj.is_withdrawn)
        return obj.get_absolute_url() if is_there else None

    @admin.display(description=gettext_lazy("state"))
    def state(self, resource: Resource) -> str:
        states = [
            (resource.is_waiting, _("waiting")),
            (resource.is_refused, _("turned down")),
            (resource.is_published, _("in the library")),
            (resource.is_hidden, _("hidden")),
            (resource.is_withdrawn, _("taken back")),
            (resource.is_published and resource.is_overdue, _("to be looked at again")),
        ]
        return ", ".join(name for holds, name in states if holds)

    @admin.display(description=gettext_lazy("the way there"))
    def way(self, resource: Resource) -> str:
        """Its address written out: whoever looks at it sees where it leads before they go there."""
        if not resource.address:
            return resource.phone or resource.isbn or "–"
        return format_html('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>', resource.address)

    @admin.display(description=gettext_lazy("what was found there"))
    def link(self, resource: Resource) -> str:
        """With what was the matter, and whether anybody looks."""
        if not resource.address:
            return "–"
        apart = _("It is not looked at any more.") if resource.unchecked_at else ""
        return " · ".join(filter(None, [str(resource.get_link_state_display()), resource.get_fault_display(), apart]))

    @admin.display(description=gettext_lazy("where it has moved"))
    def new_address(self, resource: Resource) -> str:
        if not resource.moved_to:
            return "–"
        return format_html('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>', resource.moved_to)

    @admin.display(description=gettext_lazy("file"))
    def kept_file(self, resource: Resource) -> str:
        """What would be downloaded; whoever looks at it reads it before others can."""
        file = ResourceFile.of(resource)
        if file is None:
            return "–"
        words = " · ".join(filter(None, [file.name, file_words(file), file.alt]))
        return format_html('<a href="{}" download>{}</a>', reverse("admin:resources_resource_file", args=[resource.pk]), words)

    def get_urls(self) -> list[URLPattern]:
        own = path("<path:object_id>/file/", self.admin_site.admin_view(self.file_view), name="resources_resource_file")
        return [own, *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The file of what waits, for those who look at it."""
        resource = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        file = ResourceFile.objects.filter(resource=resource).select_related("resource").first() if resource else None
        if file is None:
            raise Http404
        return download(request, file, is_public=False)

    @admin.display(description=gettext_lazy("facts"))
    def facts(self, resource: Resource) -> str:
        return ", ".join(f"{name}: {value}" for name, value in sheet(resource))

    @admin.display(description=gettext_lazy("tags"))
    def tag_names(self, resource: Resource) -> str:
        """With those that were only proposed."""
        tags = Tag.objects.by_name().filter(items__in=Tagged.objects.of(resource))
        return ", ".join(tag.name if tag.is_accepted else _("%(tag)s (proposed)") % {"tag": tag.name} for tag in tags) or "–"
