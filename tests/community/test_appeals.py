"""Another look at a decision: asked for in one press, decided by somebody else, and turned around if need be."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.moderation.models import Appeal, Report
from community.notifications.models import Notification
from tests import make
from tests.addresses import forms_in

WHY = "I read it again, and it names nobody."
DECIDED = "moderation.appeal_decided"


@pytest.fixture
def second(db):
    """Another moderator than the first one."""
    return make.user("larch", role="moderator")


@pytest.fixture
def hidden(author, moderator):
    """A reply of `author` that `moderator` hid."""
    words = make.reply(make.topic(), author, body="My neighbour has a red door.")
    words.hide(by=moderator, reason="It names a neighbour.")
    return words


@pytest.fixture
def decision(hidden):
    return Decision.objects.about(hidden).get()


@pytest.fixture
def appeal(decision):
    return Appeal.ask(decision, words="It is my own door.")


def ask(sign_in, who, decision, **fields):
    return sign_in(who).post(reverse("appeal_create", args=[decision.public_id]), fields)


def do(sign_in, who, appeal, verb, reason=WHY):
    return sign_in(who).post(reverse("admin:moderation_appeal_verb", args=[appeal.pk, verb]), {"reason": reason})


# Asking ---------------------------------------------------------------------------------------------------------------


def test_one_press_on_the_page_of_the_decision_asks(sign_in, author, decision, moderator):
    client = sign_in(author)
    page = client.get(decision.get_absolute_url())
    (form,) = [form for form in forms_in(page.text) if form.action.endswith("/appeal/")]
    answer = client.post(form.action, form.sent(), follow=True)
    assert "It waits for somebody who had no part in it." in answer.text
    made = Appeal.objects.get()
    assert (made.decision, made.first_by, made.words) == (decision, moderator, "")
    assert "Ask for another look" not in client.get(decision.get_absolute_url()).text


def test_words_may_be_added(sign_in, author, decision):
    ask(sign_in, author, decision, body="It is my *own* door.")
    assert Appeal.objects.get().words == "It is my *own* door."


def test_words_that_are_too_long_stay_in_the_form(sign_in, author, decision):
    answer = ask(sign_in, author, decision, body="x" * 2001)
    assert answer.status_code == 200
    assert "x" * 2001 in answer.text
    assert not Appeal.objects.exists()


def test_asking_twice_is_asking_once(sign_in, author, decision):
    for _ in range(2):
        answer = ask(sign_in, author, decision)
    assert answer.status_code == 302
    assert Appeal.objects.count() == 1


def test_whoever_was_decided_about_under_an_alias_asks_under_it(sign_in, author, moderator):
    author.is_here = True
    topic = make.topic()
    words = make.reply(topic, speak_as(author, topic.public_id))
    words.hide(by=moderator, reason="It names a neighbour.")
    decision = Decision.objects.about(words).get()
    answer = ask(sign_in, author, decision)
    made = Appeal.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert made.voice == words.persona
    assert sign_in(author).get(made.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("who", ["other", "moderator", "owner"])
def test_to_everybody_else_there_is_nothing_to_ask_about(sign_in, request, who, decision, appeal):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(reverse("appeal_create", args=[decision.public_id])).status_code == 404
    assert client.post(reverse("appeal_create", args=[decision.public_id])).status_code == 404
    assert client.get(appeal.get_absolute_url()).status_code == 404


def test_a_guest_is_asked_to_sign_in(client, decision, appeal):
    for url in (reverse("appeal_create", args=[decision.public_id]), appeal.get_absolute_url()):
        assert client.get(url)["Location"].startswith("/accounts/login/")


def test_it_is_possible_for_half_a_year(sign_in, author, decision):
    with time_machine.travel(timezone.now() + timedelta(days=182)):
        assert sign_in(author).get(reverse("appeal_create", args=[decision.public_id])).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=184)):
        refused = ask(sign_in, author, decision)
        assert refused.status_code == 403
        assert "Another look is possible for 6 months, and that is over" in refused.text


def test_what_does_not_hold_any_more_needs_no_other_look(sign_in, author, second, decision):
    decision.reverse(by=second, reason="It was a mistake.")
    refused = ask(sign_in, author, decision)
    assert refused.status_code == 403
    assert "nothing to look at again" in refused.text


def test_it_works_while_ones_posting_is_paused(sign_in, author, moderator):
    author.pause(by=moderator, reason="To let it come to rest.", until=timezone.now() + timedelta(days=3))
    decision = Decision.objects.get(member=author)
    assert ask(sign_in, author, decision).status_code == 302
    assert Appeal.objects.get().decision == decision


# Deciding -------------------------------------------------------------------------------------------------------------


def test_whoever_decided_first_does_not_decide_again(sign_in, moderator, appeal):
    for verb in ("uphold", "overturn"):
        refused = do(sign_in, moderator, appeal, verb)
        assert refused.status_code == 403
        assert "You decided this first" in refused.text
    appeal.refresh_from_db()
    assert not appeal.is_decided


def test_the_database_itself_refuses_whoever_decided_first(moderator, appeal):
    with pytest.raises(IntegrityError, match="appeals_are_decided_by_somebody_else"), transaction.atomic():
        appeal.uphold(by=moderator, reason=WHY)


def test_the_page_shows_what_is_needed_to_look_again(sign_in, second, moderator, author, appeal):
    text = sign_in(second).get(reverse("admin:moderation_appeal_change", args=[appeal.pk])).text
    for said in (
        "It is my own door.",
        "It names a neighbour.",
        "My neighbour has a red door.",
        moderator.username,
        author.username,
    ):
        assert said in text


def test_what_is_upheld_stays_and_whoever_asked_learns_why(sign_in, second, author, hidden, appeal):
    assert do(sign_in, second, appeal, "uphold", "It does name them.").status_code == 302
    hidden.refresh_from_db()
    assert hidden.is_hidden
    news = Notification.objects.get(kind=DECIDED)
    assert (news.recipient, news.note) == (author, "It does name them.")
    client = sign_in(author)
    assert "it stays as it was decided" in client.get("/inbox/").text
    told = client.get(reverse("inbox_item", args=[news.public_id]), follow=True)
    assert told.redirect_chain[-1][0] == appeal.get_absolute_url()
    assert "It stays as it was decided" in told.text
    assert "It does name them." in told.text
    assert second.username not in told.text
    assert Entry.objects.filter(action="moderation.appeal_upheld", by=second).count() == 1


def test_what_is_turned_around_is_back_in_its_place(sign_in, second, author, hidden, appeal, decision):
    place = hidden.position
    assert do(sign_in, second, appeal, "overturn").status_code == 302
    hidden.refresh_from_db()
    decision.refresh_from_db()
    assert (hidden.is_hidden, hidden.position) == (False, place)
    assert decision.is_reversed
    assert "My neighbour has a red door." in sign_in(author).get(hidden.topic.get_absolute_url()).text
    assert Notification.objects.filter(kind=DECIDED, recipient=author, note=WHY).count() == 1
    assert "It was turned around" in sign_in(author).get(appeal.get_absolute_url()).text
    assert Entry.objects.filter(action="moderation.appeal_overturned", by=second).count() == 1


def test_a_second_answer_changes_nothing(sign_in, second, owner, hidden, appeal):
    do(sign_in, second, appeal, "uphold")
    do(sign_in, owner, appeal, "overturn")
    appeal.overturn(by=owner, reason=WHY)
    appeal.refresh_from_db()
    hidden.refresh_from_db()
    assert (appeal.decided_by, appeal.is_reversed, hidden.is_hidden) == (second, False, True)
    assert Notification.objects.filter(kind=DECIDED).count() == 1


@pytest.mark.parametrize("reason", ["", "short", "\0" * 20])
def test_without_a_reason_nothing_is_decided(sign_in, second, appeal, reason):
    assert do(sign_in, second, appeal, "uphold", reason).status_code == 200
    appeal.refresh_from_db()
    assert not appeal.is_decided


def test_what_somebody_works_on_another_one_leaves_alone(sign_in, second, owner, appeal):
    assert appeal.claim(by=second)
    assert do(sign_in, owner, appeal, "uphold").status_code == 403
    assert do(sign_in, second, appeal, "uphold").status_code == 302


def test_a_moderator_does_not_look_again_at_what_was_decided_about_themselves(sign_in, second, moderator):
    words = make.reply(make.topic(), second)
    words.hide(by=moderator, reason="It names a neighbour.")
    appeal = Appeal.ask(Decision.objects.about(words).get())
    refused = do(sign_in, second, appeal, "overturn")
    assert refused.status_code == 403
    assert "This is about you" in refused.text


def test_nor_at_what_was_decided_about_an_alias_of_theirs(sign_in, second, moderator):
    second.is_here = True
    topic = make.topic()
    words = make.reply(topic, speak_as(second, topic.public_id))
    words.hide(by=moderator, reason="It names a neighbour.")
    appeal = Appeal.ask(Decision.objects.about(words).get())
    assert do(sign_in, second, appeal, "overturn").status_code == 403


def test_the_alias_shows_to_whoever_looks_again_and_the_member_does_not(sign_in, second, author, moderator):
    author.is_here = True
    topic = make.topic()
    words = make.reply(topic, speak_as(author, topic.public_id))
    words.hide(by=moderator, reason="It names a neighbour.")
    appeal = Appeal.ask(Decision.objects.about(words).get())
    client = sign_in(second)
    text = client.get(reverse("admin:moderation_appeal_change", args=[appeal.pk])).text
    text += client.get(reverse("admin:moderation_appeal_changelist")).text
    assert words.persona.told_name in text
    assert author.username not in text
    do(sign_in, second, appeal, "uphold")
    assert Notification.objects.get(kind=DECIDED).persona == words.persona


@pytest.mark.parametrize(("role", "reads"), [("librarian", False), ("coordinator", False), ("lead", True), ("owner", True)])
def test_words_are_for_those_who_look_after_words(sign_in, appeal, role, reads):
    client = sign_in(make.user(role=role))
    assert ("My neighbour" in client.get(reverse("admin:moderation_appeal_change", args=[appeal.pk])).text) == reads
    assert (client.get(reverse("admin:moderation_appeal_changelist")).context["cl"].result_count == 1) == reads


def test_another_librarian_looks_again_at_what_one_could_not_take(sign_in, author):
    first, second = make.user(role="librarian"), make.user(role="librarian")
    thing = make.resource(author, publish=False)
    thing.refuse(by=first, reason="It sells something.")
    appeal = Appeal.ask(Decision.objects.about(thing).get())
    assert do(sign_in, first, appeal, "uphold").status_code == 403
    assert do(sign_in, second, appeal, "overturn").status_code == 302
    appeal.refresh_from_db()
    assert appeal.is_reversed


# What came of a report ------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(member, moderator):
    report = Report.put(make.reply(body="A red door."), by=member, reason="rule")
    report.close(by=moderator, reason="There is nothing to it.")
    return report


def test_whoever_closed_a_report_does_not_look_again_and_another_one_opens_it(sign_in, member, moderator, second, closed):
    appeal = Appeal.ask(closed, words="Please look again.")
    assert appeal.first_by == moderator
    assert do(sign_in, moderator, appeal, "overturn").status_code == 403
    text = sign_in(second).get(reverse("admin:moderation_appeal_change", args=[appeal.pk])).text
    assert "There is nothing to it." in text
    assert member.username not in text
    assert do(sign_in, second, appeal, "overturn").status_code == 302
    closed.refresh_from_db()
    assert not closed.is_closed
    assert Notification.objects.get(kind=DECIDED).recipient == member
    assert "It is looked at once more" in sign_in(member).get(appeal.get_absolute_url()).text


def test_a_report_stays_closed_where_it_was_rightly_closed(sign_in, member, second, closed):
    appeal = Appeal.ask(closed)
    do(sign_in, second, appeal, "uphold")
    closed.refresh_from_db()
    assert closed.is_closed
    assert Notification.objects.get(kind=DECIDED).recipient == member


def test_a_moderator_who_reported_does_not_look_again_at_their_own_report(sign_in, moderator, second):
    report = Report.put(make.reply(), by=second, reason="rule")
    report.close(by=moderator, reason="There is nothing to it.")
    assert do(sign_in, second, Appeal.ask(report), "overturn").status_code == 403
