"""Cohorts: nobody is brought whom something rules out, nobody is left who could be served, and a second way of counting agrees."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorship import models
from mentorship.bench_matching import invent
from mentorship.matching import (
    FIT,
    FLAGGED,
    HARD,
    MANY,
    WAITED,
    CannotPin,
    NotOptimal,
    cost_of_pin,
    explain,
    gather,
    solve,
    solving,
    sought,
)
from mentorship.matching.proof import Problem, bound, lowest_prices
from mentorship.scoring import STEPS, THEIRS, Mentor, Newcomer, obstacles, score, utility
from tests.mentorship.test_scoring import mentors, newcomers, some

USUAL, DEEP = 250, 10_000
ANYTIME = {"hours": some(1, 2, 3, 4), "languages": some(0)}


def seeker(key: int, **values) -> Newcomer:
    return Newcomer(**({"key": key, "person": 1000 + key, "topics": some(0, 1, 2, 3)} | ANYTIME | values))


def guide(key: int, **values) -> Mentor:
    return Mentor(**({"key": key, "topics": some(0)} | ANYTIME | values))


def together(matching) -> dict[int, int]:
    return {pair.newcomer: pair.mentor for pair in matching.pairs}


# The other way of counting: small, slow, and knows nothing of prices or solvers -----------------------------------------


def best_of_all(pool, aim: str, pins: dict[int, int], forbidden: set[tuple[int, int]]) -> tuple:
    """The best that any assignment reaches: how many are served, of each level from the top, and what their scores are worth.

    Every assignment is looked at, newcomer after newcomer; remembered is only what the places that are left can still bring.
    """
    levels = sorted({int(level) for level in pool.levels}, reverse=True)
    options = []
    for row, newcomer in enumerate(pool.newcomers):
        mine = []
        for column, mentor in enumerate(pool.mentors):
            pinned_elsewhere = newcomer.key in pins and pins[newcomer.key] != mentor.key
            if not obstacles(newcomer, mentor) and not pinned_elsewhere and (newcomer.key, mentor.key) not in forbidden:
                mine.append((column, utility(score(newcomer, mentor, pool.rarity).total)))
        options.append((int(pool.levels[row]), newcomer.key in pins, mine))

    @cache
    def rest(row: int, free: tuple[int, ...]) -> tuple | None:
        if row == len(options):
            return (0, (0,) * len(levels), 0)
        level, pinned, mine = options[row]
        ways = [] if pinned else [rest(row + 1, free)]
        for column, worth in mine:
            if free[column] > 0:
                further = rest(row + 1, (*free[:column], free[column] - 1, *free[column + 1 :]))
                if further is not None:
                    counts_here = aim == MANY or level > 0
                    at = tuple(count + (counts_here and other == level) for count, other in zip(further[1], levels, strict=True))
                    # A pin is no choice: it counts for nobody's worth.
                    ways.append((further[0] + (aim == MANY), at, further[2] + (0 if pinned else worth)))
        return max((way for way in ways if way is not None), default=None)

    return rest(0, tuple(max(0, mentor.free) for mentor in pool.mentors))


def reached(pool, matching) -> tuple:
    """What a matching reaches, in the same terms."""
    levels = sorted({int(level) for level in pool.levels}, reverse=True)
    served = [pool.row_of[pair.newcomer] for pair in matching.pairs]
    counts = Counter(int(pool.levels[row]) for row in served if matching.aim == MANY or pool.levels[row])
    worth = sum(utility(pair.total) for pair in matching.pairs if pair.newcomer not in matching.pins)
    return (len(served) if matching.aim == MANY else 0, tuple(counts[level] for level in levels), worth)


cohorts = st.integers(0, 6).flatmap(
    lambda people: st.integers(0, 4).flatmap(
        lambda guides: st.tuples(
            st.tuples(*map(newcomers, range(1, people + 1))),
            st.tuples(*map(mentors, range(1, guides + 1))),
            st.sampled_from([MANY, FIT]),
            st.sets(st.tuples(st.integers(1, 6), st.integers(1, 4)), max_size=3),
            st.integers(0, 2),
            st.sampled_from([0, 250_000]),
        )
    )
)


def hold(cohort) -> None:
    """Everything that is promised of a draft, for one cohort."""
    people, guides, aim, forbidden, pinned, all_up_to = cohort
    # Half of them see everything a little easier, so that there is something to match.
    people = tuple(
        replace(one, languages=one.languages | 1, hours=one.hours | 1, without=0) if one.key % 2 else one for one in people
    )
    guides = tuple(replace(one, languages=one.languages | 1, hours=one.hours | 1) for one in guides)
    pool = gather(people, guides)
    pins: dict[int, int] = {}
    left = Counter({one.key: one.free for one in guides})
    for row, column in zip(pool.rows, pool.columns, strict=True):
        one, other = pool.newcomers[row].key, pool.mentors[column].key
        if len(pins) < pinned and one not in pins and left[other] > 0 and (one, other) not in forbidden:
            pins[one] = other
            left[other] -= 1
    usual = solving.ALL_UP_TO, solving.BEST
    try:
        solving.ALL_UP_TO, solving.BEST = all_up_to, 1
        matching = solve(pool, aim=aim, pins=pins, forbidden=forbidden)
    finally:
        solving.ALL_UP_TO, solving.BEST = usual

    mine = together(matching)
    assert len(mine) == len(matching.pairs), "nobody twice"
    assert sorted(mine) + sorted(matching.unmatched) == sorted(mine) + sorted({one.key for one in people} - set(mine))
    by_key = {one.key: one for one in guides}
    for newcomer, mentor in mine.items():
        assert obstacles(people[newcomer - 1], by_key[mentor]) == ()
        assert (newcomer, mentor) not in forbidden
    assert all(count <= by_key[mentor].free for mentor, count in Counter(mine.values()).items())
    assert pins.items() <= mine.items()
    assert matching.certificate.gap == 0
    assert matching.certificate.served <= matching.certificate.served_bound
    assert reached(pool, matching) == best_of_all(pool, aim, pins, forbidden)

    again = solve(gather(reversed(people), reversed(guides)), aim=aim, pins=pins, forbidden=frozenset(forbidden))
    assert again.certificate == matching.certificate
    if all_up_to:
        assert repr(again) == repr(matching)
    for row in explain(pool, matching):
        assert (row.mentor is None) == (row.funnel is not None)
        assert row.rank is None or 1 <= row.rank <= row.eligible
        if row.funnel:
            assert row.funnel.left[STEPS[-1]] == row.eligible


@settings(max_examples=USUAL, deadline=None)
@given(cohorts)
def test_a_draft_holds_what_it_promises(cohort):
    hold(cohort)


@pytest.mark.deep
@settings(max_examples=DEEP, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cohorts)
def test_ten_thousand_drafts_hold_what_they_promise(cohort):
    hold(cohort)


def test_the_words_are_those_of_the_tables():
    assert {MANY, FIT} == set(models.Cohort.Aim.values)


# Bigger ones ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cohort():
    """Two hundred who look, sixty who guide; the places nearly suffice."""
    return gather(*invent(200, 60, seed=7))


@pytest.mark.parametrize("seed", range(8))
def test_nobody_is_left_who_could_be_served_and_the_hardest_tenth_is_not_the_last(seed):
    pool = gather(*invent(200, 80, seed=seed))
    matching = solve(pool)
    assert matching.certificate.served == matching.certificate.served_bound
    assert matching.certificate.worth == matching.certificate.worth_bound
    served, hard = matching.columns >= 0, (pool.levels & HARD) > 0
    if served_alone(pool) == hard.sum():  # the places suffice for them
        assert served[hard].mean() >= served[~hard & (pool.eligible > 0)].mean()


def served_alone(pool) -> int:
    """How many of the hardest tenth could be served if there were nobody else."""
    hard = [one for one, level in zip(pool.newcomers, pool.levels, strict=True) if level & HARD]
    return solve(gather(hard, pool.mentors, pool.rarity)).certificate.served_bound


def test_the_hard_to_match_are_as_many_as_if_there_were_nobody_else(cohort):
    matching, hard = solve(cohort), (cohort.levels & HARD) > 0
    assert (matching.columns[hard] >= 0).sum() == served_alone(cohort)


def test_trying_the_promising_pairs_first_finds_the_same(cohort, monkeypatch):
    whole = solve(cohort)
    monkeypatch.setattr(solving, "ALL_UP_TO", 0)
    monkeypatch.setattr(solving, "BEST", 2)
    part = solve(cohort)
    assert part.certificate == whole.certificate
    assert part.prices == whole.prices


def test_the_same_people_in_another_order_make_the_same_draft():
    people, guides = invent(120, 40, seed=3)
    once, again = solve(gather(people, guides)), solve(gather(people[::-1], guides[::-1]))
    assert repr(once) == repr(again)
    assert explain(gather(people, guides), once) == explain(gather(people[::-1], guides[::-1]), again)


def test_best_fit_leaves_somebody_out_whom_most_people_matched_would_serve():
    """The first suits one mentor perfectly and another hardly; the second could only have the first's, and hardly suits."""
    first = seeker(1, topics=some(0), languages=some(0, 5))
    second = seeker(2, topics=some(9), hours=some(1), offset=600)
    hardest = seeker(3, languages=some(9), waited=20)
    perfect, hardly = guide(1, languages=some(0, 5)), guide(2, topics=0, hours=some(1), languages=some(5), offset=700)
    pool = gather([first, second, hardest], [perfect, hardly, guide(3, languages=some(9))])
    assert pool.levels.tolist() == [0, 0, HARD]
    most, fit = solve(pool, aim=MANY), solve(pool, aim=FIT)
    assert together(most) == {1: 2, 2: 1, 3: 3}
    assert together(fit) == {1: 1, 3: 3}
    assert fit.certificate.gap == 0
    assert (fit.certificate.served, fit.certificate.served_bound) == (2, 3)


