from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.contributions.drafts import Draft
from community.contributions.holding import Holding
from community.contributions.posting import as_written, post_once, restored, wants_preview
from community.contributions.written import answer_held, said_of_change
from community.notifications.models import Notification
from community.pages import answer, is_prefetch, numbered, page, unchanged
from community.permissions import require
from community.tags.showing import shown
from forums import finding, showing
from forums.forms import TopicEditForm, TopicForm, reply_box
from forums.models import Board, Mode, ReadMark, Topic
from forums.permissions import can_edit, can_lock_topic, can_reply, can_start_topic, can_unlock_topic, can_withdraw
from forums.speaking import voice_to_begin


def find(request: HttpRequest, board: str, public_id: UUID) -> Topic:
    """The conversation to do something with, also where it was moved to another board while somebody wrote."""
    topic = finding.place(request.user, board, public_id)
    topic = topic or finding.place(request.user, moved(request, board, public_id).board.slug, public_id)
    if topic is None:
        raise Http404
    return topic


def moved(request: HttpRequest, board: str, public_id: object) -> Topic:
    """The conversation that stood here before it was moved to another board; its old address leads on."""
    elsewhere = Topic.objects.visible_to(request.user).exclude(board__slug=board).select_related("board")
    return get_object_or_404(elsewhere, public_id=public_id)


@transaction.non_atomic_requests
@require_safe
@login_not_required
def topic_detail(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    if kept := unchanged(request, lambda: (finding.versions(request.user, board, public_id), timezone.localdate())):
        return kept
    topic = finding.topic(request.user, board, public_id)
    if topic is None:
        return redirect(moved(request, board, public_id))
    pages = numbered(request, last=topic.last_page)

    def context() -> dict:
        context = {
            "topic": topic,
            "tags": shown(topic.shown_tags),  # type: ignore[attr-defined]
            "pages": pages,
            "posts": showing.posts(topic, request.user, pages.number),
            "may_reply": can_reply(request.user, topic),
            "may_lock": not topic.is_locked and can_lock_topic(request.user, topic),
            "may_unlock": topic.is_locked and can_unlock_topic(request.user, topic),
            **asked(topic),
        }
        if request.user.is_authenticated:
            if not is_prefetch(request):
                _note_reading(topic, request.user, position=min(topic.last_position, pages.number * showing.PAGE))
            if pages.is_last and context["may_reply"]:
                context |= reply_box(request.user, topic)
        return context

    return page(request, "forums/topic_detail.html", context, version=(finding.version_of(topic), timezone.localdate()))


def asked(topic: Topic) -> dict[str, object]:
    """What the person who started it asks for, above the conversation and above the reply box."""
    mode, name = Mode(topic.mode), topic.voice.told_name
    if topic.is_withdrawn:
        return {"mode": mode}
    return {"mode": mode, "asks": mode.asks(name), "reminds": mode.reminds(name)}


@transaction.atomic(savepoint=False)
def _note_reading(topic: Topic, user, *, position: int) -> None:
    """Move the reader's mark; what was news under the name they have here is read with it, and reading lifts first limits."""
    if ReadMark.leave(topic, user, position=position):
        voice = user.voice_in(topic.public_id)
        Notification.objects.read_in_thread(voice, topic.public_id)
        # What an alias does touches nothing of the account.
        if not (voice.is_persona or user.is_settled):
            user.settle(conversations_read=ReadMark.number_left_by(user))


@require_http_methods(["GET", "HEAD", "POST"])
def topic_create(request: HttpRequest, board: str) -> HttpResponse:
    found = get_object_or_404(Board.objects.visible_to(request.user), slug=board)
    require(can_start_topic(request.user, found))
    if request.method != "POST":
        context = restored(TopicForm, request.user, board=found)
    else:
        form = TopicForm(request.POST, user=request.user, board=found)
        if form.is_valid() and not wants_preview(request):
            fields = {name: form.cleaned_data[name] for name in ("title", "mode", "body", "tags")} | form.note | form.readers

            def act(made: UUID) -> None:
                voice = voice_to_begin(request.user, made, anonymously=form.is_anonymous)
                ReadMark.leave(found.start(voice, public_id=made, **fields), request.user, position=0)

            if made := post_once(request, form, act):
                return answer_held(request, Topic, made) or redirect("topic_detail", found.slug, made)
        context = {"form": form}
    context["looked_at_first"] = found.is_held_first or Holding.current().everything
    return page(request, "forums/topic_create.html", {"board": found, "modes": Mode, **context})


@require_http_methods(["GET", "HEAD", "POST"])
def topic_edit(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    topic = find(request, board, public_id)
    require(can_edit(request.user, topic))
    if request.method != "POST":
        now = {"title": topic.title, "mode": topic.mode, "tags": topic.tag_names, **as_written(topic)}
        context = restored(TopicEditForm, request.user, now=now, topic=topic)
    else:
        form = TopicEditForm(request.POST, user=request.user, topic=topic)
        if form.is_valid() and not wants_preview(request):
            fields = {name: form.cleaned_data[name] for name in ("title", "mode")}
            waits = topic.edit(form.cleaned_data["body"], **form.note, **fields)
            topic.retag(form.cleaned_data["tags"])
            Draft.drop(request.user, form.place)
            return answer(request, topic.get_absolute_url(), said=said_of_change(waits))
        context = {"form": form}
    return page(request, "forums/topic_edit.html", {"topic": topic, "modes": Mode, **context})


@require_http_methods(["GET", "HEAD", "POST"])
def topic_withdraw(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    topic = find(request, board, public_id)
    require(can_withdraw(request.user, topic))
    if request.method == "POST":
        topic.withdraw()
        return answer(request, topic.get_absolute_url(), said=_("Taken back. Only the volunteers can still see it."))
    context = {"words": topic, "back": topic.get_absolute_url(), "is_opening": True}
    return page(request, "contributions/words_withdraw.html", context)


@require_POST
def topic_lock(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    topic = find(request, board, public_id)
    require(can_lock_topic(request.user, topic))
    topic.lock(by=request.user.voice_in(topic.public_id))
    return answer(request, topic.get_absolute_url(), said=_("Closed. Everybody can still read it; you can open it again."))


@require_POST
def topic_unlock(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    topic = find(request, board, public_id)
    require(can_unlock_topic(request.user, topic))
    topic.unlock(by=request.user.voice_in(topic.public_id))
    return answer(request, topic.get_absolute_url(), said=_("Open again. People can answer."))
