"""Who may do what with the vocabulary. Seeing is `visible_to`; what carries a tag asks for the tag in its own form."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from community.permissions import Denied, Verdict


def can_follow_tag(user: Any) -> Verdict:
    if not user.is_authenticated:
        return Denied(_("Please sign in to follow a tag."), step=(_("Sign in"), reverse("account_login")))
    return True


def can_look_after_tags(user: Any) -> Verdict:
    """Accept what was proposed, turn it down, merge and rename; it is done in the admin."""
    if not user.is_authenticated or not (user.is_librarian or user.is_owner):
        return Denied(_("The librarians look after the tags."))
    return True
