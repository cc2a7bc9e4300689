"""What the desk keeps out of sight until a volunteer asks for it."""

import re

import pytest

from community.moderation.models import Report
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
