"""Who may write at all; rooms add their own rules on top."""

from django.urls import reverse
from django.utils.translation import gettext as _

from community.permissions import Denied, Verdict

from .models import Agreement


def can_write(user) -> Verdict:
    """May this viewer post anything anywhere?"""
    if not user.is_authenticated:
        return Denied(_("Please sign in to write."), step=(_("Sign in"), reverse("account_login")))
    if Agreement.objects.not_accepted_by(user).exists():
        return Denied(
            _("Before you write, please read what has changed in our house rules and say whether you agree."),
            step=(_("Read and agree"), reverse("agreement_list")),
        )
    return True
