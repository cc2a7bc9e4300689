"""Files of bookmarks on their way into the library and out of it again: looked at first, brought in once, nothing lost."""

import json
import resource as machine
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from community.audit import models as audit
from community.members.models import Agreement
from community.tags.models import Tag, Tagged
from resources import taking_in, taking_out, tasks
from resources.entries import Entry
from resources.exporting import as_bookmarks, as_records, as_table
from resources.importing import kinds, read
from resources.models import Import, ImportRow, Resource, ResourceFile
from resources.permissions import can_import_resources
from tests import make

FILES = Path(__file__).parent / "files"
State = ImportRow.State


@pytest.fixture
def librarian(db):
    return make.user("linden", role="librarian")


def upload(client, content: bytes | str, name: str = "bookmarks.html"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(reverse("resource_import"), {"file": SimpleUploadedFile(name, content)})


def looked_at(client, content: bytes | str, name: str = "bookmarks.html") -> Import:
    answer = upload(client, content, name)
    assert answer.status_code == 302, answer.content.decode()
    made = Import.objects.newest_first().first()
    assert answer["Location"] == made.get_absolute_url()
    return made


def bring_in(client, made: Import, **ticked) -> Import:
    """Press the button, and let the worker do its work."""
    assert client.post(made.get_absolute_url(), ticked).status_code == 302
    taking_in.take_in(made.pk)
    return Import.objects.get(pk=made.pk)


TABLE = (
    "title,url,tags,date\n"
    "Slow breathing,https://a.example/breath?utm_source=x,calm|night,2015-03-04T05:06:07\n"
    "A talk,https://youtu.be/abcdefghijk,night,\n"
    "The same talk,https://www.youtube.com/watch?v=abcdefghijk,,\n"
    "Here already,http://www.example.org/here/,,\n"
    "Bad,javascript:alert(1),,\n"
)


def test_a_file_is_looked_at_first_and_nothing_is_brought_in(sign_in, moderator):
    make.resource(address="https://example.org/here")
    client = sign_in(moderator)
    made = looked_at(client, TABLE, "ten years.csv")
    assert made.counts == {"new": 2, "private": 0, "here": 2, "broken": 1, "brought": 0}
    assert Resource.objects.count() == 1
    page = client.get(made.get_absolute_url()).content.decode()
    assert "ten years.csv" in page and "Slow breathing" in page and "https://a.example/breath" in page and "utm_source" not in page
    page = client.get(f"{made.get_absolute_url()}?state=here").content.decode()
    assert "It is the same as row 2." in page and "It is here already." in page
    page = client.get(f"{made.get_absolute_url()}?state=broken").content.decode()
    assert "Row 5, line 6" in page and "javascript:alert(1)" in page and "begins with “javascript:”" in page


def test_what_is_new_is_brought_in_and_waits(sign_in, moderator):
    client = sign_in(moderator)
    made = bring_in(client, looked_at(client, TABLE))
    assert made.is_finished and made.counts["brought"] == 3
    breath, talk, _here = Resource.objects.order_by("pk")
    assert (breath.title, breath.address, breath.kind) == ("Slow breathing", "https://a.example/breath", "article")
    assert breath.is_waiting and breath.author == moderator
    assert breath.created_at == datetime(2015, 3, 4, 5, 5, tzinfo=UTC), "dates are kept, in steps"
    assert sorted(breath.tags.names()) == ["calm", "night"]
    assert Tag.objects.accepted().count() == 0, "words that nobody knows yet are proposals"
    assert talk.kind == "video"
    assert "Done: 3 things were brought in. They wait with the librarians." in " ".join(
        client.get(made.get_absolute_url()).content.decode().split()
    )


def test_a_second_time_adds_nothing(sign_in, moderator, librarian):
    client = sign_in(moderator)
    for name in ("bookmarks-firefox-nested.html", "awesome-mental-health.md"):
        content = (FILES / name).read_bytes()
        first = bring_in(client, looked_at(client, content))
        there = Resource.objects.count()
        assert first.counts["brought"] > 20
        taking_in.take_in(first.pk)
        client.post(first.get_absolute_url(), {})
        Resource.objects.first().refuse(by=librarian, reason="It sells something.")
        again = looked_at(client, content)
        assert again.counts["new"] == 0
        assert "There is nothing new in this file." in client.get(again.get_absolute_url()).content.decode()
        bring_in(client, again)
        assert Resource.objects.count() == there


def test_what_came_in_meanwhile_is_not_brought_twice(sign_in, moderator):
    client = sign_in(moderator)
    first, second = looked_at(client, TABLE), looked_at(client, TABLE)
    bring_in(client, first)
    second = bring_in(client, second)
    assert second.counts["brought"] == 0 and second.counts["here"] == 5 - 1
    assert Resource.objects.count() == 3


def test_a_librarian_who_looked_puts_them_up_at_once(sign_in, moderator, librarian):
    client = sign_in(librarian)
    made = looked_at(client, TABLE)
    assert "I have looked at these" in client.get(made.get_absolute_url()).content.decode()
    assert bring_in(client, made, vouched="on").vouched_at
    assert audit.Entry.objects.filter(action="resources.import_vouched", by=librarian, target_id=str(made.pk)).count() == 1
    assert all(resource.is_published and resource.look_next_at for resource in Resource.objects.all())
    other = sign_in(moderator)
    made = looked_at(other, "url\nb.example\n")
    assert "I have looked at these" not in other.get(made.get_absolute_url()).content.decode()
    assert bring_in(other, made, vouched="on").vouched_at is None
    assert Resource.objects.get(address="https://b.example/").is_waiting


def test_without_the_second_step_nobody_puts_anything_up_by_a_file(librarian):
    client = Client()
    client.force_login(librarian)
    made = looked_at(client, TABLE)
    assert "I have looked at these" not in client.get(made.get_absolute_url()).content.decode()
    assert bring_in(client, made, vouched="on").vouched_at is None
    assert not Resource.objects.filter(published_at__isnull=False).exists()


def test_what_was_private_stays_out_unless_it_is_asked_for(sign_in, moderator):
    content = (FILES / "bookmarks-shaarli.html").read_bytes()
    client = sign_in(moderator)
    made = bring_in(client, looked_at(client, content))
    assert made.counts == {"new": 0, "private": 2, "here": 0, "broken": 1, "brought": 3}
    made = bring_in(client, looked_at(client, content), with_private="on")
    assert made.counts["brought"] == 2


def test_rows_come_a_page_at_a_time(sign_in, moderator):
    client = sign_in(moderator)
    made = looked_at(client, "url\n" + "".join(f"https://a.example/{n}\n" for n in range(150)))
    page = client.get(made.get_absolute_url()).content.decode()
    assert page.count("https://a.example/") == 100
    assert "?state=new&amp;after=100" in page
    page = client.get(f"{made.get_absolute_url()}?state=new&after=100").content.decode()
    assert page.count("https://a.example/") == 50
    for odd in ("?state=x", "?after=-1", "?after=٣", "?after=99999999999", "?state=new&after=a"):
        assert client.get(made.get_absolute_url() + odd).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in this file."),
        (b"PK\x03\x04" + b"0" * 100, "Unpack it first"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "This is no text"),
        (b"Dear all", "could not be made out"),
        (b"title,url\n", "not one bookmark"),
    ],
)
def test_a_file_with_nothing_in_it_is_refused_in_words(sign_in, moderator, content, said):
    answer = upload(sign_in(moderator), content)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Import.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_in_the_form_and_one_just_below_is_read(sign_in, moderator):
    client = sign_in(moderator)
    answer = upload(client, b"url\n" + b"https://example.org/x\n" * 500_000)
    assert answer.status_code == 200
    assert "more than 10 megabytes. Export it in parts" in answer.content.decode()
    words = ",".join(["title,url,excerpt", *(f"\nA,https://example.org/{number},{'word ' * 2_000}" for number in range(1_030))])
    looked_at(client, words.replace(",\n", "\n"), "table.csv")


