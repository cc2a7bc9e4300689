"""What every test stands on: a database that is a copy of a migrated one, and the cast."""

import gc
import hashlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# Before the settings are read. Tests run as the role that owns the tables; the servers they start run as the web role.
PROJECT = Path(__file__).resolve().parent.parent
os.environ["HEARTH_MODE"] = "test"
os.environ["DATABASE_ROLE"] = "owner"
os.environ["DJANGO_SETTINGS_MODULE"] = "community.settings"
for _name in ("DATABASE_URL", "DATABASE_OWNER_URL", "HEARTH_DATABASE", "HEARTH_DATABASE_HOST", "HEARTH_WORKER"):
    os.environ.pop(_name, None)

import django  # noqa: E402

django.setup()
# What is loaded by now stays: looking for rubbish among it is a twentieth of the time.
gc.freeze()
gc.set_threshold(100_000, 50, 100)

from allauth.mfa.models import Authenticator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402
from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: E402
from xdist.scheduler import LoadScopeScheduling  # noqa: E402

from community.contributions import notes  # noqa: E402
from community.database import EDITION, WEB, cluster, lock  # noqa: E402
from community.members.sessions import SessionStore  # noqa: E402
from community.moderation import watching  # noqa: E402
from tests import make  # noqa: E402

if settings.MODE != "test":
    pytest.exit("Unset DJANGO_SETTINGS_MODULE: it made the settings load before the tests could choose theirs.", 2)

JOURNEYS = "tests/journeys/"
KEPT_TEMPLATES = 3  # so that two branches, or two people, do not migrate anew by turns
OURS = re.compile(r"test_hearth_(\d+)(_\w+)?$")


def pytest_addoption(parser):
    parser.addoption("--deep", action="store_true", help="also run the slow tests, and all of every sweep")


def pytest_configure(config):
    config.addinivalue_line("markers", "deep: slow; runs only with --deep")


def pytest_collection_modifyitems(config, items):
    """The journeys are the longest: they begin, and what goes through the whole house follows, so that no core waits at the end."""
    for item in items:
        if item.get_closest_marker("deep") and not config.getoption("--deep"):
            item.add_marker(pytest.mark.skip(reason="slow: add --deep"))
    items.sort(key=lambda item: 0 if item.nodeid.startswith(JOURNEYS) else item.nodeid.split("::")[0].count("/"))


def _once(look: Callable[..., None]) -> Callable[..., None]:
    """Each `Client` makes its middleware anew, and looking for all static files is most of that; they stay the same for a run."""
    found: dict[tuple[object, ...], dict[str, object]] = {}

    def add_what_was_found(middleware: WhiteNoiseMiddleware, *where: object, **prefix: object) -> None:
        key = (*where, *prefix.items())
        if key not in found:
            look(middleware, *where, **prefix)
            found[key] = dict(middleware.files)
        middleware.files.update(found[key])

    return add_what_was_found


WhiteNoiseMiddleware.add_files = _once(WhiteNoiseMiddleware.add_files)
WhiteNoiseMiddleware.add_files_from_finders = _once(WhiteNoiseMiddleware.add_files_from_finders)


class ByFile(LoadScopeScheduling):
    """Give each core a file at a time, and all the journeys to one of them: two browsers would hinder each other."""

    def _split_scope(self, nodeid):
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """A process remembers the list of content notes, and whether somebody is here, for a minute; a test is another house."""
    notes.forget()
    watching.forget()


# The cast -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def guest():
    """Somebody who is not signed in."""
    return AnonymousUser()


@pytest.fixture
def newcomer(db):
    """A member of the first days, with the limits of the first days."""
    return make.user("newcomer", settled=False)


@pytest.fixture
def member(db):
    return make.user("wren")


@pytest.fixture
def author(db):
    """Whoever wrote what the test is about."""
    return make.user("sorrel")


@pytest.fixture
def other(db):
    """One more member, with nothing to do with it."""
    return make.user("yarrow")


@pytest.fixture
def moderator(db):
    return make.user("fennel", role="moderator")


@pytest.fixture
def owner(db):
    return make.user("harbour", role="owner")


@pytest.fixture
def sign_in(db):
    """`sign_in(user)`: a client in which that member is signed in, staff with their second factor."""

    def signed_in(user, **options) -> Client:
        methods = [{"method": "password", "at": time.time(), "email": user.email}]
        if user.is_staff:
            totp = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
            methods.append({"method": "mfa", "at": time.time(), "type": "totp", "id": totp.pk})
        request = HttpRequest()
        # It knows whose it is before they sign in, and is written once; a client's own would be written four times.
        request.session = SessionStore()
        request.session.update(
            {
                SESSION_KEY: str(user.pk),
                HASH_SESSION_KEY: user.get_session_auth_hash(),
                "account_authentication_methods": methods,
                "account_authentication_methods_user": str(user.pk),
            }
        )
        login(request, user)
        request.session.save()
        client = Client(**options)
        client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return signed_in


# The database: migrate once into a template, then copy it -------------------------------------------------------------


@pytest.fixture(scope="session")
def embedded():
    """The test cluster, held for this run; other runs may share it."""
    with cluster("test", settings.STATE_DIR).running() as held:
        for name in held.databases():
            if (match := OURS.match(name)) and not Path(f"/proc/{match[1]}").exists():
                held.drop_database(name)
        yield held


@pytest.fixture(scope="session")
def template(embedded, django_test_environment, django_db_blocker):
    """The name of a migrated database that nobody is connected to: `embedded.clone(template, name)` takes 0.1 s."""
    name = f"template_hearth_{_migrations_digest()}"
    with django_db_blocker.unblock(), lock(settings.STATE_DIR / "template.lock", seconds=300):
        if name not in embedded.databases():
            embedded.drop_database("making_hearth")
            embedded.ensure_database("making_hearth")
            _connect_to("making_hearth")
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            embedded.rename_database("making_hearth", name)
            templates = [other for other in embedded.databases() if other.startswith("template_hearth_")]
            for old in templates[:-KEPT_TEMPLATES]:
                embedded.drop_database(old)
    return name


@pytest.fixture(scope="session")
def django_db_setup(embedded, template, django_db_blocker):
    """Give this run a copy of the template; a transactional test gets a new copy behind it, which no flush can do."""
    name = f"test_hearth_{os.getpid()}"

    def renew(_test_case=None):
        connections.close_all()
        embedded.drop_database(name)
        embedded.clone(template, name)

    with django_db_blocker.unblock():
        renew()
        _connect_to(name)
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = renew
    yield
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        connections.close_all()
        embedded.drop_database(name)


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """The database, for what all tests of a module begin with: each undoes its own changes, and the end of the module the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def as_web_role(db):
    """Do the rest of the test with the rights of the role that serves pages; the rollback at the end undoes it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {WEB}")


def _connect_to(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def _migrations_digest() -> str:
    """A digest of everything that a migrated database depends on."""
    digest = hashlib.sha256(EDITION.encode() + (PROJECT / "requirements-dev.txt").read_bytes())
    for root in sorted({app.split(".")[0] for app in settings.INSTALLED_APPS}):
        # With what a migration fills in: the help services that are shipped.
        for file in sorted([*(PROJECT / root).glob("**/migrations/*.py"), *(PROJECT / root).glob("care/services.toml")]):
            digest.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]
