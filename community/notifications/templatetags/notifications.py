"""What is waiting for the member who looks: for the home page and for the frame of every page."""

from typing import Any

from django import template

from community.notifications import inbox
from community.templatetags.community import when

register = template.Library()

_SHOWN = 5


@register.simple_tag(takes_context=True)
def waiting_news(context: template.Context) -> list[dict[str, Any]]:
    """The newest unread news: .sentence_html .url .when; asked once a request, see `inbox.waiting` for its cost."""
    return [
        {"sentence_html": item.sentence_html, "url": item.url, "when": when(item.created_at)} for item in _waiting(context)[:_SHOWN]
    ]


@register.simple_tag(takes_context=True)
def has_news(context: template.Context) -> bool:
    """Is anything unread? Only news that can still be seen counts, so the lamp never leads to an empty inbox."""
    return bool(_waiting(context))


def _waiting(context: template.Context) -> list[inbox.Item]:
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    if not hasattr(request, "waiting_news"):
        request.waiting_news = inbox.waiting(request.user)
    return request.waiting_news
