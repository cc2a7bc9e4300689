"""Asking to have something looked at: from everywhere, by everybody, with a receipt."""

import re
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from community.identity.seal import speak_as
from community.members.models import Agreement, Block
from community.moderation import reporting
from community.moderation.models import Appeal, DeskSettings, Report
from community.notifications.models import Notification
from forums.models import Topic
from forums.speaking import voice_to_reply
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic(author):
    return make.topic(make.board(audience="everyone"), author, audience="everyone", title="A long day", body="As it stood.")


@pytest.fixture
def reply(topic, other):
    return make.reply(topic, other, "What was said.")


def way(thing) -> str:
    return f"/report/{thing.reported_as}/{thing.public_id}/"


def text_of(response) -> str:
    return response.content.decode()


def tell(client, address, **told):
    """Fill in the form as it stands and send it."""
    page = text_of(client.get(address))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(address, hidden | {"reason": "harmful", "body": ""} | told)


def here_for(user, *, days: int):
    user.date_joined = timezone.now() - timedelta(days=days)
    user.save()
    return user


def members(number: int, *, days: int = 60):
    return [here_for(make.user(), days=days) for _ in range(number)]


def report_as(user, thing, reason="harmful", voice=None):
    """As the form does it for somebody who is signed in."""
    user.is_here = True
    return Report.put(thing, by=voice or user, reason=reason, weight=Report.weight_of(user, voice=voice or user), public_id=uuid4())


# From everywhere ----------------------------------------------------------------------------------


def test_everything_that_somebody_else_wrote_has_the_way_beside_it(sign_in, member, author, other, topic, reply):
    thing = make.resource(author)
    word, collection = make.review(thing, other), make.collection(author, things=[thing])
    mentor = make.mentor(author)
    match = make.match(member, mentor)
    message = make.message(match, author)
    past = make.match(other, make.mentor(make.user("larch")))
    past.end(ending="planned")
    type(past).objects.filter(pk=past.pk).update(testimonial="They listened.", testimonial_shown_at=timezone.now())
    past.refresh_from_db()
    client = sign_in(member)
    for page, wanted in [
        (topic, way(topic)),
        (topic, way(reply)),
        (thing, way(thing)),
        (thing, way(word)),
        (collection, way(collection)),
        (mentor, way(mentor)),
        (author, f"/report/member/{author.username}/"),
        (match, way(message)),
        # No address of these words tells which match they come from.
        (past.mentor, f"{past.mentor.get_absolute_url()}said/{past.testimonial_stamp}/report/"),
    ]:
        assert f'href="{wanted}"' in text_of(client.get(page.get_absolute_url())), wanted
        assert client.get(wanted).status_code == 200, wanted
        receipt = tell(client, wanted)
        assert receipt.status_code == 302, wanted
        assert client.get(receipt["Location"]).status_code == 200, wanted
    assert Report.objects.filter(reporter=member).count() == 9
    assert len(text_of(client.get("/reports/")).split("<li>\n            <h2")) == 10


def test_every_kind_that_can_be_reported_is_tried_here():
    assert set(reporting.kinds()) == {"topic", "reply", "resource", "review", "collection", "mentor", "message"}


def test_what_is_ones_own_has_no_such_way(sign_in, author, topic, reply):
    make.resource(author)
    page = text_of(sign_in(author).get(topic.get_absolute_url()))
    assert way(topic) not in page
    assert way(reply) in page
    assert sign_in(author).get(way(topic)).status_code == 403
    assert sign_in(author).get(f"/report/member/{author.username}/").status_code == 403


def test_what_one_cannot_see_cannot_be_told_from_what_there_is_not(sign_in, member, author, topic, reply, moderator):
    inner = make.topic(make.board(), author)
    waiting = make.resource(author, publish=False)
    reply.hide(by=moderator, reason="It tells where somebody lives.")
    for address in (way(reply), way(waiting), f"/report/reply/{uuid4()}/", f"/report/nothing/{topic.public_id}/"):
        assert sign_in(member).get(address).status_code == 404, address
        assert Client().get(address).status_code == 404, address
    assert Client().get(way(inner)).status_code == 404
    Block.put(author, member)
    assert sign_in(member).get(way(topic)).status_code == 404
    assert sign_in(member).get(f"/report/member/{author.username}/").status_code == 404
    assert not Report.objects.exists()


