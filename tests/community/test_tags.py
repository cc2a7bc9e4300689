"""One vocabulary: naming, proposing, accepting, merging and following, and what a tag page tells to whom."""

import json
import tomllib
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from community.audit.models import Entry
from community.identity.seal import speak_as
from community.members.models import Block
from community.notifications.models import Notification
from community.seeding import Size
from community.tags import applying, finding, following, naming, seed, tasks
from community.tags.fields import TagsField
from community.tags.models import SEVERAL, CannotChange, Following, Tag, Tagged, Unmet
from forums.seed import TALKS
from resources.models import Resource, Review
from tests import make

pytestmark = pytest.mark.django_db

WHY = "Two words for one thing."


@pytest.fixture
def librarian(db):
    return make.user("ouzel", role="librarian")


def tag(name="sleep", **fields):
    return Tag.objects.create(name=name, slug=naming.slug_of(name), accepted_at=timezone.now(), **fields)


def names_on(thing):
    return sorted(Tagged.objects.of(thing).values_list("tag__name", flat=True))


def text_of(client, url):
    return client.get(url).content.decode()


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", []),
        (" , ,, ", []),
        ("sleep, #telling  family", ["sleep", "telling family"]),
        ("Sleep, sleep, SLEEP", ["Sleep"]),
        ("self harm, self-harm", ["self harm"]),
        ("sleep; caring، وحدة、睡眠", ["sleep", "caring", "وحدة", "睡眠"]),
        ("痛", ["痛"]),
        ('"rest, at last", sleep', ["rest, at last", "sleep"]),
        ("PA", ["PA"]),
    ],
)
def test_a_line_of_names_is_read(line, names):
    assert TagsField().clean(line) == names


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a", "short for a tag"),
        ("sleep, !!", "short for a tag"),
        ("x" * 41, "long for a tag"),
        (", ".join(f"word {n}" for n in range(9)), "room for 8 tags"),
        ("word " * 90, "A few words fewer"),
    ],
)
def test_what_is_no_tag_is_refused_with_a_sentence(line, sentence):
    with pytest.raises(ValidationError) as refused:
        TagsField().clean(line)
    assert sentence in " ".join(refused.value.messages)


@given(st.lists(st.text(min_size=1, max_size=40), max_size=8).map(naming.tidied))
def test_names_in_a_line_come_out_of_it_again(names):
    assert naming.tidied(naming.of_a_line(naming.in_a_line(names))) == names


def test_no_tag_stands_at_an_address_of_the_house(sign_in, member):
    made = tag("Suggest")
    assert made.get_absolute_url() == "/tags/suggest-/"
    assert "Suggest" in text_of(sign_in(member), made.get_absolute_url())


# On conversations -----------------------------------------------------------------------------------------------------


def words(**more):
    return {"mode": "listening", "title": "Awake again", "body": "Three nights now.", **more}


def test_a_new_conversation_carries_tags_and_proposes_what_is_unknown(sign_in, member, guest, client):
    tag("sleep", alias_of=None)
    board = make.board(audience="everyone")
    answer = sign_in(member).post(f"{board.get_absolute_url()}new/", words(tags="Sleep, night shifts", audience="everyone"))
    topic = board.topics.get()
    assert answer.url == topic.get_absolute_url()
    assert names_on(topic) == ["night shifts", "sleep"]
    assert not Tag.objects.get(name="night shifts").is_accepted
    page = text_of(client, topic.get_absolute_url())
    assert '<a href="/tags/sleep/" dir="auto">sleep</a>' in page
    assert "night shifts" not in page


def test_its_author_finds_the_tags_in_the_form_and_changes_them(sign_in, member):
    topic = make.topic(author=member, tags=["rest", "sleep"])
    client, url = sign_in(member), f"{topic.get_absolute_url()}edit/"
    assert 'value="rest, sleep"' in text_of(client, url)
    assert client.post(url, words(tags="sleep, caring")).status_code == 302
    assert names_on(topic) == ["caring", "sleep"]


