"""Being told: who hears of what, in the inbox and by mail."""

import json
import uuid
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.template import Context, Template
from django.utils import timezone

from community.identity.seal import speak_as
from community.notifications import kinds, tasks
from community.notifications.models import Notification, Outgoing, Preference, notify
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.SITE_URL = "https://hearth.example"


@pytest.fixture
def topic(author):
    return make.topic(author=author, title="Telling my sister")


@pytest.fixture
def reply(topic, other):
    return make.reply(topic, other)


def news_of(user) -> list[Notification]:
    return list(Notification.objects.for_member(user).newest_first())


def jobs(task: str = "mail_notification") -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [f"community.notifications.tasks.{task}"]
        )
        return [json.loads(args) for (args,) in cursor.fetchall()]


def work() -> None:
    """Do what the worker would do now with the news that was written."""
    for job in jobs():
        tasks.mail_notification(**job)
    tasks.send_due(0)


def letters(settings) -> list:
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in settings.MAIL_FOLDER.glob("*.eml")]


# notify() -----------------------------------------------------------------------------


def test_telling_one_person_costs_one_statement(topic, author, other, django_assert_num_queries):
    notify([author], "forums.reply", by=other, target=topic)
    Notification.objects.all().delete()
    with django_assert_num_queries(1):
        notify([author], "forums.reply", by=other, target=topic)


def test_telling_fifty_people_costs_no_more(topic, other, django_assert_num_queries):
    people = [make.user() for _ in range(50)]
    with django_assert_num_queries(1):
        notify(people, "contributions.mentioned", by=other, target=topic)
    assert Notification.objects.filter(kind="contributions.mentioned").count() == 50
    assert len(jobs()) == 50


def test_telling_somebody_who_has_not_read_the_last_news_costs_one(topic, reply, author, other, django_assert_num_queries):
    with django_assert_num_queries(1):
        notify([author], "forums.reply", by=other, target=reply)
    assert len(news_of(author)) == 1


def test_nobody_is_told_what_they_did_themselves(topic, author):
    make.reply(topic, author)
    assert news_of(author) == []
    assert jobs() == []


def test_somebody_named_twice_is_told_once(topic, author, other):
    notify([author, author], "forums.reply", by=other, target=topic)
    assert len(news_of(author)) == 1


def test_kind_without_a_template_fails_at_the_call(topic, author):
    with pytest.raises(LookupError, match="every kind of news needs its sentence"):
        notify([author], "forums.nothing", target=topic)


def test_second_reply_makes_no_second_news_until_the_first_is_read(topic, author, other):
    make.reply(topic, other)
    make.reply(topic, other)
    assert len(news_of(author)) == 1
    Notification.objects.read_in_thread(author, topic.public_id)
    make.reply(topic, other)
    assert len(news_of(author)) == 2


def test_news_about_something_hidden_makes_room_for_the_next(topic, reply, author, other, moderator):
    work()
    reply.hide(by=moderator, reason="It names a clinic.")
    following = make.reply(topic, other)
    work()
    [news] = [each for each in news_of(author) if each.kind == "forums.reply"]
    assert news.target == following


def test_news_that_can_be_seen_stays_about_the_first_thing_unread(topic, reply, author, other):
    make.reply(topic, other)
    work()
    [news] = news_of(author)
    assert news.target == reply


def test_undone_reply_leaves_no_news_and_no_job(topic, author, other):
    with suppress(ZeroDivisionError), transaction.atomic():
        make.reply(topic, other)
        raise ZeroDivisionError
    assert news_of(author) == []
    assert jobs() == []


def test_news_is_dated_in_steps_and_its_job_holds_nothing_but_its_random_id(reply, author):
    [news] = news_of(author)
    assert (news.created_at.minute % 5, news.created_at.second, news.created_at.microsecond) == (0, 0, 0)
    assert jobs() == [{"public_id": str(news.public_id)}]


