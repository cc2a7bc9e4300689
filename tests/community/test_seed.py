"""The demo community: the same in every demo, and made of rows that the application itself could have written."""

import re
import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Note, Quote, Reference, Revision
from community.decisions.models import Decision
from community.identity.models import Persona, Sealed
from community.identity.seal import open_seal, speak_as
from community.members import seed as members_seed
from community.members.models import Profile, User
from community.notifications.models import Notification
from community.times import in_steps
from forums import listing
from forums import seed as forums_seed
from forums.models import Board, ReadMark, Reply, Topic
from forums.telling import HIDDEN_BECAUSE
from tests import make

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOW = datetime.fromisoformat("2026-11-20T19:42:31+00:00")
FILLED = [User, Profile, Board, Topic, Reply, ReadMark, Notification, Reference, Revision]

# Everything a reply can be, in one conversation: quoting, naming, edited, taken back, said under an alias, hidden; and the
# conversation is closed.
SMALL = """
[[boards]]
slug = "porch"
name = "The porch"
purpose = "For sitting."
guidelines = "Sit **down**."
reads_from = 08:00:00
reads_until = 22:00:00
audience = "everyone"

[[topics]]
board = "porch"
author = "wren"
title = "Is anybody out here?"
mode = "stories"
notes = ["Illness in detail", "A death"]
audience = "members"
age_hours = 50.0
body = "Only the moths, and @sorrel."
closed = true
closed_reason = "It got cold."

  [[topics.replies]]
  author = "sorrel"
  after_hours = 1.0
  edited_after_hours = 1.5
  before_edit = "I am here."
  note_words = "being there"
  body = "I am here. *Hello.*"

  [[topics.replies]]
  author = "yarrow"
  after_hours = 2.0
  quotes = 0
  excerpt = "I am here."
  body = "So am I, @Wren."

  [[topics.replies]]
  author = "yarrow"
  after_hours = 2.5
  quotes = 0
  excerpt = "I am here."
  notes = ["A death"]
  body = "And I."

  [[topics.replies]]
  author = "sorrel"
  after_hours = 3.0
  withdrawn = true
  notes = ["A death"]
  body = "Never mind."

  [[topics.replies]]
  author = "teasel"
  after_hours = 4.0
  hidden = true
  body = "My neighbour over there is awake, too."

  [topics.anonymous]
  teasel = "Calm Heron"
"""


def fill(now=NOW):
    members_seed.fill_demo(now=now)
    forums_seed.fill_demo(now=now)


@pytest.fixture
def demo(db):
    fill()


UNSHARED = {"id", "public_id", "thread", "version", "search", "password", "session_stamp", "target_id", "source_id", "to_id"}
UNSHARED |= {"reader", "shelf"}


def rows(model: type[models.Model], *, leaving_out: Iterable[str] = ()) -> list[dict]:
    """Every row, without what no two fillings share: numbers of rows, random ids, passwords. People and aliases are named."""
    fields = [field for field in model._meta.concrete_fields if field.name not in UNSHARED.union(leaving_out)]
    names = {
        User: dict(User.objects.values_list("pk", "username")),
        Persona: dict(Persona.objects.values_list("pk", "alias")),
    }
    found = []
    for row in model.objects.all():
        values = {}
        for field in fields:
            value = getattr(row, field.attname)
            if field.is_relation and field.related_model is not ContentType:
                value = names.get(field.related_model, {}).get(value)
            values[field.name] = UUID.sub("…", value) if isinstance(value, str) else value
        found.append(values)
    return sorted(found, key=repr)


class Undone(Exception):
    pass


def as_if_nothing_had_happened(act):
    """What `act` answers; the database forgets that it was done."""
    answer = []
    try:
        with transaction.atomic():
            answer.append(act())
            raise Undone
    except Undone:
        return answer[0]


# Filling --------------------------------------------------------------------------------------------------------------


def test_the_demo_is_a_living_community(demo):
    assert User.objects.count() == 49
    assert Board.objects.count() == 7
    assert Topic.objects.count() == 61
    assert Reply.objects.count() == 419
    assert Topic.objects.unanswered().count() == 4
    assert Topic.objects.exclude(locked_at=None).count() == 3
    assert Reply.objects.exclude(edited_at=None).count() == 4
    assert Reply.objects.exclude(withdrawn_at=None).count() == 3
    assert Reply.objects.held().count() == 2
    assert Topic.objects.aggregate(most=models.Max("last_position"))["most"] > 40


def test_filling_twice_changes_nothing(demo):
    before = {model: model.objects.count() for model in FILLED}
    fill(NOW + timedelta(days=1))
    assert {model: model.objects.count() for model in FILLED} == before


