"""Every way by which something can come out of the house: each address with each id that could stand in it, and what is sent.

A new address needs a row in ROUTES, a new page of the admin one in BEHIND_THE_SCENES.
"""

import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from community.decisions.models import Decision
from community.moderation.models import Appeal, Report
from community.moderation.queue import Queue
from community.notifications import tasks
from mentorship.models import Lesson
from resources.admin import Shelf
from resources.models import Collection, ImportRow, Resource, Review
from tests.addresses import PARAMETER, routes

from .house import House

Values = Callable[[House], list[dict[str, Any]]]


def nothing(house: House) -> list[dict[str, Any]]:
    return [{}]


def boards(house: House) -> list[dict[str, Any]]:
    return [{"board": board.slug} for board in house.boards]


def topics(house: House) -> list[dict[str, Any]]:
    return [{"board": topic.board.slug, "public_id": topic.public_id} for topic in house.topics]


def replies(house: House) -> list[dict[str, Any]]:
    return [
        {"board": reply.topic.board.slug, "public_id": reply.topic.public_id, "reply_id": reply.public_id}
        for reply in house.replies
    ]


def one_step(house: House) -> list[dict[str, Any]]:
    """Of a training, which belongs to somebody's office."""
    office = house.moderator.offices.first()
    return [{"public_id": office.public_id, "pk": office.steps[0].pk}]


def one(house: House) -> list[dict[str, Any]]:
    """For what only takes posts."""
    return [{"board": house.board.slug, "public_id": house.talk.public_id, "reply_id": house.replies[0].public_id}]


def texts(house: House) -> list[dict[str, Any]]:
    return [{"public_id": words.public_id} for words in house.texts]


def things(house: House) -> list[dict[str, Any]]:
    """With the places of what was said of them."""
    found = [words if isinstance(words, Resource) else words.resource for words in house.library if not is_collection(words)]
    return [{"public_id": public_id} for public_id in dict.fromkeys(thing.public_id for thing in found)]


def is_collection(words: Any) -> bool:
    return isinstance(words, Collection)


def reviews(house: House) -> list[dict[str, Any]]:
    words = [words for words in house.library if isinstance(words, Review)]
    return [{"public_id": each.resource.public_id, "review_id": each.public_id} for each in words]


def collections(house: House) -> list[dict[str, Any]]:
    return [{"public_id": words.public_id} for words in filter(is_collection, house.library)]


def places(house: House) -> list[dict[str, Any]]:
    thing = house.of("resource for members").public_id
    return [{**each, "resource_id": thing} for each in collections(house)]


def one_place(house: House) -> list[dict[str, Any]]:
    return places(house)[:1]


def one_thing(house: House) -> list[dict[str, Any]]:
    return things(house)[:1]


def matches(house: House) -> list[dict[str, Any]]:
    return [{"public_id": match.public_id} for match in house.matches]


def one_match(house: House) -> list[dict[str, Any]]:
    return matches(house)[:1]


def check_ins(house: House) -> list[dict[str, Any]]:
    return [{"public_id": asked.public_id} for asked in house.check_ins]


def messages(house: House) -> list[dict[str, Any]]:
    return [{"public_id": said.match.public_id, "message_id": said.public_id} for said in house.said]


def goals(house: House) -> list[dict[str, Any]]:
    return [{**each, "number": 1} for each in matches(house)]


def guides(house: House) -> list[dict[str, Any]]:
    return [{"public_id": mentor.public_id} for mentor in house.guides]


def told(house: House) -> list[dict[str, Any]]:
    return [{"public_id": match.mentor.public_id, "stamp": match.testimonial_stamp} for match in house.told]


def one_guide(house: House) -> list[dict[str, Any]]:
    return guides(house)[1:]


def lessons(house: House) -> list[dict[str, Any]]:
    return [{"pk": key} for key in Lesson.objects.values_list("pk", flat=True)]


def one_goal(house: House) -> list[dict[str, Any]]:
    return goals(house)[:1]


def lines(house: House) -> list[dict[str, Any]]:
    return [{"public_id": line.match.public_id, "session_id": line.public_id} for line in house.lines]


def people(house: House) -> list[dict[str, Any]]:
    return [{"handle": house.people[name].username} for name in ("author", "ghost", "blocker")]


def imports(house: House) -> list[dict[str, Any]]:
    return [{"public_id": house.brought.public_id}]


def one_person(house: House) -> list[dict[str, Any]]:
    return people(house)[:1]