def test_a_price_tells_how_much_more_one_place_more_would_bring():
    people = [seeker(1, topics=some(0)), seeker(2, topics=some(0, 1))]
    pool = gather(people, [guide(1, topics=some(0, 1)), guide(2, topics=some(1))])
    problem = Problem(2, pool.rows, pool.columns, solving.UTILITIES[pool.totals], np.array([1, 1]))
    chosen = solve(pool).columns
    prices = lowest_prices(problem, chosen)
    more = replace(problem, capacity=np.array([2, 1]))
    best = solve(gather(people, [guide(1, topics=some(0, 1), free=2), guide(2, topics=some(1))])).columns
    assert int(more.worth_of(best).sum()) - int(problem.worth_of(chosen).sum()) == prices[0] > 0


def test_a_matching_that_is_not_the_best_is_not_proven():
    pool = gather([seeker(1, topics=some(0)), seeker(2, topics=some(1))], [guide(1), guide(2, topics=some(1))])
    problem = Problem(2, pool.rows, pool.columns, solving.UTILITIES[pool.totals], np.array([1, 1]))
    best, swapped, short = np.array([0, 1]), np.array([1, 0]), np.array([0, -1])
    assert bound(problem, best, lowest_prices(problem, best)) == problem.worth_of(best).sum()
    with pytest.raises(NotOptimal):
        lowest_prices(problem, swapped)
    with pytest.raises(NotOptimal):
        bound(problem, short, lowest_prices(problem, short))
    with pytest.raises(NotOptimal):
        bound(problem, np.array([0, 0]), np.array([0, 0]))