def test_what_is_no_tag_stays_in_the_form_and_nothing_is_posted(sign_in, member):
    board = make.board()
    page = sign_in(member).post(f"{board.get_absolute_url()}new/", words(tags="x, y"))
    assert page.status_code == 200
    assert "short for a tag" in page.content.decode()
    assert 'value="x, y"' in page.content.decode()
    assert not board.topics.exists()


def test_words_taken_back_take_their_tags_along(member):
    topic = make.topic(author=member, tags=["sleep"])
    topic.withdraw()
    assert names_on(topic) == []


def test_a_tag_says_nothing_of_who_set_it(member, other):
    board = make.board(anonymous_at=timezone.now(), audience="everyone")
    topic = make.topic(board, speak_as(member, "6ff9d62c-1f7e-4b34-8e5b-6a4b8a2ff2a1"), tags=["sleep"])
    assert topic.persona
    columns = {field.name for model in (Tag, Tagged) for field in model._meta.concrete_fields}
    assert columns == {"id", "name", "slug", "alias_of", "accepted_at", "tag", "content_type", "object_id"}


def test_a_kept_page_is_made_anew_when_its_tags_are_called_otherwise(client, librarian):
    topic = make.topic(make.board(audience="everyone"), audience="everyone", tags=["slepe"])
    url = topic.get_absolute_url()
    seen = client.get(url)
    again = lambda: client.get(url, headers={"if-none-match": seen["ETag"]})  # noqa: E731
    assert again().status_code == 304
    Tag.objects.get().accept(by=librarian, reason=WHY)
    assert again().status_code == 200
    seen = again()
    Tag.objects.get().rename(name="sleep", by=librarian, reason=WHY)
    assert "/tags/sleep/" in again().content.decode()


# The pages ------------------------------------------------------------------------------------------------------------


def test_a_tag_page_shows_everything_under_it_that_one_may_see(sign_in, client, member, author):
    made = tag("sleep")
    board = make.board(audience="everyone")
    make.topic(board, author, title="Open words", audience="everyone", tags=["sleep"])
    make.topic(board, author, title="Words for members", audience="members", tags=["sleep"])
    make.resource(author, title="An open page", tags=["sleep"])
    make.resource(author, title="A page for members", audience="members", tags=["sleep"])
    make.resource(author, title="A page that waits", publish=False, tags=["sleep"])
    make.topic(board, author, title="Other words", audience="everyone", tags=["caring"])
    seen = {title: title in text_of(client, made.get_absolute_url()) for title in TITLES}
    assert [title for title, is_seen in seen.items() if is_seen] == ["Open words", "An open page"]
    page = text_of(sign_in(member), made.get_absolute_url())
    assert [title for title in TITLES if title in page] == TITLES[:4]


TITLES = ["Open words", "Words for members", "An open page", "A page for members", "A page that waits", "Other words"]


def test_where_one_sees_nothing_it_looks_as_if_there_were_nothing(sign_in, client, author, other):
    full, bare = tag("sleep"), tag("grief")
    circle = Group.objects.create(name="A circle")
    author.groups.add(circle)
    hidden = make.topic(author=author, audience="everyone", board=make.board(audience="everyone"), tags=["sleep"])
    hidden.hide(by=make.user(role="moderator"), reason="It names a clinic.")
    make.topic(author=author, audience="group", group=circle, tags=["sleep"])
    make.resource(author, publish=False, tags=["sleep"])
    for who in (client, sign_in(other)):
        pages = [text_of(who, made.get_absolute_url()).replace(made.name, "…") for made in (full, bare)]
        assert without_keys(pages[0]) == without_keys(pages[1])
    Block.put(author, other)
    make.topic(author=author, audience="members", tags=["sleep"])
    assert "There is nothing under this" in text_of(sign_in(other), full.get_absolute_url())


def without_keys(page):
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "<script" not in line]


