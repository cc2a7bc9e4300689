"""The log behind the scenes: read by those who may, changed by nobody, with its words for a few; and what is known of a member."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry, EntryWords, record
from community.decisions.models import Act, decide
from community.identity.seal import speak_as
from community.moderation.models import MemberNote
from tests import make

LIST = "/admin/audit/entry/"
WHY = "Because of what they wrote about the allotment."


@pytest.fixture
def lead(db):
    return make.user("larkspur", role="lead")


@pytest.fixture
def entry(moderator, member):
    return record("members.limits_changed", by=moderator, target=member, reason=WHY)


@pytest.fixture
def alias(author):
    author.is_here = True
    topic = make.topic()
    return make.reply(topic, speak_as(author, topic.public_id)).persona


def decided(voice, by, reason="It names somebody."):
    words = make.reply(make.topic(), voice)
    return decide(Act.HIDE, words, by=by, reason=reason, action="forums.reply_hidden", kept={"body": words.body})


# The log --------------------------------------------------------------------------------------------------------------


def pages_of(entry) -> tuple[str, str]:
    return LIST, reverse("admin:audit_entry_change", args=[entry.pk])


@pytest.mark.parametrize(("who", "with_words"), [("moderator", False), ("lead", True), ("owner", True)])
def test_moderators_read_who_did_what_and_a_few_read_why(sign_in, request, entry, moderator, who, with_words):
    client = sign_in(request.getfixturevalue(who))
    for page in pages_of(entry):
        text = client.get(page).text
        assert "limits changed" in text
        assert moderator.username in text
        assert (WHY in text) == with_words


def test_the_page_of_an_entry_names_the_member_it_is_about(sign_in, owner, entry, member):
    assert member.username in sign_in(owner).get(pages_of(entry)[1]).text


@pytest.mark.parametrize("role", ["librarian", "coordinator"])
def test_those_with_other_offices_do_not_read_it(sign_in, entry, role):
    client = sign_in(make.user(role=role))
    for page in pages_of(entry):
        assert client.get(page).status_code == 403


@pytest.mark.parametrize("who", ["moderator", "lead", "owner"])
def test_nobody_adds_changes_or_takes_out_anything(sign_in, request, entry, who):
    client = sign_in(request.getfixturevalue(who))
    before = list(Entry.objects.values_list("pk", "action", "digest"))
    for page in (LIST + "add/", pages_of(entry)[1], reverse("admin:audit_entry_delete", args=[entry.pk])):
        assert client.post(page, {"action": "x.y", "post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert list(Entry.objects.values_list("pk", "action", "digest")) == before


def test_forgotten_words_are_said_to_be_forgotten(sign_in, owner, entry):
    EntryWords.objects.all().delete()
    assert "(forgotten)" in sign_in(owner).get(pages_of(entry)[1]).text


@pytest.mark.parametrize("query", ["words__reason__contains=allotment", "by__email__startswith=f", "digest__startswith=a", "by=1"])
def test_nothing_in_it_can_be_guessed_by_look_ups(sign_in, moderator, entry, query):
    assert sign_in(moderator).get(f"{LIST}?{query}").status_code in {302, 400}


def test_words_are_not_found_by_searching(sign_in, moderator, owner, entry):
    for who in (moderator, owner):
        client = sign_in(who)
        assert "limits changed" not in client.get(f"{LIST}?q=allotment").text
        assert "limits changed" in client.get(f"{LIST}?q=limits+ch").text
        assert "limits changed" in client.get(f"{LIST}?q=members.lim").text


def test_an_alias_in_it_has_a_name_and_no_number(sign_in, moderator, owner, alias):
    entry = record("members.seal_opened_for_pause", by=moderator, target=alias)
    client = sign_in(owner)
    assert alias.alias in client.get(pages_of(entry)[1]).text
    assert f"persona {alias.pk}" not in client.get(LIST).text


def test_that_staff_signed_in_is_written_down_to_the_hour_and_read_by_a_few(sign_in, moderator, owner):
    client = Client()
    client.post("/accounts/login/", {"login": moderator.email, "password": make.PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": recovery_code(moderator)})
    entry = Entry.objects.get(action="members.staff_signed_in")
    assert entry.by == moderator
    assert entry.at < timezone.now().replace(minute=0, second=0, microsecond=0)
    assert "staff signed in" in sign_in(owner).get(LIST).text
    assert "staff signed in" not in sign_in(moderator).get(LIST).text
    assert sign_in(moderator).get(pages_of(entry)[1]).status_code == 302


def test_that_a_member_signed_in_is_nobodys_business(member):
    Client().post("/accounts/login/", {"login": member.email, "password": make.PASSWORD})
    assert not Entry.objects.filter(action="members.staff_signed_in").exists()


def recovery_code(user) -> str:
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return RecoveryCodes(codes).get_unused_codes()[0]


# What is known of a member --------------------------------------------------------------------------------------------


def member_page(sign_in, who, member) -> str:
    return sign_in(who).get(reverse("admin:members_user_change", args=[member.pk])).text


def alias_page(sign_in, who, alias):
    return sign_in(who).get(reverse("admin:moderation_membernote_alias", args=[alias.public_id]))


def test_the_page_of_a_member_tells_what_was_decided_under_their_name_and_nothing_else(sign_in, moderator, author, alias):
    decided(author, moderator, "It names a neighbour.")
    decided(alias, moderator, "It sells honey.")
    text = member_page(sign_in, moderator, author)
    assert "It names a neighbour." in text
    assert "It sells honey." not in text
    shown = alias_page(sign_in, moderator, alias).text
    assert "It sells honey." in shown
    assert "It names a neighbour." not in shown
    assert author.username not in shown


def test_volunteers_write_notes_on_a_member_and_on_an_alias(sign_in, moderator, author, alias):
    client = sign_in(moderator)
    for about, words in ((author.username, "They like plain words."), (str(alias.public_id), "Answer them in the morning.")):
        page = client.get(reverse("admin:moderation_membernote_add"), {"about": about})
        assert about in page.text
        assert client.post(reverse("admin:moderation_membernote_add"), {"about": about, "words": words}).status_code == 302
    assert "They like plain words." in member_page(sign_in, moderator, author)
    assert "Answer them in the morning." not in member_page(sign_in, moderator, author)
    assert "Answer them in the morning." in alias_page(sign_in, moderator, alias).text
    assert Entry.objects.filter(action="moderation.membernote_added").count() == 2


@pytest.mark.parametrize(
    "fields", [{"about": ""}, {"about": "nobody"}, {"about": "\0"}, {"words": ""}, {"words": "\0"}, {"words": "x" * 1001}]
)
def test_a_note_without_words_or_without_anybody_is_refused(sign_in, moderator, author, fields):
    answer = sign_in(moderator).post(
        reverse("admin:moderation_membernote_add"), {"about": author.username, "words": "They like plain words."} | fields
    )
    assert answer.status_code == 200
    assert not MemberNote.objects.exists()


def test_nobody_reads_or_writes_notes_about_themselves(sign_in, moderator, owner):
    moderator.is_here = True
    topic = make.topic()
    own = make.reply(topic, speak_as(moderator, topic.public_id)).persona
    MemberNote.objects.create(member=moderator, by=owner, words="They look tired.")
    MemberNote.objects.create(persona=own, by=owner, words="Who might that be.")
    client = sign_in(moderator)
    text = client.get(reverse("admin:moderation_membernote_changelist")).text + member_page(sign_in, moderator, moderator)
    assert "They look tired." not in text
    assert "Who might that be." not in text
    assert alias_page(sign_in, moderator, own).status_code == 404
    for about in (moderator.username, str(own.public_id)):
        answer = client.post(reverse("admin:moderation_membernote_add"), {"about": about, "words": "I am kind."})
        assert "This is you." in answer.text
    assert MemberNote.objects.count() == 2


@pytest.mark.parametrize("role", ["librarian", "coordinator"])
def test_notes_are_for_those_who_look_after_words(sign_in, author, moderator, alias, role):
    note = MemberNote.objects.create(member=author, by=moderator, words="They like plain words.")
    who = make.user(role=role)
    client = sign_in(who)
    assert client.get(reverse("admin:moderation_membernote_changelist")).status_code == 403
    assert client.get(reverse("admin:moderation_membernote_change", args=[note.pk])).status_code == 403
    assert client.get(reverse("admin:moderation_membernote_add")).status_code == 403
    assert alias_page(sign_in, who, alias).status_code == 403


def test_a_note_is_never_changed_and_never_deleted_by_hand(sign_in, owner, moderator, author):
    note = MemberNote.objects.create(member=author, by=moderator, words="They like plain words.")
    client = sign_in(owner)
    for page in ("change", "delete"):
        answer = client.post(reverse(f"admin:moderation_membernote_{page}", args=[note.pk]), {"words": "x", "post": "yes"})
        assert answer.status_code == 403
    note.refresh_from_db()
    assert note.words == "They like plain words."


def test_only_leads_are_offered_to_ask_who_an_alias_is(sign_in, moderator, lead, alias):
    assert "Ask a second person" in alias_page(sign_in, lead, alias).text
    assert "Ask a second person" not in alias_page(sign_in, moderator, alias).text
