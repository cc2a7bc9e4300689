"""When something in a room is not right: reports, whoever is in charge of safety, and that nobody else reads along."""

import pytest
from django.contrib import admin
from django.urls import reverse

from community.audit.models import Entry
from community.moderation.models import Report
from community.notifications.models import Notification
from mentorship.models import CannotBegin, Concern, Goal, Match, Message, Session
from tests import make
from tests.mentorship.test_rooms import form_of, url

pytestmark = pytest.mark.django_db

CANARY = "zqxwordsofaroom"


@pytest.fixture
def match(member, author):
    return make.match(member, author)


@pytest.fixture
def lead(db):
    return make.user("larkspur", role="lead")


@pytest.fixture
def said(match, member, author):
    """Twenty messages by turns, each with its number; those of the mentor are odd."""
    return [make.message(match, (member, author)[number % 2], f"{CANARY}-{number:02}.") for number in range(20)]


def numbers_in(page: str) -> set[int]:
    return {number for number in range(20) if f"{CANARY}-{number:02}." in page}


def report(client, match, message, **more):
    address = f"/report/message/{message.public_id}/"
    return client.post(address, {**form_of(client, address), "reason": "harmful", "body": "It frightens me.", **more})


# A reported message -----------------------------------------------------------------------------


def test_a_message_of_the_other_side_can_be_reported(sign_in, member, author, match, said):
    client = sign_in(member)
    assert f"/report/message/{said[1].public_id}/" in client.get(url(match, "?page=1")).content.decode()
    assert f"/report/message/{said[0].public_id}/" not in client.get(url(match, "?page=1")).content.decode()
    assert report(client, match, said[1]).status_code == 302
    assert Report.objects.get().kept["body"] == f"{CANARY}-01."
    assert client.get(f"/report/message/{said[1].public_id}/").url == Report.objects.get().get_absolute_url()
    assert report(client, match, said[0]).status_code == 403
    assert not Notification.objects.filter(recipient=author, kind__startswith="moderation").exists()


def test_a_moderator_reads_it_and_five_around_it_and_each_look_is_written_down(sign_in, member, moderator, match, said):
    report(sign_in(member), match, said[9])
    client, address = sign_in(moderator), reverse("admin:moderation_report_change", args=[Report.objects.get().pk])
    for looks in (1, 2):
        assert numbers_in(client.get(address).content.decode()) == set(range(4, 15))
        assert Entry.objects.filter(action="moderation.report_read", by=moderator).count() == looks
    assert numbers_in(client.get(reverse("admin:moderation_report_changelist")).content.decode()) == set()
    assert url(match) not in client.get(address).content.decode()


def test_at_either_end_of_a_room_there_is_less_around_it(sign_in, member, moderator, match, said):
    report(sign_in(member), match, said[1])
    client = sign_in(moderator)
    address = reverse("admin:moderation_report_change", args=[Report.objects.get().pk])
    assert numbers_in(client.get(address).content.decode()) == set(range(7))


def test_once_it_is_closed_only_the_words_that_were_reported_are_left(sign_in, member, moderator, match, said):
    report(sign_in(member), match, said[9])
    Report.objects.get().close(by=moderator, reason="I have spoken with both.")
    address = reverse("admin:moderation_report_change", args=[Report.objects.get().pk])
    assert numbers_in(sign_in(moderator).get(address).content.decode()) == {9}
    assert "spoken with both" in sign_in(member).get("/inbox/").content.decode()


def test_changing_the_words_afterwards_hides_nothing(sign_in, member, moderator, match, said):
    report(sign_in(member), match, said[9])
    said[9].edit("All is well.")
    said[11].withdraw()
    page = sign_in(moderator).get(reverse("admin:moderation_report_change", args=[Report.objects.get().pk])).content.decode()
    assert f"{CANARY}-09." in page
    assert "(taken back)" in page