def test_no_page_of_the_vocabulary_tells_a_number(sign_in, client, member):
    tag("sleep")
    board = make.board(audience="everyone")
    for n in range(3):
        make.topic(board, audience="everyone", title=f"Awake {'i' * n}", tags=["sleep"])
    main = lambda page: page[page.index("<main") : page.index("</main")]  # noqa: E731
    for who in (client, sign_in(member)):
        before = main(text_of(who, "/tags/"))
        make.topic(board, title="One more", tags=["sleep"]).hide(by=make.user(role="moderator"), reason="It names a clinic.")
        assert without_keys(main(text_of(who, "/tags/"))) == without_keys(before)


def test_more_than_ten_of_a_kind_go_on_page_by_page(client):
    made = tag("sleep")
    board = make.board(audience="everyone")
    author = make.user()
    for n in range(23):
        make.topic(board, author, title=f"Talk {n:02}", audience="everyone", tags=["sleep"])
    page = text_of(client, made.get_absolute_url())
    assert page.count('class="row-title"') == 10
    assert 'href="?kind=topic"' in page
    titles, url = set(), f"{made.get_absolute_url()}?kind=topic"
    for expected in (20, 3):
        page = text_of(client, url)
        found = {n for n in range(23) if f"Talk {n:02}" in page}
        assert len(found) == expected
        titles |= found
        if expected == 20:
            further = page.split('rel="next"')[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
            url = f"{made.get_absolute_url()}{further}"
    assert titles == set(range(23))
    assert client.get(f"{made.get_absolute_url()}?kind=nothing").status_code == 404
    assert client.get(f"{made.get_absolute_url()}?kind=topic&from=x").status_code == 404


def test_a_tag_page_costs_the_same_however_much_is_under_it(sign_in, client, member):
    made = tag("sleep")
    board = make.board(audience="everyone")

    def grow(number):
        for n in range(number):
            make.topic(board, audience="everyone", tags=["sleep", f"word {n}"])
            make.resource(tags=["sleep"])

    grow(2)
    for who, most in ((client, 8), (sign_in(member), 16)):
        who.get(made.get_absolute_url())
        with CaptureQueriesContext(connection) as small:
            who.get(made.get_absolute_url())
        grow(12)
        with CaptureQueriesContext(connection) as large:
            assert who.get(made.get_absolute_url()).status_code == 200
        assert len(large) <= len(small) <= most, "\n".join(query["sql"] for query in large)


def test_a_proposal_has_no_page_and_stands_in_no_list(sign_in, member):
    make.topic(author=member, tags=["night shifts"])
    client = sign_in(member)
    assert client.get("/tags/night-shifts/").status_code == 404
    assert client.post("/tags/night-shifts/follow/").status_code == 404
    for url in ("/tags/", "/tags/suggest/?q=night", f"{make.board().get_absolute_url()}new/"):
        assert "night shifts" not in text_of(client, url)
    assert finding.matching("night shifts") == []


def test_a_synonym_leads_to_what_it_stands_for(client):
    made = tag("panic attacks")
    tag("PA", alias_of=made)
    assert client.get("/tags/pa/").url == "/tags/panic-attacks/"
    assert "also: <bdi>PA</bdi>" in " ".join(text_of(client, "/tags/panic-attacks/").split())
    assert "<bdi>PA</bdi>" in text_of(client, "/tags/")


def test_the_list_goes_on_where_it_is_very_long(client, monkeypatch):
    monkeypatch.setattr("community.tags.showing.WHOLE", 3)
    for name in ("caring", "grief", "rest", "sleep", "work"):
        tag(name)
    first = text_of(client, "/tags/")
    assert "rest" in first
    assert '"sleep/"' not in first
    assert 'href="?after=rest"' in first
    assert '"sleep/"' in text_of(client, "/tags/?after=rest")
    assert 'href="?letter=s"' in first and '"caring/"' not in text_of(client, "/tags/?letter=R")


def test_in_a_long_list_one_can_look_for_a_tag(client, monkeypatch):
    monkeypatch.setattr("community.tags.showing.WHOLE", 3)
    for name in ("caring", "grief", "rest", "sleep", "sleepless nights"):
        tag(name)
    found = text_of(client, "/tags/?q=sleep")
    assert ">sleep<" in found and ">sleepless nights<" in found and ">caring<" not in found
    assert "No tag is like that" in text_of(client, "/tags/?q=zzz")
    for odd in ("?q=%00", "?after=%00", "?letter=%ED%A0%80", "?letter=%F0%9F%8C%B1", f"?q={'x' * 5000}"):
        assert client.get(f"/tags/{odd}").status_code == 200


def test_a_short_list_is_shown_whole_without_ways_about(client):
    tag("rest")
    assert "Look for a tag" not in text_of(client, "/tags/")


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def vocabulary(db):
    panic, anxiety = tag("panic attacks"), tag("anxiety")
    tag("PA", alias_of=panic)
    return {"panic": panic, "anxiety": anxiety, "family": tag("telling family"), "sleep": tag("sleep")}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("panic attacks", ["panic"]),
        ("Panic-Attacks", ["panic"]),
        ("pa", ["panic"]),
        ("what helps with panic attacks at work", ["panic"]),
        ("anxiaty", ["anxiety"]),
        ("telling famly", ["family"]),
        ("", []),
        ("!?", []),
        ("xylophone", []),
        ("a" * 9000, []),
        ("%_\\' \x00", []),
    ],
)
def test_words_mean_tags_by_name_by_synonym_and_nearly(vocabulary, said, meant):
    assert finding.matching(said) == [vocabulary[name].pk for name in meant]


