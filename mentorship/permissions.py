"""Who may do what among mentors and newcomers. Seeing is `visible_to`; these are about doing."""

from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from community.members.models import Block
from community.members.permissions import can_say_goodbye, can_write
from community.permissions import Denied, Verdict

from . import becoming, finding
from .models import MOST_ASKED, CheckIn, Match, Mentor, Message, Request, Side

# A match and its room ---------------------------------------------------------------------


def _is_one_of_them(user: Any, match: Match) -> Verdict:
    if not user.is_authenticated or match.side_of(user) is None:
        return Denied(_("This is between two people, and you are not one of them."))
    return True


def can_accept_match(user: Any, match: Match) -> Verdict:
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if not match.is_open or match.is_late:
        return Denied(_("This question is not open any more. Nobody did anything wrong."))
    return can_write(user)


def can_decline_match(user: Any, match: Match) -> Verdict:
    """Say no; that needs nothing, not even an agreement to the rules as they are now."""
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    return True if match.is_open else Denied(_("This question is not open any more. Nobody did anything wrong."))


def can_write_in_match(user: Any, match: Match) -> Verdict:
    """Messages, notes, goals, and what the two agree on."""
    return _is_open_to(user, match) and can_write(user)


def _is_open_to(user: Any, match: Match) -> Verdict:
    """Is this a room in which words go from one to the other?"""
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if match.is_over:
        return Denied(_("Your time together is over. What you wrote stays readable for you both."))
    if match.began_at is None:
        return Denied(_("Your room opens when both of you said yes."))
    if match.is_frozen:
        return Denied(_("This room rests for now. Nobody can write here until somebody in charge of safety has looked."))
    if match.is_across_a_block:
        return Denied(_("You two don’t meet here any more, so nobody can write. What was said stays readable."))
    return True


def can_edit_message(user: Any, message: Message) -> Verdict:
    return can_withdraw_message(user, message) and can_write_in_match(user, message.match)


def can_withdraw_message(user: Any, message: Message) -> Verdict:
    """Take one's own words back, also when the room rests or is a memory."""
    if not user.is_authenticated or not message.speaks_as(user):
        return Denied(_("Only the person who wrote this can change it."))
    if message.is_withdrawn:
        return Denied(_("You took this back. They see that something stood here, not what it said."))
    return True


def can_keep_session(user: Any, match: Match) -> Verdict:
    """A line for oneself, also when the room rests or is a memory."""
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    return True if match.began_at else Denied(_("Your room opens when both of you said yes."))


def can_call_lead(user: Any, match: Match) -> Verdict:
    """Whatever the match has become, and whatever one has agreed to: safety asks nothing first."""
    return _is_one_of_them(user, match)


def can_stop_match(user: Any, match: Match) -> Verdict:
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    return True if match.is_active else Denied(_("You are not together at the moment, so there is nothing to stop."))


def can_ask_for_cover(user: Any, match: Match) -> Verdict:
    """A mentor who can't go on just now; it needs nothing else, also while the room rests."""
    if not (verdict := can_stop_match(user, match)):
        return verdict
    return True if match.side_of(user) == Side.MENTOR else Denied(_("Only the mentor of the two can ask for cover."))


# Looking for a mentor ---------------------------------------------------------------------


def can_request_mentor(user: Any) -> Verdict:
    """Begin to look for a mentor; one at a time, so that it is a good thing for both."""
    if not (verdict := can_write(user)):
        return verdict
    if match := Match.objects.active().filter(newcomer=user.pk).first():
        step = (_("To your room"), match.get_absolute_url())
        return Denied(_("You have a mentor already. When that has come to its end, you can ask again."), step=step)
    return True


def can_change_request(user: Any, request: Request) -> Verdict:
    """What one asked for oneself, while one looks; taking it back needs nothing else."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to change what you asked for."))
    if request.user_id != user.pk:
        return Denied(_("Only the person who asked can change this."))
    if not request.is_open:
        return Denied(_("This search is over. You can ask again; your words from then are still here."))
    return True


def can_edit_request(user: Any, request: Request) -> Verdict:
    return can_change_request(user, request) and can_write(user)


def can_ask_mentor(user: Any, request: Request) -> Verdict:
    """Ask one of the mentors who could fit whether they want to begin."""
    if not (verdict := can_edit_request(user, request)):
        return verdict
    if finding.asked_now(user) >= MOST_ASKED:
        return Denied(_("You asked as many as can be asked at once. Wait for an answer, or take a question back."))
    return True


# Looking after it all ---------------------------------------------------------------------


def can_match_newcomers(user: Any) -> Verdict:
    """Bring others together, one by one or in cohorts, and see for that who waits and how pairs fare; a role, and nobody else's."""
    if user.is_authenticated and user.is_coordinator:
        return True
    return Denied(_("Only coordinators bring people together. Those in charge can make somebody a coordinator."))


# Along the way, and at the end --------------------------------------------------------------


def can_answer_check_in(user: Any, check_in: CheckIn) -> Verdict:
    """Say how it goes, and change one's mind as long as it goes on; that needs no agreement to anything."""
    if not user.is_authenticated or check_in.user_id != user.pk:
        return Denied(_("This question is for somebody else."))
    if check_in.match.is_over:
        return Denied(_("Your time together is over, so nobody needs an answer any more."))
    return True


def can_plan_ending(user: Any, match: Match) -> Verdict:
    """Choose the last day, another one, or none."""
    return can_write_in_match(user, match)


