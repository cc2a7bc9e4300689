"""Power over oneself and over owners, and what the desk tells of whom: nobody judges what is their own."""

from uuid import uuid4

import pytest
from django.utils import timezone

from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.moderation.models import Appeal, MemberNote, Report
from tests import make

pytestmark = pytest.mark.django_db


def close(client, report):
    return client.post(f"/admin/moderation/report/{report.pk}/do/close/", {"reason": "I looked at it."}).status_code


def test_nobody_closes_their_own_report_or_one_about_themselves(sign_in, moderator, member):
    for _ in range(2):
        make.user(role="lead")
    conversation, client = uuid4(), sign_in(moderator)
    moderator.is_here = True
    board = make.board(anonymous_at=timezone.now())
    masked = make.topic(board, speak_as(moderator, conversation), public_id=conversation)
    reports = [
        Report.put(make.reply(), by=moderator, reason="other"),
        Report.put(make.reply(author=moderator), by=member, reason="other"),
        Report.put(masked, by=member, reason="other"),
        Report.put(make.reply(), by=masked.persona, reason="other"),
        Report.put(moderator, by=member, reason="other"),
    ]
    for report in reports:
        assert close(client, report) in (403, 404)
        assert client.post(f"/admin/moderation/report/{report.pk}/do/claim/").status_code in (403, 404)
    assert not Report.objects.exclude(closed_at=None).exists()
    assert close(client, Report.put(make.reply(), by=member, reason="rule")) == 302


def test_moderators_act_on_no_owner_and_leads_on_their_words_alone(sign_in, moderator, owner, member):
    lead, words = make.user(role="lead"), make.reply(author=owner)
    report = Report.put(words, by=member, reason="rule")
    fields = {"reason": "It names a neighbour.", "days": "3"}
    client = sign_in(moderator)
    assert close(client, report) == 403
    for verb in ("hide", "remove", "revise", "pause_writer", "hold_writer"):
        assert client.post(f"/admin/forums/reply/{words.pk}/do/{verb}/", fields).status_code == 403, verb
    for who in (moderator, lead):
        for verb in ("pause", "look_first", "dismiss", "appoint"):
            assert sign_in(who).post(f"/admin/members/user/{owner.pk}/do/{verb}/", fields).status_code == 403, verb
    assert sign_in(lead).post(f"/admin/forums/reply/{words.pk}/do/hide/", fields).status_code == 302
    assert close(sign_in(lead), report) == 302


def test_nobody_looks_again_at_what_they_decided_or_what_was_decided_about_them(sign_in, moderator, owner):
    about_them, by_them = make.reply(author=moderator), make.reply()
    about_them.hide(by=owner, reason="It names a neighbour.")
    by_them.hide(by=moderator, reason="It names a neighbour.")
    for words in (about_them, by_them):
        appeal = Appeal.ask(Decision.objects.about(words).get())
        for verb in ("overturn", "uphold", "claim"):
            url = f"/admin/moderation/appeal/{appeal.pk}/do/{verb}/"
            assert sign_in(moderator).post(url, {"reason": "I think so."}).status_code == 403
    assert not Appeal.objects.exclude(decided_at=None).exists()


# At the desk --------------------------------------------------------------------------------------------------------------


def at_the_desk(client, report) -> str:
    return client.get(f"/admin/desk/report-{report.pk}/").text


def test_the_desk_leads_to_whoever_wrote_it_and_never_to_whoever_told(sign_in, moderator, member, author):
    MemberNote.objects.create(member=member, by=moderator, words="zqxnote")
    client, theirs = sign_in(moderator), f"/admin/members/user/{member.pk}/"
    words = Report.put(make.reply(author=author), by=member, reason="rule")
    assert f"/admin/members/user/{author.pk}/change/" in at_the_desk(client, words)
    match = make.match(member, make.mentor(author))
    private = Report.put(make.message(match, author), by=member, reason="rule")
    gone = Report.put(make.reply(author=author), by=member, reason="other")
    gone.close(by=make.user(role="moderator"), reason="I looked at it.")
    again = Appeal.ask(gone)
    for text in (at_the_desk(client, words), at_the_desk(client, private), client.get(f"/admin/desk/appeal-{again.pk}/").text):
        assert "zqxnote" not in text
        assert theirs not in text
        assert 'class="desk"' in text


def test_notes_of_volunteers_are_not_for_librarians(sign_in, moderator, author):
    MemberNote.objects.create(member=author, by=moderator, words="zqxnote")
    address = f"/admin/desk/resource-{make.resource(author, publish=False).pk}/"
    assert "zqxnote" in sign_in(make.user(role="owner")).get(address).text
    page = sign_in(make.user(role="librarian")).get(address).text
    assert 'class="desk"' in page
    assert "zqxnote" not in page