@pytest.mark.parametrize(
    ("begun", "names"),
    [
        ("pan", ["panic attacks"]),
        ("PA", ["panic attacks"]),
        ("tell", ["telling family"]),
        ("anxeity", ["anxiety"]),
        ("s", ["sleep"]),
        ("%", []),
        ("", []),
    ],
)
def test_names_are_suggested_while_one_writes(vocabulary, sign_in, member, begun, names):
    page = sign_in(member).get("/tags/suggest/", {"q": begun}).content.decode()
    assert [name for name in ("panic attacks", "telling family", "anxiety", "sleep") if f">{name}<" in page] == names


def test_suggestions_are_for_whoever_can_write(client):
    assert client.get("/tags/suggest/?q=pan").status_code == 302


# Following ------------------------------------------------------------------------------------------------------------


def deferred(task):
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
        return [args for (args,) in cursor.fetchall()]


def told(user):
    return Notification.objects.filter(recipient=user, kind="resources.resource_tagged")


def work():
    for args in deferred("community.tags.tasks.tell_followers"):
        tasks.tell_followers(**(args if isinstance(args, dict) else json.loads(args)))


def test_followers_hear_once_of_what_comes_in(sign_in, member, author, other, librarian):
    made = tag("sleep")
    client = sign_in(member)
    assert client.post("/tags/sleep/follow/").url == "/tags/sleep/"
    assert client.post("/tags/sleep/follow/").status_code == 302
    tag("rest").follow(member)
    made.follow(author)
    made.follow(other)
    Block.put(author, other)
    thing = make.resource(author, publish=False, tags=["sleep", "rest"])
    assert deferred("community.tags.tasks.tell_followers") == []
    thing.publish(by=librarian)
    work()
    work()
    assert told(member).count() == 1
    assert not told(author).exists(), "whoever brought it knows"
    assert not told(other).exists(), "nothing of somebody across a block"
    assert "under a tag you follow" in text_of(client, "/inbox/")
    told(member).update(read_at=timezone.now())
    work()
    assert told(member).count() == 1


def test_followers_hear_once_of_what_carries_another_tag_later(member, author, other, librarian):
    night = tag("night")
    tag("sleep").follow(member)
    tag("rest").follow(member)
    thing = make.resource(author, publish=False, tags=["night"])
    thing.change(thing.body, tags=["night", "sleep"])
    work()
    assert not told(member).exists(), "it waits"
    thing.change(thing.body, tags=["night"])
    thing.publish(by=librarian)
    night.follow(other)
    thing.change(thing.body, tags=["night"])
    thing.change(thing.body, tags=["night", "sleep"])
    work()
    assert told(member).count() == 1
    thing.change(thing.body, tags=["night", "sleep", "rest"])
    work()
    assert told(member).count() == 1, "of one thing once"
    assert not told(other).exists(), "it stood under that tag before they followed it"


