"""The nouns of looking after others' words: what was reported (reports.py), who works on it (claims.py), what was decided and does
not hold (appeals.py), who is behind an alias (unmasking.py), and the desk itself with those who sit at it (desk.py, figures.py)."""

from .appeals import Appeal
from .claims import CLAIMED_FOR, Claim, Claimable
from .desk import DeskSettings, Duty, HandOver, MemberNote, Watch
from .figures import Demand, Month
from .reports import Report
from .unmasking import Unmasking

__all__ = [
    "CLAIMED_FOR",
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
    "Unmasking",
    "Watch",
]
