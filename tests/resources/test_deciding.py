"""What volunteers decide about things of the library that is different from words in a conversation."""

import pytest
from django.urls import reverse

from community.contributions.models import Change
from community.decisions.models import Act, Decision
from community.moderation.models import Appeal
from resources.models import ResourceFile
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db


def test_a_title_is_words_like_all_others_to_take_out_hide_or_remove(sign_in, member, other, moderator):
    made, why = make.collection(member, title="The street of Anna", body=""), {"by": moderator, "reason": "It names a neighbour."}
    made.redact(passages=["Anna"], **why)
    assert "Anna" not in sign_in(other).get(made.get_absolute_url()).text
    Decision.objects.about(made).get().reverse(**why)
    made.hide(**why)
    assert not made.is_removed
    made.remove(**why)
    made.refresh_from_db()
    assert (made.is_removed, made.title) == (True, "")
    assert "The street of Anna" in sign_in(member).get(Decision.objects.latest("pk").get_absolute_url()).text
    made.restore(**why)
    assert "The street of Anna" in sign_in(other).get(made.get_absolute_url()).text


def test_what_was_changed_since_it_was_turned_down_is_not_put_up_unseen(sign_in, member):
    librarian = make.user(role="librarian")
    made = make.resource(member, by=librarian)
    assert made.change("Other words.", tags=[], title=made.title)
    made.refuse(by=librarian, reason="It is about something else.")
    unseen = {"title": "Another title", "body": "Words that nobody saw."}
    assert sign_in(member).post(f"/wrote/{made.public_id}/", unseen).status_code == 403
    Appeal.ask(Decision.objects.get(act=Act.REFUSE)).overturn(by=make.user(role="owner"), reason="It fits in well.")
    made.refresh_from_db()
    assert made.is_published and made.body == "Short, and it *helped*."


def test_what_is_said_to_be_seen_in_a_picture_is_looked_at_like_other_words(sign_in, member, other):
    made, librarian = make.resource(member), make.user(role="librarian")
    ResourceFile.put(made, name="lake.png", content_type="image/png", content=b"bytes", alt="A lake.")
    client, edit = sign_in(member), f"{made.get_absolute_url()}edit/"
    form = next(form for form in forms_in(client.get(edit).text) if "alt" in form.fields)
    client.post(edit, form.sent() | {"alt": "A qzxlake at night."})
    page = sign_in(other).get(made.get_absolute_url()).text
    assert "A lake." in page and "qzxlake" not in page
    assert "qzxlake" in client.get(edit).text, "they go on with it"
    change = Change.objects.get()
    assert "qzxlake" in sign_in(librarian).get(f"/admin/contributions/change/{change.pk}/change/").text
    change.show(by=librarian)
    assert "qzxlake" in sign_in(other).get(made.get_absolute_url()).text
    assert ResourceFile.of(made).alt == "A qzxlake at night."


def test_what_was_taken_out_of_a_collection_does_not_come_back_before_one_of_its_things(sign_in, member, other, moderator):
    thing = make.resource()
    made = make.collection(member, title="The street of Qzxanna", things=[thing])
    made.redact(by=moderator, reason="It names a neighbour.", passages=["Qzxanna"])
    place = reverse("place_edit", args=[made.public_id, thing.public_id])
    assert "A volunteer took this out" in sign_in(member).post(place, {"body": "Where Qzxanna lives."}).text
    assert "Qzxanna" not in sign_in(other).get(made.get_absolute_url()).text
    assert sign_in(member).post(place, {"body": "A quiet street."}).status_code == 302