def test_what_one_follows_is_for_oneself(sign_in, member, other):
    tag("sleep").follow(member)
    assert "What you follow" in text_of(sign_in(member), "/tags/")
    assert "What you follow" not in text_of(sign_in(other), "/tags/")
    sign_in(member).post("/tags/sleep/follow/delete/")
    assert not Following.objects.exists()


def test_a_synonym_is_followed_as_what_it_stands_for(member):
    made = tag("panic attacks")
    tag("PA", alias_of=made).follow(member)
    assert Following.objects.get().tag == made


# Behind the scenes ----------------------------------------------------------------------------------------------------


def verb(client, made, name, /, **data):
    return client.post(f"/admin/tags/tag/{made.pk}/do/{name}/", {"reason": WHY, **data})


def test_a_librarian_accepts_a_proposal(sign_in, librarian, member, client):
    topic = make.topic(make.board(audience="everyone"), member, audience="everyone", tags=["sleep"])
    staff = sign_in(librarian)
    assert "sleep" in text_of(staff, "/admin/tags/tag/")
    verb(staff, Tag.objects.get(), "accept")
    assert "/tags/sleep/" in text_of(client, topic.get_absolute_url())
    assert Entry.objects.filter(action="tags.tag_accepted").exists()


def test_a_proposal_that_is_turned_down_is_gone_without_a_word(sign_in, librarian, member):
    topic = make.topic(author=member, tags=["buy my book", "sleep"])
    answer = verb(sign_in(librarian), Tag.objects.get(name="buy my book"), "turn_down")
    assert answer.url == "/admin/tags/tag/"
    assert names_on(topic) == ["sleep"]
    assert not Notification.objects.filter(recipient=member).exists()
    assert Entry.objects.filter(action="tags.tag_turned_down").exists()


def test_what_is_in_the_vocabulary_is_not_turned_down(librarian):
    made = tag()
    made.turn_down(by=librarian, reason=WHY)
    assert Tag.objects.filter(pk=made.pk).exists()


def test_a_merge_shows_what_moves_and_moves_it(sign_in, librarian, member, author, client):
    old, new = tag("panic"), tag("panic attacks")
    tag("PA", alias_of=old)
    both, one = make.topic(tags=["panic", "panic attacks"]), make.topic(tags=["panic"])
    thing = make.resource(author, tags=["panic"])
    old.follow(member)
    new.follow(member)
    old.follow(author)
    staff = sign_in(librarian)
    page = text_of(staff, f"/admin/tags/tag/{old.pk}/do/merge/")
    for line in ("2 conversations", "1 resource", "1 synonym", "2 followers"):
        assert f"<li>{line}</li>" in page
    assert verb(staff, old, "merge", into="Panic Attacks").status_code == 302
    for each in (both, one, thing):
        assert names_on(each) == ["panic attacks"]
    assert sorted(Following.objects.filter(tag=new).values_list("user", flat=True)) == sorted([member.pk, author.pk])
    assert client.get("/tags/panic/").url == client.get("/tags/pa/").url == "/tags/panic-attacks/"
    assert Entry.objects.filter(action="tags.tag_merged").exists()
    assert applying.resolve(["panic"]) == [new]


@pytest.mark.parametrize("into", ["", "nowhere", "panic", "PA", "\x00"])
def test_a_merge_into_nothing_says_so(sign_in, librarian, into):
    old = tag("panic")
    tag("PA", alias_of=old)
    answer = verb(sign_in(librarian), old, "merge", into=into)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_what_helped_with_something_helps_with_what_it_is_merged_into(librarian, member):
    old, new = tag("panic"), tag("panic attacks")
    said = Review.objects.create(resource=make.resource(), author=member, verdict="helped", need=old)
    old.merge(into=new, by=librarian, reason=WHY)
    said.refresh_from_db()
    assert said.need == new


