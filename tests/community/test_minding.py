"""What the desk keeps out of sight until a volunteer asks for it, and a page that somebody empties because of what it shows."""

import re

import pytest

from community.decisions.models import Decision
from community.members.models import Profile
from community.moderation.models import Appeal, Report
from tests import make

pytestmark = pytest.mark.django_db

SEVERE = "I have counted the tablets twice"


@pytest.fixture
def item(author) -> str:
    """The page of a member with a picture whom somebody reported."""
    author.profile.hang(b"no picture, but nobody looks")
    Report.put(author, by=make.user(), reason="harmful", words="Look at their picture.")
    return f"/admin/desk/report-{Report.objects.get().pk}/"


def test_a_picture_is_not_in_the_page_before_somebody_asks_for_it(sign_in, moderator, author, item):
    client = sign_in(moderator)
    page = client.get(item).content.decode()
    picture = author.profile.avatar.get_absolute_url()
    assert picture not in page
    asked = re.search(r'href="(\?pictures=yes)[^"]*">\s*Show the picture', page)[1]
    shown = client.get(item + asked).content.decode()
    assert f'<img class="desk-picture" src="{picture}"' in shown
    assert client.get(picture).status_code == 200


def test_nor_is_it_in_the_list_or_where_one_decides(sign_in, moderator, author, item):
    client = sign_in(moderator)
    for address in ("/admin/", "/admin/?pictures=yes", f"{item}do/close/", f"{item}do/close/?pictures=yes"):
        assert "/avatars/" not in client.get(address).content.decode(), address


def test_where_there_is_no_picture_nothing_is_offered(sign_in, moderator, other):
    Report.put(other, by=make.user(), reason="harmful")
    page = sign_in(moderator).get(f"/admin/desk/report-{Report.objects.get().pk}/?pictures=yes").content.decode()
    assert "pictures" not in page


def test_heavy_words_are_in_no_list_of_the_admin_before_one_opens_them(sign_in, moderator, owner):
    Report.put(make.reply(body=SEVERE), by=make.user(), reason="worried", words=SEVERE)
    for who in (moderator, owner):
        client = sign_in(who)
        for address in ("/admin/", "/admin/moderation/report/", "/admin/lists/", "/admin/desk/figures/"):
            assert SEVERE not in client.get(address).content.decode(), address


def test_heavy_titles_of_a_report_are_not_in_its_list_either(sign_in, moderator):
    Report.put(make.topic(title=SEVERE), by=make.user(), reason="worried")
    assert SEVERE not in sign_in(moderator).get("/admin/moderation/report/").content.decode()


@pytest.mark.parametrize("kind", ["topic", "reply", "resource", "review", "collection"])
def test_nor_are_the_words_themselves_in_the_lists_of_what_members_write(sign_in, owner, moderator, kind):
    words = {"body": SEVERE} if kind in ("review", "reply") else {"title": SEVERE}
    made, app = getattr(make, kind)(**words), {"topic": "forums", "reply": "forums"}.get(kind, "resources")
    around = {"topic": ["/admin/forums/reply/"], "resource": ["/admin/resources/review/"]}.get(kind, [])
    lists = [f"/admin/{app}/{kind}/", *around]
    if kind == "topic":
        make.reply(made)
    if kind == "resource":
        make.review(made)
    client = sign_in(owner)
    shown = SEVERE in client.get(lists[0]).text
    report = Report.put(made, by=make.user(), reason="worried")
    for address in lists:
        assert SEVERE not in client.get(address).text, address
    assert SEVERE in client.get(f"{lists[0]}{made.pk}/change/").text
    report.close(by=moderator, reason="I looked at it.")
    assert (SEVERE in client.get(lists[0]).text) == shown


def test_a_list_of_other_looks_names_nothing(sign_in, moderator, owner):
    made = make.topic(title=SEVERE)
    made.hide(by=moderator, reason="It names a neighbour.")
    Appeal.ask(Decision.objects.about(made).get())
    page = sign_in(owner).get("/admin/moderation/appeal/").text
    assert SEVERE not in page
    assert "A volunteer hid it" in page


def test_a_reported_page_is_emptied_from_the_desk_and_stands_there_again_when_reversed(sign_in, moderator, owner, item, author):
    Profile.objects.filter(user=author).update(about="I know where you live.")
    where, client = author.get_absolute_url(), sign_in(moderator)
    assert client.post(f"{item}do/take_down_profile/", {"reason": "It reads as a threat."}).status_code == 302
    shown = sign_in(make.user()).get(where).text
    assert "I know where you live." not in shown and "/avatars/" not in shown
    statement = Decision.objects.get(member=author)
    told = sign_in(author).get(statement.get_absolute_url()).text
    assert "It reads as a threat." in told and "I know where you live." in told
    assert Report.objects.get().is_closed
    statement.reverse(by=owner, reason="It is a line of a song.")
    profile = Profile.objects.get(user=author)
    assert (profile.about, bytes(profile.picture.image)) == ("I know where you live.", b"no picture, but nobody looks")
    assert "stands on your page again" in sign_in(author).get("/inbox/").text


def test_what_they_wrote_since_then_stays(author, moderator):
    Profile.objects.filter(user=author).update(about="I sell umbrellas.")
    author.take_down_profile(by=moderator, reason="It sells something.")
    author.take_down_profile(by=moderator, reason="It sells something.")
    assert Decision.objects.filter(member=author).count() == 1
    Profile.objects.filter(user=author).update(about="I like rain.")
    author.put_profile_back(by=moderator, reason="It was a joke.")
    assert Profile.objects.get(user=author).about == "I like rain."
    assert not Decision.objects.standing().filter(member=author).exists()


@pytest.mark.parametrize("role", ["moderator", "librarian"])
def test_nobody_empties_their_own_page_or_that_of_somebody_who_looks_after_the_place(sign_in, owner, role):
    keeper = make.user(role=role, about="I like rain.")
    Profile.objects.filter(user=owner).update(about="I like fog.")
    for who in (keeper, owner):
        answer = sign_in(keeper).post(f"/admin/members/user/{who.pk}/do/take_down_profile/", {"reason": "I am curious."})
        assert answer.status_code in {403, 404}
    assert not Decision.objects.exists()
