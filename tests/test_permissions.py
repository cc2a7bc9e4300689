"""The whole policy on one page: every rule, in every situation it tells apart, asked by everybody.

A rule without a row here fails the suite. The cast: a guest, a newcomer of the first days, a member, the author of what the
rule is about, somebody other, a moderator and an owner. Staff get no more on room pages than members do.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from community.identity.seal import speak_as
from community.members import limits
from community.members import permissions as members
from community.members.models import Block
from community.permissions import Denied
from community.tags import permissions as tags
from forums import permissions as forums
from resources import permissions as resources
from tests import make

CAST = ("guest", "newcomer", "member", "author", "other", "moderator", "owner")
EVERYBODY_IN = frozenset(CAST) - {"guest"}
NOBODY = frozenset()
AUTHOR = frozenset({"author"})
OWNER = frozenset({"owner"})


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
    Row(members.can_block_person, "a member", EVERYBODY_IN - AUTHOR, lambda author: (author,)),
    Row(members.can_block_person, "an alias", EVERYBODY_IN - AUTHOR, alias_of),
    # The vocabulary; with the owners, librarians look after it, who are not of this cast (tests/community/test_tags.py)
    Row(tags.can_follow_tag, "a tag", EVERYBODY_IN),
    Row(tags.can_look_after_tags, "the tags", OWNER),
    # Conversations
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
    Row(resources.can_report_review, "shown", EVERYBODY_IN - AUTHOR, review),
    Row(resources.can_report_review, "shown, new house rules", EVERYBODY_IN - AUTHOR, review, prepare=with_new_rules),
    Row(resources.can_report_collection, "for everyone", EVERYBODY_IN - AUTHOR, collection),
    Row(
        resources.can_report_collection, "for everyone, new house rules", EVERYBODY_IN - AUTHOR, collection, prepare=with_new_rules
    ),
    # Librarians are none of the cast.
    Row(resources.can_review_resource, "what waits", OWNER),
    Row(resources.can_import_resources, "a file", frozenset({"moderator", "owner"})),
    Row(resources.can_import_resources, "a file, new house rules", NOBODY, prepare=with_new_rules),
    Row(resources.can_report_resource, "in the library", EVERYBODY_IN - AUTHOR, resource),
    Row(resources.can_report_resource, "in the library, new house rules", EVERYBODY_IN - AUTHOR, resource, prepare=with_new_rules),
]


@pytest.mark.parametrize("row", POLICY, ids=str)
def test_the_policy_holds_for_everybody(row, request, author):
    given = row.given(author)
    for role in row.asked_by:
        viewer = here(request.getfixturevalue(role))
        if row.prepare:
            row.prepare(viewer)
        verdict = row.rule(viewer, *given, **row.named or {})
        assert bool(verdict) == (role in row.yes), f"{role}: {verdict}"
        if not verdict:
            assert isinstance(verdict, Denied), "a no is a Denied, never False"
            assert str(verdict).strip()[-1:] in {".", "?", "…"}, f"a no has a reason, in a sentence: {verdict}"


def test_every_rule_has_a_row():
    rules = set()
    for package in ("community", "forums", "resources"):
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            functions = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))
            rules |= {function.name for function in functions if function.name.startswith("can_")}
    assert rules - {row.rule.__name__ for row in POLICY} == set()
