"""What of the conversations is a member's own: what they said, under whatever name, and where they read lately."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from community.contributions.own import own_words, tags_of
from community.copying import Own

from .models import ReadMark, Reply, Topic

# So many weeks of reading can be found again.
_WEEKS = 8


def _read_lately(user: Any) -> QuerySet[ReadMark]:
    return ReadMark.objects.filter(shelf__in=ReadMark.shelves(user, weeks=_WEEKS))


OWN = [
    own_words(
        Topic,
        _("Conversations you began"),
        {"title": _("title"), "board__name": _("board"), "mode": _("what you asked for"), "tag_names": _("tags")},
        also={"tag_names": tags_of(Topic)},
    ),
    own_words(Reply, _("What you answered"), {"topic__board__name": _("board"), "topic__public_id": _("conversation")}),
    Own(
        ReadMark,
        _("Conversations you read lately"),
        {"topic__public_id": _("conversation"), "position": _("as far as number"), "at": _("when")},
        found=_read_lately,
    ),
]