def test_what_was_taken_back_is_no_more_to_be_looked_at(sign_in, member, reply):
    reply.withdraw()
    assert sign_in(member).get(way(reply)).status_code == 403


# What is said -------------------------------------------------------------------------------------


def test_the_words_are_kept_as_they_were(sign_in, member, topic):
    tell(sign_in(member), way(topic), body="It frightens me.")
    topic.edit("Other words.", title="Another title")
    report = Report.objects.get()
    assert report.kept == {"title": "A long day", "body": "As it stood."}
    assert (report.reporter, report.words, report.reason) == (member, "It frightens me.", "harmful")


@pytest.mark.parametrize(
    ("reason", "harm"), [("worried", 0), ("harmful", 1), ("private", 1), ("rule", 2), ("other", 2), ("selling", 2), ("note", 2)]
)
def test_harm_follows_from_the_reason(sign_in, member, topic, reason, harm):
    tell(sign_in(member), way(topic), reason=reason)
    assert Report.objects.get().harm == harm


def test_which_rule_is_one_of_the_house(sign_in, member, topic):
    Agreement(kind="rules", body="- **Be kind.** Always.\n- **Keep names out.** Yours, too.").publish()
    client = sign_in(member)
    assert "Keep names out" in text_of(client.get(way(topic)))
    assert tell(client, way(topic), reason="rule", rule="Be rude").status_code == 200
    assert tell(client, way(topic), reason="rule", rule="Keep names out").status_code == 302
    assert Report.objects.get().rule == "Keep names out"


def test_what_is_against_the_law_is_explained_in_good_faith(sign_in, member, topic):
    client = sign_in(member)
    short = tell(client, way(topic), reason="illegal")
    assert short.status_code == 200
    assert "Say in a sentence or two" in text_of(short)
    assert "Tick this, too" in text_of(short)
    assert '<details class="fold" open>' in text_of(short)
    whole = {"reason": "illegal", "body": "It sells what nobody may sell.", "law": "The law about that", "good_faith": "on"}
    assert tell(client, way(topic), **whole).status_code == 302
    report = Report.objects.get()
    assert report.in_good_faith_at is not None
    assert report.rule == "The law about that"


def test_reasons_fit_what_it_is_about(sign_in, member, author, topic):
    client, thing = sign_in(member), make.resource(author)
    assert 'value="stale"' in text_of(client.get(way(thing)))
    assert 'value="stale"' not in text_of(client.get(way(topic)))
    assert 'value="note"' not in text_of(client.get(f"/report/member/{author.username}/"))
    assert tell(client, way(topic), reason="stale").status_code == 200
    assert not Report.objects.exists()


def test_pressing_twice_is_one_report_and_leads_to_one_receipt(sign_in, member, topic):
    client = sign_in(member)
    page = text_of(client.get(way(topic)))
    told = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)) | {"reason": "harmful", "body": "Look."}
    first, second = client.post(way(topic), told), client.post(way(topic), told)
    assert first["Location"] == second["Location"] == Report.objects.get().get_absolute_url()
    assert client.get(way(topic))["Location"] == first["Location"], "while it is open, the way leads to it"


def test_a_paused_or_forgetful_member_can_still_report(sign_in, topic):
    newcomer = make.user(settled=False, accepted=False)
    assert tell(sign_in(newcomer), way(topic)).status_code == 302


def test_words_of_a_session_that_ended_are_not_lost(sign_in, member, topic):
    client = sign_in(member)
    told = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text_of(client.get(way(topic)))))
    answer = Client().post(
        way(topic), told | {"reason": "harmful", "body": "Please look at this."}, HTTP_ORIGIN="http://testserver"
    )
    assert answer.status_code == 403
    assert "Please look at this." in text_of(answer)
    assert not Report.objects.exists()


# Guests -------------------------------------------------------------------------------------------