def test_a_mentor_whom_everybody_wants_has_a_price_and_one_with_places_left_has_none():
    people = [seeker(key, topics=some(0, 1)) for key in range(1, 4)]
    pool = gather(people, [guide(1, topics=some(0, 1)), guide(2, topics=some(0), free=5)])
    matching = solve(pool)
    assert matching.prices[1] > 0 == matching.prices[2]
    assert matching.next_in_line[1] in {one.key for one in people} - {together(matching).get(1)}


# Those who come first ---------------------------------------------------------------------------------------------------


def test_the_hardest_tenth_are_those_with_the_fewest_mentors_then_who_waits_longest():
    people = [seeker(key, waited=key) for key in range(1, 11)]
    pool = gather(people, [guide(1, free=3)])
    assert pool.levels.tolist() == [0] * 9 + [HARD]
    nobody = gather([seeker(1, languages=0), seeker(2, flagged=True, waited=31)], [guide(1, trained=True)])
    assert nobody.levels.tolist() == [0, HARD + FLAGGED + WAITED], "who has no mentor at all is not among them"


def test_who_waited_long_has_the_last_place():
    people = [seeker(key, waited=31 if key == 2 else 5) for key in range(1, 4)]
    pool = gather([*people, seeker(9, languages=some(7))], [guide(1, topics=some(0)), guide(2, languages=some(7))])
    pool.levels[:] = pool.levels & ~HARD
    assert together(solve(pool)) == {2: 1, 9: 2}


