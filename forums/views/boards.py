from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.pages import cursor, keyset, keyset_page, page
from community.permissions import require
from community.text import kept
from forums import listing, showing
from forums.models import Topic
from forums.permissions import can_greet_newcomers, can_start_topic


def _this_minute() -> str:
    """Part of a list's version: times in it are told in words, and who is reading changes with the clock."""
    return timezone.now().strftime("%Y%m%d%H%M")


@transaction.non_atomic_requests
@require_safe
@login_not_required
def board_list(request: HttpRequest) -> HttpResponse:
    boards = listing.boards(request.user)
    version = (_this_minute(), [(board.pk, board.version) for board in boards])

    def context() -> dict:
        waiting = request.user.is_authenticated and listing.does_anybody_wait(request.user)
        return {"boards": boards, "waiting": waiting}

    return page(request, "forums/board_list.html", context, version=version)


@transaction.non_atomic_requests
@require_safe
@login_not_required
def board_detail(request: HttpRequest, board: str) -> HttpResponse:
    found, place = listing.board(request.user, board), cursor(request)
    if found is None:
        raise Http404
    version = (_this_minute(), found.version, found.newest or 0)

    def context() -> dict:
        topics = listing.topics_of_board(request.user, found, beyond=place)
        pages = keyset_page(topics, by="active_at", is_first=place is None)
        waiting = listing.waiting_in(request.user, found) if request.user.is_authenticated and pages.is_first else []
        pinned = listing.pinned_in(request.user, found) if pages.is_first else []
        return {
            "board": found,
            "pinned": showing.rows(pinned, request.user, new=set()),
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
    wanted = Topic.objects.visible_to(request.user).wanted_by(request.user)
    topics = wanted.unanswered().with_folds(request.user).with_place()
    pages = keyset(request, topics, by="created_at", oldest_first=True)
    return page(
        request, "forums/topic_waiting.html", {"pages": pages, "topics": showing.rows(pages.items, request.user, new=set())}
    )


@require_safe
def newcomer_waiting(request: HttpRequest) -> HttpResponse:
    """Members of the first days who wait for a first reply to what they began by name; for those who greet them."""
    require(can_greet_newcomers(request.user))
    wanted = Topic.objects.visible_to(request.user).wanted_by(request.user)
    topics = wanted.unanswered().by_newcomers().exclude(author=request.user.pk).with_folds(request.user).with_place()
    pages = keyset(request, topics, by="created_at", oldest_first=True)
    return page(
        request, "forums/newcomer_waiting.html", {"pages": pages, "topics": showing.rows(pages.items, request.user, new=set())}
    )
