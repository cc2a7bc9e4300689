"""Words about a resource: whether it helped, for what, and a sentence; one of each member, and never a star."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from community.contributions.models import Filter, Note, Revision
from community.members.models import Block
from community.notifications.models import Notification
from community.tags import applying
from community.tags.models import Tag
from resources.models import Audience, Review
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def thing(author):
    return make.resource(author, address="https://example.org/guide")


def words_of(thing) -> str:
    return f"{thing.get_absolute_url()}words/"


def seen(client: Client, thing) -> str:
    return client.get(thing.get_absolute_url()).content.decode()


def say(client: Client, thing, **given):
    return client.post(words_of(thing), {"verdict": "helped", **given})


def test_a_member_says_that_it_helped_for_what_and_in_a_sentence(sign_in, member, thing):
    applying.resolve(["sleep"], accept=True)
    client = sign_in(member)
    form = next(form for form in forms_in(client.get(words_of(thing)).content.decode()) if "verdict" in form.fields)
    answer = client.post(words_of(thing), {**form.sent(), "verdict": "helped", "need": "sleep", "body": "I *slept*."})
    assert answer.url == f"{thing.get_absolute_url()}#words"
    page = seen(Client(), thing)
    assert "It helped me" in page
    assert "<bdi>sleep</bdi>" in page
    assert "I <em>slept</em>." in page
    assert f'id="w-{Review.objects.get().public_id}"' in page


def test_a_press_is_enough(sign_in, member, thing):
    client = sign_in(member)
    assert "?verdict=not" in seen(client, thing)
    chosen = next(
        form for form in forms_in(client.get(f"{words_of(thing)}?verdict=not").content.decode()) if "verdict" in form.fields
    )
    assert chosen.fields["verdict"].values == ["not"]
    assert say(client, thing, verdict="not").status_code == 302
    assert "It was not for me" in seen(Client(), thing)


def test_nothing_is_said_without_a_choice(sign_in, member, thing):
    page = sign_in(member).post(words_of(thing), {"body": "Hm."}).content.decode()
    assert "Choose whether it helped you." in page
    assert "Hm." in page
    assert not Review.objects.exists()


def test_a_word_is_changed_and_taken_back_and_said_anew(sign_in, member, thing):
    client = sign_in(member)
    say(client, thing, body="At first sight.")
    form = next(form for form in forms_in(client.get(words_of(thing)).content.decode()) if "verdict" in form.fields)
    assert (form.fields["body"].values, form.fields["verdict"].values) == (["At first sight."], ["helped"])
    say(client, thing, verdict="not", body="At second sight.")
    page = seen(Client(), thing)
    assert "At second sight." in page
    assert "At first sight." not in page
    assert Revision.objects.get().body == "At first sight."
    assert Review.objects.count() == 1
    assert client.post(f"{words_of(thing)}withdraw/").status_code == 302
    assert "At second sight." not in seen(client, thing)
    say(client, thing, body="A third try.")
    assert Review.objects.standing().count() == 1
    assert "A third try." in seen(client, thing)


def test_sending_twice_says_it_once(sign_in, member, thing):
    client = sign_in(member)
    for key in ("one", "one", "two"):
        say(client, thing, body="Once.", key=key)
    assert Review.objects.count() == 1
    assert not Revision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_one_word(sign_in, member, thing):
    client = sign_in(member)
    cookies = client.cookies

    def press(number):
        each = Client()
        each.cookies = cookies
        try:
            return say(each, thing, body=f"Word {number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(press, range(50))) == {302}
    assert Review.objects.count() == 1


def test_there_is_no_star_no_count_and_no_average(sign_in, thing):
    for number in range(3):
        say(sign_in(make.user()), thing, verdict=("helped", "not")[number % 2])
    page = seen(Client(), thing).lower()
    for word in ("star", "average", "rating", "%", "2 of 3", "3 members"):
        assert word not in page.partition('id="words"')[2].partition("</section>")[0]


def test_newest_first_and_page_by_page(thing):
    for number in range(12):
        Review.say(thing, make.user(), verdict="helped", body=f"Word number {number}.")
        Review.objects.filter(body=f"Word number {number}.").update(created_at=f"2026-01-{number + 1:02}T12:00:00Z")
    page = seen(Client(), thing)
    assert page.index("Word number 11.") < page.index("Word number 10.")
    assert "Word number 1." not in page
    further = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = Client().get(f"{thing.get_absolute_url()}{further}").content.decode()
    assert "Word number 1." in second
    assert "Word number 11." not in second


def test_a_proposed_need_is_shown_to_nobody_until_it_is_accepted(sign_in, member, owner, thing):
    client = sign_in(member)
    say(client, thing, need="quiet mornings")
    guest = Client()
    before = guest.get(thing.get_absolute_url())
    assert "quiet mornings" not in before.content.decode()
    assert "quiet mornings" in client.get(words_of(thing)).content.decode()
    Tag.objects.get(name="quiet mornings").accept(by=owner)
    after = guest.get(thing.get_absolute_url(), headers={"if-none-match": before["ETag"]})
    assert "quiet mornings" in after.content.decode()


def test_a_merged_need_shows_what_it_stands_for_and_a_refused_one_is_gone(member, other, owner, thing):
    applying.resolve(["sleep", "sleeping"], accept=True)
    Review.say(thing, member, verdict="helped", need="sleeping")
    Tag.objects.get(name="sleeping").merge(into=Tag.objects.get(name="sleep"), by=owner, reason="One word.")
    assert "<bdi>sleep</bdi>" in seen(Client(), thing)
    Review.say(thing, other, verdict="helped", need="nonsense")
    Tag.objects.get(name="nonsense").turn_down(by=owner, reason="No word.")
    assert Review.objects.in_voice(other).get().need is None


def test_more_than_one_need_is_refused_with_a_sentence(sign_in, member, thing):
    page = say(sign_in(member), thing, need="sleep, rest").content.decode()
    assert "One is enough here" in page


def test_a_word_may_carry_a_note_and_is_folded_behind_it(sign_in, member, thing):
    note = Note.objects.offered().first()
    say(sign_in(member), thing, body="Behind a note.", notes=[note.pk])
    page = seen(Client(), thing)
    assert f"<bdi>{note.name}</bdi>" in page
    assert page.index("<details", page.index('id="words"')) < page.index("Behind a note.")


def test_blocks_and_filters_hold_for_words(sign_in, member, other, thing):
    Review.say(thing, other, verdict="helped", body="From somebody.")
    client = sign_in(member)
    assert "From somebody." in seen(client, thing)
    Filter.keep(member, act="hide", until=None, words="somebody")
    assert "From somebody." not in seen(client, thing)
    Filter.objects.all().delete()
    Filter.keep(member, act="fold", until=None, words="somebody")
    assert "Folded, as you asked." in seen(client, thing)
    Filter.objects.all().delete()
    Block.put(other, member)
    assert "From somebody." not in seen(client, thing)
    assert "From somebody." in seen(Client(), thing)


def test_words_stand_where_the_resource_is_open(sign_in, member, other):
    inner = make.resource(audience=Audience.MEMBERS)
    Review.say(inner, other, verdict="helped", body="Inside.")
    assert Client().get(inner.get_absolute_url()).status_code == 404
    assert "Inside." in seen(sign_in(member), inner)
    waiting = make.resource(other, publish=False)
    assert say(sign_in(member), waiting).status_code == 404


def test_whoever_brought_it_and_guests_are_asked_for_nothing(sign_in, author, thing):
    assert "?verdict=" not in seen(sign_in(author), thing)
    assert say(sign_in(author), thing).status_code == 403
    assert "Sign in to say whether it helped you" in seen(Client(), thing)
    assert "csrfmiddlewaretoken" not in seen(Client(), thing)
    assert Client().get(words_of(thing)).status_code == 302


def test_a_hidden_word_is_gone_and_its_writer_told(sign_in, member, moderator, thing):
    said = Review.say(thing, member, verdict="helped", body="Not so kind.")
    guest = Client()
    etag = guest.get(thing.get_absolute_url())["ETag"]
    said.hide(by=moderator, reason="It went too far.")
    again = guest.get(thing.get_absolute_url(), headers={"if-none-match": etag})
    assert again.status_code == 200
    assert "Not so kind." not in again.content.decode()
    client = sign_in(member)
    assert "A volunteer hid what you said here." in seen(client, thing)
    assert say(client, thing).status_code == 403
    assert Notification.objects.get(recipient=member).kind == "decisions.decision_made"
    assert "Not so kind." in client.get("/wrote/").content.decode()
    said.restore(by=moderator, reason="A misunderstanding.")
    assert "Not so kind." in seen(guest, thing)


def test_moderators_hide_it_behind_the_scenes(sign_in, member, moderator, thing):
    said = Review.say(thing, member, verdict="helped", body="Not so kind.")
    client = sign_in(moderator)
    assert "Not so kind." in client.get(f"/admin/resources/review/{said.pk}/change/").content.decode()
    assert str(said.pk) in client.get("/admin/resources/review/?q=kind").content.decode()
    client.post(reverse("admin:resources_review_verb", args=[said.pk, "hide"]), {"reason": "It went too far."})
    said.refresh_from_db()
    assert said.is_hidden


def test_what_i_wrote_lists_it_and_lets_it_be_taken_back_where_the_thing_is_gone(sign_in, member, thing, owner):
    said = Review.say(thing, member, verdict="helped", body="Mine.")
    client = sign_in(member)
    assert "It helped me: " in client.get("/wrote/").content.decode()
    thing.hide(by=owner, reason="Just so.")
    page = client.get("/wrote/").content.decode()
    assert "Your word about something in the library" in page
    assert thing.title not in page
    assert client.post(f"/wrote/{said.public_id}/withdraw/").status_code == 302
    said.refresh_from_db()
    assert said.is_withdrawn


def test_a_duplicate_leads_to_the_words(sign_in, member, thing):
    page = sign_in(member).post("/resources/new/", {"look": "example.org/guide"}).content.decode()
    assert f"{thing.get_absolute_url()}#words" in page
    assert 'id="words"' in seen(sign_in(member), thing)
