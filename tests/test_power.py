"""Power on one page: what each role may see and do behind the scenes, asked at every address of the admin, by everybody.

`POWERS` is the whole policy: a page that is new in the admin, or a verb, fails the suite until it stands there.
"""

import re
from collections import defaultdict

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from community.identity.models import Persona
from community.members.models import Role, User
from tests import make
from tests.addresses import Address, Place, checksums

pytestmark = pytest.mark.django_db
CAST = ("guest", "member", *Role.values, "owner")
STAFF = ("librarian", "coordinator", "moderator", "lead", "owner")
PAGE = re.compile(r"admin/(\w+)/(\w+)/(?:<path:object_id>/)?(.*)$")

PRIVATE = re.compile("zqxprivate|@example.org")

# Who may do what: `see` the list, `open` one, `add`, `change`, `delete`, and the verbs by their names. What stands in capitals is
# said once. Where there is one of something, the list leads to it. Guests, members and greeters have nothing here, so they stand
# nowhere.
SAID = {
    "WORDS": "see open nudge add_note hide put_back redact remove restore revise show unfold",
    "WRITERS": "pause_writer let_writer_write hold_writer trust_writer",
    "KEPT": "see open add change retire bring_back",
    "CLAIM": "claim let_go",
}
POWERS_AS_TEXT = """
notifications.Outgoing     owner: see open
decisions.ReasonTemplate   lead owner: KEPT
members.TrainingStep       owner: KEPT
members.Agreement          owner: see open add
members.NewMemberLimits    owner: open change
auth.Group                 owner: see open add change
care.Country               owner: see open add change delete confirm
contributions.Note         owner: see open add change retire offer
contributions.Holding      owner: open change
contributions.Change       moderator lead owner: see open show send_back | librarian: see
moderation.DeskSettings    owner: open change
moderation.Demand          owner: see open add change
forums.Board               owner: see open add change allow_anonymous end_anonymous look_first show_at_once
audit.Entry                moderator lead owner: see open
moderation.HandOver        moderator lead owner: see open
moderation.MemberNote      moderator lead owner: see open add
moderation.Unmasking       lead: see open add
moderation.Report          librarian moderator lead owner: see open close dismiss CLAIM | coordinator: see
moderation.Appeal          moderator lead owner: see open uphold overturn CLAIM | librarian coordinator: see
members.User               moderator lead owner: see open pause let_write look_first trust
members.User               moderator lead owner: take_down_profile put_profile_back take_name give_name_back
members.User               lead owner: keep_in_memory give_back | owner: appoint renew dismiss
tags.Tag                   moderator lead: see open
tags.Tag                   librarian owner: see open add accept add_synonym lead_to merge rename turn_down
forums.Topic               librarian: see open relabel | lead owner: begin_memorial end_memorial
forums.Topic               moderator lead owner: WORDS WRITERS lock unlock slow quicken move pin unpin relabel
forums.Topic               moderator lead owner: look_first show_at_once
forums.Reply               moderator lead owner: WORDS WRITERS
resources.Review           moderator lead owner: WORDS WRITERS
resources.Collection       moderator lead owner: WORDS WRITERS
resources.Resource         moderator lead: see open WRITERS | owner: WRITERS
resources.Resource         librarian owner: WORDS CLAIM publish refuse keep keep_copy readdress correct_address
resources.Resource         librarian owner: look_again leave_alone
mentorship.Request         coordinator: see open flag unflag CLAIM
mentorship.Cohort          coordinator: see open add solve turn discard CLAIM
mentorship.Match           coordinator: see open read_check_ins take_back reopen take_down_testimonial put_testimonial_back
mentorship.Match           coordinator: arrange_cover
mentorship.Concern         lead: see open take close freeze unfreeze end_pair let_go_on
mentorship.Mentor          coordinator owner: see open approve refuse trust spare end_approval CLAIM
mentorship.Mentor          coordinator owner: redact put_back revise hide restore
mentorship.Lesson          coordinator owner: KEPT
mentorship.Help            coordinator owner: KEPT
mentorship.Pace            coordinator owner: open change
"""


def _powers() -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in POWERS_AS_TEXT.strip().splitlines():
        label, given = line.split(maxsplit=1)
        for part in given.split(" | "):
            roles, words = part.split(": ")
            for role in roles.split():
                found[label][role] |= {name for word in words.split() for name in SAID.get(word, word).split()}
    return found


POWERS = _powers()


@pytest.fixture(scope="module")
def place(module_db):
    made = Place()
    make.message(made.match, made.author, body="zqxprivate words")
    return made


@pytest.fixture
def as_role(sign_in):
    """`as_role("librarian")`: a client of somebody who is that and nothing else, with nothing of theirs in this place."""

    def client(role: str) -> Client:
        made = Client() if role == "guest" else sign_in(make.user(role=role))
        made.raise_request_exception = False
        return made

    return client


def pages(place: Place) -> dict[str, list[Address]]:
    """The addresses of each model's pages, by `app.Model`."""
    found = defaultdict(list)
    labels = {(model._meta.app_label, model._meta.model_name): model._meta.label for model in admin.site._registry}
    for address in place.addresses():
        match = PAGE.match(address.route)
        if match and (match[1], match[2]) in labels and "no-such-verb" not in address.url:
            found[labels[match[1], match[2]]].append(address)
    return found


