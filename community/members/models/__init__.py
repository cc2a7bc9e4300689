"""The nouns of membership: the account (users.py), what it shows (profiles.py), what it agreed to (agreements.py), what it may
do in its first days (limits.py) and for a time (standing.py), what it looks after (offices.py, appointing.py), whom it does not
want to meet (blocks.py), what is decided about it (decided.py), what it shows (taking_down.py) and is called (naming.py), and how
it is remembered (memorial.py)."""

from .agreements import Acceptance, Agreement
from .blocks import Block, alias_not_blocked, not_blocked, own_alias_not_blocked
from .limits import NewMemberLimits
from .naming import TakenName
from .offices import (
    COORDINATORS,
    GREETERS,
    LEADS,
    LIBRARIANS,
    MODERATORS,
    ROLE_GROUPS,
    STAFF_GROUPS,
    Office,
    Role,
    StepTaken,
    TrainingStep,
    memberships_of,
)
from .profiles import Avatar, Profile, drawing_seed, validate_time_zone
from .standing import Standing, let_write, look_first, pause, standing_decisions
from .users import LEADS_NEEDED, MENTORS, MemberManager, User, stamp

__all__ = [
    "COORDINATORS",
    "GREETERS",
    "LEADS",
    "LEADS_NEEDED",
    "LIBRARIANS",
    "MENTORS",
    "MODERATORS",
    "ROLE_GROUPS",
    "STAFF_GROUPS",
    "Acceptance",
    "Agreement",
    "Avatar",
    "Block",
    "MemberManager",
    "NewMemberLimits",
    "Office",
    "Profile",
    "Role",
    "Standing",
    "StepTaken",
    "TakenName",
    "TrainingStep",
    "User",
    "alias_not_blocked",
    "drawing_seed",
    "let_write",
    "look_first",
    "memberships_of",
    "not_blocked",
    "own_alias_not_blocked",
    "pause",
    "stamp",
    "standing_decisions",
    "validate_time_zone",
]
