"""The whole policy on one page: every rule, in every situation it tells apart, asked by everybody.

A rule without a row here fails the suite. The cast: a guest, a newcomer of the first days, a member, the author of what the
rule is about, somebody other, a moderator and an owner. Staff get no more on room pages than members do.
"""

import ast
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from community.contributions import permissions as contributions
from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.members import limits
from community.members import permissions as members
from community.members.models import Block
from community.moderation import permissions as moderation
from community.moderation.models import Appeal, Report, Unmasking
from community.permissions import Denied
from community.tags import permissions as tags
from forums import permissions as forums
from mentorship import becoming
from mentorship import permissions as mentorship
from mentorship.models import CheckIn, Lesson, Match, Mentor
from resources import permissions as resources
from tests import make

CAST = ("guest", "newcomer", "member", "author", "other", "moderator", "owner")
EVERYBODY_IN = frozenset(CAST) - {"guest"}
NOBODY = frozenset()
AUTHOR = frozenset({"author"})
OWNER = frozenset({"owner"})
STAFF = frozenset({"moderator", "owner"})


@dataclass(frozen=True)
class Row:
    """Who gets a yes from `rule` in `situation`; `given` makes what the rule is asked about, from the author."""

    rule: Callable[..., Any]
    situation: str
    yes: frozenset[str]
    given: Callable[[Any], tuple] = lambda author: ()
    named: dict[str, Any] | None = None
    asked_by: tuple[str, ...] = CAST
    prepare: Callable[[Any], None] | None = None

    def __str__(self) -> str:
        return f"{self.rule.__name__}: {self.situation}"


def with_new_rules(viewer) -> None:
    """The viewer has agreed to nothing that is current."""
    if viewer.is_authenticated:
        viewer.acceptances.all().delete()


def paused(viewer) -> None:
    """The viewer may post nothing for a time."""
    if viewer.is_authenticated:
        viewer.pause(by=make.user(role="owner"), reason="A few quiet days.", until=timezone.now() + timedelta(days=2))


def paused_without_end(viewer):
    """The viewer may post nothing until somebody looks at it again."""
    if viewer.is_authenticated:
        viewer.pause(by=make.user(role="owner"), reason="They sought out newcomers.", until=None)
    return viewer


def held(author):
    return (make.reply(make.topic(make.board(held_first_at=timezone.now())), author),)


def held_under_an_alias(author):
    made = make.topic(make.board(held_first_at=timezone.now()))
    return (make.reply(made, speak_as(author, made.public_id)),)


def sent_back(author):
    made = make.reply(author=author)
    made.revise(by=make.user("warden", role="moderator"), reason="Please leave out the street.")
    return (made,)


def topic(author):
    return (make.topic(author=author),)


def reply(author):
    return (make.reply(author=author),)


def alias_of(author):
    author.is_here = True
    return (speak_as(author, make.topic().public_id),)


def closed_by_its_author(author):
    made = make.topic(author=author)
    made.lock(by=author)
    return (made,)


def closed_by_a_moderator(author):
    made = make.topic(author=author)
    made.lock(by=make.user("warden", role="moderator"), reason="It went in circles.")
    return (made,)


def withdrawn(author):
    made = make.reply(author=author)
    made.withdraw()
    return (made,)


def here(viewer):
    """The viewer as the member whose request it is: only then an alias is theirs to find."""
    if viewer.is_authenticated:
        viewer.is_here = True
    return viewer


def anonymous_board(author, *, leads=2):
    for number in range(leads):
        make.user(f"lead-{number}", role="lead")
    return (make.board(anonymous_at=timezone.now()),)


def anonymous_topic(author):
    made = make.board(anonymous_at=timezone.now())
    public_id = uuid4()
    return (make.topic(made, speak_as(author, public_id), public_id=public_id),)


def anonymous_reply(author):
    made = make.topic()
    return (make.reply(made, speak_as(author, made.public_id)),)


def closed_by_its_alias(author):
    (made,) = anonymous_topic(author)
    made.lock(by=made.persona)
    return (made,)


def answered_by_an_alias_that_its_starter_blocked(author):
    made = make.topic()
    Block.put(made.author, make.reply(made, speak_as(author, made.public_id)).persona)
    return (made,)


def answered_by_an_alias_that_an_alias_blocked(author):
    (made,) = anonymous_topic(make.user())
    Block.put(made.persona, make.reply(made, speak_as(author, made.public_id)).persona)
    return (made,)


