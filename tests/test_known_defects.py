"""Thirty kinds of defect that forum software really had, and what holds each of them here.

CLASSES names the tests, here or elsewhere, or says that what the defect was in does not exist yet; whoever builds it replaces the
sentence by a test.
"""

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import path, reverse
from zeal import zeal_ignore

from community import urls
from community.care import pages as care_pages
from community.contributions.models import Draft, Filter
from community.identity.seal import open_seal, speak_as
from community.members.models import Block, User
from community.moderation.models import Claim, Report
from community.notifications.models import Preference
from community.tags.models import Unmet
from forums.models import Mode, ReadMark, Reply, Topic
from resources import taking_in
from resources.importing import read
from resources.models import Saved
from tests import make
from tests.addresses import checksums
from tests.leaks.channels import Ways
from tests.leaks.house import House
from tests.test_denial import plain

pytestmark = pytest.mark.django_db
TESTS = Path(__file__).parent
NOW = datetime(2026, 11, 25, 20, 2, tzinfo=UTC)

CLASSES: dict[int, str] = {
    1: "test_losing_access::test_mail_on_its_way_does_not_go "
    "community/test_notifications::test_mail_that_should_not_go_any_more_does_not_go",
    2: "test_denial::test_words_that_name_something_hidden_are_like_words_that_name_nothing",
    3: "test_leaks::test_nobody_sees_what_is_not_for_them "
    "resources/test_reviewing::test_nobody_reports_their_own_or_what_they_cannot_see",
    4: "test_known_defects::test_nothing_moves_for_those_outside "
    "forums/test_second_channels::test_a_guests_copy_does_not_tell_that_members_talk",
    5: "test_leaks::test_nobody_sees_what_is_not_for_them test_denial::test_denied_and_nonexistent_answer_alike "
    "test_known_defects::test_nothing_moves_for_those_outside",
    6: "forums/test_conversations::test_no_list_names_who_spoke_last "
    "anonymity/test_histories::test_nothing_tells_who_is_behind_an_alias",
    7: "test_known_defects::test_nothing_in_an_anonymous_post_tells_whose_it_is test_leaks::test_nobody_sees_what_is_not_for_them",
    8: "test_known_defects::test_no_action_takes_rows_out_of_the_admin "
    "test_known_defects::test_the_admin_is_asked_by_its_own_filters_only",
    9: "test_leaks::test_nobody_sees_what_is_not_for_them "
    "community/test_mail::test_owner_sees_whether_mail_gets_through_and_nothing_of_it",
    10: "Nothing moves a conversation from board to board yet.",
    11: "community/test_profile::test_a_guest_sees_no_picture test_losing_access::test_a_block_takes_page_and_picture_away_at_once",
    12: "forums/test_second_channels::test_a_guests_copy_is_gone_when_what_it_shows_changes "
    "forums/test_conversations::test_quote_is_a_reference_that_follows_its_source",
    13: "community/test_sign_in::test_a_code_for_a_new_password_dies_with_the_next_change",
    14: "community/test_account_pages::test_addresses_in_mail_are_ours_whatever_host_the_request_claims",
    15: "community/test_sign_in::test_one_account_for_an_address_however_it_is_typed "
    "community/test_sign_in::test_codes_go_to_the_address_that_is_kept",
    16: "community/test_sign_in::test_a_wrong_password_says_the_same_for_any_address "
    "community/test_sign_in::test_codes_are_asked_for_the_same_way_with_any_address",
    17: "community/test_text::test_an_image_becomes_a_link_so_that_no_stranger_learns_who_reads "
    "test_bad_input::test_a_picture_that_is_none_is_refused_in_words",
    18: "community/test_profile::test_what_is_no_picture_comes_back_with_a_reason",
    19: "community/test_text::test_nothing_written_runs",
    20: "test_known_defects::test_no_query_is_made_of_what_somebody_sends test_bad_input::test_no_query_breaks_a_page",
    21: "test_bad_input::test_no_address_leads_elsewhere test_bad_input::test_nothing_done_leads_elsewhere",
    22: "community/test_text::test_any_text_is_rendered_in_bounded_time_and_nothing_of_it_is_lost "
    "test_bad_input::test_no_body_breaks_a_page",
    23: "forums/test_second_channels::test_one_text_calls_ten_people_at_most "
    "community/test_notifications::test_one_mail_for_one_conversation_in_ten_minutes",
    24: "community/test_posting::test_pressed_at_once_many_times_makes_one_post",
    25: "test_known_defects::test_chance_that_guards_something_is_no_dice",
    26: "test_bad_input::test_fields_that_a_form_does_not_have_change_nothing "
    "test_known_defects::test_nobody_speaks_in_the_voice_of_somebody_else",
    27: "resources/test_exporting::test_no_cell_becomes_a_formula_whatever_stands_between_cells "
    "test_leaks::test_nobody_sees_what_is_not_for_them",
    28: "community/test_sign_in::test_sign_in_is_by_address_and_makes_a_new_session",
    29: "test_bad_input::test_odd_headers_and_cookies_do_not_change_a_guests_page "
    "test_bad_input::test_private_pages_are_never_stored_whatever_is_asked",
    30: "There are no invitations yet.",
}


