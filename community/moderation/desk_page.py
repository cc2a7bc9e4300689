"""What the pages of the desk show: the front page, and one thing with all that one needs to decide about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.admin import HearthModelAdmin, ReasonForm, Verb
from community.decisions.models import Act, Decision
from community.permissions import Denied, require

from .admin import CLAIM, LET_GO, private_kinds
from .admin.reports import looked_after_by
from .models import Appeal, Claimable, HandOver, MemberNote, Report, Watch
from .queue import Queue
from .sources import DANGER, HARM, Item

# So many rows stand on the front page, notes of the last shifts above them, and things decided before about somebody.
SHOWN, NOTES, BEFORE = 50, 3, 10
WARNING = gettext_lazy("It is about something that you leave to others. Nobody else is here just now.")


# The front page -------------------------------------------------------------------------


def front(request: HttpRequest) -> dict[str, Any]:
    """What waits, the way a volunteer takes it; words are shown for nothing in it but its kind."""
    attend(request)
    queue = Queue(request.user)
    items = queue.items
    return {
        "rows": [row(queue, item) for item in items[:SHOWN]],
        "further": len(items) - SHOWN,
        "left": [row(queue, item) for item in queue.left],
        "has_next": queue.next() is not None,
        "has_enough": queue.has_enough and any(item.is_severe for item in items),
        "duty": queue.duty,
        "settings": queue.settings,
        "notes": HandOver.objects.select_related("by")[:NOTES],
    }


def attend(request: HttpRequest) -> None:
    """Somebody who looks after what others write is at the desk. A browser that fetches a page ahead of time is nobody."""
    if (request.user.is_moderator or request.user.is_owner) and not request.headers.get("Sec-Purpose"):
        Watch.attend()


def row(queue: Queue, item: Item) -> dict[str, Any]:
    """One line of the list, with everything in words."""
    return {
        "key": item.key,
        "name": item.source.name,
        "line": item.source.told(item.line) if item.line else "",
        "marks": marks(item),
        "is_overdue": item.is_overdue,
        "is_first": item.harm == DANGER,
        "is_mine": item.claimed_by == queue.user.pk,
        "claimed": claimed(item) if item.is_somebody_elses(queue.user) else "",
        "warning": WARNING if queue.is_warned_of(item) else "",
    }


def marks(item: Item) -> list[str]:
    """What one knows of it before one opens it."""
    found = []
    if item.harm == DANGER:
        found.append(_("Somebody may be in danger"))
    elif item.harm == HARM:
        found.append(_("It may do harm"))
    if item.times > 1:
        found.append(_("%(number)s people say so") % {"number": item.times})
    if item.is_severe:
        found.append(_("Heavy"))
    if item.notes:
        found.append(_("With a content note"))
    return [*found, due(item)]


def due(item: Item) -> str:
    """By when somebody is to look, in words one says."""
    moment = timezone.localtime(item.due)
    days = (moment.date() - timezone.localdate()).days
    clock = date_format(moment, "H:i")
    if item.is_overdue:
        said = clock if days == 0 else date_format(moment, "j F")
        return _("Late since %(when)s") % {"when": said}
    if days == 0:
        return _("By %(clock)s today") % {"clock": clock}
    return _("By tomorrow, %(clock)s") % {"clock": clock} if days == 1 else _("By %(day)s") % {"day": date_format(moment, "j F")}


def claimed(item: Item) -> str:
    """Who is on it."""
    until = date_format(timezone.localtime(item.claimed_until), "H:i")
    return _("%(name)s is looking at this until %(clock)s.") % {"name": item.claimed_name, "clock": until}


# One thing ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Does:
    """A verb that the page offers, of the thing that waits or of what it is about."""

    verb: Verb
    page: HearthModelAdmin
    thing: Any
    verdict: Any
    settles: bool


class Opened:
    """One thing that waits, as `request` opens it: what it says, what it is about, and what can be done."""

    def __init__(self, request: HttpRequest, key: str) -> None:
        """Raises Http404 for what there is not, or is not for them. `item` is None for what waits no more."""
        self.request = request
        self.queue = Queue(request.user)
        self.item = self.queue.find(key)

    @property
    def user(self) -> Any:
        return self.request.user

    def found(self) -> Item:
        """The item. Raises Http404 if it does not wait."""
        if self.item is None:
            raise Http404
        return self.item

    @cached_property
    def page(self) -> HearthModelAdmin:
        """The admin's page of such things. Raises Http404 where there is none for them."""
        page = page_of(self.found().source.model)
        if page is None or not page.has_view_permission(self.request):
            raise Http404
        return page

    @cached_property
    def things(self) -> list[Any]:
        """It, and others that say the same."""
        found = list(self.found().source.found(self.page.get_queryset(self.request), self.found()))
        if not found:
            raise Http404
        for thing in found:
            _is_free(thing)
        return found

    @property
    def thing(self) -> Any:
        return self.things[0]

    @cached_property
    def about(self) -> Any:
        """What it is about, if that is another thing that they may see here."""
        named = self.found().source.about(self.thing)
        page = page_of(named[0]) if named else None
        if named is None or page is None or not page.has_view_permission(self.request):
            return None
        about = page.get_queryset(self.request).filter(pk=named[1]).first()
        _is_free(about)
        if about is not None:
            # Rules about it need not fetch it again.
            for thing in self.things:
                thing.target = about
        return about

    @property
    def subject(self) -> Any:
        """What is decided about."""
        return self.about or self.thing

    def check(self) -> None:
        """Nobody decides about their own words, under whatever name. Raises PermissionDenied."""
        author, persona = getattr(self.subject, "author_id", None), getattr(self.subject, "persona_id", None)
        if author == self.user.pk or (persona is not None and persona in self.user.persona_keys):
            require(Denied(_("This is about your own words. Somebody else looks at it.")))
        if self.found().is_somebody_elses(self.user):
            require(Denied(claimed(self.found())))

    # What can be done

    @cached_property
    def does(self) -> list[Does]:
        """What the page offers, what is decided about the words first."""
        return list(self._offered())

    def _offered(self, name: str = "") -> Iterable[Does]:
        """All of it, or what is called so."""
        if self.about is not None and self.found().source.settle:
            yield from self._verbs(page_of(type(self.about)), self.about, name, settles=True)
        yield from self._verbs(self.page, self.thing, name, settles=False)

    def _verbs(self, page: Any, thing: Any, name: str, *, settles: bool) -> Iterable[Does]:
        for verb in page.verbs:
            if verb in (CLAIM, LET_GO) or verb.name != (name or verb.name) or not verb.offered(thing):
                continue
            verdict = page.may(self.request, verb, thing)
            if verdict or isinstance(verdict, Denied):
                yield Does(verb, page, thing, verdict, settles)

    def verb(self, name: str) -> Does:
        """What is called so. Raises Http404 where it is not offered, PermissionDenied for whoever may not."""
        chosen = next(iter(self._offered(name)), None)
        if chosen is None:
            raise Http404
        require(chosen.verdict)
        return chosen

    def act(self, does: Does, form: ReasonForm) -> None:
        """Do it; what is done to the thing that waits is done to all that say the same."""
        does.page.act(self.request, does.verb, does.thing, form)
        if does.thing is self.thing:
            for other in self.things[1:]:
                getattr(other, does.verb.name)(by=self.user, **form.cleaned_data)

    def settle(self, reason: str) -> None:
        """What is decided about the words settles what was waiting."""
        if settle := self.found().source.settle:
            settle(self.thing, by=self.user, reason=reason)

    # What there is to read

    @property
    def address(self) -> str:
        """Where the words stand, for whoever wants to see them there."""
        page = page_of(type(self.subject))
        return (page.get_view_on_site_url(self.subject) or "") if page else ""

    @property
    def voice(self) -> Any:
        """Whoever wrote what it is about, member or alias; never whoever told us, of whom nobody learns."""
        subject = self.subject
        is_told = isinstance(subject, Report) or (isinstance(subject, Appeal) and subject.decision is None)
        return None if is_told else getattr(subject, "voice", None)

    @property
    def voice_url(self) -> str:
        """The page of whoever wrote it, or of the alias, for those who look after what others write."""
        voice = self.voice
        if voice is None or voice == self.user or not (self.user.is_moderator or self.user.is_owner):
            return ""
        if voice.is_persona:
            return reverse("admin:moderation_membernote_alias", args=[voice.public_id])
        return reverse("admin:members_user_change", args=[voice.pk])

    def looked(self) -> None:
        """That somebody reads it leaves a trace where that is due."""
        self.page.looked(self.request, self.thing)

    def told(self) -> list[list[tuple[str, Any, bool]]]:
        """What waits, in its own words; of others that say the same, what they say beside that."""
        first, *others = (self._lines(self.page, thing) for thing in self.things[:BEFORE])
        return [first, *([line for line in lines if line not in first] for lines in others)]

    def words(self) -> list[tuple[str, Any, bool]]:
        """What it is about, as it stands now."""
        page = page_of(type(self.about)) if self.about is not None else None
        return self._lines(page, self.about) if page else []

    def _lines(self, page: HearthModelAdmin, thing: Any) -> list[tuple[str, Any, bool]]:
        """Each with whether it is folded: of what is heavy, everything that somebody wrote at length."""
        is_severe = self.found().is_severe
        found = sheet(page, self.request, thing, but=_BESIDE)
        return [(label, value, is_severe and "<p" in value and "<details" not in value) for label, value in found]

    def around(self) -> list[Any]:
        """What stands beside the words in a room that is open to them; a private one has its own rules."""
        private = set(private_kinds().values())
        near = None if type(self.subject) in private else getattr(self.subject, "around", None)
        return [other for other in near or [] if other.pk != self.subject.pk]

    def pictures(self) -> list[str]:
        """The addresses of pictures that belong to it: they come into the page when somebody asks for them."""
        return list(getattr(self.subject, "pictures", ()))

    def before(self) -> list[dict[str, Any]]:
        """What was decided about that very voice, and what volunteers noted of it; of an alias, no more than of the alias.

        Whoever looks after one kind of things alone reads what was decided about such things, and no notes.
        """
        voice = self.voice
        if voice is None:
            return []
        of = {"persona": voice.pk} if voice.is_persona else {"member": voice.pk}
        decided = Decision.objects.filter(**of).annotate(what=Cast("act", TextField()))
        noted = MemberNote.objects.filter(**of).annotate(what=Value("", TextField()))
        if not (self.user.is_moderator or self.user.is_owner):
            decided, noted = decided.filter(target_type__in=looked_after_by(self.user)), noted.none()
        columns = ("at", "what", "text", "by__username")
        rows = decided.annotate(text=Cast("reason", TextField())).order_by("-at").values_list(*columns)[:BEFORE]
        notes = noted.annotate(text=Cast("words", TextField())).order_by("-at").values_list(*columns)[:BEFORE]
        acts = dict(Act.choices)
        found = sorted(rows.union(notes, all=True), reverse=True, key=lambda each: each[0])
        return [{"at": at, "what": acts.get(what, _("noted")), "words": words, "by": by or ""} for at, what, words, by in found]


def _is_free(thing: Any) -> None:
    """`check` knows already that it is nobody else's; its page need not look again."""
    if isinstance(thing, Claimable):
        thing.__dict__["running_claim"] = None


def page_of(model: type[Model]) -> HearthModelAdmin | None:
    """The admin's page of such things."""
    return admin.site._registry.get(model)  # type: ignore[return-value]


# Lines of an admin page that the desk shows in its own way.
_BESIDE = frozenset({"claimed", "history", "closed_at", "outcome", "state"})


def sheet(page: Any, request: HttpRequest, thing: Any, *, but: Iterable[str] = ()) -> Iterable[tuple[str, Any]]:
    """The lines of an admin page, each with its label, without those that say nothing."""
    for name in flat(page.get_fields(request, thing)):
        if name in but:
            continue
        field, _attribute, value = lookup_field(name, thing, page)
        shown = display_for_value(value, "") if field is None else display_for_field(value, field, "")
        if shown not in ("", "–", None):
            yield label_for_field(name, page.model, page), conditional_escape(shown)


def flat(names: Iterable[Any]) -> Iterable[str]:
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from name
