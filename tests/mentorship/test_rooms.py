"""A match as its two see it: answering the question, and what they write in their room."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from community.contributions.forms import member_tag
from community.contributions.models import Reference, Revision
from community.members.models import Agreement, Block
from community.notifications.models import Notification, Outgoing
from mentorship.models import Goal, Match, Mentor, Message, RoomClosed, Session
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(member, author):
    """`member` is the newcomer, `author` the mentor; they are together."""
    return make.match(member, author)


@pytest.fixture
def question(member, author):
    return make.match(member, author, begun=False, hello="Hello from the other side of the street.")


def url(match, rest=""):
    return f"/mentorship/matches/{match.public_id}/{rest}"


def form_of(client, address):
    """The hidden fields of the page's form, as a browser sends them."""
    page = client.get(address).content.decode()
    main = page[page.index("<main") :]
    fields = dict(re.findall(r'<input type="hidden" name="(key|member|draft|version|seen)" value="([^"]*)"', main))
    return fields


# Only the two -----------------------------------------------------------------------------


ROOM = ("", "write/", "notes/", "agreement/", "goals/", "log/", "safety/", "stop/")


@pytest.mark.parametrize("who", ["other", "moderator", "owner", "newcomer"])
def test_for_everybody_else_there_is_no_such_room(request, sign_in, match, who):
    said = make.message(match)
    client = sign_in(request.getfixturevalue(who))
    for rest in (*ROOM, "decline/", f"m/{said.public_id}/", f"m/{said.public_id}/edit/"):
        assert client.get(url(match, rest)).status_code == 404, rest
    assert client.get(f"/report/message/{said.public_id}/").status_code == 404
    for rest in ("accept/", "stop/", "write/", "notes/", "safety/", "agreement/yes/", f"m/{said.public_id}/withdraw/"):
        assert client.post(url(match, rest), {"body": "Mine."}).status_code == 404, rest


@pytest.mark.parametrize("who", ["member", "author"])
def test_both_open_every_page_of_their_room(request, sign_in, match, who):
    make.message(match)
    Goal.add(match, "To sleep.")
    client = sign_in(request.getfixturevalue(who))
    for rest in (*ROOM, "goals/1/edit/"):
        response = client.get(url(match, rest))
        assert response.status_code == 200, rest
        assert "no-store" in response["Cache-Control"]


def test_everybody_is_told_who_can_read_it(sign_in, member, match):
    assert "only the two of you" in sign_in(member).get(url(match)).content.decode()


# The question -----------------------------------------------------------------------------


def test_the_page_says_who_asked(sign_in, author, member, other, question):
    asked = sign_in(member).get(url(question)).content.decode()
    assert "You asked sorrel" in asked and "coordinates" not in asked
    assert "coordinates" not in sign_in(author).get(url(question)).content.decode()
    question.decline(by=member)
    for origin in (Match.Origin.COORDINATOR, Match.Origin.COHORT):
        brought = Match.ask(question.request, question.mentor, by=other, origin=origin)
        for user, name in ((member, "sorrel"), (author, "wren")):
            before = sign_in(user).get(url(brought)).content.decode()
            assert f"Would you like to begin with {name}?" in before and "asked you both" in before
        brought.accept(by=member)
        after = sign_in(member).get(url(brought)).content.decode()
        assert "You said yes to sorrel" in after and "asked you both" in after and "You asked" not in after
        brought.decline(by=author)


def test_the_mentor_reads_what_it_is_about_and_nothing_else(sign_in, author, member, question):
    page = sign_in(author).get(url(question)).content.decode()
    assert "Somebody to write to." in page
    assert "To sleep." in page
    assert "Hello from the other side" in page
    assert member.email not in page


def test_the_newcomer_reads_the_mentors_story(sign_in, member, question):
    page = sign_in(member).get(url(question)).content.decode()
    assert "been through" in page
    assert url(question, "accept/") not in page


def test_a_yes_opens_the_room(sign_in, author, question):
    response = sign_in(author).post(url(question, "accept/"), follow=True)
    assert response.status_code == 200
    assert Match.objects.get().is_active
    assert "A room of two" in response.content.decode()