def test_odd_names_and_words_break_nothing(sign_in, moderator):
    client = sign_in(moderator)
    odd = json.dumps(
        [
            {
                "href": "https://a.example/",
                "title": "\ud800\0\u202e<b>",
                "x\0\ud800": 1,
                "tags": ["\0", "a\0b", "x" * 500],
                "note": "{{ 1 }}",
            }
        ]
    )
    made = bring_in(client, looked_at(client, odd, "../../\u202e<b>\0.json"))
    assert made.counts["brought"] == 1
    assert "<b>" not in client.get(made.get_absolute_url()).content.decode().replace("<b>1 row", "")
    assert Resource.objects.get().title == "<b>"


def test_only_those_who_look_after_the_library_bring_files_and_each_sees_their_own(
    sign_in, newcomer, member, moderator, librarian, owner, guest
):
    assert [bool(can_import_resources(user)) for user in (guest, newcomer, member, moderator, librarian, owner)] == [False] * 3 + [
        True
    ] * 3
    client = sign_in(moderator)
    made = looked_at(client, TABLE)
    assert sign_in(librarian).get(made.get_absolute_url()).status_code == 404
    assert sign_in(librarian).post(made.get_absolute_url(), {}).status_code == 404
    assert sign_in(member).get(reverse("resource_import")).status_code == 403
    assert upload(sign_in(member), TABLE).status_code == 403
    moderator.acceptances.all().delete()
    assert Agreement.objects.exists() and not can_import_resources(moderator)


