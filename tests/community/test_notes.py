"""Content notes: offered in every form of words, kept with them everywhere, changed like any other words, and a list for owners."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from community.audit.models import Entry
from community.contributions.models import Draft, Note, Quote, Revision
from community.contributions.tasks import renew_note
from forums.models import Mode, Reply, Topic
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db

WORDS = "Words it took me a week to write."


def notes(*names):
    return list(Note.objects.filter(name__in=names))


def keys(*names):
    return [str(note.pk) for note in notes(*names)]


def written_form(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form with words in it, as it stands."""
    return next(form for form in forms_in(page) if "body" in form.fields and "member" in form.fields).sent()


@pytest.fixture
def topic(author):
    return make.topic(author=author)


@pytest.fixture
def places(topic, member):
    """Where one writes: the address, and what the form takes beside the words."""
    own, reply = make.topic(topic.board, member), make.reply(topic, member)
    fields = {"title": "How it goes", "mode": Mode.ADVICE.value}
    return {
        "topic": (reverse("topic_create", args=[topic.board.slug]), fields),
        "topic edit": (f"{own.get_absolute_url()}edit/", fields),
        "reply": (f"{topic.get_absolute_url()}reply/", {}),
        "reply edit": (f"{reply.get_absolute_url()}edit/", {}),
    }


PLACES = pytest.mark.parametrize("place", ["topic", "topic edit", "reply", "reply edit"])


# Written --------------------------------------------------------------------------------------------------------------


@PLACES
def test_a_note_is_offered_closed_and_never_demanded(sign_in, member, places, place):
    address, fields = places[place]
    client = sign_in(member)
    page = client.get(address).content.decode()
    fold = re.search(r"<details class=\"fold\">\s*<summary><b>Add a content note</b>.*?</details>", page, re.DOTALL)
    assert fold
    assert "People see the note and decide whether to read." in fold[0]
    assert all(note.name in fold[0] for note in Note.objects.offered())
    assert client.post(address, {**written_form(page), **fields, "body": WORDS}).status_code == 302


@PLACES
def test_what_was_chosen_stands_as_the_note_in_the_order_of_the_list(sign_in, member, places, place):
    address, fields = places[place]
    chosen = {"notes": keys("Illness in detail", "A death")[::-1], "note_words": " a  hospital. "}
    assert sign_in(member).post(address, {**fields, "body": WORDS, **chosen}).status_code == 302
    made = (Topic if "topic" in place else Reply).objects.get(body=WORDS)
    assert made.note == "A death, Illness in detail, a hospital"
    assert made.notes == [note.pk for note in notes("A death", "Illness in detail")]


@PLACES
@pytest.mark.parametrize("way", ["draft", "preview", "error", "session"])
def test_all_notes_come_back_with_the_words(sign_in, member, places, place, way):
    address, fields = places[place]
    client = sign_in(member)
    chosen = {"notes": keys("A death", "Abuse", "Violence"), "note_words": "a ward"}
    sent = {**written_form(client.get(address).content.decode()), **fields, "body": WORDS, **chosen}
    match way:
        case "draft":
            client.post("/write/draft/", sent, headers={"hx-request": "true"})
            page = client.get(address).content.decode()
        case "preview":
            page = client.post(address, {**sent, "preview": "yes"}).content.decode()
            assert "Content note: A death, a ward" not in page
            assert "Content note: Abuse, Violence, A death, a ward" in page
        case "error":
            page = client.post(address, {**sent, "note_words": "x" * 61}).content.decode()
            assert "This is 61 characters; there is room for 60." in page
            chosen["note_words"] = "x" * 61
        case "session":
            client.cookies.pop("session")
            offer = client.post(address, sent, headers={"sec-fetch-site": "same-origin"}).content.decode()
            client.post("/kept/", {"payload": unescape(re.search(r'name="payload" value="([^"]*)"', offer)[1])})
            signed_in = client.post("/accounts/login/?next=/kept/", {"login": member.email, "password": make.PASSWORD})
            assert signed_in.url == "/kept/"
            back = next(form for form in forms_in(client.get("/kept/").content.decode()) if "body" in form.fields)
            assert client.post(back.action, {name: field.values for name, field in back.fields.items()}).status_code == 302
            made = (Topic if "topic" in place else Reply).objects.get(body=WORDS)
            assert made.note == "Abuse, Violence, A death, a ward"
            return
    assert '<details class="fold" open>' in page
    again = written_form(page)
    assert sorted(again["notes"]) == sorted(chosen["notes"])
    assert again["note_words"] == [chosen["note_words"]]
    assert again["body"] == [WORDS]


