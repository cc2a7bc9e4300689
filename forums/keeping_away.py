"""Whom and what one member keeps away from in a crowded community, and who keeps away from them: for looking at speed only.

Half of the blocks are on people who write most where the member reads; enough stays on each page to be a page.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import Count

from community.contributions.filters import query_of
from community.contributions.models import Filter, Note
from community.identity.models import Persona
from community.identity.seal import personas_of
from community.members.models import Block, User
from community.seeding import Size, write

from .bench import opened
from .inventing import WORDS
from .models import Reply, Topic

MEMBER = "Lantern"
# Of the blocks: on people who write where the member reads, and on aliases; and so many more the other way round.
ON_WRITERS, ON_ALIASES, OTHER_WAY_ROUND = 0.5, 0.1, 0.1
# Of the people and of the aliases in a conversation that is opened.
IN_SIGHT = 4
PHRASES = 0.1
NOTES, PEOPLE = 3, 6


def keep_away(size: Size, rare: Sequence[str], now: datetime) -> None:
    """Let the member block and filter, once everything there is has been said; the same for the same seed."""
    # Nothing here is a secret.
    away = _Away(User.objects.get(username=MEMBER), now, Random(size.seed))  # noqa: S311
    write(away.blocks(size.blocks))
    write(away.filters(rare))


class _Away:
    def __init__(self, member: User, now: datetime, drawn: Random) -> None:
        self.member, self.now, self.drawn = member, now, drawn
        self.opened = opened()
        # Staff can be blocked, too; here they are left to look after the place.
        staff = User.objects.filter(is_staff=True).values_list("pk", flat=True)
        self.spared = {member.pk, *staff, *(topic.author_id for topic in self.opened)}
        self.own = {persona.conversation: persona.pk for persona in personas_of(member)}
        self.spared_aliases = {*self.own.values(), *(topic.persona_id for topic in self.opened)}

    # Blocks ---------------------------------------------------------------------------

    def blocks(self, number: int) -> list[Block]:
        blocked = self._writers(round(number * ON_WRITERS))
        aliases = self._aliases(round(number * ON_ALIASES))
        known = {*self.spared, *blocked}
        others = [pk for pk in User.objects.order_by("pk").values_list("pk", flat=True) if pk not in known]
        blocked |= dict.fromkeys(self._some(others, number - len(blocked) - len(aliases)))
        theirs = self._some([pk for pk in others if pk not in blocked], round(number * OTHER_WAY_ROUND))
        made = [Block(blocker_id=self.member.pk, blocked_id=pk) for pk in blocked]
        made += [self._on_alias(persona, conversation) for persona, conversation in aliases]
        made += self._other_way_round(theirs)
        for block in made:
            block.at = self.now - timedelta(days=self.drawn.randrange(1, 1_000))
        return made

    def _some(self, those: Sequence[int], number: int) -> list[int]:
        return self.drawn.sample(those, max(0, min(number, len(those))))

    def _writers(self, number: int) -> dict[int, None]:
        """Some of the people in the conversations that are opened, and half of those who write most on that board."""
        found: dict[int, None] = {}
        for topic in self.opened:
            people = Reply.objects.filter(topic=topic).exclude(author=None).order_by("author").values_list("author", flat=True)
            found |= dict.fromkeys([pk for pk in people.distinct() if pk not in self.spared][::IN_SIGHT])
        replies = Reply.objects.filter(topic__board=self.opened[1].board).exclude(author=None).values("author")
        most = replies.annotate(number=Count("pk")).order_by("-number", "author")[: 2 * number].values_list("author", flat=True)
        writers = [pk for pk in most if pk not in self.spared and pk not in found]
        return found | dict.fromkeys(self._some(writers, min(number - len(found), len(writers) // 2)))

    def _aliases(self, number: int) -> list[tuple[int, UUID]]:
        found: dict[tuple[int, UUID], None] = {}
        for topic in self.opened:
            here = Persona.objects.filter(conversation=topic.public_id).order_by("pk").values_list("pk", "conversation")
            found |= dict.fromkeys([each for each in here if each[0] not in self.spared_aliases][::IN_SIGHT])
        everywhere = Persona.objects.order_by("pk").values_list("pk", "conversation")
        rest = [each for each in everywhere if each[0] not in self.spared_aliases and each not in found]
        return [*found, *self.drawn.sample(rest, max(0, min(number - len(found), len(rest))))]

    def _on_alias(self, persona: int, conversation: UUID) -> Block:
        """By the name under which the member speaks there."""
        own = self.own.get(conversation)
        return Block(blocker_id=None if own else self.member.pk, blocker_persona_id=own, blocked_persona_id=persona)

    def _other_way_round(self, people: Iterable[int]) -> list[Block]:
        """People who do not want to meet the member, or an alias of theirs, not knowing who that is."""
        made = [Block(blocker_id=pk, blocked_id=self.member.pk) for pk in people]
        for topic in Topic.objects.filter(public_id__in=self.own).exclude(author=None).exclude(author__in=self.spared):
            made.append(Block(blocker_id=topic.author_id, blocked_persona_id=self.own[topic.public_id]))
        return made

    # Filters --------------------------------------------------------------------------

    def filters(self, rare: Sequence[str]) -> list[Filter]:
        """Words that stand in few texts, some words in a row, a few notes and people; every other one is left out, not folded."""
        pairs = [f"{person} brought {thing}" for person in WORDS["person"] for thing in WORDS["thing"]]
        phrases = self.drawn.sample(pairs, min(len(pairs), round(len(rare) * PHRASES)))
        words = [*rare[: len(rare) - len(phrases)], *phrases]
        made = [Filter(words=each, query=query_of(each)) for each in words]
        made += [Filter(note=note) for note in Note.objects.offered().order_by("position", "pk")[:NOTES]]
        made += [Filter(person_id=pk) for pk in self._talkers()]
        for number, each in enumerate(made):
            each.user, each.act = self.member, (Filter.Act.HIDE, Filter.Act.FOLD)[number % 2].value
            each.until = self.now + timedelta(days=365) if number % 10 == 0 else None
        return made

    def _talkers(self) -> list[int]:
        """People in the longest conversation who are not blocked."""
        blocked = Block.objects.filter(blocker=self.member, blocked__isnull=False).values("blocked")
        people = Reply.objects.filter(topic=self.opened[1]).exclude(author=None).exclude(author__in=[*self.spared])
        left = people.exclude(author__in=blocked).order_by("author").values_list("author", flat=True).distinct()
        return list(left[: 3 * PEOPLE : 3])
