"""Who is on it: what one volunteer takes from the queue no other is brought, and what they leave is for others."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone

from community.moderation.models import Claim, Report
from community.moderation.queue import Queue
from tests import make
from tests.community.test_queue import REASON, report, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in, moderator) -> Client:
    return sign_in(moderator)


def test_no_look_takes_anything(desk):
    made = report()
    address = f"/admin/desk/report-{made.pk}/"
    for page in ("/admin/", address, f"{address}do/close/", f"{address}do/hide/", f"/admin/moderation/report/{made.pk}/do/close/"):
        assert desk.get(page).status_code == 200
    for page in (f"{address}claim/", f"{address}claim/delete/", "/admin/desk/next/", "/admin/desk/away/"):
        assert desk.get(page).status_code == 405
    assert not Claim.objects.exists()


def test_what_one_takes_the_other_is_not_brought(desk, sign_in, moderator):
    first, second = report(reason="worried"), report()
    other = sign_in(make.user("rowan", role="moderator"))
    assert desk.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{first.pk}/"
    assert other.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{second.pk}/"
    assert "fennel is looking at this until" in text_of(other.get("/admin/"))
    for address in ("", "do/close/", "claim/"):
        post = other.post(f"/admin/desk/report-{first.pk}/{address}", {"reason": REASON})
        assert post.status_code in (403, 405) or address == ""
    refused = other.get(f"/admin/desk/report-{first.pk}/")
    assert refused.status_code == 403
    assert "fennel is looking at this until" in text_of(refused)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        again = sign_in(make.user("hazel", role="moderator"))
        assert again.post("/admin/desk/next/")["Location"] == f"/admin/desk/report-{first.pk}/"


def test_two_reports_of_one_thing_are_not_taken_by_two(desk, sign_in):
    reply = make.reply()
    first, second = report(reply), report(reply)
    desk.post(f"/admin/desk/report-{first.pk}/claim/")
    other = sign_in(make.user("rowan", role="moderator"))
    refused = other.post(f"/admin/moderation/report/{second.pk}/do/close/", {"reason": REASON})
    assert refused.status_code == 403
    assert Report.objects.open().count() == 2


def test_what_one_leaves_is_for_others(desk, moderator):
    made = report()
    desk.post(f"/admin/desk/report-{made.pk}/claim/")
    assert Claim.objects.get().by == moderator
    desk.post(f"/admin/desk/report-{made.pk}/claim/delete/")
    assert not Claim.objects.exists()
    first, second = made, report()
    desk.post(f"/admin/desk/report-{first.pk}/claim/")
    onwards = desk.post("/admin/desk/next/", {"leave": f"report-{first.pk}"})
    assert onwards["Location"] == f"/admin/desk/report-{second.pk}/"
    assert Claim.objects.get().target_id == second.target_id


@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_at_once_no_two_are_brought_the_same():
    people = [make.user(role="moderator") for _ in range(6)]
    for _ in range(6):
        report()
    taken: list[tuple[int, int]] = []
    start = threading.Barrier(len(people))

    def take(user) -> None:
        user.is_here = True
        start.wait()
        try:
            if item := Queue(user).take_next():
                taken.append(item.thing)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=take, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 6


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_the_same_moment_one_has_it_a_thousand_times():
    people, start, kind = (
        [make.user(role="moderator") for _ in range(2)],
        threading.Barrier(2),
        ContentType.objects.get_for_model(Report).pk,
    )
    told: list[list[bool]] = [[], []]

    def claim(which: int) -> None:
        try:
            for thing in range(1000):
                start.wait(60)
                told[which].append(Claim.hold((kind, thing), by=people[which]))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sorted(pair) for pair in zip(*told, strict=True)] == [[False, True]] * 1000
