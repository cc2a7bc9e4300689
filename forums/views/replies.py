from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.contributions.drafts import Draft
from community.contributions.models import Submission
from community.contributions.posting import as_written, post_once, restored, wants_preview, wants_suggestions, written
from community.contributions.written import answer_held, said_of_change
from community.pages import answer, page
from community.permissions import require
from community.text import excerpt
from forums.forms import ReplyEditForm, ReplyForm, excerpt_of, quotable
from forums.models import Closed, ReadMark, Reply, Topic
from forums.permissions import can_edit, can_reply, can_withdraw
from forums.speaking import OtherVoice, voice_to_reply

from .topics import asked
from .topics import find as find_topic


def find(request: HttpRequest, board: str, public_id: object, reply_id: object) -> Reply:
    """Whatever the board in its address: its conversation may have been moved meanwhile."""
    replies = Reply.objects.visible_to(request.user).with_place()
    return get_object_or_404(replies, topic__public_id=public_id, public_id=reply_id)


@require_safe
@login_not_required
def reply_detail(request: HttpRequest, board: str, public_id: object, reply_id: object) -> HttpResponse:
    """A reply's own address leads to its page and place, whoever sits between."""
    return redirect(find(request, board, public_id, reply_id).place)


@require_http_methods(["GET", "HEAD", "POST"])
def reply_create(request: HttpRequest, board: str, public_id: object) -> HttpResponse:
    topic = find_topic(request, board, public_id)
    require(can_reply(request.user, topic))
    if request.method != "POST":
        context = restored(ReplyForm, request.user, asked=_asked_for(request, topic), topic=topic)
    elif wants_suggestions(request):
        # The words as they are now, which need not be ready.
        context = restored(ReplyForm, request.user, asked=written(request), topic=topic) | {"saved": "", "suggests": True}
    else:
        form = ReplyForm(request.POST, user=request.user, topic=topic)
        try:
            if form.is_valid() and not wants_preview(request) and (made := _post(request, topic, form)):
                return answer_held(request, Reply, made) or redirect("reply_detail", topic.board.slug, topic.public_id, made)
        except OtherVoice:
            # Now it knows as whom they speak here, and says so above their words.
            form = ReplyForm(request.POST, user=request.user, topic=topic)
        context = {"form": form}
    quoted = _quoted(request, topic, context["form"])
    return page(request, "forums/reply_create.html", {"topic": topic, **asked(topic), **context, **quoted})


def _post(request: HttpRequest, topic: Topic, form: ReplyForm) -> UUID | None:
    def act(made: UUID) -> None:
        voice = voice_to_reply(request.user, topic, anonymously=form.is_anonymous, spoken=form.spoken)
        shown = form.cleaned_data["cards"]
        reply = topic.reply(voice, form.cleaned_data["body"], quoting=form.quotes, cards=shown, public_id=made, **form.note)
        ReadMark.leave(topic, request.user, position=reply.position or topic.last_position)

    try:
        return post_once(request, form, act)
    except OtherVoice:
        Submission.give_back(form.cleaned_data["key"])
        raise
    except Closed:
        # Nothing of the answer was written, and what this request wrote is undone by the refusal. Until then the reason is read.
        transaction.set_rollback(False)
        topic.refresh_from_db()
        require(can_reply(request.user, topic))
        raise


def _asked_for(request: HttpRequest, topic: Topic) -> dict[str, str]:
    """The words that a "Quote" link names, for the form's hidden fields."""
    try:
        quote = UUID(request.GET.get("quote", ""))
    except ValueError:
        return {}
    return {"quote": str(quote), "excerpt": request.GET.get("excerpt", "")[:2000]}


def _quoted(request: HttpRequest, topic: Topic, form: ReplyForm) -> dict[str, object]:
    """What stands above the reply box when words are quoted."""
    try:
        words = quotable(request.user, topic, UUID(str(form["quote"].value() or "")))
    except ValueError:
        return {}
    if words is None:
        return {}
    return {"quoted": words, "quoted_excerpt": excerpt_of(words, str(form["excerpt"].value() or "")) or excerpt(words.body)}


@require_http_methods(["GET", "HEAD", "POST"])
def reply_edit(request: HttpRequest, board: str, public_id: object, reply_id: object) -> HttpResponse:
    reply = find(request, board, public_id, reply_id)
    require(can_edit(request.user, reply))
    if request.method != "POST":
        context = restored(ReplyEditForm, request.user, now=as_written(reply), reply=reply)
    else:
        form = ReplyEditForm(request.POST, user=request.user, reply=reply)
        if form.is_valid() and not wants_preview(request):
            waits = reply.edit(form.cleaned_data["body"], cards=form.kept_cards, **form.note)
            Draft.drop(request.user, form.place)
            return answer(request, reply.place, said=said_of_change(waits))
        context = {"form": form}
    return page(request, "forums/reply_edit.html", {"reply": reply, "topic": reply.topic, **context})


@require_http_methods(["GET", "HEAD", "POST"])
def reply_withdraw(request: HttpRequest, board: str, public_id: object, reply_id: object) -> HttpResponse:
    reply = find(request, board, public_id, reply_id)
    require(can_withdraw(request.user, reply))
    if request.method == "POST":
        reply.withdraw()
        return answer(request, reply.place, said=_("Taken back. Only the volunteers can still see it."))
    return page(request, "contributions/words_withdraw.html", {"words": reply, "back": reply.place})