def test_member_who_wants_none_of_a_kind_gets_none(topic, author, other):
    Preference.choose(author, {"forums.reply": (False, True)})
    make.reply(topic, other)
    assert news_of(author) == []
    assert jobs() == []


def test_web_role_may_tell(as_web_role, topic, author, other):
    make.reply(topic, other)
    work()
    assert len(news_of(author)) == 1


# The inbox ----------------------------------------------------------------------------


def test_guest_goes_to_sign_in_before_any_look_up(client):
    for address in ("/inbox/", f"/inbox/{uuid.uuid4()}/", "/inbox/settings/", "/inbox/read/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_empty_inbox_says_so(sign_in, member):
    page = sign_in(member).get("/inbox/")
    assert "The lamp is on if you want to sit down" in page.text
    assert page["Cache-Control"] == "no-store, private" or "no-store" in page["Cache-Control"]
    assert "<title>Inbox ·" in page.text


def test_news_stands_in_the_inbox_in_bold_and_with_a_word(sign_in, author, reply):
    page = sign_in(author).get("/inbox/").text
    assert "There is an answer in “<bdi>Telling my sister</bdi>”." in page
    assert "row-title unread" in page
    assert "New ·" in page


def test_title_in_the_inbox_is_text(sign_in, author, other):
    topic = make.topic(author=author, title="<b>bold</b> & so on", body=f"@{other.username}, look.")
    make.reply(topic, other, body=f"Thank you, @{author.username}.")
    for reader in (author, other):
        page = sign_in(reader).get("/inbox/").text
        assert "mentioned you in “<bdi>&lt;b&gt;bold&lt;/b&gt; &amp; so on</bdi>”" in page
        assert "<b>bold" not in page
        assert "&amp;lt;" not in page


def test_opening_news_marks_it_read_and_leads_there(sign_in, author, reply):
    client = sign_in(author)
    [news] = news_of(author)
    response = client.get(f"/inbox/{news.public_id}/")
    assert response["Location"] == reply.get_absolute_url()
    assert "no-store" in response["Cache-Control"]
    news.refresh_from_db()
    assert news.is_read
    assert "unread" not in client.get("/inbox/").text


def test_browser_that_looks_ahead_has_read_nothing(sign_in, author, reply):
    [news] = news_of(author)
    sign_in(author).get(f"/inbox/{news.public_id}/", headers={"Sec-Purpose": "prefetch"})
    news.refresh_from_db()
    assert not news.is_read


def test_news_of_others_and_news_there_never_was_answer_alike(sign_in, member, author, reply):
    [news] = news_of(author)
    client = sign_in(member)
    theirs = client.get(f"/inbox/{news.public_id}/")
    nothing = client.get(f"/inbox/{uuid.uuid4()}/")
    assert theirs.status_code == nothing.status_code == 404
    news.refresh_from_db()
    assert not news.is_read


def test_everything_is_marked_read_by_a_button(sign_in, author, other, reply):
    make.reply(make.topic(author=author), other)
    client = sign_in(author)
    assert client.get("/inbox/read/").status_code == 405
    assert client.post("/inbox/read/")["Location"] == "/inbox/"
    assert not Notification.objects.for_member(author).unread().exists()


def test_news_about_something_hidden_or_taken_back_is_left_out(sign_in, author, other, moderator, topic, reply):
    other_topic = make.topic(author=author)
    taken_back = make.reply(other_topic, other)
    client = sign_in(author)
    addresses = [f"/inbox/{news.public_id}/" for news in news_of(author)]
    reply.hide(by=moderator, reason="It names a clinic.")
    taken_back.withdraw()
    page = client.get("/inbox/").text
    assert "Telling my sister" not in page
    assert all(client.get(address).status_code == 404 for address in addresses)


def test_who_is_no_longer_in_the_group_is_shown_nothing_of_it(sign_in, author, other):
    group = Group.objects.create(name="Night watch")
    author.groups.add(group)
    other.groups.add(group)
    make.reply(
        make.topic(make.board(audience="group", audience_group=group), author, title="Secret plans", audience="group"), other
    )
    client = sign_in(author)
    assert "Secret plans" in client.get("/inbox/").text
    author.groups.clear()
    assert "Secret plans" not in client.get("/inbox/").text
    assert "Secret plans" not in client.get("/").text


def test_author_of_hidden_words_hears_why_and_is_led_to_them(sign_in, author, topic, moderator):
    topic.hide(by=moderator, reason="It names a clinic.")
    client = sign_in(author)
    page = client.get("/inbox/").text
    assert "It names a clinic." in page
    [news] = news_of(author)
    statement = client.get(f"/inbox/{news.public_id}/", follow=True)
    assert "It names a clinic." in statement.text
    assert topic.body in statement.text
    assert moderator.username not in page + statement.text


def test_inbox_costs_the_same_at_two_sizes(sign_in, author, other, django_assert_max_num_queries):
    client = sign_in(author)
    costs = []
    for size in (2, 12):
        for _ in range(size):
            make.reply(make.topic(author=author), other)
            make.topic(author=other, body=f"Thank you @{author.username}")
        client.get("/inbox/")
        with django_assert_max_num_queries(9) as counted:
            assert client.get("/inbox/").status_code == 200
        costs.append(len(counted))
    assert costs[0] == costs[1]


def test_older_news_is_on_further_pages(sign_in, author, other):
    for _ in range(25):
        make.reply(make.topic(author=author), other)
    client = sign_in(author)
    first = client.get("/inbox/")
    assert first.text.count('class="row-title') == 20
    second = client.get("/inbox/" + first.context["pages"].next_url)
    assert second.text.count('class="row-title') == 5
    assert client.get("/inbox/?from=nonsense").status_code == 404


def test_reading_a_conversation_is_reading_its_news(author, other, topic, reply, django_assert_num_queries):
    make.reply(make.topic(author=author), other)
    with django_assert_num_queries(1):
        Notification.objects.read_in_thread(author, topic.public_id)
    assert [news.is_read for news in news_of(author) if news.thread == topic.public_id] == [True]
    assert Notification.objects.for_member(author).unread().count() == 1


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_wrong_methods_are_refused(sign_in, member, method):
    assert getattr(sign_in(member), method)("/inbox/").status_code == 405


# What waits, on the home page ------------------------------------------------------------


def drawn(user, rf):
    request = rf.get("/")
    request.user = type(user).objects.get(pk=user.pk)
    request.user.is_here = True
    template = Template("{% load notifications %}{% waiting_news as w %}{% for i in w %}{{ i.url }}|{% endfor %}")
    return template.render(Context({"request": request, "user": request.user}))


def test_only_news_that_can_be_seen_waits(rf, author, reply, moderator, django_assert_num_queries):
    [news] = news_of(author)
    assert drawn(author, rf) == f"/inbox/{news.public_id}/|"
    reply.hide(by=moderator, reason="It names a clinic.")
    assert drawn(author, rf) == ""


def test_asking_what_waits_costs_two_statements_when_nothing_does(rf, member, django_assert_num_queries):
    with django_assert_num_queries(3):  # one of them is the test's own
        drawn(member, rf)


def test_five_things_at_most_wait_on_the_home_page(rf, author, other, django_assert_max_num_queries):
    for _ in range(7):
        make.reply(make.topic(author=author), other)
    with django_assert_max_num_queries(5):
        assert drawn(author, rf).count("|") == 5


# Choosing -----------------------------------------------------------------------------


def test_every_kind_can_be_chosen_in_words(sign_in, member):
    page = sign_in(member).get("/inbox/settings/").text
    for kind in kinds.offered():
        assert kinds.describe(kind).strip() in page
        assert f'name="{kind}-inbox"' in page
        assert f'name="{kind}-mail"' in page


def test_choice_is_kept_and_only_what_differs(sign_in, member):
    client = sign_in(member)
    chosen = {f"{kind}-{way}": "on" for kind in kinds.offered() for way in ("inbox", "mail")}
    del chosen["forums.reply-mail"]
    assert client.post("/inbox/settings/", chosen)["Location"] == "/inbox/settings/"
    [kept] = Preference.objects.filter(user=member)
    assert (kept.kind, kept.inbox, kept.mail) == ("forums.reply", True, False)
    page = client.get("/inbox/settings/").context["form"]
    assert page["forums.reply-mail"].value() is False
    client.post("/inbox/settings/", chosen | {"forums.reply-mail": "on"})
    assert not Preference.objects.filter(user=member).exists()


def test_everything_can_be_switched_off(sign_in, member):
    sign_in(member).post("/inbox/settings/", {"csrfmiddlewaretoken": "x", "forums.reply-mail": "on", "no.such-kind": "\x00"})
    kept = Preference.objects.filter(user=member)
    assert {(each.kind, each.inbox, each.mail) for each in kept} == {(kind, False, False) for kind in kinds.offered()}


# By mail ------------------------------------------------------------------------------


def test_mail_says_that_something_is_new_and_nothing_else(settings, author, other, reply, topic):
    work()
    [letter] = letters(settings)
    assert letter["To"] == author.email
    assert letter["Subject"] == "Something new is waiting for you"
    words = str(letter)
    for secret in (
        other.username,
        author.username,
        topic.title,
        reply.body,
        topic.public_id.hex,
        str(topic.public_id),
        topic.board.name,
    ):
        assert secret not in words.replace(author.email, "")
    assert "https://hearth.example/inbox/\n" in letter.get_content()
    assert "https://hearth.example/inbox/settings/" in letter.get_content()
    assert "https://hearth.example/help/" in letter.get_content()
    moment = parsedate_to_datetime(letter["Date"])
    assert (moment.minute % 5, moment.second) == (0, 0)


def test_row_of_a_mail_about_news_never_holds_an_address(author, reply):
    for job in jobs():
        tasks.mail_notification(**job)
    row = Outgoing.objects.get()
    assert (row.to, row.subject, row.body) == ("", "", "")
    assert (row.created_at.minute % 5, row.created_at.second, row.created_at.microsecond) == (0, 0, 0)
    tasks.send_due(0)
    row.refresh_from_db()
    assert row.notification is None
    assert row.sent_at


def test_no_mail_for_news_that_was_read_meanwhile(settings, author, reply, topic):
    Notification.objects.read_in_thread(author, topic.public_id)
    work()
    assert letters(settings) == []


def test_no_mail_where_none_is_wanted(settings, author, topic, other):
    Preference.choose(author, {"forums.reply": (True, False)})
    make.reply(topic, other)
    work()
    assert letters(settings) == []
    assert len(news_of(author)) == 1


def changes():
    def hidden(author, topic, reply):
        reply.hide(by=make.user(is_staff=True), reason="It names a clinic.")
        Notification.objects.exclude(kind="forums.reply").delete()

    def taken_back(author, topic, reply):
        reply.withdraw()

    def read(author, topic, reply):
        Notification.objects.read_in_thread(author, topic.public_id)

    def board_closed_to_them(author, topic, reply):
        topic.board.audience, topic.board.audience_group = "group", Group.objects.create(name="Others")
        topic.board.save()

    def left(author, topic, reply):
        author.is_active = False
        author.save()

    def switched_off(author, topic, reply):
        Preference.choose(author, {"forums.reply": (True, False)})

    return [hidden, taken_back, read, board_closed_to_them, left, switched_off]


@pytest.mark.parametrize("change", changes(), ids=lambda change: change.__name__)
@pytest.mark.parametrize("when", ["before it was written", "while it waited to be sent"])
def test_mail_that_should_not_go_any_more_does_not_go(change, when, settings, author, topic, reply):
    if when == "while it waited to be sent":
        for job in jobs():
            tasks.mail_notification(**job)
        assert Outgoing.objects.waiting().count() == 1
    change(author, topic, reply)
    work()
    assert letters(settings) == []
    assert not Outgoing.objects.exists()


def test_task_that_runs_twice_mails_once(settings, author, reply):
    work()
    work()
    assert len(letters(settings)) == 1


def test_one_mail_for_one_conversation_in_ten_minutes(settings, author, other, topic, reply):
    work()
    Notification.objects.read_in_thread(author, topic.public_id)
    make.reply(topic, other)
    work()
    assert len(letters(settings)) == 1
    start = timezone.now()
    with time_machine.travel(start + timedelta(minutes=9)):
        work()
        assert len(letters(settings)) == 1
    with time_machine.travel(start + timedelta(minutes=16)):
        work()
        assert len(letters(settings)) == 2


def test_news_that_came_to_be_about_something_newer_is_mailed_again(settings, author, other, topic, reply, moderator):
    work()
    reply.hide(by=moderator, reason="It names a clinic.")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        make.reply(topic, other)
        work()
        work()
    assert [letter["To"] for letter in letters(settings)].count(author.email) == 2


def test_two_kinds_of_news_in_one_conversation_make_one_mail(settings, author, other, topic):
    make.reply(topic, other, body=f"@{author.username} I am here.")
    assert len(news_of(author)) == 2
    work()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        work()
    assert len(letters(settings)) == 1


def test_news_of_two_conversations_makes_two_mails(settings, author, other, reply):
    make.reply(make.topic(author=author), other)
    work()
    assert len(letters(settings)) == 2


# Under another name ----------------------------------------------------------------------


@pytest.fixture
def veiled(author, topic):
    """The author speaks through an alias in the conversation, and somebody takes up what the alias said."""
    persona = speak_as(author, topic.public_id)
    notify([persona], "forums.reply", by=None, target=make.reply(topic, make.user()))
    return persona


def test_news_for_an_alias_names_no_member(veiled, author):
    [news] = Notification.objects.filter(persona=veiled)
    assert news.recipient is None
    assert jobs()[-1] == {"public_id": str(news.public_id)}


def test_member_finds_the_news_of_their_alias_in_their_inbox(veiled, sign_in, author, member):
    [news] = Notification.objects.filter(persona=veiled)
    assert str(news.public_id) in sign_in(author).get("/inbox/").text
    client = sign_in(member)
    assert str(news.public_id) not in client.get("/inbox/").text
    assert client.get(f"/inbox/{news.public_id}/").status_code == 404


def test_worker_opens_the_seal_and_mails_the_person(veiled, settings, author):
    Notification.objects.filter(persona=None).delete()
    work()
    assert [letter["To"] for letter in letters(settings)] == [author.email]
    assert not Outgoing.objects.exclude(to="").exists()


def test_news_of_an_alias_makes_room_for_the_next_too(veiled, topic, other, moderator):
    [news] = Notification.objects.filter(persona=veiled)
    news.target.hide(by=moderator, reason="It names a clinic.")
    following = make.reply(topic, other)
    notify([veiled], "forums.reply", by=other, target=following)
    work()
    assert Notification.objects.get(persona=veiled).target == following


def test_wishes_hold_for_the_news_of_an_alias(veiled, settings, sign_in, author):
    Notification.objects.filter(persona=None).delete()
    Preference.choose(author, {"forums.reply": (False, False)})
    work()
    assert letters(settings) == []
    assert "There is an answer" not in sign_in(author).get("/inbox/").text


def test_process_without_the_key_keeps_the_mail_waiting(veiled, settings, author):
    Notification.objects.filter(persona=None).delete()
    for job in jobs():
        tasks.mail_notification(**job)
    key, settings.IDENTITY_OPEN_KEY = settings.IDENTITY_OPEN_KEY, ""
    tasks.send_due(0)
    row = Outgoing.objects.get()
    assert row.problem == "CannotOpen"
    settings.IDENTITY_OPEN_KEY = key
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        tasks.send_due(0)
    assert len(letters(settings)) == 1
