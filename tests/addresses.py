"""Every address there is, and every form on every page, found by looking: what a new page brings is tested without being named.

`Place()` makes something to stand behind each address; `place.addresses()` walks the URL configuration and fills in its ids.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from community.contributions.models import Change, Holding
from community.decisions.models import Decision
from community.identity.seal import speak_as
from community.members.models import Agreement, Block, NewMemberLimits, User
from community.moderation import unmasking
from community.moderation.models import Appeal, Demand, DeskSettings, HandOver, MemberNote, Report, Unmasking
from community.notifications.models import Notification, Outgoing
from community.tags import applying
from mentorship.models import CheckIn, Cohort, Concern, Goal, Lesson, Mentor, Pace, Pairing, Request, Session
from resources import taking_in
from resources.importing import read
from resources.models import ResourceFile, Saved
from tests import make
from tests.community.test_account_pages import with_key

NOBODYS = UUID("00000000-0000-4000-8000-000000000000")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address: its pattern in the URL configuration, and with ids filled in."""

    route: str
    url: str

    def __str__(self) -> str:
        return f"/{self.route}"

    @property
    def is_behind_the_scenes(self) -> bool:
        return self.route.startswith("admin/")


class Place:
    """A small community in which each address leads to something. What is somebody's own is `member`'s; `author` answered."""

    def __init__(self) -> None:
        # Verbs and ids of each route: sweeps ask for all addresses again and again.
        self._known: dict[str, tuple[list[str], dict[str, Any]]] = {}
        self.member, self.author, self.other = make.user("wren"), make.user("sorrel"), make.user("yarrow")
        self.newcomer = make.user("newcomer", settled=False)
        self.moderator, self.owner = make.user("fennel", role="moderator"), make.user("harbour", role="owner")
        self.coordinator = make.user("sedge", role="coordinator")
        self.circle = Group.objects.create(name="Some circle")
        self.other.groups.add(self.circle)
        # Two who are in charge of safety, without whom nobody could post anonymously on the board.
        self.leads = [make.user(handle, role="lead") for handle in ("larkspur", "teasel")]
        self.board = make.board(audience="everyone", guidelines="Be *kind*.", anonymous_at=timezone.now())
        self.topic = make.topic(self.board, self.member, audience="everyone")
        self.reply = make.reply(self.topic, self.author)
        self.own_reply = make.reply(self.topic, self.member)
        somebody = make.user()
        somebody.is_here = True
        self.alias = speak_as(somebody, self.topic.public_id)
        Block.put(self.member, self.alias)
        self.avatar = self.member.profile.hang(b"no picture, but nobody looks")
        self.news = Notification.objects.get(recipient=self.member)
        # The members' passkey is `author`'s: whoever has one is asked for it at every turn.
        self.key = Authenticator.objects.get(user=with_key(self.author), type=Authenticator.Type.WEBAUTHN)
        # The first waits for a librarian: it is the one that is looked at behind the scenes.
        self.waiting = make.resource(self.author, publish=False, tags=["sleep"])
        self.resource = make.resource(self.member, tags=["sleep", "caring"])
        for thing in (self.waiting, self.resource):
            ResourceFile.put(thing, name="a page.pdf", content_type="application/pdf", content=b"no page, but nobody looks")
        applying.resolve(["sleep"], accept=True)
        Report.put(self.resource, by=self.author, reason="stale")
        # Closed, so that `member` could ask for another look.
        self.report = Report.put(self.reply, by=self.member, reason="harmful")
        self.report.close(by=self.moderator, reason="We talked with them.")
        self.said_by_author = make.review(self.resource, self.author)
        things = [self.resource, make.resource(self.other), make.resource(self.other)]
        self.collection = make.collection(self.member, things=things)
        for thing in things:
            Saved.keep(thing, self.member, "For later.")
        self.said_by_member = make.review(things[1], self.member)
        self.brought = taking_in.preview(read(b"url\nhttps://example.org/new\nnothing\n"), by=self.owner, name="bookmarks.csv")
        Outgoing.put(to="somebody@example.org", subject="Hello", body="A mail.")
        Change.objects.create(target=make.reply(), words={"body": "A few other words."})
        for kept in (NewMemberLimits, Holding, DeskSettings, Pace):
            kept.current().save()
        HandOver.objects.create(by=self.moderator, words="All quiet.")
        # The two of a room: `member` is the newcomer, `author` the mentor.
        self.match = make.match(self.member, self.author, hello="Hello.")
        self.message, self.own_message = make.message(self.match, self.author), make.message(self.match, self.member)
        Goal.add(self.match, "To sleep.")
        Session.keep(self.match, by=self.member, on=timezone.localdate(), words="A good talk.")
        self.line = Session.objects.get()
        Concern.call(self.match, by=self.member, words="Please look.")
        CheckIn.ask(self.match, 1, kind=CheckIn.Kind.FIT)
        self.check_in = CheckIn.objects.get(user=self.member)
        # A draft in which somebody waits, and nobody could be brought to them.
        self.coordinator = make.user("bramble", role="coordinator")
        self.cohort = Cohort.begin(by=self.coordinator, name="Autumn", aim=Cohort.Aim.MANY)
        self.drafted = Pairing.objects.create(cohort=self.cohort, request=make.request())
        # `newcomer` looks for a mentor, and `other` could be one.
        self.search, self.guide = make.request(self.newcomer), make.mentor(self.other)
        self.told = make.match(mentor=self.guide)
        self.told.part(by=self.told.newcomer, testimonial="They listen.", thanks="For all of it.")
        self.told.show_testimonial(seen=self.told.testimonial_stamp)
        # `member` would like to be a mentor, too, and has yet to answer the practice case.
        self.lesson = Lesson.objects.get(is_case=True)
        Mentor.objects.create(
            user=self.member, story="Some words.", languages=["en"], hours=make.EVENINGS, applied_at=timezone.now()
        )

        self._use_power()
        # `member` is asked to greet newcomers, and has yet to go through the training.
        self.office = self.member.appoint("greeter", by=self.owner, reason="They read every evening.")

    def _use_power(self) -> None:
        """Two decisions about `member`, who asked for another look at one of them, and an alias of theirs that was found out."""
        decided = []
        for _ in range(2):
            words = make.reply(make.topic(), self.member)
            words.hide(by=self.moderator, reason="It names a neighbour.")
            decided.append(Decision.objects.about(words).get())
        self.decision, self.appeal = decided[0], Appeal.ask(decided[1])
        member, place = User.objects.get(pk=self.member.pk), make.topic(self.board)
        self.own_alias = make.reply(place, speak_as(member, place.public_id)).persona
        found = Unmasking.ask(self.own_alias, by=self.leads[0], reason="They are in danger.")
        found.approve(by=self.leads[1], reason="I agree.")
        unmasking.carry_out(found.pk)
        MemberNote.objects.create(member=self.member, by=self.moderator, words="They like plain words.")
        Demand.objects.create(what="A court asked for an address.")

    def people(self) -> list[Any]:
        return [self.newcomer, self.member, self.author, self.other, self.moderator, self.coordinator, self.owner]

    def addresses(self, **others: Any) -> list[Address]:
        """All of them. `others` replace ids by the name of their parameter, or `pk` by itself for each kind of thing."""
        return [address for route in self._routes for address in self._filled(route, others)]

    @cached_property
    def _routes(self) -> list[str]:
        return routes()

    def _filled(self, route: str, others: dict[str, Any]) -> list[Address]:
        names = PARAMETER.findall(route)
        if names == ["app_label"]:
            return [Address(route, f"/admin/{label}/") for label in _in_the_admin()]
        if names == ["url"]:
            return [Address(route, f"/admin/{rest}") for rest in ("nowhere/", "%e2%80%ae", "forums")]
        if route not in self._known:
            model = self._model(route)
            self._known[route] = self._verbs(route, model) if "verb" in names else [""], self._values(route, model)
        verbs, known = self._known[route]
        found = []
        for verb in verbs:
            values = {**known, "verb": verb, **others}
            # A parameter that is not known here belongs to a new address: give `_values` something that stands behind it.
            found.append(Address(route, "/" + PARAMETER.sub(lambda match, values=values: str(values[match[1]]), route)))
        return found

    def _verbs(self, route: str, model: Any) -> list[str]:
        # At the desk: of what was reported, and of the report.
        kinds = [type(self.resource), Report] if route.startswith("admin/desk/") else [model] if model else []
        return [*(verb.name for kind in kinds for verb in admin.site._registry[kind].verbs), "no-such-verb"]

    def _model(self, route: str) -> Any:
        parts = route.split("/")
        return apps.get_model(*parts[1:3]) if parts[0] == "admin" and "<path:object_id>" in parts else None

    def _values(self, route: str, model: Any) -> dict[str, Any]:
        somewhere = {"avatars": self.avatar, "inbox": self.news, "resources": self.resource, "collections": self.collection}
        public_id = somewhere.get(route.split("/")[0], self.topic).public_id
        if route.startswith("resources/import"):
            public_id = self.brought.public_id
        values = {"handle": self.member, "board": self.board.slug, "public_id": public_id, "reply_id": self.own_reply.public_id}
        values |= {"alias": self.alias.public_id, "slug": "sleep", "resource_id": self.resource.public_id}
        if route.startswith("report/"):
            values |= {"kind": "reply", "public_id": self.reply.public_id, "handle": self.other}
        if route.startswith("reports/"):
            values["public_id"] = self.report.public_id
        if route.startswith("decisions/"):
            values["public_id"] = self.decision.public_id
        if route.startswith("appeals/"):
            values["public_id"] = self.appeal.public_id
        if route.startswith("aliases/"):
            values["alias"] = self.own_alias.public_id
        if route.startswith("mentorship/request/"):
            values["public_id"] = self.guide.public_id
        if route.startswith("mentorship/mentors/"):
            values["public_id"] = self.guide.public_id
            values["stamp"] = self.told.testimonial_stamp
        if route.startswith("mentorship/apply/"):
            values["pk"] = self.lesson.pk
        if route.startswith("mentorship/matches/"):
            values |= {"public_id": self.match.public_id, "message_id": self.own_message.public_id, "number": 1}
            values["session_id"] = self.line.public_id
        if route.startswith("mentorship/checkins/"):
            values["public_id"] = self.check_in.public_id
        if route.endswith(("words/", "words/withdraw/")) and route.startswith("resources/"):
            values["public_id"] = self.said_by_member.resource.public_id
        if "<uuid:review_id>" in route:
            values |= {"public_id": self.resource.public_id, "review_id": self.said_by_author.public_id}
        if route.startswith("settings/roles/"):
            values |= {"public_id": self.office.public_id, "pk": self.office.steps[0].pk}
        if "<slug:item>" in route:
            values["item"] = f"report-{Report.objects.open().order_by('pk').first().pk}"
        if model:
            values["object_id"] = model.objects.order_by("pk").first().pk
            values["row"] = self.drafted.pk
        if model is Group:
            values["object_id"] = self.circle.pk
        if model is Request:
            values["object_id"] = self.drafted.request_id
        if route.startswith("agreements"):
            values["pk"] = Agreement.objects.get(kind=Agreement.Kind.SENSITIVE).pk
        elif "webauthn" in route:
            values["pk"] = self.key.pk
        return values


