import time
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from community.members.models import User
from community.seeding import Size

USUAL = Size()


class Command(BaseCommand):
    """Fill an empty database with an invented community of any size, to see what pages cost there."""

    help = (
        "Fill an empty database with an invented community of any size, to see what pages cost there. The same numbers and the "
        "same --seed make the same community."
    )

    def add_arguments(self, parser):
        parser.add_argument("--members", type=int, default=USUAL.members, help=f"how many people ({USUAL.members})")
        parser.add_argument("--topics", type=int, default=USUAL.topics, help=f"how many conversations ({USUAL.topics})")
        parser.add_argument("--posts", type=int, default=USUAL.posts, help=f"opening words and replies together ({USUAL.posts})")
        parser.add_argument("--seed", type=int, default=USUAL.seed, help=f"what everything is drawn from ({USUAL.seed})")

    def handle(self, *, members: int, topics: int, posts: int, seed: int, **options: Any) -> None:
        if members < 10 or topics < 1 or posts < topics:
            raise CommandError("A community has ten members or more, one conversation or more, and opening words in each of them.")
        if User.objects.exists():
            raise CommandError("There is a community in this database already. Name another one in HEARTH_DATABASE.")
        size, now, begun = Size(members, topics, posts, seed), timezone.now(), time.monotonic()
        for app in apps.get_app_configs():
            if module_has_submodule(app.module, "seed") and hasattr(room := import_module(f"{app.name}.seed"), "fill"):
                room.fill(size, now=now)
        self.stdout.write(
            f"{members} members, {topics} conversations, {posts} posts in {time.monotonic() - begun:.0f} seconds. "
            "Sign in as member@example.org."
        )