def test_a_moderator_who_is_one_of_the_two_learns_of_no_report(sign_in, member, moderator):
    match = make.match(member, moderator)
    message = make.message(match, moderator, f"{CANARY}-01.")
    assert report(sign_in(member), match, message).status_code == 302
    client = sign_in(moderator)
    assert "harm" not in client.get(reverse("admin:moderation_report_changelist")).content.decode().partition("result_list")[2]
    address = reverse("admin:moderation_report_change", args=[Report.objects.get().pk])
    assert client.get(address).status_code in (302, 404)
    assert not Entry.objects.filter(action="moderation.report_read").exists()


def test_a_librarian_who_is_no_moderator_sees_no_report_of_a_room(sign_in, member, match, said):
    report(sign_in(member), match, said[9])
    address = reverse("admin:moderation_report_change", args=[Report.objects.get().pk])
    assert CANARY not in sign_in(make.user(role="librarian")).get(address).content.decode()


# Nothing else of a room is anywhere behind the scenes ------------------------------------------------


WORDS = {
    *("hello", "notes", "rhythm", "channel", "between_us", "how_to_stop"),
    *("newcomer_thanks", "mentor_thanks", "messages", "goals", "sessions"),
}


def test_what_two_say_to_each_other_has_no_pages_in_the_admin():
    registered = admin.site._registry
    assert not {Message, Goal, Session} & set(registered)
    for model, pages in registered.items():
        shown = {str(name) for part in ("list_display", "readonly_fields", "search_fields") for name in getattr(pages, part)}
        shown |= {str(name) for name in pages.fields or ()} | {str(name) for name in getattr(pages, "list_filter", ())}
        if model is Match:
            assert not shown & WORDS
            assert pages.fields, "say what is shown of a match; else it is everything"
        assert not [name for name in shown if name.startswith(("messages__", "match__messages", "matches__messages"))]


@pytest.mark.parametrize("who", ["owner", "moderator", "coordinator", "lead"])
def test_nobody_finds_the_words_of_a_room_behind_the_scenes(request, sign_in, member, author, match, said, who):
    staff = request.getfixturevalue(who) if who != "coordinator" else make.user(role="coordinator")
    match.write_notes(f"{CANARY} notes", version=0)
    match.propose(by=member, seen=match.agreement_stamp, rhythm=f"{CANARY} rhythm")
    Goal.add(match, f"{CANARY} goal")
    Session.keep(match, by=member, on=match.began_at.date(), words=f"{CANARY} session")
    Match.objects.update(hello=f"{CANARY} hello", newcomer_thanks=f"{CANARY} thanks", mentor_thanks=f"{CANARY} thanks")
    Concern.call(match, by=member)
    client = sign_in(staff)
    client.raise_request_exception = False
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse("admin:index"), reverse(f"{name}_changelist"), f"{reverse(f'{name}_changelist')}?q={CANARY[:-4]}"]
        keys = model._default_manager.order_by("pk").values_list("pk", flat=True)[:5]
        pages += [reverse(f"{name}_change", args=[key]) for key in keys]
        for page in pages:
            response = client.get(page)
            assert response.status_code != 500, page
            assert CANARY not in response.content.decode(), page
    for lookup in ("messages__body__contains", "match__notes__contains", "target__body"):
        for listed in ("moderation_report", "mentorship_concern"):
            response = client.get(reverse(f"admin:{listed}_changelist"), {lookup: CANARY})
            assert response.status_code in (302, 400, 403, 404)
    for address in (url(match), url(match, "notes/"), said[0].get_absolute_url()):
        assert client.get(address).status_code == 404


# Something is not safe ------------------------------------------------------------------------------


def call(client, match, **fields):
    address = url(match, "safety/")
    return client.post(address, {**form_of(client, address), "body": "", **fields}, follow=True)


