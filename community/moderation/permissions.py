"""Who may use power over others, and who may have its use looked at again. Seeing is `visible_to`; these are about doing."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from community.decisions.models import Act, Decision
from community.identity.models import Persona
from community.members.models import COORDINATORS, LIBRARIANS, User
from community.members.permissions import is_above
from community.permissions import Denied, Verdict

from .models import Appeal, DeskSettings, Report, Unmasking

# Asking to have something looked at --------------------------------------------------------


def can_report(user: Any, target: Any) -> Verdict:
    """Whoever can see something can report it: guests, too, and members whatever they agreed to or may not do just now."""
    voice = target.voice
    is_own = voice.pk in user.persona_keys if voice.is_persona and user.is_authenticated else voice == user
    if is_own:
        return Denied(_("This is your own. You can change it, or take it back."))
    if target.is_withdrawn:
        return Denied(_("This was taken back, so there is nothing left to look at."))
    return True


def can_close_report(user: Any, report: Report) -> Verdict:
    """Say what came of a report: never of one's own, of one about oneself, or, for whoever is less, of one about an owner."""
    if not (user.is_authenticated and _looks_after(user, report)):
        return Denied(_("Your role does not include this."))
    if _is_about(user, report):
        return Denied(_("You told us this yourself, so somebody else looks at it."))
    again = getattr(report, "appeal", None)
    if again is not None and again.first_by_id == user.pk:
        return Denied(_("You decided this first, so somebody else looks again."))
    return _can_decide_on(user, getattr(report.target, "voice", None))


def _can_decide_on(user: Any, voice: Any) -> Verdict:
    """Decide something about a voice or its words."""
    if voice is not None and (voice.pk in user.persona_keys if voice.is_persona else voice == user):
        return Denied(_("This is about you, so somebody else looks at it."))
    if is_above(user, voice):
        return Denied(_("This is about an owner, so another owner looks at it, or somebody in charge of safety."))
    return True


def can_appeal_report(user: Any, report: Report) -> Verdict:
    """Ask for another look at what came of a report: whoever made it, or for a guest's report whoever has its address."""
    is_nobodys = report.reporter_id is None and report.reporter_persona_id is None
    if not (is_nobodys or (user.is_authenticated and _is_about(user, report))):
        return Denied(_("Only the person who told us can ask for another look."))
    if report.closed_at is None:
        return Denied(_("Nobody has looked for the first time yet."))
    if not (verdict := _in_time(report.closed_at)):
        return verdict
    if Appeal.objects.filter(report=report).exists():
        return Denied(_("You asked for another look already."))
    return True


# Finding out who speaks under an alias ------------------------------------------------------


def can_ask_unmasking(user: Any, persona: Persona) -> Verdict:
    """Ask a second person in charge of safety to find out, together, who that is."""
    if not (user.is_authenticated and user.is_lead):
        return Denied(_("Only those in charge of safety can ask who speaks under an alias, and only two of them find out."))
    if persona.pk in user.persona_keys:
        return Denied(_("This is you."))
    if Unmasking.objects.open().filter(persona=persona).exists():
        return Denied(_("Somebody asked this already; it waits for a second person."))
    return True


def can_approve_unmasking(user: Any, unmasking: Unmasking) -> Verdict:
    if not (verdict := _can_answer(user, unmasking)):
        return verdict
    if unmasking.asked_by_id == user.pk:
        return Denied(_("You asked. Somebody else in charge of safety has to agree."))
    return True


def can_refuse_unmasking(user: Any, unmasking: Unmasking) -> Verdict:
    """Do not agree, or take back what one asked."""
    return _can_answer(user, unmasking)


def _can_answer(user: Any, unmasking: Unmasking) -> Verdict:
    if not (user.is_authenticated and user.is_lead):
        return Denied(_("Only those in charge of safety decide this."))
    if unmasking.persona_id in user.persona_keys:
        return Denied(_("This is about you, so somebody else decides it."))
    if not unmasking.is_waiting:
        return Denied(_("This does not wait for anybody any more."))
    return True


