"""Nothing takes words or standing from anybody without a statement of reasons: every way behind the scenes is walked.

`standing()` is what people have here. Each verb, list, form and delete page is used on something; whatever is lost by that has a
decision, which whoever it concerns can read, or the way is named below with the reason why it takes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.test import RequestFactory
from django.utils import timezone

from community.contributions.models import Contribution, Note
from community.decisions.models import Decision, ReasonTemplate
from community.identity.models import Persona
from community.members.models import ROLE_GROUPS, Profile, TrainingStep, User
from community.moderation.models import Appeal, Report, Unmasking
from community.tags import applying
from community.tags.models import Tag
from forums.models import Topic
from mentorship.models import CheckIn, Cohort, Concern, Help, Lesson, Match, Mentor, Message, Request
from resources.models import Resource
from tests import make
from tests.addresses import Place
from tests.community.test_many import KINDS

pytestmark = pytest.mark.django_db
WHY = "We talked about this at length."
LONG = timezone.now() + timedelta(days=7)

# Verbs that take nothing from anybody: each with the reason why whoever it is about needs no statement of it.
TAKES_NOTHING = {
    # It undoes what was decided, or gives something: news of it goes out.
    **dict.fromkeys("show restore put_back unfold let_writer_write trust_writer let_write unlock quicken".split(), "gives back"),
    **dict.fromkeys("publish approve unfreeze reopen let_go_on put_testimonial_back give_back".split(), "gives back"),
    **dict.fromkeys((f"members.User.{verb}" for verb in ("trust", "put_profile_back", "give_name_back")), "gives back"),
    **dict.fromkeys("appoint renew".split(), "gives a role"),
    # Who works on what, and what was looked at.
    **dict.fromkeys("claim let_go take read_check_ins arrange_cover solve turn".split(), "the desk's own"),
    **dict.fromkeys("pin unpin".split(), "its words and its answers stay as they are"),
    # The house's own lists and places.
    **dict.fromkeys("retire bring_back offer confirm".split(), "a list of the house; whatever carries it keeps it"),
    **dict.fromkeys(
        "allow_anonymous end_anonymous show_at_once begin_memorial end_memorial".split(),
        "a place; whoever speaks there goes on as before",
    ),
    "forums.Board.look_first": "a place, the same for everybody; whoever writes there is told beforehand",
    "forums.Topic.look_first": "a place, the same for everybody; whoever writes there is told beforehand",
    # The vocabulary is the house's: a tag stands beside words, and nobody but its writer saw what was only proposed.
    **dict.fromkeys("accept turn_down merge lead_to rename add_synonym relabel".split(), "a label beside the words"),
    # Of a thing in the library: where it is and who looks after it, not what somebody said of it.
    **dict.fromkeys("keep readdress correct_address keep_copy look_again leave_alone".split(), "the way there, not the words"),
    # A report and an appeal are answered to whoever made them, with a reason, and can be looked at again.
    **dict.fromkeys("close dismiss uphold overturn".split(), "answers whoever asked"),
    "moderation.Unmasking.refuse": "answers another lead",
    # What coordinators keep in mind when they match; nobody is told of it, and nobody may do less.
    **dict.fromkeys("flag unflag spare discard".split(), "how people are brought together"),
    "mentorship.Mentor.trust": "how people are brought together",
    # Whoever died reads no statement; whoever was with them is told, and a mistake gives everything back.
    "members.User.keep_in_memory": "there is nobody to read it",
}
# What a name above means for one kind of thing and not for another.
BUT_NOT = {"members.User.dismiss", "mentorship.Mentor.end_approval"}
# Words and people: nothing that can be deleted takes them along.
KEPT = {*Contribution.kinds(), User, Profile, Persona, Match, Mentor, Request, Concern, Decision, Report, Appeal, Unmasking}


def standing() -> set[tuple]:
    """What people have here: words that are seen and read as they wrote them, and what they may do. Each with whose it is."""
    has = set()
    for model in Contribution.kinds():
        for row in model._default_manager.all():
            states = {"is seen": not row.is_hidden, "is open": not row.is_folded_for_all, "is read unnoted": not row.note}
            if model is Topic:
                states |= {"takes answers": not row.is_locked, "goes at its pace": not row.is_slow, f"is on {row.board_id}": True}
            if model is Resource:
                states |= {"is in the library": row.is_published, "is not turned down": not row.is_refused}
            has |= {(row._meta.label, row.pk, state) for state, holds in states.items() if holds}
            has |= {(row._meta.label, row.pk, name, words) for name, words in row.as_kept().items()}
    for match in Match.objects.all():
        states = {"goes on": not match.is_over, "has a room": not match.is_frozen, match.testimonial: bool(match.testimonial)}
        has |= {("mentorship.Match", match.pk, state) for state, holds in states.items() if holds}
    for mentor in Mentor.objects.all():
        states = {"is a mentor": mentor.approved_at is not None, "is not turned down": not mentor.refusal}
        states |= {"is read": not mentor.has_hidden_words}
        has |= {("mentorship.Mentor", mentor.pk, state) for state, holds in states.items() if holds}
        has |= {("mentorship.Mentor", mentor.pk, name, words) for name, words in mentor.as_kept().items()}
    has |= {("members.User", user.pk, "is here") for user in User.objects.filter(is_active=True)}
    has |= {("members.User", user.pk, "is called", user.username) for user in User.objects.all()}
    has |= {("members.User", user, f"is in {group}") for user, group in User.groups.through.objects.values_list("user", "group")}
    has |= {("members.User", profile.user_id, profile.about) for profile in Profile.objects.exclude(about="")}
    return has


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def steward(module_db):
    """Somebody with every role there is, who wrote nothing."""
    return make.user("steward", role="owner", groups=[Group.objects.get_or_create(name=name)[0] for name in ROLE_GROUPS])


@pytest.fixture(scope="module")
def world(steward):
    """Something in every state in which a verb makes sense."""
    place, by = Place(), {"by": steward, "reason": WHY}
    for made in KINDS.values():
        one = [made(make.user()) for _ in range(7)]
        one[0].hide(**by)
        one[1].redact(passages=[one[1].body[:6]], **by)
        one[2].fold(by=None, reason=WHY)
        one[3].remove(**by)
        one[4].pause_writer(until=LONG, **by)
        one[5].hold_writer(until=LONG, **by)
        type(one[6]).objects.filter(pk=one[6].pk).update(hidden_at=timezone.now(), held_at=timezone.now())
    locked, slow, pinned, first, kept = (make.topic(make.board()) for _ in range(5))
    locked.lock(**by)
    slow.slow(minutes=30, until=LONG, **by)
    pinned.pin(**by)
    first.look_first(**by)
    kept.begin_memorial(until=LONG.date(), **by)
    make.board().look_first(**by)
    for kept in (Note, Lesson, Help, ReasonTemplate, TrainingStep):
        kept.objects.first().retire(**by)
    changed = make.topic()
    changed.look_first(**by)
    Topic.objects.get(pk=changed.pk).edit("Something else.")
    paused, held, gone = make.user(), make.user(), make.user()
    paused.pause(until=LONG, **by)
    make.user().pause(until=None, **by)
    held.look_first(until=LONG, **by)
    gone.keep_in_memory(**by)
    make.user(about="I like rain.")
    make.user(about="I sell umbrellas.").take_down_profile(**by)
    make.user().take_name(**by)
    applying.resolve(["a new word"])
    Tag.objects.accepted().first().add_synonym(name="another word", **by)
    Resource.objects.filter(pk=make.resource().pk).update(moved_to="https://example.org/moved", look_next_at=None)
    Unmasking.ask(place.alias, by=place.leads[0], reason=WHY)
    Report.put(make.reply(), by=place.member, reason="harmful")
    Report.objects.open().first().claim(by=steward)
    again = make.reply()
    again.hide(by=place.moderator, reason=WHY)
    Appeal.ask(Decision.objects.about(again).get())
    Appeal.objects.open().first().claim(by=steward)
    frozen, ended, _question, back, told, trained, alone = (make.match(begun=number not in {2, 3}) for number in range(7))
    alone.ask_for_cover()
    frozen.freeze(**by)
    ended.end_for_safety(**by)
    for match in (frozen, ended):
        Concern.call(match, by=match.newcomer, words="Please look.")
    back.take_back(**by)
    told.part(by=told.newcomer, testimonial="They listen.")
    told.take_down_testimonial(**by)
    trained.mentor.trust(**by)
    make.mentor().hide(**by)
    make.mentor().redact(passages=[Mentor.objects.last().story[:6]], **by)
    spring = Cohort.begin(by=place.coordinator, name="Spring", aim=Cohort.Aim.MANY)
    Cohort.objects.filter(pk=spring.pk).update(solving_at=None)
    CheckIn.objects.update(answer="well", answered_at=timezone.now(), seen_at=None)
    place.search.flag(**by)
    for thing in (
        make.request(),
        make.resource(publish=False),
        Mentor.objects.filter(applied_at__isnull=False).last(),
        place.cohort,
    ):
        thing.claim(by=steward)
    return place


def filled(form, thing) -> dict:
    """What somebody would write into the form of a verb."""
    answers = {
        "with_pairs": "on",
        "reason": WHY,
        "note_words": "a fall",
        "tags": "caring",
        "name": "A name of its own",
    }
    answers |= {"address": "https://example.org/elsewhere", "passages": getattr(thing, "body", "")[-6:].strip(), "into": "caring"}
    given = {name: form.initial.get(name, "") or "" for name in form.fields if name not in ("template", "there", "notes")}
    for name, field in form.fields.items():
        if name in answers:
            given[name] = answers[name]
        elif name in ("role", "board", "days", "minutes"):
            given[name] = next(value for value, _label in field.choices if value)
    return given


def verbs() -> list[tuple]:
    return [(page, verb) for page in admin.site._registry.values() for verb in page.verbs]


def named(page, verb) -> str:
    return f"{page.model._meta.label}.{verb.name}"


def reason_of(page, verb) -> str | None:
    label = named(page, verb)
    return None if label in BUT_NOT else TAKES_NOTHING.get(label) or TAKES_NOTHING.get(verb.name)


def used(client, page, verb, steward) -> tuple[str, dict] | None:
    """The address of the verb for something that it makes sense for, and what to send there."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=steward.pk)
    request.user.is_here = True
    for thing in page.get_queryset(request).order_by("pk"):
        if verb.offered(thing) and page.may(request, verb, thing):
            address = page._verb_url(thing, verb)
            response = client.get(address)
            if response.status_code == 200:
                return address, filled(response.context["form"], thing)
    return None


