from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.pages import answer, is_prefetch, keyset, page

from .forms import WishesForm
from .inbox import items
from .models import Notification, Preference
from .showing import open_targets


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything one was told, newest first."""
    rows = keyset(request, Notification.objects.for_member(request.user), by="created_at")
    news = items(rows.items, request.user)
    context = {
        "news": news,
        "has_unread": any(not item.is_read for item in news),
        "is_empty": rows.is_first and not rows.next_url and not news,
        "pages": rows,
    }
    return page(request, "notifications/inbox.html", context)


@require_safe
def inbox_item(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go to what the news is about; it is read then."""
    news = get_object_or_404(Notification.objects.for_member(request.user), public_id=public_id)
    shown = open_targets([news], request.user).get(news.pk)
    if shown is None:
        raise Http404
    if not is_prefetch(request):
        Notification.objects.filter(pk=news.pk).mark_read()
    return redirect(shown.url)


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    Notification.objects.for_member(request.user).mark_read()
    return answer(request, "inbox", said=_("Everything is marked as read."))


@require_http_methods(["GET", "HEAD", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    form = WishesForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        Preference.choose(request.user, form.wishes)
        return answer(request, "notification_settings", said=_("Kept. This is what you will hear of from now on."))
    return page(request, "notifications/notification_settings.html", {"form": form})