# What volunteers tell each other ------------------------------------------------------------


def can_note_voice(user: Any, voice: Any) -> Verdict:
    """Write down for other volunteers what they should know of somebody."""
    if not (user.is_authenticated and (user.is_moderator or user.is_owner)):
        return Denied(_("Your role does not include this."))
    if voice == user or (voice.is_persona and voice.pk in user.persona_keys):
        return Denied(_("This is you."))
    return True


# Another look -------------------------------------------------------------------------------


def can_appeal_decision(user: Any, decision: Decision) -> Verdict:
    """Ask for another look at what was decided about oneself. That needs nothing else: it works while one is paused, too."""
    if not user.is_authenticated or not _is_about(user, decision):
        return Denied(_("Only the person it is about can ask for another look."))
    if decision.is_reversed:
        return Denied(_("This does not hold any more, so there is nothing to look at again."))
    if not (verdict := _in_time(decision.at)):
        return verdict
    if Appeal.objects.filter(decision=decision).exists():
        return Denied(_("You asked for another look already."))
    return True


def can_decide_appeal(user: Any, appeal: Appeal) -> Verdict:
    """Look again, as somebody who neither decided it first nor is meant by it."""
    if not (user.is_authenticated and _looks_after(user, appeal.about)):
        return Denied(_("Your role does not include this."))
    if appeal.first_by_id == user.pk:
        return Denied(_("You decided this first, so somebody else looks again."))
    if _is_about(user, appeal.about):
        return Denied(_("This is about you, so somebody else looks at it."))
    if _is_for_safety(appeal.about) and not (user.is_lead or user.is_owner):
        return Denied(_("This was decided for safety, so somebody in charge of safety looks again."))
    if _is_for_owners(appeal.about) and not user.is_owner:
        return Denied(_("Only the owners decide this about somebody who looks after this place."))
    # Whose words it is about is somebody else, where those of several stand in one place: turned around, all come back.
    for voice in (appeal.about.voice if appeal.decision else None, getattr(appeal.about.target, "voice", None)):
        if not (verdict := _can_decide_on(user, voice)):
            return verdict
    if appeal.is_decided:
        return Denied(_("Somebody looked again already."))
    return True


def _in_time(decided_at: datetime) -> Verdict:
    desk = DeskSettings.current()
    if timezone.now() > decided_at + desk.appeals_possible_for:
        return Denied(_("Another look is possible for %(months)s months, and that is over.") % {"months": desk.appeal_months})
    return True


def _is_for_owners(about: Decision | Report) -> bool:
    """Is it about a role that was ended, or about the standing of somebody who has one?"""
    if not isinstance(about, Decision) or about.member is None or about.target_type.model_class() is not User:
        return False
    return about.act == Act.END or about.member.is_staff


def _is_for_safety(about: Decision | Report) -> bool:
    """Was it decided for the safety of others, by those in charge of it: to part two, or to pause somebody without an end?"""
    if not isinstance(about, Decision):
        return False
    return about.is_without_end or about.act in getattr(about.target_type.model_class(), "decided_for_safety", ())


def _is_about(user: Any, about: Any) -> bool:
    """Was this decided about `user`, or reported by them?"""
    if isinstance(about, Decision):
        return about.member_id == user.pk or about.persona_id in user.persona_keys
    return about.reporter_id == user.pk or about.reporter_persona_id in user.persona_keys


def _looks_after(user: Any, about: Decision | Report) -> bool:
    """Moderators and owners look after everything; librarians and coordinators after what is theirs."""
    if user.is_moderator or user.is_owner:
        return True
    group = getattr(about.target_type.model_class(), "looked_after_by", "")
    return (group == LIBRARIANS and user.is_librarian) or (group == COORDINATORS and user.is_coordinator)