def power(client: Client, addresses: list[Address]) -> set[str]:
    """What somebody may do there: `see` the list, `open` one, `add`, `change`, `delete`, and each verb by its name."""
    found = set()
    for address in addresses:
        rest = PAGE.match(address.route)[3]
        response = client.get(address.url)
        assert response.status_code in {200, 302, 403, 404}, address.url
        is_open = response.status_code == 200
        # Whatever it shows: nobody's address, and nothing that two say to each other.
        assert not PRIVATE.search(response.text) or "outgoing" in address.url, address
        if rest == "do/<slug:verb>/":
            # To a verb that makes no sense just now it leads back.
            if is_open or (response.status_code == 302 and response["Location"].endswith("/change/")):
                found.add(address.url.rstrip("/").rpartition("/")[2])
        elif rest == "change/":
            found |= {"open"} if is_open else set()
            found |= {"change"} if is_open and 'name="_save"' in response.text else set()
        elif is_open and rest in {"", "add/", "delete/"} and address.url.count("/") > 3:
            found.add(rest.strip("/") or "see")
    return found


@pytest.mark.parametrize("role", CAST)
def test_each_role_sees_and_does_what_stands_on_this_page_and_nothing_else(place, as_role, role):
    client, found = as_role(role), pages(place)
    assert set(found) == set(POWERS)
    for label, addresses in found.items():
        assert power(client, addresses) == POWERS[label].get(role, set()), label


@pytest.mark.parametrize("role", ["guest", "greeter"])
def test_for_whoever_is_not_of_the_staff_there_is_no_admin(place, as_role, role):
    client = as_role(role)
    for address in place.addresses():
        if address.is_behind_the_scenes:
            answers = {client.get(address.url).status_code, client.post(address.url, {"reason": "I am curious."}).status_code}
            assert answers <= ({302, 404} if role == "guest" else {404}), address


# Around the pages ---------------------------------------------------------------------------------------------------------


def lookups(model) -> list[str]:
    """Look-ups that spell out what is not shown: of whoever is named in a row, and of the row's own hidden columns."""
    found = ["user__email__startswith", "password__startswith", "author__email__contains", "persona__sealed__isnull", "pk__gt"]
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model is User:
            found += [f"{field.name}__{hidden}" for hidden in ("email__startswith", "password__contains", "session_stamp__gt")]
        elif field.is_relation and field.related_model is Persona:
            found += [f"{field.name}__alias__startswith", f"{field.name}__{field.name}", f"{field.name}__sealed__slot_tag"]
        elif not field.is_relation and not field.primary_key:
            found.append(f"{field.name}__contains")
    return found


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_no_column_is_guessed_by_a_look_up(place, as_role, role):
    """Whoever may not see the list is told so; to the others a look-up is bad input, and never an answer."""
    client = as_role(role)
    for model, page in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for lookup in lookups(model):
            if not page.lookup_allowed(lookup, "a"):
                assert client.get(url, {lookup: "a"}).status_code in {400, 403}, f"{url}?{lookup}"


def test_no_filter_reaches_a_hidden_column():
    """What a list may be filtered by, look-ups and all: nothing of an address, a password, or who stands behind an alias."""
    hidden = re.compile(r"email|password|session|seal|tag$|last_login|kept|reporter")
    for model, page in admin.site._registry.items():
        names = [str(item[0] if isinstance(item, list | tuple) else item) for item in page.list_filter]
        assert [name for name in [*names, *page.search_fields] if hidden.search(name)] == [], model


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_popups_history_completion_and_exports_answer_nothing(place, as_role, role):
    client, refused = as_role(role), {302, 400, 403, 404}
    for model in admin.site._registry:
        name, known = f"/admin/{model._meta.app_label}/{model._meta.model_name}/", model._default_manager.order_by("pk")
        key = known.values_list("pk", flat=True)[0]
        for rest in (f"{key}/history/", f"{key}/password/", f"{key}/export/", "history/", "export/", "autocomplete/"):
            assert client.get(name + rest).status_code in refused, rest
        for query in ("_to_field=email", "_to_field=password", "_popup=1&_to_field=handle_key", "_popup=1&_to_field=sealed"):
            assert client.get(f"{name}?{query}").status_code in refused, query
        query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": "user", "term": "w"}
        assert client.get("/admin/autocomplete/", query).status_code == 404, name
    for rest in ("r/1/1/", "auth/user/", "auth/permission/", "admin/logentry/", "sessions/session/", "account/emailaddress/"):
        assert client.get(f"/admin/{rest}").status_code in refused, rest


@pytest.mark.parametrize("role", STAFF)
def test_nothing_is_deleted_or_changed_past_the_pages(place, as_role, role):
    """Actions on chosen rows, and forms for pages that somebody may not change, leave every table as it was."""
    client = as_role(role)
    forged = {"is_superuser": "on", "is_staff": "on", "is_active": "on", "email": "x@example.org", "password": "x", "groups": "1"}
    before = checksums(but=("django_session",))
    for label, addresses in pages(place).items():
        model = apps.get_model(label)
        allowed, name = POWERS[label].get(role, set()), f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        chosen = {"_selected_action": [str(key) for key in model._default_manager.values_list("pk", flat=True)[:3]], "index": "0"}
        if "delete" not in allowed:
            client.post(name, chosen | {"action": "delete_selected", "post": "yes"})
        client.post(name, chosen | {"_save": "Save", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": "1"})
        for address in addresses:
            rest = PAGE.match(address.route)[3].strip("/")
            if rest in {"add", "change", "delete"} and rest not in allowed:
                assert client.post(address.url, forged | {"post": "yes", "_save": "Save"}).status_code in {302, 403, 404}
    after = checksums(but=("django_session",))
    assert [table for table in after if after[table] != before[table]] == []
