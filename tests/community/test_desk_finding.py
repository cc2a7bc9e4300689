"""What the desk keeps worked out: it finds what the admin's own pages show to whoever looks, and nothing of anybody else's."""

import pytest
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from community.moderation import finding
from community.moderation.finding import Sought, seen
from community.moderation.models import Report
from tests import make

pytestmark = pytest.mark.django_db
ROLES = ["moderator", "owner", "lead", "librarian", "coordinator"]


def asking(user) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


@pytest.mark.parametrize("role", ROLES)
def test_what_is_found_is_what_the_page_shows(role, author):
    """To one after the other with the same role, whoever was first; each has words of their own, which were reported."""
    staff = [make.user(role=role) for _ in range(3)]
    board = make.board()
    for user in [*staff, author]:
        reply = make.reply(make.topic(board, user), user)
        Report.put(reply, by=make.user(), reason="rule")
        make.resource(user)
    for user in staff:
        user.is_here = True
        request = asking(user)
        for model, page in admin.site._registry.items():
            if page.has_view_permission(request):
                shown = set(page.get_queryset(request).values_list("pk", flat=True))
                found = {key for (key,) in model._default_manager.values_list("pk") if seen(page, request, Sought(key, (0, 0)))}
                assert found == shown, model


def test_own_words_are_found_by_others_alone(author):
    mine, theirs = make.user(role="moderator"), make.user(role="moderator")
    report = Report.put(make.reply(author=mine), by=author, reason="rule")
    page = admin.site._registry[Report]
    assert not seen(page, asking(mine), Sought(report.pk, (0, 0)))
    assert [found.pk for found in seen(page, asking(theirs), Sought(report.pk, (0, 0)))] == [report.pk]
    assert not seen(page, asking(mine), Sought(report.pk, (0, 0)))


def test_what_hangs_on_the_moment_is_never_kept(moderator, monkeypatch):
    """A page that asks for the time in Python would stand still at the moment when it was first opened."""
    page = admin.site._registry[Report]
    whole = page.get_queryset
    monkeypatch.setattr(page, "get_queryset", lambda request: whole(request).filter(created_at__lt=timezone.now()), raising=False)
    finding._prepared.cache_clear()
    report = Report.put(make.reply(), by=make.user(), reason="rule")
    assert [found.pk for found in seen(page, asking(moderator), Sought(report.pk, (0, 0)))] == [report.pk]
    later = Report.put(make.reply(), by=make.user(), reason="rule")
    assert [found.pk for found in seen(page, asking(moderator), Sought(later.pk, (0, 0)))] == [later.pk]
    monkeypatch.undo()
    finding._prepared.cache_clear()