def without_statement(lost: set[tuple], made: list[Decision]) -> set[tuple]:
    about = {(decision.target_type.model_class()._meta.label, decision.target_id) for decision in made}
    about |= {("members.User", decision.member_id) for decision in made}
    return {each for each in lost if each[:2] not in about}


def test_whatever_a_verb_takes_has_a_statement_in_the_same_transaction(world, steward, sign_in):
    client, before = sign_in(steward), standing()
    client.raise_request_exception = False
    found = {(page, verb): used(client, page, verb, steward) for page, verb in verbs()}
    unmade = [named(*each) for each, way in found.items() if way is None]
    assert not unmade, f"make something in `world` that these can be done to: {unmade}"
    faults = []
    for (page, verb), (address, data) in found.items():
        label, last = named(page, verb), Decision.objects.latest("pk").pk
        with rolled_back():
            response = client.post(address, data)
            if response.status_code != 302:
                faults.append(f"{label} could not be done: {response.context and response.context['form'].errors}")
            made = list(Decision.objects.filter(pk__gt=last).select_related("target_type"))
            if not made and not reason_of(page, verb):
                faults.append(f"{label} makes no statement of reasons: name why it needs none")
            lost = without_statement(before - standing(), made)
            if reason_of(page, verb) == "gives back":
                # Other words stand there: those that were taken away.
                lost = {each for each in lost if len(each) == 3}
            if lost and label != "members.User.keep_in_memory":
                faults.append(f"{label} takes {lost} without a statement")
            if any(each.by != steward for each in made):
                faults.append(f"{label} does not say who decided")
        if made:
            with rolled_back(), no_statements():
                if client.post(address, data).status_code != 500 or not before <= standing():
                    faults.append(f"{label} takes something though nobody could be told")
    assert not faults, "\n".join(faults)


