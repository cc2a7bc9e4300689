"""A name that can't stay: at once it is gone from everywhere, nobody else can have it, and its member chooses another."""

import re

import pytest
from django.db import transaction
from django.test import Client

from community.audit.models import Entry
from community.contributions.models import Quote, Reference
from community.contributions.tasks import renew_name
from community.decisions.models import Act, Decision, ReasonTemplate
from community.members.joining import join
from community.members.models import TakenName, User
from community.moderation.models import Appeal, Report
from tests import make

pytestmark = pytest.mark.django_db
OLD, REASON = "nettle-sting", "It reads as a threat to somebody here."
NEUTRAL = re.compile(r"member-[a-z]{6}")
CHOOSE = "/settings/name/"


@pytest.fixture
def named(db):
    """Somebody with a name that can't stay."""
    return make.user(OLD)


@pytest.fixture
def taken(named, moderator):
    named.take_name(by=moderator, reason=REASON, rule="Be kind")
    renew_name(named.pk)
    return named


def address(member: User) -> str:
    return f"/admin/members/user/{member.pk}/do/take_name/"


# Taking it ------------------------------------------------------------------------------------


def test_a_moderator_takes_it_with_a_statement_and_a_neutral_one_stands_there(sign_in, moderator, named):
    template = ReasonTemplate.objects.filter(act=Act.RENAME).first()
    assert sign_in(moderator).post(address(named), {"template": template.pk, "reason": ""}).status_code == 302
    named.refresh_from_db()
    assert NEUTRAL.fullmatch(named.username)
    decision = Decision.objects.get(member=named)
    assert (decision.act, decision.by, decision.kept["body"]) == (Act.RENAME, moderator, OLD)
    assert decision.reason.startswith(template.words)
    assert Entry.objects.filter(action="members.name_taken", by=moderator).exists()
    client = sign_in(named)
    assert "asks you to choose another name here" in client.get("/inbox/").text
    statement = client.get(decision.get_absolute_url()).text
    assert OLD in statement
    assert f'href="{CHOOSE}"' in statement
    assert f'href="{CHOOSE}"' in client.get("/").text, "at the next visit"


def test_from_a_report_of_their_page_the_desk_offers_it_and_it_settles_the_report(sign_in, moderator, named, member):
    report = Report.put(named, by=member, reason="harmful")
    client, item = sign_in(moderator), f"/admin/desk/report-{report.pk}/"
    assert f"{item}do/take_name/" in client.get(item).text
    assert f"{item}do/take_down_profile/" not in client.get(item).text, "there is nothing on their page"
    assert client.post(f"{item}do/take_name/", {"reason": REASON}).status_code == 302
    named.refresh_from_db()
    assert NEUTRAL.fullmatch(named.username)
    assert Report.objects.get().is_closed


@pytest.mark.parametrize("role", ["member", "greeter", "librarian", "coordinator"])
def test_whoever_does_not_look_after_what_others_write_takes_no_names(sign_in, named, role):
    assert sign_in(make.user(role=role)).post(address(named), {"reason": REASON}).status_code in {403, 404}
    named.refresh_from_db()
    assert named.username == OLD


def test_nobody_takes_their_own_or_that_of_somebody_who_looks_after_the_place(sign_in, moderator, owner):
    client = sign_in(moderator)
    for who in (moderator, owner, make.user("hazel", role="librarian"), make.user("rowan", role="moderator")):
        assert client.post(address(who), {"reason": REASON}).status_code in {403, 404}
        assert User.objects.get(pk=who.pk).username == who.username
    assert not Decision.objects.exists()


def test_twice_is_once(named, moderator):
    named.take_name(by=moderator, reason=REASON)
    now = named.username
    named.take_name(by=moderator, reason=REASON)
    assert named.username == now
    assert Decision.objects.count() == TakenName.objects.count() == 1


# Everywhere -----------------------------------------------------------------------------------


def test_quotes_mentions_and_kept_pages_say_the_name_of_now(named, moderator, member):
    topic = make.topic(make.board(audience="everyone"), audience="everyone")
    said = make.reply(topic, named, body="I know that road.")
    topic.reply(member, "So do I.", quoting=[Quote(said, "I know that road.")])
    topic.reply(member, f"Thank you @{OLD}, truly.")
    guest = Client()
    page = guest.get(topic.get_absolute_url())
    assert page.text.count(OLD) >= 3
    named.take_name(by=moderator, reason=REASON)
    renew_name(named.pk)
    again = guest.get(topic.get_absolute_url(), headers={"if-none-match": page["ETag"]})
    assert again.status_code == 200, "what a guest keeps is asked for anew"
    assert OLD not in again.text
    assert re.search(rf'href="/members/{named.username}/"[^>]*><bdi>@{named.username}</bdi>', again.text)
    decision = Decision.objects.get()
    decision.reverse(by=make.user(role="moderator"), reason="It is the name of a plant.")
    renew_name(named.pk)
    back = guest.get(topic.get_absolute_url()).text
    assert back.count(OLD) >= 3
    assert "member-" not in back


