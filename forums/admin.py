"""The forums behind the scenes: boards for owners; conversations and replies to look at, hide, restore and close, with a reason."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import FOR_THE_RECORD, HearthModelAdmin, Verb
from community.contributions.admin import ADD_NOTE
from community.contributions.models import Contribution, Revision
from community.permissions import Verdict

from .models import Board, Reply, Topic
from .permissions import can_allow_anonymous, can_end_anonymous


@admin.register(Board)
class BoardAdmin(HearthModelAdmin):
    list_display = ["name", "audience", "audience_group", "anonymous_at", "reads_from", "reads_until", "position"]
    readonly_fields = ["anonymous_at"]
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
    ]

    def may(self, request: HttpRequest, verb: Verb, obj: Board) -> Verdict:
        rule = can_allow_anonymous if verb.name == "allow_anonymous" else can_end_anonymous
        return rule(request.user, obj)


class ContributionAdmin(HearthModelAdmin):
    """Words of members, read-only: what was written stays as it was, verbs act on it."""

    can_add = can_change = False
    search_help_text = gettext_lazy("Words that stand in it.")
    search_fields = ["search"]
    list_per_page = 50
    # By the key, which is as good as by time and needs no index of its own.
    ordering = ["-pk"]
    verbs = [
        Verb(
            "hide",
            gettext_lazy("Hide"),
            said=gettext_lazy("Hidden. Its place is kept, and whoever wrote it was told why."),
            offered=lambda words: not words.is_hidden,
        ),
        Verb(
            "restore",
            gettext_lazy("Show again"),
            said=gettext_lazy("Shown again at its old place, and whoever wrote it was told."),
            offered=lambda words: words.is_hidden,
        ),
        ADD_NOTE,
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool:
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
        states = [(words.is_hidden, _("hidden")), (words.is_withdrawn, _("taken back")), (words.edited_at, _("edited"))]
        return ", ".join(name for holds, name in states if holds) or _("shown")

    @admin.display(description=gettext_lazy("what stood here before"))
    def history(self, words: Contribution) -> str:
        content_type = ContentType.objects.get_for_model(words)
        revisions = Revision.objects.filter(target_type=content_type, target_id=words.pk).order_by("-replaced_at", "-pk")[:50]
        return format_html_join(
            "", "<p><b>{}</b></p>{}", ((f"{r.replaced_at:%Y-%m-%d %H:%M}", self._before(r)) for r in revisions)
        ) or _("Nothing: these are the first words.")

    def _before(self, revision: Revision) -> str:
        title = format_html("<p>{}</p>", revision.title) if revision.title else ""
        return format_html("{}{}", title, self._behind_note(revision, format_html("<p>{}</p>", revision.body)))


class OpenBoards(admin.RelatedFieldListFilter):
    """The boards that are open to whoever looks; the name of another one tells too much."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        return list(Board.objects.visible_to(request.user).values_list("pk", "name"))


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
        ),
        Verb(
            "unlock",
            gettext_lazy("Open to replies again"),
            said=gettext_lazy("Open again."),
            offered=lambda topic: topic.is_locked,
        ),
    ]

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
