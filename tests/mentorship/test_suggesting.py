"""Who is suggested: what PostgreSQL finds by bits is what a plain statement of the must-haves lets through."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.members.models import Block, User
from community.tags.models import Tag, Tagged
from mentorship import scoring, seeking, suggesting
from mentorship.explaining import explained
from mentorship.facts import asked_by
from mentorship.fields import bits
from mentorship.models import Concern, Fact, Help, Match, Mentor, NotAbout, Noted, Place, Request
from mentorship.models.mentors import all_facts
from mentorship.renewing import renew_mentor, renew_request
from tests import make

pytestmark = pytest.mark.django_db

LANGUAGES, GENDERS = ("en", "de", "fr"), ("", "woman", "man", "other")
# What may be between a mentor and whoever looks. Only the first three leave them free to meet.
BETWEEN = ("", "again", "taken back", "blocked", "blocked by", "ended", "asked", "declined", "not for me", "concern", "themselves")
WEIGHTS = ("must", "high", "medium", "low")


def some(of):
    return st.sets(st.integers(0, of - 1))


def mostly(usual, *, else_):
    """What lets two meet, in four of five draws: where everything is drawn, hardly any two ever may."""
    return st.integers(0, 4).flatmap(lambda draw: st.just(usual) if draw else else_)


mentors = st.fixed_dictionaries(
    {
        "languages": mostly({"en"}, else_=st.sets(st.sampled_from(LANGUAGES))),
        "hours": mostly({0, 1, 2, 3, 4}, else_=some(6)),
        "tags": some(4) | some(6),
        "not_about": mostly(set(), else_=some(6)),
        "helps": some(3) | some(4),
        "gender": st.sampled_from(GENDERS),
        "wished_gender": mostly("", else_=st.sampled_from(GENDERS)),
        "offset": st.sampled_from((0, 60, -300, 720)),
        "free": mostly(1, else_=st.sampled_from((0, 2))),
        "trained": mostly(True, else_=st.just(False)),
        "state": mostly("", else_=st.sampled_from(("paused", "stood down", "lapsed", "inactive"))),
        "between": st.just("") | st.sampled_from(BETWEEN),
        "shares": mostly(set(all_facts()), else_=st.sets(st.sampled_from(all_facts()))),
    }
)
newcomers = st.fixed_dictionaries(
    {
        "languages": mostly({"en", "de"}, else_=st.sets(st.sampled_from(LANGUAGES), min_size=1)),
        "hours": mostly({0, 1, 2, 3, 5}, else_=some(6)),
        "tags": some(4) | some(6),
        "without": mostly(set(), else_=some(6)),
        "helps": some(3) | some(4),
        "gender": st.sampled_from(GENDERS),
        "wished_gender": mostly("", else_=st.sampled_from(GENDERS)),
        "offset": st.sampled_from((0, 120)),
        "weights": st.tuples(*[st.sampled_from(WEIGHTS)] * 4),
        "most_important": st.just("") | st.sampled_from(all_facts()),
        "struck": mostly(set(), else_=st.sets(st.sampled_from(all_facts()), max_size=2)),
        "shares": mostly(set(all_facts()), else_=st.sets(st.sampled_from(all_facts()))),
        "flagged": st.booleans(),
        "saved": st.integers(-1, 5),
    }
)


@pytest.fixture
def place(db):
    """People, and tags and kinds of help some of which share a bit."""
    now = timezone.now()
    keys = [5_000, 5_001, 5_002, 5_003, 5_000 + 1024, 5_001 + 2048]
    tags = Tag.objects.bulk_create([Tag(pk=key, name=f"tag {key}", slug=f"tag-{key}", accepted_at=now) for key in keys])
    helps = Help.objects.bulk_create([Help(pk=key, name=f"help {key}") for key in (900, 901, 902, 964)])
    return {"people": [make.user() for _ in range(6)], "newcomer": make.user(), "tags": tags, "helps": helps}


def fill(place, newcomer, others):
    """The world as rows: the request, and its mentors with what is between them."""
    today, now = timezone.localdate(), timezone.now()
    me = place["newcomer"]
    weights = dict(zip(("weigh_topics", "weigh_lived", "weigh_hours", "weigh_gender"), newcomer["weights"], strict=True))
    request = Request.objects.create(
        user=me,
        need="Somebody.",
        languages=sorted(newcomer["languages"]),
        gender=newcomer["gender"],
        wished_gender=newcomer["wished_gender"],
        hours=bits(newcomer["hours"], 168),
        struck=sorted(newcomer["struck"]),
        shares=sorted(newcomer["shares"]),
        most_important=newcomer["most_important"],
        flagged_at=now if newcomer["flagged"] else None,
        **weights,
    )
    _put(place, request, newcomer)
    request.set_without([place["tags"][n] for n in newcomer["without"]])
    renew_request(request)
    _set_clock(request, newcomer)
    made = []
    for user, each in zip(place["people"], others, strict=False):
        mentor = Mentor.objects.create(
            user=me if each["between"] == "themselves" else user,
            applied_at=now,
            approved_at=now,
            approved_until=today - timedelta(days=1) if each["state"] == "lapsed" else today,
            languages=sorted(each["languages"]),
            hours=bits(each["hours"], 168),
            gender=each["gender"],
            wished_gender=each["wished_gender"],
            free=each["free"],
            capacity=2,
            experienced_at=now if each["trained"] else None,
            paused_at=now if each["state"] == "paused" else None,
            stood_down_at=now if each["state"] == "stood down" else None,
            shares=sorted(each["shares"]),
        )
        Place.objects.create(mentor=mentor, number=1)
        _put(place, mentor, each)
        mentor.set_not_about([place["tags"][n] for n in each["not_about"]])
        renew_mentor(mentor)
        _set_clock(mentor, each)
        User.objects.filter(pk=user.pk).update(is_active=each["state"] != "inactive")
        put_between(request, mentor, each["between"])
        made.append(mentor)
    if 0 <= newcomer["saved"] < len(made) and others[newcomer["saved"]]["between"] != "not for me":
        Noted.objects.create(request=request, mentor=made[newcomer["saved"]], how="saved")
    return request, made


def _put(place, item, said):
    kind = ContentType.objects.get_for_model(item)
    Tagged.objects.bulk_create([Tagged(tag=place["tags"][n], content_type=kind, object_id=item.pk) for n in said["tags"]])
    item.helps.set([place["helps"][n] for n in said["helps"]])


def _set_clock(item, said):
    item.offset = said["offset"]
    item.save(update_fields=["offset"])


def put_between(request, mentor, between):
    me, now = request.user, timezone.now()
    pair = {"request": request, "newcomer": me, "mentor": mentor, "answer_until": now}
    begun = {**pair, "began_at": now, "newcomer_accepted_at": now, "mentor_accepted_at": now, "ended_at": now, "ending": "planned"}
    if between == "blocked":
        Block.objects.create(blocker=me, blocked=mentor.user)
    elif between == "blocked by":
        Block.objects.create(blocker=mentor.user, blocked=me)
    elif between == "ended":
        Match.objects.create(**begun, newcomer_asks_again_at=now)
    elif between == "again":
        Match.objects.create(**begun, newcomer_asks_again_at=now, mentor_asks_again_at=now)
    elif between == "asked":
        Match.objects.create(**pair)
    elif between == "declined":
        Match.objects.create(**pair, ended_at=now, ending="declined")
    elif between == "taken back":
        Match.objects.create(**pair, ended_at=now, ending="back")
    elif between == "not for me":
        Noted.objects.create(request=request, mentor=mentor, how="not")
    elif between == "concern":
        match = Match.objects.create(**pair, ended_at=now, ending="safety")
        Concern.objects.create(match=match, by=me)


def may_meet(newcomer, mentor):
    """The must-haves as one would say them, of plain sets."""
    topics, lived, hours, gender = newcomer["weights"]
    struck = newcomer["struck"]
    common = len(newcomer["hours"] & mentor["hours"])
    return (
        mentor["state"] == ""
        and mentor["free"] > 0
        and mentor["between"] in BETWEEN[:3]
        and bool(newcomer["languages"] & mentor["languages"])
        and (Fact.HOURS in struck or common >= (4 if hours == "must" else 1))
        and (topics != "must" or Fact.TOPICS in struck or not newcomer["helps"] or bool(newcomer["helps"] & mentor["helps"]))
        and (lived != "must" or Fact.LIVED in struck or not newcomer["tags"] or bool(newcomer["tags"] & mentor["tags"]))
        and not newcomer["without"] & mentor["tags"]
        and not mentor["not_about"] & newcomer["tags"]
        and (gender != "must" or Fact.WISH in struck or newcomer["wished_gender"] in ("", mentor["gender"]))
        and mentor["wished_gender"] in ("", newcomer["gender"])
        and (mentor["trained"] or not newcomer["flagged"])
    )


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(newcomer=newcomers, others=st.lists(mentors, max_size=6))
def test_whom_the_database_finds_are_those_who_may_meet(place, newcomer, others):
    themselves = [number for number, each in enumerate(others) if each["between"] == "themselves"]
    others = [each for number, each in enumerate(others) if number not in themselves[1:]]
    with transaction.atomic():
        request, made = fill(place, newcomer, others)
        expected = {mentor.pk for mentor, each in zip(made, others, strict=True) if may_meet(newcomer, each)}
        found = suggesting.suggestions(request, most=99)
        assert {each.mentor.pk for each in found} == expected
        assert all(suggesting.suggestion_of(request, each.mentor) for each in found)
        # What the bits let through is never less, and nothing but a shared bit makes it more.
        asked = asked_by(request)
        totals = {key: total for key, _place, _eligible, total in suggesting._survivors(asked)}
        assert expected <= totals.keys()
        has_one_bit_each = not {4, 5} & (newcomer["tags"] | newcomer["without"] | {n for each in others for n in each["tags"]})
        if has_one_bit_each and not {3} & (newcomer["helps"] | {n for each in others for n in each["helps"]}):
            gone = {mentor.pk for mentor, each in zip(made, others, strict=True) if each["state"] == "inactive"}
            assert expected == totals.keys() - gone
            assert all(each.score.total == totals[each.mentor.pk] for each in found)
        # Every reason is made from what counted, and of what both share; every part that counted has a reason.
        for each in found:
            told = {_part_of(reason.key) for reason in explained(each).reasons}
            counted = {part.name for part in each.score.parts if part.points}
            assert told == counted
            assert counted <= set(request.shares) & set(each.mentor.shares) - newcomer["struck"]
        transaction.set_rollback(True)


def _part_of(key):
    kind, _colon, rest = key.partition(":")
    return {"tag": "lived", "help": "topics"}.get(kind, kind) if rest else kind


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(newcomer=newcomers, other=mentors)
def test_taking_a_reason_away_changes_the_score_and_nothing_untold_does(place, newcomer, other):
    with transaction.atomic():
        request, (mentor,) = fill(place, newcomer, [other])
        before = suggesting.suggestion_of(request, mentor)
        if before is not None:
            _check_reasons(request, mentor, before)
            _check_what_is_kept(place, request, mentor, before)
        transaction.set_rollback(True)


def _check_reasons(request, mentor, before):
    for reason in explained(before).reasons:
        seeking.strike(request, reason.key)
        request.refresh_from_db()
        after = suggesting.suggestion_of(request, mentor)
        if after is None:
            # Only where it was what this mentor met a must by, and more of that must is left, which they don't meet.
            newcomer = asked_by(request).newcomer
            kind, left = {"lived": ("tag", newcomer.asked_lived), "topics": ("help", newcomer.asked_topics)}[_part_of(reason.key)]
            assert reason.key.startswith(f"{kind}:") and left
            assert (request.weigh_lived if kind == "tag" else request.weigh_topics) == "must"
            assert [key for key in _keys(before) if key.startswith(f"{kind}:")] == [reason.key]
        else:
            assert after.score.parts != before.score.parts
            assert reason.key not in {each.key for each in explained(after).reasons}
        seeking.restore(request, reason.key)
        request.refresh_from_db()
        assert suggesting.suggestion_of(request, mentor).score == before.score


def _keys(suggestion):
    return [each.key for each in explained(suggestion).reasons]


def _check_what_is_kept(place, request, mentor, before):
    """What the mentor does not share may be anything: score and reasons stay the same, as long as they can still meet."""
    mentor.refresh_from_db()
    if "topics" not in mentor.shares:
        mentor.helps.set(place["helps"])
    if "lived" not in mentor.shares and not request.without.exists():
        kind = ContentType.objects.get_for_model(Mentor)
        Tagged.objects.bulk_create(
            [Tagged(tag=tag, content_type=kind, object_id=mentor.pk) for tag in place["tags"]], ignore_conflicts=True
        )
    if "hours" not in mentor.shares:
        mentor.hours = bits(range(168), 168)
    renew_mentor(mentor)
    mentor.offset = before.mentor.offset if "nearness" in mentor.shares else 715
    mentor.save()
    after = suggesting.suggestion_of(request, mentor)
    rarity_is_same = "lived" in mentor.shares or not before.score.points["lived"]
    assert rarity_is_same and after.score.total == before.score.total
    assert explained(after).reasons == explained(before).reasons


def test_nobody_is_everyones_top_mentor():
    for _ in range(6):
        make.mentor(capacity=5)
    first = Counter(suggesting.suggestions(make.request())[0].mentor.pk for _ in range(60))
    assert len(first) == 6 and max(first.values()) <= 30


def test_who_has_more_room_comes_first():
    mentors = [make.mentor(capacity=2) for _ in range(4)]
    for mentor in mentors[:3]:
        Match.ask(make.request(), mentor)
    assert all(suggesting.suggestions(make.request())[0].mentor == mentors[3] for _ in range(5))


def test_who_is_sought_after_by_others_comes_later():
    sought, other = make.mentor(), make.mentor()
    Mentor.objects.filter(pk=sought.pk).update(price=100)
    assert all(suggesting.suggestions(make.request())[0].mentor == other for _ in range(5))


def test_same_request_finds_the_same_in_the_same_order():
    for _ in range(12):
        make.mentor()
    request = make.request()
    once = [each.mentor.pk for each in suggesting.suggestions(request)]
    assert len(once) == suggesting.SHOWN
    assert all([each.mentor.pk for each in suggesting.suggestions(request)] == once for _ in range(3))


def test_suggesting_costs_the_same_however_many_there_are(django_assert_max_num_queries):
    request = make.request()
    for _ in range(8):
        make.mentor()
    with django_assert_max_num_queries(9):
        [explained(each) for each in suggesting.suggestions(request)]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(newcomer=newcomers, others=st.lists(mentors, min_size=1, max_size=6))
def test_funnel_never_widens_and_its_relaxation_opens_as_many_as_it_says(place, newcomer, others):
    others = [each | {"between": "" if each["between"] == "themselves" else each["between"], "state": ""} for each in others]
    with transaction.atomic():
        request, _made = fill(place, newcomer, others)
        found = suggesting.funnel(request)
        counts = [found.mentors, *found.left.values()]
        assert counts == sorted(counts, reverse=True)
        assert found.eligible == len(suggesting._survivors(asked_by(request)))
        if step := found.best_relaxation:
            relax(request, step)
            assert suggesting.funnel(request).eligible == found.without[step] > found.eligible
        transaction.set_rollback(True)


def relax(request, step):
    if step == "without":
        request.set_without([])
    elif step == "hours":
        request.struck = [*request.struck, "hours"]
    else:
        setattr(request, f"weigh_{step}", "high")
    request.save()
    renew_request_but_clock(request)


def renew_request_but_clock(request):
    offset = request.offset
    renew_request(request)
    request.offset = offset
    request.save(update_fields=["offset"])


def test_not_about_and_other_limits_are_rows_too():
    mentor, request = make.mentor(), make.request()
    tag = Tag.objects.create(name="sleep", slug="sleep", accepted_at=timezone.now())
    request.tags.add(tag)
    NotAbout.objects.create(mentor=mentor, tag=tag)
    # Until the bits are made anew, the rows are what counts.
    assert suggesting.suggestions(request) == []
    assert scoring.obstacles(asked_by(request).newcomer, scoring.Mentor(key=mentor.pk)) != ()