def test_a_place_that_is_gone_is_said_kindly_and_the_question_stays(sign_in, author):
    mentor = make.mentor(author, capacity=2)
    question, _other = (make.match(mentor=mentor, begun=begun) for begun in (False, True))
    mentor.set_capacity(1)
    response = sign_in(author).post(url(question, "accept/"), follow=True)
    assert response.status_code == 200
    assert "last place is taken meanwhile" in response.content.decode()
    assert Match.objects.get(pk=question.pk).is_open


def test_a_no_keeps_its_reason_from_the_other_one(sign_in, author, member, question):
    client = sign_in(author)
    client.post(url(question, "decline/"), {"reason": "Too close to my own winter."})
    declined = Match.objects.get()
    assert (declined.ending, declined.decline_reason) == ("declined", "Too close to my own winter.")
    for person in (member, author):
        assert "Too close" not in sign_in(person).get(url(question)).content.decode()
    assert Notification.objects.get(recipient=member, kind="mentorship.match_declined").note == ""


def test_a_question_that_ran_out_cannot_be_accepted(sign_in, author, question):
    Match.objects.update(answer_until=timezone.now() - timedelta(minutes=1))
    assert sign_in(author).post(url(question, "accept/")).status_code == 403
    assert sign_in(author).get(url(question)).status_code == 200


def test_a_second_press_leads_into_the_room(sign_in, author, question):
    client = sign_in(author)
    for _ in range(2):
        assert client.post(url(question, "accept/")).status_code == 302
    assert client.post(url(question, "decline/")).status_code == 403
    assert Match.objects.get().is_active


# Messages ---------------------------------------------------------------------------------


def send(client, match, body, **more):
    return client.post(url(match, "write/"), {**form_of(client, url(match)), "body": body, **more})


def test_what_one_says_the_other_reads_and_is_told_without_words(sign_in, member, author, match, settings):
    response = send(sign_in(member), match, "It was *better* today.")
    assert response.status_code == 302
    news = Notification.objects.get(recipient=author, kind="mentorship.message_written")
    assert news.note == ""
    client = sign_in(author)
    inbox = client.get("/inbox/").content.decode()
    assert "something new for you in your room" in inbox
    assert "better" not in inbox
    assert "<em>better</em>" in client.get(url(match)).content.decode()
    news.refresh_from_db()
    assert news.is_read


def test_several_messages_are_one_piece_of_news(sign_in, member, author, match):
    for number in range(3):
        make.message(match, member, f"And {number}.")
    assert Notification.objects.filter(recipient=author, kind="mentorship.message_written").count() == 1
    assert not Notification.objects.filter(recipient=member, kind="mentorship.message_written").exists()


def test_a_prefetch_reads_nothing(sign_in, author, match):
    make.message(match)
    sign_in(author).get(url(match), headers={"Sec-Purpose": "prefetch"})
    assert Notification.objects.unread().filter(recipient=author, kind="mentorship.message_written").exists()


