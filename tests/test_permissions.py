"""The whole policy on one page: every rule, in every situation it tells apart, asked by everybody.

A rule without a row here fails the suite. The cast: a guest, a newcomer of the first days, a member, the author of what the
rule is about, somebody other, a moderator and an owner. Staff get no more on room pages than members do.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from community.members import limits
from community.members import permissions as members
from community.permissions import Denied
from forums import permissions as forums
from tests import make

CAST = ("guest", "newcomer", "member", "author", "other", "moderator", "owner")
EVERYBODY_IN = frozenset(CAST) - {"guest"}
NOBODY = frozenset()
AUTHOR = frozenset({"author"})


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
    # Conversations
    Row(forums.can_start_topic, "a board", EVERYBODY_IN, lambda author: (make.board(),)),
    Row(forums.can_start_topic, "a board, new house rules", NOBODY, lambda author: (make.board(),), prepare=with_new_rules),
    Row(forums.can_reply, "an open conversation", EVERYBODY_IN, topic),
    Row(forums.can_reply, "an open conversation, new house rules", NOBODY, topic, prepare=with_new_rules),
    Row(forums.can_reply, "closed by its author", NOBODY, closed_by_its_author),
    Row(forums.can_reply, "closed by a moderator", NOBODY, closed_by_a_moderator),
    # One's own words
    *(
        Row(rule, situation, yes, given)
        for rule in (forums.can_change, forums.can_edit, forums.can_withdraw)
        for situation, yes, given in [
            ("an opening post", AUTHOR, topic),
            ("a reply", AUTHOR, reply),
            ("in a closed conversation", AUTHOR, closed_by_a_moderator),
            ("words taken back", NOBODY, withdrawn),
        ]
    ),
    Row(forums.can_edit, "a reply, new house rules", NOBODY, reply, prepare=with_new_rules),
    Row(forums.can_withdraw, "a reply, new house rules", AUTHOR, reply, prepare=with_new_rules),
    # Closing and opening again
    Row(forums.can_lock_topic, "an open conversation", AUTHOR, topic),
    Row(forums.can_unlock_topic, "closed by its author", AUTHOR, closed_by_its_author),
    Row(forums.can_unlock_topic, "closed by a moderator", NOBODY, closed_by_a_moderator),
]


@pytest.mark.parametrize("row", POLICY, ids=str)
def test_the_policy_holds_for_everybody(row, request, author):
    given = row.given(author)
    for role in row.asked_by:
        viewer = request.getfixturevalue(role)
        if row.prepare:
            row.prepare(viewer)
        verdict = row.rule(viewer, *given, **row.named or {})
        assert bool(verdict) == (role in row.yes), f"{role}: {verdict}"
        if not verdict:
            assert isinstance(verdict, Denied), "a no is a Denied, never False"
            assert str(verdict).strip()[-1:] in {".", "?", "…"}, f"a no has a reason, in a sentence: {verdict}"


def test_every_rule_has_a_row():
    rules = set()
    for package in ("community", "forums"):
        for file in (settings.BASE_DIR / package).rglob("*.py"):
            functions = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))
            rules |= {function.name for function in functions if function.name.startswith("can_")}
    assert rules - {row.rule.__name__ for row in POLICY} == set()