def resource(author):
    return (make.resource(author),)


def waiting_resource(author):
    return (make.resource(author, publish=False),)


def refused_resource(author):
    (made,) = waiting_resource(author)
    made.refuse(by=make.user("shelver", role="librarian"), reason="It sells something.")
    return (made,)


def hidden_resource(author):
    (made,) = resource(author)
    made.hide(by=make.user("warden", role="moderator"), reason="It went too far.")
    return (made,)


def withdrawn_resource(author):
    (made,) = resource(author)
    made.withdraw()
    return (made,)


def review(author):
    return (make.review(author=author),)


def hidden_review(author):
    (made,) = review(author)
    made.hide(by=make.user("warden", role="moderator"), reason="It went too far.")
    return (made,)


def withdrawn_review(author):
    (made,) = review(author)
    made.withdraw()
    return (made,)


def collection(author):
    return (make.collection(author),)


def private_collection(author):
    return (make.collection(author, shared="private"),)


def hidden_collection(author):
    (made,) = collection(author)
    made.hide(by=make.user("warden", role="moderator"), reason="It went too far.")
    return (made,)


def withdrawn_collection(author):
    (made,) = collection(author)
    made.withdraw()
    return (made,)


def search(author):
    return (make.request(author),)


def search_that_is_over(author):
    (made,) = search(author)
    made.close("back")
    return (made,)


def search_with_three_questions(author):
    (made,) = search(author)
    for _ in range(3):
        Match.ask(made, make.mentor())
    return (made,)


def with_a_mentor(viewer):
    if viewer.is_authenticated:
        make.match(viewer)


def question(author):
    return (make.match(make.user(), author, begun=False),)


def late_question(author):
    (made,) = question(author)
    made.answer_until = timezone.now()
    return (made,)


def room(author):
    return (make.match(author),)


def room_as_mentor(author):
    return (make.match(mentor=author),)


def frozen_room(author):
    (made,) = room(author)
    made.freeze()
    return (made,)


def room_across_a_block(author):
    """A block that came another way; one that somebody makes ends the pair."""
    (made,) = room(author)
    Block.objects.create(blocker=made.mentor.user, blocked=author)
    return (made,)


def memory(author):
    (made,) = room(author)
    made.end(ending="planned")
    return (made,)


def ended(ending):
    def given(author):
        (made,) = room(author)
        made.end(ending=ending, by=author)
        return (made,)

    return given


def memory_across_a_block(author):
    (made,) = memory(author)
    Block.objects.create(blocker=made.mentor.user, blocked=author)
    return (made,)


def memory_with_words(author):
    (made,) = memory(author)
    made.part(by=author, testimonial="They listen.")
    return (made,)


def memory_with_thanks(author):
    (made,) = memory(author)
    made.part(by=made.mentor.user, thanks="For your trust.")
    return (made,)


def memory_with_words_for(author):
    """The author is the mentor, and somebody wrote words for others."""
    made = make.match(mentor=author)
    made.part(by=made.newcomer, testimonial="They listen.")
    return (made,)


def check_in(author):
    CheckIn.ask(*room(author), 1, kind=CheckIn.Kind.FIT)
    return (CheckIn.objects.get(user=author),)


def check_in_of_the_other(author):
    (asked,) = check_in(author)
    return (CheckIn.objects.exclude(pk=asked.pk).get(),)


def check_in_of_a_memory(author):
    (asked,) = check_in(author)
    asked.match.end(ending="stopped")
    return (asked,)


def own_message(author):
    return (make.message(*room(author)),)


def own_message_in_a_frozen_room(author):
    (made,) = own_message(author)
    made.match.freeze()
    return (made,)


def withdrawn_message(author):
    (made,) = own_message(author)
    made.withdraw()
    return (made,)


def own_profile(author):
    return (author,)


def closed_report(author):
    report = Report.put(make.reply(), by=author, reason="other")
    report.close(by=make.user(role="moderator"), reason="We talked with them.")
    return (Report.objects.get(pk=report.pk),)


def open_report(author):
    return (Report.put(make.reply(), by=author, reason="other"),)


def as_moderator(viewer) -> None:
    """The viewer looks after what others write."""
    viewer.appoint("moderator", by=make.user(role="owner"), reason="They read every evening.", is_trained=True)


def report_about(author):
    return (Report.put(make.reply(author=author), reason="other"),)


def report_about_alias(author):
    return (Report.put(*anonymous_reply(author), reason="other"),)


