from uuid import uuid4

from django.db.models import Count, Q

from community.benching.pages import Budget, Page
from community.benching.topics import Topic
from community.members.models import User

from . import bench_drafting, bench_matching, bench_suggesting, seeking
from .forms.requests import as_it_stands
from .models import Match, Mentor

# Who comes to the pages that are measured, as `member@example.org`.
MEMBER = "Lantern"


def _member() -> User:
    return User.objects.get(username=MEMBER)


def _look() -> None:
    """Let the member look for a mentor: what they asked for before is asked for anew, unless they look already.

    A form would refuse it to somebody who has a mentor; what the pages show to whoever looks is the same.
    """
    member = _member()
    before = seeking.last_of(member)
    if before is not None:
        asked = as_it_stands(before)
        seeking.begin(member, public_id=uuid4(), need=asked.pop("body"), **asked)


def mentor() -> str:
    """A mentor with a place, of whom most is told, as somebody sees them who looks for one."""
    _look()
    told = Count("matches", filter=Q(matches__testimonial_shown_at__isnull=False))
    return Mentor.objects.visible_to(_member()).listed().annotate(told=told).order_by("-told", "pk")[0].get_absolute_url()


def suggestions() -> str:
    _look()
    return "/mentorship/request/mentors/"


def room() -> str:
    """The newest page of the room in which the member and their mentor have said most."""
    return Match.objects.visible_to(_member()).active().order_by("-last_position", "pk")[0].get_absolute_url()


KEPT = Budget(1.2)
PAGES = [
    Page("mentorship", "mentors and newcomers", lambda: "/mentorship/", guest=Budget(5, 5), kept=KEPT, member=Budget(8, 9)),
    Page("mentors", "list of mentors, page 1", lambda: "/mentorship/mentors/", member=Budget(8, 8)),
    Page("mentor", "a mentor", mentor, member=Budget(8, 9)),
    Page("suggestions", "mentors who could fit", suggestions, member=Budget(15, 16)),
    Page("room", "a room of two with much said", room, member=Budget(8, 9, html=12)),
]
TOPICS = [
    Topic(
        "matching",
        "mentors and newcomers",
        (bench_matching.usual, bench_matching.large, bench_matching.many_small),
        stored=(bench_suggesting.suggested, bench_drafting.drafted),
    ),
]
