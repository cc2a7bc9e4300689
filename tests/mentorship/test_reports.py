"""Asking to have a mentor's page looked at, and words that stand there or were said at an end; and who looks at it."""

import uuid

import pytest
from django.urls import reverse

from community.audit.models import Entry
from community.decisions.models import Decision
from community.members.models import Block
from community.moderation.models import Report
from community.notifications.models import Notification
from mentorship.models import Match, Mentor
from tests import make

pytestmark = pytest.mark.django_db

WORDS = "They sat with me through the worst of it."
THANKS = "Thank you for every Tuesday."
TOLD = {"reason": "harmful", "body": "Please look."}
REPORTS = reverse("admin:moderation_report_changelist")


@pytest.fixture
def coordinator(db):
    return make.user("bramble", role="coordinator")


@pytest.fixture
def match(member, author):
    """`member` was guided by `author`, thanked them, and what they wrote for others stands on the mentor's page."""
    made = make.match(member, author)
    made.part(by=member, thanks=THANKS, testimonial=WORDS)
    made.show_testimonial(seen=made.testimonial_stamp)
    return made


def page_of(match) -> str:
    return match.mentor.get_absolute_url()


def words_report(match) -> str:
    return f"{page_of(match)}said/{match.testimonial_stamp}/report/"


def thanks_report(match) -> str:
    return f"{match.get_absolute_url()}thanks/report/"


def report_page(report) -> str:
    return reverse("admin:moderation_report_change", args=[report.pk])


def read(client, address) -> str:
    return client.get(address, follow=True).content.decode()


def tell(client, address):
    response = client.post(address, TOLD | {"key": uuid.uuid4()}, follow=True)
    report = Report.objects.get()
    assert response.redirect_chain == [(report.get_absolute_url(), 302)]
    assert "Thank you. A volunteer will look." in response.content.decode()
    return report


# What members can have looked at ---------------------------------------------------------------------


def test_words_on_a_mentor_s_page_can_be_looked_at(sign_in, other, match):
    client = sign_in(other)
    assert words_report(match) in read(client, page_of(match))
    asking = read(client, words_report(match))
    assert WORDS in asking
    assert str(match.public_id) not in asking
    assert f"mentorship.match:{match.pk}" not in asking
    report = tell(client, words_report(match))
    assert (report.target, report.kept["body"]) == (match, WORDS)
    assert report.kept["title"] == "Words about sorrel"
    again = client.get(words_report(match), follow=True)
    assert again.redirect_chain == [(report.get_absolute_url(), 302)]
    assert str(match.public_id) not in again.content.decode()


def test_whoever_wrote_them_is_not_asked_to_report_their_own(sign_in, member, match):
    client = sign_in(member)
    assert words_report(match) not in read(client, page_of(match))
    assert client.get(words_report(match)).status_code == 403


def test_a_thank_you_can_be_looked_at_by_whoever_was_thanked(sign_in, author, member, match):
    client = sign_in(author)
    assert thanks_report(match) in read(client, match.get_absolute_url())
    assert THANKS in read(client, thanks_report(match))
    report = tell(client, thanks_report(match))
    assert (report.kept["title"], report.kept["body"]) == ("A thank-you", THANKS)
    assert sign_in(member).get(thanks_report(match)).status_code == 403  # nobody has thanked them


@pytest.mark.parametrize("who", ["other", "moderator", "owner", "newcomer"])
def test_to_everybody_else_a_thank_you_is_not_there(request, sign_in, match, who):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(thanks_report(match)).status_code == 404
    assert client.post(thanks_report(match), TOLD).status_code == 404


def test_a_guest_is_led_to_sign_in(client, match):
    for address in (words_report(match), thanks_report(match)):
        assert client.get(address).status_code in (302, 404)
    assert not Report.objects.exists()


# What is there no more -------------------------------------------------------------------------------


def gone_by_withdrawing(match, viewer):
    match.withdraw_testimonial()


def gone_by_hiding(match, viewer):
    match.hide_testimonial()


def gone_with_the_account(match, viewer):
    type(match.newcomer).objects.filter(pk=match.newcomer_id).update(is_active=False)


def gone_across_a_block(match, viewer):
    Block.put(match.newcomer, viewer)


def gone_across_a_block_of_the_viewer(match, viewer):
    Block.put(viewer, match.newcomer)


GONE = [gone_by_withdrawing, gone_by_hiding, gone_with_the_account, gone_across_a_block, gone_across_a_block_of_the_viewer]


@pytest.mark.parametrize("gone", GONE)
def test_words_that_are_gone_show_nowhere_and_have_no_address(gone, sign_in, other, match):
    # By name: without one they stand across a block, else a block would tell who wrote them.
    match.part(by=match.newcomer, testimonial=WORDS, is_named=True)
    match.show_testimonial(seen=match.testimonial_stamp)
    address = words_report(match)
    gone(match, other)
    client = sign_in(other)
    assert WORDS not in read(client, page_of(match))
    assert client.get(address).status_code == 404
    assert client.post(address, TOLD).status_code == 404
    assert not Report.objects.exists()


def test_other_words_have_another_address(sign_in, other, member, match):
    address = words_report(match)
    match.part(by=member, testimonial="They listened.")
    match.refresh_from_db()
    match.show_testimonial(seen=match.testimonial_stamp)
    assert sign_in(other).get(address).status_code == 404


# Who looks at it -------------------------------------------------------------------------------------


