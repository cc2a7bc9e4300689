"""From words in a conversation to the person who speaks there, and how not to meet them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.contributions.models import Contribution
from community.members.models import Block
from community.members.permissions import can_block_person
from community.pages import answer, page
from community.permissions import require
from forums.models import Reply, Topic

from .replies import find as find_reply


def find(request: HttpRequest, board: str, public_id: object, reply_id: object = None) -> Contribution:
    """Words that this member can see, with a name above them: what is taken back has none any more."""
    words: Contribution
    if reply_id:
        words = find_reply(request, board, public_id, reply_id)
    else:
        topics = Topic.objects.visible_to(request.user).with_opening(request.user).with_place()
        words = get_object_or_404(topics, board__slug=board, public_id=public_id, is_gap=False)
    if words.is_withdrawn:
        raise Http404
    require(can_block_person(request.user, words.voice))
    return words


@require_safe
def person_detail(request: HttpRequest, **words: Any) -> HttpResponse:
    """Whoever is known by name is the same everywhere; an alias is somebody in this conversation only."""
    said = find(request, **words)
    if not said.voice.is_persona:
        return redirect("member_person", said.voice.name)
    topic = said.topic if isinstance(said, Reply) else said
    context = {
        "persona": said.voice,
        "is_starter": topic.speaks_as(said.voice),  # type: ignore[attr-defined]
        "block_url": f"{request.path}block/",
        "back": said.place if isinstance(said, Reply) else said.get_absolute_url(),  # type: ignore[attr-defined]
    }
    return page(request, "forums/alias_person.html", context)


@require_POST
def person_block(request: HttpRequest, **words: Any) -> HttpResponse:
    """An account blocks an account; on an alias the block is by whatever name this member has there."""
    voice = find(request, **words).voice
    if not voice.is_persona:
        Block.put(request.user, voice)
        said = _("%(name)s is blocked. You don’t meet each other by name any more, and nobody was told.")
        return answer(request, "filter_list", said=said % {"name": voice.name})
    Block.put(request.user.voice_in(voice.conversation), voice)
    said = _("%(name)s is blocked in this conversation, and nobody was told. You can lift it under “What you don’t see”.")
    topic = reverse("topic_detail", args=[words["board"], words["public_id"]])
    return answer(request, topic, said=said % {"name": voice.told_name})
