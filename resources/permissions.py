"""Who may do what in the library. Seeing is `visible_to`; these are about doing."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from community.contributions.permissions import is_own
from community.members.permissions import can_write
from community.permissions import Denied, Verdict

from .models import Collection, Resource, Review


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


def can_decide_resource(user: Any, resource: Resource) -> Verdict:
    """Put up what was brought, turn it down, hide it, say where it leads, and so on; never what one brought oneself."""
    if not (verdict := can_review_resource(user)):
        return verdict
    if is_own(user, resource):
        return Denied(_("You brought this yourself, so somebody else decides about it."))
    return True


def can_import_resources(user: Any) -> Verdict:
    """Bring a whole file of bookmarks; what is in it still waits for a librarian."""
    if not user.is_authenticated or not (user.is_moderator or user.is_librarian or user.is_owner):
        step = (_("Bring one thing"), reverse("resource_create"))
        return Denied(
            _("Whole files are brought in by moderators and librarians. One thing at a time everybody can bring."), step=step
        )
    return can_write(user)


def can_vouch_for_import(user: Any, *, past_the_door: bool) -> Verdict:
    """Put up at once what is in a file: power over the library, so it asks for the second step; `past_the_door` if it was used."""
    if not (verdict := can_review_resource(user)):
        return verdict
    if not past_the_door:
        return Denied(_("To put these up at once, sign in with your second step."), step=(_("Sign in"), reverse("admin:login")))
    return True


def can_add_review(user: Any, resource: Resource) -> Verdict:
    """Say whether it helped; whoever brought it said so by bringing it."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to say whether it helped you."), step=(_("Sign in"), reverse("account_login")))
    if resource.speaks_as(user):
        return Denied(_("You brought this, and your words stand above. Let others say whether it helped them, too."))
    return can_write(user)


def can_change_review(user: Any, review: Review) -> Verdict:
    """One's own word, while it stands."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you said."))
    if not review.speaks_as(user):
        return Denied(_("Only the person who said this can change it."))
    if review.is_withdrawn:
        return Denied(_("You took this back. You can say something new."))
    return True


def can_edit_review(user: Any, review: Review) -> Verdict:
    if not (verdict := can_change_review(user, review) and can_write(user)):
        return verdict
    if review.is_hidden:
        return Denied(_("A volunteer hid this. Until it is shown again it stays as it is."))
    return True


def can_withdraw_review(user: Any, review: Review) -> Verdict:
    return can_change_review(user, review)


def can_save_resource(user: Any, resource: Resource) -> Verdict:
    """Keep something for oneself; nobody has to agree to anything first."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to keep this for yourself."), step=(_("Sign in"), reverse("account_login")))
    return True


def can_add_collection(user: Any) -> Verdict:
    return can_write(user)


def can_change_collection(user: Any, collection: Collection) -> Verdict:
    """What one put together oneself, while it stands."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you put together."))
    if not collection.speaks_as(user):
        return Denied(_("Only the person who put this together can change it."))
    if collection.is_withdrawn:
        return Denied(_("You took this back. You can begin a new one."))
    return True


def can_edit_collection(user: Any, collection: Collection) -> Verdict:
    if not (verdict := can_change_collection(user, collection) and can_write(user)):
        return verdict
    if collection.is_hidden:
        return Denied(_("A volunteer hid this. Until it is shown again it stays as it is."))
    return True


def can_withdraw_collection(user: Any, collection: Collection) -> Verdict:
    return can_change_collection(user, collection)
