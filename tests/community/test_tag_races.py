"""Many at the vocabulary at once, on a real PostgreSQL: nothing is lost or twice, and no synonym stands for a synonym."""

import threading
import time
from collections.abc import Callable
from random import Random

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from community.audit.models import Entry
from community.tags import applying
from community.tags.holding import hold
from community.tags.models import CannotChange, Following, Tag, Tagged
from community.tags.naming import slug_of
from forums.models import Topic
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "Two words for one thing."


class Schedule:
    """Everything that can happen to three tags and a proposal, at once, in an order that nobody knows."""

    def __init__(self, seed: int, librarian, people, topics) -> None:
        self.drawn, self.librarian, self.people, self.topics = Random(seed), librarian, people, topics
        self.names = {letter: f"{letter} {seed}" for letter in "abcp"}
        now = timezone.now()
        self.tags = {
            letter: Tag.objects.create(name=name, slug=slug_of(name), accepted_at=None if letter == "p" else now)
            for letter, name in self.names.items()
        }
        self.renamed = f"b renamed {seed}"
        self.wanted: dict[int, list[str]] = {}
        self.failed: list[BaseException] = []
        for number, topic in enumerate(topics):
            self.wanted[topic.pk] = [self.names["abcp"[number % 4]], self.names["abc"[number % 3]]]
            applying.apply(topic, self.wanted[topic.pk])
        self.tags["a"].follow(people[0])
        self.tags["b"].follow(people[0])
        self.tags["b"].follow(people[1])

    def acts(self) -> list[Callable[[], object]]:
        tags, why = self.tags, {"by": self.librarian, "reason": WHY}
        return [
            lambda: tags["a"].merge(into=tags["b"], **why),
            lambda: tags["b"].merge(into=tags["c"], **why),
            # Against the grain: whichever comes first, no circle may come of it.
            lambda: tags["b"].merge(into=tags["a"], **why),
            lambda: tags["b"].rename(name=self.renamed, **why),
            lambda: tags["p"].turn_down(**why),
            lambda: [tags[letter].follow(self.people[2]) for letter in "ab"],
            *(self._tagging(topic, self.drawn.randrange(1 << 30)) for topic in self.topics[:4]),
        ]

    def _tagging(self, topic, seed: int) -> Callable[[], object]:
        def act():
            drawn = Random(seed)
            for _ in range(4):
                names = drawn.sample([*self.names.values(), self.renamed], drawn.randrange(4))
                applying.apply(topic, names)
                self.wanted[topic.pk] = names
                time.sleep(drawn.random() / 500)

        return act

    def run(self) -> None:
        acts = self.acts()
        self.drawn.shuffle(acts)
        start = threading.Barrier(len(acts))
        threads = [threading.Thread(target=self._do, args=(act, start, self.drawn.random() / 150)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        assert self.failed == []

    def _do(self, act, start, wait: float) -> None:
        try:
            start.wait(30)
            time.sleep(wait)
            act()
        except CannotChange:
            pass
        except BaseException as error:  # noqa: BLE001
            self.failed.append(error)
        finally:
            connection.close()

    def check(self) -> None:
        synonyms = Tag.objects.exclude(alias_of=None)
        assert not synonyms.filter(alias_of__alias_of__isnull=False).exists(), "a synonym of a synonym"
        assert not Tagged.objects.filter(tag__in=synonyms).exists(), "something carries a synonym"
        assert not Following.objects.filter(tag__in=synonyms).exists(), "somebody follows a synonym"
        for letter in "abc":
            assert self.meant(self.names[letter]).is_accepted, "an old address leads nowhere"
        for topic in self.topics:
            self._check_tags(topic)
        for person, letters in ((0, "ab"), (1, "b"), (2, "ab")):
            followed = set(Following.objects.filter(user=self.people[person]).values_list("tag", flat=True))
            assert {self.meant(self.names[letter]).pk for letter in letters} <= followed

    def meant(self, name: str) -> Tag:
        found = Tag.objects.select_related("alias_of").get(slug=slug_of(name))
        return found.alias_of or found

    def _check_tags(self, topic) -> None:
        mine = Tagged.objects.filter(content_type=ContentType.objects.get_for_model(topic), object_id=topic.pk)
        carried = set(mine.values_list("tag", flat=True))
        assert len(carried) == mine.count()
        proposals = {self.names["p"]}
        certain = {self.meant(name).pk for name in self.wanted[topic.pk] if name not in proposals}
        there = Tag.objects.filter(slug=slug_of(self.names["p"])).values_list("pk", flat=True)
        assert certain <= carried
        assert carried - certain <= set(there)


def run_all(seeds):
    librarian = make.user("ouzel", role="librarian")
    people, board = [make.user() for _ in range(3)], make.board()
    for seed in seeds:
        topics = [make.topic(board, people[0]) for _ in range(8)]
        schedule = Schedule(seed, librarian, people, topics)
        schedule.run()
        schedule.check()


def test_whatever_order_things_come_in_nothing_is_lost():
    run_all(range(20))


@pytest.mark.deep
def test_nothing_is_lost_in_a_hundred_orders():
    run_all(range(100, 200))


def test_two_who_propose_the_same_names_do_not_wait_for_each_other():
    board, people = make.board(), [make.user(), make.user()]
    topics = [make.topic(board, person) for person in people]
    names = [f"new word {n}" for n in range(8)]
    failed = []

    def propose(topic, line, start):
        try:
            start.wait(10)
            applying.apply(topic, line)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    start = threading.Barrier(2)
    threads = [
        threading.Thread(target=propose, args=(topic, line, start))
        for topic, line in zip(topics, (names, names[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert Tag.objects.count() == 8
    assert Tagged.objects.count() == 16


def test_what_is_accepted_is_not_turned_down_at_the_same_time():
    librarian = make.user("ouzel", role="librarian")
    (tag,) = applying.resolve(["a new word"])
    held, accepted = threading.Event(), threading.Event()

    def accept():
        held.wait(10)
        Tag.objects.get(pk=tag.pk).accept(by=librarian, reason=WHY)
        accepted.set()
        connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    with transaction.atomic():
        hold(alone=True)
        held.set()
        assert not accepted.wait(0.5)
        tag.turn_down(by=librarian, reason=WHY)
    thread.join(10)
    assert not Tag.objects.exists()
    assert not Entry.objects.filter(action="tags.tag_accepted").exists()


def test_words_taken_back_meanwhile_get_no_tags():
    topic = make.topic()
    stale = Topic.objects.get(pk=topic.pk)
    topic.withdraw()
    stale.retag(["a new word"])
    assert not Tagged.objects.exists()
