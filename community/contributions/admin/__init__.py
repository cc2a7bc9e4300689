"""Words behind the scenes, a module for each noun: the lists that hold for all of them (lists.py), the words of members
(words.py), in lists without what is heavy (light.py), many of them at once (many.py),
their changes that wait (changes.py); and that nobody decides about what they did not see (seen.py)."""

from .changes import ChangeAdmin
from .lists import HoldingAdmin, NoteAdmin
from .seen import SeenAdmin, SeenForm, ShowForm
from .words import ABOUT_WRITERS, ADD_NOTE, SHOW, ContributionAdmin, NoteForm, RedactForm, may_about_writer

__all__ = [
    "ABOUT_WRITERS",
    "ADD_NOTE",
    "SHOW",
    "ChangeAdmin",
    "ContributionAdmin",
    "HoldingAdmin",
    "NoteAdmin",
    "NoteForm",
    "RedactForm",
    "SeenAdmin",
    "SeenForm",
    "ShowForm",
    "may_about_writer",
]