def test_a_call_without_words_reaches_the_leads_and_nobody_else(sign_in, member, author, moderator, lead, match):
    coordinator = make.user(role="coordinator")
    response = call(sign_in(member), match)
    assert "has reached those in charge" in response.content.decode()
    told = set(Notification.objects.filter(kind="mentorship.concern_raised").values_list("recipient__username", flat=True))
    assert told == {lead.username}
    assert "something is not safe" in sign_in(lead).get("/inbox/").content.decode()
    address = reverse("admin:mentorship_concern_change", args=[Concern.objects.get().pk])
    assert sign_in(lead).get(address).status_code == 200
    for person in (moderator, coordinator):
        assert sign_in(person).get(address).status_code in (302, 403, 404)
        assert "mentorship/concern" not in sign_in(person).get("/admin/lists/").content.decode()
    assert sign_in(author).get(address).status_code == 404


def test_the_other_one_is_not_told_who_called(sign_in, member, author, lead, match):
    call(sign_in(member), match, body="He asks where I live.", freeze="on")
    match.refresh_from_db()
    assert match.is_frozen
    theirs, mine = sign_in(author).get(url(match)).content.decode(), sign_in(member).get(url(match)).content.decode()
    assert "rests for now" in theirs
    assert "rests for now" in mine
    assert "You told those in charge" in mine
    assert "/help/" in mine
    for words in ("You told", "where I live", "asked for it"):
        assert words not in theirs
    kinds = set(Notification.objects.filter(recipient=author).values_list("kind", flat=True))
    assert not {kind for kind in kinds if "concern" in kind}


def test_a_double_press_calls_once(sign_in, member, lead, match):
    client = sign_in(member)
    fields = form_of(client, url(match, "safety/")) | {"body": "Please look."}
    for _ in range(2):
        client.post(url(match, "safety/"), fields)
    assert Concern.objects.count() == 1


def test_words_of_a_call_are_never_asked_about(sign_in, member, lead, match):
    call(sign_in(member), match, body="He wants me to ring 07700 900123.")
    assert Concern.objects.count() == 1


def test_a_lead_reads_what_was_chosen_and_each_look_is_written_down(sign_in, member, lead, match, said):
    call(sign_in(member), match, shown=[str(said[19].public_id)])
    client, address = sign_in(lead), reverse("admin:mentorship_concern_change", args=[Concern.objects.get().pk])
    for looks in (1, 2):
        assert numbers_in(client.get(address).content.decode()) == set(range(14, 20))
        assert Entry.objects.filter(action="mentorship.concern_read", by=lead).count() == looks
    Concern.objects.get().close(by=lead, reason="Spoken with both of them.")
    assert numbers_in(client.get(address).content.decode()) == set()


def test_messages_of_another_room_cannot_be_shown(sign_in, member, lead, match):
    elsewhere = make.message(body=f"{CANARY}-01.")
    make.message(match, match.mentor.user)
    call(sign_in(member), match, shown=[str(elsewhere.public_id)])
    assert not Concern.objects.exists()


def test_a_lead_who_is_one_of_the_two_learns_nothing_of_it(sign_in, member, lead):
    match = make.match(member, lead)
    second = make.user("teasel", role="lead")
    call(sign_in(member), match, body="About a lead.")
    told = set(Notification.objects.filter(kind="mentorship.concern_raised").values_list("recipient__username", flat=True))
    assert told == {second.username}
    client = sign_in(lead)
    address = reverse("admin:mentorship_concern_change", args=[Concern.objects.get().pk])
    assert client.get(address).status_code in (302, 404)
    assert (
        Concern.objects.get().at.strftime("%Y-%m-%d %H:%M")
        not in client.get(reverse("admin:mentorship_concern_changelist")).content.decode().partition("result_list")[2]
    )


def verb(client, concern, name, **fields):
    return client.post(reverse("admin:mentorship_concern_verb", args=[concern.pk, name]), fields)


