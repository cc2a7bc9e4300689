"""How the place is looked after, in numbers: counted when a month is over, open to everybody, and telling of nobody."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from html import unescape
from random import Random

import pytest
from django.test import Client
from django.utils import timezone

from community.audit.models import Entry
from community.decisions.models import Act, Decision, decide
from community.identity.models import Persona
from community.moderation import figures, tasks
from community.moderation.models import Appeal, Demand, DeskSettings, Month, Report, Unmasking
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
    for day in (date(2026, 9, 30), OCTOBER, date(2026, 10, 31), date(2026, 11, 1)):
        Demand.objects.create(on=day, what="A court asked for an address; we have none.")
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
        "demands": 2,
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
    assert shown["paused your posting"] == "<5"
    assert shown["Half of them within"] == "1 hours"
    assert shown["Somebody asked for another look"] == "6"
    # Six and five would say that one was not.
    assert shown["It was decided the other way then"] == "–"
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


def test_everybody_reads_how_soon_somebody_looks_and_what_can_be_decided(db):
    page = Client().get("/figures/").text
    for words in ("We try to look within", "Somebody’s posting is paused, for a day up to 60 days", "another look for 6 months"):
        assert words in page
    kept = Client().get("/figures/")["ETag"]
    DeskSettings(pk=1, worried_hours=3, appeal_months=9).save()
    answer = Client().get("/figures/", HTTP_IF_NONE_MATCH=kept)
    assert answer.status_code == 200
    assert "another look for 9 months" in answer.text


def test_a_kept_page_is_gone_when_a_month_is_added(october):
    first = Client().get("/figures/")["ETag"]
    Month.objects.create(month=OCTOBER, figures=figures.counted_in(OCTOBER))
    assert Client().get("/figures/", HTTP_IF_NONE_MATCH=first).status_code == 200


@pytest.mark.parametrize(
    ("number", "beside", "shown"),
    [(5, 6, "–"), (6, 6, "–"), (5, 9, "–"), (5, 10, "5"), (4, 9, "<5"), (0, 9, "<5"), (7, 4, "7"), (9, 6, "–"), (3, 3, "<5")],
)
def test_no_difference_tells_of_a_few(number, beside, shown):
    assert figures.beside(number, beside) == shown


# The whole page, counted once more -----------------------------------------------------------


def drawn_history(drawn: Random, by, others) -> None:
    """Some months of reports, decisions and appeals, at random moments, some of them around midnight of a first day."""
    edges = [at(1, 0, month) + timedelta(minutes=minutes) for month in (8, 9, 10) for minutes in (-90, -1, 0, 1, 90)]

    def moment() -> datetime:
        return drawn.choice(edges) if drawn.random() < 0.3 else at(1, 0, 7) + timedelta(minutes=drawn.randrange(60 * 24 * 120))

    for _ in range(60):
        hours = drawn.choice([None, drawn.random() * 90])
        reported(1, drawn.choice(Report.Reason.values[:4]), moment(), hours=hours, by=by)
    for _ in range(40):
        decided(1, drawn.choice([Act.HIDE, Act.PAUSE, Act.REMOVE]), moment(), by=by)
    for _ in range(20):
        Demand.objects.create(on=moment().date(), what="A court asked.")
    for decision in drawn.sample(list(Decision.objects.order_by("pk")), 25):
        appeal = Appeal.ask(decision)
        made, answered = moment(), drawn.random() < 0.7
        done = {"decided_by": others[0], "decided_at": made, "reversed_at": moment()} if answered else {}
        Appeal.objects.filter(pk=appeal.pk).update(made_at=made, **done)


def month_of(moment: datetime) -> date:
    return moment.astimezone(timezone.get_default_timezone()).date().replace(day=1)


def percentile(values: list[float], part: float) -> float:
    """Between the two values around it, as far as it lies between them."""
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def counted_by_hand(month: date) -> dict:
    reports, appeals = list(Report.objects.all()), list(Appeal.objects.all())
    looked = sorted(
        (each.closed_at - each.created_at) / timedelta(hours=1)
        for each in reports
        if each.closed_at and month_of(each.closed_at) == month
    )
    return {
        "reports": dict(Counter(each.reason for each in reports if month_of(each.created_at) == month)),
        "acts": dict(Counter(each.act for each in Decision.objects.all() if month_of(each.at) == month)),
        "looked_at": len(looked),
        "median_hours": round(percentile(looked, 0.5), 1) if looked else None,
        "ninetieth_hours": round(percentile(looked, 0.9), 1) if looked else None,
        "appeals": sum(month_of(each.made_at) == month for each in appeals),
        "reversed": sum(each.reversed_at is not None and month_of(each.reversed_at) == month for each in appeals),
        "unmaskings": 0,
        "demands": sum(each.on.replace(day=1) == month for each in Demand.objects.all()),
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_number_of_the_page_is_what_one_counts_by_hand(moderator, seed, time_machine):
    drawn_history(Random(seed), moderator, [make.user(role="moderator")])
    time_machine.move_to(at(25, month=11))
    tasks.count_months(timestamp=0)
    page = Client().get("/figures/").content.decode()
    parts = re.split(r"<details[^>]*>", page)[1:]
    months = list(Month.objects.order_by("-month"))
    assert len(parts) == len(months) >= 4
    for month, part in zip(months, parts, strict=True):
        assert month.figures == counted_by_hand(month.month), month
        shown = [unescape(value) for value in re.findall(r"<dd>(.*?)</dd>", part)]
        by_hand = Month(month=month.month, figures=counted_by_hand(month.month))
        assert shown == [line.shown for section in figures.sections(by_hand) for line in section.lines]
        assert all(not value.isdigit() or int(value) >= figures.FEW for value in shown)


def test_what_authorities_ask_for_is_written_down_by_owners_alone(sign_in, owner, moderator):
    address = "/admin/moderation/demand/add/"
    sign_in(owner).post(address, {"on": "2026-10-05", "what": "A court asked for an address."})
    assert Demand.objects.get().given_at is None
    assert sign_in(moderator).get(address).status_code == 403
    assert sign_in(moderator).get("/admin/moderation/demand/").status_code == 403
    assert Entry.objects.filter(action="moderation.demand_added").count() == 1


def test_what_an_authority_asked_for_counts_also_if_it_is_written_down_late(october):
    month = Month.objects.create(month=OCTOBER, figures=figures.counted_in(OCTOBER))
    late = Demand.objects.create(on=date(2026, 10, 30), what="A court asked once more.")
    month.refresh_from_db()
    assert month.figures == figures.counted_in(OCTOBER)
    assert month.figures["demands"] == 3
    late.on = date(2026, 11, 2)
    late.save()
    month.refresh_from_db()
    assert month.figures["demands"] == 2