@pytest.fixture
def house(settings, tmp_path, db):
    settings.STATE_DIR = tmp_path
    care_pages.write()
    with zeal_ignore():
        yield House()


def test_every_class_is_held_by_tests_that_there_are():
    assert set(CLASSES) == set(range(1, 31))
    missing = []
    for pointers in CLASSES.values():
        for pointer in pointers.split() if "::" in pointers else ():
            file, _colons, name = pointer.partition("::")
            written = ast.parse((TESTS / f"{file}.py").read_text()).body
            missing += [pointer] if name not in {node.name for node in written if isinstance(node, ast.FunctionDef)} else []
    assert missing == []


# Numbers that move (4) --------------------------------------------------------------------------------------------------


def hidden_things(house: House) -> list[Callable[[], Any]]:
    """One of each kind that somebody outside may not know of, and of what people do without being seen."""
    words = {"title": "Quiet", "body": "Quiet words.", "mode": Mode.LISTENING}
    alone = make.topic(house.board, house.quoter, audience="members")
    alone.hide(by=house.moderator, reason="It names a clinic.")
    circle = {"audience": "group", "group": house.circle}
    thing = house.of("resource for members")
    return [
        lambda: house.board.start(house.quoter, **words, **circle),
        lambda: house.inner_board.start(house.quoter, **words),
        lambda: house.circle_talk.reply(house.insider, "Quiet."),
        lambda: alone.reply(house.quoter, "Under something hidden."),
        lambda: house.board.start(house.quoter, **words, audience="members").hide(by=house.moderator, reason="It names a clinic."),
        lambda: Draft.keep(house.quoter, f"forums.topic:{house.board.slug}", {"body": "Not yet."}),
        lambda: Filter.objects.create(user=house.quoter, act="hide", person=house.participant),
        lambda: Block.put(house.quoter, house.participant),
        lambda: Block.put(house.quoter, house.of("reply of an alias").voice),
        lambda: ReadMark.leave(house.talk, house.insider, position=1),
        lambda: Preference.choose(house.quoter, {"forums.reply": (False, False)}),
        lambda: Client().force_login(house.quoter),
        lambda: speak_as(house.quoter, house.talk.public_id),
        lambda: make.resource(house.quoter, publish=False, tags=["sleep", "a new word"]),
        lambda: make.resource(house.quoter, publish=False).refuse(by=house.owner, reason="It is here already."),
        lambda: make.collection(house.quoter, things=[thing], shared="private").say_before(thing, "Quiet."),
        lambda: make.review(house.of("resource hidden"), house.quoter),
        lambda: Saved.keep(thing, house.quoter, "Quiet."),
        lambda: Report.put(thing, by=house.quoter, reason="stale", words="Quiet."),
        lambda: Claim.take(thing, by=house.owner),
        lambda: taking_in.preview(read(b"url\nhttps://example.org/quiet\n"), by=house.owner, name="quiet.csv"),
        lambda: house.tag.follow(house.quoter),
        lambda: Unmet.note(house.tag, house.quoter),
    ]


