"""How well a mentor suits a newcomer: parts that add up, built from what was stated and from nothing else."""

import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship import models, scoring
from mentorship.matching import gather
from mentorship.matching.pool import GENDERS
from mentorship.scoring import PARTS, STEPS, Mentor, Newcomer, obstacles, rarities, rarities_of, score, utility, weights

EVEN = rarities_of([0] * 1024, 0)
WEIGHTS = [scoring.MUST, scoring.HIGH, scoring.MEDIUM, scoring.LOW]


def some(*numbers: int) -> int:
    return sum(1 << number for number in numbers)


def seeker(**values) -> Newcomer:
    """Somebody who states something on every part."""
    stated = {
        "topics": some(1, 2),
        "lived": some(10, 11),
        "languages": some(0, 1),
        "hours": some(20, 21, 22, 23, 24),
        "named": frozenset({1}),
    }
    return Newcomer(**({"key": 1, "person": 100} | stated | values))


def guide(**values) -> Mentor:
    """Somebody who has all of that, and more."""
    stated = {"topics": some(1, 2, 3), "lived": some(10, 11, 12), "languages": some(0, 1, 2), "hours": some(19, 20, 21, 22, 23)}
    return Mentor(**({"key": 1} | stated | values))


few = st.lists(st.integers(0, 5), max_size=4).map(lambda numbers: some(*set(numbers)))
STRUCK = [*PARTS, "tag:1", "tag:1026", "help:2", "tag:", "tag:²", "moon:1", "help:-3"]
genders = st.sampled_from(GENDERS)


def newcomers(key: int):
    return st.builds(
        Newcomer,
        key=st.just(key),
        person=st.sampled_from([1, 2, 100 + key]),
        topics=few,
        lived=few,
        without=st.sampled_from([0, 0, 0, 1, 2]),
        languages=few,
        hours=st.one_of(few, st.just((1 << 168) - 1)),
        offset=st.integers(-720, 840),
        gender=genders,
        wished_gender=genders,
        named=st.frozensets(st.integers(1, 4), max_size=2),
        apart=st.frozensets(st.integers(1, 4), max_size=1),
        weigh_topics=st.sampled_from(WEIGHTS),
        weigh_lived=st.sampled_from(WEIGHTS),
        weigh_hours=st.sampled_from(WEIGHTS),
        weigh_gender=st.sampled_from(WEIGHTS),
        most_important=st.sampled_from(["", *PARTS]),
        struck=st.frozensets(st.sampled_from(STRUCK), max_size=2),
        kept=st.frozensets(st.sampled_from(PARTS), max_size=1),
        flagged=st.booleans(),
        waited=st.integers(0, 60),
    )


def mentors(key: int):
    return st.builds(
        Mentor,
        key=st.just(key),
        topics=few,
        lived=few,
        not_about=st.sampled_from([0, 0, 0, 1, 2]),
        languages=few,
        hours=st.one_of(few, st.just((1 << 168) - 1)),
        offset=st.integers(-720, 840),
        gender=genders,
        wished_gender=st.sampled_from(["", "", *GENDERS]),
        free=st.integers(-1, 3),
        trained=st.booleans(),
        kept=st.frozensets(st.sampled_from(PARTS), max_size=1),
    )


# Parts ------------------------------------------------------------------------------------------------------------------


def test_the_words_are_those_of_the_tables():
    assert set(PARTS) == set(models.Fact.values)
    assert set(scoring.QUARTERS) == set(models.Weight.values)
    assert set(GENDERS) == set(models.Gender.values)


def test_whoever_states_everything_and_finds_it_equally_important_has_the_weights_as_they_are():
    assert weights(seeker()) == dict(scoring.WEIGHTS)
    assert sum(scoring.WEIGHTS.values()) == scoring.MOST


def test_a_perfect_pair_has_a_thousand_points():
    assert score(seeker(), guide(), EVEN).points == dict(scoring.WEIGHTS)


def test_two_who_share_nothing_have_none():
    other = Mentor(2, offset=600)
    assert score(seeker(), other, EVEN).total == 0


def test_the_most_important_part_counts_half_as_much_again():
    usual, more = weights(seeker()), weights(seeker(most_important=scoring.LIVED))
    assert more[scoring.LIVED] == 333  # 250 × 1.5 of 1125
    assert more[scoring.TOPICS] == 311
    assert sum(usual.values()) == sum(more.values()) == 1000


def test_what_matters_a_lot_counts_three_times_what_matters_little():
    high, low = weights(seeker(weigh_topics="high")), weights(seeker(weigh_topics="low"))
    assert high[scoring.TOPICS] * low[scoring.LIVED] == pytest.approx(3 * low[scoring.TOPICS] * high[scoring.LIVED], rel=0.02)


