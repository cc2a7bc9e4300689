"""Named groups, which owners keep."""

import pytest
from django.contrib.auth.models import Group

from community.audit.models import Entry
from community.decisions.models import Decision
from tests import make

pytestmark = pytest.mark.django_db
URL = "/admin/auth/group/"


def test_owner_makes_a_group_and_who_leaves_it_is_out_at_once(sign_in, owner, member, author):
    client = sign_in(owner)
    client.post(f"{URL}add/", {"name": "Night shift", "people": "wren\nSORREL"})
    circle = Group.objects.get(name="Night shift")
    topic = make.topic(make.board(audience="group", audience_group=circle), author)
    reader = sign_in(member)
    assert reader.get(topic.get_absolute_url()).status_code == 200
    assert "wren" in client.get(f"{URL}{circle.pk}/change/").content.decode()
    without = {"name": "Night shift", "people": "sorrel"}
    assert "Somebody leaves the list." in client.post(f"{URL}{circle.pk}/change/", without).text
    client.post(f"{URL}{circle.pk}/change/", without | {"reason": "They work by day now."})
    assert reader.get(topic.get_absolute_url()).status_code == 404
    entries = Entry.objects.filter(target_id=str(member.pk), action__startswith="members.group")
    actions = list(entries.order_by("pk").values_list("action", flat=True))
    assert actions == ["members.group_joined", "members.group_left"]
    # They can read why, and have it looked at again.
    statement = Decision.objects.get(member=member)
    assert "They work by day now." in reader.get(statement.get_absolute_url()).text
    statement.reverse(by=owner, reason="It was another wren.")
    assert reader.get(topic.get_absolute_url()).status_code == 200
    assert "Night shift" in reader.get("/inbox/").text


def test_unknown_names_are_named_and_the_list_comes_back(sign_in, owner, member):
    answer = sign_in(owner).post(f"{URL}add/", {"name": "Night shift", "people": "wren\nnobody-of-that-name"})
    page = answer.content.decode()
    assert "Nobody here is called: nobody-of-that-name." in page
    assert "wren" in page
    assert not Group.objects.filter(name="Night shift").exists()


def test_group_of_moderators_is_a_role_and_not_shown_here(sign_in, owner, moderator):
    client = sign_in(owner)
    role = moderator.groups.get()
    assert role.name not in client.get(URL).content.decode().partition("result_list")[2]
    assert client.get(f"{URL}{role.pk}/change/").status_code == 302
    assert sign_in(moderator).get(URL).status_code == 403