# Pins, and what is not to be --------------------------------------------------------------------------------------------


def test_a_pin_and_a_no_are_kept(cohort):
    before = together(solve(cohort))
    newcomer = next(key for key in before if cohort.eligible[cohort.row_of[key]] > 3)
    row = cohort.row_of[newcomer]
    others = [cohort.mentors[column].key for column in cohort.columns[cohort.rows == row]]
    other = next(key for key in others if key != before[newcomer])
    assert together(solve(cohort, pins={newcomer: other}))[newcomer] == other
    assert together(solve(cohort, forbidden={(newcomer, before[newcomer])})).get(newcomer) != before[newcomer]
    assert solve(cohort, forbidden={(newcomer, before[newcomer]), (99_999, 1), (newcomer, 99_999)}).certificate.gap == 0


@pytest.mark.parametrize(
    ("pins", "forbidden", "wrong"),
    [
        ({1: 9}, (), [(1, 9, "gone")]),
        ({9: 1}, (), [(9, 1, "gone")]),
        ({1: 1}, {(1, 1)}, [(1, 1, "forbidden")]),
        ({1: 1, 2: 1}, (), [(1, 1, "place"), (2, 1, "place")]),
        ({1: 2}, (), [(1, 2, "language")]),
        ({1: 3}, (), [(1, 3, "place")]),
        ({3: 1}, (), [(3, 1, "apart")]),
    ],
)
def test_a_pin_that_cannot_be_kept_is_named(pins, forbidden, wrong):
    pool = gather([seeker(1), seeker(2), seeker(3, apart=frozenset({1}))], [guide(1), guide(2, languages=2), guide(3, free=0)])
    with pytest.raises(CannotPin) as told:
        solve(pool, pins=pins, forbidden=forbidden)
    assert told.value.pairs == wrong


def test_an_aim_that_there_is_not_is_refused(cohort):
    with pytest.raises(ValueError, match="aim"):
        solve(cohort, aim="quick")


# Nobody, nothing, too much ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aim", [MANY, FIT])
@pytest.mark.parametrize(
    ("people", "guides"),
    [
        ([], []),
        ([seeker(1)], []),
        ([], [guide(1)]),
        ([seeker(1)], [guide(1, free=0)]),
        ([seeker(1)], [guide(1, free=-5)]),
        ([seeker(1, hours=0)], [guide(1)]),
        ([seeker(1, languages=0)], [guide(1)]),
    ],
)
def test_where_nobody_can_be_matched_nobody_is(people, guides, aim):
    pool = gather(people, guides)
    matching = solve(pool, aim=aim)
    assert matching.pairs == ()
    assert matching.unmatched == tuple(one.key for one in people)
    assert (matching.certificate.served_bound, matching.certificate.gap) == (0, 0)
    assert [row.mentor for row in explain(pool, matching)] == [None for _one in people]
    assert set(sought(pool, matching)) == {"language", "hours", "lived", "topics"}


