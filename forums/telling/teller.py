"""`Teller`: turns what is told into rows."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from community.audit.models import record
from community.contributions.models import Contribution
from community.decisions.models import Act, Decision
from community.identity.models import Persona
from community.notifications.models import Notification
from community.seeding import reserve
from community.times import in_steps
from forums.models import Board, Reply, Topic

from .conversations import Batch, Conversation
from .people import People

ALLOWED_BEFORE = timedelta(days=300)
ALLOWED_BECAUSE = "People here asked for it, and two of us are in charge of safety."
HIDDEN_BECAUSE = "It tells more about somebody else than they would want told."


class Teller(People):
    """Turns told boards and conversations into rows."""

    def boards(self, told: Iterable[dict[str, Any]]) -> dict[str, Board]:
        boards = {}
        for position, fields in enumerate(told, 1):
            own = {name: value for name, value in fields.items() if name != "anonymous"}
            board = Board(position=position, **own | {"guidelines": fields["guidelines"].strip()})
            board.anonymous_at = in_steps(self.now - ALLOWED_BEFORE) if fields.get("anonymous") else None
            board.save()
            if board.is_anonymous:
                record("forums.board_anonymous_allowed", by=self.owner, target=board, reason=ALLOWED_BECAUSE)
            boards[board.slug] = board
        return boards

    def tell(self, talks: Sequence[dict[str, Any]], boards: dict[str, Board]) -> Batch:
        """The rows of these conversations, which none but their `hidden` ones need the database for."""
        batch = Batch()
        topic_ids = reserve(Topic, len(talks))
        reply_ids = reserve(Reply, sum(len(talk.get("replies", ())) for talk in talks))
        anonymous = sum(len(talk.get("anonymous", ())) for talk in talks)
        persona_ids = reserve(Persona, anonymous) if anonymous else iter(())
        for talk in talks:
            Conversation(self, batch, talk, boards[talk["board"]], persona_ids).tell(next(topic_ids), reply_ids)
        return batch

    def hide(self, words: Iterable[Contribution]) -> None:
        """Write down that a volunteer hid these and why, once they are written themselves."""
        decisions, news = [], []
        for hidden in words:
            record(hidden.action("hidden"), by=self.moderator, target=hidden, reason=HIDDEN_BECAUSE)
            decisions.append(self._decision(hidden))
        for decision in Decision.objects.bulk_create(decisions):
            news.append(self._news_of(decision))
        Notification.objects.bulk_create(news)

    def _decision(self, hidden: Contribution) -> Decision:
        return Decision(
            public_id=self.draw_id(),
            act=Act.HIDE.value,
            member=hidden.author,
            persona=hidden.persona,
            target=hidden,
            reason=HIDDEN_BECAUSE,
            kept=hidden.as_kept(),
            by=self.moderator,
            at=hidden.hidden_at,
        )

    def _news_of(self, decision: Decision) -> Notification:
        return Notification(
            public_id=self.draw_id(),
            kind="decisions.decision_made",
            target=decision,
            thread=decision.thread,
            note=decision.reason,
            created_at=decision.at,
            mailed_at=decision.at,
            recipient=decision.member,
            persona=decision.persona,
        )
