"""What of the vocabulary is a member's own: the tags they follow, and those under which they found nothing."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Following, Tag, Unmet


def _in_vain(user: Any) -> QuerySet[Unmet]:
    """What `user` looked for in vain: nothing but trying each tag finds it."""
    return Unmet.objects.filter(seeker__in=[Unmet.seeker_of(tag, user) for tag in Tag.objects.only("pk")])


OWN = [
    Own(Following, _("Tags you follow"), {"tag__name": _("tag")}),
    Own(Unmet, _("Tags under which you found nothing"), {"tag__name": _("tag"), "day": _("day")}, found=_in_vain),
]
