"""The demo's library."""

import io
import re
import tomllib
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from community.members import seed as members_seed
from community.tags.models import Tag
from resources import scrubbing, seed
from resources.addresses import isbn_of
from resources.models import Collection, Kind, Resource, ResourceFile, Review
from tests import make

NOW = datetime.fromisoformat("2026-11-20T19:42:31+00:00")


@pytest.fixture
def demo(db):
    members_seed.fill_demo(now=NOW)
    seed.fill_demo(now=NOW)


def test_there_is_something_of_every_kind_and_in_every_state(demo):
    up = Resource.objects.filter(published_at__isnull=False)
    assert set(up.values_list("kind", flat=True)) == set(Kind)
    assert up.count() >= 25
    assert Resource.objects.waiting().count() == 3
    assert Resource.objects.filter(refused_at__isnull=False).count() == 1
    overdue = up.filter(review_by__lt=timezone.localdate(NOW))
    assert overdue.count() == 1
    assert not Tag.objects.filter(accepted_at=None).exists()
    assert not up.filter(tags=None).exists()


def test_readers_have_said_whether_it_helped_and_put_things_in_an_order(demo):
    assert set(Review.objects.values_list("verdict", flat=True)) == {"helped", "not"}
    for review in Review.objects.select_related("resource"):
        assert review.created_at > review.resource.published_at, review.resource.title
        assert not review.speaks_as(review.resource.author)
    assert Collection.objects.filter(shared="everyone").count() == 2
    guest = Client()
    for collection in Collection.objects.filter(shared="everyone"):
        page = guest.get(collection.get_absolute_url()).content.decode()
        assert page.count('<li id="at-') == collection.places.filter(resource__audience="everyone").count() > 2
        assert all(place.resource.published_at <= collection.created_at for place in collection.places.all())


def test_there_is_a_page_to_print_such_as_a_member_could_have_brought(demo):
    file = ResourceFile.objects.get()
    guest = Client()
    assert "Download it (PDF, " in guest.get(file.resource.get_absolute_url()).content.decode()
    content = guest.get(file.get_absolute_url()).content
    upload = SimpleUploadedFile(file.name, content, "application/pdf")
    for each in (content, scrubbing.scrubbed(upload).content):
        (page,) = PdfReader(io.BytesIO(each)).pages
        assert "What makes a morning go well" in page.extract_text()


def test_filling_again_changes_nothing(demo):
    before = list(Resource.objects.order_by("pk").values_list("public_id", "created_at"))
    seed.fill_demo(now=NOW)
    assert list(Resource.objects.order_by("pk").values_list("public_id", "created_at")) == before


def test_nothing_in_it_exists(demo):
    for resource in Resource.objects.all():
        assert resource.address == "" or resource.address.startswith("https://example.org/")
        assert resource.phone == "" or re.fullmatch(r"01632960\d{3}", resource.phone)
        assert resource.isbn == "" or (resource.isbn.startswith("9790") and isbn_of(resource.isbn) == resource.isbn)
        assert not re.search(r"\d[\d ]{5,}|https?:|www\.|\w@\w", resource.title + resource.body), resource.title


def test_what_is_told_is_what_a_member_would_have_brought(demo):
    for told in tomllib.loads(seed.SHELVES.read_text())["resources"]:
        there = Resource.objects.get(title=told["title"])
        facts = {
            name: getattr(there, name) for name in ("kind", "title", "address", "isbn", "phone", "language", "minutes", "body")
        }
        key, html, note = there.address_key, there.body_html, there.note
        there.reviews.all().delete()
        there.delete()
        made = make.resource(there.author, publish=False, tags=told["tags"], **facts)
        assert (made.address_key, made.body_html) == (key, html)
        assert note == "" or "note_words" in told or "notes" in told