def pictures(house: House) -> list[dict[str, Any]]:
    return [{"public_id": house.people[name].profile.avatar.public_id} for name in ("author", "ghost")]


def aliases(house: House) -> list[dict[str, Any]]:
    return [{"alias": words.voice.public_id} for words in [*house.topics, *house.replies] if words.voice.is_persona]


def tags(house: House) -> list[dict[str, Any]]:
    return [{"slug": house.tag.slug}, {"slug": house.proposed}]


def news(house: House) -> list[dict[str, Any]]:
    """Of each recipient some."""
    return [{"public_id": item.public_id} for item in house.news[::3]]


def reportable(house: House) -> list[dict[str, Any]]:
    things = [*house.texts, *house.guides]
    found = [{"kind": thing.reported_as, "public_id": thing.public_id} for thing in things]
    return [dict(each) for each in dict.fromkeys(tuple(each.items()) for each in found)]


def reports(house: House) -> list[dict[str, Any]]:
    return [{"public_id": public_id} for public_id in Report.objects.values_list("public_id", flat=True)]


def appeals(house: House) -> list[dict[str, Any]]:
    return [{"public_id": key} for key in Appeal.objects.values_list("public_id", flat=True)]


def decided(house: House) -> list[dict[str, Any]]:
    """One of each kind about each voice, and about each kind of thing."""
    each = ("act", "member", "persona", "target_type")
    return [{"public_id": key} for key in Decision.objects.order_by(*each).distinct(*each).values_list("public_id", flat=True)]


def one_decided(house: House) -> list[dict[str, Any]]:
    return decided(house)[:1]


def first(house: House) -> list[dict[str, Any]]:
    return [{"pk": 1}]


