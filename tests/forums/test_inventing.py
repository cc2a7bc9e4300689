"""A community of any size, filled in for looking at speed: the same for a seed, and as the application itself would keep it."""

from collections import Counter
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max, Q

from community.audit.models import Entry
from community.contributions.filters import query_of
from community.contributions.models import Filter, Reference, Revision
from community.identity.models import Persona, Sealed
from community.identity.seal import open_seal, persona_of, personas_of
from community.members import seed as members_seed
from community.members.handles import validate_handle
from community.members.models import Block, Profile, User
from community.notifications.models import Notification
from community.seeding import PROFILES, Size
from community.times import in_steps
from forums import bench
from forums import seed as forums_seed
from forums.models import Board, ReadMark, Reply, Topic
from tests.community.test_seed import as_if_nothing_had_happened, rows

NOW = datetime.fromisoformat("2026-11-20T19:42:31+00:00")
SIZE = Size(members=40, topics=60, posts=1_500, seed=3)
CROWDED = Size(members=300, topics=60, posts=1_500, seed=3, anonymous=0.5, blocks=100, filters=60)
FILLED = [User, Profile, Board, Topic, Reply, Persona, ReadMark, Notification, Reference, Revision]

pytestmark = pytest.mark.django_db


def fill(size=SIZE):
    members_seed.fill(size, now=NOW)
    forums_seed.fill(size, now=NOW)


