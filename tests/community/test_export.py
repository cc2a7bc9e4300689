"""A copy of what is one's own: everything of theirs, nothing of anybody else's, kept nowhere."""

import io
import json
import re
import time
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.audit.models import Entry
from community.contributions.models import Filter
from community.identity.seal import speak_as
from community.members import export
from community.members.models import Block
from community.moderation.models import MemberNote, Report
from community.notifications.models import Outgoing
from forums.models import Reply, Topic
from resources.models import ResourceFile
from tests import make
from tests.copies import all_in_copy, copy_of, data_of, sure

URL = "/settings/export/"
HOSTILE = "<script>alert(1)</script> \"'&</dd></style> =HYPERLINK(1) \u202e\u2028 😀\n\n## not a heading\n\n\\ end"


def here(user):
    """As somebody who is signed in."""
    user.is_here = True
    user.forget_personas()
    return user


# Who gets it ------------------------------------------------------------------------------------------------------------


def test_a_guest_is_asked_to_sign_in_first(db):
    for answer in (Client().get(URL), Client().post(URL)):
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_whoever_takes_a_copy_says_once_more_who_they_are_and_goes_on(sign_in, member):
    client = sign_in(member)
    asked = client.get(URL)
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fexport%2F"
    assert client.get("/accounts/reauthenticate/").status_code == 200
    on = client.post(asked["Location"], {"password": make.PASSWORD, "next": URL})
    assert on["Location"] == URL
    shown = client.get(URL)
    assert shown.status_code == 200 and shown["Cache-Control"] == "no-store, private"
    assert "Make my copy" in shown.text and "on a device that other people use" in shown.text
    assert client.post(URL)["Content-Type"] == "application/zip"


def test_without_that_nothing_is_made(sign_in, member):
    client = sign_in(member)
    assert client.post(URL)["Location"] == URL
    session = sure(client).session
    session["account_authentication_methods"] = [
        {**method, "at": time.time() - 3600} for method in session["account_authentication_methods"]
    ]
    session.save()
    assert client.post(URL)["Location"] == URL
    assert not Entry.objects.filter(action="members.export_made").exists()


def test_the_file_has_a_name_that_says_nothing_and_is_never_stored(sign_in, member):
    made = sure(sign_in(member)).post(URL)
    assert re.fullmatch(r'attachment; filename="copy-\d{4}-\d\d-\d\d\.zip"', made["Content-Disposition"])
    assert made["Cache-Control"] == "no-store, private"
    assert made["X-Content-Type-Options"] == "nosniff"


def test_a_paused_member_takes_a_copy_and_reads_that_they_can(sign_in, member, moderator):
    topic = make.topic(make.board(), member, body="What I said before.")
    member.pause(by=moderator, reason="Please rest.", until=timezone.now() + timedelta(days=2))
    client = sign_in(member)
    assert "take a copy of what is yours" in client.get(f"{topic.get_absolute_url()}reply/").text
    found = data_of(client)
    assert [each["body"] for each in found["topic"]] == ["What I said before."]
    assert [(each["act"], each["reason"]) for each in found["decision"]] == [("pause", "Please rest.")]


def test_it_is_written_down_once_to_the_hour_and_says_nothing_of_what_is_in_it(sign_in, member):
    board = make.board(anonymous_at=timezone.now())
    topic = make.topic(board, make.user())
    topic.reply(speak_as(here(member), topic.public_id), "Said anonymously.")
    data_of(sign_in(member))
    entry = Entry.objects.get(action="members.export_made")
    assert entry.by == member and entry.target_id == str(member.pk) and entry.words.reason == ""
    assert entry.at != timezone.now() and entry.at.microsecond


def test_somebody_who_takes_many_is_asked_to_wait_and_others_are_not(sign_in, member, other, settings):
    settings.ACCOUNT_RATE_LIMITS = django_settings.DOOR_LIMITS | {"export": "100/m/key"}
    client = sure(sign_in(member))
    assert [client.post(URL).status_code for _ in range(6)] == [200] * 5 + [429]
    assert "several copies in a short time" in client.post(URL).text
    assert Entry.objects.filter(action="members.export_made").count() == 5
    assert sure(sign_in(other)).post(URL).status_code == 200