@pytest.mark.parametrize("what", ["edited", "taken back"])
def test_what_changes_while_names_are_renewed_is_not_written_over(named, moderator, member, what):
    topic = make.topic()
    said = make.reply(topic, named, body="I know that road.")
    topic.reply(member, "So do I.", quoting=[Quote(said, "I know that road.")])
    topic.reply(member, f"Thank you @{OLD}, truly.")
    answers = list(topic.replies.filter(author=member))
    shown = list(Reference.objects.filter(source_id__in=[answer.pk for answer in answers]))
    assert {reference.source for reference in shown} == set(answers), "read before the change"
    for answer in answers:
        answer.edit(answer.body + " It is a long one.") if what == "edited" else answer.withdraw()
    named.take_name(by=moderator, reason=REASON)
    Reference.renew(shown)
    for answer in topic.replies.filter(author=member):
        assert ("It is a long one." in answer.body_html) == (what == "edited")
        assert (named.username in answer.body_html) == (what == "edited")
        assert OLD not in answer.body_html


def test_the_old_address_leads_nowhere_and_nobody_is_called_by_it(sign_in, taken, member):
    client = sign_in(member)
    assert client.get(f"/members/{OLD}/").status_code == 404
    assert client.get(taken.get_absolute_url()).status_code == 200
    words = make.reply(author=member, body=f"Where is @{OLD}?")
    assert "/members/" not in words.body_html


def test_nobody_else_can_have_it(client, sign_in, taken, moderator):
    for name in (OLD, "Nettle_Sting", "nettle-st1ng"):
        fields = {"username": name, "email": "a@example.org", "password1": "four stones on a sill", "age": "over"}
        answer = client.post("/accounts/signup/", fields | {"rules": "on", "sensitive": "on"})
        assert "Somebody here already has this name" in answer.text, name
        with pytest.raises(Exception, match="already has this name"), transaction.atomic():
            join(handle=name, email="b@example.org", password=None)
    second = make.user("thistle")
    second.take_name(by=moderator, reason=REASON)
    assert "already has this name" in sign_in(second).post(CHOOSE, {"username": OLD}).text


# Choosing another -----------------------------------------------------------------------------


def test_they_choose_another_once_and_not_the_old_one(sign_in, taken):
    client = sign_in(taken)
    assert taken.username in client.get(CHOOSE).text
    assert "already has this name" in client.post(CHOOSE, {"username": OLD}).text
    assert "four digits" in client.post(CHOOSE, {"username": "call07700900123"}).text
    assert client.post(CHOOSE, {"username": "\0"}).status_code == 200
    answer = client.post(CHOOSE, {"username": "Nettle-tea"})
    assert answer["Location"] == "/members/Nettle-tea/"
    taken.refresh_from_db()
    assert (taken.username, taken.handle_key) == ("Nettle-tea", "nettletea")
    assert client.get(CHOOSE).status_code == 404
    assert client.post(CHOOSE, {"username": "Another-one"}).status_code == 404
    assert CHOOSE not in client.get("/").text


def test_whose_name_was_not_taken_keeps_it(sign_in, member, client):
    assert sign_in(member).get(CHOOSE).status_code == 404
    assert sign_in(member).post(CHOOSE, {"username": "Nettle-tea"}).status_code == 404
    assert client.get(CHOOSE)["Location"].startswith("/accounts/login/")


# The way back ---------------------------------------------------------------------------------


def test_an_appeal_gives_it_back(sign_in, taken, owner):
    decision = Decision.objects.get()
    assert sign_in(taken).post(f"{decision.get_absolute_url()}appeal/", {"body": "It is a plant."}).status_code == 302
    Appeal.objects.get().overturn(by=owner, reason="It is the name of a plant.")
    taken.refresh_from_db()
    assert (taken.username, taken.unnamed_at) == (OLD, None)
    assert not TakenName.objects.exists()
    assert "is yours again" in sign_in(taken).get("/inbox/").text
    assert sign_in(taken).get(CHOOSE).status_code == 404


def test_whoever_chose_another_keeps_it_and_can_have_the_old_one_again(sign_in, taken, moderator):
    taken.choose_name("Nettle-tea")
    taken.give_name_back(by=moderator, reason="It is the name of a plant.")
    taken.refresh_from_db()
    assert taken.username == "Nettle-tea"
    with pytest.raises(Exception, match="already has this name"), transaction.atomic():
        join(handle=OLD, email="b@example.org", password=None)
    client = sign_in(taken)
    assert f'href="{CHOOSE}"' in client.get("/settings/").text
    assert client.post(CHOOSE, {"username": OLD})["Location"] == f"/members/{OLD}/"
    assert client.get(CHOOSE).status_code == 404


def test_a_second_name_can_be_taken_too(taken, moderator):
    taken.choose_name("sting-again")
    taken.take_name(by=moderator, reason=REASON)
    assert NEUTRAL.fullmatch(taken.username)
    first, second = Decision.objects.order_by("pk")
    second.reverse(by=moderator, reason="That was a mistake.")
    taken.refresh_from_db()
    assert taken.username == "sting-again"
    first.reverse(by=moderator, reason="That one, too.")
    taken.refresh_from_db()
    assert taken.username == "sting-again"
