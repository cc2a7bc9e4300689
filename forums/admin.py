"""The forums behind the scenes: boards for owners; conversations and replies to look at, hide, restore and close, with a reason."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, ReasonForm, Verb
from community.contributions.admin import ContributionAdmin
from community.decisions.models import Act
from community.members.deciding import DecisionForm, TimedForm, form_to
from community.permissions import Verdict
from community.tags.fields import TagsField
from community.tags.permissions import can_look_after_tags

from .models import Board, Reply, Topic
from .permissions import can_allow_anonymous, can_begin_memorial, can_end_anonymous

# For a board, and for one conversation.
LOOK_FIRST = [
    Verb(
        "look_first",
        gettext_lazy("Look first at what is new here"),
        asks=FOR_THE_RECORD,
        said=gettext_lazy("From now on what is new here waits for a volunteer. Whoever writes is told so beforehand."),
        offered=lambda place: place.held_first_at is None,
    ),
    Verb(
        "show_at_once",
        gettext_lazy("Let what is new here be seen at once"),
        asks=FOR_THE_RECORD,
        said=gettext_lazy("What is new here is seen at once. What waited before still waits for somebody."),
        offered=lambda place: place.held_first_at is not None,
    ),
]


@admin.register(Board)
class BoardAdmin(HearthModelAdmin):
    list_display = ["name", "audience", "audience_group", "anonymous_at", "held_first_at", "reads_from", "reads_until", "position"]
    readonly_fields = ["anonymous_at", "held_first_at"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [
        "name",
        "slug",
        "purpose",
        "guidelines",
        ("reads_from", "reads_until"),
        "audience",
        "audience_group",
        "anonymous_at",
        "held_first_at",
        "position",
    ]
    verbs = [
        Verb(
            "allow_anonymous",
            gettext_lazy("Allow anonymous posts"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Allowed. Whoever writes here for the first time in a conversation chooses how."),
            offered=lambda board: not board.is_anonymous,
        ),
        Verb(
            "end_anonymous",
            gettext_lazy("End anonymous posts"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("Ended. Whoever speaks anonymously in a conversation already goes on there."),
            offered=lambda board: board.is_anonymous,
        ),
        *LOOK_FIRST,
    ]

    def may(self, request: HttpRequest, verb: Verb, obj: Board) -> bool | Verdict:
        if verb in LOOK_FIRST:
            return super().may(request, verb, obj)
        rule = can_allow_anonymous if verb.name == "allow_anonymous" else can_end_anonymous
        return rule(request.user, obj)


class OpenBoards(admin.RelatedFieldListFilter):
    """The boards that are open to whoever looks; the name of another one tells too much."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return list(Board.objects.visible_to(request.user).values_list("pk", "name"))


class RelabelForm(ReasonForm):
    tags = TagsField()
    field_order = ["tags", "reason"]


class SlowForm(TimedForm):
    """How much time lies between two replies, and for how long."""

    act = Act.SLOW
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Between two replies of the same person lie"),
        coerce=int,
        choices=[(10, gettext_lazy("10 minutes")), (30, gettext_lazy("half an hour")), (180, gettext_lazy("3 hours"))],
    )
    field_order = ["minutes", "days", "template", "reason", "rule"]