def test_two_demos_are_the_same(db):
    def filled():
        fill()
        ids = list(Topic.objects.order_by("pk").values_list("public_id", flat=True))
        return [rows(model) for model in FILLED], ids

    assert as_if_nothing_had_happened(filled) == as_if_nothing_had_happened(filled)


def test_the_verbs_write_the_same_rows_as_the_demo(db):
    handles = ("wren", "sorrel", "yarrow", "teasel")
    people = {handle: make.user(handle, date_joined=NOW - timedelta(days=90)) for handle in handles}
    moderator = make.user("bramble", role="moderator", date_joined=NOW - timedelta(days=90))
    told = tomllib.loads(SMALL)
    begun = NOW - timedelta(hours=50)
    models_told = [Board, Persona, Sealed, Topic, Reply, ReadMark, Notification, Reference, Revision, Decision]

    def snapshot():
        drawn = {"conversation", "avatar_seed", "topic_tag", "sealed"}
        return {model.__name__: rows(model, leaving_out={"read_at", "mailed_at"} | drawn) for model in models_told}

    def by_the_demo():
        forums_seed.tell(told, NOW)
        return snapshot()

    def said_by(words):
        """Whoever says something has read as far."""
        user = words.author or people["teasel"]
        user.is_here = True
        ReadMark.leave(getattr(words, "topic", words), user, position=getattr(words, "position", 0))
        return words

    def notes(said):
        return [Note.objects.get(name=name) for name in said["notes"]]

    def by_the_verbs():
        fields = told["boards"][0]
        board = Board.objects.create(**fields | {"position": 1})
        talk = told["topics"][0]
        at = lambda **after: time_machine.travel(begun + timedelta(**after), tick=False)  # noqa: E731
        with at():
            fields = {name: talk[name] for name in ("title", "body", "mode", "audience")}
            topic = said_by(board.start(people["wren"], notes=notes(talk), **fields))
        first, second, third, fourth, fifth = talk["replies"]
        with at(hours=1):
            here = said_by(topic.reply(people["sorrel"], first["before_edit"], note_words=first["note_words"]))
        with at(hours=1.5):
            here.edit(first["body"])
        with at(hours=2):
            said_by(topic.reply(people["yarrow"], second["body"], quoting=[Quote(here, second["excerpt"])]))
        with at(hours=2.5):
            said_by(topic.reply(people["yarrow"], third["body"], quoting=[Quote(here, third["excerpt"])], notes=notes(third)))
        with at(hours=3):
            regretted = said_by(topic.reply(people["sorrel"], fourth["body"], notes=notes(fourth)))
        with at(hours=3, minutes=25):
            regretted.withdraw()
        with at(hours=4):
            alias = speak_as(people["teasel"], topic.public_id)
            # An alias is drawn; the told one was drawn by hand.
            alias.alias = talk["anonymous"]["teasel"]
            alias.save()
            tactless = said_by(topic.reply(alias, fifth["body"]))
        with at(hours=6):
            topic.lock(by=people["wren"], reason=talk["closed_reason"])
        with at(hours=9):
            tactless.hide(by=moderator, reason=HIDDEN_BECAUSE)
        return snapshot()

    demo, verbs = as_if_nothing_had_happened(by_the_demo), as_if_nothing_had_happened(by_the_verbs)
    for name in demo:
        assert demo[name] == verbs[name], name
    assert [seal["persona"] for seal in demo["Sealed"]] == ["Calm Heron"]
    assert [reply["persona"] for reply in demo["Reply"] if reply["hidden_at"]] == ["Calm Heron"]
    assert [news["persona"] for news in demo["Notification"] if news["kind"] == "decisions.decision_made"] == ["Calm Heron"]


# What was filled ------------------------------------------------------------------------------------------------------


def test_every_conversation_counts_its_replies(demo):
    for topic in Topic.objects.all():
        shown = topic.replies.exclude(position=None).order_by("position")
        assert list(shown.values_list("position", flat=True)) == list(range(1, topic.last_position + 1))
        times = list(shown.values_list("created_at", flat=True))
        assert times == sorted(times)
        assert topic.active_at == max([topic.created_at, *times])


def test_every_text_is_rendered_as_the_application_renders_it(demo):
    for model in (Topic, Reply):
        for written in model.objects.filter(withdrawn_at=None):
            kept = written.body_html
            written.render()
            assert written.body_html == kept


def test_every_quote_stands_in_what_it_quotes(demo):
    assert "The words quoted here were changed." not in "".join(Reply.objects.values_list("body_html", flat=True))
    assert Reply.objects.filter(body_html__contains='class="quote"').count() == 15


