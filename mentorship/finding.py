"""What the pages that are opened most ask of the database, worked out once for each kind of viewer (see `community.prepared`).

All of it is for members. What they may see of it begins with `visible_to`, or what is made of that; its SQL differs by nothing but
the day, since an approval runs to the end of one: so the day is the kind wherever it hangs on that.
"""

from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from community.prepared import Prepared
from community.tags.finding import names_on
from community.tags.models import Tag, Tagged

from .models import CheckIn, Concern, Fact, Goal, Help, Match, Mentor, Message, NotAbout, Noted, Request

# So many mentors stand on a page of the list, and so much is told on a page of one.
PAGE, TESTIMONIALS = 20, 20
# What stands beside a name.
_FACE = ("user__username", "user__profile__avatar_seed", "user__profile__avatar__public_id")
# Where a match stands, and with whom.
_STATE = ("public_id", "asked_at", "answer_until", "began_at", "ended_at", "newcomer_accepted_at", "mentor_accepted_at")
_MESSAGE = ("public_id", "author", "position", "body_html", "created_at", "edited_at", "withdrawn_at")

# Whoever looks ------------------------------------------------------------------------------------

_own = Prepared(
    lambda viewer: Mentor.objects.filter(pk=viewer.pk).only(
        "public_id", "paused_at", "approved_at", "approved_until", "stood_down_at"
    )
)
_not_for_me = Prepared(
    lambda viewer, request: (
        Noted.objects.filter(request=request, how=Noted.How.NOT_FOR_ME, mentor__in=Mentor.objects.visible_to(viewer))
        .select_related("mentor__user")
        .only("mentor__public_id", "mentor__user__username")
        .order_by("pk")
    ),
    request=int,
)
_search = Prepared(lambda viewer: Request.objects.visible_to(viewer).filter(closed_at=None))
_own_matches = Prepared(
    lambda viewer: (
        Match.objects.visible_to(viewer)
        .filter(ended_at=None)
        .select_related("newcomer", "mentor__user")
        .only(*_STATE, "newcomer__username", "mentor__user__username")
        .newest_first()
    )
)
_matches_of = Prepared(lambda _viewer, request: Match.objects.filter(request=request).with_people().newest_first(), request=int)
_asked_now: Prepared[Any] = Prepared(lambda viewer: Match.objects.open().filter(newcomer=viewer.pk).values_list("mentor"))


def own(viewer: Any) -> Mentor | None:
    """The viewer as a mentor, whatever has become of it; with no more than where they stand."""
    return _own.first(viewer, None)


def search(viewer: Any) -> Request | None:
    """The open search of the viewer."""
    found = _search.first(viewer, None)
    if found is not None:
        found.user = viewer
    return found


def own_matches(viewer: Any) -> list[Match]:
    """Questions and rooms of the viewer, the newest first, with no more of them than where they stand and the two names."""
    return _own_matches.rows(viewer, None)


def matches_of(search: Request) -> list[Match]:
    """What came of a search, the newest first."""
    return _matches_of.rows(None, None, request=search.pk)


def not_for_me(search: Request) -> list[Mentor]:
    """The mentors whom whoever looks would rather not be shown, as far as they may see them."""
    return [note.mentor for note in _not_for_me.rows(search.user, timezone.localdate(), request=search.pk)]


# Mentors ------------------------------------------------------------------------------------------

_helps_in_use: Prepared[Any] = Prepared(lambda _viewer: Help.objects.in_use().values_list("pk", "name"))
_mentor = Prepared(
    lambda viewer, public_id: (
        Mentor.objects.open_to(viewer)
        .with_folds(viewer)
        .with_place()
        .filter(public_id=public_id)
        .annotate(
            tag_names=names_on(Mentor),
            offered=ArraySubquery(_offered().annotate(told=JSONObject(name="name", hint="hint")).values("told")),
            unwanted=ArraySubquery(
                Tag.objects.accepted()
                .filter(pk__in=NotAbout.objects.filter(mentor=OuterRef(OuterRef("pk"))).values("tag"))
                .by_name()
                .values("name")
            ),
        )
    ),
    public_id=UUID,
)
_between = Prepared(
    lambda viewer, mentor: (
        Match.objects.filter(newcomer=viewer.pk, mentor=mentor, ended_at=None)
        .only("public_id", "began_at", "ended_at")
        .order_by("pk")[:1]
    ),
    mentor=int,
)
_testimonials = Prepared(
    lambda viewer, mentor: (
        Match.objects.filter(mentor=mentor)
        .testimonials_for(viewer)
        .only("newcomer__username", "testimonial", "testimonial_is_named")[:TESTIMONIALS]
    ),
    mentor=int,
)


def _offered() -> QuerySet[Help]:
    """What a mentor can be asked for."""
    return Help.objects.in_use().filter(mentor=OuterRef("pk")).order_by("position", "name")