def test_a_double_press_says_it_once(sign_in, member, match):
    client = sign_in(member)
    fields = form_of(client, url(match)) | {"body": "Once."}
    places = {client.post(url(match, "write/"), fields)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Message.objects.count() == 1


def test_the_newest_page_comes_first_and_each_message_leads_to_its_own(sign_in, member, match):
    said = [make.message(match, member, f"Word number {number}.") for number in range(45)]
    client = sign_in(member)
    newest = client.get(url(match)).content.decode()
    assert "number 44." in newest
    assert "number 39." not in newest
    assert "?page=1" in newest
    assert "number 0." in client.get(url(match, "?page=1")).content.decode()
    assert client.get(url(match, "?page=4")).status_code == 404
    assert client.get(url(match, f"m/{said[0].public_id}/"))["Location"].endswith(f"?page=1#m-{said[0].public_id}")


def test_the_page_costs_the_same_however_much_was_said(sign_in, member, author, match, django_assert_max_num_queries):
    client = sign_in(member)
    for number in range(45):
        make.message(match, (member, author)[number % 2], f"{number}.")
    client.get(url(match))
    with django_assert_max_num_queries(11):
        client.get(url(match))


def test_contact_details_are_asked_about_once(sign_in, member, match):
    client = sign_in(member)
    body = "Call me on 07700 900123 tonight."
    response = send(client, match, body)
    assert response.status_code == 200
    assert "May we ask one thing" in response.content.decode()
    assert not Message.objects.exists()
    assert send(client, match, body, asked="yes").status_code == 302


def test_words_of_an_ended_session_are_given_back(client, member, match):
    response = client.post(
        url(match, "write/"), {"body": "Long words.", "member": member_tag(member)}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "Long words." in response.content.decode()


def test_a_draft_waits_in_the_room(sign_in, member, author, match):
    client = sign_in(member)
    client.post("/write/draft/", {**form_of(client, url(match)), "body": "Half a thou"})
    assert "Half a thou" in client.get(url(match)).content.decode()
    assert "Half a thou" not in sign_in(author).get(url(match)).content.decode()


def test_one_changes_and_takes_back_ones_own_words_only(sign_in, member, author, match):
    said = make.message(match, member, "First.")
    assert sign_in(author).post(url(match, f"m/{said.public_id}/edit/"), {"body": "Theirs."}).status_code == 403
    assert sign_in(author).post(url(match, f"m/{said.public_id}/withdraw/")).status_code == 403
    client = sign_in(member)
    client.post(url(match, f"m/{said.public_id}/edit/"), {"body": "Second."})
    page = sign_in(author).get(url(match)).content.decode()
    assert "Second." in page
    assert "edited" in page
    client.post(url(match, f"m/{said.public_id}/withdraw/"))
    assert "took it back" in sign_in(author).get(url(match)).content.decode()
    assert Revision.objects.count() == 2


def test_nobody_who_is_named_in_a_room_learns_of_it(sign_in, member, author, other, match):
    said = make.message(match, member, f"I asked @{other.username} and @{author.username}.")
    said.edit(f"I asked @{other.username}, too, and @{author.username}.")
    assert not Notification.objects.filter(kind="contributions.mentioned").exists()
    assert not Reference.objects.exists()
    assert f"/members/{other.username}/" not in sign_in(author).get(url(match)).content.decode()


def test_a_room_shows_in_no_list_but_ones_own(sign_in, member, author, match):
    make.message(match, member, "Said between us.")
    assert "Said between us." in sign_in(member).get("/wrote/").content.decode()
    for person, address in [(author, "/wrote/"), (author, "/"), (member, "/"), (author, "/inbox/"), (member, "/inbox/")]:
        assert "Said between us." not in sign_in(person).get(address).content.decode()


def test_a_new_rule_of_the_house_comes_first(sign_in, member, match):
    member.acceptances.all().delete()
    assert sign_in(member).post(url(match, "write/"), {"body": "No."}).status_code == 403
    assert sign_in(member).get(url(match)).status_code == 200
    assert Agreement.objects.exists()


# A room that rests, and a memory ---------------------------------------------------------


def nothing_can_be_written(client, match):
    for rest in ("write/", "notes/", "agreement/", "goals/"):
        assert client.get(url(match, rest)).status_code == 403, rest
        assert client.post(url(match, rest), {"body": "x", "rhythm": "x", "version": "0"}).status_code == 403, rest
    assert client.get(url(match)).status_code == 200


def test_a_memory_is_there_to_be_read(sign_in, member, author, match):
    said = make.message(match)
    match.end(ending="planned")
    for person in (member, author):
        client = sign_in(person)
        nothing_can_be_written(client, match)
        assert "How are" in client.get(url(match)).content.decode()
    assert sign_in(member).post(url(match, f"m/{said.public_id}/edit/"), {"body": "No."}).status_code == 403
    assert sign_in(member).post(url(match, f"m/{said.public_id}/withdraw/")).status_code == 302


def test_either_side_ends_it_at_once(sign_in, member, author, match):
    assert sign_in(author).get(url(match, "stop/")).status_code == 200
    sign_in(author).post(url(match, "stop/"))
    ended = Match.objects.get()
    assert (ended.ending, ended.ended_by, ended.place) == ("stopped", "mentor", None)
    assert Mentor.objects.get().free == 1
    assert Notification.objects.filter(recipient=member, kind="mentorship.match_ended").exists()


def test_a_room_that_rests_can_still_be_ended(sign_in, member, match):
    match.freeze()
    client = sign_in(member)
    nothing_can_be_written(client, match)
    client.post(url(match, "stop/"))
    assert Match.objects.get().is_over


def test_words_on_their_way_into_a_room_that_closed_are_refused(member, match):
    early = Match.objects.get(pk=match.pk)
    match.freeze()
    with pytest.raises(RoomClosed):
        Message.say(early, by=member, body="Too late.")
    with pytest.raises(RoomClosed):
        early.write_notes("Too late.", version=0)
    with pytest.raises(RoomClosed):
        Goal.add(early, "Too late.")


# A block -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("blocker", "blocked", "side"), [("member", "author", "newcomer"), ("author", "member", "mentor")])
def test_a_block_ends_the_pair_in_the_same_moment(request, sign_in, match, blocker, blocked, side):
    blocker, blocked = request.getfixturevalue(blocker), request.getfixturevalue(blocked)
    sign_in(blocker).post(f"/members/{blocked.username}/block/")
    ended = Match.objects.get()
    assert (ended.ending, ended.ended_by) == ("stopped", side)
    assert Mentor.objects.get().free == 1
    nothing_can_be_written(sign_in(blocked), match)
    assert Notification.objects.filter(recipient=blocked, kind="mentorship.match_ended").exists()


def test_a_block_takes_a_question_back(member, author, question):
    Block.put(author, member)
    assert Match.objects.get().is_over
    assert Mentor.objects.get().free == 1


def test_a_block_between_others_ends_nothing(member, other, match):
    Block.put(member, other)
    assert Match.objects.get().is_active


def test_across_a_block_nothing_is_written_even_if_it_came_another_way(sign_in, member, author, match):
    Block.objects.create(blocker=author, blocked=member)
    response = sign_in(member).post(url(match, "write/"), {"body": "Hello?"})
    assert response.status_code == 403
    assert "meet here any more" in response.content.decode()


# Notes ---------------------------------------------------------------------------------------


def test_nobodys_notes_are_written_over_unread(sign_in, member, author, match):
    mine, theirs = sign_in(member), sign_in(author)
    first, second = form_of(mine, url(match, "notes/")), form_of(theirs, url(match, "notes/"))
    assert theirs.post(url(match, "notes/"), second | {"body": "Theirs stays."}).status_code == 302
    response = mine.post(url(match, "notes/"), first | {"body": "Mine, too."})
    page = response.content.decode()
    assert response.status_code == 200
    assert "Theirs stays." in page
    assert "Mine, too." in page
    assert Match.objects.get().notes == "Theirs stays."
    again = dict(re.findall(r'name="(version)" value="([^"]*)"', page))
    assert mine.post(url(match, "notes/"), first | again | {"body": "Theirs stays. Mine, too."}).status_code == 302
    assert Match.objects.get().notes == "Theirs stays. Mine, too."


def test_notes_that_were_emptied_meanwhile_are_a_change_too(sign_in, member, author, match):
    match.write_notes("Something.", version=0)
    client = sign_in(member)
    fields = form_of(client, url(match, "notes/"))
    match.write_notes("", version=1)
    page = client.post(url(match, "notes/"), fields | {"body": "Something more."}).content.decode()
    assert "changed the notes meanwhile" in page
    assert Match.objects.get().notes == ""


def test_the_same_notes_twice_are_no_quarrel(sign_in, member, match):
    client = sign_in(member)
    fields = form_of(client, url(match, "notes/")) | {"body": "The same."}
    assert [client.post(url(match, "notes/"), fields).status_code for _ in range(2)] == [302, 302]


# How it shall go --------------------------------------------------------------------------------


AGREED = {
    "rhythm": "On Sundays.",
    "channel": "Here.",
    "between_us": "All of it.",
    "how_to_stop": "By saying so.",
    "lasts_until": "",
}


def test_both_agree_and_after_a_change_both_anew(sign_in, member, author, match):
    mine, theirs = sign_in(member), sign_in(author)
    mine.post(url(match, "agreement/"), form_of(mine, url(match, "agreement/")) | AGREED)
    match.refresh_from_db()
    assert match.has_agreed(member)
    assert not match.is_agreed
    assert Notification.objects.filter(recipient=author, kind="mentorship.agreement_changed").exists()
    theirs.post(url(match, "agreement/yes/"), {"seen": match.agreement_stamp})
    match.refresh_from_db()
    assert match.is_agreed
    assert "both agreed" in theirs.get(url(match)).content.decode()
    theirs.post(url(match, "agreement/"), form_of(theirs, url(match, "agreement/")) | AGREED | {"rhythm": "On Mondays."})
    match.refresh_from_db()
    assert match.has_agreed(author)
    assert not match.has_agreed(member)


def test_nobody_agrees_to_what_they_have_not_read(sign_in, member, author, match):
    match.propose(by=member, seen=match.agreement_stamp, rhythm="On Sundays.")
    read = match.agreement_stamp
    match.propose(by=member, seen=read, rhythm="Every day.")
    response = sign_in(author).post(url(match, "agreement/yes/"), {"seen": read}, follow=True)
    assert "changed a moment ago" in response.content.decode()
    match.refresh_from_db()
    assert not match.has_agreed(author)


def test_a_change_over_a_change_gives_both_back(sign_in, member, author, match):
    client = sign_in(member)
    fields = form_of(client, url(match, "agreement/"))
    match.propose(by=author, seen=match.agreement_stamp, rhythm="On Fridays.")
    response = client.post(url(match, "agreement/"), fields | AGREED)
    page = response.content.decode()
    assert "On Fridays." in page
    assert "On Sundays." in page
    match.refresh_from_db()
    assert match.rhythm == "On Fridays."


@pytest.mark.parametrize("day", ["yesterday", "1999-01-01", "9999-12-31", "2027-02-30", "\0"])
def test_a_day_that_is_none_is_asked_again(sign_in, member, match, day):
    client = sign_in(member)
    response = client.post(url(match, "agreement/"), AGREED | {"lasts_until": day})
    assert response.status_code == 200
    assert Match.objects.get().rhythm == ""


# Goals ----------------------------------------------------------------------------------------


def test_one_to_three_goals_are_reached_reworded_and_taken_away(sign_in, member, author, match):
    client = sign_in(member)
    for number in range(3):
        assert client.post(url(match, "goals/"), {"body": f"Goal {number}."}).status_code == 302
    refused = client.post(url(match, "goals/"), {"body": "One more."})
    assert "Three are enough" in refused.content.decode()
    theirs = sign_in(author)
    theirs.post(url(match, "goals/2/edit/"), {"body": "In other words."})
    theirs.post(url(match, "goals/1/reached/"))
    assert Goal.objects.get(number=1).reached_at
    theirs.post(url(match, "goals/1/reached/delete/"))
    assert Goal.objects.get(number=1).reached_at is None
    theirs.post(url(match, "goals/3/delete/"))
    assert list(match.goals.values_list("words", flat=True)) == ["Goal 0.", "In other words."]
    client.post(url(match, "goals/"), {"body": "Again a third."})
    assert match.goals.get(number=3).words == "Again a third."


@pytest.mark.parametrize("number", [0, 4, 10**30])
def test_a_goal_that_is_none_is_not_found(sign_in, member, match, number):
    assert sign_in(member).get(url(match, f"goals/{number}/edit/")).status_code == 404


# The log that each keeps alone -----------------------------------------------------------------


def test_the_log_is_read_by_whoever_keeps_it_and_nobody_else(sign_in, member, author, match):
    client = sign_in(member)
    for _ in range(2):
        client.post(url(match, "log/"), {"on": "2026-11-20", "body": "A long walk of words."})
    line = Session.objects.get()
    assert "long walk" in client.get(url(match, "log/")).content.decode()
    assert "long walk" not in sign_in(author).get(url(match, "log/")).content.decode()
    assert sign_in(author).post(url(match, f"log/{line.public_id}/delete/")).status_code == 404
    match.end(ending="planned")
    client.post(url(match, f"log/{line.public_id}/delete/"))
    assert not Session.objects.exists()


# Mail says nothing ------------------------------------------------------------------------------


def test_no_mail_says_who_or_what(member, author, match, settings):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    make.message(match, member, "Said between us.")
    assert not Outgoing.objects.filter(body__contains="Said").exists()