# What is in it ----------------------------------------------------------------------------------------------------------


def test_it_has_what_one_said_anonymously_and_others_have_the_alias_alone(sign_in, author, other):
    topic = make.topic(make.board(anonymous_at=timezone.now()), other)
    alias = speak_as(here(author), topic.public_id)
    topic.reply(alias, "Nobody knows that this is me.")
    Block.put(other, alias)
    (said,) = data_of(sign_in(author))["reply"]
    assert (said["body"], said["persona_alias"]) == ("Nobody knows that this is me.", alias.alias)
    theirs = all_in_copy(sign_in(other))
    assert alias.alias in theirs
    assert author.username not in theirs and "Nobody knows" not in theirs


def test_of_a_room_of_two_it_has_ones_own_words_and_who_and_when(sign_in, member, other):
    match = make.match(member, make.mentor(other))
    for who, words in ((member, "What I told them."), (other, "What they told me.")):
        make.message(match, who, words)
    match.part(by=member, thanks="Thank you for all of it.")
    match.part(by=other, thanks="It was good with you.")
    mine, theirs = data_of(sign_in(member)), data_of(sign_in(other))
    assert [each["body"] for each in mine["message"]] == ["What I told them."]
    assert [each["body"] for each in theirs["message"]] == ["What they told me."]
    (room,) = mine["match_as_newcomer"]
    assert (room["mentor_user_username"], room["newcomer_thanks"]) == (other.username, "Thank you for all of it.")
    assert room["began_at"] and room["ended_at"]
    (room,) = theirs["match_as_mentor"]
    assert (room["newcomer_username"], room["mentor_thanks"]) == (member.username, "It was good with you.")
    assert "It was good with you." not in json.dumps(mine)


def test_what_was_reported_or_noted_about_somebody_is_not_in_it(sign_in, author, member, moderator):
    topic = make.topic(make.board(), author, body="Mine, all of it.")
    Report.put(topic, by=member, reason="rule", words="I do not like this.")
    MemberNote.objects.create(member=author, by=moderator, words="Keep an eye on them.")
    everything = all_in_copy(sign_in(author))
    assert "Mine, all of it." in everything
    for words in ("I do not like this.", "Keep an eye on them.", member.username, moderator.username):
        assert words not in everything
    (told,) = data_of(sign_in(member))["report"]
    assert (told["words"], told["target_type_model"]) == ("I do not like this.", "topic")
    assert "Mine, all of it." not in all_in_copy(sign_in(member))


def test_what_somebody_signs_in_with_is_not_in_it(sign_in, owner):
    owner.refresh_from_db()
    (secret,) = owner.authenticator_set.filter(type="totp").values_list("data__secret", flat=True)
    everything = all_in_copy(client := sign_in(owner))
    for kept in (owner.password, owner.session_stamp, secret, client.session.session_key):
        assert kept and kept not in everything


def test_what_was_taken_back_or_worded_anew_is_still_theirs(sign_in, author):
    topic = make.topic(make.board(), author)
    gone, changed = (make.reply(topic, author, body=words) for words in ("Better not.", "Said badly."))
    gone.withdraw()
    changed.edit("Said well.")
    assert {each["body"] for each in data_of(sign_in(author))["revision"]} >= {"Better not.", "Said badly."}


def test_files_are_in_it_as_they_are_kept(sign_in, member):
    member.profile.hang(b"RIFF a picture")
    thing = make.resource(member)
    ResourceFile.put(thing, name="notes.pdf", content_type="application/pdf", content=b"%PDF \x00 \xff", alt="")
    files = copy_of(sign_in(member))
    assert files["files/picture.webp"] == b"RIFF a picture"
    assert files[f"files/{thing.public_id}.pdf"] == b"%PDF \x00 \xff"
    assert json.loads(files["data/resources.json"])["resourcefile"][0]["file"] == f"files/{thing.public_id}.pdf"


