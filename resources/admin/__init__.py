"""The library behind the scenes: what was brought (resources.py, looking_after.py), and what readers made of it (readers.py)."""

from .readers import CollectionAdmin, ReviewAdmin
from .resources import ResourceAdmin, Shelf

__all__ = ["CollectionAdmin", "ResourceAdmin", "ReviewAdmin", "Shelf"]
