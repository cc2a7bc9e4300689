"""What a coordinator sees behind the scenes: the board, who waits, who is with whom; and that nobody else sees it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.notifications.models import Notification
from community.tags import applying
from mentorship import board, drafting
from mentorship.models import CheckIn, Cohort, Concern, Match, Mentor, Request
from mentorship.permissions import can_match_newcomers
from mentorship.renewing import renew_request
from tests import make

pytestmark = pytest.mark.django_db

NEED = "zqxneed of somebody"


@pytest.fixture
def coordinator(db):
    return make.user("bramble", role="coordinator")


@pytest.fixture
def waiting(db):
    oak = make.mentor(make.user("oak"), capacity=3)
    return make.request(make.user("blackcap"), need=NEED), oak


def url(name, *args) -> str:
    return reverse(f"admin:mentorship_{name}", args=args)


BOARD = "/admin/mentorship/request/board/"


# Who may -----------------------------------------------------------------------------------------


ROLES = ["guest", "newcomer", "member", "librarian", "moderator", "lead", "owner"]


def test_only_coordinators_match_people(coordinator):
    assert can_match_newcomers(coordinator)
    for role in ("member", "librarian", "moderator", "lead", "owner", "mentor"):
        assert not can_match_newcomers(make.user(role=role))
    coordinator.dismiss("coordinator", by=make.user(role="owner"), reason="They asked for a rest.")
    assert not can_match_newcomers(coordinator)


def everything(coordinator, waiting) -> list[str]:
    """Every address of matching people, filled in, with each verb."""
    request, oak = waiting
    cohort = Cohort.begin(by=coordinator, name="zqxautumn", aim="many")
    drafting.draft(cohort.pk)
    match = make.match(make.user("siskin"), oak, begun=False)
    row = cohort.pairings.get()
    return [
        BOARD,
        *(url(f"{name}_changelist") for name in ("request", "match", "cohort")),
        *(url(f"{thing._meta.model_name}_change", thing.pk) for thing in (request, match, cohort)),
        url("cohort_add"),
        url("request_match", request.pk),
        url("cohort_row", cohort.pk, row.pk),
        url("cohort_publish", cohort.pk),
        *(url("request_verb", request.pk, verb) for verb in ("flag", "claim", "let_go")),
        *(url("match_verb", match.pk, verb) for verb in ("take_back", "read_check_ins")),
        *(url("cohort_verb", cohort.pk, verb) for verb in ("solve", "turn", "claim", "let_go")),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_to_nobody_else_is_there_anything(role, request, client, sign_in, coordinator, waiting):
    addresses = everything(coordinator, waiting)
    cast = ("newcomer", "member", "moderator", "owner")
    visitor = client if role == "guest" else sign_in(request.getfixturevalue(role) if role in cast else make.user(role=role))
    before = Entry.objects.count()
    for address in addresses:
        for method in (visitor.get, visitor.post):
            response = method(address, {"mentor": waiting[1].pk, "act": "pin", "reason": "I would like to know."})
            assert response.status_code in (302, 403, 404), address
            words = response.content.decode()
            assert not [secret for secret in (NEED, "blackcap", "oak", "zqxautumn") if secret in words], address
            if response.status_code == 302:
                assert response["Location"].startswith(("/accounts/", "/admin/")), address
    assert Entry.objects.count() == before
    assert not Match.objects.filter(newcomer__username="blackcap").exists()
    assert Request.objects.get(user__username="blackcap").flagged_at is None
    if role != "guest":
        assert "/admin/mentorship/request/" not in visitor.get("/admin/lists/").content.decode()


def test_a_coordinator_opens_all_of_it(sign_in, coordinator, waiting):
    client = sign_in(coordinator)
    addresses = everything(coordinator, waiting)
    for address in addresses:
        assert client.get(address, follow=True).status_code == 200, address
    assert BOARD in client.get("/admin/").content.decode()


@pytest.mark.parametrize("page", ["request_change", "request_match", "match_change", "cohort_change", "cohort_publish"])
@pytest.mark.parametrize("key", ["0", "999999", "no", "\0", "9" * 30, "²"])
def test_nonsense_leads_nowhere(page, key, sign_in, coordinator):
    response = sign_in(coordinator).get(url(page, 1).replace("/1/", f"/{key.replace(chr(0), '%00')}/"))
    assert response.status_code in (302, 404)


# Who waits ---------------------------------------------------------------------------------------


def test_a_request_shows_what_is_asked_for_and_no_more_of_the_member(sign_in, coordinator, waiting):
    request, _oak = waiting
    request.wished_gender, request.struck = "woman", ["hours"]
    request.save()
    applying.apply(request, ["sleep"])
    topic = make.topic(author=request.user, body="zqxpost of somebody")
    page = sign_in(coordinator).get(url("request_change", request.pk)).content.decode()
    for words in (NEED, "To sleep.", "sleep", "English", "A woman (It has to be so)", "when you are both free"):
        assert words in page, words
    for secret in (request.user.email, "zqxpost", str(topic.public_id)):
        assert secret not in page


def test_the_list_is_by_age_and_can_be_narrowed(sign_in, coordinator):
    for handle, days in (("blackcap", 2), ("wagtail", 10), ("dunnock", 40)):
        request = make.request(make.user(handle))
        Request.objects.filter(pk=request.pk).update(waiting_since=timezone.now() - timedelta(days=days))
    applying.apply(Request.objects.get(user__username="wagtail"), ["sleep"])
    tag = Request.objects.get(user__username="wagtail").tags.get()
    make.match(Request.objects.get(user__username="blackcap").user, make.mentor(), begun=False)
    client = sign_in(coordinator)

    def shown(query="") -> list[str]:
        page = client.get(url("request_changelist") + query).content.decode().partition('id="result_list"')[2]
        return sorted((name for name in ("blackcap", "wagtail", "dunnock") if f">{name}<" in page), key=page.index)

    assert shown() == ["dunnock", "wagtail", "blackcap"]
    assert shown("?age=month") == ["dunnock"]
    assert shown("?age=week") == ["wagtail"]
    assert shown("?age=new") == ["blackcap"]
    assert shown("?asked=nobody") == ["dunnock", "wagtail"]
    assert shown(f"?tag={tag.pk}") == ["wagtail"]
    for nonsense in ("?tag=no", "?tag=²", "?age=no", f"?tag={'9' * 30}"):
        assert len(shown(nonsense)) == 3
    assert client.get(url("request_changelist") + "?need__contains=x").status_code in (302, 400)


def test_one_s_own_search_is_for_another_coordinator(sign_in, coordinator):
    request = make.request(coordinator)
    client = sign_in(coordinator)
    assert client.get(url("request_change", request.pk)).status_code == 302
    assert client.get(url("request_match", request.pk)).status_code == 404
    assert "Waiting <b>0</b>" in client.get(BOARD).content.decode()


def test_a_flag_brings_only_mentors_who_are_trained_for_it(sign_in, coordinator, waiting):
    request, oak = waiting
    client = sign_in(coordinator)
    client.post(url("request_verb", request.pk, "flag"), {"reason": "It may be too much for somebody new."})
    request.refresh_from_db()
    assert request.flagged_at
    assert "are trained for it" in client.get(url("request_match", request.pk)).content.decode()
    Mentor.objects.filter(pk=oak.pk).update(experienced_at=timezone.now())
    assert "oak" in client.get(url("request_match", request.pk)).content.decode()
    client.post(url("request_verb", request.pk, "unflag"), {"reason": "Spoken with both of them."})
    request.refresh_from_db()
    assert request.flagged_at is None
    assert Entry.objects.filter(action__in=("mentorship.request_flagged", "mentorship.request_unflagged")).count() == 2


def test_a_coordinator_matches_one_and_both_are_asked(sign_in, coordinator, waiting):
    request, oak = waiting
    client = sign_in(coordinator)
    page = client.get(url("request_match", request.pk)).content.decode()
    assert "1st of 1" in page
    assert "free at the same time" in page
    response = client.post(url("request_match", request.pk), {"mentor": oak.pk}, follow=True)
    assert "Both were asked." in response.content.decode()
    match = Match.objects.get()
    assert (match.origin, match.by, match.rank, match.eligible) == ("coord", coordinator, 1, 1)
    assert match.score == sum(match.parts.values()) > 0
    told = Notification.objects.filter(kind="mentorship.match_asked").values_list("recipient__username", flat=True)
    assert sorted(told) == ["blackcap", "oak"]
    assert Entry.objects.filter(action="mentorship.match_proposed", by=coordinator).exists()
    # A second press finds nobody whom it could ask.
    assert (
        "Choose one of the mentors."
        in client.post(url("request_match", request.pk), {"mentor": oak.pk}, follow=True).content.decode()
    )
    assert Match.objects.count() == 1


def test_a_coordinator_sees_whom_else_the_place_would_have_served(sign_in, coordinator, waiting):
    request, _oak = waiting
    make.mentor(make.user("elm"), languages=["de"])
    make.request(make.user("wagtail"), languages=["de", "en"])
    make.request(make.user("dunnock"))
    make.request(make.user("serin"), languages=["de"])
    make.request(coordinator)
    make.match(make.user("siskin"), make.mentor(), begun=False)
    page = sign_in(coordinator).get(url("request_match", request.pk)).content.decode()
    # Whoever could have fewer mentors stands first; who reads another language, and who was asked already, not at all.
    served = page.partition("Also among the best for")[2].partition("</p>")[0]
    assert "dunnock (1st of 1), wagtail (1st of 2)" in served
    assert not [name for name in ("serin", "siskin", "blackcap", coordinator.username) if name in served]


def test_however_many_wait_it_costs_as_much(sign_in, coordinator, waiting):
    request, _oak = waiting
    client = sign_in(coordinator)
    make.request()
    client.get(url("request_match", request.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(url("request_match", request.pk))
    for _ in range(8):
        make.request()
        make.mentor()
    with CaptureQueriesContext(connection) as many:
        page = client.get(url("request_match", request.pk)).content.decode()
    assert page.count("Also among the best for") == 5
    assert len(many) <= len(few)


@pytest.mark.parametrize("key", ["", "0", "no", "\0", "9" * 30])
def test_a_mentor_who_is_none_is_not_asked(key, sign_in, coordinator, waiting):
    response = sign_in(coordinator).post(url("request_match", waiting[0].pk), {"mentor": key})
    assert "Choose one of the mentors." in response.content.decode()
    assert not Match.objects.exists()


def test_a_mentor_who_is_ruled_out_cannot_be_brought(sign_in, coordinator, waiting):
    request, oak = waiting
    request.languages = ["de"]
    request.save()
    renew_request(request)
    page = sign_in(coordinator).post(url("request_match", request.pk), {"mentor": oak.pk}).content.decode()
    assert "Choose one of the mentors." in page
    assert "One language more would open 1 mentor" in page
    assert not Match.objects.exists()


# Who is with whom --------------------------------------------------------------------------------


def test_a_match_shows_how_it_fares_and_nothing_of_the_room(sign_in, coordinator):
    match = make.match(make.user("blackcap"), make.mentor(make.user("oak")), hello="zqxhello", score=512, parts={"hours": 200})
    make.message(match, body="zqxmessage")
    match.write_notes("zqxnotes", version=0)
    said = {"answer": "not", "words": "Too fast for me.", "answered_at": timezone.now()}
    CheckIn.objects.create(match=match, user=match.newcomer, kind="fit", number=1, **said)
    match.end(ending="planned", by=match.newcomer)
    Match.objects.update(newcomer_thanks="zqxthanks", newcomer_feedback="It helped me.")
    client = sign_in(coordinator)
    page = client.get(url("match_change", match.pk)).content.decode()
    told = ("blackcap, oak", "512", "free at the same time 200", "Not a good fit", "Too fast for me.", "It helped me.")
    for words in (*told, "It came to a good end"):
        assert words in page, words
    for secret in ("zqxhello", "zqxmessage", "zqxnotes", "zqxthanks", match.newcomer.email, match.get_absolute_url()):
        assert secret not in page
    client.post(url("match_verb", match.pk, "read_check_ins"))
    assert CheckIn.objects.get().seen_at


def test_what_ended_for_safety_is_not_told_to_coordinators(sign_in, coordinator):
    match = make.match(make.user("blackcap"), make.mentor(make.user("oak")))
    Concern.call(match, by=match.newcomer, words="zqxconcern").end_pair(by=make.user(role="lead"), reason="It went too far.")
    page = sign_in(coordinator).get(url("match_change", match.pk)).content.decode()
    assert "The programme ended it" in page
    assert "safety" not in page.partition('id="content-main"')[2]
    assert "zqxconcern" not in page


def test_one_s_own_pair_is_for_another_coordinator(sign_in, coordinator):
    mine = make.match(make.user("blackcap"), make.mentor(coordinator))
    Match.objects.update(began_at=timezone.now() - timedelta(days=30))
    CheckIn.objects.create(match=mine, user=mine.newcomer, kind="fit", number=1, answer="not", answered_at=timezone.now())
    client = sign_in(coordinator)
    assert client.get(url("match_change", mine.pk)).status_code == 302
    assert client.post(url("match_verb", mine.pk, "read_check_ins")).status_code == 404
    assert "blackcap" not in client.get(BOARD).content.decode()


def test_a_question_can_be_taken_back(sign_in, coordinator):
    oak = make.mentor(make.user("oak"))
    match = make.match(make.user("blackcap"), oak, begun=False)
    client = sign_in(coordinator)
    client.post(url("match_verb", match.pk, "take_back"), {"reason": "Both asked me to."})
    match.refresh_from_db()
    oak.refresh_from_db()
    assert (match.ending, match.ended_by, oak.free) == ("back", "programme", 1)
    told = Notification.objects.filter(kind="mentorship.match_taken_back").values_list("recipient__username", flat=True)
    assert sorted(told) == ["blackcap", "oak"]
    assert Entry.objects.filter(action="mentorship.match_taken_back", by=coordinator).exists()
    assert "Both asked me to" not in sign_in(match.newcomer).get("/inbox/").content.decode()
    pair = make.match(make.user(), make.mentor())
    client.post(url("match_verb", pair.pk, "take_back"), {"reason": "That is too late."})
    pair.refresh_from_db()
    assert pair.is_active


# The board ---------------------------------------------------------------------------------------


def fill_board(number):
    """So many of everything that the board tells."""
    now = timezone.now()
    for place in range(number):
        request = make.request(make.user(f"waits{place}"))
        applying.apply(request, ["sleep", "caring"])
        Request.objects.filter(pk=request.pk).update(waiting_since=now - timedelta(days=35))
        lapsing = make.mentor(make.user(f"lapsing{place}"))
        Mentor.objects.filter(pk=lapsing.pk).update(approved_until=timezone.localdate() + timedelta(days=9))
        make.mentor(make.user(f"applies{place}"))
        Mentor.objects.filter(user__username=f"applies{place}").update(approved_at=None, approved_until=None)
        quiet = make.match(make.user(f"quiet{place}"), make.mentor())
        Match.objects.filter(pk=quiet.pk).update(began_at=now - timedelta(days=22))
        ending = make.match(make.user(f"ending{place}"), make.mentor())
        Match.objects.filter(pk=ending.pk).update(ending_planned_for=timezone.localdate() + timedelta(days=5))
        CheckIn.objects.create(match=ending, user=ending.newcomer, kind="fit", number=1, answer="deciding", answered_at=now)
    applying.resolve(["sleep", "caring"], accept=True)


def test_the_board_says_what_to_look_at_and_leads_there(sign_in, coordinator):
    fill_board(1)
    client = sign_in(coordinator)
    page = client.get(BOARD).content.decode()
    found = {section.title: section for section in board.sections(coordinator)}
    assert {title: section.number for title, section in found.items()} == {
        "Waiting": 1,
        "Tags with too few places": 2,
        "Mentors who need cover": 0,
        "Quiet for three weeks": 1,
        "Check-ins to read": 1,
        "Endings coming": 1,
        "Approvals running out": 1,
        "Applications waiting": 1,
    }
    assert "sleep: 1 waiting, 0 free" in page
    for section in found.values():
        for item in section.items:
            assert item.words.replace("’", "&#x27;") in page or item.words in page
            assert not item.url or client.get(item.url, follow=True).status_code == 200
        assert not section.more or client.get(section.more).status_code == 200
    for query in ("stuck", "unread", "ending", "asked", "over", "all", "no"):
        assert client.get(url("match_changelist") + f"?state={query}").status_code == 200
    quiet = client.get(url("match_changelist") + "?state=stuck").content.decode()
    assert "quiet0" in quiet
    assert "ending0" not in quiet


def test_who_asks_to_go_on_stands_where_they_stand_in_the_list_of_applications(coordinator):
    now = timezone.now()
    asked = {"applies": now - timedelta(days=3), "goes-on": now - timedelta(days=1), "went-on": now - timedelta(days=5)}
    for handle, moment in asked.items():
        make.mentor(make.user(handle))
        row = Mentor.objects.filter(user__username=handle)
        row.update(applied_at=now - timedelta(days=400), renewal_asked_at=moment)
        if handle == "applies":
            row.update(applied_at=moment, renewal_asked_at=None, approved_at=None, approved_until=None)
    section = next(each for each in board.sections(coordinator) if each.title == "Applications waiting")
    assert [item.words for item in section.items] == ["went-on · 5 days", "applies · 3 days", "goes-on · 1 day"]
    listed = [mentor.user.username for mentor in Mentor.objects.waiting().oldest_first()]
    assert listed == ["went-on", "applies", "goes-on"]


def test_the_board_costs_the_same_however_many_there_are(sign_in, coordinator, django_assert_max_num_queries):
    client = sign_in(coordinator)
    client.get(BOARD)
    with django_assert_max_num_queries(60) as few:
        client.get(BOARD)
    fill_board(8)
    with django_assert_max_num_queries(60) as many:
        page = client.get(BOARD).content.decode()
    # With more than are named, their number is counted beside them.
    assert len(many) <= len(few) + 6
    assert "Quiet for three weeks <b>8</b>" in page
    assert page.count("quiet") == board.NAMED


def test_a_room_that_rests_for_safety_is_not_stuck(coordinator):
    match = make.match()
    Match.objects.filter(pk=match.pk).update(began_at=timezone.now() - timedelta(days=40), frozen_at=timezone.now())
    assert not board.stuck(coordinator).exists()
    Match.objects.filter(pk=match.pk).update(frozen_at=None)
    assert board.stuck(coordinator).exists()
    make.message(match)
    assert not board.stuck(coordinator).exists()
