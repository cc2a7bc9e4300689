"""What somebody may try who means no good: getting past the librarians, past the counts, and past what is kept apart."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from community.contributions.models import Change
from community.members.models import Block
from community.moderation.models import Report
from community.notifications.models import Notification
from community.tags import applying
from community.tags.models import Tag, Unmet
from community.tags.tasks import sweep
from resources import taking_in
from resources.importing import read
from resources.models import AlreadyHere, Audience, Kind, Resource, Saved
from tests import make

pytestmark = pytest.mark.django_db

QUEUE = "/admin/resources/resource/"
CHECKED = {"looked": "on", "harmless": "on", "unpaid": "on"}


@pytest.fixture
def librarian(db):
    return make.user("larkspur", role="librarian")


def text_of(response) -> str:
    return response.content.decode()


def form_of(resource: Resource, **changed: str) -> dict[str, str]:
    facts = {name: getattr(resource, name) for name in ("kind", "title", "body", "address", "phone", "isbn", "audience")}
    return {name: value for name, value in (facts | changed).items() if value}


# Past the librarians --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "changed"),
    [
        (Kind.SERVICE, {"address": "", "phone": "0800111222"}, {"phone": "0900666777"}),
        (Kind.SERVICE, {"phone": "0800111222"}, {"phone": "0900666777"}),
        (Kind.SERVICE, {"phone": ""}, {"phone": "0900666777"}),
        (Kind.BOOK, {"isbn": "9780306406157"}, {"isbn": "9783161484100"}),
        (Kind.ARTICLE, {}, {"body": "Better here: https://elsewhere.example.net/"}),
        (
            Kind.LIVED,
            {"address": "", "body": "It got [better](https://example.org/a)."},
            {"body": "[better](https://example.org/b)"},
        ),
    ],
)
def test_what_leads_elsewhere_than_the_librarian_saw_waits_again(sign_in, author, kind, given, changed):
    made = make.resource(author, kind=kind, **given)
    assert sign_in(author).post(f"{made.get_absolute_url()}edit/", form_of(made, **changed)).url == "/wrote/"
    assert list(Resource.objects.waiting()) == [made]
    assert Client().get(made.get_absolute_url()).status_code == 404


def test_with_other_words_and_fewer_links_it_stays_up_as_it_was(sign_in, author):
    made = make.resource(author, kind=Kind.SERVICE, phone="0800111222", body="See https://example.org/a and https://example.org/b")
    form = form_of(made, body="See https://example.org/b, it is better.", title="Another title")
    assert sign_in(author).post(f"{made.get_absolute_url()}edit/", form).url == made.get_absolute_url()
    made.refresh_from_db()
    assert (made.is_published, made.title == "Another title") == (True, False)


def test_nothing_is_put_up_that_was_changed_since_the_librarian_looked(sign_in, author, librarian):
    made = make.resource(author, publish=False)
    client = sign_in(librarian)
    looked_at = text_of(client.get(f"{QUEUE}{made.pk}/change/"))
    url = next(part for part in looked_at.split('"') if "/do/publish/" in part)
    assert (
        sign_in(author).post(f"{made.get_absolute_url()}edit/", form_of(made, body="Something quite different.")).status_code == 302
    )
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 403
        assert "changed since you looked at it" in text_of(answer)
    assert list(Resource.objects.waiting()) == [made]
    looked_at = text_of(client.get(f"{QUEUE}{made.pk}/change/"))
    url = next(part for part in looked_at.split('"') if "/do/publish/" in part)
    assert client.post(url).status_code == 302
    assert not Resource.objects.waiting().exists()


def test_two_things_with_the_same_words_are_two_things(sign_in, member):
    client = sign_in(member)
    words = {"kind": "article", "title": "Breathing", "body": "It helped.", "audience": "everyone"} | CHECKED
    for address in ("https://example.org/one", "https://example.org/two", "https://example.org/two"):
        assert client.post("/resources/new/", words | {"address": address}).status_code == 302
    assert sorted(Resource.objects.values_list("address", flat=True)) == ["https://example.org/one", "https://example.org/two"]


def test_who_lost_the_role_since_they_vouched_has_nothing_put_up(librarian):
    (tag,) = applying.resolve(["lanterns"], accept=True)
    for role, is_up in ((librarian, True), (None, False)):
        Unmet.note(tag, make.user())
        source = taking_in.preview(read(b"url,tags\nhttps://example.org/%d,lanterns\n" % is_up), by=librarian, name="a")
        source.start(vouched=True, with_private=False)
        if role is None:
            librarian.groups.clear()
        taking_in.take_in(source.pk)
        assert Resource.objects.get(address=f"https://example.org/{is_up:d}").is_published == is_up
        assert Unmet.objects.exists() != is_up


def test_two_files_with_the_same_words_are_two_things(sign_in, member):
    client = sign_in(member)
    words = {"kind": "lived", "title": "A page of mine", "body": "It helped.", "alt": "A drawing.", "audience": "members"} | CHECKED
    for side in (3, 30, 30):
        drawn = io.BytesIO()
        Image.new("L", (side, side)).save(drawn, "PNG")
        file = SimpleUploadedFile("mine.png", drawn.getvalue(), "image/png")
        assert client.post("/resources/new/", words | {"file": file}).status_code == 302
    assert Resource.objects.count() == 2


def test_a_book_is_one_wherever_it_leads(sign_in, member, author):
    book = make.resource(kind=Kind.BOOK, isbn="9780306406157", address="https://publisher.example.org/it", title="The kettle book")
    client = sign_in(member)
    assert "Somebody brought this already: “The kettle book”." in text_of(client.post("/resources/new/", {"look": "0-306-40615-2"}))
    words = {"kind": "book", "title": "It again", "body": "It helped.", "isbn": "9780306406157", "audience": "everyone"} | CHECKED
    for address in ("", "https://shop.example.org/it"):
        assert "Somebody brought this already" in text_of(client.post("/resources/new/", words | {"address": address}))
    with pytest.raises(AlreadyHere):
        make.resource(isbn="9780306406157")
    other = make.resource(author, kind=Kind.BOOK, address="https://other.example.org/it")
    page = sign_in(author).post(f"{other.get_absolute_url()}edit/", form_of(other, isbn="9780306406157"))
    assert "Somebody brought this already" in text_of(page)
    # Two that were here before are nobody's fault.
    Resource.objects.filter(pk=other.pk).update(isbn=book.isbn)
    other.refresh_from_db()
    url = other.get_absolute_url()
    assert sign_in(author).post(f"{url}edit/", form_of(other, title="Better")).url == url


# Past the counts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["tag=sleep&from=1-00000000000000000000000000000000", "q=sleep&page=5", "tag=sleep&page=2&q="])
def test_whoever_goes_beyond_the_last_page_did_not_look_in_vain(sign_in, member, query):
    make.resource(tags=["sleep"])
    applying.resolve(["sleep"], accept=True)
    assert sign_in(member).get(f"/resources/?{query}").status_code == 200
    assert not Unmet.objects.exists()


def test_what_comes_in_under_a_tag_later_ends_that_it_is_looked_for(sign_in, author, librarian):
    (tag,) = applying.resolve(["lanterns"], accept=True)
    made = make.resource(author)
    tag.follow(librarian)
    for number in range(3):
        Unmet.note(tag, make.user(f"seeker{number}"))
    assert sign_in(author).post(f"{made.get_absolute_url()}edit/", form_of(made, tags="lanterns")).status_code == 302
    assert not Unmet.objects.exists()


# Past what is kept apart ----------------------------------------------------------------------------------------------


def test_whoever_is_called_across_a_block_is_no_member_to_be_found(sign_in, author, member, other):
    Block.objects.create(blocker=author, blocked=member)
    made = make.resource(other, body="Ask @sorrel about it.")
    make.review(made, make.user(), body="As @sorrel says.")
    pages = [made.get_absolute_url(), make.collection(other, body="With @sorrel.").get_absolute_url()]
    for url in pages:
        assert "@sorrel" in text_of(sign_in(member).get(url))
        assert "/members/sorrel/" not in text_of(sign_in(member).get(url))
        assert "/members/sorrel/" in text_of(sign_in(other).get(url))
        assert "/members/sorrel/" in text_of(Client().get(url))


def test_whoever_looks_after_it_is_not_named_across_a_block(sign_in, librarian, member, other):
    made = make.resource()
    made.keep(keeper=librarian, review_by=None, by=librarian)
    Block.objects.create(blocker=librarian, blocked=member)
    assert "larkspur" not in text_of(sign_in(member).get(made.get_absolute_url()))
    for client in (sign_in(other), Client()):
        assert "larkspur" in text_of(client.get(made.get_absolute_url()))


@pytest.mark.parametrize("state", ["waiting", "turned down", "up"])
def test_what_was_taken_back_is_with_nobody_and_says_nothing_any_more(sign_in, author, librarian, state):
    made = make.resource(
        author,
        kind=Kind.SERVICE,
        publish=state == "up",
        made_by="A neighbour",
        hours="At night",
        phone="0800111222",
        tags=["a word"],
    )
    if state == "turned down":
        made.refuse(by=librarian, reason="It is not for here.")
    made.withdraw()
    wrote = text_of(sign_in(author).get("/wrote/"))
    assert "You took this back." in wrote
    for gone in ("It is with a librarian now", "It is not for here", "Not taken into the library"):
        assert gone not in wrote
    made.refresh_from_db()
    assert not any((made.title, made.body, made.address, made.phone, made.made_by, made.hours, made.refusal))
    assert not made.tags.exists()


def test_what_members_said_among_members_is_opened_to_nobody_else(sign_in, author, member):
    made = make.resource(author, audience=Audience.MEMBERS)
    edit = f"{made.get_absolute_url()}edit/"
    said = make.review(made, member)
    assert "for members." in text_of(sign_in(member).get(f"{made.get_absolute_url()}words/"))
    assert "only members were to read that" in text_of(sign_in(author).post(edit, form_of(made, audience="everyone")))
    assert Client().get(made.get_absolute_url()).status_code == 404
    said.withdraw()
    assert sign_in(author).post(edit, form_of(made, audience="everyone")).status_code == 302
    assert Client().get(made.get_absolute_url()).status_code == 200
    assert "anyone can read it, also without signing in" in text_of(sign_in(member).get(f"{made.get_absolute_url()}words/"))


def test_nothing_is_written_onto_what_was_taken_back_or_turned_down_meanwhile(author, librarian):
    made = make.resource(author)
    stale = Resource.objects.get(pk=made.pk)
    made.withdraw()
    stale.correct_address(address="https://example.org/elsewhere", by=librarian)
    stale.keep_copy(archive="https://archive.example.org/it", by=librarian)
    made.refresh_from_db()
    assert (made.address, made.address_key, made.archive) == ("", "", "")
    made = make.resource(author, publish=False, address="https://example.org/twice")
    stale = Resource.objects.get(pk=made.pk)
    made.refuse(by=librarian, reason="It is not for here.")
    make.resource(address="https://example.org/twice")
    stale.publish(by=librarian)
    assert Resource.objects.get(pk=made.pk).is_refused


def test_a_guests_copy_tells_of_nothing_that_no_guest_sees(author, member, moderator):
    made = make.resource(author, tags=["sleep"])
    applying.resolve(["sleep"], accept=True)
    hidden = make.review(made, member)
    hidden.hide(by=moderator, reason="It names somebody.")
    acts = [
        lambda: Saved.keep(made, member, "For the third night."),
        lambda: make.collection(member, shared="private", things=[made]),
        lambda: make.collection(member, shared="members", things=[made]),
        lambda: Report.put(made, by=member, reason=Report.Reason.OTHER),
        lambda: made.change(made.body, tags=["sleep", "a proposal"]),
        lambda: make.resource(tags=["sleep"], publish=False),
        lambda: make.resource(audience=Audience.MEMBERS),
        hidden.withdraw,
    ]
    guest, pages = Client(), [made.get_absolute_url(), "/resources/", "/resources/?tag=sleep", "/collections/", "/tags/sleep/"]
    before = [guest.get(url)["ETag"] for url in pages]
    for act in acts:
        act()
        assert [guest.get(url)["ETag"] for url in pages] == before


# Nothing is lost ------------------------------------------------------------------------------------------------------


def test_a_note_for_oneself_comes_back_from_an_ended_session(sign_in, member):
    url, words = f"{make.resource().get_absolute_url()}saved/", {"note": "For the third night."}
    ended = Client(headers={"sec-fetch-site": "same-origin"})
    stale = sign_in(member, enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    for client in (ended, stale):
        assert "For the third night." in text_of(client.post(url, words))


def test_whoever_is_named_hears_of_it_once_when_they_can_read_it(author, librarian, member):
    def told() -> int:
        return Notification.objects.filter(recipient=member, kind="contributions.mentioned").count()

    made = make.resource(author, body="As @wren once said.", publish=False)
    path = make.collection(author, body="For @wren.", shared="private")
    assert told() == 0
    made.publish(by=librarian)
    assert told() == 1
    path.edit("For @wren.", shared="members")
    assert told() == 2
    Notification.objects.update(read_at=timezone.now())
    path.edit("Still for @wren.")
    made.change("As @wren said twice.", tags=["a word"])
    Change.objects.get().show(by=librarian)
    assert told() == 2


def test_what_was_proposed_for_words_that_were_taken_back_is_forgotten(author, member):
    gone, stays = make.resource(author, tags=["a name"]), make.resource(tags=["a word"])
    make.review(stays, member, need="a need")
    applying.resolve(["sleep"], accept=True)
    gone.withdraw()
    sweep(0)
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["a need", "a word", "sleep"]
