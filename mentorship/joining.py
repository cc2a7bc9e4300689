"""What the room does when somebody joins with a role: a mentor can be found at once."""

from django.utils import timezone

from community.members.models import Profile, User

from .fields import bits
from .models import Mentor
from .renewing import renew_mentor

# Every evening from six to ten, of a week that begins on Monday.
EVENINGS = bits((day * 24 + hour for day in range(7) for hour in range(18, 22)), 168)


def joined(user: User, role: str) -> None:
    """Give a mentor who was made by role an approved application, with places and evenings."""
    if role != "mentor":
        return
    profile = Profile.of(user)
    mentor = Mentor.objects.create(
        user=user,
        applied_at=timezone.now(),
        languages=profile.languages or ["en"],
        time_zone=profile.time_zone or "UTC",
        hours=EVENINGS,
        capacity=2,
    )
    mentor.approve(by=user, reason="Made by role.")
    renew_mentor(mentor)
