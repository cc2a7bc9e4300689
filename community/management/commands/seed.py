import time
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from community.members.models import User
from community.seeding import PROFILES, seeds


class Command(BaseCommand):
    """Fill an empty database with an invented community of any size, to see what pages cost there."""

    help = (
        "Fill an empty database with an invented community of any size, to see what pages cost there. The same numbers and the "
        "same --seed make the same community."
    )

    def add_arguments(self, parser):
        usual = PROFILES["usual"]
        parser.add_argument("--profile", choices=PROFILES, default="usual", help="crowded: many people, aliases and blocks")
        parser.add_argument("--posts", type=int, help=f"opening words and replies together ({usual.posts})")
        parser.add_argument("--members", type=int, help="how many people (as many as suit)")
        parser.add_argument("--topics", type=int, help="how many conversations (as many as suit)")
        parser.add_argument("--resources", type=int, help="how much stands in the library (as much as suits)")
        parser.add_argument("--seed", type=int, default=usual.seed, help=f"what everything is drawn from ({usual.seed})")

    def handle(self, *, profile: str = "usual", posts: int | None, seed: int, **options: Any) -> None:
        usual = PROFILES[profile]
        given = {name: options[name] for name in ("members", "topics", "resources") if options[name] is not None}
        size = replace(usual.with_posts(usual.posts if posts is None else posts), seed=seed, **given)
        if size.members < 10 or size.topics < 1 or size.posts < size.topics:
            raise CommandError("A community has ten members or more, one conversation or more, and opening words in each of them.")
        if User.objects.exists():
            raise CommandError("There is a community in this database already. Name another one in HEARTH_DATABASE.")
        now, begun = timezone.now(), time.monotonic()
        for seed_of in seeds():
            if hasattr(seed_of, "fill"):
                seed_of.fill(size, now=now)
        self.stdout.write(
            f"{size.members} members, {size.topics} conversations, {size.posts} posts, {size.resources} resources "
            f"in {time.monotonic() - begun:.0f} seconds. Sign in as member@example.org."
        )
