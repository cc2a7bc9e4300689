"""The seal between a persona and a person: one each in a conversation, found by its owner, opened by the worker alone."""

import ast
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from inspect import getsource

import pytest
from django.conf import settings as configured
from django.db import connection, connections

from community.identity import aliases, seal
from community.identity.models import Persona, Sealed
from community.members.models import User
from tests import make

AT_ONCE = 50
LANES = 12  # connections at one time: a shared database has a hundred


def at_once(act, things):
    """The answers of `act` for each thing, all asked at the same time, each over a connection of its own."""

    def over_own_connection(thing):
        try:
            return act(thing)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(LANES) as lanes:
        return list(lanes.map(over_own_connection, things))


def test_a_member_has_one_persona_in_a_conversation_and_another_in_the_next(member):
    here, there = uuid.uuid4(), uuid.uuid4()
    persona = seal.speak_as(member, here)
    assert seal.speak_as(member, here) == persona
    assert seal.persona_of(member, here) == persona
    assert seal.speak_as(member, there) != persona


def test_two_members_are_two_personas_with_two_aliases(member, other):
    here = uuid.uuid4()
    one, two = seal.speak_as(member, here), seal.speak_as(other, here)
    assert one.alias != two.alias
    assert seal.persona_of(member, here) == one
    assert seal.persona_of(other, here) == two


@pytest.mark.django_db(transaction=True)
def test_fifty_first_words_at_once_make_one_persona():
    member, here = make.user("wren"), uuid.uuid4()
    found = at_once(lambda _: seal.speak_as(User.objects.get(pk=member.pk), here).pk, range(AT_ONCE))
    assert len(found) == AT_ONCE
    assert len(set(found)) == 1
    assert Persona.objects.count() == Sealed.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_first_words_in_many_conversations_at_once_take_a_slot_each():
    member, conversations = make.user("wren"), [uuid.uuid4() for _ in range(20)]
    at_once(lambda conversation: seal.speak_as(User.objects.get(pk=member.pk), conversation), conversations)
    assert {persona.conversation for persona in seal.personas_of(member)} == set(conversations)


def test_a_member_finds_all_their_personas_in_few_queries(member, other, django_assert_max_num_queries):
    mine = [seal.speak_as(member, uuid.uuid4()) for _ in range(70)]
    seal.speak_as(other, uuid.uuid4())
    with django_assert_max_num_queries(2):
        assert list(seal.personas_of(member)) == mine


def test_somebody_without_a_persona_finds_none(member, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert list(seal.personas_of(member)) == []


def test_an_alias_is_two_quiet_words_and_drawn_by_chance(member):
    drawn = {seal.speak_as(member, uuid.uuid4()).alias for _ in range(30)}
    assert len(drawn) > 20
    for alias in drawn:
        quiet, creature = alias.split()
        assert quiet in aliases.QUIET
        assert creature in aliases.CREATURES


def test_the_seal_opens_for_the_worker_and_for_nobody_else(member, settings):
    persona = seal.speak_as(member, uuid.uuid4())
    assert seal.open_seal(persona) == member.pk
    settings.IDENTITY_OPEN_KEY = ""
    with pytest.raises(seal.CannotOpen):
        seal.open_seal(persona)


def test_another_key_does_not_open_the_seal(member, settings):
    persona = seal.speak_as(member, uuid.uuid4())
    settings.IDENTITY_OPEN_KEY = seal.make_keys()["IDENTITY_OPEN_KEY"]
    with pytest.raises(seal.CannotOpen):
        seal.open_seal(persona)


def test_keys_that_belong_together_seal_and_open(member, settings):
    for name, value in seal.make_keys().items():
        setattr(settings, name, value)
    assert seal.open_seal(seal.speak_as(member, uuid.uuid4())) == member.pk


def test_without_its_seal_nobody_stands_behind_a_persona(member):
    here = uuid.uuid4()
    persona = seal.speak_as(member, here)
    Sealed.objects.all().delete()
    assert seal.open_seal(persona) is None
    assert seal.persona_of(member, here) is None


def test_nothing_in_the_tables_says_who_a_persona_is(member):
    here = uuid.uuid4()
    seal.speak_as(member, here)
    seal.speak_as(member, uuid.uuid4())
    with connection.cursor() as cursor:
        cursor.execute("SELECT p.*, s.* FROM identity_persona p JOIN identity_sealed s ON s.persona_id = p.id")
        rows = cursor.fetchall()
    assert len(rows) == 2
    for row in rows:
        for value in row:
            shown = bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()
            assert member.username.encode() not in shown
            assert shown != str(member.pk).encode() or value in (row[0], row[-4])  # numbers of rows may be equal by chance
    first, second = ({bytes(value) for value in row if isinstance(value, memoryview | bytes)} for row in rows)
    assert first.isdisjoint(second)


def test_the_process_that_serves_pages_has_no_opening_key(settings):
    assert configured.MODE == "test", "only tests hold all three keys at once"
    assert not configured.IS_WORKER


# Tags tell whoever can compute them whether a guess is right ---------------------------------------------------------


def test_tags_are_computed_in_one_function_for_one_signed_in_user():
    tree = ast.parse(getsource(seal))
    keyed, tagging = set(), {}
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        names = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
        if "IDENTITY_TAG_KEY" in names:
            keyed.add(function.name)
        calls = {node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        # The two that take any words are the key itself; everything else says whose tag it wants.
        if calls & {"_tag", "_tags", "_topic_tag", "_slot_tag", "_slot_tags"} and function.name != "_tag":
            tagging[function.name] = [argument.arg for argument in function.args.args]
    assert keyed == {"_tags"}
    # Every way to a tag takes one user, first; none takes several, an id, or a persona to test guesses against.
    assert {arguments[0] for arguments in tagging.values()} == {"user"}
    assert not any({"users", "user_id", "persona", "tag"} & set(arguments) for arguments in tagging.values())


def test_nobody_else_computes_tags():
    for file in [*configured.BASE_DIR.glob("community/**/*.py"), *configured.BASE_DIR.glob("forums/**/*.py")]:
        if file.name in {"seal.py", "settings.py", "keys.py", "checks.py"}:
            continue
        words = file.read_text()
        assert "IDENTITY_TAG_KEY" not in words, file
        assert not {"topic_tag=", "slot_tag="} & {word for word in ("topic_tag=", "slot_tag=") if word in words}, file


def test_tags_of_reading_are_computed_where_marks_are_left_and_told():
    computing = {
        "forums/models/reading.py",
        "forums/telling/people.py",
        "forums/telling/conversations.py",
        "forums/migrations/0005_marks_that_name_nobody.py",
    }
    for file in [*configured.BASE_DIR.glob("community/**/*.py"), *configured.BASE_DIR.glob("forums/**/*.py")]:
        name = str(file.relative_to(configured.BASE_DIR))
        if name not in computing and name != "community/identity/seal.py":
            assert not {"read_tags", "shelf_tags"} & set(re.findall(r"\w+", file.read_text())), name
