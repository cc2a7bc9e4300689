"""Looking for a mentor: asking, where it stands, who is suggested, and asking them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from community.contributions.models import Filter
from community.members.models import Block
from community.notifications.models import Notification
from community.tags import applying
from mentorship import seeking, suggesting, waiting
from mentorship.models import Concern, Help, Match, Noted, Request
from mentorship.renewing import renew_mentor, renew_request
from tests import make

pytestmark = pytest.mark.django_db
EVENING = ["0-3", "2-3"]


def fields(**others):
    said = {
        "body": "Somebody who listens.",
        "languages": ["en"],
        "time_zone": "UTC",
        "hours": EVENING,
        "shares": ["lived", "topics"],
    }
    weights = {"weigh_topics": "high", "weigh_lived": "high", "weigh_hours": "medium", "weigh_gender": "must"}
    return {"key": uuid4().hex, **said, **weights} | others


def has_lived(mentor, *tags):
    applying.apply(mentor, tags, accept=True)
    renew_mentor(mentor)
    return mentor


def asks_for(request, *tags):
    applying.apply(request, tags, accept=True)
    renew_request(request)
    return request


@pytest.fixture
def client(sign_in, member):
    return sign_in(member)


@pytest.fixture
def search(member):
    return make.request(member)


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_guest_reads_what_this_is_and_how_to_begin(db):
    response = Client().get("/mentorship/")
    assert response.status_code == 200 and "Join under a made-up name" in words(response)
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert Client().get("/mentorship/", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert Client().get("/mentorship/request/").status_code == 302


def test_asking_leads_to_those_who_could_fit(client, member):
    mentor = make.mentor()
    response = client.post("/mentorship/request/new/", fields(), follow=True)
    assert f"Ask {mentor.user.username}" in words(response)
    request = Request.objects.get(user=member)
    assert request.need == "Somebody who listens." and request.hours.bit_count() == 8


def test_form_is_filled_from_the_profile(sign_in):
    client = sign_in(make.user("teasel", languages=["de"], time_zone="Europe/Vienna"))
    page = client.get("/mentorship/request/new/").content.decode()
    assert re.search(r'value="de"[^>]*checked', page) and '<option value="Europe/Vienna" selected' in page


def test_two_presses_make_one_search(client, member):
    sent = fields()
    assert [client.post("/mentorship/request/new/", sent).status_code for _ in range(2)] == [302, 302]
    assert client.post("/mentorship/request/new/", fields(body="Other words.")).status_code == 302
    assert Request.objects.filter(user=member).count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"hours": []}, "One time a week is enough"),
        ({"hours": [f"{day}-{part}" for day in range(7) for part in range(5)]}, "Nobody is free at every hour"),
        ({"languages": []}, "at least one language"),
        ({"languages": ["klingon"]}, "klingon"),
        ({"hours": ["9-9"]}, "from the times in the table"),
        ({"body": " \x00 "}, "Nothing is written yet"),
        ({"tags": "sleep", "without": "Sleep"}, "stands in both lists"),
        ({"time_zone": "Moon/Far side"}, "time_zone"),
    ],
)
def test_what_is_missing_is_said_and_the_words_are_kept(client, sent, sentence):
    page = client.post("/mentorship/request/new/", fields(hopes="To sleep again.") | sent).content.decode()
    assert sentence in page and "To sleep again." in page
    assert not Request.objects.exists()


def test_contact_details_are_asked_about_once(client):
    sent = fields(hopes="Write to me: robin@example.org")
    page = client.post("/mentorship/request/new/", sent).content.decode()
    assert "May we ask one thing" in page and not Request.objects.exists()
    client.post("/mentorship/request/new/", sent | {"asked": "yes"})
    assert Request.objects.get().hopes == "Write to me: robin@example.org"


def test_draft_comes_back(client):
    page = client.get("/mentorship/request/new/").content.decode()
    own = dict(re.findall(r'<input type="hidden" name="(draft|member)" value="([^"]*)"', page))
    client.post("/write/draft/", fields(hopes="Half a thought") | own)
    page = client.get("/mentorship/request/new/").content.decode()
    assert "Half a thought" in page and "These are your words from before" in page
    assert re.search(r'value="2-3"[^>]*checked', page)


def test_editing_keeps_the_turn(client, search):
    before = search.waiting_since
    client.post("/mentorship/request/edit/", fields(body="Something else.", tags="sleep, caring"))
    search.refresh_from_db()
    assert search.need == "Something else." and search.waiting_since == before and search.tags.count() == 2


def test_taking_back_gives_the_words_back_next_time(client, search):
    mentor = make.mentor()
    Match.ask(search, mentor)
    page = client.post("/mentorship/request/withdraw/", follow=True)
    assert "Somebody to write to." in words(page)
    mentor.refresh_from_db()
    assert mentor.free == 1 and not Match.objects.open().exists()
    again = client.get("/mentorship/request/new/")
    assert "Somebody to write to." in words(again) and "your words from last time" in words(again)


def test_renewing_is_one_press(client, search):
    Request.objects.update(open_until=timezone.localdate() + timedelta(days=3))
    assert "Are you still looking?" in words(client.get("/mentorship/request/"))
    client.post("/mentorship/request/renew/")
    search.refresh_from_db()
    assert search.open_until > timezone.localdate() + timedelta(days=80)
    assert "Are you still looking?" not in words(client.get("/mentorship/request/"))


def test_nobody_sees_the_search_of_another(sign_in, search, other, moderator):
    for viewer in (other, moderator):
        page = sign_in(viewer).get("/mentorship/request/", follow=True)
        assert "Somebody to write to." not in words(page)
        assert sign_in(viewer).get("/mentorship/request/mentors/").status_code == 404


def test_wait_is_not_known_before_five_began_and_then_their_median(client, search):
    assert "don’t know yet" in words(client.get("/mentorship/request/"))
    for days in (1, 2, 9, 20, 30):
        match = make.match()
        Request.objects.filter(pk=match.request_id).update(waiting_since=match.began_at - timedelta(days=days))
    assert waiting.usual_days() == 9
    assert "Usually about 9 days" in words(client.get("/mentorship/request/"))


# Suggestions -------------------------------------------------------------------------------


def test_reasons_are_told_and_one_can_be_left_out_and_taken_in_again(client, search):
    mentor = has_lived(make.mentor(), "sleep")
    asks_for(search, "sleep", "caring")
    page = client.get("/mentorship/request/mentors/")
    assert "You both know this from the inside: sleep." in words(page)
    assert "does not tell of “caring”" in words(page)
    assert search.user_id != mentor.pk
    tag = search.tags.get(name="sleep")
    page = client.post("/mentorship/request/facts/strike/", {"fact": f"tag:{tag.pk}"}, follow=True)
    assert "from the inside: sleep." not in words(page) and "Count it again" in words(page)
    page = client.post("/mentorship/request/facts/restore/", {"fact": f"tag:{tag.pk}"}, follow=True)
    assert "from the inside: sleep." in words(page) and "Count it again" not in words(page)


@pytest.mark.parametrize("fact", ["", "tag:", "tag:999999", "help:1x", "price", "tag:" + "9" * 400, "\x00"])
def test_only_what_is_matched_on_can_be_left_out(client, search, fact):
    assert client.post("/mentorship/request/facts/strike/", {"fact": fact}).status_code == 302
    search.refresh_from_db()
    assert search.struck == []


def test_nothing_is_told_that_either_keeps_to_themselves(client, search):
    mentor = has_lived(make.mentor(shares=["topics"]), "sleep")
    asks_for(search, "sleep")
    page = words(client.get("/mentorship/request/mentors/"))
    assert "from the inside" not in page and "free for" not in page and "does not tell of" not in page
    mentor.shares = ["lived"]
    mentor.save()
    assert "from the inside: sleep" in words(client.get("/mentorship/request/mentors/"))
    search.shares = ["topics"]
    search.save()
    assert "from the inside: sleep" not in words(client.get("/mentorship/request/mentors/"))


def test_not_for_me_is_for_oneself_and_can_be_undone(client, search):
    mentor = make.mentor()
    note = f"/mentorship/request/mentors/{mentor.public_id}/note/"
    page = client.post(note, {"how": "not"}, follow=True)
    assert f"Ask {mentor.user.username}" not in words(page) and "Show again" in words(page)
    assert f"Ask {mentor.user.username}" in words(client.post(note, {"how": "none"}, follow=True))
    page = client.post(note, {"how": "saved"}, follow=True)
    assert "you keep them in mind" in words(page)
    assert not Notification.objects.filter(recipient=mentor.user).exclude(kind="mentorship.mentor_approved").exists()


def test_asking_and_after_a_no_the_next_one_is_there(client, search, member):
    first, second = make.mentor(), make.mentor()
    page = client.post(f"/mentorship/request/mentors/{first.public_id}/ask/", {"body": "Hello."}, follow=True)
    assert "You hear by" in words(page)
    match = Match.objects.get()
    assert (match.hello, match.mentor_id, match.eligible) == ("Hello.", first.pk, 2)
    assert sum(match.parts.values()) == match.score
    match.decline(by=first.user, reason="A secret reason.")
    page = words(client.get("/mentorship/request/"))
    assert "This could be next" in page and f"Ask {second.user.username}" in page and "A secret reason" not in page
    assert f"Ask {first.user.username}" not in words(client.get("/mentorship/request/mentors/"))


def test_a_second_press_asks_once(client, search):
    mentor = make.mentor(capacity=3)
    url = f"/mentorship/request/mentors/{mentor.public_id}/ask/"
    assert [client.post(url, {"body": ""}).status_code for _ in range(2)] == [302, 302]
    assert Match.objects.count() == 1


def test_at_most_three_are_asked_at_once(client, search):
    for _ in range(3):
        Match.ask(search, make.mentor())
    more = make.mentor()
    response = client.post(f"/mentorship/request/mentors/{more.public_id}/ask/", {"body": "Kept."})
    assert response.status_code == 403 and "as many as can be asked at once" in words(response)
    assert "as many as can be asked at once" in words(client.get("/mentorship/request/mentors/"))


def test_who_does_not_fit_is_not_asked_and_the_words_are_kept(client, search):
    mentor = make.mentor(wished_gender="woman")
    response = client.post(f"/mentorship/request/mentors/{mentor.public_id}/ask/", {"body": "My first line."})
    assert response.status_code == 200 and "can’t be brought to you" in words(response) and "My first line." in words(response)
    assert not Match.objects.exists()


def test_place_that_went_meanwhile_is_said_kindly(client, search, monkeypatch):
    mentor = make.mentor()
    suggestion = suggesting.suggestion_of(search, mentor)
    Match.ask(make.request(), mentor)
    monkeypatch.setattr(suggesting, "suggestion_of", lambda *_: suggestion)
    response = client.post(f"/mentorship/request/mentors/{mentor.public_id}/ask/", {"body": "My first line."})
    assert "no place free just now" in words(response) and "My first line." in words(response)


def test_block_hides_the_mentor(client, search, member):
    mentor = make.mentor()
    Block.put(mentor.user, member)
    assert f"Ask {mentor.user.username}" not in words(client.get("/mentorship/request/mentors/"))
    assert client.get(f"/mentorship/request/mentors/{mentor.public_id}/ask/").status_code == 404


def test_who_has_a_mentor_cannot_ask_for_another(client, member):
    make.match(member)
    response = client.get("/mentorship/request/new/")
    assert response.status_code == 403 and "You have a mentor already" in words(response)
    assert "To your room" in words(client.get("/mentorship/"))


# Nobody fits -------------------------------------------------------------------------------


def test_where_nobody_fits_the_page_says_where_it_gets_narrow_and_what_would_open_most(client, search):
    for number in range(4):
        make.mentor(gender="man" if number else "woman", languages=["en"] if number < 3 else ["de"])
    search.wished_gender = "other"
    search.save()
    page = words(client.get("/mentorship/request/mentors/"))
    assert "3 mentors read one of your languages." in page and "None of them is whom you would rather have." in page
    assert "then 3 mentors could fit" in page and "?ask-less=gender" in page
    form = client.get("/mentorship/request/edit/?ask-less=gender").content.decode()
    assert re.search(r'name="weigh_gender".*?value="high" selected', form, re.DOTALL)
    search.refresh_from_db()
    assert search.weigh_gender == "must"


def test_times_at_which_most_are_free_are_ticked(client, search):
    search.hours = 1
    search.save()
    renew_request(search)
    make.mentor()
    assert "?ask-less=hours" in words(client.get("/mentorship/request/"))
    form = client.get("/mentorship/request/edit/?ask-less=hours").content.decode()
    assert len(re.findall(r'name="hours" value="\d-3"[^>]*checked', form)) == 2


def test_without_mentors_it_is_said(client, search):
    assert "There is no mentor here yet" in words(client.get("/mentorship/request/mentors/"))


# Meanwhile ---------------------------------------------------------------------------------


def test_meanwhile_there_is_something_on_ones_tags_that_one_wants_to_see(client, search, member):
    asks_for(search, "sleep")
    make.topic(author=make.user(), title="Awake again")
    make.resource(title="A page on nights", tags=["sleep"])
    page = words(client.get("/mentorship/request/"))
    assert "A page on nights" in page and "Awake again" in page
    make.collection(things=[make.resource(tags=["sleep"])], title="Good nights")
    assert "Good nights" in words(client.get("/mentorship/request/"))
    Filter.keep(member, act=Filter.Act.HIDE, until=None, words="nights")
    page = words(client.get("/mentorship/request/"))
    assert "Good nights" not in page and "A page on nights" not in page


# Safety ------------------------------------------------------------------------------------


def test_pair_with_an_open_concern_is_not_brought_together_again(search, member):
    mentor = make.mentor()
    match = Match.objects.create(
        request=search, newcomer=member, mentor=mentor, answer_until=timezone.now(), ended_at=timezone.now(), ending="back"
    )
    assert suggesting.suggestion_of(search, mentor)
    concern = Concern.objects.create(match=match, by=member)
    assert suggesting.suggestion_of(search, mentor) is None
    Concern.objects.filter(pk=concern.pk).update(closed_at=timezone.now())
    assert suggesting.suggestion_of(search, mentor)


def test_help_that_is_not_asked_for_any_more_need_not_be_left_out(search):
    help_ = Help.objects.first()
    search.helps.add(help_)
    seeking.strike(search, f"help:{help_.pk}")
    search.refresh_from_db()
    assert search.struck == [f"help:{help_.pk}"]
    kept = {name: getattr(search, name) for name in ("need", "languages", "hours")}
    seeking.change(search, tags=[], helps=[], without=[], **kept)
    assert search.struck == []


def test_what_is_kept_in_mind_is_shown_first_of_all(search):
    mentors = [make.mentor() for _ in range(8)]
    shown = {each.mentor.pk for each in suggesting.suggestions(search)}
    hidden = next(mentor for mentor in mentors if mentor.pk not in shown)
    seeking.note(search, hidden, Noted.How.SAVED)
    assert suggesting.suggestions(search)[0].mentor.pk == hidden.pk