# Each address of ours: the channel that it belongs to in the table, and with what its parameters are filled.
ROUTES: dict[str, tuple[str, Values]] = {
    "": ("lists", nothing),
    "forums/": ("lists", nothing),
    "forums/waiting/": ("lists", nothing),
    "forums/newcomers/": ("lists", nothing),
    "forums/<slug:board>/": ("lists", boards),
    "forums/<slug:board>/<uuid:public_id>/": ("conversation", topics),
    "forums/<slug:board>/<uuid:public_id>/r/<uuid:reply_id>/": ("conversation", replies),
    "forums/<slug:board>/new/": ("forms", boards),
    "forums/<slug:board>/<uuid:public_id>/edit/": ("forms", topics),
    "forums/<slug:board>/<uuid:public_id>/withdraw/": ("forms", topics),
    "forums/<slug:board>/<uuid:public_id>/lock/": ("forms", one),
    "forums/<slug:board>/<uuid:public_id>/lock/delete/": ("forms", one),
    "forums/<slug:board>/<uuid:public_id>/reply/": ("forms", topics),
    "forums/<slug:board>/<uuid:public_id>/r/<uuid:reply_id>/edit/": ("forms", replies),
    "forums/<slug:board>/<uuid:public_id>/r/<uuid:reply_id>/withdraw/": ("forms", replies),
    "forums/<slug:board>/<uuid:public_id>/person/": ("forms", topics),
    "forums/<slug:board>/<uuid:public_id>/person/block/": ("forms", one),
    "forums/<slug:board>/<uuid:public_id>/r/<uuid:reply_id>/person/": ("forms", replies),
    "forums/<slug:board>/<uuid:public_id>/r/<uuid:reply_id>/person/block/": ("forms", one),
    "members/<str:handle>/": ("people", people),
    "members/<str:handle>/person/": ("own", people),
    "members/<str:handle>/block/": ("own", one_person),
    "members/<str:handle>/block/delete/": ("own", one_person),
    "avatars/<uuid:public_id>.webp": ("people", pictures),
    "inbox/": ("inbox", nothing),
    "inbox/<uuid:public_id>/": ("inbox", news),
    "inbox/read/": ("inbox", nothing),
    "inbox/settings/": ("own", nothing),
    "wrote/": ("wrote", nothing),
    "wrote/<uuid:public_id>/": ("wrote", texts),
    "wrote/<uuid:public_id>/change/delete/": ("wrote", texts),
    "wrote/<uuid:public_id>/withdraw/": ("wrote", texts),
    "tags/": ("lists", nothing),
    "tags/suggest/": ("lists", nothing),
    "tags/<str:slug>/": ("lists", tags),
    "tags/<str:slug>/follow/": ("own", tags),
    "tags/<str:slug>/follow/delete/": ("own", tags),
    "resources/": ("lists", nothing),
    "resources/new/": ("forms", nothing),
    "resources/import/": ("own", nothing),
    "resources/import/<uuid:public_id>/": ("own", imports),
    "resources/export.html": ("lists", nothing),
    "resources/export.csv": ("lists", nothing),
    "resources/export.json": ("lists", nothing),
    "resources/<uuid:public_id>/": ("conversation", things),
    "resources/<uuid:public_id>/file/": ("conversation", things),
    "resources/<uuid:public_id>/edit/": ("forms", things),
    "resources/<uuid:public_id>/withdraw/": ("forms", things),
    "resources/<uuid:public_id>/words/": ("forms", things),
    "resources/<uuid:public_id>/words/withdraw/": ("forms", things),
    "resources/<uuid:public_id>/saved/": ("own", things),
    "resources/<uuid:public_id>/saved/delete/": ("own", one_thing),
    "resources/<uuid:public_id>/collect/": ("own", things),
    "saved/": ("own", nothing),
    "collections/": ("lists", nothing),
    "collections/mine/": ("own", nothing),
    "collections/new/": ("forms", nothing),
    "collections/<uuid:public_id>/": ("conversation", collections),
    "collections/<uuid:public_id>/edit/": ("forms", collections),
    "collections/<uuid:public_id>/withdraw/": ("forms", collections),
    "collections/<uuid:public_id>/export.html": ("lists", collections),
    "collections/<uuid:public_id>/places/": ("own", collections),
    "collections/<uuid:public_id>/places/<uuid:resource_id>/words/": ("forms", places),
    "collections/<uuid:public_id>/places/<uuid:resource_id>/earlier/": ("own", one_place),
    "collections/<uuid:public_id>/places/<uuid:resource_id>/later/": ("own", one_place),
    "collections/<uuid:public_id>/places/<uuid:resource_id>/delete/": ("own", one_place),
    "mentorship/": ("lists", nothing),
    "mentorship/request/": ("own", nothing),
    "mentorship/request/new/": ("forms", nothing),
    "mentorship/request/edit/": ("forms", nothing),
    "mentorship/request/withdraw/": ("own", nothing),
    "mentorship/request/renew/": ("own", nothing),
    "mentorship/request/resume/": ("own", nothing),
    "mentorship/request/mentors/": ("own", nothing),
    "mentorship/request/mentors/<uuid:public_id>/ask/": ("forms", guides),
    "mentorship/request/mentors/<uuid:public_id>/note/": ("own", one_guide),
    "mentorship/request/facts/strike/": ("own", nothing),
    "mentorship/request/facts/restore/": ("own", nothing),
    "mentorship/mentors/": ("people", nothing),
    "mentorship/mentors/<uuid:public_id>/": ("people", guides),
    "mentorship/mentors/<uuid:public_id>/said/<slug:stamp>/report/": ("people", told),
    "mentorship/apply/": ("own", nothing),
    "mentorship/apply/words/": ("own", nothing),
    "mentorship/apply/training/<int:pk>/": ("own", lessons),
    "mentorship/apply/send/": ("own", nothing),
    "mentorship/apply/renew/": ("own", nothing),
    "mentorship/apply/rest/": ("own", nothing),
    "mentorship/apply/rest/delete/": ("own", nothing),
    "mentorship/apply/places/": ("own", nothing),
    "mentorship/apply/stop/": ("own", nothing),
    "mentorship/matches/<uuid:public_id>/": ("conversation", matches),
    "mentorship/matches/<uuid:public_id>/accept/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/reasons/strike/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/decline/": ("own", matches),
    "mentorship/matches/<uuid:public_id>/stop/": ("own", matches),
    "mentorship/matches/<uuid:public_id>/no-fit/": ("own", matches),
    "mentorship/matches/<uuid:public_id>/ending/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/ending/delete/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/parting/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/thanks/report/": ("conversation", matches),
    "mentorship/matches/<uuid:public_id>/testimonial/delete/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/testimonial/shown/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/testimonial/shown/delete/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/again/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/again/delete/": ("own", one_match),
    "mentorship/checkins/<uuid:public_id>/": ("own", check_ins),
    "mentorship/matches/<uuid:public_id>/write/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/m/<uuid:message_id>/": ("conversation", messages),
    "mentorship/matches/<uuid:public_id>/m/<uuid:message_id>/edit/": ("forms", messages),
    "mentorship/matches/<uuid:public_id>/m/<uuid:message_id>/withdraw/": ("forms", messages),
    "mentorship/matches/<uuid:public_id>/notes/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/agreement/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/agreement/yes/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/goals/": ("forms", matches),
    "mentorship/matches/<uuid:public_id>/goals/<int:number>/edit/": ("forms", goals),
    "mentorship/matches/<uuid:public_id>/goals/<int:number>/reached/": ("own", one_goal),
    "mentorship/matches/<uuid:public_id>/goals/<int:number>/reached/delete/": ("own", one_goal),
    "mentorship/matches/<uuid:public_id>/goals/<int:number>/delete/": ("own", one_goal),
    "mentorship/matches/<uuid:public_id>/log/": ("own", matches),
    "mentorship/matches/<uuid:public_id>/log/<uuid:session_id>/delete/": ("own", lines),
    "mentorship/matches/<uuid:public_id>/cover/": ("own", matches),
    "mentorship/matches/<uuid:public_id>/cover/delete/": ("own", one_match),
    "mentorship/matches/<uuid:public_id>/safety/": ("forms", matches),
    "report/<slug:kind>/<uuid:public_id>/": ("forms", reportable),
    "report/member/<str:handle>/": ("people", people),
    "reports/": ("own", nothing),
    "reports/<uuid:public_id>/": ("own", reports),
    "reports/<uuid:public_id>/appeal/": ("own", reports),
    "figures/": ("open", nothing),
    "decisions/": ("own", nothing),
    "decisions/<uuid:public_id>/": ("own", decided),
    "decisions/<uuid:public_id>/appeal/": ("own", one_decided),
    "appeals/<uuid:public_id>/": ("own", appeals),
    "aliases/<uuid:alias>/found-out/": ("own", aliases),
    "settings/": ("own", nothing),
    "settings/export/": ("own", nothing),
    "settings/roles/": ("own", nothing),
    "settings/roles/<uuid:public_id>/steps/<int:pk>/": ("own", one_step),
    "settings/roles/<uuid:public_id>/delete/": ("own", one_step),
    "settings/filters/": ("own", nothing),
    "settings/filters/delete/": ("own", nothing),
    "settings/blocks/<uuid:alias>/delete/": ("own", aliases),
    "settings/name/": ("own", nothing),
    "settings/window/": ("own", nothing),
    "settings/picture/": ("own", nothing),
    "settings/picture/delete/": ("own", nothing),
    "agreements/": ("own", nothing),
    "agreements/<int:pk>/acceptance/": ("own", first),
    "agreements/<int:pk>/acceptance/delete/": ("own", first),
    "write/preview/": ("forms", nothing),
    "write/draft/": ("forms", nothing),
    "kept/": ("forms", nothing),
    "leaving/": ("forms", nothing),
    "not-shown/": ("open", nothing),
    "help/": ("open", nothing),
    "healthz": ("open", nothing),
    "readyz": ("open", nothing),
}
# The pages that come with allauth: one's own account, and the door.
ACCOUNTS = "accounts/"
# Each model with pages in the admin, and what of it: words to search for that stand in secrets, if it can be searched.
BEHIND_THE_SCENES: dict[str, list[str]] = {
    "notifications.Outgoing": [],
    "members.User": ["zqx"],
    "members.TrainingStep": [],
    "members.Agreement": [],
    "members.NewMemberLimits": [],
    "auth.Group": [],
    "contributions.Note": [],
    "contributions.Holding": [],
    "contributions.Change": [],
    "tags.Tag": ["zqx"],
    "care.Country": [],
    "forums.Board": [],
    "forums.Topic": ["as you say", "other words"],
    "forums.Reply": ["as you say", "other words"],
    "moderation.Report": [],
    "moderation.Appeal": [],
    "moderation.HandOver": [],
    "moderation.Demand": [],
    "moderation.DeskSettings": [],
    "decisions.ReasonTemplate": [],
    "moderation.Unmasking": [],
    "moderation.MemberNote": [],
    "audit.Entry": [],
    "mentorship.Cohort": [],
    "mentorship.Concern": [],
    "mentorship.Help": [],
    "mentorship.Pace": [],
    "mentorship.Lesson": [],
    "mentorship.Match": ["zqx"],
    "mentorship.Mentor": ["zqx"],
    "mentorship.Request": ["zqx"],
    "resources.Resource": ["zqx", "other words"],
    "resources.Review": ["zqx", "other words"],
    "resources.Collection": ["zqx", "other words"],
}


