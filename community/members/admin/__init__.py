"""Members behind the scenes (people.py), the groups they are in (circles.py), and what owners word and tune (house.py)."""

from .circles import CircleAdmin
from .house import AgreementAdmin, NewMemberLimitsAdmin, TrainingStepAdmin
from .people import MemberAdmin

__all__ = ["AgreementAdmin", "CircleAdmin", "MemberAdmin", "NewMemberLimitsAdmin", "TrainingStepAdmin"]