def test_nothing_moves_for_those_outside(house, sign_in):
    with time_machine.travel(NOW, tick=False):
        things = hidden_things(house)
        clients = {"guest": Client()} | {name: sign_in(house.people[name]) for name in ("member", "outsider")}
        ways = Ways(house)
        addresses = [url for channel, url in ways.addresses if channel in {"lists", "people", "inbox", "conversation", "open"}]
        addresses += [house.quoter.get_absolute_url(), house.participant.get_absolute_url()]

        def pages() -> dict[tuple[str, str], Any]:
            asked = [(name, url) for name in clients for url in addresses if url != "/readyz"]
            answers = {(name, url): ways.ask(clients[name], url) for name, url in asked}
            return {key: (plain(answer, {}, key[1]), answer.get("ETag")) for key, answer in answers.items()}

        before = pages()
        for happens in things:
            happens()
        assert {key: page for key, page in pages().items() if page != before[key]} == {}


# What an anonymous post is made of (7) ------------------------------------------------------------------------------------


class _Posts(HTMLParser):
    """Every tag, attribute, comment and word inside the posts of a page, by the place of the post."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[list[str]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self.posts.append([])
            self._depth = 1
        if self._depth:
            self.posts[-1] += [f"<{tag}>", *(f"{name}={value}" for name, value in attrs)]

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._depth = 0

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.posts[-1].append(data)

    def handle_comment(self, data: str) -> None:
        if self._depth:
            self.posts[-1].append(f"<!-- {data} -->")


@pytest.mark.parametrize("viewer", ["guest", "member", "author", "moderator"])
def test_nothing_in_an_anonymous_post_tells_whose_it_is(house, sign_in, viewer):
    client = Client() if viewer == "guest" else sign_in(house.people[viewer])
    ghost, persona = house.ghost, house.of("reply of an alias").voice
    page = client.get(house.talk.get_absolute_url()).content.decode()
    parser = _Posts()
    parser.feed(page)
    [post] = [post for post in parser.posts if any(persona.alias in part for part in post) and "<blockquote>" not in post]
    parts = "\n".join(post)
    for token in (ghost.username, ghost.email, str(ghost.pk), str(persona.pk), str(ghost.profile.avatar.public_id)):
        assert token.lower() not in parts.lower()
    # No picture and no window of their own, which would be the same elsewhere; no link but to the post and whom it calls.
    assert "<img>" not in post
    assert "hue-" not in parts
    assert "<!--" not in parts
    links = {part.partition("=")[2].partition("?")[0] for part in post if part.startswith("href=")}
    links -= {
        house.recipient.get_absolute_url(),
        *(link for link in links if link.startswith("/report/reply/")),
        *(link for link in links if "/sprite" in link),
    }
    assert [link for link in links if not link.startswith(house.talk.get_absolute_url())] == []
    # And all of the page is for reading: no data for machines stands beside it.
    assert "application/ld+json" not in page
    assert not re.search(r'property="(og|article):', page)


# Behind the scenes (8, 9; look-ups) -----------------------------------------------------------------------------------------

# What the lists of the admin may be narrowed by; a look-up on anything else could spell out a column that is not shown.
FILTERS = {
    "members.User": {"is_staff"},
    "forums.Topic": {"board", "mode"},
    "notifications.Outgoing": {"given_up_at"},
    "moderation.Report": {"reason"},
    "decisions.ReasonTemplate": {"act"},
    "audit.Entry": {"at"},
    "members.TrainingStep": {"role"},
    "resources.Resource": {"kind"},
    "mentorship.Match": {"origin"},
}
LOOKUPS = ("", "__exact", "__startswith", "__regex", "__gt", "__in", "__isnull", "__email__startswith", "__password__startswith")


def test_the_admin_is_asked_by_its_own_filters_only(house, sign_in):
    clients = [sign_in(house.moderator), sign_in(house.owner)]
    for model, pages in admin.site._registry.items():
        fields = {field.name for field in model._meta.get_fields()}
        allowed = {name for name in fields for lookup in LOOKUPS if pages.lookup_allowed(f"{name}{lookup}", "x")}
        assert allowed == FILTERS.get(model._meta.label, set()), model
        deep = [f"{name}{lookup}" for name in fields for lookup in LOOKUPS[2:4] + LOOKUPS[7:]]
        assert [lookup for lookup in deep if pages.lookup_allowed(lookup, "x")] == []
        closed = sorted(fields - allowed)[0]
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for client in clients:
            response = client.get(f"{url}?{closed}__startswith=x")
            assert response.status_code in {302, 400, 403}, url


def test_no_action_takes_rows_out_of_the_admin(house, sign_in):
    """No list offers to take many rows out or away at once, and none does when it is asked to; what is hidden can come back."""
    clients = {person: sign_in(person) for person in (house.moderator, house.owner)}
    before = checksums(but=("django_session",))
    for person, client in clients.items():
        request = RequestFactory().get("/admin/")
        request.user = User.objects.get(pk=person.pk)
        for model, pages in admin.site._registry.items():
            harmless = {"hide_many", "restore_many"} | ({"delete_selected"} if pages.can_delete else set())
            assert set(pages.get_actions(request)) <= harmless, model
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            keys = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:3]]
            for action in ("export", "export_as_csv", *(() if pages.can_delete else ("delete_selected",))):
                response = client.post(url, {"action": action, "_selected_action": keys, "post": "yes"})
                assert response["Content-Type"].startswith("text/html"), url
                assert "attachment" not in response.get("Content-Disposition", "")
    assert checksums(but=("django_session",)) == before


# What a form takes (26), what a query is made of (20), chance (25) -----------------------------------------------------------


def test_nobody_speaks_in_the_voice_of_somebody_else(house, sign_in):
    """Whatever a form says of its voice, what is posted is the member's own, by name or under an alias of theirs."""
    client, member, talk = sign_in(house.member), house.member, house.talk
    theirs, other = house.of("reply of an alias").voice, house.participant
    values = [theirs.alias, str(theirs.pk), str(theirs.public_id), other.username, str(other.pk), "alias", "name", "owner", ""]
    urls_and_models = [
        (f"{talk.get_absolute_url()}reply/", Reply),
        (reverse("topic_create", args=[house.board.slug]), Topic),
    ]
    for url, model in urls_and_models:
        for value in values:
            for name in ("voice", "persona", "persona_id", "author", "author_id", "user", "by", "is_anonymous", "alias"):
                with transaction.atomic():
                    words = {"body": "As myself.", "title": "As myself", "mode": "advice", "audience": "members"}
                    client.post(url, words | {name: value})
                    made = model.objects.latest("pk")
                    if made.body == "As myself.":
                        assert open_seal(made.persona) == member.pk if made.persona else made.author == member, (name, value)
                        assert made.persona is None or (name, value) == ("voice", "alias")
                    transaction.set_rollback(True)