def test_mail_that_waits_for_them_is_in_it_and_its_codes_are_not(sign_in, member, other):
    for to in (member, other):
        Outgoing.put(to=to.email, subject=f"For {to.username}", body="Your code: KKKK-QQQQ")
    everything = all_in_copy(sign_in(member))
    assert f"For {member.username}" in everything and f"For {other.username}" not in everything
    assert "KKKK-QQQQ" not in everything


# How it reads -----------------------------------------------------------------------------------------------------------


def test_the_data_is_exactly_what_was_written(sign_in, member):
    topic = make.topic(make.board(), member, title='<b>\u202e & "more"', body=HOSTILE, tags=["sleep", "caring"])
    Filter.objects.create(user=member, act="hide", words="'';--", query="'x'")
    found = data_of(sign_in(member))
    (kept,) = found["topic"]
    topic.refresh_from_db()
    assert (kept["title"], kept["body"], kept["public_id"]) == (topic.title, topic.body, str(topic.public_id))
    assert kept["created_at"] == topic.created_at.isoformat() and kept["tag_names"] == ["caring", "sleep"]
    assert found["filter"][0]["words"] == "'';--"


def test_words_are_words_on_the_page_and_nothing_on_it_can_run(sign_in, member):
    make.topic(make.board(), member, title="</title><img src=x onerror=alert(1)>", body=HOSTILE)
    make.resource(member, address="https://example.org/?a=1&b=%22%3E")
    page = copy_of(sign_in(member))["index.html"].decode()
    body = page.partition("</style>")[2]
    assert not re.search(r"<(?:script|img|iframe|style|link)|\son\w+=[^&]*>|javascript:", body)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body and "default-src 'none'" in page
    assert 'href="https://example.org/?a=1&amp;b=%22%3E"' in body
    assert page.count("<h1>") == 1 and "<main>" in page and '<html lang="en"' in page


def test_each_heading_is_led_to_and_what_there_is_nothing_of_has_none(sign_in, member):
    make.topic(make.board(), member)
    page = copy_of(sign_in(member))["index.html"].decode()
    assert re.findall(r'<a href="#(\w+)"', page) == re.findall(r'<h2 id="(\w+)"', page)
    assert 'id="topic"' in page and 'id="message"' not in page


# However much it is -----------------------------------------------------------------------------------------------------


def wrote(author, number):
    """So many answers, as the database has them."""
    topic = make.topic(make.board(), author)
    start = Topic.objects.get(pk=topic.pk).last_position
    words = "A quiet evening, and the kettle on. " * 8
    Reply.objects.bulk_create(
        Reply(topic=topic, author=author, body=f"{words}{each}", position=start + each) for each in range(1, number + 1)
    )


def test_ten_times_as_much_asks_the_database_no_more_often_and_takes_no_more_room(db, author):
    asked, room = [], []
    for number in (200, 2000):
        wrote(author, number)
        list(export.archive(here(author)))
        with CaptureQueriesContext(connection) as queries:
            tracemalloc.start()
            size = sum(map(len, export.archive(here(author))))
            room.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        asked.append(len(queries))
        assert size > number * 20
    assert asked[0] == asked[1]
    assert room[1] < room[0] + 1_000_000


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_moment(monkeypatch):
    monkeypatch.setattr(export, "PIECE", 1)
    author = make.user("sorrel")
    topic = make.topic(make.board(), author, body="Before.")
    pieces = export.archive(here(author))
    first = b"".join(islice(pieces, 5))
    with ThreadPoolExecutor(1) as somebody_else:
        somebody_else.submit(make.reply, topic, author, body="Meanwhile.").result()
        somebody_else.submit(connections.close_all).result()
    with zipfile.ZipFile(io.BytesIO(first + b"".join(pieces))) as archive:
        found = b"".join(map(archive.read, archive.namelist())).decode()
    assert "Before." in found and "Meanwhile." not in found
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_whoever_goes_away_in_the_middle_leaves_nothing_open(monkeypatch):
    monkeypatch.setattr(export, "PIECE", 1)
    author = make.user("sorrel")
    pieces = export.archive(here(author))
    next(pieces)
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
    pieces.close()
    assert not connection.in_atomic_block
    make.topic(make.board(), author)
