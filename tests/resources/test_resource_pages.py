"""The library's list and the page of one resource, as everybody sees them."""

from django.test import Client

from resources.models import Audience
from tests import make


def test_a_guest_sees_what_is_open_to_everyone(db):
    made = make.resource(title="The kettle book", body="It *helped*.")
    make.resource(title="Only for members", audience=Audience.MEMBERS)
    guest = Client()
    listed = guest.get("/resources/").content.decode()
    assert "The kettle book" in listed
    assert "Only for members" not in listed
    assert "It <em>helped</em>." in guest.get(made.get_absolute_url()).content.decode()
