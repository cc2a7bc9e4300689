"""What is waiting for the member who looks, for their home page."""

from typing import Any

from django import template

from community.notifications import inbox
from community.templatetags.community import when

register = template.Library()

_SHOWN = 5


@register.simple_tag(takes_context=True)
def waiting_news(context: template.Context) -> list[dict[str, Any]]:
    """The newest unread news: .sentence_html .url .when; see `inbox.waiting` for its cost."""
    waiting = inbox.waiting(context["user"], _SHOWN)
    return [{"sentence_html": item.sentence_html, "url": item.url, "when": when(item.created_at)} for item in waiting]
