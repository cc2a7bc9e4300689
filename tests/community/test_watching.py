"""Whoever writes is told when nobody looks after this place, and those on duty are told of what is late, within minutes."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from community.moderation import tasks, watching
from community.moderation.models import DeskSettings, Duty, Report, Watch
from tests import make

pytestmark = pytest.mark.django_db

QUIET = "No volunteer has been here for 12 hours or more"


def later(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def tell() -> list[list[str]]:
    """Whom the next turn mails."""
    mail.outbox.clear()
    tasks.tell_of_what_is_late(timestamp=0)
    return sorted(sent.to for sent in mail.outbox)


# Whoever writes ------------------------------------------------------------------------------


def pages(topic):
    return [f"{topic.board.get_absolute_url()}new/", f"{topic.get_absolute_url()}reply/", topic.get_absolute_url()]


def test_while_nobody_was_at_the_desk_for_long_every_reply_box_says_so(sign_in, member, moderator):
    topic = make.topic()
    client, desk = sign_in(member), sign_in(moderator)
    for page in pages(topic):
        assert QUIET in client.get(page).content.decode(), page
    desk.get("/admin/")
    watching.forget()
    for page in pages(topic):
        assert QUIET not in client.get(page).content.decode(), page
    with later(hours=14):
        watching.forget()
        assert QUIET in sign_in(member).get(pages(topic)[0]).content.decode()


def test_it_says_where_somebody_is_all_the_same(sign_in, member):
    page = sign_in(member).get(pages(make.topic())[1]).content.decode()
    assert '<a href="/help/">If you need somebody now</a>' in page


def test_whoever_reports_reads_it_too(sign_in, member):
    topic = make.topic()
    assert QUIET in sign_in(member).get(f"/report/topic/{topic.public_id}/").content.decode()


def test_the_house_says_how_long_that_is(sign_in, member, moderator):
    DeskSettings.objects.update_or_create(pk=1, defaults={"quiet_hours": 3})
    sign_in(moderator).get("/admin/")
    with later(hours=5):
        watching.forget()
        assert watching.quiet_hours() == 3
    with later(hours=1):
        watching.forget()
        assert watching.quiet_hours() == 0


def test_it_is_kept_to_the_hour_and_names_nobody(sign_in, moderator):
    client = sign_in(moderator)
    for _ in range(2):
        client.get("/admin/")
    attended = Watch.objects.get().attended_at
    assert (attended.minute, attended.second, attended.microsecond) == (0, 0, 0)
    assert {field.name for field in Watch._meta.get_fields()} == {"id", "attended_at", "told_at", "told_of"}


@pytest.mark.parametrize(("role", "is_somebody"), [("moderator", True), ("lead", True), ("owner", True), ("librarian", False)])
def test_whoever_looks_after_what_others_write_is_somebody(sign_in, role, is_somebody):
    sign_in(make.user("hazel", role=role)).get("/admin/")
    assert Watch.objects.exists() is is_somebody


def test_a_page_that_is_fetched_ahead_is_nobody(sign_in, moderator):
    sign_in(moderator).get("/admin/", headers={"sec-purpose": "prefetch"})
    assert not Watch.objects.exists()


# Those on duty -------------------------------------------------------------------------------


def test_what_is_late_is_mailed_once_to_those_on_duty_and_says_nothing_of_it(moderator, owner, member):
    DeskSettings.objects.update_or_create(pk=1, defaults={"worried_hours": 1})
    Duty.of(make.user("rowan", role="moderator")).step_away(timezone.now() + timedelta(days=2))
    topic = make.topic(title="A heavy title")
    Report.put(topic, by=member, reason="worried", words="I am afraid for her.")
    assert tell() == []
    with later(minutes=63):
        assert tell() == [[moderator.email], [owner.email]]
        body = mail.outbox[0].body
        assert "/admin/" in body
        for words in ("heavy", "afraid", member.username, "worried", topic.author.username):
            assert words not in body
        assert tell() == []
    with later(minutes=66):
        assert tell() == []


def test_something_new_that_is_late_is_told_at_once_where_it_may_do_harm(moderator):
    DeskSettings.objects.update_or_create(pk=1, defaults={"worried_hours": 1, "harm_hours": 1})
    Report.put(make.reply(), by=make.user(), reason="worried")
    with later(minutes=10):
        Report.put(make.reply(), by=make.user(), reason="harmful")
    with later(minutes=62):
        assert tell() == [[moderator.email]]
    with later(minutes=73):
        assert tell() == [[moderator.email]]


def test_what_can_wait_is_told_together_once_an_hour(moderator):
    DeskSettings.objects.update_or_create(pk=1, defaults={"other_hours": 1})
    for minutes in (0, 10, 20):
        with later(minutes=minutes):
            Report.put(make.reply(), by=make.user(), reason="other")
    with later(minutes=61):
        assert tell() == [[moderator.email]]
    with later(minutes=85):
        assert tell() == []
    with later(minutes=125):
        assert tell() == [[moderator.email]]


def test_what_was_told_of_is_told_again_when_it_turns_out_to_be_worse(moderator):
    thing = make.reply()
    Report.put(make.reply(), by=make.user(), reason="other")
    Report.put(thing, by=make.user(), reason="other")
    with later(hours=73):
        assert tell() == [[moderator.email]]
        Report.put(thing, by=make.user(), reason="worried")
        assert tell() == [[moderator.email]]
        assert tell() == []


def test_what_is_opened_again_is_told_again(moderator):
    report = Report.put(make.reply(), by=make.user(), reason="worried")
    with later(hours=2):
        assert tell() == [[moderator.email]]
        report.close(by=moderator, reason="I looked at it.")
        assert tell() == []
        report.reopen()
        assert tell() == [[moderator.email]]


def test_while_all_are_away_nothing_is_taken_for_told(moderator):
    Duty.of(moderator).step_away(timezone.now() + timedelta(hours=4))
    Report.put(make.reply(), by=make.user(), reason="worried")
    with later(hours=2):
        assert tell() == []
    with later(hours=5):
        assert tell() == [[moderator.email]]


def test_each_hears_of_what_they_look_after(moderator):
    librarian = make.user("hazel", role="librarian")
    make.resource(publish=False)
    with later(hours=80):
        assert tell() == [[librarian.email]]


def test_whoever_it_is_about_is_told_like_the_others(moderator):
    Report.put(make.reply(author=moderator), by=make.user(), reason="worried")
    with later(hours=2):
        assert tell() == [[moderator.email]]


def test_a_turn_comes_every_few_minutes():
    (periodic,) = [
        each for each in tasks.app.periodic_registry.periodic_tasks.values() if each.task.name.endswith("tell_of_what_is_late")
    ]
    assert periodic.cron == "*/3 * * * *"
