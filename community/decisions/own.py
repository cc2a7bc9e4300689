"""What was decided about a member, by name or under an alias, with the copy of their words."""

from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Decision

OWN = [
    Own(
        Decision,
        _("What was decided about you"),
        {
            "public_id": _("id"),
            "act": _("a volunteer …"),
            "at": _("when"),
            "persona__alias": _("as your alias"),
            "rule": _("the rule"),
            "reason": _("why"),
            "until": _("until"),
            "kept": _("your words as they stood"),
            "reversed_at": _("undone"),
        },
        by=("member", "persona"),
        page="decision_detail",
    ),
]
