"""Taking a part out of words: a mark stands in its place, and it can be put in again exactly, in any order."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext

from community import text
from community.audit.models import record
from community.decisions.models import Act, Decision, decide
from community.members.handles import letters
from community.members.models import User
from community.prepared import Prepared

from .drafts import Draft

# Fewer characters are no passage: a word of two letters stands everywhere.
SHORTEST_PASSAGE = 3
_SHORT_MARK = "[…]"


def mark() -> str:
    """What stands where something was taken out."""
    return gettext("[taken out by a volunteer]")


def _seen(words: dict[str, str]) -> str:
    """What is told there, as it was typed and as it is read, however it is spaced, spelled or marked up."""
    read = (text.excerpt(said, text.MAX_LENGTH) for said in words.values())
    return "\0".join([letters("".join(words.values())), letters("".join(read)), *words.values()])


_taken_out: Prepared[Any] = Prepared(
    lambda viewer, of, thing: (
        Decision.objects.standing().filter(act=Act.REDACT, target_type=of, target_id=thing).values_list("pk")[:1]
    ),
    of=int,
    thing=int,
)


class Redacted(models.Model):
    """The part of a contribution from which volunteers take passages out."""

    own_words: ClassVar[tuple[str, ...]] = ()

    public_id: Any
    body: Any
    is_withdrawn: Any
    action: Any
    revision: Any
    as_kept: Any
    _put_words: Any
    _changed: Any
    _tell_restored: Any
    _lock: Any

    class Meta:
        abstract = True

    @property
    def is_redacted(self) -> bool:
        of = ContentType.objects.get_for_model(self).pk
        return bool(_taken_out.rows(None, None, of=of, thing=self.pk))

    def brings_back(self, words: dict[str, str]) -> bool:
        """Would these words say again what was taken out, and does not stand there?"""
        taken = Decision.objects.about(self).standing().filter(act=Act.REDACT).values_list("kept__passages", flat=True)
        parts = [part for passages in taken for part in passages]
        if not parts:
            return False
        told = {letters(said) or part for part in parts for said in (part, text.excerpt(part, text.MAX_LENGTH))}
        there, then = _seen(self.as_kept()), _seen(words)
        return any(part in then and part not in there for part in told)

    @transaction.atomic
    def redact(self, *, by: User, reason: str, passages: Iterable[str], rule: str = "") -> None:
        """Take these passages out, wherever they stand in it; a mark says so, the rest stays."""
        self._lock()
        there = self.as_kept()
        taken = [passage for passage in passages if self._without(there, [passage]) != there]
        if self.is_withdrawn or not taken:
            return
        self.revision().save()
        self._put_words(self._without(there, taken))
        Draft.forget_quotes_of(self.public_id, but_in=text.excerpt(self.body, text.MAX_LENGTH))
        self._changed()
        kept = there | {"passages": taken}
        decide(Act.REDACT, self, by=by, reason=reason, rule=rule, action=self.action("redacted"), kept=kept)

    @transaction.atomic
    def put_back(self, *, by: User, reason: str, of: Decision | None = None) -> None:
        """Put in again what was taken out. What its author changed since then stays as they want it."""
        self._lock()
        holding = list(Decision.objects.about(self).standing().filter(act=Act.REDACT).order_by("pk"))
        undone = [each for each in reversed(holding) if of is None or each.pk == of.pk]
        if not undone:
            return
        for each in undone:
            self._put_in(each, later=holding[holding.index(each) + 1 :])
            holding.remove(each)
        Decision.objects.mark_reversed(undone)
        self._changed()
        record(self.action("put_back"), by=by, target=self, reason=reason)
        self._tell_restored(reason)

    def _put_in(self, decision: Decision, *, later: list[Decision]) -> None:
        """As it would stand without this decision and with the later ones, if nobody but volunteers touched it since."""
        stood = self._without(decision.kept, decision.kept["passages"])
        words = {name: decision.kept[name] for name in self.own_words if name in decision.kept}
        for each in later:
            stood, words, each.kept = (
                self._without(stood, each.kept["passages"]),
                self._without(words, each.kept["passages"]),
                each.kept | words,
            )
        if stood == self.as_kept():
            self._put_words(words)
            for each in later:
                each.save(update_fields=["kept"])

    def _without(self, words: dict[str, Any], passages: list[str]) -> dict[str, str]:
        """These words with a mark in the place of each passage; a short one where there is little room."""
        left = {}
        longest_first = sorted(passages, key=len, reverse=True)
        for name in self.own_words:
            if name in words:
                stands = mark() if name == "body" else _SHORT_MARK
                one = "|".join(map(re.escape, [stands, *longest_first]))
                # One mark for what stood together, and no link out of a mark and what follows it.
                marked = re.sub(f"(?:{one})(?:\\s*(?:{one}))*", lambda _found, stands=stands: stands, words[name])
                left[name] = re.sub(f"{re.escape(stands)}(?=[(\\[:])", lambda _found, stands=stands: f"{stands} ", marked)
        return left
