"""What librarians do behind the scenes: looking at what members brought, and at what they say is wrong."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from community.audit.models import Entry
from community.members.models import Block, TrainingStep, User
from community.moderation.models import Claim, Report
from resources.models import Kind, LinkState, Resource
from tests import make

pytestmark = pytest.mark.django_db

QUEUE = "/admin/resources/resource/"
REASON = "Please leave out the name of the clinic."


@pytest.fixture
def librarian(db):
    return make.user("larkspur", role="librarian")


def text_of(response) -> str:
    return response.content.decode()


def do(client: Client, resource: Resource, verb: str, **fields: str):
    return client.post(f"{QUEUE}{resource.pk}/do/{verb}/", fields, follow=True)


def test_what_waits_comes_first_and_oldest_first(sign_in, librarian):
    for title, ago in (("First", 3), ("Second", 2), ("Third", 1)):
        with time_machine.travel(timezone.now() - timedelta(days=ago), tick=False):
            make.resource(title=title, publish=False)
    make.resource(title="Up already")
    page = text_of(sign_in(librarian).get(QUEUE))
    assert re.findall(r">(First|Second|Third|Up already)</a>", page) == ["First", "Second", "Third"]


@pytest.mark.parametrize("role", ["librarian", "owner"])
def test_nobody_puts_up_turns_down_or_leads_elsewhere_what_they_brought_themselves(sign_in, role):
    librarian = make.user(role=role)
    made, up = make.resource(librarian, publish=False), make.resource(librarian)
    client = sign_in(librarian)
    assert f"resource-{made.pk}" not in text_of(client.get("/admin/"))
    assert "somebody else decides about it" in text_of(client.get(f"{QUEUE}{made.pk}/change/"))
    for thing, verb in ((made, "publish"), (made, "refuse"), (up, "refuse"), (up, "correct_address"), (up, "leave_alone")):
        fields = {"reason": "It is good, I think.", "address": "https://example.org/mine"}
        assert do(client, thing, verb, **fields).status_code == 403, verb
    assert Resource.objects.waiting().get() == made
    assert f"resource-{made.pk}" in text_of(sign_in(make.user(role="librarian")).get("/admin/"))


def test_what_was_found_long_ago_waits_behind_what_came_in_before_it(sign_in, librarian):
    make.resource(title="First", publish=False)
    with time_machine.travel(timezone.now() - timedelta(days=3_000), tick=False):
        make.resource(title="From an old file", publish=False)
    page = text_of(sign_in(librarian).get(QUEUE))
    assert re.findall(r">(First|From an old file)</a>", page) == ["First", "From an old file"]


@pytest.mark.parametrize(("role", "may"), [("librarian", True), ("moderator", True), ("owner", True), ("member", False)])
def test_whole_files_are_a_link_away_for_those_who_may_bring_them(sign_in, role, may):
    client = sign_in(make.user("hazel", role=role))
    for place in ("/resources/", QUEUE):
        answer = client.get(place)
        assert ('href="/resources/import/"' in text_of(answer)) is may, place
        assert may or place == "/resources/" or answer.status_code == 404
    assert client.get("/resources/import/").status_code == (200 if may else 403)


def test_the_queue_shows_no_words(sign_in, librarian):
    made = make.resource(body="The noted words.", publish=False)
    assert "The noted words." not in text_of(sign_in(librarian).get(QUEUE))
    assert "The noted words." in text_of(sign_in(librarian).get(f"{QUEUE}{made.pk}/change/"))


def test_putting_something_up_thanks_whoever_brought_it(sign_in, librarian, author):
    made = make.resource(author, title="The kettle book", publish=False)
    client = sign_in(librarian)
    assert client.get(f"{QUEUE}{made.pk}/do/publish/").status_code == 200
    do(client, made, "publish")
    assert "The kettle book" in text_of(Client().get("/resources/"))
    assert "Thank you: “<bdi>The kettle book</bdi>” is in the library now." in text_of(sign_in(author).get("/inbox/"))
    assert Entry.objects.filter(action="resources.resource_published").count() == 1


def test_what_is_turned_down_comes_back_with_the_reason_and_can_be_sent_again(sign_in, librarian, author):
    made = make.resource(author, title="The kettle book", body="It *helped*.", publish=False)
    do(sign_in(librarian), made, "refuse", reason=REASON)
    client = sign_in(author)
    news = text_of(client.get("/inbox/"))
    assert "A volunteer could not take it · <bdi>The kettle book</bdi>" in news
    assert REASON in news
    wrote = text_of(client.get("/wrote/"))
    assert f"Not taken into the library: {REASON}" in wrote
    assert "Change it and send it again" in wrote
    edit = client.get(f"{made.get_absolute_url()}edit/")
    assert REASON in text_of(edit)
    assert "It *helped*." in text_of(edit)
    form = {"kind": "article", "title": made.title, "body": "It helped.", "address": made.address, "audience": "everyone"}
    assert client.post(f"{made.get_absolute_url()}edit/", form).url == "/wrote/"
    assert list(Resource.objects.waiting()) == [made]
    do(sign_in(librarian), made, "publish")
    assert "It helped." in text_of(Client().get(made.get_absolute_url()))


def test_what_was_up_and_is_turned_down_is_gone_for_others(sign_in, librarian, author):
    made = make.resource(author, title="The kettle book")
    etag = Client().get("/resources/")["ETag"]
    do(sign_in(librarian), made, "refuse", reason=REASON)
    assert Client().get(made.get_absolute_url()).status_code == 404
    again = Client().get("/resources/", headers={"if-none-match": etag})
    assert again.status_code == 200
    assert "The kettle book" not in text_of(again)


def test_hiding_and_showing_again(sign_in, librarian):
    made = make.resource(title="The kettle book")
    client = sign_in(librarian)
    do(client, made, "hide", reason=REASON)
    assert Client().get(made.get_absolute_url()).status_code == 404
    do(client, made, "restore", reason="It was a mistake.")
    assert Client().get(made.get_absolute_url()).status_code == 200


def test_a_keeper_and_a_day_are_said_and_shown(sign_in, librarian, author):
    made = make.resource()
    day = timezone.localdate() + timedelta(days=30)
    do(sign_in(librarian), made, "keep", keeper=str(librarian.pk), review_by=day.isoformat())
    page = text_of(sign_in(author).get(made.get_absolute_url()))
    assert "larkspur" in page
    assert "who looks again by" in page
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        late = text_of(Client().get(made.get_absolute_url()))
        assert "It is time that somebody looked at this again" in late
        assert f"{QUEUE}{made.pk}/change/" in text_of(sign_in(librarian).get(f"{QUEUE}?shelf=overdue"))


def test_only_those_who_look_after_the_library_are_offered_as_keepers(sign_in, librarian, owner, member, moderator):
    page = text_of(sign_in(librarian).get(f"{QUEUE}{make.resource().pk}/do/keep/"))
    assert [name in page for name in ("larkspur</option>", "harbour</option>")] == [True, True]
    assert [name in page for name in ("wren</option>", "fennel</option>")] == [False, False]


@pytest.mark.parametrize("verb", ["publish", "refuse"])
def test_whoever_takes_it_holds_it_and_others_are_told(sign_in, librarian, verb):
    made = make.resource(publish=False)
    second = make.user("sorrelwood", role="librarian")
    sign_in(librarian).get(f"{QUEUE}{made.pk}/do/{verb}/")
    assert Claim.of(made) is None
    sign_in(librarian).post(f"{QUEUE}{made.pk}/do/claim/")
    other = sign_in(second)
    assert "larkspur is looking at this until" in text_of(other.get(f"{QUEUE}{made.pk}/change/"))
    assert ">larkspur<" in text_of(other.get(QUEUE))
    refused = other.post(f"{QUEUE}{made.pk}/do/publish/")
    assert refused.status_code == 403
    assert "larkspur is looking at this until" in text_of(refused)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert sign_in(second).get(f"{QUEUE}{made.pk}/do/publish/").status_code == 200


def test_a_claim_ends_when_it_is_done_or_let_go(sign_in, librarian):
    client, made = sign_in(librarian), make.resource(publish=False)
    do(client, made, "claim")
    assert Claim.of(made).by == librarian
    do(client, made, "let_go")
    assert Claim.of(made) is None
    client.get(f"{QUEUE}{made.pk}/do/publish/")
    do(client, made, "publish")
    assert Claim.of(made) is None


def test_moderators_look_and_do_not_decide(sign_in, moderator):
    client, made = sign_in(moderator), make.resource(publish=False)
    assert client.get(QUEUE).status_code == 200
    assert client.post(f"{QUEUE}{made.pk}/do/publish/").status_code == 403
    assert "do/publish" not in text_of(client.get(f"{QUEUE}{made.pk}/change/"))
    assert Claim.of(made) is None


def test_a_librarian_sees_the_library_the_tags_and_nothing_else(sign_in, librarian):
    client = sign_in(librarian)
    # Conversations carry tags, too, and what is changed in the library waits among all changes.
    theirs = {"resources", "tags", "moderation", "forums", "contributions"}
    assert set(re.findall(r'href="/admin/(\w+)/\w+/"', text_of(client.get("/admin/lists/")))) == theirs
    for model in admin.site._registry:
        if model._meta.app_label not in theirs or model._meta.label in {
            "forums.Board",
            "forums.Reply",
            "contributions.Note",
            "contributions.Holding",
        }:
            url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            assert client.get(url).status_code == 403, url


def test_owners_appoint_librarians(sign_in, owner, member):
    url = f"/admin/members/user/{member.pk}/do/"
    TrainingStep.objects.all().delete()
    sign_in(owner).post(f"{url}appoint/", {"role": "librarian", "reason": "She knows every shelf."})
    assert User.objects.get(pk=member.pk).is_librarian
    sign_in(owner).post(f"{url}dismiss/", {"role": "librarian", "reason": "She asked to stop."})
    assert not User.objects.get(pk=member.pk).is_staff


def test_who_is_both_stays_the_other(owner, moderator):
    moderator.appoint("librarian", by=owner, reason="Both.", is_trained=True)
    moderator.dismiss("moderator", by=owner, reason="One of them.")
    moderator = User.objects.get(pk=moderator.pk)
    assert (moderator.is_staff, moderator.is_librarian, moderator.is_moderator) == (True, True, False)


def test_lists_of_what_is_broken(sign_in, librarian):
    made = make.resource(title="Gone page")
    make.resource(title="Good page")
    Resource.objects.filter(pk=made.pk).update(link_state=LinkState.BROKEN)
    page = text_of(sign_in(librarian).get(f"{QUEUE}?shelf=broken"))
    assert "Gone page" in page
    assert "Good page" not in page


# Reports ----------------------------------------------------------------------------------------------------------------


def test_something_wrong_is_told_looked_at_and_answered(sign_in, librarian, member, author):
    made = make.resource(author, title="The kettle book", body="As it stood.")
    client = sign_in(member)
    way = f"/report/resource/{made.public_id}/"
    assert f'href="{way}"' in text_of(client.get(made.get_absolute_url()))
    told = {"reason": "stale", "body": "The page is from long ago."}
    for _press in range(2):
        client.post(way, told)
    report = Report.objects.get()
    made.edit("Changed since.")
    assert client.get(way).url == report.get_absolute_url()
    desk = sign_in(librarian)
    page = text_of(desk.get(f"/admin/moderation/report/{report.pk}/change/"))
    assert "As it stood." in page
    assert "The page is from long ago." in page
    assert member.username not in page
    outcome = "Somebody found the new address and put it in."
    desk.post(f"/admin/moderation/report/{report.pk}/do/close/", {"reason": outcome})
    news = text_of(client.get("/inbox/"))
    assert "Thank you for what you told us on" in news
    assert "kettle" not in news
    assert outcome in news
    assert text_of(sign_in(author).get("/inbox/")).count("kettle") == 1, "the author hears of being up, not of the report"
    item = re.search(r'href="(/inbox/[0-9a-f-]{36}/)"', news)[1]
    assert client.get(item).url == report.get_absolute_url()
    assert "kettle" not in text_of(desk.get("/admin/moderation/report/"))
    assert "kettle" in text_of(desk.get("/admin/moderation/report/?state=closed"))


@pytest.mark.parametrize("kind", ["review", "collection"])
def test_what_readers_said_and_put_together_can_be_told_of_too(sign_in, member, author, other, librarian, moderator, kind):
    thing = make.resource(title="The kettle book")
    if kind == "review":
        made, title = make.review(thing, author, body="Selling kettles, as it stood."), "It helped me: The kettle book"
        page, way = thing.get_absolute_url(), f"/report/review/{made.public_id}/"
    else:
        made, title = make.collection(author, title="Kettles", body="Selling kettles, as it stood.", things=[thing]), "Kettles"
        made.say_before(thing, "Words between.")
        page, way = made.get_absolute_url(), f"/report/collection/{made.public_id}/"
    client = sign_in(member)
    assert f'href="{way}"' in text_of(client.get(page))
    assert client.get(way).status_code == 200
    answers = [client.post(way, {"reason": "selling", "body": "It sells kettles."}) for _press in range(2)]
    report = Report.objects.get()
    assert {answer.url for answer in answers} == {client.get(way).url} == {report.get_absolute_url()}
    made.edit("Changed since.")
    made.withdraw()
    desk = sign_in(moderator)
    assert title in text_of(desk.get("/admin/moderation/report/"))
    seen = text_of(desk.get(f"/admin/moderation/report/{report.pk}/change/"))
    assert "Selling kettles, as it stood." in seen
    assert ("Words between." in seen) == (kind == "collection")
    assert "It sells kettles." in seen
    assert member.username not in seen
    assert sign_in(librarian).get(f"/admin/moderation/report/{report.pk}/change/").status_code == 302, (
        "they could do nothing about it"
    )
    desk.post(f"/admin/moderation/report/{report.pk}/do/close/", {"reason": "It was taken back meanwhile."})
    assert "It was taken back meanwhile." in text_of(client.get("/inbox/"))


@pytest.mark.parametrize("kind", ["review", "collection"])
def test_nobody_tells_of_what_is_theirs_or_not_open_to_them(sign_in, client, member, author, other, moderator, kind):
    thing = make.resource()
    made = make.review(thing, author) if kind == "review" else make.collection(author, things=[thing])
    page = (thing if kind == "review" else made).get_absolute_url()
    way = f"/report/{kind}/{made.public_id}/"
    assert f'href="{way}"' not in text_of(sign_in(author).get(page))
    assert sign_in(author).get(way).status_code == 403
    Block.put(author, other)
    assert sign_in(other).get(way).status_code == 404
    made.hide(by=moderator, reason="It was as somebody said.")
    assert sign_in(member).post(way, {"reason": "other"}).status_code == 404
    assert not Report.objects.exists()


def test_news_of_a_report_stays_when_the_thing_is_gone(sign_in, librarian, member, moderator):
    made = make.resource(title="The kettle book")
    Report.put(made, by=member, reason="harmful")
    made.hide(by=moderator, reason="It was as you said.")
    Report.objects.get().close(by=librarian, reason="It was as you said, and is gone.")
    client = sign_in(member)
    item = re.search(r'href="(/inbox/[0-9a-f-]{36}/)"', text_of(client.get("/inbox/")))[1]
    receipt = client.get(item).url
    assert receipt == Report.objects.get().get_absolute_url()
    assert "kettle" not in text_of(client.get(receipt))


def test_nobody_reports_their_own_or_what_they_cannot_see(sign_in, author, member):
    made = make.resource(author)
    assert sign_in(author).get(f"/report/resource/{made.public_id}/").status_code == 403
    waiting = make.resource(author, publish=False)
    for client in (sign_in(member), Client()):
        assert client.get(f"/report/resource/{waiting.public_id}/").status_code == 404
    inner = make.resource(author, audience="members")
    assert Client().get(f"/report/resource/{inner.public_id}/").status_code == 404


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_page(sign_in, member, kind):
    assert (
        sign_in(member).get(make.resource(kind=kind, isbn="9780306406157", phone="01632960123").get_absolute_url()).status_code
        == 200
    )