def report_about_an_owner(author):
    return report_about(make.user(role="owner"))


def guests_report(author):
    report = Report.put(make.reply(), reason="other")
    report.close(by=make.user(role="moderator"), reason="We talked with them.")
    return (report,)


def report_looked_at_again(author):
    (report,) = closed_report(author)
    Appeal.ask(report)
    return (report,)


def report_of_long_ago(author):
    (report,) = closed_report(author)
    report.closed_at = timezone.now() - timedelta(days=184)
    return (report,)


def others_message(author):
    (made,) = room(author)
    return (make.message(made, made.mentor.user),)


def begun_mentor(author):
    return (Mentor.objects.create(user=author, story="Some words.", languages=["en"], hours=make.EVENINGS),)


def ready_mentor(author):
    (made,) = begun_mentor(author)
    for lesson in Lesson.objects.in_use():
        becoming.take(made, lesson)
    return (made,)


def applied_mentor(author):
    (made,) = ready_mentor(author)
    made.apply()
    return (made,)


def refused_mentor(author):
    (made,) = applied_mentor(author)
    made.refuse(by=make.user("warden", role="coordinator"), reason="It is a little short.")
    return (made,)


def approved_mentor(author, *, days=300):
    (made,) = applied_mentor(author)
    made.approve(by=author, until=timezone.localdate() + timedelta(days=days))
    return (made,)


def stopped_mentor(author):
    (made,) = approved_mentor(author)
    made.stand_down()
    return (made,)


def decision(author):
    words = make.reply(author=author)
    words.hide(by=make.user("warden", role="moderator"), reason="It names a neighbour.")
    return (Decision.objects.about(words).get(),)


def decision_on_an_alias(author):
    (words,) = anonymous_reply(author)
    words.hide(by=make.user("warden", role="moderator"), reason="It names a neighbour.")
    return (Decision.objects.about(words).get(),)


def old_decision(author):
    (made,) = decision(author)
    made.at -= timedelta(days=184)
    return (made,)


def reversed_decision(author):
    (made,) = decision(author)
    made.reverse(by=make.user(role="moderator"), reason="It was a mistake.")
    return (made,)


def decision_looked_at_again(author):
    (made,) = decision(author)
    Appeal.ask(made)
    return (made,)


def appeal(author):
    return (Appeal.ask(*decision(author)),)


def appeal_of_an_owner(author):
    return (Appeal.ask(*decision(make.user(role="owner"))),)


def appeal_of_somebody_dismissed(author):
    author.appoint("librarian", by=make.user(role="owner"), reason="They know every shelf.", is_trained=True)
    author.dismiss("librarian", by=make.user(role="owner"), reason="They brought advertisements.")
    return (Appeal.ask(Decision.objects.get(member=author)),)


def appeal_of_a_pause_without_end(author):
    paused_without_end(author)
    return (Appeal.ask(Decision.objects.get(member=author)),)


def answered_appeal(author):
    (made,) = appeal(author)
    made.uphold(by=make.user(role="moderator"), reason="It does name them.")
    return (made,)


def unmasking(author):
    (words,) = anonymous_reply(author)
    return (Unmasking.ask(words.persona, by=make.user(role="lead"), reason="They are in danger."),)


