"""The room behind the scenes: one module for each kind of thing that is looked after here.

What two people say to each other is not among them: `Message`, `Goal` and `Session` have no pages, and a match shows no words.
"""

from .cohorts import CohortAdmin
from .concerns import ConcernAdmin
from .matches import MatchAdmin
from .mentors import MentorAdmin
from .requests import RequestAdmin
from .training import HelpAdmin, LessonAdmin, PaceAdmin

__all__ = ["CohortAdmin", "ConcernAdmin", "HelpAdmin", "LessonAdmin", "MatchAdmin", "MentorAdmin", "PaceAdmin", "RequestAdmin"]
