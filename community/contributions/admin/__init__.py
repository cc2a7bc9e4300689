"""Words behind the scenes, a module for each noun: the lists that hold for all of them (lists.py), the words of members
(words.py), many of them at once (many.py)."""

from .lists import HoldingAdmin, NoteAdmin
from .words import ABOUT_WRITERS, ADD_NOTE, SHOW, ContributionAdmin, NoteForm, RedactForm

__all__ = ["ABOUT_WRITERS", "ADD_NOTE", "SHOW", "ContributionAdmin", "HoldingAdmin", "NoteAdmin", "NoteForm", "RedactForm"]
