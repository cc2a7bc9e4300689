"""Aliases are drawn by chance, and nothing that is kept of them leads to a member."""

import uuid
from itertools import pairwise

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import ForeignObjectRel

from community.contributions.models import Contribution
from community.identity import aliases
from community.identity.models import Persona, Sealed
from community.identity.seal import made_up
from community.members.models import User
from forums.models import Topic
from tests import make
from tests.anonymity.chance import repeatable

CONVERSATIONS = 5_000


def test_an_alias_does_not_tell_that_somebody_spoke_elsewhere():
    """Of two conversations one after the other, one member has as often the same words in their alias as two members have."""
    with repeatable("aliases"):
        user, other = User(pk=71), User(pk=72)
        drawn = [(made_up(user, uuid.uuid4(), n)[0], made_up(other, uuid.uuid4(), n)[0]) for n in range(CONVERSATIONS)]
    same = different = 0
    for (mine, _), (mine_next, others_next) in pairwise(drawn):
        same += bool(set(mine.alias.split()) & set(mine_next.alias.split()))
        different += bool(set(mine.alias.split()) & set(others_next.alias.split()))
    pairs = CONVERSATIONS - 1
    # With one degree of freedom this is over 6.635 in one of a hundred.
    assert _chi_square(same, pairs - same, different, pairs - different) < 6.635, (same, different)
    assert len({persona.avatar_seed for pair in drawn for persona in pair}) > 2 * CONVERSATIONS - 10
    assert all(persona.public_id.version == 4 for pair in drawn for persona in pair)


def _chi_square(a: int, b: int, c: int, d: int) -> float:
    """Of a table of two by two."""
    return (a + b + c + d) * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))


def test_every_word_of_an_alias_is_drawn_as_often_as_another():
    with repeatable("words"):
        words = [word for _ in range(20_000) for word in aliases.draw().split()]
    for kind in (aliases.QUIET, aliases.CREATURES):
        expected = 20_000 / len(kind)
        assert sum((words.count(word) - expected) ** 2 / expected for word in kind) < 2 * len(kind)


# The tables -----------------------------------------------------------------------------------------------------------


def test_only_rows_with_one_voice_or_about_somebody_else_know_both_members_and_personas():
    both = set()
    for model in apps.get_models():
        related = {field.related_model for field in model._meta.concrete_fields if field.related_model}
        if {User, Persona} <= related:
            both.add(model._meta.label)
            constraint = " ".join(str(each.condition) for each in model._meta.constraints if hasattr(each, "condition"))
            assert "isnull" in constraint, f"{model.__name__} may hold a member and a persona together"
    written = {model._meta.label for model in Contribution.kinds()}
    about_somebody = {"decisions.Decision", "moderation.MemberNote", "moderation.Unmasking"}
    assert both == written | about_somebody | {"members.Block", "moderation.Report", "notifications.Notification"}, (
        "this model is new here: can a row of it hold a member and a persona of theirs?"
    )


def test_the_tables_of_aliases_know_no_member_and_no_time():
    for model in (Persona, Sealed):
        for field in model._meta.get_fields():
            assert field.related_model is not User, field
            assert isinstance(field, ForeignObjectRel) or field.get_internal_type() not in {"DateTimeField", "DateField"}, field


@pytest.mark.django_db
def test_no_trigger_and_no_function_of_the_database_looks_at_aliases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'identity_%'")
        assert cursor.fetchall() == []
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%identity_%'")
        assert cursor.fetchall() == []


# Behind the scenes ----------------------------------------------------------------------------------------------------

# Ways through the tables, each of which would tell whether a guess is right.
LOOKUPS = (
    "persona__sealed__isnull=False",
    "persona__sealed__topic_tag=x",
    "persona__alias=x",
    "persona=1",
    "author=1",
    "author__username=quillmoss",
    "author__id__exact=1",
    "author__isnull=True",
)


def test_aliases_and_seals_are_not_in_the_admin():
    assert not {Persona, Sealed} & set(admin.site._registry)
    for model, model_admin in admin.site._registry.items():
        shown = [model_admin.list_display, model_admin.list_filter, model_admin.search_fields, model_admin.autocomplete_fields]
        names = str([*shown, model_admin.raw_id_fields, model_admin.list_select_related, model_admin.sortable_by or ()])
        assert "sealed" not in names, model
        assert "persona" not in names, model


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["moderator", "owner"])
@pytest.mark.parametrize("kind", ["topic", "reply"])
def test_nobody_finds_an_alias_by_looking_through_the_tables(sign_in, request, member, who, kind):
    client = sign_in(request.getfixturevalue(who))
    made = make.topic(author=member)
    if kind == "reply":
        make.reply(made, member)
    for lookup in LOOKUPS:
        answer = client.get(f"/admin/forums/{kind}/?{lookup}")
        assert answer.status_code in (302, 400), lookup
    for popup in ("_popup=1", "_to_field=author", "e=1"):
        page = client.get(f"/admin/forums/{kind}/?{popup}")
        assert page.status_code in (200, 302, 400), popup
    assert Topic.objects.count() == 1
