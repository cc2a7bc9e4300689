"""The leak matrix: every channel × every kind of hidden thing × every viewer.

The house (tests/leaks/house.py) is full of canaries; every address is asked by everybody (channels.py); what was seen must be what
the one table (table.py) allows, no more, and where somebody should read, no less. A new address, model, page of the admin or kind
of secret without a row fails by its name.
"""

import logging
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from zeal import zeal_ignore

from community.care import pages
from tests.addresses import routes
from tests.copies import all_in_copy
from tests.leaks.channels import ACCOUNTS, BEHIND_THE_SCENES, ROUTES, Ways, all_of, jobs, mails
from tests.leaks.house import CAST, House
from tests.leaks.table import MODELS, PARTS, PLAIN_FIELDS, TEXTS, THINGS, VIEWERS, row

pytestmark = pytest.mark.django_db
ID = re.compile(r"[0-9a-f]{8}-")
OURS = ("community", "forums", "resources", "mentorship")


@pytest.fixture(autouse=True)
def _as_when_serving(settings, tmp_path, db):
    """Mail goes through the outbox, help lies there as a file, and nobody wonders that one address is asked again and again."""
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    settings.MAIL_FOLDER, settings.STATE_DIR = tmp_path / "mail", tmp_path
    pages.write()
    with zeal_ignore():
        yield


@pytest.fixture
def house(db) -> House:
    return House()


# Nothing without a row --------------------------------------------------------------------------------------------------


def test_every_address_has_a_row():
    ours = {route for route in routes() if not route.startswith(("admin/", ACCOUNTS))}
    assert ours - set(ROUTES) == set(), "give it a row in tests/leaks/channels.py"
    assert set(ROUTES) - ours == set(), "a row of an address that is no more"


def test_every_page_of_the_admin_has_a_row():
    assert {model._meta.label for model in admin.site._registry} == set(BEHIND_THE_SCENES)


def test_every_model_has_a_row():
    assert {model._meta.label for model in apps.get_models()} == set(MODELS), "say in tests/leaks/table.py what it holds"


def test_every_text_of_every_model_of_ours_holds_a_canary(house):
    """What is not in the house cannot be seen to come out of it."""
    missing = []
    for model in apps.get_models():
        plain = PLAIN_FIELDS.get(model._meta.label, "").split()
        if not model.__module__.startswith(OURS) or plain == ["*"]:
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
            if not is_text or field.generated or field.name in plain:
                continue
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT string_agg(\"{field.column}\"::text, ' ') FROM {model._meta.db_table}")
                held = cursor.fetchone()[0] or ""
            if not house.canaries.seen_in(held):
                missing.append(f"{model._meta.label}.{field.name}")
    assert missing == [], "put a canary there in tests/leaks/house.py"


def test_every_kind_of_secret_has_a_row_and_every_row_a_secret(house):
    kinds = set(house.canaries.kinds.values())
    for kind in kinds:
        row(kind)
    held = {kind.partition(": ")[0] for kind in kinds} | kinds | {f"key of the alias of {name}" for name in CAST}
    assert {*TEXTS, *PARTS, *THINGS} - held == set()


# The matrix ---------------------------------------------------------------------------------------------------------------


def test_nobody_sees_what_is_not_for_them(house, sign_in, request, caplog, tmp_path):
    """All that everybody gets to see, against the table; and on the way, that nothing breaks and the log tells nothing."""
    ways, deep = Ways(house), request.config.getoption("--deep")
    seen: dict[tuple[str, str, str], str] = {}
    broken = []
    clients = {name: Client() if name == "guest" else sign_in(house.people[name]) for name in VIEWERS}
    sessions = {name: session_key(client) for name, client in clients.items()}
    with caplog.at_level(logging.INFO):
        for turn, (viewer, client) in enumerate(clients.items()):
            client.raise_request_exception = False
            staff = ways.behind_the_scenes() if viewer in {"moderator", "librarian", "owner"} else ()
            for number, (channel, url) in enumerate([*ways.addresses, *staff]):
                if not deep and is_left_out(viewer, channel, url, turn + number):
                    continue
                response = ways.ask(client, url)
                if response.status_code == 500:
                    broken.append(f"{viewer}: {url}")
                text = all_of(response)
                if any(key in text for name, key in sessions.items() if key and name != viewer):
                    broken.append(f"{viewer}: somebody else's session in {url}")
                # What stands in the address was known to whoever asked.
                for kind in house.canaries.seen_in(text) - house.canaries.seen_in(url):
                    seen.setdefault((kind, viewer, channel), url)
    for viewer in set(clients) - {"guest"}:
        copied = house.canaries.seen_in(all_in_copy(clients[viewer]))
        seen |= {(kind, viewer, "copy"): "their copy" for kind in copied}
    for mail in mails(tmp_path / "mail"):
        to = next((name for name in CAST if house.people[name].email == mail["To"]), "nobody")
        seen |= {(kind, to, "mail"): str(mail["Subject"]) for kind in house.canaries.seen_in(str(mail)) if to != "nobody"}
    seen |= {(kind, "nobody", "jobs"): "a job" for kind in house.canaries.seen_in(jobs())}
    seen |= {(kind, "nobody", "log"): caplog.text for kind in house.canaries.seen_in(caplog.text)}
    assert broken == []
    assert {each: where for each, where in seen.items() if not row(each[0]).allows(*each[1:])} == {}
    assert {each for each in to_be_seen() if each not in seen} == set()


def session_key(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value if client.cookies else ""


def is_left_out(viewer: str, channel: str, url: str, number: int) -> bool:
    """What is asked with --deep only: account pages of those whose account is no secret, and where one does something.

    Of the latter each viewer asks one of six addresses, of three behind the scenes, the next viewer the next one of them, so that
    each is asked by some.
    """
    if url.startswith(f"/{ACCOUNTS}"):
        return viewer not in {"guest", "author", "ghost"}
    if channel == "admin":
        return "/do/" in url and number % 3 != 0
    # What is one's own must be found, and a page without an id is another one for everybody.
    is_somewhere = channel in {"forms", "own", "wrote", "inbox"} and ID.search(url)
    return bool(is_somewhere) and viewer != "author" and number % 6 != 0


def to_be_seen() -> list[tuple[str, str, str]]:
    """What the matrix must find, or it has looked at nothing: words where they stand, titles in lists, one's own, history."""
    found = []
    for what, rule in TEXTS.items():
        found += [(f"{what}: words", viewer, "copy") for viewer in rule.copied_by]
        if what.endswith(" removed"):
            # Nobody has these words but whoever wrote them, with the reason.
            found += [(f"{what}: words", rule.own, "own")]
            continue
        found += [(f"{what}: words", viewer, "conversation") for viewer in rule.readers]
        if what.startswith("topic") and not what.endswith(" folded"):
            # Of what is folded a list says that it is, and no title.
            found += [(f"{what}: title", viewer, "lists") for viewer in rule.readers]
        found += [(f"{what}: words", viewer, "admin") for viewer in rule.staff]
        found += [(f"{what}: words", rule.own, "wrote")] if rule.own else []
    found += [("draft", "author", "forms"), ("reason of a volunteer", "author", "inbox"), ("address of author", "author", "mail")]
    return found
