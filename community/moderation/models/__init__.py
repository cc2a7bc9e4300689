"""The nouns of looking after others' words: what was reported (reports.py), who works on it (claims.py), what was decided and does
not hold (appeals.py), who is behind an alias (unmasking.py), and the desk: its times and limits (limits.py), those who sit at it
(desk.py), what comes of it (figures.py)."""

from .appeals import Appeal
from .claims import Claim, Claimable
from .desk import Duty, HandOver, MemberNote, Sitting, Watch
from .figures import Demand, Month
from .limits import DeskSettings
from .reports import Report
from .unmasking import Unmasking

__all__ = [
    "Appeal",
    "Claim",
    "Claimable",
    "Demand",
    "DeskSettings",
    "Duty",
    "HandOver",
    "MemberNote",
    "Month",
    "Report",
    "Sitting",
    "Unmasking",
    "Watch",
]
