"""The nouns of the room: `Resource` (resources.py), its way into the library (shelved.py), its address (linked.py), its facts
(facts.py), what makes two the same (keys.py), its file (files.py); `Review` and `Saved` (readers.py); `Collection` and its places
(collections.py); `Import` (imports.py)."""

from .collections import MOST_COLLECTIONS, MOST_PLACES, Collection, Place
from .facts import Audience, Cost, Fault, Kind, Level, LinkState
from .files import MOST_BYTES_OF_A_MEMBER, ResourceFile
from .imports import Import, ImportRow
from .keys import hold_keys, keys_of
from .linked import AlreadyHere
from .readers import MOST_SAVED, Review, Saved
from .resources import NoRoom, Resource, next_version

__all__ = [
    "MOST_BYTES_OF_A_MEMBER",
    "MOST_COLLECTIONS",
    "MOST_PLACES",
    "MOST_SAVED",
    "AlreadyHere",
    "Audience",
    "Collection",
    "Cost",
    "Fault",
    "Import",
    "ImportRow",
    "Kind",
    "Level",
    "LinkState",
    "NoRoom",
    "Place",
    "Resource",
    "ResourceFile",
    "Review",
    "Saved",
    "hold_keys",
    "keys_of",
    "next_version",
]