def helps_in_use() -> list[tuple[int, str]]:
    return _helps_in_use.rows(None, None)


def mentor(viewer: Any, public_id: UUID) -> Any:
    """A mentor whose page the viewer may read, if this is one: with `is_folded`, `tag_names`, `offered` and `unwanted`."""
    return _mentor.first(viewer, timezone.localdate(), public_id=public_id)


def between(viewer: Any, mentor: Mentor) -> Match | None:
    """The question of the viewer to this mentor, or the room of the two."""
    return _between.first(viewer, None, mentor=mentor.pk)


def testimonials(viewer: Any, mentor: Mentor) -> list[Match]:
    return _testimonials.rows(viewer, None, mentor=mentor.pk)


def asked_now(viewer: Any) -> int:
    """How many mentors the viewer asked, who have yet to answer."""
    return len(_asked_now.rows(viewer, None))


# The list of mentors ------------------------------------------------------------------------------

# What can be chosen by, and behind whom the page begins.
_CHOSEN = {"tag": int, "help": int, "language": str, "turn": str}


def _listed(viewer: Any, day: date, *, tag: Any = None, help: Any = None, language: Any = None) -> QuerySet[Any]:  # noqa: A002
    """Who has a place and fits what was chosen, in the order of that day; of each mentor only what they let others know counts."""
    rows = Mentor.objects.listed_for(viewer).in_turn(day)
    if tag:
        carrying = Tagged.objects.filter(tag=tag, content_type=ContentType.objects.get_for_model(Mentor)).values("object_id")
        rows = rows.that_tell(Fact.LIVED).filter(pk__in=carrying)
    if help:
        rows = rows.that_tell(Fact.TOPICS).filter(helps=help)
    if language:
        rows = rows.filter(languages__contains=[language])
    return rows


# As many as an order of today and one of yesterday can have.
@lru_cache(maxsize=32)
def _page(day: date, *chosen: str) -> Prepared[Any]:
    def build(viewer: Any, turn: Any = None, **by: Any) -> QuerySet[Any]:
        rows = _listed(viewer, day, **by)
        # Their keys first: of thousands who are put in order a few are shown, and only those are read whole.
        keys = (rows.filter(turn__gt=turn) if turn else rows).values("pk")[: PAGE + 1]
        shown = rows.filter(pk__among=ArraySubquery(keys)).only("public_id", "story", "shares", *_FACE)
        return shown.annotate(tag_names=names_on(Mentor), offered=ArraySubquery(_offered().values("name")))

    return Prepared(build, **{name: _CHOSEN[name] for name in chosen})


def listed(viewer: Any, day: date, **chosen: Any) -> list[Any]:
    """A page of mentors and one more, in the order of that day, each with `turn`, `is_folded`, `tag_names` and `offered`."""
    given = {name: chosen[name] for name in _CHOSEN if chosen.get(name)}
    return _page(day, *given).rows(viewer, timezone.localdate(), **given)


# A room -------------------------------------------------------------------------------------------

_match = Prepared(
    lambda viewer, public_id: Match.objects.visible_to(viewer).with_people().filter(public_id=public_id), public_id=UUID
)
_messages = Prepared(
    lambda viewer, match, first, last: (
        Message.objects.visible_to(viewer).filter(match=match, position__gte=first, position__lte=last).only(*_MESSAGE)
    ),
    match=int,
    first=int,
    last=int,
)
_beside: Prepared[Any] = Prepared(
    lambda viewer, match: (
        Match.objects.visible_to(viewer)
        .filter(pk=match)
        .values_list(
            ArraySubquery(
                Goal.objects.filter(match=OuterRef("pk"))
                .order_by("number")
                .values(told=JSONObject(words="words", reached_at="reached_at"))
            ),
            Exists(Concern.objects.open().filter(match=OuterRef("pk"), by=viewer.pk)),
        )
    ),
    match=int,
)
_check_in = Prepared(
    lambda viewer, match: CheckIn.objects.visible_to(viewer).unanswered().filter(match=match).order_by("-number")[:1], match=int
)


def match(viewer: Any, public_id: UUID) -> Match | None:
    """A match of the viewer, with the two; to everybody else, staff included, there is none."""
    return _match.first(viewer, None, public_id=public_id)


def messages(viewer: Any, match: Match, first: int, last: int) -> list[Message]:
    """What the viewer may read of these places of a room."""
    return _messages.rows(viewer, None, match=match.pk, first=first, last=last)


def beside(viewer: Any, match: Match) -> tuple[list[dict[str, Any]], bool]:
    """What the two want to get to, and whether the viewer called the leads about it, who have yet to look."""
    return _beside.rows(viewer, None, match=match.pk)[0]


def check_in(viewer: Any, match: Match) -> CheckIn | None:
    """How does it go? The newest of these questions that the viewer has yet to answer."""
    return _check_in.first(viewer, None, match=match.pk)