def reports_about(match, message, mentor):
    """One of each: a mentor, their page, a thank-you, a message of two."""
    reporter = make.user("teller")
    Report.put(mentor, by=reporter, reason="selling")
    Report.put(match, by=reporter, reason="harmful")
    Report.put(make.topic(), by=reporter, reason="note")
    Report.put(message, by=message.match.newcomer, reason="other")
    return {report.target_type.model: report for report in Report.objects.select_related("target_type")}


def test_coordinators_look_at_what_is_said_about_mentors_and_at_no_message(sign_in, coordinator, match):
    reports = reports_about(match, make.message(body="Between us two."), make.mentor())
    client = sign_in(coordinator)
    listed = read(client, REPORTS)
    for kind, report in reports.items():
        is_theirs = kind in ("mentor", "match")
        assert (report_page(report) in listed) == is_theirs, kind
        shown = client.get(report_page(report))
        assert (shown.status_code == 200) == is_theirs, kind
        assert "Between us two." not in shown.content.decode()
    assert WORDS in read(client, report_page(reports["match"]))
    # What stands on no page of theirs is not led to.
    assert match.get_absolute_url() not in read(client, report_page(reports["match"]))
    assert Entry.objects.filter(action="moderation.report_read", by=coordinator).count() == 3
    client.post(f"{report_page(reports['match']).removesuffix('change/')}do/close/", {"reason": "I have read it with care."})
    reports["match"].refresh_from_db()
    assert reports["match"].is_closed


def test_moderators_look_at_all_of_it(sign_in, moderator, match):
    reports = reports_about(match, make.message(), make.mentor())
    listed = read(sign_in(moderator), REPORTS)
    assert all(report_page(report) in listed for report in reports.values())


def test_nobody_looks_at_what_is_said_about_themselves(sign_in, coordinator, other, match):
    """Not as a mentor, and not as one of a pair."""
    own = make.mentor(coordinator)
    about_words = make.match(make.user("guided"), own)
    about_words.part(by=about_words.newcomer, testimonial="They talk too much.")
    for target in (own, about_words):
        Report.put(target, by=other, reason="other")
    client = sign_in(coordinator)
    listed = read(client, REPORTS)
    for report in Report.objects.all():
        assert report_page(report) not in listed
        assert client.get(report_page(report)).status_code in (302, 404)
    second = sign_in(make.user("sedge", role="coordinator"))
    assert all(second.get(report_page(report)).status_code == 200 for report in Report.objects.all())


def test_members_look_at_no_report(sign_in, other, match):
    Report.put(match, by=other, reason="other")
    assert sign_in(other).get(REPORTS).status_code in (302, 404)


# What comes of it -------------------------------------------------------------------------------------


def test_a_coordinator_takes_words_off_a_page_and_both_learn_why(sign_in, coordinator, member, author, other, match):
    client = sign_in(coordinator)
    address = reverse("admin:mentorship_match_change", args=[match.pk])
    assert WORDS in read(client, address)
    reason = "They name a person who is not here."
    client.post(reverse("admin:mentorship_match_verb", args=[match.pk, "take_down_testimonial"]), {"reason": reason})
    match.refresh_from_db()
    assert (match.testimonial, match.testimonial_shown_at) == ("", None)
    assert WORDS not in read(sign_in(other), page_of(match))
    assert WORDS not in read(sign_in(coordinator), address)
    told = Notification.objects.get(recipient=author, kind="mentorship.testimonial_taken_down")
    assert told.note == reason
    assert "off the mentor’s page" in read(sign_in(author), "/inbox/")
    # Whoever wrote them has a copy, and the way to another look.
    statement = Decision.objects.about(match).get(member=member)
    assert WORDS in read(sign_in(member), statement.get_absolute_url())
    assert Entry.objects.filter(action="mentorship.testimonial_taken_down", by=coordinator).exists()
    # They may find other words, and then the old ones do not come back.
    match.part(by=member, testimonial="They listened.")
    assert Match.objects.get(pk=match.pk).testimonial == "They listened."
    statement.reverse(by=coordinator, reason="It is a frog’s name.")
    assert Match.objects.get(pk=match.pk).testimonial == "They listened."


def test_words_come_back_to_a_page_as_they_stood(coordinator, member, match):
    before = (match.testimonial, match.testimonial_is_named, match.testimonial_shown_at)
    match.take_down_testimonial(by=coordinator, reason="They name a person who is not here.")
    Decision.objects.about(match).get().reverse(by=coordinator, reason="It is a frog’s name.")
    match.refresh_from_db()
    assert (match.testimonial, match.testimonial_is_named, match.testimonial_shown_at) == before
    assert Notification.objects.filter(recipient=member, kind="mentorship.testimonial_put_back").exists()


def test_both_kinds_of_words_of_one_match_reach_whoever_looks(sign_in, author, coordinator, match):
    client = sign_in(author)
    tell(client, words_report(match))
    client.post(thanks_report(match), {"reason": "other", "body": "And this one.", "key": uuid.uuid4()})
    report = Report.objects.get()
    assert WORDS in report.kept["body"]
    assert f"A thank-you:\n\n{THANKS}" in report.kept["body"]
    assert report.words == "Please look.\n\nAnd this one."
    for address in (words_report(match), thanks_report(match)):
        assert client.get(address)["Location"] == report.get_absolute_url()
        client.post(address, TOLD | {"key": uuid.uuid4()})
    assert Report.objects.get().kept == report.kept


def test_words_that_nobody_else_reads_are_not_for_coordinators(sign_in, coordinator, match):
    match.hide_testimonial()
    assert WORDS not in read(sign_in(coordinator), reverse("admin:mentorship_match_change", args=[match.pk]))
    assert Mentor.objects.count() == 1
