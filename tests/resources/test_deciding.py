"""What volunteers decide about things of the library that is different from words in a conversation."""

import pytest

from community.decisions.models import Decision
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
