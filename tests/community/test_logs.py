import logging

import pytest
from django.db import IntegrityError

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