def test_ten_thousand_rows_come_in_within_a_minute_and_little_memory(moderator):
    rows = "".join(
        f'<DT><A HREF="https://example.org/{n}" ADD_DATE="{1400000000 + n}" TAGS="calm,night,tag{n % 300}">Page number {n}</A>\n'
        f"<DD>Words of some length about what it is and how it helped, number {n}.\n"
        for n in range(10_000)
    )
    before, started = machine.getrusage(machine.RUSAGE_SELF).ru_maxrss, time.monotonic()
    made = taking_in.preview(
        read(f"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL>{rows}</DL>".encode()), by=moderator, name="ten years.html"
    )
    made.start(vouched=False, with_private=False)
    taking_in.take_in(made.pk)
    assert Resource.objects.count() == 10_000
    assert time.monotonic() - started < 60
    assert machine.getrusage(machine.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_what_stood_in_a_file_is_forgotten_after_a_month(sign_in, moderator):
    client = sign_in(moderator)
    old = bring_in(client, looked_at(client, TABLE))
    new = looked_at(client, TABLE)
    Import.objects.filter(pk=old.pk).update(previewed_at=timezone.now() - timedelta(days=31))
    tasks.forget_imports(timestamp=0)
    assert list(Import.objects.all()) == [new]
    assert ImportRow.objects.exclude(source=new).count() == 0
    assert Resource.objects.count() == 3, "what was brought in stays"


# Out again --------------------------------------------------------------------------------------------------------------


def test_the_library_goes_out_and_comes_back_the_same(sign_in, librarian):
    client = sign_in(librarian)
    for name in ("awesome-mental-health.md", "bookmarks-chromium-nested.html", "pinboard.json", "pocket.csv"):
        bring_in(client, looked_at(client, (FILES / name).read_bytes()), vouched="on")
    make.resource(kind="service", title="A line", address="", phone="116 123", hours="All night", country="GB", cost="free")
    make.resource(
        kind="lived", title="=A story", address="", body="It *passed*,\n\n- slowly\n=1+1", audience="members", note_words="grief"
    )
    make.resource(kind="book", title="A book", address="", isbn="9780306406157", pages=200, made_by="Somebody", has_captions=False)
    before = sorted(taking_out.entries(librarian), key=lambda entry: entry.title)
    files = {
        ending: b"".join(client.get(reverse(f"resource_export_{ending}")).streaming_content) for ending in ("html", "csv", "json")
    }
    ImportRow.objects.all().delete()
    for content in files.values():
        Tagged.objects.all().delete()
        Resource.objects.all().delete()
        found = looked_at(client, content)
        assert found.counts["new"] == len(before), [row.problem for row in found.rows.exclude(problem="")]
        bring_in(client, found, vouched="on")
        ImportRow.objects.all().delete()
        assert sorted(taking_out.entries(librarian), key=lambda entry: entry.title) == before


@pytest.mark.parametrize("ending", ["html", "csv", "json"])
def test_of_a_thing_that_is_a_file_a_list_says_so(sign_in, librarian, ending):
    leaflet = make.resource(title="A leaflet", address="")
    ResourceFile.put(leaflet, name="Breathing.pdf", content_type="application/pdf", content=b"some bytes")
    both = make.resource(title="A drawing", address="https://a.example/drawing")
    ResourceFile.put(both, name="Tree.png", content_type="image/png", content=b"some bytes", alt="A tree.")
    client = sign_in(librarian)
    content = b"".join(client.get(reverse(f"resource_export_{ending}")).streaming_content)
    assert sorted(row.entry.facts["file_name"] for row in read(content).rows) == ["Breathing.pdf", "Tree.png"]
    assert {row.state for row in looked_at(client, content).rows.all()} == {State.HERE}
    # In another house
    Tagged.objects.all().delete()
    ImportRow.objects.all().delete()
    Resource.objects.all().delete()
    rows = {row.title: row for row in looked_at(client, content).rows.all()}
    assert rows["A leaflet"].state == State.UNREADABLE
    assert rows["A leaflet"].problem == ("A list holds no files: save “Breathing.pdf” where it comes from, and bring it by hand.")
    assert rows["A drawing"].state == State.NEW
    assert rows["A drawing"].notes == ["Its file, “Tree.png”, is not in a list, so it is left out."]


def test_a_file_holds_what_its_reader_may_see(sign_in, member, librarian):
    make.resource(title="For anyone")
    make.resource(title="For members", audience="members")
    make.resource(title="Waits", publish=False)
    make.resource(title="Hidden").hide(by=librarian, reason="It is wrong.")
    make.resource(title="Taken back").withdraw()
    client = sign_in(member)
    for ending in ("html", "csv", "json"):
        answer = client.get(reverse(f"resource_export_{ending}"))
        content = b"".join(answer.streaming_content).decode()
        assert "For anyone" in content and "For members" in content
        assert not any(title in content for title in ("Waits", "Hidden", "Taken back"))
        assert answer["Content-Disposition"].startswith('attachment; filename="library-')
        assert "sandbox" in answer["Content-Security-Policy"]
        assert b"".join(client.head(reverse(f"resource_export_{ending}")).streaming_content) == b""


def test_a_library_goes_out_in_parts(member, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(taking_out, "CHUNK", 3)
    made = [make.resource(title=f"Number {number}", tags=["calm"]) for number in range(8)]
    found = list(taking_out.entries(member))
    assert sorted(entry.title for entry in found) == sorted(resource.title for resource in made)
    for writer in (as_table, as_records, lambda rows: as_bookmarks(rows, title="x")):
        assert "Number 7" in "".join(writer(found))


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (Entry(address="https://www.youtube.com/watch?v=1"), "video"),
        (Entry(address="https://player.vimeo.com/1"), "video"),
        (Entry(address="https://example.org/a.MP4"), "video"),
        (Entry(address="https://open.spotify.com/show/1"), "audio"),
        (Entry(address="https://notyoutube.com/"), "article"),
        (Entry(address="https://books.google.com/x"), "book"),
        (Entry(address="https://example.org/", facts={"isbn": "9780306406157"}), "book"),
        (Entry(facts={"phone": "116 123"}), "service"),
        (Entry(address="https://www.youtube.com/", facts={"kind": "tool"}), "tool"),
    ],
)
def test_the_kind_is_told_where_it_is_plain(entry, kind):
    assert kinds.kind_of(entry) == kind