def test_who_states_little_can_reach_a_thousand_all_the_same():
    quiet = Newcomer(1, 100, topics=some(1), languages=some(0), hours=some(20, 21, 22, 23))
    assert weights(quiet)[scoring.LIVED] == weights(quiet)[scoring.WISH] == weights(quiet)[scoring.LANGUAGE] == 0
    assert score(quiet, guide(), EVEN).total == 1000


def test_a_rare_tag_weighs_more_than_a_common_one():
    pool = [some(1)] * 99 + [some(1, 2)]
    rarity = rarities(pool)
    assert rarity[1] == 16 < rarity[2] == 16 + round(16 * 5.66)
    asks = seeker(lived=some(1, 2))
    rare, common = (score(asks, guide(lived=tags), rarity).points["lived"] for tags in (some(2), some(1)))
    assert rare > 5 * common > 0


def test_four_hours_are_enough():
    always = guide(hours=(1 << 168) - 1)
    assert score(seeker(), guide(), EVEN).points["hours"] == score(seeker(), always, EVEN).points["hours"] == 200
    assert score(seeker(), guide(hours=some(20)), EVEN).points["hours"] == 50


@pytest.mark.parametrize(("one", "other", "apart"), [(0, 0, 0), (60, -60, 120), (720, -720, 0), (840, -600, 0), (-480, 480, 480)])
def test_clocks_are_compared_the_short_way_round(one, other, apart):
    assert scoring.minutes_apart(one, other) == apart


def test_a_wish_for_a_gender_is_scored_unless_it_is_a_must():
    soft, must = (seeker(named=frozenset(), wished_gender="woman", weigh_gender=weight) for weight in ("medium", "must"))
    assert score(soft, guide(gender="woman"), EVEN).points["wish"] == 120
    assert score(soft, guide(gender=""), EVEN).points["wish"] == 0
    assert obstacles(soft, guide(gender="")) == ()
    assert weights(must)["wish"] == 0
    assert obstacles(must, guide(gender="")) == (scoring.WISHES,)


@settings(deadline=None)
@given(newcomers(1), mentors(1))
def test_the_parts_add_up_and_none_has_more_than_its_most(newcomer, mentor):
    found = score(newcomer, mentor, EVEN)
    assert [part.name for part in found.parts] == list(PARTS)
    assert found.total == sum(found.points.values()) <= scoring.MOST
    assert all(0 <= part.points <= part.most for part in found.parts)
    assert sum(part.most for part in found.parts) in (0, 1000)


# Reasons ----------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(newcomers(1), mentors(1))
def test_taking_away_what_a_part_was_built_from_takes_its_points_and_no_others(newcomer, mentor):
    """The reasons that are told are the reasons there are."""
    found = score(newcomer, mentor, EVEN)
    without = {
        scoring.TOPICS: replace(mentor, topics=0),
        scoring.LIVED: replace(mentor, lived=0),
        scoring.HOURS: replace(mentor, hours=0),
        scoring.WISH: replace(mentor, key=99, gender=""),
        scoring.NEARNESS: replace(mentor, offset=newcomer.offset + 720),
        scoring.LANGUAGE: replace(mentor, languages=0),
    }
    for part in found.parts:
        now = score(newcomer, without[part.name], EVEN)
        assert now.points == found.points | {part.name: 0}
        assert not part.points or part.facts, "points come from something that can be named"


@settings(deadline=None)
@given(newcomers(1), mentors(1))
def test_each_single_tag_and_kind_of_help_that_is_told_counts(newcomer, mentor):
    found = {part.name: part for part in score(newcomer, mentor, EVEN).parts}
    for name, field in ((scoring.TOPICS, "topics"), (scoring.LIVED, "lived")):
        for fact in found[name].facts:
            less = score(newcomer, replace(mentor, **{field: getattr(mentor, field) & ~some(fact)}), EVEN)
            assert less.points[name] < found[name].points


@settings(deadline=None)
@given(newcomers(1), mentors(1), st.integers(6, 60))
def test_what_nobody_stated_changes_nothing(newcomer, mentor, number):
    """A mentor's tags, helps, hours and languages beyond what the newcomer asked for."""
    asked = newcomer.hours | some(number)
    more = replace(
        mentor,
        topics=mentor.topics | some(number),
        lived=mentor.lived | some(number),
        languages=mentor.languages | some(number),
        hours=mentor.hours | (some(number) if newcomer.hours != asked else 0),
        free=mentor.free + 1,
        trained=True,
    )
    assert score(newcomer, more, EVEN) == score(newcomer, mentor, EVEN)
    assert score(replace(newcomer, flagged=True, waited=99), mentor, EVEN) == score(newcomer, mentor, EVEN)


