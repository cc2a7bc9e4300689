"""The nouns of the room: `Mentor` (mentors.py), the way to being one (approval.py, training.py) and the places (places.py);
`Request` (requests.py); `Match` (matches.py), how it begins (beginning.py, holding.py), what the two keep in their room
(together.py, rooms.py), what is asked along the way (along.py), what is done for them (covering.py, overseen.py), how it ends
(parting.py); `Cohort` (cohorts.py); how soon and how many (pace.py)."""

from .along import CheckIn, Concern
from .approval import APPROVED_FOR
from .beginning import MOST_ASKED, CannotBegin
from .cohorts import LOW, Cohort, Pairing, Rule, waiting
from .matches import Match
from .mentors import Fact, Gender, Mentor, NotAbout
from .pace import ASKED_FOR, OPEN_FOR, Pace
from .parting import NUDGED_AFTER, RELEASED_AFTER, STUCK_AFTER, Parting
from .places import MOST_PLACES, Place
from .requests import Noted, Request, Weight, Without
from .rooms import AROUND, MOST_GOALS, MOST_SESSIONS, PAGE, Goal, Message, Session
from .together import AGREEMENT, ChangedMeanwhile, RoomClosed, Side, Together
from .training import Help, Lesson, LessonDone

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
    "Pace",
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
