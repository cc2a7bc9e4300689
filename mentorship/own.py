"""What of mentorship is a member's own: what they told of themselves, and what they said to the other one.

What two keep together (goals, notes, what they agreed on) stays in their room: nothing says which of them wrote it.
"""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Value, When
from django.utils.translation import gettext_lazy as _

from community.contributions.own import own_words, tags_of
from community.copying import Own, Words

from .explaining import times_in_words
from .models import CheckIn, Concern, LessonDone, Match, Mentor, Message, NotAbout, Noted, Request, Session, Side, Without

_PERSON: dict[str, Words] = {
    "help_names": _("help"),
    "languages": _("languages"),
    "time_zone": _("time zone"),
    "hours": _("free"),
    "gender": _("you are"),
    "wished_gender": _("you would rather have"),
    "shares": _("what others may know"),
}
_READ = {"hours": times_in_words}


def _helps_of(model: Any, field: str) -> ArraySubquery:
    chosen = model.helps.through.objects.filter(**{field: OuterRef("pk")})
    return ArraySubquery(chosen.order_by("help__position", "help__name").values("help__name"))


def _only_of(side: str) -> Case:
    """Why it was declined, if this side did that."""
    return Case(When(ended_by=side, then=F("decline_reason")), default=Value(""))


OWN = [
    Own(
        Mentor,
        _("You as a mentor"),
        {
            "story": _("what you have been through"),
            "offers": _("what you can offer"),
            "limits": _("what you will not do"),
            "tag_names": _("tags"),
            **_PERSON,
            "capacity": _("places"),
            "applied_at": _("applied"),
            "approved_at": _("approved"),
            "approved_until": _("approved until"),
            "refused_at": _("not taken"),
            "refusal": _("why not, or not yet"),
            "paused_at": _("resting since"),
            "sent_back_at": _("with you for a change since"),
            "held_at": _("waits for a coordinator since"),
            "hidden_at": _("not shown to others since"),
            "stood_down_at": _("stopped"),
        },
        also={"tag_names": tags_of(Mentor), "help_names": _helps_of(Mentor, "mentor")},
        read=_READ,
    ),
    Own(NotAbout, _("What you would rather not be brought for"), {"tag__name": _("tag")}, by=("mentor__user",)),
    Own(
        LessonDone,
        _("Your training as a mentor"),
        {"lesson__name": _("step"), "at": _("when"), "words": _("what you wrote")},
        by=("mentor__user",),
    ),
    Own(
        Request,
        _("What you looked for in a mentor"),
        {
            "created_at": _("when"),
            "need": _("what it is about"),
            "hopes": _("what you hope for"),
            "tag_names": _("tags"),
            **_PERSON,
            "weigh_topics": _("how much the kind of help matters"),
            "weigh_lived": _("how much having been there matters"),
            "weigh_hours": _("how much the same hours matter"),
            "weigh_gender": _("how much it matters who it is"),
            "most_important": _("what matters most to you"),
            "struck": _("not matched on"),
            "open_until": _("open until"),
            "closed_at": _("ended"),
            "ending": _("how it ended"),
        },
        also={"tag_names": tags_of(Request), "help_names": _helps_of(Request, "request")},
        read=_READ,
    ),
    Own(Without, _("What must not be in a mentor’s story"), {"tag__name": _("tag")}, by=("request__user",)),
    Own(Noted, _("Mentors you noted"), {"mentor__user__username": _("mentor"), "how": _("how")}, by=("request__user",)),
    Own(
        Match,
        _("Mentors you had or asked"),
        {
            "public_id": _("id"),
            "mentor__user__username": _("mentor"),
            "asked_at": _("asked"),
            "hello": _("your first line"),
            "began_at": _("began"),
            "ended_at": _("ended"),
            "own_decline": _("why you declined"),
            "newcomer_thanks": _("your thank-you"),
            "newcomer_feedback": _("what you told the coordinators"),
            "testimonial": _("what others may read"),
            "newcomer_asks_again_at": _("would like to begin again since"),
        },
        by=("newcomer",),
        also={"own_decline": _only_of(Side.NEWCOMER)},
        name="match_as_newcomer",
    ),
    Own(
        Match,
        _("Newcomers you guided or were asked by"),
        {
            "public_id": _("id"),
            "newcomer__username": _("newcomer"),
            "asked_at": _("asked"),
            "began_at": _("began"),
            "ended_at": _("ended"),
            "cover_asked_at": _("asked for cover"),
            "own_decline": _("why you declined"),
            "mentor_thanks": _("your thank-you"),
            "mentor_feedback": _("what you told the coordinators"),
            "mentor_asks_again_at": _("would like to begin again since"),
        },
        by=("mentor__user",),
        also={"own_decline": _only_of(Side.MENTOR)},
        name="match_as_mentor",
    ),
    own_words(Message, _("What you said in a room of two"), {"match__public_id": _("room")}),
    Own(
        Session,
        _("Your own log"),
        {"match__public_id": _("room"), "on": _("day"), "words": _("a line for yourself")},
    ),
    Own(
        CheckIn,
        _("How it was going, as you said"),
        {
            "match__public_id": _("room"),
            "asked_at": _("asked"),
            "answered_at": _("answered"),
            "answer": _("how is it?"),
            "words": _("anything the coordinator should know"),
        },
    ),
    Own(
        Concern,
        _("Where you called for safety"),
        {"match__public_id": _("room"), "at": _("when"), "words": _("what is the matter"), "closed_at": _("looked at")},
        by=("by",),
    ),
]
