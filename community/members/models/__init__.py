"""The nouns of membership: the account (users.py), what it shows (profiles.py), what it agreed to (agreements.py), and what
it may do in its first days (limits.py)."""

from .agreements import Acceptance, Agreement
from .limits import NewMemberLimits
from .profiles import Avatar, Profile, drawing_seed, validate_time_zone
from .users import MODERATORS, MemberManager, User, stamp

__all__ = [
    "MODERATORS",
    "Acceptance",
    "Agreement",
    "Avatar",
    "MemberManager",
    "NewMemberLimits",
    "Profile",
    "User",
    "drawing_seed",
    "stamp",
    "validate_time_zone",
]
