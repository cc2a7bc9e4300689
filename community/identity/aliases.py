"""Names made for one conversation only: two quiet words, drawn at random."""

import re
import secrets
from collections.abc import Iterable

from django.utils.translation import gettext as _

QUIET = (
    "Amber Autumn Bright Brave Calm Clear Copper Cosy Crisp Dappled Dawn Distant Drifting Early Evening Faithful Fallow Feathered "
    "Gentle Golden Green Hidden Hushed Kind Lantern Late Leafy Lighted Little Lone Mellow Mild Misty Morning Mossy Northern Open "
    "Pale Patient Plain Quiet Rainy Resting Rising Roaming Rowan Sandy Silver Slow Small Snowy Soft Southern Spring Steady Still "
    "Summer Sunlit Tender Tidal Wandering Warm Weathered Western Wild Winter Woodland Woolly"
).split()
CREATURES = (
    "Badger Beetle Bittern Blackbird Bluebell Bramble Brook Bunting Chestnut Clover Cormorant Cricket Crossbill Curlew Dipper "
    "Dormouse Dove Dunlin Egret Elm Fern Finch Firefly Gannet Goldcrest Grebe Hare Harebell Hazel Hedgehog Heron Ibis Ivy Jackdaw "
    "Kestrel Kite Lapwing Lark Linnet Martin Maple Meadow Merlin Moth Newt Nightjar Nuthatch Oak Osprey Otter Owl Pebble Petrel "
    "Pine Pipit Plover Poppy Puffin Quail Redstart Robin Rook Sandpiper Seal Shrew Siskin Snipe Sorrel Sparrow Starling Swallow "
    "Swift Teal Tern Thistle Thrush Toad Vole Wagtail Warbler Willow Woodlark Yarrow"
).split()


_CALLED = re.compile(rf"@({'|'.join(QUIET)})[\s_*]+(?:{'|'.join(CREATURES)})\b", re.IGNORECASE)


def told(alias: str) -> str:
    """An alias as it stands in lists and sentences: never without the word that says what it is."""
    return _("%(alias)s (anonymous)") % {"alias": alias}


def without_called(names: Iterable[str], body: str) -> set[str]:
    """The names, without those that only begin an alias there: "@Quiet Heron" calls nobody, and nobody whose name is Quiet."""
    begun = {quiet.casefold() for quiet in _CALLED.findall(body)}
    return {name for name in names if name.casefold() not in begun}


def draw() -> str:
    """A random alias; about 5,600 exist, so a clash within one conversation is rare and simply drawn again."""
    return f"{secrets.choice(QUIET)} {secrets.choice(CREATURES)}"


def seed() -> int:
    """A random seed for a drawn window, tied to nothing."""
    return secrets.randbelow(2**31)
