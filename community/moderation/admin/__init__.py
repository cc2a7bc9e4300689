"""The desk behind the scenes, a module for each noun: who works on what (claims.py), what was reported (reports.py), what is looked
at again (appeals.py), who speaks under an alias (unmasking.py), what volunteers know of a member (notes.py), the log
(log.py), the desk itself (desk.py)."""

from .appeals import AppealAdmin
from .claims import CLAIM, LET_GO, ClaimedAdmin, NoReasonForm
from .desk import DemandAdmin, DeskSettingsAdmin, HandOverAdmin
from .log import EntryAdmin
from .notes import MemberNoteAdmin, MemberOnDeskAdmin
from .reports import OpenOnes, ReportAdmin, kept_kinds, private_kinds, said_in_private
from .unmasking import UnmaskingAdmin

__all__ = [
    "CLAIM",
    "LET_GO",
    "AppealAdmin",
    "ClaimedAdmin",
    "DemandAdmin",
    "DeskSettingsAdmin",
    "EntryAdmin",
    "HandOverAdmin",
    "MemberNoteAdmin",
    "MemberOnDeskAdmin",
    "NoReasonForm",
    "OpenOnes",
    "ReportAdmin",
    "UnmaskingAdmin",
    "kept_kinds",
    "private_kinds",
    "said_in_private",
]