def test_more_places_than_anybody_could_count_are_places():
    pool = gather([seeker(1), seeker(2)], [guide(1, free=10**12)])
    assert together(solve(pool)) == {1: 1, 2: 1}


def test_progress_only_goes_up(cohort):
    heard: list[int] = []
    solve(cohort, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 100
    scored: list[int] = []
    gather(cohort.newcomers, cohort.mentors, progress=scored.append)
    assert scored[-1] == 100


# Reasons ----------------------------------------------------------------------------------------------------------------


def test_everybody_in_a_draft_has_their_reasons(cohort):
    matching = solve(cohort)
    rows = explain(cohort, matching)
    assert [row.newcomer for row in rows] == [one.key for one in cohort.newcomers]
    by_key = {one.key: one for one in cohort.mentors}
    for row, newcomer in zip(rows, cohort.newcomers, strict=True):
        if row.mentor is None:
            continue
        totals = [
            (-score(newcomer, mentor, cohort.rarity).total, mentor.key)
            for mentor in cohort.mentors
            if not obstacles(newcomer, mentor)
        ]
        own = (-row.score.total, row.mentor)
        assert row.score == score(newcomer, by_key[row.mentor], cohort.rarity)
        assert (row.rank, row.eligible) == (sorted(totals).index(own) + 1, len(totals))
        assert [ahead.mentor for ahead in row.ahead] == [key for _total, key in sorted(totals)[: row.rank - 1][:5]]
        assert all(ahead.holders == by_key[ahead.mentor].free for ahead in row.ahead)


def test_somebody_with_nobody_learns_which_step_left_nobody_and_what_would_open_most():
    guides = [
        guide(1, languages=2),
        guide(2, languages=2),
        guide(3, hours=some(9)),
        guide(4, free=0),
        guide(5, wished_gender="man"),
    ]
    pool = gather([seeker(1)], guides)
    (row,) = explain(pool, solve(pool))
    assert list(row.funnel.left) == list(STEPS)
    assert row.funnel.left == {
        "apart": 5,
        "language": 3,
        "topics": 3,
        "lived": 3,
        "hours": 2,
        "wishes": 2,
        "limits": 1,
        "training": 1,
        "place": 0,
    }
    assert row.funnel.opens["language"] == 2
    assert row.funnel.opens["limits"] == row.funnel.opens["hours"] == row.funnel.opens["place"] == 1
    assert row.funnel.relaxation == "language"
    assert "limits" not in THEIRS


def test_where_only_mentors_limits_are_in_the_way_nothing_is_asked_of_the_newcomer():
    pool = gather([seeker(1)], [guide(1, wished_gender="man")])
    (row,) = explain(pool, solve(pool))
    assert row.funnel.relaxation is None


def test_the_cost_of_somebodys_first_choice_is_what_the_others_lose(cohort):
    matching = solve(cohort)
    row = next(row for row in explain(cohort, matching) if row.ahead)
    cost = cost_of_pin(cohort, matching, row.newcomer, row.ahead[0].mentor)
    pinned = solve(cohort, pins={row.newcomer: row.ahead[0].mentor})
    assert cost.points == pinned.certificate.points - matching.certificate.points
    assert cost.served == len(cost.gained) - len(cost.lost) == len(pinned.pairs) - len(matching.pairs)
    assert row.newcomer not in cost.moved
    for key in cost.moved:
        assert together(pinned)[key] != together(matching)[key]


def test_the_programme_learns_what_it_is_short_of():
    people = [seeker(key, languages=some(3)) for key in range(1, 5)] + [seeker(key) for key in range(5, 9)]
    pool = gather(people, [guide(1, languages=some(0, 3)), guide(2, free=4)])
    found = sought(pool, solve(pool))
    assert found["language"][0].number == 3
    assert found["language"][0].waiting == 3
    assert found["language"][0].places == 1
    nobody = sought(gather([seeker(1, languages=some(4))], [guide(1)]), solve(gather([seeker(1, languages=some(4))], [guide(1)])))
    assert nobody["language"][0] == type(nobody["language"][0])(number=4, price=1000, places=0, waiting=1)