def test_it_is_as_large_as_asked_for_and_long_tailed():
    fill()
    assert User.objects.count() == SIZE.members
    assert Topic.objects.count() == SIZE.topics
    assert Topic.objects.count() + Reply.objects.count() == SIZE.posts
    lengths = sorted(Topic.objects.values_list("last_position", flat=True))
    assert lengths[-1] == (SIZE.posts - SIZE.topics) // 4
    assert 19 in lengths
    assert lengths[len(lengths) // 2] < SIZE.posts / SIZE.topics
    assert Topic.objects.unanswered().exists()
    assert SIZE.topics // 5 < Counter(Topic.objects.values_list("board__slug", flat=True)).most_common(1)[0][1] < SIZE.topics // 2


def test_everything_that_happens_to_words_happens_in_it():
    fill()
    for model in (Topic, Reply):
        assert model.objects.exclude(persona=None).exists()
    assert Reply.objects.exclude(edited_at=None).exists()
    assert Reply.objects.exclude(withdrawn_at=None).exists()
    assert Reply.objects.exclude(hidden_at=None).exists()
    assert Reference.objects.filter(kind=Reference.Kind.QUOTE).exists()
    assert Reference.objects.filter(kind=Reference.Kind.MENTION).exists()
    assert Entry.objects.filter(action="forums.reply_hidden").count() == Reply.objects.exclude(hidden_at=None).count()


def test_two_fillings_with_one_seed_are_the_same_and_another_seed_makes_another():
    def filled(seed):
        fill(Size(SIZE.members, SIZE.topics, SIZE.posts, seed))
        return [rows(model) for model in FILLED], sorted(Reply.objects.values_list("public_id", "position"))

    first, again, another = (as_if_nothing_had_happened(lambda seed=seed: filled(seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != another


def test_words_are_rendered_as_the_application_renders_them():
    fill()
    kept = []
    for model in (Topic, Reply):
        for written in model.objects.filter(withdrawn_at=None).with_place():
            before = written.body_html
            written.render()
            assert written.body_html == before
            kept.append(len(written.body.split()))
    assert min(kept) > 50
    assert max(kept) < 180
    assert "The words quoted here were changed." not in "".join(Reply.objects.values_list("body_html", flat=True))


def test_counters_positions_and_times_are_those_of_the_application():
    fill()
    for topic in Topic.objects.all():
        replies = list(topic.replies.order_by("position"))
        assert [reply.position for reply in replies] == list(range(1, topic.last_position + 1))
        times = [topic.created_at, *(reply.created_at for reply in replies)]
        assert times == sorted(times)
        assert topic.active_at == times[-1]
    for model in (Topic, Reply):
        for field in ("created_at", "edited_at", "withdrawn_at", "hidden_at"):
            for moment in model.objects.exclude(**{field: None}).values_list(field, flat=True):
                assert moment == in_steps(moment) <= NOW
        assert not model.objects.filter(created_at__lt=F("author__date_joined")).exists()
    assert not Topic.objects.filter(locked_at__gt=NOW).exists()


def test_marks_are_kept_by_everybody_who_spoke():
    fill()
    for said in (*Reply.objects.select_related("topic", "author", "persona"), *Topic.objects.select_related("author", "persona")):
        user = said.author or User.objects.get(pk=open_seal(said.persona))
        user.is_here = True
        topic = getattr(said, "topic", said)
        assert ReadMark.positions(user, [topic])[topic.pk] >= getattr(said, "position", 0)
    assert not ReadMark.objects.filter(position__gt=F("topic__last_position")).exists()


def test_an_alias_leads_to_its_member_by_the_seal_alone():
    fill()
    assert Sealed.objects.count() == Persona.objects.count() > 3
    for persona in Persona.objects.all():
        user = User.objects.get(pk=open_seal(persona))
        assert persona_of(user, persona.conversation) == persona
        assert persona in list(personas_of(user))
    for model in (Topic, Reply):
        assert not model.objects.filter(~Q(author=None), ~Q(persona=None)).exists()


def test_names_could_have_been_chosen_at_the_door():
    members_seed.fill(Size(members=400, topics=1, posts=1), now=NOW)
    for user in User.objects.all():
        validate_handle(user.username)
    assert User.objects.filter(profile=None).count() == 0
    assert User.objects.filter(acceptances=None).count() == 0
    assert User.objects.aggregate(latest=Max("date_joined"))["latest"] <= NOW


# A crowd --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd():
    fill(CROWDED)
    return User.objects.get(email="member@example.org")


def test_half_of_what_a_crowd_says_is_said_under_aliases_that_lead_to_members(crowd):
    anonymous = sum(model.objects.exclude(persona=None).count() for model in (Topic, Reply))
    assert 0.4 < anonymous / CROWDED.posts < 0.6
    assert set(Persona.objects.values_list("pk", flat=True)) == set(Sealed.objects.values_list("persona", flat=True))
    for persona in Persona.objects.order_by("pk")[:20]:
        assert persona_of(User.objects.get(pk=open_seal(persona)), persona.conversation) == persona
    assert list(personas_of(crowd))
    assert User.objects.leads().count() == 2
    assert not Board.objects.filter(anonymous_at=None).exists()


def test_one_member_of_a_crowd_keeps_away_from_many_in_either_direction(crowd):
    crowd.is_here = True
    blocks = Block.objects.of_member(crowd)
    assert blocks.count() == CROWDED.blocks
    writers = set(Reply.objects.exclude(author=None).values_list("author", flat=True))
    on_writers = blocks.on_accounts().filter(blocked__in=writers).count()
    assert CROWDED.blocks // 10 < on_writers < CROWDED.blocks
    assert CROWDED.blocks // 10 <= blocks.on_aliases().count() < CROWDED.blocks // 5
    assert Block.objects.on(crowd).exists()
    for block in blocks.on_aliases().select_related("blocked_persona"):
        # In a conversation somebody blocks as whom they speak there.
        assert block.blocker_persona == crowd.persona_in(block.blocked_persona.conversation)


def test_its_filters_find_something_and_leave_most_as_it_is(crowd):
    words = Filter.objects.filter(user=crowd).exclude(words="")
    assert words.count() == CROWDED.filters
    assert all(each.query == query_of(each.words) for each in words)
    assert set(words.values_list("act", flat=True)) == {"fold", "hide"}
    assert Filter.objects.filter(user=crowd).exclude(note=None).exists()
    assert Filter.objects.filter(user=crowd).exclude(person=None).exists()
    seen = Reply.objects.visible_to(crowd)
    wanted = seen.wanted_by(crowd).with_folds(crowd)
    assert 0.6 * seen.count() < wanted.count() < seen.count()
    assert 0 < wanted.filter(is_folded=True).count() < 0.4 * wanted.count()


def test_whoever_looks_at_a_crowd_meets_who_began_what_is_looked_at(crowd):
    for topic in bench.opened():
        assert topic.is_visible_to(crowd)
        seen = Reply.objects.filter(topic=topic).visible_to(crowd).count()
        assert topic.last_position // 3 < seen < topic.last_position


def test_two_crowds_with_one_seed_are_the_same():
    def filled():
        fill(CROWDED)
        blocks = Block.objects.values_list("blocker__username", "blocked__username", "blocker_persona__alias")
        on_aliases = blocks.values_list("blocker__username", "blocked_persona__alias", "blocked_persona__conversation")
        filters = Filter.objects.values_list("act", "until", "note", "words", "query", "person__username")
        return *(sorted(found, key=str) for found in (blocks, on_aliases, filters)), rows(Reply)

    first, again = as_if_nothing_had_happened(filled), as_if_nothing_had_happened(filled)
    assert first == again


def test_a_profile_shrinks_with_its_posts():
    crowded = PROFILES["crowded"]
    assert crowded.with_posts(crowded.posts) == crowded
    assert (crowded.members, crowded.blocks, crowded.filters, crowded.anonymous) == (100_000, 10_000, 200, 0.5)
    few = crowded.with_posts(crowded.posts // 10)
    assert (few.members, few.topics, few.blocks, few.filters) == (10_000, 2_000, 1_000, 200)
    many = crowded.with_posts(crowded.posts * 3)
    assert (many.members, many.topics, many.blocks) == (crowded.members, 3 * crowded.topics, crowded.blocks)


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_fills_an_empty_database_only(capsys):
    call_command("seed", members=20, topics=5, posts=40)
    assert "20 members, 5 conversations, 40 posts" in capsys.readouterr().out
    with pytest.raises(CommandError, match="already"):
        call_command("seed", members=20, topics=5, posts=40)


def test_the_command_says_what_no_community_can_be(db):
    with pytest.raises(CommandError, match="opening words"):
        call_command("seed", members=20, topics=5, posts=4)
