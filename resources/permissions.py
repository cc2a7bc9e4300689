"""Who may do what in the library. Seeing is `visible_to`; these are about doing."""

from typing import Any

from django.utils.translation import gettext as _

from community.members.permissions import can_write
from community.permissions import Denied, Verdict

from .models import Resource


def can_submit_resource(user: Any) -> Verdict:
    return can_write(user)


def can_change_resource(user: Any, resource: Resource) -> Verdict:
    """What one brought oneself, while it stands."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you brought."))
    if not resource.speaks_as(user):
        return Denied(_("Only the person who brought this can change it."))
    if resource.is_withdrawn:
        return Denied(_("You took this back. You can bring it anew."))
    return True


def can_edit_resource(user: Any, resource: Resource) -> Verdict:
    if not (verdict := can_change_resource(user, resource) and can_write(user)):
        return verdict
    if resource.is_hidden:
        return Denied(_("A volunteer hid this. Until it is shown again it stays as it is."))
    return True


def can_withdraw_resource(user: Any, resource: Resource) -> Verdict:
    return can_change_resource(user, resource)


def can_review_resource(user: Any) -> Verdict:
    """Look at what was brought, and decide; it is done in the admin."""
    if not user.is_authenticated or not (user.is_librarian or user.is_owner):
        return Denied(_("The librarians look at what members bring."))
    return True


def can_report_resource(user: Any, resource: Resource) -> Verdict:
    """Say that something is wrong with it; nobody has to agree to new rules first."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to tell us what is wrong."))
    if resource.speaks_as(user):
        return Denied(_("You brought this yourself: you can change it or take it back."))
    return True


def can_import_resources(user: Any) -> Verdict:
    """Bring a whole file of bookmarks; what is in it still waits for a librarian."""
    if not user.is_authenticated or not (user.is_moderator or user.is_librarian or user.is_owner):
        return Denied(_("Whole files are brought in by moderators and librarians. Give them yours, they will be glad."))
    return can_write(user)