def test_times_are_in_steps_and_nobody_writes_before_they_joined_or_in_the_future(demo):
    for model in (Topic, Reply):
        for written in model.objects.select_related("author"):
            for moment in (written.created_at, written.edited_at, written.withdrawn_at):
                if moment:
                    assert moment == in_steps(moment)
                    joined = written.author.date_joined if written.author else NOW - timedelta(days=30)
                    assert joined < moment <= NOW


def test_what_is_taken_back_is_in_the_history_only(demo):
    taken = Reply.objects.exclude(withdrawn_at=None)
    assert {(reply.body, reply.body_html) for reply in taken} == {("", "")}
    assert Revision.objects.count() == 7
    assert all(Revision.objects.values_list("body", flat=True))


def test_no_text_of_the_demo_holds_a_number_or_an_address_of_the_real_world(demo):
    words = [*Profile.objects.values_list("about", flat=True)]
    for model in (Topic, Reply):
        words += model.objects.values_list("body", flat=True)
    for text in words:
        assert not re.search(r"\d[\d ]{5,}|https?:|www\.|\w@\w", text), text


# The eleven accounts --------------------------------------------------------------------------------------------------


def test_a_visitor_can_sign_in_as_each_of_the_eleven(demo):
    accounts = members_seed.demo_accounts()
    roles = ["newcomer", "member", "moderator", "owner", "lead", "lead", "newcomer looking for a mentor"]
    assert [account.role for account in accounts] == [*roles, "coordinator", "librarian", "mentor", "greeter"]
    for account in accounts:
        role = account.role
        user = User.objects.get(email=account.email)
        assert user.check_password(account.password)
        assert user.emailaddress_set.get().verified
        assert user.is_settled == (not role.startswith("newcomer"))
        assert user.is_staff == (role in {"moderator", "lead", "owner", "librarian", "coordinator"})
        assert user.is_lead == (role == "lead")
        assert user.is_librarian == (role == "librarian")
        assert user.is_superuser == (role == "owner")
        apps = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
        assert [TOTP(app).validate_code(account.code) for app in apps] == ([True] if user.is_staff else [])
        assert not account.secret or account.secret not in str(apps[0].data)


def test_one_can_post_anonymously_where_somebody_has(demo):
    boards = Board.objects.exclude(anonymous_at=None)
    assert boards.count() == 3
    allowed = Entry.objects.filter(action="forums.board_anonymous_allowed", by__email="owner@example.org")
    assert set(allowed.values_list("target_id", flat=True)) == {str(board.pk) for board in boards}
    anonymous = Topic.objects.exclude(persona=None)
    assert anonymous.count() == 2
    assert not anonymous.exclude(board__in=boards).exists()
    for topic in anonymous:
        assert open_seal(topic.persona) in User.objects.values_list("pk", flat=True)
        starter = User.objects.get(pk=open_seal(topic.persona))
        starter.is_here = True
        assert topic.pk in ReadMark.positions(starter, [topic])


def test_nobody_else_has_a_password_or_an_address(demo):
    others = User.objects.exclude(email__endswith="@example.org")
    assert others.count() == 38
    assert set(others.values_list("email", flat=True)) == {""}
    assert not any(user.has_usable_password() for user in others)


def test_something_is_waiting_for_the_member(demo):
    wren = User.objects.get(email="member@example.org")
    news = Notification.objects.to(wren)
    assert set(news.unread().values_list("kind", flat=True)) == {"forums.reply", "contributions.mentioned"}
    assert news.exclude(read_at=None).exists()
    wren.is_here = True
    with time_machine.travel(NOW, tick=False):
        unfinished = [mark for mark in listing.read_lately(wren) if mark.has_news]
    assert 3 <= len(unfinished) <= 8


# Its pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handle", [None, "newleaf", "Wren", "Fennel", "Harbour"])
def test_the_pages_of_the_demo_open(db, client, sign_in, handle):
    fill(timezone.now())
    viewer = User.objects.get(username=handle) if handle else AnonymousUser()
    client = sign_in(viewer) if handle else client
    boards = Board.objects.visible_to(viewer)
    topics = Topic.objects.visible_to(viewer).select_related("board").order_by("-last_position")
    addresses = [reverse("home"), reverse("board_list"), *(board.get_absolute_url() for board in boards)]
    addresses += [f"{topic.get_absolute_url()}?page={topic.last_page}" for topic in topics[:: 2 if handle == "Wren" else 8]]
    for address in addresses:
        assert client.get(address).status_code == 200, address
