"""What of the record is a member's own: what they did and when, never the words, which are about others."""

from django.utils.translation import gettext_lazy as _

from community.copying import Own

from .models import Entry

OWN = [Own(Entry, _("What the record says you did"), {"action": _("what"), "at": _("when")}, by=("by",))]