@settings(deadline=None)
@given(newcomers(1), mentors(1), st.sampled_from(PARTS))
def test_a_struck_part_is_not_used_in_any_way(newcomer, mentor, part):
    struck = replace(newcomer, struck=newcomer.struck | {part})
    found = {one.name: one for one in score(struck, mentor, EVEN).parts}[part]
    assert (found.points, found.most, found.facts) == (0, 0, ())
    other = {
        scoring.TOPICS: replace(mentor, topics=mentor.topics ^ 63),
        scoring.HOURS: replace(mentor, hours=mentor.hours ^ 63),
        scoring.WISH: replace(mentor, gender="other"),
        scoring.NEARNESS: replace(mentor, offset=newcomer.offset),
    }.get(part, mentor)
    assert score(struck, other, EVEN) == score(struck, mentor, EVEN)
    assert set(obstacles(struck, other)) == set(obstacles(struck, mentor))


@pytest.mark.parametrize("part", PARTS)
def test_what_either_keeps_counts_for_nothing_and_a_must_on_it_is_still_one(part):
    asks = seeker(weigh_topics="must", wished_gender="woman", kept=frozenset({part}))
    assert score(asks, guide(), EVEN).points[part] == 0
    assert score(seeker(), guide(kept=frozenset({part})), EVEN).points[part] == 0
    assert score(asks, guide(), EVEN).total == score(replace(asks, struck=asks.kept, kept=frozenset()), guide(), EVEN).total
    assert obstacles(asks, guide(topics=0)) == ("topics", "wishes")


def test_a_struck_tag_is_not_used_but_a_mentors_limit_still_sees_it():
    asks = seeker(struck=frozenset({"tag:10", "help:1"}))
    found = {part.name: part for part in score(asks, guide(), EVEN).parts}
    assert found["lived"].facts == (11,)
    assert found["topics"].facts == (2,)
    assert obstacles(asks, guide(not_about=some(10))) == (scoring.LIMITS,)


# What rules a pair out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asks", "has", "why"),
    [
        ({}, {}, ()),
        ({"person": 1}, {}, ("apart",)),
        ({"apart": frozenset({1})}, {}, ("apart",)),
        ({}, {"languages": some(5)}, ("language",)),
        ({}, {"languages": 0}, ("language",)),
        ({"weigh_topics": "must"}, {"topics": some(9)}, ("topics",)),
        ({"weigh_topics": "must", "topics": 0}, {"topics": some(9)}, ()),
        ({"weigh_lived": "must"}, {"lived": some(9)}, ("lived",)),
        ({}, {"hours": 0}, ("hours",)),
        ({"hours": 0}, {}, ("hours",)),
        ({"weigh_hours": "must"}, {"hours": some(20, 21, 22)}, ("hours",)),
        ({"hours": 0, "struck": frozenset({"hours"})}, {}, ()),
        ({"without": some(12)}, {}, ("wishes",)),
        ({"wished_gender": "woman"}, {"gender": "man"}, ("wishes",)),
        ({"wished_gender": "woman", "weigh_gender": "high"}, {"gender": "man"}, ()),
        ({}, {"wished_gender": "woman"}, ("limits",)),
        ({}, {"not_about": some(11)}, ("limits",)),
        ({"flagged": True}, {}, ("training",)),
        ({"flagged": True}, {"trained": True}, ()),
        ({}, {"free": 0}, ("place",)),
        ({}, {"free": -3}, ("place",)),
        ({"person": 1, "flagged": True}, {"languages": 0, "free": 0}, ("apart", "language", "training", "place")),
    ],
)
def test_a_pair_is_ruled_out_for_reasons_that_can_be_named(asks, has, why):
    assert obstacles(seeker(**asks), guide(**has)) == why
    assert set(why) <= set(STEPS)


# Many at once -----------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.tuples(*map(newcomers, range(1, 4))), st.tuples(*map(mentors, range(1, 5))))
def test_scored_together_everybody_has_the_score_they_have_alone(seekers, guides):
    pool = gather(seekers, guides)
    may = {(one.key, other.key) for one in seekers for other in guides if not obstacles(one, other)}
    found = {}
    for row, column, total in zip(pool.rows, pool.columns, pool.totals, strict=True):
        found[pool.newcomers[row].key, pool.mentors[column].key] = int(total)
    assert set(found) == may
    rarity = rarities(one.lived for one in guides)
    for one, other in may:
        assert found[one, other] == score(seekers[one - 1], guides[other - 1], rarity).total


def test_two_of_one_key_are_refused():
    with pytest.raises(ValueError, match="key"):
        gather([seeker(), seeker()], [guide()])


def test_a_better_score_is_worth_more_and_nothing_is_worth_nothing():
    worth = [utility(total) for total in range(1001)]
    assert worth[0] == 1
    assert worth[-1] == 1001
    assert worth == sorted(worth)
    assert worth[300] - worth[200] > worth[900] - worth[800], "the worst-off gain more"


def test_scoring_one_pair_needs_no_solver():
    """Only the task that matches cohorts pays for NumPy and SciPy."""
    asked = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "import mentorship.scoring; print([name for name in ('numpy', 'scipy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", asked], cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "[]", ran.stderr
