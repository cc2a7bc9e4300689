"""What it costs to suggest mentors to somebody: ten thousand invented mentors in the database, and forty who look."""

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from community.benching.topics import Figure, Say
from community.members.models import Profile, User
from community.tags.models import Tag, Tagged

from . import facts, suggesting
from .bench_matching import TAGS, TOPICS, invent
from .fields import bits, numbers
from .models import APPROVED_FOR, Help, Mentor, Request
from .models.mentors import all_facts


def suggested(say: Say) -> list[Figure]:
    """For `./run bench matching`: one newcomer's suggestions among ten thousand mentors."""
    say("Suggesting mentors to forty newcomers, of 10,000.")
    found = measure()
    load = os.getloadavg()[0]
    # 20 ms are for a quiet machine, three times as much for one that has more to do than it can.
    slow = 1 if load <= (os.cpu_count() or 1) else 3
    bounds = {"statement p95": 20.0 * slow, "suggestions p95": 60.0 * slow, "funnel p95": 40.0 * slow}
    return [
        Figure(f"{name}, of 10,000 mentors, at a load of {load:.1f}", round(value, 1), "ms", most=bounds.get(name))
        for name, value in found.items()
    ]


def measure(*, mentors: int = 10_000, requests: int = 40, rounds: int = 5, seed: int = 1) -> dict[str, float]:
    """Milliseconds of one statement, of all that is done for a page of suggestions, and of the funnel: p50 and p95.

    Of each request the best of some rounds counts; what else the machine does is not measured. Nothing stays in the database.
    """
    found: dict[str, float] = {}
    with transaction.atomic():
        looking = _fill(mentors, requests, seed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        asked = [facts.asked_by(request) for request in looking]
        steps: dict[str, Callable[[int], object]] = {
            "statement": lambda number: suggesting._survivors(asked[number]),
            "suggestions": lambda number: suggesting.suggestions(looking[number]),
            "funnel": lambda number: suggesting.funnel(looking[number]),
        }
        for name, step in steps.items():
            best = sorted(min(_milliseconds(step, number) for _ in range(rounds)) for number in range(requests))
            found |= {f"{name} p50": median(best), f"{name} p95": best[int(0.95 * len(best))]}
        transaction.set_rollback(True)
    return found


def _milliseconds(step: Callable[[int], object], number: int) -> float:
    begun = time.perf_counter()
    step(number)
    return 1000 * (time.perf_counter() - begun)


def _fill(mentors: int, requests: int, seed: int) -> list[Request]:
    newcomers, offered = invent(requests, mentors, seed=seed)
    now, until = timezone.now(), timezone.localdate() + APPROVED_FOR
    users = [User(username=f"bench-{uuid4().hex[:16]}", email=f"{number}@bench.invalid") for number in range(mentors + requests)]
    for user in users:
        user.handle_key = user.username
    User.objects.bulk_create(users)
    Profile.objects.bulk_create([Profile(user=user) for user in users])
    tags = Tag.objects.bulk_create([Tag(name=f"bench {n}", slug=f"bench-{n}", accepted_at=now) for n in range(TAGS)])
    helps = Help.objects.bulk_create([Help(name=f"bench {n}") for n in range(TOPICS)])

    def known(person: Any) -> dict[str, Any]:
        return {
            "language_bits": person.languages,
            "help_bits": bits((helps[n].pk for n in numbers(person.topics)), 64),
            "tag_bits": bits((tags[n].pk for n in numbers(person.lived)), 1024),
            "utc_hours": person.hours,
            "hours": person.hours,
            "offset": person.offset,
            "gender": person.gender,
            "wished_gender": person.wished_gender,
        }

    made = [
        Mentor(
            user=user,
            story="Some words of somebody who has been there. " * 12,
            offers="A few more of them. " * 10,
            languages=["en"],
            capacity=max(1, each.free) + number % 2,
            free=each.free,
            applied_at=now,
            approved_at=now,
            approved_until=until,
            experienced_at=now if each.trained else None,
            not_bits=bits((tags[n].pk for n in numbers(each.not_about)), 1024),
            shares=all_facts(),
            **known(each),
        )
        for number, (user, each) in enumerate(zip(users, offered, strict=False))
    ]
    Mentor.objects.bulk_create(made)
    _put_tags(made, offered, tags)
    _put_helps(Mentor, made, offered, helps)
    asked = [
        Request(
            user=user,
            need="Somebody to listen.",
            weigh_topics=each.weigh_topics,
            weigh_lived=each.weigh_lived,
            weigh_hours=each.weigh_hours,
            weigh_gender=each.weigh_gender,
            open_until=until,
            **known(each),
        )
        for user, each in zip(users[mentors:], newcomers, strict=True)
    ]
    Request.objects.bulk_create(asked)
    _put_tags(asked, newcomers, tags)
    _put_helps(Request, asked, newcomers, helps)
    return asked


def _put_tags(items: list, people: list, tags: list[Tag]) -> None:
    kind = ContentType.objects.get_for_model(items[0])
    rows = [(item.pk, tags[n]) for item, each in zip(items, people, strict=False) for n in numbers(each.lived)]
    Tagged.objects.bulk_create([Tagged(tag=tag, content_type=kind, object_id=key) for key, tag in rows])


def _put_helps(model: Any, items: list, people: list, helps: list[Help]) -> None:
    through, name = model.helps.through, model._meta.model_name
    rows = [(item.pk, helps[n].pk) for item, each in zip(items, people, strict=False) for n in numbers(each.topics)]
    through.objects.bulk_create([through(**{f"{name}_id": key, "help_id": each}) for key, each in rows])
