"""Who may write at all; rooms add their own rules on top."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from community.decisions.models import Decision
from community.permissions import Denied, Verdict

from .models import Agreement


def can_write(user) -> Verdict:
    """May this viewer post anything anywhere?"""
    if not (verdict := can_say_goodbye(user)):
        return verdict
    if user.is_paused_without_end:
        return Denied(
            _(
                "Your posting is paused until somebody looks at it again. You can read, ask for another look, take a copy of what "
                "is yours, and say goodbye to a mentor."
            ),
            step=(_("Why, and what you can do"), reverse("decision_list")),
        )
    if user.paused_until:
        until = date_format(timezone.localtime(user.paused_until), "DATETIME_FORMAT")
        return Denied(
            _(
                "Your posting is paused until %(when)s. Until then you can read, ask for another look, take a copy of what is "
                "yours, and say goodbye to a mentor."
            )
            % {"when": until},
            step=(_("Why, and what you can do"), reverse("decision_list")),
        )
    return True


def can_say_goodbye(user) -> Verdict:
    """May this viewer have words here at all? More than that nobody needs to part from a mentor, also while they are paused."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to write."), step=(_("Sign in"), reverse("account_login")))
    missing = user.missing_agreements
    if missing is None:
        missing = set(Agreement.objects.not_accepted_by(user).values_list("kind", flat=True))
    step = (_("Read and agree"), reverse("agreement_list"))
    if Agreement.Kind.RULES in missing:
        return Denied(_("Before you write, please read our house rules as they are now and say whether you agree."), step=step)
    if missing:
        return Denied(_("To keep what you write, we need your yes to holding what is sensitive."), step=step)
    return True


def can_block_person(user, voice) -> Verdict:
    """May this viewer keep away from that voice? Staff are people, too; only oneself one can't avoid."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to block somebody."), step=(_("Sign in"), reverse("account_login")))
    if voice == user or (voice.is_persona and voice == user.persona_in(voice.conversation)):
        return Denied(_("This is you. You can only keep away from others."))
    return True


def can_pause_voice(user, voice) -> Verdict:
    """May this viewer keep that voice from posting for a time, have its words looked at first, or empty its page? Never oneself,
    or an owner.

    Of an alias nobody knows who it is, so everything but oneself is possible.
    """
    if not (user.is_authenticated and (user.is_moderator or user.is_owner)):
        return Denied(_("Your role does not include this."))
    if voice == user or (voice.is_persona and voice.pk in user.persona_keys):
        return Denied(_("This is you, so somebody else decides it."))
    if not voice.is_persona and voice.is_staff and not user.is_owner:
        return Denied(_("Only the owners decide this about somebody who looks after this place."))
    return True


def can_pause_without_end(user, voice) -> Verdict:
    """May this viewer keep that voice from posting until somebody looks at it again? That is for those in charge of safety and the
    owners; about a member by name, since the pause of an alias has to have an end, and never about an owner."""
    if not (verdict := can_pause_voice(user, voice)):
        return verdict
    if voice.is_persona:
        return Denied(_("A pause of an alias has an end, as nobody knows who is behind it. Choose 60 days; then look at it again."))
    if not (user.is_lead or user.is_owner):
        return _for_safety()
    if voice.is_owner:
        return Denied(_("An owner is not paused without an end."))
    return True


def can_let_write(user, voice) -> Verdict:
    """May this viewer end what keeps that voice from posting? A pause without an end only those who could decide one."""
    if not (verdict := can_pause_voice(user, voice)) or voice.is_persona or user.is_lead or user.is_owner:
        return verdict
    return _for_safety() if Decision.objects.without_end().filter(member=voice).exists() else True


def _for_safety() -> Denied:
    return Denied(_("Pauses without an end are for the owners and those in charge of safety. Tell one of them."))


def is_above(user, voice) -> bool:
    """Is this an owner, about whom and whose words only owners and those in charge of safety decide? Of an alias nobody knows."""
    return voice is not None and not voice.is_persona and voice.is_owner and not (user.is_owner or user.is_lead)


def can_keep_in_memory(user, member) -> Verdict:
    """May this viewer keep the account of somebody who died in memory of them, or give it back if that was a mistake?"""
    if not (user.is_authenticated and (user.is_lead or user.is_owner)):
        return Denied(_("Only the owners and those in charge of safety decide this."))
    if member == user:
        return Denied(_("This is you."))
    if member.is_staff and not user.is_owner:
        return Denied(_("Only the owners decide this about somebody who looks after this place."))
    return True