class Ways:
    """All addresses of a house, and asking them as somebody."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.addresses = list(self._addresses())

    def _addresses(self) -> Iterator[tuple[str, str]]:
        for route in routes():
            if route.startswith("admin/"):
                continue
            channel, values = ("own", _key) if route.startswith(ACCOUNTS) else ROUTES[route]
            for each in values(self.house):
                yield channel, _filled(route, each)
        for topic in self.house.topics:
            url = topic.get_absolute_url()
            if topic.last_page > 1:
                yield "conversation", f"{url}?page={topic.last_page}"
            for words in [topic, *(reply for reply in self.house.replies if reply.topic_id == topic.pk)]:
                yield "forms", f"{url}reply/?quote={words.public_id}&excerpt=As"
        yield "lists", f"{self.house.tag.get_absolute_url()}?kind=topic"
        yield "lists", "/tags/suggest/?q=zqx"
        yield "lists", f"{self.house.tag.get_absolute_url()}?kind=resource"
        yield "lists", "/resources/?q=other+words"
        # All that is in a file that somebody brought, and the forms that ask what to do with a thing that they name.
        yield from (("own", f"{self.house.brought.get_absolute_url()}?state={state}") for state in ImportRow.State)
        yield from (("forms", f"/collections/new/?first={each['public_id']}") for each in things(self.house))
        # A place in a list: everything follows it.
        for url in ("/wrote/", "/inbox/", "/forums/waiting/", self.house.board.get_absolute_url()):
            yield {"/wrote/": "wrote", "/inbox/": "inbox"}.get(url, "lists"), f"{url}?from=9999999999-{'f' * 32}"

    def behind_the_scenes(self) -> Iterator[tuple[str, str]]:
        yield "admin", reverse("admin:index")
        yield from (("admin", f"/admin/desk/{page}") for page in self._at_the_desk())
        for model, pages in admin.site._registry.items():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield "admin", f"/admin/{model._meta.app_label}/"
            yield "admin", reverse(f"{name}_add")
            yield "admin", reverse(f"{name}_changelist")
            if model is Resource:
                yield from (("admin", f"{reverse(f'{name}_changelist')}?shelf={shelf}") for shelf in Shelf.shelves)
                yield from (("admin", reverse("admin:resources_resource_file", args=[key])) for key in self._keys(model))
            yield from (
                ("admin", f"{reverse(f'{name}_changelist')}?q={words}") for words in BEHIND_THE_SCENES.get(model._meta.label, ())
            )
            for key in self._keys(model):
                yield "admin", reverse(f"{name}_change", args=[key])
                yield from (("admin", reverse(f"{name}_verb", args=[key, verb.name])) for verb in pages.verbs[:1])

    def _at_the_desk(self) -> Iterator[str]:
        """Each thing that waits for one of them, and what can be done about it."""
        yield from ("duty/", "notes/")
        waiting: dict[str, Any] = {}
        for name in ("moderator", "librarian", "owner", "lead"):
            waiting |= {item.key: item.source.model for item in Queue(self.house.people[name]).everything}
        for key, model in waiting.items():
            yield f"{key}/"
            yield from (f"{key}/do/{verb}/" for verb in (admin.site._registry[model].verbs[0].name, "hide"))

    def _keys(self, model: Any) -> list[Any]:
        """All of what hides something; of other things the first few."""
        kept = [words.pk for words in self.house.texts if type(words) is model]
        return kept or list(model._default_manager.order_by("pk").values_list("pk", flat=True)[:4])

    def ask(self, client: Client, url: str) -> Any:
        """Look, and leave no trace of it, so that whoever looks next sees the same."""
        with transaction.atomic():
            response = client.get(url)
            transaction.set_rollback(True)
        return response


def _filled(route: str, values: dict[str, Any]) -> str:
    return "/" + PARAMETER.sub(lambda match: str(values[match[1]]), route)


def _key(house: House) -> list[dict[str, Any]]:
    return [{"pk": 1}]


def all_of(response: Any) -> str:
    """The answer as it goes out: its body and every header, cookies too."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = [f"{name}: {value}" for name, value in response.items()]
    return "\n".join([body.decode(errors="replace"), *headers, str(response.cookies)])


def jobs() -> str:
    """What lies before the worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(j)::text FROM procrastinate_jobs AS j")
        return "\n".join(row for (row,) in cursor.fetchall())


def mails(folder: Path) -> list[Any]:
    """All mail that the worker hands on now, each with its headers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%.mail_notification' ORDER BY id")
        waiting = [args if isinstance(args, dict) else json.loads(args) for (args,) in cursor.fetchall()]
    for job in waiting:
        tasks.mail_notification(**job)
    tasks.send_due(0)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
