"""Bringing something to the library: its address first (beginning.py), then what it is and how it helped (resources.py); or a
whole file (imports.py)."""

from .beginning import BeginningForm, already_here
from .imports import ImportForm, StartForm
from .resources import NEW, WITHOUT_ADDRESS, ResourceEditForm, ResourceForm, as_it_stands

__all__ = [
    "NEW",
    "WITHOUT_ADDRESS",
    "BeginningForm",
    "ImportForm",
    "ResourceEditForm",
    "ResourceForm",
    "StartForm",
    "already_here",
    "as_it_stands",
]
