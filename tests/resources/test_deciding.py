"""What volunteers decide about things of the library that is different from words in a conversation."""

import pytest

from community.decisions.models import Act, Decision
from community.moderation.models import Appeal
from tests import make

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