def test_what_a_lead_does_is_recorded(sign_in, member, author, lead, match):
    call(sign_in(member), match, body="Please look.")
    concern, client = Concern.objects.get(), sign_in(lead)
    verb(client, concern, "take")
    verb(client, concern, "freeze", reason="Until I have spoken with both.")
    match.refresh_from_db()
    assert match.is_frozen
    verb(client, concern, "unfreeze", reason="Both are well with it.")
    match.refresh_from_db()
    assert not match.is_frozen
    verb(client, concern, "end_pair", reason="It went too far, twice.")
    match.refresh_from_db()
    assert (match.ending, match.ended_by) == ("safety", "programme")
    verb(client, concern, "close", reason="Ended, both have been spoken with.")
    concern.refresh_from_db()
    assert concern.taken_by == lead
    assert concern.outcome == "Ended, both have been spoken with."
    recorded = set(Entry.objects.filter(by=lead).values_list("action", flat=True))
    assert recorded >= {
        "mentorship.concern_taken",
        "mentorship.match_frozen",
        "mentorship.match_unfrozen",
        "mentorship.match_ended_for_safety",
        "mentorship.concern_closed",
    }
    news = Notification.objects.get(kind="mentorship.concern_closed")
    assert (news.recipient, news.note) == (member, "")
    assert not Notification.objects.filter(recipient=author, kind__contains="concern").exists()
    assert "told that" not in sign_in(author).get(url(match)).content.decode()


def test_no_verb_of_a_lead_is_anybody_elses(sign_in, member, moderator, owner, lead, match):
    call(sign_in(member), match)
    concern = Concern.objects.get()
    for person in (moderator, owner, make.user(role="coordinator")):
        for name in ("take", "freeze", "end_pair", "close"):
            assert verb(sign_in(person), concern, name, reason="I would like to.").status_code in (302, 403, 404)
    match.refresh_from_db()
    assert match.is_active
    assert not match.is_frozen


def test_one_can_call_about_a_question_and_a_memory_too(sign_in, member, author, lead):
    question = make.match(member, author, begun=False)
    call(sign_in(author), question, body="The first line frightens me.")
    question.accept(by=author)
    question.refresh_from_db()
    question.end(ending="planned")
    call(sign_in(member), question, body="Only now I can say it.")
    assert Concern.objects.count() == 2


def test_what_one_called_about_keeps_the_other_ones_yes_from_beginning(sign_in, member, author, lead):
    question = make.match(member, author, begun=False)
    concern = Concern.call(question, by=member)
    response = sign_in(author).post(url(question, "accept/"), follow=True)
    assert "It can’t begin just now. Nobody did anything wrong" in response.content.decode()
    assert not Match.objects.active().exists()
    concern.close(by=lead, reason="Looked at.")
    sign_in(author).post(url(question, "accept/"))
    assert Match.objects.active().exists()


def test_what_was_called_about_in_an_earlier_room_counts_too_and_nobody_new_asks(member, author, lead):
    memory = make.match(member, author)
    memory.end(ending="planned")
    Match.objects.update(newcomer_asks_again_at=memory.began_at, mentor_asks_again_at=memory.began_at)
    question = make.match(member, author, begun=False)
    concern = Concern.call(memory, by=author)
    coordinators = {"mentor_accepted_at": question.asked_at, "newcomer_accepted_at": None}
    Match.objects.filter(pk=question.pk).update(**coordinators)
    with pytest.raises(CannotBegin, match="just now"):
        question.accept(by=member)
    question.decline(by=member)
    with pytest.raises(CannotBegin, match="brought to you"):
        Match.ask(question.request, memory.mentor)
    concern.close(by=lead, reason="Looked at.")
    assert Match.ask(question.request, memory.mentor, origin="coord")


def test_without_anybody_in_charge_it_is_kept_and_said_so(sign_in, member, match):
    client = sign_in(member)
    assert "nobody in charge of safety" in client.get(url(match, "safety/")).content.decode()
    call(client, match, body="Is anybody there?")
    assert Concern.objects.exists()


def test_somebody_who_was_a_lead_keeps_an_inbox(sign_in, member, lead, owner, match):
    call(sign_in(member), match)
    lead.dismiss("lead", by=owner, reason="They asked for a rest.")
    response = sign_in(lead).get("/inbox/")
    assert response.status_code == 200
    assert "not safe" not in response.content.decode()