def test_a_merge_of_what_is_gone_is_refused(librarian):
    old, new = tag("panic"), tag("panic attacks")
    Tag.objects.filter(pk=new.pk).delete()
    with pytest.raises(CannotChange):
        old.merge(into=new, by=librarian, reason=WHY)


def test_a_renamed_tag_is_found_under_its_old_address(sign_in, librarian, client):
    made = tag("self harm")
    topic = make.topic(tags=["self harm"])
    staff = sign_in(librarian)
    assert verb(staff, made, "rename", name="hurting oneself").status_code == 302
    assert client.get("/tags/self-harm/").url == "/tags/hurting-oneself/"
    assert names_on(topic) == ["hurting oneself"]
    # And back again: the two names change places.
    verb(staff, made, "rename", name="Self-harm")
    assert client.get("/tags/hurting-oneself/").url == "/tags/self-harm/"
    assert Tag.objects.count() == 2
    tag("grief")
    assert "is a tag already" in verb(staff, made, "rename", name="grief").content.decode()


def test_a_synonym_is_added(sign_in, librarian, client):
    made = tag("panic attacks")
    staff = sign_in(librarian)
    verb(staff, made, "add_synonym", name="PA")
    assert client.get("/tags/pa/").url == "/tags/panic-attacks/"
    assert "is a tag already" in verb(staff, made, "add_synonym", name="pa").content.decode()


def test_a_synonym_can_lead_elsewhere(sign_in, librarian, client):
    one, other = tag("panic attacks"), tag("press")
    synonym = tag("PA", alias_of=one)
    staff = sign_in(librarian)
    assert "That is so already" in staff.get(f"/admin/tags/tag/{synonym.pk}/do/merge/", follow=True).content.decode()
    verb(staff, synonym, "lead_to", into="press")
    assert client.get("/tags/pa/").url == "/tags/press/"
    with pytest.raises(CannotChange):
        synonym.merge(into=one, by=librarian, reason=WHY)
    with pytest.raises(CannotChange):
        other.lead_to(into=one, by=librarian, reason=WHY)


def test_a_librarian_adds_a_tag(sign_in, librarian, client):
    staff = sign_in(librarian)
    assert staff.post("/admin/tags/tag/add/", {"name": "  #Night   shifts"}).status_code == 302
    assert client.get("/tags/night-shifts/").status_code == 200
    assert "is a tag already" in staff.post("/admin/tags/tag/add/", {"name": "night SHIFTS"}).content.decode()


def test_moderators_look_and_do_not_touch(sign_in, moderator):
    made = tag()
    staff = sign_in(moderator)
    assert "sleep" in text_of(staff, "/admin/tags/tag/?state=accepted")
    assert verb(staff, made, "rename", name="rest").status_code == 403
    assert staff.post("/admin/tags/tag/add/", {"name": "rest"}).status_code == 403


def test_a_librarian_sets_the_tags_of_a_conversation_and_sees_no_more_of_it_than_elsewhere(sign_in, librarian, author):
    shown = make.topic(author=author, body="The words.", tags=["slepe"])
    shown.edit("Other words.")
    hidden = make.topic(author=author)
    hidden.hide(by=make.user(role="moderator"), reason="It names a clinic.")
    staff = sign_in(librarian)
    page = text_of(staff, f"/admin/forums/topic/{shown.pk}/change/")
    assert "slepe" in page
    assert "The words." not in page
    assert staff.get(f"/admin/forums/topic/{hidden.pk}/change/").status_code in {302, 404}
    url = f"/admin/forums/topic/{shown.pk}/do/"
    assert staff.post(f"{url}relabel/", {"tags": "sleep", "reason": WHY}).status_code == 302
    assert names_on(shown) == ["sleep"]
    assert staff.post(f"{url}hide/", {"reason": WHY}).status_code == 403


# What is looked for in vain -------------------------------------------------------------------------------------------


def look(sign_in, people, url="/tags/grief/"):
    for somebody in people:
        sign_in(somebody).get(url)


