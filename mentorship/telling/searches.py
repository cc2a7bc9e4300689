"""Told searches: who was asked, what became of each question, and of those two in their room."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from community.times import in_steps
from mentorship import scoring
from mentorship.along import DAYS, EVERY, FIRST_AFTER
from mentorship.models import (
    AGREEMENT,
    ASKED_FOR,
    NUDGED_AFTER,
    OPEN_FOR,
    CheckIn,
    Goal,
    Match,
    Message,
    Request,
    Session,
    Side,
)
from mentorship.models.requests import Without
from mentorship.renewing import offset_of, utc_hours

from .people import People

# The tasks that look after pairs come round every few minutes, or once an hour.
LOOKED_AT_AFTER = timedelta(minutes=10)
THANKED_AFTER, SHOWN_AFTER = timedelta(hours=20), timedelta(days=2)
ANSWERED_AFTER, READ_BY_COORDINATOR_AFTER = timedelta(hours=9), timedelta(days=4)

SIDES = {"newcomer": Side.NEWCOMER, "mentor": Side.MENTOR}


class Search:
    """One search on its way into the batch, with everybody who was asked."""

    def __init__(self, teller: People, told: dict[str, Any], keys: dict[type[models.Model], Iterator[int]]) -> None:
        self.teller, self.told, self.keys = teller, told, keys
        self.begun = teller.now - timedelta(days=told["days_ago"])
        self.request, self.newcomer = teller.seeker(told)
        self.request.pk, self.request.public_id = next(keys[Request]), teller.draw_id()
        self.asked: set[int] = set()
        self.pairs = [_Pair(self, question) for question in told.get("questions", ())]
        self._end()
        self._write()

    def _end(self) -> None:
        """Found, taken back, run out, or open still; and what became of the questions that nobody had answered by then."""
        found = next((pair.began for pair in self.pairs if pair.match.began_at), None)
        if found:
            ended, ending = found, Request.Ending.FOUND
        elif "taken_back_after_days" in self.told:
            ended, ending = self.begun + timedelta(days=self.told["taken_back_after_days"]), Request.Ending.TAKEN_BACK
        else:
            ended, ending = self.begun + OPEN_FOR + timedelta(days=1), Request.Ending.RUN_OUT
        for pair in self.pairs:
            pair.go_unanswered(until=min(ended, self.teller.now))
        if ended >= self.teller.now:
            return
        self.request.closed_at, self.request.ending = in_steps(ended), ending
        if ending == Request.Ending.RUN_OUT:
            news = {"told": [self.request.user], "kind": "mentorship.request_ran_out", "target": self.request}
            self.teller.happen(ended, self.request.public_id, **news)

    def _write(self) -> None:
        batch, told, request = self.teller.batch, self.told, self.request
        # Clocks are put forward and back with the season for as long as somebody looks.
        request.offset = offset_of(request.time_zone, request.closed_at or self.teller.now)
        request.utc_hours = utc_hours(request.hours, request.offset)
        batch.requests.append(request)
        batch.without += [Without(request=request, tag=tag) for tag in self.teller._tags(told.get("without", ()))]
        batch.wanted += [Request.helps.through(request=request, help=each) for each in self.teller._helps(told)]
        self.teller._tag(request, self.teller._tags(told.get("tags", ())))
        batch.matches += [pair.match for pair in self.pairs]


class _Pair:
    """A question to a mentor, and what became of it."""

    def __init__(self, search: Search, told: dict[str, Any]) -> None:
        self.search, self.told, self.teller = search, told, search.teller
        self.guide = self.teller.guides[told["mentor"]]
        self.people = {"newcomer": search.request.user, "mentor": self.guide.row.user}
        self.asked = search.begun + timedelta(days=told["after_days"])
        self.match = Match(
            pk=next(search.keys[Match]),
            public_id=self.teller.draw_id(),
            request=search.request,
            newcomer=search.request.user,
            mentor=self.guide.row,
            asked_at=in_steps(self.asked),
            hello=told.get("hello", "").strip(),
            answer_until=self.asked + ASKED_FOR,
            newcomer_accepted_at=in_steps(self.asked),
            **self._known(),
        )
        self.happen(self.asked, by="newcomer", told=["mentor"], kind="match_asked")
        if "answered_after_hours" in told:
            self._answer(self.asked + timedelta(hours=told["answered_after_hours"]))

    def _known(self) -> dict[str, Any]:
        """The score, and its place among those who could be brought then."""
        score = scoring.score(self.search.newcomer, self.guide.offer_at(self.asked), self.teller.rarity)
        known = {"score": score.total, "parts": score.points}
        if "rank" in self.told:
            return known | {"rank": self.told["rank"], "eligible": self.told["eligible"]}
        others = [guide for guide in self.teller.guides.values() if guide.row.pk not in self.search.asked]
        fitting = self.teller.fitting(self.search.newcomer, self.asked, others)
        self.search.asked.add(self.guide.row.pk)
        keys = [guide.row.pk for _score, guide in fitting]
        return known | {"rank": 1 + keys.index(self.guide.row.pk), "eligible": len(keys)}

    def happen(self, at: datetime, *, by: str = "", told: Iterable[str] = (), kind: str = "", target: Any = None) -> None:
        """Something happens between the two; `by` and `told` are sides."""
        self.teller.happen(
            at,
            self.match.public_id,
            by=self.people.get(by),
            told=[self.people[side] for side in told],
            kind=f"mentorship.{kind}" if kind else "",
            target=target or self.match,
        )

    # The answer -----------------------------------------------------------------------

    def _answer(self, at: datetime) -> None:
        if "declined" in self.told:
            self.match.decline_reason = self.told["declined"]
            self._end(at, Match.Ending.DECLINED, "mentor")
            self.happen(at, by="mentor", told=["newcomer"], kind="match_declined")
            return
        self.began = at
        self.match.mentor_accepted_at = self.match.began_at = in_steps(at)
        self.happen(at, by="mentor", told=["newcomer", "mentor"], kind="match_begun")
        self._together()
        if ended := self.told.get("ended"):
            self._part(ended)
        self._go_quiet()

    def go_unanswered(self, *, until: datetime) -> None:
        """Nobody has answered: it runs out after a week, or the search was over before."""
        if not self.match.is_open:
            return
        late = self.match.answer_until + LOOKED_AT_AFTER
        if late <= until:
            self._end(late, Match.Ending.EXPIRED, "")
            self.happen(late, told=["newcomer", "mentor"], kind="match_expired")
        elif until < self.teller.now:
            self._end(until, Match.Ending.TAKEN_BACK, "newcomer")
            self.happen(until, by="newcomer", told=["mentor"], kind="match_not_needed")

    def _end(self, at: datetime, ending: str, by: str) -> None:
        self.match.ended_at, self.match.ending = in_steps(at), ending
        self.match.ended_by = SIDES.get(by, Side.PROGRAMME)

    # Their room -------------------------------------------------------------------------

    def _after(self, told: dict[str, Any], name: str = "after_hours") -> datetime:
        return self.began + timedelta(hours=told[name])

    def _together(self) -> None:
        match, told, batch = self.match, self.told, self.teller.batch
        said = told.get("messages", ())
        for position, each in enumerate(said, start=1):
            self._say(each, position)
        match.last_position = len(said)
        match.spoke_at = in_steps(self._after(said[-1])) if said else None
        for number, each in enumerate(told.get("goals", ()), start=1):
            reached = self._after(each, "reached_after_hours") if "reached_after_hours" in each else None
            batch.goals.append(Goal(match=match, number=number, words=each["words"], reached_at=reached))
        for each in told.get("sessions", ()):
            day, own = timezone.localdate(self._after(each)), self.people[each["by"]]
            batch.sessions.append(Session(match=match, public_id=self.teller.draw_id(), user=own, on=day, words=each["words"]))
        if "notes" in told:
            match.notes, match.notes_version = told["notes"].strip(), 1
        if "agreement" in told:
            self._agree(told["agreement"])
        if "last_day" in told:
            self._plan(told["last_day"])

    def _say(self, told: dict[str, Any], position: int) -> None:
        at, body = self._after(told), told["body"].strip()
        message = Message(
            pk=next(self.search.keys[Message]),
            public_id=self.teller.draw_id(),
            match=self.match,
            position=position,
            author=self.people[told["by"]],
            body=body,
            body_html=self.teller.render(body),
            created_at=in_steps(at),
        )
        self.teller.batch.messages.append(message)
        self.happen(at, by=told["by"], told=[_other(told["by"])], kind="message_written", target=message)

    def _agree(self, told: dict[str, Any]) -> None:
        proposed, by = self._after(told), told["by"]
        for name in AGREEMENT:
            setattr(self.match, name, told.get(name, ""))
        self.match.lasts_until = timezone.localdate(proposed) + timedelta(days=told["lasts_days"]) if "lasts_days" in told else None
        setattr(self.match, f"{by}_agreed_at", in_steps(proposed))
        self.happen(proposed, by=by, told=[_other(by)], kind="agreement_changed")
        if "agreed_after_hours" in told:
            agreed = self._after(told, "agreed_after_hours")
            setattr(self.match, f"{_other(by)}_agreed_at", in_steps(agreed))
            self.happen(agreed, by=_other(by))

    def _plan(self, told: dict[str, Any]) -> None:
        at = self._after(told)
        self.match.ending_planned_for = timezone.localdate(at) + timedelta(days=told["in_days"])
        self.happen(at, by=told["by"], told=[_other(told["by"])], kind="ending_planned")

    def _go_quiet(self) -> None:
        """Whenever neither has said anything for two weeks, both are asked once."""
        begun, until = in_steps(self.began), self.match.ended_at or self.teller.now
        spoken = [in_steps(self._after(each)) for each in self.told.get("messages", ())]
        for since, then in zip([begun, *spoken], [*spoken, until], strict=True):
            asked = since + NUDGED_AFTER + LOOKED_AT_AFTER
            if asked < then:
                self.match.nudged_at = asked
                self.happen(asked, told=["newcomer", "mentor"], kind="match_nudged")

    # How it goes ---------------------------------------------------------------------------

    def check_in_times(self) -> list[datetime]:
        """When both are asked how it goes: after the first contact, and then by the calendar."""
        until = self.match.ended_at or self.teller.now
        said = self.told.get("messages", ())
        first = {each["by"]: self._after(each) for each in reversed(said)}
        by_then = self.began + timedelta(days=FIRST_AFTER)
        met = min(by_then, max(first.values())) if len(first) == len(SIDES) else by_then
        begun = in_steps(self.began)
        later = [*DAYS, *range(DAYS[-1] + EVERY, (until - begun).days + 1, EVERY)]
        return [at for at in (met, *(begun + timedelta(days=day) for day in later)) if at < until]

    def check_in(self, keys: Iterator[int]) -> None:
        said = self.told.get("answers", {})
        for number, at in enumerate(self.check_in_times(), start=1):
            kind = CheckIn.Kind.FIT if number == 1 else CheckIn.Kind.ALONG
            for side, user in self.people.items():
                asked = CheckIn(pk=next(keys), public_id=self.teller.draw_id(), match=self.match, user=user, kind=kind)
                asked.number, asked.asked_at = number, in_steps(at)
                news = {"told": [user], "kind": "mentorship.checkin_asked", "target": asked}
                self.teller.happen(at, asked.public_id, **news)
                if number <= len(said.get(side, ())):
                    self._answer_check_in(asked, said[side][number - 1], at + ANSWERED_AFTER)
                self.teller.batch.check_ins.append(asked)

    def _answer_check_in(self, asked: CheckIn, said: str, at: datetime) -> None:
        """An answer, and after a colon words for the coordinator; what is not new has been read."""
        asked.answer, _colon, words = said.partition(": ")
        asked.words, asked.answered_at = words, in_steps(at)
        if at + READ_BY_COORDINATOR_AFTER < self.teller.now:
            asked.seen_at = at + READ_BY_COORDINATOR_AFTER
        self.teller.happen(at, asked.public_id, by=asked.user)

    # The end ----------------------------------------------------------------------------------

    def take_place(self) -> None:
        """The first place that nobody holds when they begin, until they end."""
        held, ended = self.guide.held, self.match.ended_at
        number = next(n for n in range(1, self.guide.row.capacity + 1) if n not in held or held[n] <= in_steps(self.began))
        held[number] = ended or datetime.max.replace(tzinfo=self.began.tzinfo)
        self.match.place = None if ended else number

    def _part(self, told: dict[str, Any]) -> None:
        at, by = self._after(told), told.get("by", "")
        self._end(at, told["how"], by)
        if told["how"] == Match.Ending.QUIET:
            self.happen(at, told=["newcomer", "mentor"], kind="match_released")
        else:
            self.happen(at, by=by, told=[_other(by)] if by else ["newcomer", "mentor"], kind="match_ended")
        self._thank(told, at, by)

    def _thank(self, told: dict[str, Any], ended: datetime, by: str) -> None:
        """What each says at the end: whoever ends it in the same step, the other one a day later."""
        for side in sorted(SIDES, key=lambda side: side != by):
            thanks, at = told.get(f"{side}_thanks", ""), ended if side == by else ended + THANKED_AFTER
            setattr(self.match, f"{side}_thanks", thanks)
            if side == "newcomer" and "testimonial" in told:
                self.match.testimonial, self.match.testimonial_is_named = told["testimonial"], told.get("named", False)
                self.happen(at, by=side, told=["mentor"], kind="testimonial_written")
                if told.get("shown"):
                    self.match.testimonial_shown_at = in_steps(at + SHOWN_AFTER)
                    self.happen(at + SHOWN_AFTER, by="mentor", told=["newcomer"], kind="testimonial_shown")
            if thanks and side != by:
                self.happen(at, by=side, told=[_other(side)], kind="thanks_written")


def _other(side: str) -> str:
    return "mentor" if side == "newcomer" else "newcomer"
