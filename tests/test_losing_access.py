"""Who may no longer see something sees nothing of it one request later: in open sessions, in the inbox, in mail on its way."""

import json
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from community.members.models import Block, User
from community.notifications import tasks
from community.notifications.models import Outgoing
from community.tags import applying
from resources.models import ResourceFile, Saved
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "zqxcanary"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    settings.MAIL_FOLDER = tmp_path / "mail"


class Scene:
    """`reader` reads along, with an open session, and has just been called in a conversation by `author`."""

    def __init__(self, author: Any, reader: Any, moderator: Any) -> None:
        self.author, self.reader, self.moderator = author, reader, moderator
        self.circle = Group.objects.create(name=f"{CANARY} circle")
        self.circle.user_set.add(author, reader)
        self.topic = make.topic(make.board(), author, title=f"{CANARY} title", body="Words.", audience="group", group=self.circle)
        self.reply = self.topic.reply(author, f"@{reader.username} {CANARY} words")
        author.profile.about = f"{CANARY} about"
        author.profile.save()
        self.picture = author.profile.hang(b"no picture, but nobody looks")

    @property
    def addresses(self) -> list[str]:
        url = self.topic.get_absolute_url()
        return ["/", "/forums/", "/inbox/", "/forums/waiting/", self.topic.board.get_absolute_url(), url, f"{url}reply/"]


LOSSES: dict[str, Callable[[Scene], object]] = {
    "left the circle": lambda scene: scene.circle.user_set.remove(scene.reader),
    "was blocked": lambda scene: Block.put(scene.author, scene.reader),
    "has blocked": lambda scene: Block.put(scene.reader, scene.author),
    "it was hidden": lambda scene: scene.topic.hide(by=scene.moderator, reason="It names a clinic."),
    "the account was closed": lambda scene: User.objects.filter(pk=scene.reader.pk).update(is_active=False),
    "the sessions were ended": lambda scene: User.objects.get(pk=scene.reader.pk).end_sessions(),
}


@pytest.fixture
def scene(author, member, moderator) -> Scene:
    return Scene(author, member, moderator)


def consider() -> None:
    """The worker decides about mail for what is news."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%.mail_notification' ORDER BY id")
        jobs = [args if isinstance(args, dict) else json.loads(args) for (args,) in cursor.fetchall()]
    for job in jobs:
        tasks.mail_notification(**job)


def letters_to(reader: Any, settings: Any) -> list[Any]:
    tasks.send_due(0)
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in settings.MAIL_FOLDER.glob("*.eml")]
    return [letter for letter in found if letter["To"] == reader.email]


@pytest.mark.parametrize("loss", LOSSES)
def test_an_open_session_shows_nothing_at_its_next_request(scene, sign_in, loss):
    client = sign_in(scene.reader)
    before = [client.get(url).content.decode() for url in scene.addresses]
    assert sum(CANARY in page for page in before) >= 4
    LOSSES[loss](scene)
    for url in scene.addresses:
        page = unquote(client.get(url).content.decode())
        assert CANARY not in page, url
        # A way back after signing in names the address that was asked for, and nothing more.
        assert str(scene.topic.public_id) not in page.replace(url, ""), url


LIBRARY_LOSSES: dict[str, Callable[[Scene, Any], object]] = {
    **{
        name: lambda scene, _things, lose=LOSSES[name]: lose(scene)
        for name in LOSSES
        if name not in {"left the circle", "it was hidden"}
    },
    "they were hidden": lambda scene, things: [
        thing.hide(by=scene.moderator, reason="It names a clinic.") for thing in reversed(things)
    ],
    "they were taken back": lambda _scene, things: [thing.withdraw() for thing in reversed(things)],
}


@pytest.mark.parametrize("loss", LIBRARY_LOSSES)
def test_an_open_session_shows_nothing_of_the_library_at_its_next_request(scene, sign_in, loss):
    applying.resolve(["sleep"], accept=True)
    thing = make.resource(scene.author, title=f"{CANARY} title", body=f"{CANARY} body", tags=["sleep"], audience="members")
    ResourceFile.put(thing, name=f"{CANARY}.pdf", content_type="application/pdf", content=CANARY.encode())
    about = make.review(make.resource(audience="members"), scene.author, body=f"{CANARY} review")
    path = make.collection(scene.author, things=[thing], title=f"{CANARY} collection", shared="members")
    Saved.keep(thing, scene.reader)
    lists = ["/resources/", "/collections/", "/saved/", "/tags/sleep/", "/resources/export.json", "/resources/export.csv"]
    pages = [thing, about.resource, path]
    addresses = [*lists, *(each.get_absolute_url() for each in pages), f"{thing.get_absolute_url()}file/"]

    def shown(url: str) -> str:
        response = client.get(url)
        return unquote((b"".join(response.streaming_content) if response.streaming else response.content).decode())

    client = sign_in(scene.reader)
    assert [url for url in addresses if CANARY not in shown(url)] == []
    LIBRARY_LOSSES[loss](scene, [thing, about, path])
    assert [url for url in addresses if CANARY in shown(url)] == []


@pytest.mark.parametrize("when", ["before it is considered", "before it is sent"])
@pytest.mark.parametrize("loss", [name for name in LOSSES if name != "the sessions were ended"])
def test_mail_on_its_way_does_not_go(scene, settings, loss, when):
    if when == "before it is sent":
        consider()
        assert Outgoing.objects.waiting().filter(notification__recipient=scene.reader).count() == 1
    LOSSES[loss](scene)
    consider()
    assert letters_to(scene.reader, settings) == []


def test_mail_would_have_gone(scene, settings):
    consider()
    [letter] = letters_to(scene.reader, settings)
    assert CANARY not in str(letter)


@pytest.mark.parametrize("who", ["author", "reader"])
def test_a_block_takes_page_and_picture_away_at_once(scene, sign_in, who):
    client = sign_in(scene.reader)
    addresses = [scene.author.get_absolute_url(), f"/avatars/{scene.picture.public_id}.webp"]
    assert [client.get(url).status_code for url in addresses] == [200, 200]
    Block.put(*((scene.author, scene.reader) if who == "author" else (scene.reader, scene.author)))
    assert [client.get(url).status_code for url in addresses] == [404, 404]


@pytest.mark.parametrize("role", ["moderator", "lead", "owner"])
def test_a_role_that_ends_opens_nothing_at_the_next_request(sign_in, owner, author, role):
    volunteer = make.user(role=role)
    topic = make.topic(author=author, body=CANARY)
    topic.hide(by=owner, reason="It names a clinic.")
    client, url = sign_in(volunteer), f"/admin/forums/topic/{topic.pk}/change/"
    assert CANARY in client.get(url).content.decode()
    if role == "owner":
        User.objects.filter(pk=volunteer.pk).update(is_superuser=False, is_staff=False)
    else:
        User.objects.get(pk=volunteer.pk).dismiss("moderator", by=owner, reason="They asked for it.")
    response = client.get(url)
    assert response.status_code in {302, 404}
    assert CANARY not in response.content.decode()
    assert client.get("/admin/").status_code in {302, 404}
