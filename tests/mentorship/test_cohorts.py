"""A coordinator matches many at once: the draft, what is changed in it, and publishing it."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from zeal import zeal_ignore

from community.audit.models import Entry
from community.members.models import Block
from community.moderation.models import Claim
from community.notifications.models import Notification
from mentorship import drafting, publishing, seeking, suggesting, tasks
from mentorship.bench_suggesting import _fill
from mentorship.models import Cohort, Help, Match, Mentor, Request, Rule
from mentorship.models.cohorts import FORGOTTEN_AFTER
from mentorship.options import options_for
from mentorship.people import read
from mentorship.renewing import renew_mentor, renew_request
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(db):
    return make.user("bramble", role="coordinator")


def begin(coordinator, aim="many", **more) -> Cohort:
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim=aim, **more)
    return worked_out(cohort)


def worked_out(cohort) -> Cohort:
    drafting.draft(cohort.pk)
    cohort.refresh_from_db()
    return cohort


def page(cohort, more="") -> str:
    return reverse("admin:mentorship_cohort_change", args=[cohort.pk]) + more


def row_page(pairing) -> str:
    return reverse("admin:mentorship_cohort_row", args=[pairing.cohort_id, pairing.pk])


def publish_page(cohort) -> str:
    return reverse("admin:mentorship_cohort_publish", args=[cohort.pk])


def press_publish(client, cohort, **chosen) -> str:
    """What is said to it. Each pair is a question of its own, so the same is looked up for each."""
    with zeal_ignore():
        return client.post(publish_page(cohort), chosen, follow=True).content.decode()


def act(client, pairing, act, mentor=None):
    response = client.post(row_page(pairing), {"act": act, "mentor": mentor.pk if mentor else ""}, follow=True)
    worked_out(Cohort.objects.get(pk=pairing.cohort_id))
    pairing.refresh_from_db()
    return response.content.decode()


def drafted(cohort) -> dict[str, str | None]:
    """Who is with whom in a draft, by their handles."""
    rows = cohort.pairings.values_list("request__user__username", "mentor__user__username")
    return dict(rows)


def kinds(number=3) -> list[Help]:
    return list(Help.objects.order_by("pk")[:number])


def guide(handle, helps=(), **fields) -> Mentor:
    made = make.mentor(make.user(handle), **fields)
    made.helps.set(helps)
    renew_mentor(made)
    return made


def seeker(handle, helps=(), **fields) -> Request:
    made = make.request(make.user(handle), **fields)
    made.helps.set(helps)
    renew_request(made)
    return made


# Drafting ----------------------------------------------------------------------------------------


def test_everybody_who_waits_is_matched_and_nothing_happens_to_anybody(coordinator):
    one, two, three = kinds()
    guide("oak", [one], capacity=1)
    guide("elm", [two], capacity=2)
    for handle, helps in (("robin", [one]), ("wagtail", [two]), ("dunnock", [three])):
        seeker(handle, helps)
    make.match(make.user("siskin"), make.mentor())
    cohort = begin(coordinator)
    assert drafted(cohort) == {"robin": "oak", "wagtail": "elm", "dunnock": "elm"}
    assert not Match.objects.open().exists()
    assert not Notification.objects.filter(recipient__username="robin").exists()
    assert (cohort.progress, cohort.solving_at) == (100, None)
    assert {aim: each["served"] for aim, each in cohort.certificate["aims"].items()} == {"many": 3, "fit": 3}


def test_a_draft_scores_and_ranks_as_a_suggestion_does(coordinator):
    _fill(25, 40, 7)
    Mentor.objects.update(shares=["topics", "hours", "wish", "nearness"])
    Request.objects.filter(pk__in=list(Request.objects.values_list("pk", flat=True)[:20])).update(
        shares=["lived", "topics", "language"]
    )
    cohort = begin(coordinator)
    rows = list(cohort.pairings.drafted().select_related("request", "mentor"))
    assert len(rows) > 10
    for row in rows:
        options = options_for(row.request)
        option = options.of(row.mentor_id)
        assert (option.score.points, option.score.total, option.rank, len(options.found)) == (
            row.parts,
            row.score,
            row.rank,
            row.eligible,
        )
        assert suggesting.suggestion_of(row.request, row.mentor).score.points == row.parts
    for row in cohort.pairings.unmatched().select_related("request"):
        options = options_for(row.request)
        assert (options.left, options.opens) == (row.why["left"], row.why["opens"])


def test_reading_takes_the_same_statements_however_many_there_are(coordinator, django_assert_max_num_queries):
    _fill(25, 40, 7)
    with django_assert_max_num_queries(12) as counted:
        read(Request.objects.open())
    assert len(counted) <= 12


def test_more_tags_than_bits_let_nobody_through(coordinator, monkeypatch):
    """Where two tags share a bit, what is drafted is looked at again from the rows."""
    one, two, three = kinds()
    monkeypatch.setattr("mentorship.people.HELPS", 2)
    guide("oak", [three], capacity=2)
    seeker("wagtail", [two])
    seeker("dunnock", [two])
    seeker("robin", [one], weigh_topics="must")
    seeker("siskin", [three], weigh_topics="must")
    cohort = begin(coordinator)
    assert drafted(cohort)["robin"] is None
    assert drafted(cohort)["siskin"] == "oak"


def test_who_is_kept_apart_is_never_drafted(coordinator):
    oak = guide("oak", capacity=20)
    people = {handle: seeker(handle) for handle in ("robin", "wagtail", "dunnock", "siskin", "serin", "brambling")}
    Block.put(people["robin"].user, oak.user)
    Block.put(oak.user, people["wagtail"].user)
    seeking.note(people["dunnock"], oak, "not")
    past = make.match(people["siskin"].user, oak)
    past.end(ending="planned")
    make.request(people["siskin"].user)
    Match.ask(people["serin"], oak)
    cohort = begin(coordinator)
    assert drafted(cohort) == {"robin": None, "wagtail": None, "dunnock": None, "siskin": None, "brambling": "oak"}


@pytest.mark.parametrize("people", ["nobody", "no mentors", "no newcomers", "nobody fits", "no places"])
def test_a_cohort_in_which_there_is_nobody_to_bring_says_so(people, coordinator, sign_in):
    if people not in ("nobody", "no newcomers"):
        seeker("robin")
    if people in ("no newcomers", "nobody fits"):
        guide("oak", languages=["de"])
    if people == "no places":
        guide("oak").pause()
    cohort = begin(coordinator)
    assert set(drafted(cohort).values()) <= {None}
    client = sign_in(coordinator)
    shown = client.get(page(cohort)).content.decode()
    assert ("There is nobody to match." in shown) == (people in ("nobody", "no newcomers"))
    if people == "nobody fits":
        assert "One language more would open 1 mentor" in shown
        assert "Whom to look for" in shown
    assert "There is nobody to ask" in client.get(publish_page(cohort)).content.decode()
    assert "There is nobody to ask" in press_publish(client, cohort)
    assert not Match.objects.exists()


def test_a_cohort_of_some_is_about_these_only(coordinator, sign_in):
    guide("oak", capacity=5)
    for handle in ("robin", "wagtail", "dunnock"):
        seeker(handle)
    client = sign_in(coordinator)
    address = reverse("admin:mentorship_cohort_add")
    wrong = client.post(address, {"name": "Two", "aim": "fit", "people": "robin\nnobody-here"}).content.decode()
    assert "wait for anybody just now: nobody-here" in wrong
    response = client.post(address, {"name": "Two", "aim": "fit", "people": "@Robin\n\ndunnock\n"}, follow=True)
    assert "It is being worked out." in response.content.decode()
    assert response["Refresh"]
    cohort = worked_out(Cohort.objects.get())
    assert set(drafted(cohort)) == {"robin", "dunnock"}
    assert "Refresh" not in client.get(page(cohort))
    assert Entry.objects.filter(action="mentorship.cohort_begun", by=coordinator).count() == 1


def test_working_it_out_twice_changes_nothing_and_an_older_turn_does_not_count(coordinator):
    guide("oak")
    seeker("robin")
    cohort = begin(coordinator)
    before = list(cohort.pairings.values())
    worked_out(cohort)
    assert list(cohort.pairings.values()) == before
    # Somebody presses while it is worked out: what was begun before is not written.
    cohort.solve(by=coordinator)
    older = Cohort.objects.get(pk=cohort.pk)
    cohort.solve(by=coordinator)
    drafting._write(older, [], {})
    assert cohort.pairings.count() == 1
    assert worked_out(cohort).solving_at is None


def test_a_draft_that_nobody_finished_can_be_pressed_again(coordinator, sign_in):
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim="many")
    Cohort.objects.update(solving_at=timezone.now() - timedelta(hours=1))
    client = sign_in(coordinator)
    assert "nobody did" in client.get(page(cohort)).content.decode()
    client.post(reverse("admin:mentorship_cohort_verb", args=[cohort.pk, "solve"]))
    assert Cohort.objects.get().is_being_solved


# Editing it --------------------------------------------------------------------------------------


@pytest.fixture
def two(coordinator):
    """Two newcomers of whom each suits one mentor."""
    one, other, _third = kinds()
    guide("oak", [one])
    guide("elm", [other])
    seeker("robin", [one])
    seeker("wagtail", [other])
    cohort = begin(coordinator)
    assert drafted(cohort) == {"robin": "oak", "wagtail": "elm"}
    return cohort


def of(cohort, handle):
    return cohort.pairings.get(request__user__username=handle)


def named(handle) -> Mentor:
    return Mentor.objects.get(user__username=handle)


def test_a_pin_holds_two_together_and_the_rest_is_worked_out_anew(two, coordinator, sign_in):
    client = sign_in(coordinator)
    assert "They stay together." in act(client, of(two, "robin"), "pin", named("elm"))
    assert drafted(two) == {"robin": "elm", "wagtail": "oak"}
    assert "held together" in client.get(row_page(of(two, "robin"))).content.decode()
    assert "Held together 1" in client.get(page(two)).content.decode()
    # Another pin takes the place of the first.
    act(client, of(two, "robin"), "pin", named("oak"))
    assert Rule.objects.get().mentor == named("oak")
    act(client, of(two, "robin"), "allow", named("oak"))
    assert not Rule.objects.exists()
    assert Entry.objects.filter(action__in=("mentorship.pairing_pinned", "mentorship.pairing_allowed")).count() == 3


def test_what_is_forbidden_is_not_drafted(two, coordinator, sign_in):
    act(sign_in(coordinator), of(two, "robin"), "forbid", named("oak"))
    assert drafted(two) == {"robin": "elm", "wagtail": "oak"}
    act(sign_in(coordinator), of(two, "robin"), "forbid", named("elm"))
    assert drafted(two)["robin"] is None


def test_who_is_left_out_waits_on_and_can_be_taken_in_again(two, coordinator, sign_in):
    client = sign_in(coordinator)
    act(client, of(two, "robin"), "leave_out")
    assert drafted(two) == {"robin": None, "wagtail": "elm"}
    assert of(two, "robin").request.is_open
    assert "Left out 1" in client.get(page(two)).content.decode()
    act(client, of(two, "robin"), "take_in")
    assert drafted(two)["robin"] == "oak"


def test_what_a_change_costs_others_is_told_and_changes_nothing(two, coordinator, sign_in):
    client = sign_in(coordinator)
    pairing = of(two, "robin")
    client.post(row_page(pairing), {"act": "weigh", "mentor": named("elm").pk})
    waiting = client.get(row_page(pairing))
    assert "is being worked out" in waiting.content.decode()
    assert waiting["Refresh"]
    drafting.weigh(pairing.pk, named("elm").pk)
    shown = client.get(row_page(pairing)).content.decode()
    assert "1 would have another mentor" in shown
    assert "points in all" in shown
    assert drafted(two) == {"robin": "oak", "wagtail": "elm"}
    assert not Rule.objects.exists()


def test_a_pin_that_life_has_overtaken_is_dropped_and_said(two, coordinator, sign_in):
    act(sign_in(coordinator), of(two, "robin"), "pin", named("elm"))
    named("elm").pause()
    two.solve(by=coordinator)
    worked_out(two)
    assert drafted(two)["robin"] == "oak"
    assert "rests, or has no place" in of(two, "robin").stale
    assert "You wanted somebody else for them" in sign_in(coordinator).get(page(two, "?show=overtaken")).content.decode()


def test_more_pins_than_places_are_refused(two, coordinator, sign_in):
    client = sign_in(coordinator)
    act(client, of(two, "robin"), "pin", named("elm"))
    assert "all taken by people whom you hold together" in act(client, of(two, "wagtail"), "pin", named("elm"))
    assert Rule.objects.count() == 1


def test_the_other_aim_can_be_taken(two, coordinator, sign_in):
    client = sign_in(coordinator)
    client.post(reverse("admin:mentorship_cohort_verb", args=[two.pk, "turn"]))
    worked_out(two)
    assert two.aim == "fit"
    shown = client.get(page(two)).content.decode()
    assert shown.index("Best fit (this draft)") < shown.index("Most people matched")


@pytest.mark.parametrize("bad", ["", "0", "-1", "no", "9" * 30, "\0", "²"])
def test_nonsense_in_place_of_a_mentor_is_answered_with_a_sentence(bad, two, coordinator, sign_in):
    client = sign_in(coordinator)
    for press in ("pin", "forbid", "allow", "weigh", "nothing", ""):
        response = client.post(row_page(of(two, "robin")), {"act": press, "mentor": bad}, follow=True)
        assert "Choose one of the mentors first." in response.content.decode()
    assert not Rule.objects.exists()


def test_two_coordinators_do_not_work_on_one_draft_at_once(two, coordinator, sign_in):
    other = make.user("heather", role="coordinator")
    assert Claim.take(two, by=other)
    client = sign_in(coordinator)
    assert "heather is looking at this" in client.get(row_page(of(two, "robin"))).content.decode()
    assert client.post(row_page(of(two, "robin")), {"act": "leave_out"}).status_code == 403
    assert client.post(publish_page(two)).status_code == 403
    assert not Match.objects.exists()


def test_nobody_decides_about_their_own_search(coordinator, sign_in):
    guide("oak", capacity=3)
    make.request(coordinator)
    seeker("robin")
    cohort = begin(coordinator)
    client = sign_in(coordinator)
    mine = of(cohort, coordinator.username)
    assert client.get(row_page(mine)).status_code == 403
    assert client.post(row_page(mine), {"act": "pin", "mentor": named("oak").pk}).status_code == 403
    press_publish(client, cohort)
    assert [match.newcomer.username for match in Match.objects.all()] == ["robin"]


# Publishing it -----------------------------------------------------------------------------------


def test_publishing_asks_both_and_a_second_press_asks_nobody_twice(two, coordinator, sign_in):
    client = sign_in(coordinator)
    assert "2 pairs are asked" in client.get(publish_page(two)).content.decode()
    assert "2 pairs were asked." in press_publish(client, two)
    assert "There is nobody to ask" in press_publish(client, two)
    assert Match.objects.count() == 2
    match = Match.objects.get(newcomer__username="robin")
    row = of(two, "robin")
    assert (match.origin, match.by, match.score, match.parts, match.rank, match.eligible) == (
        "cohort",
        coordinator,
        row.score,
        row.parts,
        row.rank,
        row.eligible,
    )
    assert (match.newcomer_accepted_at, match.mentor_accepted_at, match.began_at) == (None, None, None)
    told = Notification.objects.filter(kind="mentorship.match_asked").values_list("recipient__username", flat=True)
    assert sorted(told) == ["elm", "oak", "robin", "wagtail"]
    assert Entry.objects.filter(action="mentorship.cohort_published", by=coordinator).count() == 1
    match.accept(by=match.newcomer)
    match.accept(by=match.mentor.user)
    assert match.is_active


def test_only_chosen_rows_are_published(two, coordinator, sign_in):
    client = sign_in(coordinator)
    chosen = of(two, "wagtail")
    assert "1 pair is asked" in client.get(publish_page(two), {"row": chosen.pk}).content.decode()
    press_publish(client, two, row=[chosen.pk, "no", "9" * 40])
    assert [match.newcomer.username for match in Match.objects.all()] == ["wagtail"]
    # Working it out again leaves alone what was published.
    two.solve(by=coordinator)
    worked_out(two)
    assert of(two, "wagtail").match_id
    assert drafted(two) == {"robin": "oak", "wagtail": "elm"}


LIFE = {
    "the mentor rests": ("rests, or has no place", lambda robin, oak: oak.pause()),
    "the mentor is full": ("rests, or has no place", lambda robin, oak: make.match(make.user(), oak)),
    "the mentor was asked": ("rests, or has no place", lambda robin, oak: make.match(make.user(), oak, begun=False)),
    "the mentor is gone": ("not to be had any more", lambda robin, oak: _gone(oak.user)),
    "the approval ran out": ("not to be had any more", lambda robin, oak: _lapse(oak)),
    "the search is over": ("not to be had any more", lambda robin, oak: seeking.take_back(robin)),
    "the newcomer is gone": ("not to be had any more", lambda robin, oak: _gone(robin.user)),
    "the newcomer asked somebody": ("not to be had any more", lambda robin, oak: Match.ask(robin, named("elm"))),
    "the newcomer blocked the mentor": ("can’t be brought together", lambda robin, oak: Block.put(robin.user, oak.user)),
    "the mentor blocked the newcomer": ("can’t be brought together", lambda robin, oak: Block.put(oak.user, robin.user)),
    "the newcomer said not for me": ("can’t be brought together", lambda robin, oak: seeking.note(robin, oak, "not")),
    "the newcomer asks for another language": ("share no language", lambda robin, oak: _speaks(robin, "de")),
}


def _gone(user):
    user.is_active = False
    user.save()


def _lapse(mentor):
    Mentor.objects.filter(pk=mentor.pk).update(approved_until=timezone.localdate() - timedelta(days=1))


def _speaks(request, language):
    request.languages = [language]
    request.save()
    renew_request(request)


@pytest.mark.parametrize("life", LIFE)
def test_what_life_has_overtaken_is_left_out_with_its_sentence_and_the_rest_is_asked(life, two, coordinator, sign_in):
    sentence, happen = LIFE[life]
    happen(of(two, "robin").request, named("oak"))
    before = Match.objects.count()
    told = press_publish(sign_in(coordinator), two)
    row = of(two, "robin")
    assert sentence in row.stale
    assert row.match_id is None
    assert "left out, since life has overtaken" in told
    if life == "the newcomer asked somebody":
        # They have taken the place that was drafted for the other one.
        assert "rests, or has no place" in of(two, "wagtail").stale
        assert Match.objects.count() == before
    else:
        assert of(two, "wagtail").match_id
        assert Match.objects.count() == before + 1
    assert sentence.split(",")[0] in sign_in(coordinator).get(page(two, "?show=overtaken")).content.decode()


def test_nothing_is_published_while_it_is_worked_out(two, coordinator, sign_in):
    two.solve(by=coordinator)
    assert "being worked out just now" in press_publish(sign_in(coordinator), two)
    assert not Match.objects.exists()


def test_more_than_fit_in_one_press_are_published_by_several(two, coordinator, sign_in, monkeypatch):
    monkeypatch.setattr(publishing, "AT_ONCE", 1)
    client = sign_in(coordinator)
    assert "1 is still to come: publish again." in press_publish(client, two)
    assert "still to come" not in press_publish(client, two)
    assert Match.objects.count() == 2


def test_how_sought_after_mentors_are_is_known_from_the_day_it_is_published(coordinator):
    guide("oak")
    for handle in ("robin", "wagtail", "dunnock"):
        seeker(handle)
    cohort = begin(coordinator)
    assert named("oak").price == 0
    publishing.publish(cohort, by=coordinator)
    assert named("oak").price == cohort.certificate["prices"][str(named("oak").pk)] > 0


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_ask_everybody_once(coordinator):
    oak = guide("oak", capacity=5)
    for number in range(5):
        seeker(f"robin{number}x")
    cohort = begin(coordinator)
    said, ready = [], threading.Barrier(2)

    def press():
        ready.wait()
        try:
            said.append(publishing.publish(cohort, by=coordinator).asked)
        except publishing.CannotPublish:
            said.append(0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [0, 5]
    assert Match.objects.filter(mentor=oak).count() == 5


# Forgetting it -----------------------------------------------------------------------------------


def press(client, cohort, verb, **said):
    """Press a verb on the page of a draft."""
    return client.post(page(cohort).replace("/change/", f"/do/{verb}/"), said, follow=True)


REASON = "Begun for the wrong people."


def test_a_draft_can_be_thrown_away_and_nobody_hears_of_it(two, coordinator, sign_in):
    two.pin(by=coordinator, pairing=of(two, "robin"), mentor=named("elm"))
    response = press(sign_in(coordinator), two, "discard", reason=REASON)
    assert response.request["PATH_INFO"] == reverse("admin:mentorship_cohort_changelist")
    assert "The draft is gone." in response.content.decode()
    assert not Cohort.objects.exists() and not Rule.objects.exists()
    assert Request.objects.open().count() == 2
    assert not Notification.objects.exclude(kind="mentorship.mentor_approved").filter(recipient__username="oak").exists()
    assert not Notification.objects.filter(recipient__username__in=["robin", "wagtail"]).exists()
    assert Entry.objects.filter(action="mentorship.cohort_discarded", by=coordinator).exists()


def test_of_a_draft_that_was_published_in_part_those_who_were_asked_stay(two, coordinator, sign_in):
    publishing.publish(two, by=coordinator, only=[of(two, "robin").pk])
    two.forbid(by=coordinator, pairing=of(two, "wagtail"), mentor=named("elm"))
    assert press(sign_in(coordinator), two, "discard", reason=REASON).status_code == 200
    two.refresh_from_db()
    assert set(drafted(two)) == {"robin"} and of(two, "robin").match.is_open
    assert (of(two, "robin").why, of(two, "robin").parts) == ({}, {})
    assert not two.rules.exists() and "prices" not in two.certificate and two.certificate["waiting"] == 2
    assert sign_in(coordinator).get(page(two)).status_code == 200


def test_a_draft_thrown_away_while_it_is_worked_out_is_gone(two, coordinator, monkeypatch):
    two.solve(by=coordinator)
    pairing = of(two, "robin")
    read = drafting.read

    def read_slowly(rows):
        found = read(rows)
        Cohort.objects.get(pk=two.pk).discard(by=coordinator, reason=REASON)
        return found

    monkeypatch.setattr(drafting, "read", read_slowly)
    drafting.draft(two.pk)
    drafting.draft(two.pk)
    drafting.weigh(pairing.pk, named("elm").pk)
    assert not Cohort.objects.exists()


def test_old_drafts_are_forgotten_and_of_published_ones_who_was_asked_is_kept(coordinator):
    one = kinds(1)[0]
    guide("oak", [one], capacity=3)
    for handle in ("robin", "wagtail", "dunnock"):
        seeker(handle, [one])
    chosen = list(Request.objects.exclude(user__username="dunnock").values_list("pk", flat=True))
    published, _draft, fresh = begin(coordinator, only=chosen), begin(coordinator), begin(coordinator)
    publishing.publish(published, by=coordinator, only=[of(published, "robin").pk])
    long_ago = timezone.now() - FORGOTTEN_AFTER - timedelta(days=1)
    old = Cohort.objects.exclude(pk=fresh.pk)
    old.update(created_at=long_ago, solved_at=long_ago)
    tasks.forget_drafts(0)
    assert set(Cohort.objects.all()) == {published, fresh}  # what was published was touched by that
    old.update(published_at=long_ago)
    tasks.forget_drafts(0)
    published.refresh_from_db()
    assert drafted(published) == {"robin": "oak"}
    # Worked out again it would still be about the same people alone.
    assert published.only == [of(published, "robin").request_id] and not published.requests().exists()
    assert fresh.pairings.count() == 3
    assert not Cohort.objects.to_forget().exists()


# What it looks like --------------------------------------------------------------------------------


def test_the_page_of_a_draft_costs_the_same_however_long_it_is(coordinator, sign_in, django_assert_max_num_queries):
    _fill(25, 70, 7)
    cohort = begin(coordinator)
    client = sign_in(coordinator)
    client.get(page(cohort))
    counts = []
    for show in ("", "drafted", "unmatched", "low", "pinned", "left_out", "overtaken", "published", "nonsense", "&after=²"):
        with django_assert_max_num_queries(60) as queries:
            assert client.get(page(cohort, f"?show={show}")).status_code == 200
        counts.append(len(queries))
    assert max(counts) <= min(counts) + 3
    first = client.get(page(cohort)).content.decode()
    assert "Next ones" in first
    last = cohort.pairings.order_by("request").values_list("request", flat=True)[49]
    second = client.get(page(cohort, f"?show=&after={last}")).content.decode()
    assert second.count('href="../rows/') == 20
    assert "From the first" in second


def test_a_draft_has_its_reasons(coordinator, sign_in):
    one, two, _third = kinds()
    guide("oak", [one])
    guide("elm", [])
    seeker("robin", [one])
    seeker("wagtail", [one, two])
    cohort = begin(coordinator)
    client = sign_in(coordinator)
    shown = client.get(page(cohort)).content.decode()
    assert f'href="../rows/{of(cohort, "robin").pk}/"' in shown
    assert "1st of 2" in shown
    assert "2nd of 2" in shown
    assert "Suits better: oak (taken by 1)." in shown
    row = client.get(row_page(of(cohort, "robin"))).content.decode()
    assert one.name in row
    assert "against: not" in client.get(row_page(of(cohort, "wagtail"))).content.decode()