def can_part_match(user: Any, match: Match) -> Verdict:
    """Say what there is to say at the end: thanks, and a word for the coordinators. While it goes on, that ends it.

    A goodbye is possible also while one is paused.
    """
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if match.began_at is None:
        return Denied(_("You two were not together, so there is nothing to end."))
    return can_say_goodbye(user) if match.is_over else _is_open_to(user, match) and can_say_goodbye(user)


def can_thank_match(user: Any, match: Match) -> Verdict:
    """Words to the other one at the end. After any other end than a good one none are sent."""
    if not (verdict := can_part_match(user, match)):
        return verdict
    if match.is_over and not match.lets_words_pass:
        return Denied(_("It ended in a way after which no words go from one to the other. You can still tell the coordinators."))
    return True


def can_show_testimonial(user: Any, match: Match) -> Verdict:
    """Let others read what the newcomer wrote, or not any more; the mentor's choice."""
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if match.side_of(user) != Side.MENTOR:
        return Denied(_("Whether others read it is for your mentor to choose. You can take it back at any time."))
    return True if match.is_over and match.testimonial else Denied(_("There are no words that could be shown."))


def can_withdraw_testimonial(user: Any, match: Match) -> Verdict:
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if match.side_of(user) != Side.NEWCOMER:
        return Denied(_("These are the newcomer’s words. You choose only whether others read them."))
    return True if match.testimonial else Denied(_("There are no words that could be taken back."))


def can_report_testimonial(user: Any, match: Match) -> Verdict:
    """Say that something is wrong with words on a mentor's page; nobody has to agree to new rules first."""
    if not user.is_authenticated:
        return Denied(_("Please sign in to tell us what is wrong."))
    if match.newcomer_id == user.pk:
        return Denied(_("These are your own words: you can take them back."))
    return True if match.testimonial else Denied(_("There are no words that could be looked at."))


def can_report_thanks(user: Any, match: Match) -> Verdict:
    """Have the moderators look at what the other one says at the end."""
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    said = match.mentor_thanks if match.side_of(user) == Side.NEWCOMER else match.newcomer_thanks
    return True if said else Denied(_("There are no words that could be looked at."))


def can_ask_again(user: Any, match: Match) -> Verdict:
    """Wish to begin again with somebody from before.

    After an end for safety, and to whom the other one keeps away from, it looks as ever: nobody learns of that from here. Such a
    wish never comes true.
    """
    if not (verdict := _is_one_of_them(user, match)):
        return verdict
    if match.began_at is None or not match.is_over:
        return Denied(_("You can ask for each other again when your time together is over."))
    if Block.objects.filter(blocker=user.pk, blocked=match.other_than(user)).exists():
        return Denied(_("You have blocked them. You two can’t be brought together again."))
    if not match.other_than(user).is_active or not match.mentor.is_approved:
        return Denied(_("You can’t begin again just now: one of you is not here, or does not guide anybody at the moment."))
    return can_write(user)


# Being a mentor ---------------------------------------------------------------------------


def can_apply_as_mentor(user: Any) -> Verdict:
    """Tell of oneself and take the training, before one is a mentor and while one is."""
    return can_write(user)


def can_send_application(user: Any, mentor: Mentor) -> Verdict:
    """Hand it in, once everything is there."""
    if not (verdict := _is_own(user, mentor) and can_write(user)):
        return verdict
    if mentor.is_approved or mentor.is_lapsed:
        return Denied(_("You are among the mentors already. When your time runs out, you can ask to go on."))
    if mentor.is_waiting:
        return Denied(_("It is with the coordinators already. You hear from them either way."))
    if missing := becoming.still_to_do(mentor):
        return Denied(_("Something is still to do before: %(steps)s.") % {"steps": get_text_list(missing, _("and"))})
    if not user.is_settled:
        return Denied(_("You are new here. Look around for some days first, then hand it in; what you did is kept until then."))
    return True


def can_renew_mentor(user: Any, mentor: Mentor) -> Verdict:
    """Ask to go on for another year."""
    if not (verdict := _is_own(user, mentor) and can_write(user)):
        return verdict
    if mentor.approved_at is None or mentor.has_stopped:
        return Denied(_("You are no mentor at the moment. You can hand in an application."))
    if mentor.renewal_asked_at:
        return Denied(_("You asked to go on already. You hear from the coordinators either way."))
    if not mentor.is_renewable:
        return Denied(_("There is plenty of time still. Two months before the end you can say here that you would like to go on."))
    if missing := [step.lesson.name for step in becoming.steps(mentor) if step.done is None and step.lesson.is_case]:
        return Denied(_("There is a new step of the training first: %(steps)s.") % {"steps": get_text_list(missing, _("and"))})
    return True


def can_change_places(user: Any, mentor: Mentor) -> Verdict:
    """Rest, come back, and say how many one takes; it needs nothing else, and works at once."""
    if not (verdict := _is_own(user, mentor)):
        return verdict
    return True if mentor.is_approved else Denied(_("You are no mentor at the moment, so there is nothing to rest from."))


def can_stop_mentoring(user: Any, mentor: Mentor) -> Verdict:
    if not (verdict := _is_own(user, mentor)):
        return verdict
    return Denied(_("You have stopped already.")) if mentor.has_stopped else True


def can_review_mentors(user: Any) -> Verdict:
    """Look at applications, and decide; and keep the training and the kinds of help. It is done in the admin."""
    if not user.is_authenticated or not (user.is_coordinator or user.is_owner):
        return Denied(_("The coordinators look at who would like to be a mentor."))
    return True


def _is_own(user: Any, mentor: Mentor) -> Verdict:
    if not user.is_authenticated or mentor.pk != user.pk:
        return Denied(_("Only the mentor themselves can do this."))
    return True