def _code() -> list[tuple[str, str]]:
    roots = [settings.BASE_DIR / name for name in ("community", "forums", "resources")]
    return [(str(file.relative_to(settings.BASE_DIR)), file.read_text()) for root in roots for file in root.rglob("*.py")]


def test_no_query_is_made_of_what_somebody_sends():
    """A name from a request never becomes the name of a look-up."""
    taken = re.compile(r"\*\*\s*(?:self\.)?request\.|\*\*\s*\w+\.(?:data|GET|POST)\b|\.(?:raw|extra)\(")
    assert [name for name, code in _code() if taken.search(code)] == []


def test_chance_that_guards_something_is_no_dice():
    """Only what invents people and times for a demo or a measurement draws from `random`."""
    invents = re.compile(r"seed|invent|telling|keeping_away|bench|rounds|load|visitors|place\.py")
    drawn = [name for name, code in _code() if re.search(r"^\s*(?:import random|from random import)", code, re.MULTILINE)]
    assert [name for name in drawn if not invents.search(name)] == []


# Logs ---------------------------------------------------------------------------------------------------------------------


def _break(request, board, public_id):
    """What a defect in a view would be: the member and the conversation are both known to it."""
    topic = Topic.objects.get(public_id=public_id)
    return request.user.username + topic


def test_the_log_of_a_defect_holds_no_member_beside_a_conversation(house, sign_in, settings, caplog):
    broken = ModuleType("broken_conversations")
    broken.urlpatterns = [path("forums/<slug:board>/<uuid:public_id>/", _break), *urls.urlpatterns]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(broken, name, getattr(urls, name))
    settings.ROOT_URLCONF = broken
    client = sign_in(house.ghost)
    client.raise_request_exception = False
    response = client.get(house.talk.get_absolute_url(), headers={"user-agent": "a browser of its own"})
    assert response.status_code == 500
    assert str(house.talk.public_id) in caplog.text
    assert house.canaries.seen_in(caplog.text) == set()
    assert "a browser of its own" not in caplog.text
    assert client.cookies["session"].value not in caplog.text