class MemorialForm(ReasonForm):
    """For how long. People come back to such a place for weeks; for much longer it keeps them from going on."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("Open for"),
        coerce=int,
        choices=[(30, gettext_lazy("30 days")), (45, gettext_lazy("45 days")), (60, gettext_lazy("60 days"))],
    )
    field_order = ["days", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if days := cleaned.pop("days", None):
            cleaned["until"] = timezone.localdate() + timedelta(days=days)
        return cleaned


MEMORIAL = [
    Verb(
        "begin_memorial",
        gettext_lazy("Make it a place to remember somebody"),
        asks=gettext_lazy("In memory of whom, and who was asked? It is kept in the record. Write nothing of how it came about."),
        said=gettext_lazy("Its rules and the way to help stand above it. Whatever is said there waits for a volunteer first."),
        offered=lambda topic: not (topic.is_in_memory or topic.is_withdrawn or topic.is_locked),
        form=MemorialForm,
    ),
    Verb(
        "end_memorial",
        gettext_lazy("Let it be a conversation like any other"),
        asks=FOR_THE_RECORD,
        offered=lambda topic: topic.is_in_memory,
    ),
]


class MoveForm(DecisionForm):
    """Where to."""

    act = Act.MOVE
    board = forms.ModelChoiceField(Board.objects.none(), label=gettext_lazy("To which board"))
    field_order = ["board", "template", "reason", "rule"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["board"].queryset = self.initial.get("possible", Board.objects.none())


RELABEL = Verb(
    "relabel",
    gettext_lazy("Set its tags"),
    asks=FOR_THE_RECORD,
    said=gettext_lazy("Set."),
    offered=lambda topic: not topic.is_withdrawn,
    form=RelabelForm,
)


@admin.register(Topic)
class TopicAdmin(ContributionAdmin):
    list_display = ["title_shown", "note", "board", "by", "mode", "state", "created_at"]
    list_filter = [("board", OpenBoards), "mode"]
    fields = [
        "title_shown",
        "board",
        "by",
        "mode",
        "audience",
        "tag_line",
        "note",
        "words",
        "state",
        "lock_reason",
        "created_at",
        "edited_at",
        "history",
    ]
    readonly_fields = fields
    verbs = [
        *ContributionAdmin.verbs,
        Verb(
            "lock",
            gettext_lazy("Close to replies"),
            asks=gettext_lazy("Why? Everybody in the conversation will read this."),
            said=gettext_lazy("Closed. Everybody can still read it."),
            offered=lambda topic: not topic.lock_reason,
            form=form_to(Act.LOCK),
        ),
        Verb(
            "unlock",
            gettext_lazy("Open to replies again"),
            said=gettext_lazy("Open again."),
            offered=lambda topic: topic.is_locked,
        ),
        Verb(
            "slow",
            gettext_lazy("Slow it down"),
            said=gettext_lazy("Some time lies between two replies of the same person now. Whoever began it was told why."),
            offered=lambda topic: not (topic.is_locked or topic.is_slow),
            form=SlowForm,
        ),
        Verb(
            "quicken",
            gettext_lazy("Let it go at its own pace again"),
            said=gettext_lazy("Everybody answers as they like again."),
            offered=lambda topic: topic.is_slow,
        ),
        Verb(
            "move",
            gettext_lazy("Move to another board"),
            said=gettext_lazy("Moved. Its old address leads there, and whoever began it was told why."),
            offered=lambda topic: topic.is_movable,
            form=MoveForm,
        ),
        Verb(
            "pin",
            gettext_lazy("Pin to the top of its board"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It stands above the others."),
            offered=lambda topic: not (topic.is_pinned or topic.is_hidden or topic.is_withdrawn),
        ),
        Verb(
            "unpin",
            gettext_lazy("Take the pin off"),
            asks=FOR_THE_RECORD,
            said=gettext_lazy("It stands among the others."),
            offered=lambda topic: topic.is_pinned,
        ),
        *LOOK_FIRST,
        *MEMORIAL,
        RELABEL,
    ]

    # Whoever looks after the tags and not after words sees of conversations what they see elsewhere, and where it stands.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or bool(can_look_after_tags(request.user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool | Verdict:
        if verb is RELABEL and can_look_after_tags(request.user):
            return True
        if verb in MEMORIAL:
            return can_begin_memorial(request.user, obj)
        if verb is RELABEL or verb in LOOK_FIRST or verb.name in ("pin", "unpin"):
            # Nothing is decided about anybody's words.
            return self.has_decide_permission(request)
        return super().may(request, verb, obj)

    def initial_of(self, verb: Verb, obj: Topic) -> dict[str, Any]:
        if verb.name == "move":
            return {"possible": obj.possible_boards}
        return {"tags": obj.tag_names} if verb is RELABEL else super().initial_of(verb, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        if super().has_view_permission(request):
            return super().get_queryset(request)
        return Topic.objects.visible_to(request.user).filter(withdrawn_at=None).with_place()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields if super().has_view_permission(request) else ["title_shown", "board", "note", "tag_line"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return self.list_display if super().has_view_permission(request) else ["title_shown", "note", "board"]

    @admin.display(description=gettext_lazy("tags"))
    def tag_line(self, topic: Topic) -> str:
        return ", ".join(topic.tag_names) or "–"

    @admin.display(description=gettext_lazy("title"))
    def title_shown(self, topic: Topic) -> str:
        return topic.shown_title


@admin.register(Reply)
class ReplyAdmin(ContributionAdmin):
    list_display = ["beginning", "topic_title", "by", "state", "created_at"]
    fields = ["topic_title", "by", "note", "words", "state", "created_at", "edited_at", "history"]
    readonly_fields = fields

    @admin.display(description=gettext_lazy("reply"))
    def beginning(self, reply: Reply) -> str:
        if reply.note:
            return self._note(reply)
        return reply.body[:60] or _("(taken back)")

    @admin.display(description=gettext_lazy("conversation"))
    def topic_title(self, reply: Reply) -> str:
        return reply.topic.shown_title
