"""The nouns of membership: the account (users.py), what it shows (profiles.py), what it agreed to (agreements.py), what it may
do in its first days (limits.py) and for a time (standing.py), and whom it does not want to meet (blocks.py)."""

from .agreements import Acceptance, Agreement
from .blocks import Block, alias_not_blocked, not_blocked, own_alias_not_blocked
from .limits import NewMemberLimits
from .profiles import Avatar, Profile, drawing_seed, validate_time_zone
from .standing import Office, Standing, let_write, look_first, pause, standing_decisions
from .users import (
    COORDINATORS,
    LEADS,
    LEADS_NEEDED,
    LIBRARIANS,
    MENTORS,
    MODERATORS,
    ROLE_GROUPS,
    MemberManager,
    User,
    stamp,
)

__all__ = [
    "COORDINATORS",
    "LEADS",
    "LEADS_NEEDED",
    "LIBRARIANS",
    "MENTORS",
    "MODERATORS",
    "ROLE_GROUPS",
    "Acceptance",
    "Agreement",
    "Avatar",
    "Block",
    "MemberManager",
    "NewMemberLimits",
    "Office",
    "Profile",
    "Standing",
    "User",
    "alias_not_blocked",
    "drawing_seed",
    "let_write",
    "look_first",
    "not_blocked",
    "own_alias_not_blocked",
    "pause",
    "stamp",
    "standing_decisions",
    "validate_time_zone",
]
