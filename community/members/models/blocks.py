"""Blocks: two voices that do not meet here any more.

There are two worlds, and neither tells anything of the other. A block between accounts hides what each of them says by name,
everywhere. A block on an alias hides what that alias says, and from it what the other one says, in its one conversation.
"""

from functools import cache
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, Func, OuterRef, Q

from community.identity.models import Persona
from community.members.handles import is_findable, skeleton
from community.times import now_in_steps


class BlockQuerySet(models.QuerySet):
    def of(self, voice: Any) -> Self:
        """The blocks that this voice made."""
        return self.filter(blocker_persona=voice) if voice.is_persona else self.filter(blocker=voice)

    def on(self, voice: Any) -> Self:
        return self.filter(blocked_persona=voice) if voice.is_persona else self.filter(blocked=voice)

    def of_member(self, user: Any) -> Self:
        """All that this member made, under whatever name."""
        return self.filter(Q(blocker=user) | Q(blocker_persona__in=user.persona_keys))

    def on_accounts(self) -> Self:
        return self.filter(blocked__isnull=False)

    def on_handle(self, handle: str) -> Self:
        """Those on the member of this name, however it is written."""
        return self.filter(blocked__handle_key=skeleton(handle)) if is_findable(handle) else self.none()

    def on_aliases(self) -> Self:
        return self.filter(blocked_persona__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Block(models.Model):
    """That one voice does not want to meet another; it holds both ways and is never announced."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    blocker_persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    blocked_persona = models.ForeignKey(Persona, models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(default=now_in_steps)

    objects = BlockQuerySet.as_manager()
    personal = {"blocker": "erase", "blocked": "erase", "at": "erase"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(blocker=None, blocker_persona__isnull=False) | Q(blocker__isnull=False, blocker_persona=None),
                name="block_is_made_by_one_voice",
            ),
            # Whoever blocks an account does so by account: an alias that did would tell who is behind it.
            models.CheckConstraint(
                condition=Q(blocked=None, blocked_persona__isnull=False)
                | Q(blocked__isnull=False, blocked_persona=None, blocker__isnull=False),
                name="block_is_on_an_account_by_account_or_on_an_alias",
            ),
            models.CheckConstraint(
                condition=~Q(blocker=F("blocked")) & ~Q(blocker_persona=F("blocked_persona")), name="nobody_blocks_themselves"
            ),
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_per_pair"),
            models.UniqueConstraint(fields=["blocker", "blocked_persona"], name="one_block_per_member_and_alias"),
            models.UniqueConstraint(fields=["blocker_persona", "blocked_persona"], name="one_block_per_pair_of_aliases"),
        ]

    def __str__(self) -> str:
        return "a block"

    @property
    def voice(self) -> Any:
        """Whoever is blocked."""
        return self.blocked if self.blocked_id else self.blocked_persona

    @classmethod
    @transaction.atomic(savepoint=False)
    def put(cls, voice: Any, other: Any) -> None:
        """Let `voice` and `other` not meet any more. A block on an account is one by account: `voice` is a member then.

        What a room keeps between two accounts ends with it: a model that holds such a thing has `parted(one, other)`.
        """
        blocker = {"blocker_persona": voice} if voice.is_persona else {"blocker": voice}
        blocked = {"blocked_persona": other} if other.is_persona else {"blocked": other}
        cls.objects.bulk_create([cls(**blocker, **blocked)], ignore_conflicts=True)  # type: ignore[list-item]
        for model in () if other.is_persona else _between_two():
            model.parted(voice, other)

    @classmethod
    def lift(cls, voice: Any, other: Any) -> None:
        cls.objects.of(voice).on(other).delete()


@cache
def _between_two() -> tuple[Any, ...]:
    """The models that hold what two members have with each other, in whatever room."""
    return tuple(model for model in apps.get_models() if hasattr(model, "parted"))


# What a block hides. These are parts of `visible_to`, so they ask for `viewer.pk` and `viewer.persona_keys` alone. They are
# looked up row by row, with an index for each, and never fetched: somebody may have blocked thousands. ------------------


def _only(field: str) -> Func:
    """An array of one. Beside a plain "=" PostgreSQL would rather fetch all blocks of somebody and look among them."""
    return Func(OuterRef(field), template="ARRAY[%(expressions)s]")


def not_blocked(viewer: Any, *, account: str) -> Q:
    """No block between the accounts of `viewer` and of whoever the field `account` names (where it names nobody, none)."""
    if not viewer.is_authenticated:
        return Q()
    mine = Block.objects.filter(blocker=viewer.pk, blocked__pk__among=_only(account))
    theirs = Block.objects.filter(blocker__pk__among=_only(account), blocked=viewer.pk)
    # An OR keeps PostgreSQL from fetching all blocks of somebody first.
    return Q(**{account: None}) | ~(Q(Exists(mine)) | Q(Exists(theirs)))


def alias_not_blocked(viewer: Any, *, persona: str) -> Q:
    """No block of `viewer`, under whatever name they speak there, with the alias that the field `persona` names."""
    if not viewer.is_authenticated:
        return Q()
    other = _only(persona)
    by_name = Block.objects.filter(blocker=viewer.pk, blocked_persona__pk__among=other)
    by_alias = Block.objects.filter(blocker_persona__pk__among=viewer.persona_keys, blocked_persona__pk__among=other)
    theirs = Block.objects.filter(blocker_persona__pk__among=other, blocked_persona__pk__among=viewer.persona_keys)
    return Q(**{persona: None}) | ~(Q(Exists(by_name)) | Q(Exists(by_alias)) | Q(Exists(theirs)))


def own_alias_not_blocked(viewer: Any, *, account: str, conversation: str) -> Q:
    """Nobody whom the field `account` names has blocked the alias under which `viewer` speaks in that conversation."""
    if not viewer.is_authenticated:
        return Q()
    theirs = Block.objects.filter(
        blocker__pk__among=_only(account),
        blocked_persona__pk__among=viewer.persona_keys,
        blocked_persona__conversation=OuterRef(conversation),
    )
    return Q(**{account: None}) | ~Q(Exists(theirs))