def test_what_several_look_for_is_said_the_day_after_and_until_somebody_brings_it(sign_in, client, librarian):
    made = tag("grief")
    people = [make.user() for _ in range(SEVERAL)]
    today = timezone.now()
    look(sign_in, people[:-1])
    client.get("/tags/grief/")
    look(sign_in, people[:1])
    with time_machine.travel(today + timedelta(days=2)):
        assert not Tag.objects.looked_for().exists()
        look(sign_in, people[-1:])
        assert not Tag.objects.looked_for().exists(), "nobody sees who was the last"
    with time_machine.travel(today + timedelta(days=3)):
        assert Tag.objects.looked_for().get() == made
        page = text_of(sign_in(people[0]), "/tags/grief/")
        assert "Several members are looking for this." in page
        assert "Bring something that helped" in page
        assert "Several members" not in text_of(client, "/tags/grief/")
        thing = make.resource(publish=False, tags=["grief"])
        assert Tag.objects.looked_for().exists()
        thing.publish(by=librarian)
        assert not Unmet.objects.exists()


def test_who_finds_something_is_not_counted(sign_in, member):
    tag("grief")
    make.topic(tags=["grief"])
    look(sign_in, [member])
    assert not Unmet.objects.exists()


def test_the_marks_of_one_person_under_two_tags_have_nothing_in_common(sign_in, member):
    for name in ("grief", "sleep"):
        tag(name)
        look(sign_in, [member, member], f"/tags/{name}/")
    assert len({bytes(row.seeker) for row in Unmet.objects.all()}) == Unmet.objects.count() == 2


def test_a_look_ahead_counts_nothing(sign_in, member):
    tag("grief")
    sign_in(member).get("/tags/grief/", headers={"sec-purpose": "prefetch"})
    assert not Unmet.objects.exists()


def test_a_merge_counts_nobody_twice(librarian):
    old, new = tag("sorrow"), tag("grief")
    people = [make.user() for _ in range(3)]
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        for somebody in people:
            Unmet.note(old, somebody)
            Unmet.note(new, somebody)
    old.merge(into=new, by=librarian, reason=WHY)
    assert Unmet.objects.count() == 3


def test_what_was_looked_for_a_year_ago_is_forgotten(member):
    Unmet.objects.create(tag=tag(), seeker=b"x" * 32, day=timezone.localdate() - timedelta(days=400))
    tasks.sweep(0)
    assert not Unmet.objects.exists()


# The door between tags and rooms --------------------------------------------------------------------------------------


def test_what_carries_tags_is_found_by_looking():
    assert set(finding.kinds()) >= {"topic", "resource"}
    for model in finding.kinds().values():
        of_things = () if finding.are_people(model) else ("wanted_by",)
        for name in ("visible_to", "with_folds", "with_place", *of_things):
            assert hasattr(model.objects, name)


def test_telling_costs_nothing_where_nobody_follows(librarian):
    thing = make.resource(tags=[])
    with CaptureQueriesContext(connection) as asked:
        following.tell(thing, kind="resources.resource_tagged")
    assert len(asked) == 1
    assert Resource.objects.get().is_published


# Filling --------------------------------------------------------------------------------------------------------------


def test_the_demo_has_a_vocabulary_with_synonyms(client):
    seed.fill_demo()
    seed.fill_demo()
    assert client.get("/tags/pa/").url == "/tags/panic-attacks/"
    assert Tag.objects.accepted().count() == Tag.objects.count() == sum(1 + len(some) for some in seed.VOCABULARY.values())
    told = tomllib.loads(TALKS.read_text())["topics"]
    assert {name for talk in told for name in talk.get("tags", ())} <= set(seed.VOCABULARY)


def test_a_large_vocabulary_is_the_same_each_time(client):
    assert len({naming.slug_of(name) for name in seed.names(seed.MOST)}) == seed.MOST
    seed.fill(Size(topics=seed.MOST))
    assert Tag.objects.accepted().count() == seed.MOST
    with CaptureQueriesContext(connection) as asked:
        assert len(client.get("/tags/").content) < 60_000
    assert len(asked) <= 4
    assert finding.matching("urban slepe") != []
