"""What volunteers know of a member, or of whoever speaks under an alias: what was decided, and what they tell each other."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import shown
from community.decisions.models import Decision
from community.identity.models import Persona
from community.members.admin import MemberAdmin
from community.members.models import User
from community.moderation.models import MemberNote
from community.moderation.permissions import can_ask_unmasking, can_note_voice
from community.moderation.voices import VoiceField
from community.text import BodyField
from community.times import day

from .once import WrittenOnceAdmin

# So many of what was decided, and of what was noted, stand on one page.
MOST = 50


def decisions_on(voice: Any) -> str:
    """What was decided about a voice, newest first: about a member only what was decided under their name."""
    rows = Decision.objects.filter(persona=voice) if voice.is_persona else Decision.objects.filter(member=voice)
    lines = ((day(each.at), each.what, _reversed(each), each.reason) for each in rows.newest_first()[:MOST])
    return format_html_join("", "<p><b>{}</b> {}{}<br>{}</p>", lines) or _("Nothing.")


def _reversed(decision: Decision) -> str:
    return f" · {_('turned around')}" if decision.is_reversed else ""


def notes_on(voice: Any) -> str:
    """What volunteers noted about a voice, newest first."""
    rows = MemberNote.objects.on(voice).select_related("by")[:MOST]
    lines = ((day(note.at), note.by.username, note.words) for note in rows)
    return format_html_join("", "<p><b>{}</b> {}<br>{}</p>", lines) or _("Nothing.")


def note_url(named: Any) -> str:
    return f"{reverse('admin:moderation_membernote_add')}?{urlencode({'about': named})}"


class MemberNoteForm(ModelForm):
    user: Any = None

    about = VoiceField(
        label=gettext_lazy("About"),
        help_text=gettext_lazy("A name, or the address of something that was said under an alias."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    words = BodyField(
        label=gettext_lazy("Words"),
        max_length=1000,
        help_text=gettext_lazy(
            "For other volunteers: what they should know to be fair. What you would not say to somebody’s face has no place here."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
    )

    class Meta:
        model = MemberNote
        fields = ("words",)

    def clean_about(self) -> Any:
        voice = self.cleaned_data["about"]
        if not (verdict := can_note_voice(self.user, voice)):
            raise forms.ValidationError(str(verdict))
        self.instance.member, self.instance.persona = (None, voice) if voice.is_persona else (voice, None)
        return voice


@admin.register(MemberNote)
class MemberNoteAdmin(WrittenOnceAdmin):
    """Written once and kept; nobody reads those about themselves here."""

    asks_for = "about"
    form = MemberNoteForm
    list_display = ["about", "beginning", "written_by", "when"]
    list_display_links = ["about", "beginning"]
    ordering = ["-at", "-pk"]
    when = shown("at", gettext_lazy("when"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).not_about(request.user).select_related("member", "persona", "by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["about", "words"] if obj is None else ["about", "words", "written_by", "when"]

    def save_model(self, request: HttpRequest, obj: MemberNote, form: Any, change: bool) -> None:
        obj.by = request.user
        obj.save()

    def get_urls(self) -> list[URLPattern]:
        page = path("alias/<uuid:alias>/", self.admin_site.admin_view(self.alias_page), name="moderation_membernote_alias")
        return [page, *super().get_urls()]

    def alias_page(self, request: HttpRequest, alias: UUID) -> HttpResponse:
        """Whoever speaks under an alias, as far as anybody knows: what was decided, what was noted, and what can be done."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        persona = get_object_or_404(Persona.objects.exclude(pk__in=request.user.persona_keys), public_id=alias)
        context = self.admin_site.each_context(request) | {
            "title": persona.told_name,
            "decisions": decisions_on(persona),
            "notes": notes_on(persona),
            "note_url": note_url(persona.public_id),
            "ask_url": f"{reverse('admin:moderation_unmasking_add')}?{urlencode({'alias': persona.public_id})}",
            "may_ask": can_ask_unmasking(request.user, persona),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/moderation/alias.html", context)

    @admin.display(description=gettext_lazy("about"))
    def about(self, note: MemberNote) -> str:
        return note.voice.told_name

    @admin.display(description=gettext_lazy("words"))
    def beginning(self, note: MemberNote) -> str:
        return note.words[:60]

    @admin.display(description=gettext_lazy("written by"))
    def written_by(self, note: MemberNote) -> str:
        return note.by.username


admin.site.unregister(User)


@admin.register(User)
class MemberOnDeskAdmin(MemberAdmin):
    """With what was decided under their name, and what volunteers noted; nobody reads that of themselves here."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown: list[Any] = list(super().get_fields(request, obj))
        return shown if obj is None or obj == request.user else [*shown, "decisions", "notes"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "decisions", "notes"]

    @admin.display(description=gettext_lazy("what was decided"))
    def decisions(self, member: User) -> str:
        return decisions_on(member)

    @admin.display(description=gettext_lazy("notes of volunteers"))
    def notes(self, member: User) -> str:
        return format_html('{}<p><a href="{}">{}</a></p>', notes_on(member), note_url(member.username), _("Write a note"))