POLICY = [
    # Writing at all
    Row(members.can_write, "agreed to the current texts", EVERYBODY_IN),
    Row(members.can_write, "new house rules", NOBODY, prepare=with_new_rules),
    # The gentle limits of the first days, which nobody but a newcomer has
    *(
        Row(limits.can_post_more, f"{made} {kind} today", yes, named={"made_today": made, "kind": kind}, asked_by=CAST[1:])
        for made, kind, yes in [
            (2, "topics", EVERYBODY_IN),
            (3, "topics", EVERYBODY_IN - {"newcomer"}),
            (9, "replies", EVERYBODY_IN),
            (10, "replies", EVERYBODY_IN - {"newcomer"}),
        ]
    ),
    # Not to meet somebody: anybody else, staff too
    Row(members.can_write, "paused", NOBODY, prepare=paused),
    Row(members.can_say_goodbye, "agreed to the current texts", EVERYBODY_IN),
    Row(members.can_say_goodbye, "new house rules", NOBODY, prepare=with_new_rules),
    Row(members.can_say_goodbye, "paused", EVERYBODY_IN, prepare=paused),
    Row(members.can_pause_voice, "a member", frozenset({"moderator", "owner"}), lambda author: (author,)),
    Row(members.can_pause_voice, "an alias", frozenset({"moderator", "owner"}), alias_of),
    Row(members.can_pause_voice, "a moderator", OWNER, lambda author: (make.user(role="moderator"),)),
    # Those in charge of safety, who decide it too, are not of this cast (tests/community/test_pausing_without_end.py)
    Row(members.can_pause_without_end, "a member", OWNER, lambda author: (author,)),
    Row(members.can_pause_without_end, "an alias", NOBODY, alias_of),
    Row(members.can_pause_without_end, "a moderator", OWNER, lambda author: (make.user(role="moderator"),)),
    Row(members.can_pause_without_end, "an owner", NOBODY, lambda author: (make.user(role="owner"),)),
    Row(members.can_let_write, "paused for a time", STAFF, lambda author: (paused(author) or author,)),
    Row(members.can_let_write, "paused without end", OWNER, lambda author: (paused_without_end(author),)),
    Row(members.can_write, "paused without end", NOBODY, prepare=paused_without_end),
    *(
        Row(rule, situation, yes if situation in situations.split(", ") else NOBODY, given)
        for rule, yes, situations in [
            (contributions.can_send_again, AUTHOR, "waits, waits under an alias, sent back"),
            (contributions.can_show_words, STAFF, "waits, waits under an alias, sent back, shown"),
            (contributions.can_decide_words, STAFF, "waits, waits under an alias, sent back, shown"),
        ]
        for situation, given in [
            ("waits", held),
            ("waits under an alias", held_under_an_alias),
            ("sent back", sent_back),
            ("shown", reply),
        ]
    ),
    Row(contributions.can_send_again, "waits, new house rules", NOBODY, held, prepare=with_new_rules),
    Row(contributions.can_send_again, "waits, paused", NOBODY, held, prepare=paused),
    # In memory of somebody; those in charge of safety, who decide it too, are not of this cast (tests/community/test_memorial.py)
    Row(members.can_keep_in_memory, "a member", OWNER, lambda author: (author,)),
    Row(members.can_keep_in_memory, "a moderator", OWNER, lambda author: (make.user(role="moderator"),)),
    Row(forums.can_begin_memorial, "a conversation", OWNER, topic),
    Row(members.can_block_person, "a member", EVERYBODY_IN - AUTHOR, lambda author: (author,)),
    Row(members.can_block_person, "an alias", EVERYBODY_IN - AUTHOR, alias_of),
    # The vocabulary; with the owners, librarians look after it, who are not of this cast (tests/community/test_tags.py)
    Row(tags.can_follow_tag, "a tag", EVERYBODY_IN),
    Row(tags.can_look_after_tags, "the tags", OWNER),
    # Conversations
    # With moderators and owners, greeters, who are not of this cast (tests/community/test_roles.py)
    Row(forums.can_greet_newcomers, "newcomers who wait", STAFF),
    Row(forums.can_start_topic, "a board", EVERYBODY_IN, lambda author: (make.board(),)),
    Row(forums.can_start_topic, "a board, new house rules", NOBODY, lambda author: (make.board(),), prepare=with_new_rules),
    Row(forums.can_reply, "an open conversation", EVERYBODY_IN, topic),
    Row(forums.can_reply, "an open conversation, new house rules", NOBODY, topic, prepare=with_new_rules),
    Row(forums.can_reply, "closed by its author", NOBODY, closed_by_its_author),
    Row(forums.can_reply, "closed by a moderator", NOBODY, closed_by_a_moderator),
    Row(
        forums.can_reply,
        "blocked by its starter under an alias",
        EVERYBODY_IN - AUTHOR,
        answered_by_an_alias_that_its_starter_blocked,
    ),
    Row(forums.can_reply, "blocked by an anonymous starter", EVERYBODY_IN, answered_by_an_alias_that_an_alias_blocked),
    # Speaking under a name made for one conversation
    Row(forums.can_speak_anonymously, "a board that allows it", EVERYBODY_IN, anonymous_board),
    Row(forums.can_speak_anonymously, "one lead alone", NOBODY, partial(anonymous_board, leads=1)),
    Row(forums.can_speak_anonymously, "new house rules", NOBODY, anonymous_board, prepare=with_new_rules),
    Row(forums.can_speak_anonymously, "another board", NOBODY, lambda author: (*anonymous_board(author)[1:], make.board())),
    Row(forums.can_allow_anonymous, "two leads", OWNER, anonymous_board),
    Row(forums.can_allow_anonymous, "one lead alone", NOBODY, partial(anonymous_board, leads=1)),
    Row(forums.can_end_anonymous, "no lead any more", OWNER, partial(anonymous_board, leads=0)),
    # One's own words
    *(
        Row(rule, situation, yes, given)
        for rule in (forums.can_change, forums.can_edit, forums.can_withdraw)
        for situation, yes, given in [
            ("an opening post", AUTHOR, topic),
            ("a reply", AUTHOR, reply),
            ("in a closed conversation", AUTHOR, closed_by_a_moderator),
            ("words taken back", NOBODY, withdrawn),
            ("an opening post under an alias", AUTHOR, anonymous_topic),
            ("a reply under an alias", AUTHOR, anonymous_reply),
        ]
    ),
    Row(forums.can_edit, "a reply, new house rules", NOBODY, reply, prepare=with_new_rules),
    Row(forums.can_withdraw, "a reply, new house rules", AUTHOR, reply, prepare=with_new_rules),
    # Closing and opening again
    Row(forums.can_lock_topic, "an open conversation", AUTHOR, topic),
    Row(forums.can_lock_topic, "an open conversation of an alias", AUTHOR, anonymous_topic),
    Row(forums.can_unlock_topic, "closed by its alias", AUTHOR, closed_by_its_alias),
    Row(forums.can_unlock_topic, "closed by its author", AUTHOR, closed_by_its_author),
    Row(forums.can_unlock_topic, "closed by a moderator", NOBODY, closed_by_a_moderator),
    # The library
    Row(resources.can_submit_resource, "anything", EVERYBODY_IN),
    Row(resources.can_submit_resource, "anything, new house rules", NOBODY, prepare=with_new_rules),
    *(
        Row(rule, situation, yes, given)
        for rule, while_hidden in [
            (resources.can_change_resource, AUTHOR),
            (resources.can_edit_resource, NOBODY),
            (resources.can_withdraw_resource, AUTHOR),
        ]
        for situation, yes, given in [
            ("in the library", AUTHOR, resource),
            ("waiting", AUTHOR, waiting_resource),
            ("turned down", AUTHOR, refused_resource),
            ("hidden", while_hidden, hidden_resource),
            ("taken back", NOBODY, withdrawn_resource),
        ]
    ),
    Row(resources.can_edit_resource, "in the library, new house rules", NOBODY, resource, prepare=with_new_rules),
    Row(resources.can_withdraw_resource, "in the library, new house rules", AUTHOR, resource, prepare=with_new_rules),
    # What readers make of it
    Row(resources.can_add_review, "in the library", EVERYBODY_IN - AUTHOR, resource),
    Row(resources.can_add_review, "in the library, new house rules", NOBODY, resource, prepare=with_new_rules),
    Row(resources.can_save_resource, "in the library", EVERYBODY_IN, resource),
    Row(resources.can_save_resource, "in the library, new house rules", EVERYBODY_IN, resource, prepare=with_new_rules),
    Row(resources.can_add_collection, "any", EVERYBODY_IN),
    Row(resources.can_add_collection, "any, new house rules", NOBODY, prepare=with_new_rules),
    *(
        Row(rule, situation, yes, given)
        for rule, while_hidden in [
            (resources.can_change_review, AUTHOR),
            (resources.can_edit_review, NOBODY),
            (resources.can_withdraw_review, AUTHOR),
        ]
        for situation, yes, given in [
            ("shown", AUTHOR, review),
            ("hidden", while_hidden, hidden_review),
            ("taken back", NOBODY, withdrawn_review),
        ]
    ),
    *(
        Row(rule, situation, yes, given)
        for rule, while_hidden in [
            (resources.can_change_collection, AUTHOR),
            (resources.can_edit_collection, NOBODY),
            (resources.can_withdraw_collection, AUTHOR),
        ]
        for situation, yes, given in [
            ("for everyone", AUTHOR, collection),
            ("private", AUTHOR, private_collection),
            ("hidden", while_hidden, hidden_collection),
            ("taken back", NOBODY, withdrawn_collection),
        ]
    ),
    Row(resources.can_edit_review, "shown, new house rules", NOBODY, review, prepare=with_new_rules),
    Row(resources.can_edit_collection, "for everyone, new house rules", NOBODY, collection, prepare=with_new_rules),
    # Librarians are none of the cast.
    Row(resources.can_review_resource, "what waits", OWNER),
    Row(resources.can_decide_resource, "brought by somebody", OWNER, lambda author: (make.resource(author),)),
    Row(resources.can_vouch_for_import, "a file, with the second step", OWNER, named={"past_the_door": True}),
    Row(resources.can_vouch_for_import, "a file, without", NOBODY, named={"past_the_door": False}),
    Row(resources.can_import_resources, "a file", frozenset({"moderator", "owner"})),
    Row(resources.can_import_resources, "a file, new house rules", NOBODY, prepare=with_new_rules),
    # A match of the author, the newcomer in it, and its room
    *(
        Row(rule, situation, AUTHOR if situation in yes.split(", ") else NOBODY, given)
        for rule, yes in [
            (mentorship.can_accept_match, "question"),
            (mentorship.can_decline_match, "question, question that ran out"),
            (mentorship.can_write_in_match, "room"),
            (mentorship.can_keep_session, "room, frozen room, room across a block, memory"),
            (mentorship.can_call_lead, "question, question that ran out, room, frozen room, room across a block, memory"),
            (mentorship.can_stop_match, "room, frozen room, room across a block"),
        ]
        for situation, given in [
            ("question", question),
            ("question that ran out", late_question),
            ("room", room),
            ("frozen room", frozen_room),
            ("room across a block", room_across_a_block),
            ("memory", memory),
        ]
    ),
    *(
        Row(rule, "new house rules", yes, given, prepare=with_new_rules)
        for rule, yes, given in [
            (mentorship.can_accept_match, NOBODY, question),
            (mentorship.can_decline_match, AUTHOR, question),
            (mentorship.can_write_in_match, NOBODY, room),
            (mentorship.can_keep_session, AUTHOR, room),
            (mentorship.can_call_lead, AUTHOR, room),
            (mentorship.can_stop_match, AUTHOR, room),
            (mentorship.can_edit_message, NOBODY, own_message),
            (mentorship.can_withdraw_message, AUTHOR, own_message),
        ]
    ),
    *(
        Row(rule, situation, AUTHOR if situation in yes else NOBODY, given)
        for rule, yes in [
            (mentorship.can_edit_message, {"one's own"}),
            (mentorship.can_withdraw_message, {"one's own", "one's own in a frozen room"}),
        ]
        for situation, given in [
            ("one's own", own_message),
            ("one's own in a frozen room", own_message_in_a_frozen_room),
            ("one's own, taken back", withdrawn_message),
            ("the other's", others_message),
        ]
    ),
    # A mentor who needs cover
    *(
        Row(mentorship.can_ask_for_cover, situation, yes, given)
        for situation, yes, given in [
            ("the newcomer", NOBODY, room),
            ("the mentor", AUTHOR, room_as_mentor),
            ("the mentor, over", NOBODY, memory_with_words_for),
        ]
    ),
    Row(mentorship.can_ask_for_cover, "the mentor, new house rules", AUTHOR, room_as_mentor, prepare=with_new_rules),
    # Along the way, and at the end
    *(
        Row(rule, situation, AUTHOR if situation in yes else NOBODY, given)
        for rule, yes in [
            (mentorship.can_plan_ending, {"room"}),
            (mentorship.can_part_match, {"room", "memory", "memory across a block", "no fit", "ended for safety"}),
            (mentorship.can_thank_match, {"room", "memory"}),
            (mentorship.can_ask_again, {"memory", "memory across a block", "no fit", "ended for safety"}),
        ]
        for situation, given in [
            ("question", question),
            ("room", room),
            ("frozen room", frozen_room),
            ("room across a block", room_across_a_block),
            ("memory", memory),
            ("memory across a block", memory_across_a_block),
            ("no fit", ended("no_fit")),
            ("ended for safety", ended("safety")),
        ]
    ),
    *(
        Row(rule, "new house rules", NOBODY, memory, prepare=with_new_rules)
        for rule in (mentorship.can_part_match, mentorship.can_thank_match, mentorship.can_ask_again)
    ),
    Row(mentorship.can_plan_ending, "new house rules", NOBODY, room, prepare=with_new_rules),
    *(
        Row(rule, situation, AUTHOR if situation in yes else NOBODY, given)
        for rule, yes in [
            (mentorship.can_show_testimonial, {"the newcomer’s"}),
            (mentorship.can_withdraw_testimonial, {"one's own"}),
            (mentorship.can_report_thanks, {"thanked"}),
        ]
        for situation, given in [
            ("one's own", memory_with_words),
            ("the newcomer’s", memory_with_words_for),
            ("none", memory),
            ("thanked", memory_with_thanks),
        ]
    ),
    Row(mentorship.can_report_thanks, "new house rules", AUTHOR, memory_with_thanks, prepare=with_new_rules),
    Row(mentorship.can_report_testimonial, "shown", EVERYBODY_IN - {"author"}, memory_with_words),
    Row(mentorship.can_report_testimonial, "none", NOBODY, memory),
    Row(mentorship.can_report_testimonial, "new house rules", EVERYBODY_IN - {"author"}, memory_with_words, prepare=with_new_rules),
    Row(mentorship.can_show_testimonial, "new house rules", AUTHOR, memory_with_words_for, prepare=with_new_rules),
    Row(mentorship.can_withdraw_testimonial, "new house rules", AUTHOR, memory_with_words, prepare=with_new_rules),
    Row(mentorship.can_answer_check_in, "one's own", AUTHOR, check_in),
    Row(mentorship.can_answer_check_in, "the other's", NOBODY, check_in_of_the_other),
    Row(mentorship.can_answer_check_in, "over", NOBODY, check_in_of_a_memory),
    Row(mentorship.can_answer_check_in, "new house rules", AUTHOR, check_in, prepare=with_new_rules),
    # Looking for a mentor
    Row(mentorship.can_request_mentor, "without one", EVERYBODY_IN),
    Row(mentorship.can_request_mentor, "with one", NOBODY, prepare=with_a_mentor),
    Row(mentorship.can_request_mentor, "new house rules", NOBODY, prepare=with_new_rules),
    *(
        Row(rule, situation, yes, given, prepare=prepare)
        for rule, when_asked_three, with_old_rules in [
            (mentorship.can_change_request, AUTHOR, AUTHOR),
            (mentorship.can_edit_request, AUTHOR, NOBODY),
            (mentorship.can_ask_mentor, NOBODY, NOBODY),
        ]
        for situation, yes, given, prepare in [
            ("open", AUTHOR, search, None),
            ("over", NOBODY, search_that_is_over, None),
            ("three questions asked", when_asked_three, search_with_three_questions, None),
            ("open, new house rules", with_old_rules, search, with_new_rules),
        ]
    ),
    # Coordinators are none of the cast; tests/mentorship/test_board.py asks them.
    Row(mentorship.can_match_newcomers, "those who wait", NOBODY),
    # Being a mentor: the author is one, or on the way to it
    Row(mentorship.can_apply_as_mentor, "anybody", EVERYBODY_IN),
    Row(mentorship.can_apply_as_mentor, "new house rules", NOBODY, prepare=with_new_rules),
    *(
        Row(rule, situation, AUTHOR if situation in yes.split(", ") else NOBODY, given)
        for rule, yes in [
            (mentorship.can_send_application, "everything is there, turned down, stopped"),
            (mentorship.can_renew_mentor, "running out, run out"),
            (mentorship.can_change_places, "approved, running out"),
            (mentorship.can_stop_mentoring, "begun, everything is there, handed in, turned down, approved, running out, run out"),
        ]
        for situation, given in [
            ("begun", begun_mentor),
            ("everything is there", ready_mentor),
            ("handed in", applied_mentor),
            ("turned down", refused_mentor),
            ("approved", approved_mentor),
            ("running out", partial(approved_mentor, days=20)),
            ("run out", partial(approved_mentor, days=-1)),
            ("stopped", stopped_mentor),
        ]
    ),
    *(
        Row(rule, "new house rules", yes, given, prepare=with_new_rules)
        for rule, yes, given in [
            (mentorship.can_send_application, NOBODY, ready_mentor),
            (mentorship.can_renew_mentor, NOBODY, lambda author: approved_mentor(author, days=20)),
            (mentorship.can_change_places, AUTHOR, lambda author: approved_mentor(author)),
            (mentorship.can_stop_mentoring, AUTHOR, lambda author: approved_mentor(author)),
        ]
    ),
    # Telling a volunteer about something, as whoever can see it can, and another look at what came of it
    *(
        Row(moderation.can_report, situation, yes, given, prepare=prepare)
        for situation, yes, given, prepare in [
            ("a reply", frozenset(CAST) - AUTHOR, reply, None),
            ("new house rules", frozenset(CAST) - AUTHOR, reply, with_new_rules),
            ("taken back", NOBODY, withdrawn, None),
            ("a member", frozenset(CAST) - AUTHOR, own_profile, None),
            ("something in the library", frozenset(CAST) - AUTHOR, resource, None),
        ]
    ),
    *(
        Row(moderation.can_appeal_report, situation, yes, given)
        for situation, yes, given in [
            ("closed", AUTHOR, closed_report),
            ("a guest's, by its address", frozenset(CAST), guests_report),
            ("open", NOBODY, open_report),
            ("half a year ago", NOBODY, report_of_long_ago),
            ("looked at again", NOBODY, report_looked_at_again),
        ]
    ),
    # Another look at a decision, also while nothing else is open to one
    *(
        Row(moderation.can_appeal_decision, situation, yes, given, prepare=prepare)
        for situation, yes, given, prepare in [
            ("on words by name", AUTHOR, decision, None),
            ("on words under an alias", AUTHOR, decision_on_an_alias, None),
            ("new house rules", AUTHOR, decision, with_new_rules),
            ("half a year ago", NOBODY, old_decision, None),
            ("reversed", NOBODY, reversed_decision, None),
            ("looked at again", NOBODY, decision_looked_at_again, None),
        ]
    ),
    Row(moderation.can_decide_appeal, "by somebody else", STAFF, appeal),
    Row(moderation.can_decide_appeal, "of a pause without end", OWNER, appeal_of_a_pause_without_end),
    Row(moderation.can_decide_appeal, "answered", NOBODY, answered_appeal),
    Row(moderation.can_decide_appeal, "about an owner", OWNER, appeal_of_an_owner),
    Row(moderation.can_decide_appeal, "about a role that was ended", OWNER, appeal_of_somebody_dismissed),
    Row(moderation.can_close_report, "of somebody", STAFF, open_report),
    Row(moderation.can_close_report, "of one's own", NOBODY, open_report, asked_by=("author",), prepare=as_moderator),
    Row(moderation.can_close_report, "about oneself", NOBODY, report_about, asked_by=("author",), prepare=as_moderator),
    Row(
        moderation.can_close_report,
        "about oneself under an alias",
        NOBODY,
        report_about_alias,
        asked_by=("author",),
        prepare=as_moderator,
    ),
    Row(moderation.can_close_report, "about an owner", OWNER, report_about_an_owner),
    # Finding out who speaks under an alias is for leads, who are none of the cast (tests/community/test_unmasking.py)
    Row(moderation.can_ask_unmasking, "an alias", NOBODY, alias_of),
    Row(moderation.can_approve_unmasking, "waiting", NOBODY, unmasking),
    Row(moderation.can_refuse_unmasking, "waiting", NOBODY, unmasking),
    Row(moderation.can_note_voice, "a member", STAFF, lambda author: (author,)),
    Row(moderation.can_note_voice, "an alias", STAFF, alias_of),
    # With the owners, coordinators, who are not of this cast (tests/mentorship/test_mentor_admin.py)
    Row(mentorship.can_review_mentors, "applications", OWNER),
]


