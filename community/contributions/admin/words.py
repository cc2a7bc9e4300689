"""Members' words as staff look at them, in whatever room they stand, and what is decided about one of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.forms import ValidationError
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text
from community.admin import ReasonForm, Verb
from community.contributions.models import Contribution, Revision
from community.contributions.noting import NoteFields
from community.contributions.permissions import can_decide_words, can_show_words
from community.contributions.redacting import SHORTEST_PASSAGE
from community.decisions.models import Act
from community.members.deciding import DecisionForm, PauseForm, asked_of, form_to, timed_form_to
from community.members.permissions import can_let_write, can_pause_voice
from community.permissions import Verdict
from community.text import BodyField
from community.times import day_and_clock

from .many import ManyAdmin
from .seen import SeenAdmin, ShowForm


class NoteForm(NoteFields, DecisionForm):
    act = Act.NOTE
    field_order = ["notes", "note_words", "template", "reason", "rule"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (self.errors or cleaned.get("notes") or cleaned.get("note_words")):
            raise ValidationError(_("Choose a note, or write one in a few words."))
        return cleaned


class RedactForm(DecisionForm):
    """Which parts, one a line, as they stand in the words."""

    act = Act.REDACT
    there = forms.CharField(
        label=gettext_lazy("The words as they stand"),
        required=False,
        disabled=True,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
    )
    passages = BodyField(
        label=gettext_lazy("What is taken out: copy each part onto a line of its own"),
        max_length=text.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Copy here what is to be taken out.")},
    )
    field_order = ["there", "passages", "template", "reason", "rule"]

    def clean_passages(self) -> list[str]:
        there = str(self.initial.get("there", "")).replace("\r\n", "\n")
        passages = list(dict.fromkeys(line.strip() for line in self.cleaned_data["passages"].splitlines() if line.strip()))
        for passage in passages:
            if len(passage) < SHORTEST_PASSAGE:
                raise ValidationError(_("“%(part)s” is too short. Copy a few more letters.") % {"part": passage})
            if passage not in there:
                raise ValidationError(_("“%(part)s” does not stand there like that. Copy it as it is.") % {"part": passage})
        return passages

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.pop("there", None)
        return cleaned


ADD_NOTE = Verb(
    "add_note",
    gettext_lazy("Add a content note"),
    said=gettext_lazy("Added. The words are folded behind it, also where they are quoted, and whoever wrote them was told."),
    offered=lambda words: not (words.is_withdrawn or words.is_removed),
    form=NoteForm,
)


SHOW = Verb(
    "show",
    gettext_lazy("Let others see it"),
    said=gettext_lazy("Others see it now, and whoever wrote it was told."),
    offered=lambda words: words.is_held and not words.is_withdrawn,
    form=ShowForm,
)
REDACT = Verb(
    "redact",
    gettext_lazy("Take out a part"),
    said=gettext_lazy("Taken out. A mark stands in its place, and whoever wrote it was told why."),
    offered=lambda words: not (words.is_withdrawn or words.is_removed),
    form=RedactForm,
)
# What is decided about whoever wrote it, without learning who stands behind an alias.
ABOUT_WRITERS = [
    Verb(
        "pause_writer",
        gettext_lazy("Pause whoever wrote it"),
        said=gettext_lazy("Paused, under whatever name they write. They were told why, and what still works."),
        form=PauseForm,
    ),
    Verb(
        "let_writer_write",
        gettext_lazy("End the pause of whoever wrote it"),
        said=gettext_lazy("They can write again, and were told."),
        offered=lambda words: words.is_writer_paused,
    ),
    Verb(
        "hold_writer",
        gettext_lazy("Look first at what they post"),
        said=gettext_lazy("For that time what they post under this name waits for a volunteer. They were told why."),
        offered=lambda words: not words.is_writer_held,
        form=timed_form_to(Act.HOLD),
    ),
    Verb(
        "trust_writer",
        gettext_lazy("Do not look first any more"),
        said=gettext_lazy("What they post is seen at once, and they were told."),
        offered=lambda words: words.is_writer_held,
    ),
]


def may_about_writer(user: Any, verb: Verb, words: Any) -> Verdict:
    """May this be decided about whoever wrote these words?"""
    rule = can_let_write if verb.name == "let_writer_write" else can_pause_voice
    return rule(user, words.voice)


class ContributionAdmin(ManyAdmin, SeenAdmin):
    """Words of members, read-only: what was written stays as it was, verbs act on it."""

    can_add = can_change = False
    search_help_text = gettext_lazy("Words that stand in it.")
    search_fields = ["search"]
    list_per_page = 50
    # By the key, which is as good as by time and needs no index of its own.
    ordering = ["-pk"]
    verbs = [
        SHOW,
        Verb(
            "nudge",
            gettext_lazy("Write a few words to whoever wrote it"),
            asks=gettext_lazy("What would you like them to know? They read it, and nothing else changes."),
            said=gettext_lazy("Sent. Nothing about what they wrote has changed."),
            offered=lambda words: not (words.is_withdrawn or words.is_removed),
            form=form_to(Act.WORD),
        ),
        Verb(
            "hide",
            gettext_lazy("Hide"),
            said=gettext_lazy("Hidden. Its place is kept, and whoever wrote it was told why."),
            offered=lambda words: not words.is_hidden,
            form=form_to(Act.HIDE),
        ),
        Verb(
            "restore",
            gettext_lazy("Show again"),
            said=gettext_lazy("Shown again at its old place, and whoever wrote it was told."),
            # What was taken back before anybody saw it has no place where it could be shown.
            offered=lambda words: words.is_hidden and not words.is_held and (words.was_shown or not words.is_withdrawn),
        ),
        ADD_NOTE,
        Verb(
            "revise",
            gettext_lazy("Ask for a change"),
            asks=gettext_lazy("What would have to be different? Whoever wrote it reads this beside their words."),
            said=gettext_lazy("It is with whoever wrote it, for a change. Nobody else sees it meanwhile."),
            offered=lambda words: not (words.is_sent_back or words.is_withdrawn or (words.is_hidden and not words.is_held)),
            form=form_to(Act.REVISE),
        ),
        REDACT,
        Verb(
            "put_back",
            gettext_lazy("Put in again what was taken out"),
            said=gettext_lazy("It stands as it was, unless whoever wrote it changed it since."),
            offered=lambda words: words.is_redacted,
        ),
        Verb(
            "remove",
            gettext_lazy("Remove"),
            said=gettext_lazy("Removed. Whoever wrote it was told why and has a copy of their words."),
            offered=lambda words: not (words.is_withdrawn or words.is_removed),
            form=form_to(Act.REMOVE),
        ),
        Verb(
            "unfold",
            gettext_lazy("Show it unfolded again"),
            said=gettext_lazy("It stands as it was."),
            offered=lambda words: words.is_folded_for_all,
        ),
        *ABOUT_WRITERS,
    ]

    def form_of(self, request: HttpRequest, verb: Verb, obj: Any) -> ReasonForm:
        return asked_of(request.user, obj.voice, super().form_of(request, verb, obj))

    def initial_of(self, verb: Verb, obj: Any) -> dict[str, Any]:
        return {"there": "\n\n".join(obj.as_kept().values())} if verb.name == "redact" else super().initial_of(verb, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool | Verdict:
        if verb is SHOW:
            return can_show_words(request.user, obj)
        if verb in ABOUT_WRITERS:
            return may_about_writer(request.user, verb, obj)
        return can_decide_words(request.user, obj)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Hidden words too, but only where the audience lets this moderator in."""
        return self.model.objects.within_reach_of(request.user).with_place()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if search_term.strip():
            queryset = queryset.filter(search=SearchQuery(search_term.strip(), config="hearth", search_type="websearch"))
        return queryset, False

    @admin.display(description=gettext_lazy("by"))
    def by(self, words: Contribution) -> str:
        if words.voice.is_persona:
            return _("%(alias)s, anonymous") % {"alias": words.voice.name}
        return words.voice.name

    @admin.display(description=gettext_lazy("words"))
    def words(self, words: Contribution) -> str:
        return self._behind_note(words, linebreaks_filter(words.body))

    def _behind_note(self, words: Contribution | Revision, html: str) -> str:
        """Folded, if there is a note: volunteers choose, too."""
        if not words.note:
            return html
        return format_html("<details><summary>{} <b>{}</b></summary>{}</details>", self._note(words), _("Read it"), html)

    def _note(self, words: Contribution | Revision) -> str:
        return _("Content note: %(note)s.") % {"note": words.note}

    @admin.display(description=gettext_lazy("state"))
    def state(self, words: Contribution) -> str:
        states = [
            (words.is_held, _("waits to be looked at")),
            (words.is_sent_back, _("with its author, for a change")),
            (words.is_removed, _("removed")),
            (words.is_hidden and not (words.is_held or words.is_sent_back or words.is_removed), _("hidden")),
            (words.is_folded_for_all, _("folded for everybody")),
            (words.is_withdrawn, _("taken back")),
            (words.edited_at, _("edited")),
        ]
        return ", ".join(name for holds, name in states if holds) or _("shown")

    @admin.display(description=gettext_lazy("what stood here before"))
    def history(self, words: Contribution) -> str:
        content_type = ContentType.objects.get_for_model(words)
        revisions = Revision.objects.filter(target_type=content_type, target_id=words.pk).order_by("-replaced_at", "-pk")[:50]
        return format_html_join(
            "", "<p><b>{}</b></p>{}", ((day_and_clock(r.replaced_at), self._before(r)) for r in revisions)
        ) or _("Nothing: these are the first words.")

    def _before(self, revision: Revision) -> str:
        title = format_html("<p>{}</p>", revision.title) if revision.title else ""
        return format_html("{}{}", title, self._behind_note(revision, format_html("<p>{}</p>", revision.body)))