def test_a_guest_reports_what_is_public_and_keeps_the_address(topic, moderator):
    guest = Client(enforce_csrf_checks=True)
    assert f'href="{way(topic)}"' in text_of(guest.get(topic.get_absolute_url()))
    form = guest.get(way(topic))
    assert "no-store" in form["Cache-Control"]
    assert 'name="member"' not in text_of(form)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', text_of(form))[1]
    assert guest.post(way(topic), {"reason": "worried"}).status_code == 403, "without the token"
    sent = guest.post(way(topic), {"reason": "worried", "body": "Are they well?", "csrfmiddlewaretoken": token})
    report = Report.objects.get()
    assert (report.reporter, report.reporter_persona, report.weight) == (None, None, 0)
    assert sent["Location"] == report.get_absolute_url()
    receipt = text_of(Client().get(report.get_absolute_url()))
    assert "Keep the address of this page" in receipt
    assert 'href="/help/"' in receipt
    assert "Are they well?" not in receipt, "whoever finds the address reads nothing of it"
    report.close(by=moderator, reason="Somebody has written to them.")
    assert "Somebody has written to them." in text_of(Client().get(report.get_absolute_url()))


def test_pages_that_guests_keep_hold_no_token(topic, reply):
    assert "csrfmiddlewaretoken" not in text_of(Client().get(topic.get_absolute_url()))


def test_a_guest_is_slowed_down_by_network_and_told_what_to_do(topic, reply, settings):
    settings.ACCOUNT_RATE_LIMITS = django_settings.DOOR_LIMITS
    cache.clear()
    answers = [Client().post(way(topic), {"reason": "other", "body": f"Look {n}."}).status_code for n in range(7)]
    assert answers == [302] * 6 + [200]
    late = Client().post(way(topic), {"reason": "other", "body": "Look again."})
    assert "That was a lot in a short time" in text_of(late)
    assert "Look again." in text_of(late), "the words are still there"
    assert Report.objects.count() == 6


def test_the_page_of_a_member_is_for_members(author):
    assert Client().get(f"/report/member/{author.username}/")["Location"].startswith("/accounts/login/")
    assert Client().get("/reports/")["Location"].startswith("/accounts/login/")


# The receipt --------------------------------------------------------------------------------------


def test_a_receipt_is_for_whoever_reported_and_nobody_else(sign_in, member, other, author, topic, moderator, owner):
    tell(sign_in(member), way(topic), body="It frightens me.")
    receipt = Report.objects.get().get_absolute_url()
    assert "It frightens me." in text_of(sign_in(member).get(receipt))
    for somebody in (other, author, moderator, owner):
        assert sign_in(somebody).get(receipt).status_code == 404
    assert Client().get(receipt).status_code == 404


def test_the_outcome_is_told(sign_in, member, author, topic, moderator):
    client = sign_in(member)
    receipt = tell(client, way(topic))["Location"]
    assert "A volunteer will look" in text_of(client.get(receipt))
    Report.objects.get().close(by=moderator, reason="We talked with them.")
    assert "We talked with them." in text_of(client.get("/inbox/"))
    assert "We talked with them." in text_of(client.get(receipt))
    assert moderator.username not in text_of(client.get(receipt))
    assert not Notification.objects.filter(recipient=author, kind__startswith="moderation").exists()
    assert not Notification.objects.filter(recipient=member, kind="moderation.report_closed").unread().exists(), "it was read there"


def test_what_is_gone_shows_in_no_receipt(sign_in, member, topic, moderator):
    client = sign_in(member)
    receipt = tell(client, way(topic))["Location"]
    assert "A long day" in text_of(client.get(receipt))
    topic.hide(by=moderator, reason="It named somebody in its title.")
    for address in (receipt, "/reports/"):
        assert "A long day" not in text_of(client.get(address))
        assert "Conversation" in text_of(client.get(address))


def test_how_soon_somebody_looks_is_said_as_it_is(sign_in, member, topic):
    DeskSettings(pk=1, worried_hours=2, here_from=time(8), here_until=time(8, 1)).save()
    page = text_of(sign_in(member).get(way(topic)))
    assert "within 2 hours where you are worried" in page
    assert "08:00 GMT" in page or "until 08:01 GMT" in page