@pytest.fixture(scope="module")
def everybody(module_db) -> dict[str, Any]:
    """The cast, who joined once; each row gets them as they were then."""
    return {
        "guest": AnonymousUser(),
        "newcomer": make.user("newcomer", settled=False),
        "member": make.user("wren"),
        "author": make.user("sorrel"),
        "other": make.user("yarrow"),
        "moderator": make.user("fennel", role="moderator"),
        "owner": make.user("harbour", role="owner"),
    }


@pytest.mark.parametrize("row", POLICY, ids=str)
def test_the_policy_holds_for_everybody(db, row, everybody):
    cast = deepcopy(everybody)
    given = row.given(cast["author"])
    for role in row.asked_by:
        viewer = here(cast[role])
        if row.prepare:
            row.prepare(viewer)
        verdict = row.rule(viewer, *given, **row.named or {})
        assert bool(verdict) == (role in row.yes), f"{role}: {verdict}"
        if not verdict:
            assert isinstance(verdict, Denied), "a no is a Denied, never False"
            assert str(verdict).strip()[-1:] in {".", "?", "…"}, f"a no has a reason, in a sentence: {verdict}"


def test_every_rule_has_a_row():
    rules = set()
    for package in ("community", "forums", "resources", "mentorship"):
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            functions = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))
            rules |= {function.name for function in functions if function.name.startswith("can_")}
    assert rules - {row.rule.__name__ for row in POLICY} == set()