def test_one_note_alone_is_kept_too_and_one_taken_away_stays_away(sign_in, member, topic):
    reply = make.reply(topic, member, notes=notes("A death", "Abuse"), note_words="a ward")
    address, client = f"{reply.get_absolute_url()}edit/", sign_in(member)
    sent = written_form(client.get(address).content.decode())
    assert len(sent["notes"]) == 2
    client.post("/write/draft/", {**sent, "notes": sent["notes"][:1], "note_words": ""}, headers={"hx-request": "true"})
    sent = written_form(client.get(address).content.decode())
    assert sent["notes"] == keys("Abuse")
    assert sent["note_words"] == [""]
    del sent["notes"]
    client.post("/write/draft/", sent, headers={"hx-request": "true"})
    assert "notes" not in written_form(client.get(address).content.decode())
    client.post(address, sent)
    reply.refresh_from_db()
    assert (reply.notes, reply.note_words, reply.note) == ([], "", "")


def test_a_broken_house_gives_the_words_of_a_note_back(client, sign_in, member, topic, monkeypatch):
    client = sign_in(member)
    client.raise_request_exception = False
    monkeypatch.setattr("forums.views.replies.find_topic", lambda *_: 1 / 0)
    page = client.post(f"{topic.get_absolute_url()}reply/", {"body": WORDS, "note_words": "ward"})
    assert page.status_code == 500
    assert "ward</textarea>" in page.content.decode()


def test_the_preview_for_scripts_shows_the_note(sign_in, member):
    page = (
        sign_in(member).post("/write/preview/", {"body": "*Hello*", "notes": keys("A death"), "note_words": "<b>"}).content.decode()
    )
    assert "Content note: A death, &lt;b&gt;</span>" in page
    assert "<em>Hello</em>" in page


@pytest.mark.parametrize("odd", [["0"], ["-1"], ["x"], ["9" * 40], ["\x00"], ["1", "1"], ["²"], ["1"] * 60, ["", ""]])
def test_odd_notes_break_nothing(sign_in, member, places, odd):
    client = sign_in(member)
    for address, fields in places.values():
        sent = {**written_form(client.get(address).content.decode()), **fields, "body": WORDS, "notes": odd}
        assert client.post(address, {**sent, "preview": "yes"}).status_code == 200
        assert client.post("/write/draft/", sent).status_code == 302
        assert client.get(address).status_code == 200
        assert client.post("/write/preview/", sent).status_code == 200
        assert client.post(address, sent).status_code in {200, 302}
        assert client.post("/kept/", {"payload": json.dumps({"path": address, "fields": sent})}).status_code == 302
        assert client.get("/kept/").status_code == 200


@pytest.mark.parametrize(
    "fields", [{"body": [1]}, {"body": [["x"]]}, {"body": {"x": "y"}}, {"member": ["a", "b"], "body": "x"}, ["x"]]
)
def test_made_up_kept_lists_lead_nowhere(topic, fields):
    client = Client()
    path = f"{topic.get_absolute_url()}reply/"
    assert client.post("/kept/", {"payload": json.dumps({"path": path, "fields": fields})}).status_code in {302, 404}
    assert client.get("/kept/").status_code in {200, 302}


def test_a_note_that_was_retired_is_offered_to_nobody_but_who_has_it(sign_in, member, owner, places, topic):
    note = notes("Abuse")[0]
    reply = make.reply(topic, member, notes=[note])
    note.retire(by=owner, reason="It is said in another way now.")
    client = sign_in(member)
    refused = client.post(places["reply"][0], {"body": WORDS, "notes": [str(note.pk), *keys("A death")]})
    assert "One of these is not offered any more." in refused.content.decode()
    assert ">Abuse<" not in client.get(places["reply"][0]).content.decode()
    edit = f"{reply.get_absolute_url()}edit/"
    sent = written_form(client.get(edit).content.decode())
    assert sent["notes"] == [str(note.pk)]
    client.post(edit, {**sent, "body": "Other words."})
    reply.refresh_from_db()
    assert reply.note == "Abuse"


def test_changing_a_note_is_a_change_like_any_other(member, topic):
    reply = make.reply(topic, member, body=WORDS, notes=notes("A death"))
    before = Topic.objects.get(pk=topic.pk).version
    reply.edit(WORDS, notes=notes("A death"))
    assert reply.edited_at is None
    reply.edit(WORDS, notes=[], note_words="a ward")
    assert reply.edited_at
    assert reply.note == "a ward"
    assert Revision.objects.get().note == "A death"
    assert Topic.objects.get(pk=topic.pk).version > before
    reply.edit("Without a word about it.")
    assert reply.note == "a ward"


# By moderators, and the list ------------------------------------------------------------------------------------------


def verb(words, name):
    return reverse(f"admin:{words._meta.label_lower.replace('.', '_')}_verb", args=[words.pk, name])