def test_when_somebody_is_here_is_said_by_the_clock_of_whoever_reads(sign_in, topic, time_machine):
    DeskSettings(pk=1, here_from=time(18), here_until=time(23)).save()
    far = make.user(time_zone="America/New_York")
    for hour, guests, theirs in ((12, "again from 18:00 GMT", "again from 13:00 EST"), (21, "until 23:00 GMT", "until 18:00 EST")):
        time_machine.move_to(datetime(2026, 11, 25, hour, tzinfo=UTC))
        assert guests in text_of(Client().get(way(topic)))
        assert theirs in text_of(sign_in(far).get(way(topic)))


def test_another_look_is_asked_for_once_and_goes_to_somebody_else(sign_in, member, other, topic, moderator):
    client = sign_in(member)
    receipt = tell(client, way(topic))["Location"]
    assert client.post(f"{receipt}appeal/").status_code == 403, "nobody has looked for the first time"
    report = Report.objects.get()
    report.close(by=moderator, reason="We see nothing wrong with it.")
    assert "Ask for another look" in text_of(client.get(receipt))
    assert sign_in(other).post(f"{receipt}appeal/").status_code == 404
    assert client.post(f"{receipt}appeal/", {"body": "Read the second line."}).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.report, appeal.first_by, appeal.words) == (report, moderator, "Read the second line.")
    assert "You asked for another look" in text_of(client.get(receipt))
    assert client.post(f"{receipt}appeal/").status_code == 403


def test_a_guest_asks_for_another_look_by_the_address(topic, moderator):
    sent = Client().post(way(topic), {"reason": "other", "body": "Look."})
    Report.objects.get().close(by=moderator, reason="We see nothing wrong with it.")
    assert Client().post(f"{sent['Location']}appeal/").status_code == 302
    assert Appeal.objects.get().voice is None


def test_another_look_is_possible_for_half_a_year(sign_in, member, topic, moderator):
    report = report_as(member, topic)
    report.close(by=moderator, reason="We see nothing wrong with it.")
    Report.objects.update(closed_at=timezone.now() - timedelta(days=184))
    assert sign_in(member).post(f"{report.get_absolute_url()}appeal/").status_code == 403


def test_looked_at_again_it_is_open_again(member, topic, moderator):
    report = report_as(member, topic)
    report.close(by=moderator, reason="We see nothing wrong with it.", unfounded=True)
    report.reopen()
    assert (report.closed_at, report.closed_by, report.unfounded_at) == (None, None, None)
    report.close(by=moderator, reason="Once more.")
    report_as(member, topic)
    report.reopen()
    assert Report.objects.open().count() == 1, "there is one already"


# Under an alias -----------------------------------------------------------------------------------


def test_where_somebody_has_an_alias_it_is_the_alias_that_reports(sign_in, member, topic, moderator):
    member.is_here = True
    persona = speak_as(member, topic.public_id)
    client = sign_in(member)
    receipt = tell(client, way(topic))["Location"]
    report = Report.objects.get()
    assert (report.reporter, report.reporter_persona) == (None, persona)
    assert client.get(receipt).status_code == 200
    assert receipt in text_of(client.get("/reports/"))
    report.close(by=moderator, reason="We talked with them.")
    assert Notification.objects.get(kind="moderation.report_closed").persona == persona


def test_what_was_reported_by_name_is_the_aliass_once_there_is_one(member, topic, reply):
    for lead in ("larkspur", "teasel"):
        make.user(lead, role="lead")
    report_as(member, reply)
    report_as(member, topic)
    topic.board.allow_anonymous(by=make.user(role="owner"), reason="It helps people to speak.")
    member.is_here = True
    fresh = Topic.objects.select_related("board").get(pk=topic.pk)
    persona = voice_to_reply(member, fresh, anonymously=True)
    assert persona.is_persona
    assert set(Report.objects.values_list("reporter", "reporter_persona")) == {(None, persona.pk)}
