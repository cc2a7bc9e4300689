from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.pages import keyset, page
from community.text import kept
from forums import showing
from forums.models import Board, Topic
from forums.permissions import can_start_topic


def _this_minute() -> str:
    """Part of a list's version: times in it are told in words, and who is reading changes with the clock."""
    return timezone.now().strftime("%Y%m%d%H%M")


@require_safe
@login_not_required
def board_list(request: HttpRequest) -> HttpResponse:
    boards = list(Board.objects.visible_to(request.user))
    version = (_this_minute(), [(board.pk, board.version) for board in boards])

    def context() -> dict:
        waiting = request.user.is_authenticated and Topic.objects.visible_to(request.user).unanswered().exists()
        return {"boards": boards, "waiting": waiting}

    return page(request, "forums/board_list.html", context, version=version)


@require_safe
@login_not_required
def board_detail(request: HttpRequest, board: str) -> HttpResponse:
    found = get_object_or_404(Board.objects.visible_to(request.user), slug=board)
    version = None
    if not request.user.is_authenticated:
        version = (_this_minute(), found.version, Topic.objects.filter(board=found).version())

    def context() -> dict:
        topics = Topic.objects.visible_to(request.user).filter(board=found).with_place()
        pages = keyset(request, topics, by="active_at")
        waiting = topics.unanswered().longest_waiting_first()[:3] if request.user.is_authenticated and pages.is_first else []
        return {
            "board": found,
            "guidelines": kept(found.guidelines_html),
            "pages": pages,
            "topics": showing.rows(pages.items, request.user),
            "waiting": showing.rows(waiting, request.user, new=set()),
            "may_start": can_start_topic(request.user, found),
        }

    return page(request, "forums/board_detail.html", context, version=version)


@require_safe
def topic_waiting(request: HttpRequest) -> HttpResponse:
    """Everybody who waits for a first reply, whoever waited longest first."""
    topics = Topic.objects.visible_to(request.user).unanswered().with_place()
    pages = keyset(request, topics, by="created_at", oldest_first=True)
    return page(
        request, "forums/topic_waiting.html", {"pages": pages, "topics": showing.rows(pages.items, request.user, new=set())}
    )