def routes() -> list[str]:
    """Each pattern of the URL configuration once, as text: `forums/<slug:board>/`."""

    def walk(entries: list, before: str) -> list[str]:
        found = []
        for entry in entries:
            route = before + str(entry.pattern)
            found += walk(entry.url_patterns, route) if isinstance(entry, URLResolver) else [route]
            assert isinstance(entry, URLResolver | URLPattern)
        return found

    # The few that are regular expressions, all in the admin, are written like the others.
    plain = (re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").replace("$", "") for route in _all(walk))
    return list(dict.fromkeys(plain))


def _all(walk: Any) -> list[str]:
    return walk(get_resolver().url_patterns, "")


def _in_the_admin() -> list[str]:
    return sorted({model._meta.app_label for model in admin.site._registry})


# Forms ----------------------------------------------------------------------------------------------------------------


@dataclass
class Field:
    """One control of a form; `values` are what a browser would send for it as it stands, `choices` what else it offers."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    @property
    def takes_words(self) -> bool:
        return self.kind in {"textarea", "text", "email", "search", "url"}


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def sent(self) -> dict[str, list[str]]:
        """What a browser would send, without buttons and files."""
        kept = (each for each in self.fields.values() if each.kind not in {"submit", "file"})
        return {each.name: each.values for each in kept if each.values}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.textareas: list[str] = []
        self.inputs: list[str] = []
        self._form: Form | None = None
        self._text: list[str] | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "textarea":
            self._area, self._text = name, []
            # What is disabled stands there to be read, and is not sent.
            self._field("" if "disabled" in given else name, "textarea")
        elif tag == "select":
            self._select = name
            self._field(name, "select")
        elif tag == "option":
            self._choice(self._select, value, "selected" in given)
        elif tag == "input":
            kind = given.get("type", "text")
            self.inputs.append(value)
            self._field(name, kind)
            if kind in {"radio", "checkbox"}:
                self._choice(name, given.get("value", "on"), "checked" in given)
            else:
                self._choice(name, value, kind != "submit")
        elif tag == "button" and name:
            self._field(name, "submit")
            self._choice(name, value, False)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._text is not None:
            # The line end just after the tag is not part of the words.
            words = re.sub(r"^\r?\n", "", "".join(self._text))
            self.textareas.append(words)
            self._choice(self._area, words, True)
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _field(self, name: str, kind: str) -> None:
        if self._form is not None and name:
            self._form.fields.setdefault(name, Field(name, kind))

    def _choice(self, name: str, value: str, is_chosen: bool) -> None:
        if self._form is not None and name in self._form.fields:
            found = self._form.fields[name]
            found.choices.append(value)
            if is_chosen:
                found.values.append(value)


def _read(page: str) -> _Forms:
    parser = _Forms()
    parser.feed(page)
    parser.close()
    return parser


def forms_in(page: str) -> list[Form]:
    return _read(page).forms


def words_in(page: str) -> list[str]:
    """What stands in the text fields of the page, to be read, changed or copied."""
    parser = _read(page)
    return [*parser.textareas, *parser.inputs]


# The database ---------------------------------------------------------------------------------------------------------


def checksums(*, but: tuple[str, ...] = ()) -> dict[str, str]:
    """A digest of every row of each table, for telling whether anything was changed."""
    tables = [name for name in connection.introspection.table_names() if name not in but]
    each = [
        f"SELECT '{name}', coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{name}\" AS t" for name in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


def touched() -> dict[str, int]:
    """How many rows of each table were written since the test began: where no more were, nothing has changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
            " + pg_stat_get_xact_tuples_deleted(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return dict(cursor.fetchall())
