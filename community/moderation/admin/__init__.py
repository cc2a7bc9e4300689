"""The desk behind the scenes, a module for each noun: who works on what (claims.py), what was reported (reports.py)."""

from .claims import CLAIM, LET_GO, ClaimedAdmin, NoReasonForm
from .reports import OpenOnes, ReportAdmin, private_kinds, said_in_private

__all__ = ["CLAIM", "LET_GO", "ClaimedAdmin", "NoReasonForm", "OpenOnes", "ReportAdmin", "private_kinds", "said_in_private"]
