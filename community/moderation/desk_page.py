"""One thing that waits, with all that one needs to decide about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community.admin import HearthModelAdmin, ReasonForm, Verb
from community.decisions.models import Act
from community.permissions import Denied, require

from . import finding
from .admin import CLAIM, LET_GO, private_kinds
from .admin.reports import looked_after_by
from .desk_list import claimed, past
from .models import Appeal, Claimable, Report
from .queue import Queue
from .sources import Item


@dataclass(frozen=True)
class Does:
    """A verb that the page offers, of the thing that waits or of what it is about."""

    verb: Verb
    page: HearthModelAdmin
    thing: Any
    verdict: Any
    settles: bool


class WaitsNoMore(Http404):
    """It was decided between two looks."""


class Opened:
    """One thing that waits, as `request` opens it: what it says, what it is about, and what can be done."""

    def __init__(self, request: HttpRequest, key: str, *, to_act: bool = False, goes_on: bool = False) -> None:
        """Raises Http404 for what there is not, or is not for them. `item` is None for what waits no more.

        `to_act`: what it is about is held from now on, so that of two who decide at once the second finds it decided. `goes_on`:
        what comes next is asked for as well.
        """
        self.request, self.to_act = request, to_act
        self.queue = Queue(request.user, is_whole=goes_on)
        self.item = self.queue.find(key)
        if to_act and self.item is not None:
            # Held before anything else is looked at.
            _held = self.about

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
    def _found(self) -> list[Any]:
        item = self.found()
        sought = finding.Sought(item.pk, item.thing)
        found = finding.seen(self.page, self.request, sought, item.source.found, to_act=self.to_act)
        for thing in found:
            _is_free(thing)
            if self.about is not None:
                # Rules about it need not fetch it again.
                thing.target = self.about
        return found

    @property
    def things(self) -> list[Any]:
        """It, and others that say the same. Raises WaitsNoMore where somebody was quicker."""
        if not self._found:
            raise WaitsNoMore
        return self._found

    @property
    def thing(self) -> Any:
        return self.things[0]

    @cached_property
    def about(self) -> Any:
        """What it is about, if that is another thing that they may see here."""
        named = self.found().source.about(self.found())
        page = page_of(named[0]) if named else None
        if named is None or page is None or not page.has_view_permission(self.request):
            return None
        about = next(iter(finding.seen(page, self.request, finding.Sought(named[1], (0, 0)), to_act=self.to_act)), None)
        _is_free(about)
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

    def act(self, does: Does, form: ReasonForm, *, settling: str) -> bool:
        """Do it; what is done to the thing that waits is done to all that say the same. False where it does not wait any more.

        What is decided about the words settles what was waiting, with the words `settling`; with none it goes on waiting.
        """

        def act() -> None:
            does.page.act(self.request, does.verb, does.thing, form)

        settle = self.found().source.settle
        if does.settles and settling and settle:
            return settle(self.found(), self.about, act, upto=self.read_upto, by=self.user, reason=settling)
        act()
        if not does.settles:
            for other in self.things[1:]:
                if other.pk <= self.read_upto:
                    getattr(other, does.verb.name)(by=self.user, **form.cleaned_data)
        return True

    @property
    def newest(self) -> int:
        """The key of what was told last."""
        return max(thing.pk for thing in self.things)

    @property
    def read_upto(self) -> int:
        """The key of what was told last when their page was made: nobody decides about what they have not read."""
        sent = self.request.POST.get("upto", "")
        return int(sent) if sent.isdecimal() and len(sent) < 19 else self.newest

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
        first, *others = (self._lines(self.page, thing) for thing in self.things[: finding.BEFORE])
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

    def before(self) -> list[SafeString]:
        """What was decided about that very voice, and what volunteers noted of it; of an alias, no more than of the alias.

        Whoever looks after one kind of things alone reads what was decided about such things, and no notes.
        """
        voice = self.voice
        if voice is None:
            return []
        sees_all = self.user.is_moderator or self.user.is_owner
        found = finding.before(voice, None if sees_all else tuple(kind.pk for kind in looked_after_by(self.user)))
        acts = dict(Act.choices)
        return [past(at, str(acts.get(what, _("noted"))), words, by) for at, what, words, by in found]


def _is_free(thing: Any) -> None:
    """`check` knows already that it is nobody else's; its page need not look again."""
    if isinstance(thing, Claimable):
        thing.__dict__["running_claim"] = None


def page_of(model: type[Model]) -> HearthModelAdmin | None:
    """The admin's page of such things."""
    return admin.site._registry.get(model)  # type: ignore[return-value]


# Lines of an admin page that the desk shows in its own way.
_BESIDE = frozenset({"claimed", "history", "closed", "outcome", "state"})


def sheet(page: Any, request: HttpRequest, thing: Any, *, but: Iterable[str] = ()) -> Iterable[tuple[str, Any]]:
    """The lines of an admin page, each with its label, without those that say nothing."""
    for name in flat(page.get_fields(request, thing)):
        if name in but:
            continue
        label, said = _line(page, name)
        shown = said(thing)
        if shown not in ("", "–", None):
            yield label, conditional_escape(shown)


@cache
def _line(page: Any, name: str) -> tuple[Any, Callable[[Any], Any]]:
    """The label of a line of an admin page, and what says the line of a thing."""
    label = label_for_field(name, page.model, page)
    is_field = name in {field.name for field in page.opts.get_fields()}
    if not is_field and callable(own := getattr(page, name, None)):
        return label, lambda thing: display_for_value(own(thing), "")

    def said(thing: Any) -> Any:
        field, _attribute, value = lookup_field(name, thing, page)
        return display_for_value(value, "") if field is None else display_for_field(value, field, "")

    return label, said


def flat(names: Iterable[Any]) -> Iterable[str]:
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from name
