"""What conversations are measured by: how soon somebody is answered, and who was not."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.moderation.measuring import FEW, Line, Measure, few, in_words, since

UNANSWERED_AFTER = timedelta(hours=24)

# By the index of activity: what was begun in these days was active in them. The first answer is one of somebody else.
_FIRST_REPLIES = """
    SELECT count(waited), percentile_cont(0.5) WITHIN GROUP (ORDER BY waited),
        count(*) FILTER (WHERE waited IS NULL AND locked_at IS NULL AND created_at < %(a_day_ago)s)
    FROM (
        SELECT topic.created_at, topic.locked_at, (
            SELECT reply.created_at FROM forums_reply AS reply
            WHERE reply.topic_id = topic.id AND reply.hidden_at IS NULL AND reply.position IS NOT NULL
                AND (reply.author_id, reply.persona_id) IS DISTINCT FROM (topic.author_id, topic.persona_id)
            ORDER BY reply.position LIMIT 1
        ) - topic.created_at AS waited
        FROM forums_topic AS topic
        WHERE topic.hidden_at IS NULL AND topic.withdrawn_at IS NULL
            AND topic.active_at >= %(since)s AND topic.created_at >= %(since)s
        ORDER BY topic.active_at DESC LIMIT 5000
    ) AS begun
"""


def _answered(user: Any) -> Iterable[Line]:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_REPLIES, {"since": since(), "a_day_ago": timezone.now() - UNANSWERED_AFTER})
        answered, usually, unanswered = cursor.fetchone()
    return [
        Line(_("Half of those who were answered waited less than"), in_words(usually) if answered >= FEW else _("too few to say")),
        Line(_("Without an answer for more than a day"), few(unanswered)),
    ]


MEASURES = [
    Measure(
        gettext_lazy("A first answer in a conversation"),
        _answered,
        order=10,
        way=("/forums/waiting/", gettext_lazy("Who waits for an answer")),
    )
]
