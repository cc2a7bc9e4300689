"""Who may read: one rule for boards and for conversations."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    EVERYONE = "everyone", _("Anyone can read, also without signing in")
    MEMBERS = "members", _("Members can read")
    GROUP = "group", _("One group of members can read")


def open_to(viewer: Any) -> Q:
    """The audience rule, for anything with `audience` and `audience_group`."""
    if not viewer.is_authenticated:
        return Q(audience=Audience.EVERYONE)
    rule = Q(audience__in=[Audience.EVERYONE, Audience.MEMBERS])
    if viewer.group_ids:
        rule |= Q(audience=Audience.GROUP, audience_group__in=viewer.group_ids)
    return rule


# A constraint: a group is named exactly where the audience is one.
GROUP_IS_NAMED = Q(audience=Audience.GROUP, audience_group__isnull=False) | (~Q(audience=Audience.GROUP) & Q(audience_group=None))
