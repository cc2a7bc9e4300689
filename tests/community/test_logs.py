import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, connections

from community.checks import database_keeps_its_promises
from community.logs import WithoutDetail
from community.members.models import User
from tests import make


@pytest.mark.django_db
def test_log_of_a_refused_row_does_not_hold_what_was_in_it():
    address = make.user("wren").email
    try:
        User.objects.create(username="somebody", email=address)
    except IntegrityError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "broken", (), (type(error), error, error.__traceback__))
    text = WithoutDetail().format(record)
    assert "one_account_per_address" in text
    assert address not in text


def told() -> set[str]:
    connections.close_all()
    return {problem.id for problem in database_keeps_its_promises()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("setting", ["log_statement = 'mod'", "log_min_duration_statement = '2s'"])
def test_a_database_that_writes_down_what_it_is_asked_is_told_of(embedded, setting):
    assert "hearth.W002" not in told()
    with embedded.connect() as superuser:
        superuser.execute(f"ALTER DATABASE {settings.DATABASES['default']['NAME']} SET {setting}")
    assert "hearth.W002" in told()
