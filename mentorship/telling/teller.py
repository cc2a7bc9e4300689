"""`Teller`: turns what is told into rows, and writes them down."""

from collections.abc import Sequence
from typing import Any

from community.audit.models import record
from community.seeding import reserve
from mentorship.models import CheckIn, Match, Message, Request

from .people import People
from .searches import Search


class Teller(People):
    """Turns what is told into rows: `mentors` first, then `tell`, then `write`."""

    def tell(self, searches: Sequence[dict[str, Any]]) -> None:
        """Tell all that there is of these searches; their mentors were told before."""
        asked = sum(len(search.get("questions", ())) for search in searches)
        said = sum(len(each.get("messages", ())) for search in searches for each in search.get("questions", ()))
        keys = {Request: reserve(Request, len(searches)), Match: reserve(Match, asked), Message: reserve(Message, said)}
        told = [Search(self, search, keys) for search in searches]
        # Places are given in the order in which pairs begin.
        begun_pairs = [pair for search in told for pair in search.pairs if pair.match.began_at]
        for pair in sorted(begun_pairs, key=lambda pair: pair.began):
            pair.take_place()
        checked = [pair for pair in begun_pairs for _moment in pair.check_in_times()]
        check_in_keys = reserve(CheckIn, 2 * len(checked))
        for pair in begun_pairs:
            pair.check_in(check_in_keys)

    def write(self) -> None:
        """Write everything down."""
        self._count_free()
        self._tell_news()
        self.batch.write()
        for action, mentor, reason in self.recorded:
            record(action, by=self.coordinator, target=mentor, reason=reason)