@contextmanager
def no_statements() -> Iterator[None]:
    """While no decision can be written."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION no_statement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$")
        cursor.execute("CREATE TRIGGER no_statement BEFORE INSERT ON decisions_decision EXECUTE FUNCTION no_statement()")
    yield


def test_many_at_once_have_a_statement_each(world, steward, sign_in):
    client, last = sign_in(steward), Decision.objects.latest("pk").pk
    request = RequestFactory().get("/")
    request.user = steward
    for page in admin.site._registry.values():
        offered = set(page.get_actions(request))
        address = f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
        assert offered <= {"hide_many", "restore_many"} or page.can_delete, f"{address}: a new thing to do to many at once"
        keys = list(page.model._default_manager.values_list("pk", flat=True)[:200])
        for action in {*offered, "delete_selected", "hide_many", "remove", "vanish"}:
            with rolled_back():
                before = standing()
                data = {"action": action, "_selected_action": keys, "post": "yes", "index": "0", "answer": "hide", "reason": WHY}
                data |= {"upto": 10**9, "seen": 10**9}
                client.post(f"{address}?shelf=all" if page.model is Resource else address, data)
                made = list(Decision.objects.filter(pk__gt=last).select_related("target_type"))
                assert without_statement(before - standing(), made) == set(), f"{address}: {action}"
                assert bool(made) == (action in offered & {"hide_many"}), f"{address}: {action}"
                assert len(made) == len({(each.target_type_id, each.target_id, each.member_id, each.persona_id) for each in made})


def test_no_form_of_the_admin_takes_anything(world, steward, sign_in):
    """Raw posts to the add, change and delete pages, as popups, too: with nothing in them, and with what a form might take."""
    client = sign_in(steward)
    client.raise_request_exception = False
    columns = {
        "hidden_at": "2020-01-01",
        "body": "x",
        "title": "x",
        "is_active": "",
        "name": "x",
        "words": "x",
        "people": "steward",
    }
    for page in admin.site._registry.values():
        root = f"/admin/{page.opts.app_label}/{page.opts.model_name}"
        keys = page.model._default_manager.order_by("pk").values_list("pk", flat=True)[:3]
        addresses = [f"{root}/add/", *(f"{root}/{key}/{what}/" for key in keys for what in ("change", "delete"))]
        with rolled_back():
            before, last = standing(), Decision.objects.latest("pk").pk
            for address in addresses:
                for query in ("", "?_popup=1"):
                    for data in ({}, columns, {"post": "yes"}):
                        with transaction.atomic():
                            assert client.post(address + query, data).status_code < 500, address
            made = list(Decision.objects.filter(pk__gt=last).select_related("target_type"))
            assert without_statement(before - standing(), made) == set(), root


def test_words_and_people_are_deleted_with_nothing(steward):
    """No page deletes them, and no rule of the database does when something else is deleted behind the scenes."""
    request = RequestFactory().get("/")
    request.user = steward
    for page in admin.site._registry.values():
        if page.model in KEPT:
            assert not page.has_delete_permission(request) and "delete_selected" not in page.get_actions(request)
    deletable = {page.model for page in admin.site._registry.values() if page.has_delete_permission(request)}
    # What verbs delete.
    gone = {*deletable, Tag, Cohort, Group}
    while further := {model for model in apps.get_models() if model not in gone and _goes_with(model, gone)}:
        gone |= further
    assert gone & KEPT == set()


def _goes_with(model: type[models.Model], gone: set) -> bool:
    pointing = (field for field in model._meta.concrete_fields if field.remote_field is not None)
    return any(field.remote_field.model in gone and field.remote_field.on_delete is models.CASCADE for field in pointing)


def test_nothing_points_from_words_at_somebody_who_could_be_deleted_with_them():
    """Even a person is never deleted, but emptied; if one were, the words would stop it."""
    for model in {*Contribution.kinds(), Match, Decision, Report} - {Message}:
        for field in model._meta.concrete_fields:
            if field.remote_field is not None and field.remote_field.model in (User, Persona):
                assert field.remote_field.on_delete is not models.CASCADE, f"{model._meta.label}.{field.name}"
