"""What of the desk is a member's own: what they told it, what they asked for, and what was done to their aliases.

Who reported them, and what volunteers note for each other, is not: it would tell of somebody else.
"""

from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Appeal, Claim, Duty, Report, Unmasking

OWN = [
    Own(
        Report,
        _("What you told us"),
        {
            "public_id": _("id"),
            "target_type__model": _("about"),
            "reporter_persona__alias": _("as your alias"),
            "created_at": _("when"),
            "reason": _("what is the matter"),
            "rule": _("which rule or law"),
            "words": _("in your words"),
            "in_good_faith_at": _("said in good faith"),
            "closed_at": _("looked at"),
            "outcome": _("what came of it"),
        },
        by=("reporter", "reporter_persona"),
        page="report_detail",
    ),
    Own(
        Appeal,
        _("Where you asked for another look"),
        {
            "public_id": _("id"),
            "made_at": _("when"),
            "words": _("in your words"),
            "decided_at": _("looked at"),
            "reversed_at": _("turned around"),
            "answer": _("answer"),
        },
        found=Appeal.objects.visible_to,
        page="appeal_detail",
    ),
    Own(
        Unmasking,
        _("When it was found out that an alias is you"),
        {"persona__alias": _("alias"), "opened_at": _("when"), "reason": _("why")},
        found=Unmasking.objects.visible_to,
    ),
    Own(
        Duty,
        _("What you take at the desk"),
        {"severe_a_day": _("heavy things a day"), "away_until": _("away until"), "severe_on": _("last heavy thing")},
    ),
    Own(Claim, _("What you work on just now"), {"target_type__model": _("about"), "until": _("until")}, by=("by",)),
]
