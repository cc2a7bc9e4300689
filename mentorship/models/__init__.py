"""The nouns of the room: `Mentor` and what leads to being one (mentors.py), `Request` (requests.py), `Match` (matches.py), what the
two keep in their room (rooms.py), what is asked along the way (along.py), `Cohort` (cohorts.py)."""

from .along import CheckIn, Concern
from .cohorts import Cohort, Pairing, Rule
from .matches import ASKED_FOR, MOST_ASKED, CannotBegin, Match, Side
from .mentors import APPROVED_FOR, MOST_PLACES, Fact, Gender, Help, Lesson, LessonDone, Mentor, NotAbout, Place
from .requests import OPEN_FOR, Noted, Request, Weight, Without
from .rooms import Goal, Message, Session

__all__ = [
    "APPROVED_FOR",
    "ASKED_FOR",
    "MOST_ASKED",
    "MOST_PLACES",
    "OPEN_FOR",
    "CannotBegin",
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
    "Place",
    "Request",
    "Rule",
    "Session",
    "Side",
    "Weight",
    "Without",
]