@pytest.mark.parametrize("kind", ["topic", "reply"])
def test_a_moderator_adds_a_note_and_whoever_wrote_is_told(sign_in, moderator, author, member, topic, kind):
    words = topic if kind == "topic" else make.reply(topic, author)
    words.edit("A robin.", notes=notes("A death"), note_words="small things")
    quoting = topic.reply(member, "As you say.", quoting=[Quote(words, "")])
    client, address = sign_in(moderator), verb(words, "add_note")
    assert "Add a content note" in client.get(address).content.decode()
    reason = "It is a heavy text for some."
    assert "Choose a note, or write one" in client.post(address, {"reason": reason}).content.decode()
    assert client.post(address, {"notes": keys("Abuse"), "reason": "short"}).status_code == 200
    assert client.post(address, {"notes": keys("Abuse"), "reason": reason}).status_code == 302
    words.refresh_from_db()
    quoting.refresh_from_db()
    assert words.note == "Abuse, A death, small things"
    assert "Content note: Abuse, A death, small things." in quoting.body_html
    assert Entry.objects.filter(action=f"forums.{kind}_noted").count() == 1
    inbox = sign_in(author).get("/inbox/").content.decode()
    assert "A volunteer added a content note" in inbox
    assert reason in inbox
    client.post(address, {"notes": keys("Abuse"), "reason": reason})
    assert Entry.objects.filter(action=f"forums.{kind}_noted").count() == 1


def test_there_is_no_noting_what_was_taken_back(sign_in, moderator, author):
    reply = make.reply(author=author)
    reply.withdraw()
    sign_in(moderator).post(verb(reply, "add_note"), {"notes": keys("Abuse"), "reason": "It is a heavy text."})
    reply.refresh_from_db()
    assert reply.note == ""


def test_lists_behind_the_scenes_show_the_note_and_not_the_words(sign_in, moderator, topic, author):
    make.reply(topic, author, body=WORDS, notes=notes("A death"))
    topic.edit(WORDS, notes=notes("Abuse"))
    client = sign_in(moderator)
    for kind, note in (("topic", "Abuse"), ("reply", "A death")):
        page = client.get(reverse(f"admin:forums_{kind}_changelist")).content.decode()
        assert note in page
        assert WORDS not in page


def test_a_page_behind_the_scenes_folds_the_words_and_what_stood_before(sign_in, moderator, topic, author):
    reply = make.reply(topic, author, body="Before that.", notes=notes("A death"))
    reply.edit("*After* that. <b>")
    page = sign_in(moderator).get(reverse("admin:forums_reply_change", args=[reply.pk])).content.decode()
    inside = "".join(
        re.findall(r"<details><summary>Content note: A death. <b>Read it</b></summary>(.*?)</details>", page, re.DOTALL)
    )
    assert "*After* that. &lt;b&gt;" in inside
    assert "Before that." in inside
    assert page.count("Before that.") == page.count("After* that.") == 1


def test_owners_keep_the_list_and_moderators_do_not(sign_in, owner, moderator, member, places):
    note, client = notes("Abuse")[0], sign_in(owner)
    assert sign_in(moderator).get("/admin/contributions/note/").status_code == 403
    reason = {"reason": "It is said in another way now."}
    assert client.post(verb(note, "retire"), reason).status_code == 302
    assert "off the list" in client.get("/admin/contributions/note/").content.decode()
    assert not Note.objects.offered().filter(name="Abuse")
    assert client.post(verb(note, "offer"), reason).status_code == 302
    assert Note.objects.offered().filter(name="Abuse")
    assert set(Entry.objects.values_list("action", flat=True)) == {"contributions.note_retired", "contributions.note_offered"}
    assert client.post("/admin/contributions/note/add/", {"name": "Loud noises", "position": 50}).status_code == 302
    assert "Loud noises" in sign_in(member).get(places["reply"][0]).content.decode()


def test_a_new_name_stands_above_everything_that_carries_the_note(
    sign_in, owner, author, member, topic, django_capture_on_commit_callbacks
):
    note = notes("Abuse")[0]
    reply = make.reply(topic, author, notes=[note], note_words="a ward")
    quoting = topic.reply(member, "As you say.", quoting=[Quote(reply, "")])
    topic.edit("A robin.", notes=[note, *notes("A death")])
    changed = {"name": "Being treated badly", "position": note.position}
    assert sign_in(owner).post(f"/admin/contributions/note/{note.pk}/change/", changed).status_code == 302
    renew_note(note.pk)
    renew_note(note.pk)
    for words in (topic, reply, quoting):
        words.refresh_from_db()
    assert topic.note == "Being treated badly, A death"
    assert reply.note == "Being treated badly, a ward"
    assert "Content note: Being treated badly, a ward." in quoting.body_html
    assert reply.edited_at is None


def test_a_draft_keeps_lists_only_where_there_are_several(sign_in, member, topic):
    client, address = sign_in(member), f"{topic.get_absolute_url()}reply/"
    sent = written_form(client.get(address).content.decode())
    client.post("/write/draft/", {**sent, "body": WORDS, "notes": keys("Abuse", "A death")})
    assert Draft.objects.get().fields == {"body": WORDS, "notes": keys("Abuse", "A death")}
    client.post("/write/draft/", {**sent, "body": [WORDS, "Other words."]})
    assert written_form(client.get(address).content.decode())["body"] == ["Other words."]
