"""The nouns of the room: `Mentor` and what leads to being one (mentors.py, training.py), `Request` (requests.py), `Match`
(matches.py), what the two keep in their room (together.py, rooms.py), how it ends (parting.py), what is asked along the way
(along.py), `Cohort` (cohorts.py)."""

from .along import CheckIn, Concern
from .cohorts import LOW, Cohort, Pairing, Rule, waiting
from .matches import ASKED_FOR, MOST_ASKED, CannotBegin, Match, Side
from .mentors import APPROVED_FOR, MOST_PLACES, Fact, Gender, LessonDone, Mentor, NotAbout, Place
from .parting import NUDGED_AFTER, RELEASED_AFTER, STUCK_AFTER, Parting
from .requests import OPEN_FOR, Noted, Request, Weight, Without
from .rooms import AROUND, MOST_GOALS, MOST_SESSIONS, PAGE, Goal, Message, Session
from .together import AGREEMENT, ChangedMeanwhile, RoomClosed, Together
from .training import Help, Lesson

__all__ = [
    "AGREEMENT",
    "APPROVED_FOR",
    "AROUND",
    "ASKED_FOR",
    "LOW",
    "MOST_ASKED",
    "MOST_GOALS",
    "MOST_PLACES",
    "MOST_SESSIONS",
    "NUDGED_AFTER",
    "OPEN_FOR",
    "PAGE",
    "RELEASED_AFTER",
    "STUCK_AFTER",
    "CannotBegin",
    "ChangedMeanwhile",
    "CheckIn",
    "Cohort",
    "Concern",
    "Fact",
    "Gender",
    "Goal",
    "Help",
    "Lesson",
    "LessonDone",
    "Match",
    "Mentor",
    "Message",
    "NotAbout",
    "Noted",
    "Pairing",
    "Parting",
    "Place",
    "Request",
    "RoomClosed",
    "Rule",
    "Session",
    "Side",
    "Together",
    "Weight",
    "Without",
    "waiting",
]
