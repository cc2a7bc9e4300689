"""How the place is looked after, in numbers: counted when a month is over, open to everybody, and telling of nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from community.decisions.models import Act, Decision, decide
from community.identity.models import Persona
from community.moderation import figures, tasks
from community.moderation.models import Appeal, Month, Report, Unmasking
from tests import make

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


def at(day: int, hour: int = 12, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def reported(number: int, reason: str, when: datetime, *, hours: float | None = None, by=None) -> None:
    """So many reports of one kind, looked at after so many hours."""
    for _ in range(number):
        report = Report.put(make.user(), reason=reason)
        closed = {} if hours is None else {"closed_at": when + timedelta(hours=hours), "closed_by": by}
        Report.objects.filter(pk=report.pk).update(created_at=when, **closed)


def decided(number: int, act: Act, when: datetime, *, by) -> list[Decision]:
    made = []
    for _ in range(number):
        user = make.user()
        made.append(decide(act, user, by=by, reason="It broke a rule.", action="members.user_paused", voice=user))
    Decision.objects.filter(pk__in=[each.pk for each in made]).update(at=when)
    return made


@pytest.fixture
def october(moderator):
    """A month with something of everything."""
    reported(7, "worried", at(3), hours=1, by=moderator)
    reported(2, "harmful", at(5), hours=30, by=moderator)
    reported(1, "worried", at(31, 23))
    reported(6, "worried", at(1, 0, month=11))
    hidden = decided(9, Act.HIDE, at(6), by=moderator)
    decided(1, Act.PAUSE, at(6), by=moderator)
    decided(8, Act.HIDE, at(30, month=9), by=moderator)
    for each in hidden[:6]:
        Appeal.ask(each)
    Appeal.objects.update(made_at=at(20))
    other = make.user(role="moderator")
    for appeal in Appeal.objects.all()[:5]:
        Appeal.objects.filter(pk=appeal.pk).update(decided_by=other, decided_at=at(21), reversed_at=at(21))
    lead, second = make.user(role="lead"), make.user(role="lead")
    persona = Persona.objects.create(conversation="00000000-0000-4000-8000-000000000001", alias="Quiet Wren")
    Unmasking.objects.create(
        persona=persona,
        reason="Somebody is in danger.",
        asked_by=lead,
        approved_by=second,
        approved_at=at(9),
        opened_at=at(9),
        expires_at=at(16),
    )


def test_a_month_is_counted_exactly(october):
    assert figures.counted_in(OCTOBER) == {
        "reports": {"worried": 8, "harmful": 2},
        "acts": {"hide": 9, "pause": 1},
        "looked_at": 9,
        "median_hours": 1.0,
        "ninetieth_hours": 30.0,
        "appeals": 6,
        "reversed": 5,
        "unmaskings": 1,
    }


def test_months_that_are_over_are_counted_once_each(october, time_machine):
    time_machine.move_to(at(25, month=11))
    for _ in range(2):
        tasks.count_months(timestamp=0)
    assert list(Month.objects.values_list("month", flat=True)) == [OCTOBER, date(2026, 9, 1)]
    assert Month.objects.get(month=OCTOBER).figures == figures.counted_in(OCTOBER)


def test_a_quiet_month_between_is_counted_too(moderator, time_machine):
    reported(1, "other", at(3, month=8))
    time_machine.move_to(at(25, month=11))
    figures.count_what_is_over()
    assert Month.objects.count() == 3
    assert Month.objects.get(month=OCTOBER).figures["median_hours"] is None


def test_where_nothing_was_there_is_nothing_to_count():
    figures.count_what_is_over()
    assert not Month.objects.exists()
    assert "The first month is not over yet" in Client().get("/figures/").content.decode()


def test_a_year_ends():
    assert figures._next(date(2026, 12, 1)) == date(2027, 1, 1)


def lines(month: Month) -> dict[str, str]:
    return {line.label: line.shown for section in figures.sections(month) for line in section.lines}


def test_no_number_under_five_is_shown(october):
    shown = lines(Month.objects.create(month=OCTOBER, figures=figures.counted_in(OCTOBER)))
    assert shown["I am worried about somebody"] == "8"
    assert shown["It could do harm"] == "<5"
    assert shown["It is against the law"] == "<5", "nothing and a few look alike"
    assert shown["hid it"] == "9"
    assert shown["paused your posting, for a time"] == "<5"
    assert shown["Half of them within"] == "1 hours"
    assert shown["Somebody asked for another look"] == "6"
    assert shown["It was decided the other way then"] == "5"
    assert shown["Two people in charge of safety found out who speaks under an alias"] == "<5"
    assert all(value == "<5" or not value.isdigit() or int(value) >= 5 for value in shown.values())


def test_times_of_a_few_are_not_told(moderator):
    reported(4, "other", at(3), hours=1, by=moderator)
    assert lines(Month(month=OCTOBER, figures=figures.counted_in(OCTOBER)))["Half of them within"] == "too few to say"


def test_everybody_reads_it_and_finds_it(sign_in, member, october):
    Month.objects.create(month=OCTOBER, figures=figures.counted_in(OCTOBER))
    for client in (Client(), sign_in(member)):
        page = client.get("/figures/")
        assert page.status_code == 200
        assert "October 2026" in page.content.decode()
        assert 'href="/figures/"' in client.get("/agreements/").content.decode()
    assert Client().get("/figures/", HTTP_IF_NONE_MATCH=Client().get("/figures/")["ETag"]).status_code == 304


def test_a_kept_page_is_gone_when_a_month_is_added(october):
    first = Client().get("/figures/")["ETag"]
    Month.objects.create(month=OCTOBER, figures=figures.counted_in(OCTOBER))
    assert Client().get("/figures/", HTTP_IF_NONE_MATCH=first).status_code == 200
