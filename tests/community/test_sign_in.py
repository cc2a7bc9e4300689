"""Joining, signing in, and what neither tells a stranger."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from community.members import tasks
from community.members.joining import join
from community.members.models import Agreement, User
from tests import make

pytestmark = pytest.mark.django_db

WORDS = {
    "username": "quiet-kettle",
    "email": "quiet@example.org",
    "password1": "four stones on a sill",
    "age": "over",
    "rules": "on",
    "sensitive": "on",
}
STRANGER = "203.0.113.9"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def limited(settings):
    """The limits of a real door, which other tests do without."""
    settings.ACCOUNT_RATE_LIMITS = settings.DOOR_LIMITS
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


def sign_up(client: Client, **changes):
    return client.post("/accounts/signup/", WORDS | changes)


def code_in_mail() -> str:
    return re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", mail.outbox[-1].body)[0]


def password_sign_in(client: Client, email: str, password: str = make.PASSWORD, network: str = STRANGER, **changes):
    return client.post("/accounts/login/", {"login": email, "password": password} | changes, headers={"X-Forwarded-For": network})


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def errors_of(answer) -> str:
    return " ".join(str(error) for errors in answer.context["form"].errors.values() for error in errors)


# Joining


def test_a_stranger_joins_with_a_code_from_the_mail(client):
    answer = sign_up(client)
    assert answer.status_code == 302
    assert not is_in(client)
    done = client.post(answer["Location"], {"code": code_in_mail()})
    assert done.status_code == 302
    assert is_in(client)
    user = User.objects.get(username="quiet-kettle")
    assert user.profile
    assert user.emailaddress_set.get().verified
    assert not user.is_settled
    accepted = user.acceptances.values_list("agreement__kind", "agreement__version")
    assert sorted(accepted) == [("rules", 1), ("sensitive", 1)]


def test_the_role_that_serves_pages_can_do_all_of_it(as_web_role, client):
    client.post(sign_up(client)["Location"], {"code": code_in_mail()})
    assert is_in(client)
    sign_up(Client(), username="ghost", email="ghost@example.org")
    User.objects.filter(username="ghost").update(date_joined=timezone.now() - timedelta(days=3))
    tasks.forget_unconfirmed(timestamp=0)
    tasks.forget_sessions(timestamp=0)
    assert [user.username for user in User.objects.all()] == ["quiet-kettle"]


def test_the_form_asks_without_answering_for_anybody(client):
    page = client.get("/accounts/signup/").content.decode()
    assert "checked" not in page
    assert "Under 18" in page
    assert "18 or over" in page
    assert "House rules" in page
    assert "first_name" not in page


def test_the_age_can_be_raised_and_never_lowered(client, settings):
    settings.MINIMUM_AGE = 21
    assert "21 or over" in client.get("/accounts/signup/").content.decode()
    assert configured.MINIMUM_AGE >= 18


@pytest.mark.parametrize("missing", ["age", "rules", "sensitive", "username", "email", "password1"])
def test_each_answer_is_needed(client, missing):
    answer = sign_up(client, **{missing: ""})
    assert missing in answer.context["form"].errors
    assert not User.objects.exists()


def test_somebody_under_age_is_turned_to_help_and_nothing_is_kept(client):
    answer = sign_up(client, age="under")
    assert answer.status_code == 302
    page = client.get("/accounts/signup/")
    assert page.status_code == 403
    assert 'href="/help/"' in page.content.decode()
    assert sign_up(client).status_code == 403, "another answer a minute later changes nothing"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert sign_up(client).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert client.get("/accounts/signup/").status_code == 200
    assert not User.objects.exists()
    assert not mail.outbox
    assert "quiet" not in str(client.cookies)


def test_a_yes_is_to_the_text_that_was_shown(client):
    shown = client.get("/accounts/signup/").context["form"].initial["agreed"]
    Agreement(kind="rules", body="Be gentler.").publish()
    answer = sign_up(client, agreed=shown)
    assert "has changed just now" in errors_of(answer)
    again = re.search(r'name="agreed" value="([\d ]+)"', answer.content.decode())[1]
    assert again != shown
    assert sign_up(client, agreed=again).status_code == 302


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"username": "anna@example.org"}, "e-mail"),
        ({"username": "tel0770090"}, "four digits"),
        ({"username": "m0derator"}, "house"),
        ({"username": "x\x00y"}, ""),
        ({"username": "x" * 100_000}, ""),
        ({"email": "qu\u0131et@example.org"}, "plain letters"),
        ({"email": "\ufb00@example.org"}, ""),
        ({"password1": "hearth123"}, "name of this place"),
        ({"password1": "quiet-kettle"}, "yours"),
        ({"password1": "password1"}, ""),
        ({"password1": "short"}, "8"),
        ({"password1": "y" * 2_000}, "thousand"),
        ({"age": "both"}, ""),
        ({"agreed": "\x00"}, ""),
    ],
)
def test_what_cannot_be_comes_back_with_a_reason(client, change, word):
    answer = sign_up(client, **change)
    assert answer.status_code == 200
    assert word in errors_of(answer)
    assert not User.objects.exists()


def test_long_passphrases_are_welcome(client):
    assert sign_up(client, password1="a lamp, a kettle and a wet dog " * 3).status_code == 302


def test_nothing_but_what_is_asked_is_taken(client):
    sign_up(client, is_staff="on", is_superuser="on", settled_at="2020-01-01", id="1", groups="1", date_joined="2001-01-01")
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.settled_at) == (False, False, None)
    assert user.date_joined.year > 2020


def test_a_taken_name_or_one_that_looks_like_it_is_said_to_be_taken(client, member):
    assert "already has this name" in errors_of(sign_up(client, username="WREN"))
    assert "already has this name" in errors_of(sign_up(client, username="w-ren"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", ["username", "email"])
def test_of_two_who_join_with_one_name_or_address_at_once_one_is_told(same):
    def join_now(number: int) -> int:
        words = {"username": f"kettle-{'abcdef'[number]}", "email": f"k{number}@example.org"} | {same: WORDS[same]}
        try:
            return sign_up(Client(), **words).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as crowd:
        answers = sorted(crowd.map(join_now, range(6)))
    assert answers == ([200] * 5 + [302] if same == "username" else [302] * 6)
    assert User.objects.count() == 1


# What the door does not tell


def test_signing_up_with_a_known_address_looks_like_any_other(client, member):
    known = sign_up(client, email=member.email.upper())
    fresh = sign_up(Client(), username="other-kettle", email="new@example.org")
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert [message.to for message in mail.outbox] == [[member.email], ["new@example.org"]]
    assert not User.objects.filter(username="quiet-kettle").exists()
    assert "already has this name" in errors_of(sign_up(Client(), email="third@example.org")), "or the free name would tell"


def test_the_page_for_the_code_is_the_same_for_a_known_address(client, member):
    pages = []
    for email, name in ((member.email, "kettle-a"), ("new@example.org", "kettle-b")):
        client = Client()
        page = client.get(sign_up(client, email=email, username=name)["Location"]).content.decode()
        pages.append(re.sub(r'value="\w{64}"', "", page).replace(email, ""))
    assert pages[0] == pages[1]


def test_an_account_that_waits_for_its_code_is_nowhere_to_be_seen(client, member, moderator, sign_in):
    sign_up(client, email=member.email, username="kettle-known")
    sign_up(Client(), email="new@example.org", username="kettle-fresh")
    answers = [
        errors_of(password_sign_in(Client(), member.email, WORDS["password1"])),
        errors_of(password_sign_in(Client(), "new@example.org", WORDS["password1"])),
    ]
    assert answers[0] == answers[1] != "", "or signing up and in would tell whether there was an account"
    curious = sign_in(member)
    assert {curious.get(f"/members/kettle-{name}/").status_code for name in ("known", "fresh")} == {404}
    body = make.topic(author=member, body="@kettle-known @kettle-fresh @fennel").body_html
    assert body.count("<a") == 1
    assert "kettle" not in sign_in(moderator).get("/admin/members/user/").content.decode()


def test_a_name_is_held_until_a_waiting_account_would_be_forgotten(client, member):
    joined = timezone.now().replace(minute=20)
    with time_machine.travel(joined, tick=False):
        sign_up(client, email=member.email)
    with time_machine.travel(joined + timedelta(hours=48, minutes=20), tick=False):
        assert "already has this name" in errors_of(sign_up(Client(), email="third@example.org"))
    with time_machine.travel(joined + timedelta(hours=48, minutes=22), tick=False):
        assert sign_up(Client(), email="third@example.org").status_code == 302


def test_who_signs_up_with_somebodys_address_never_gets_into_their_account(client):
    sign_up(client, password1="the words of a stranger")
    owner = Client()
    asked = owner.post("/accounts/login/code/", {"email": WORDS["email"]})
    done = owner.post(asked["Location"], {"code": code_in_mail()}, follow=True)
    assert is_in(owner)
    assert "you can choose one now" in done.content.decode()
    stranger = Client()
    password_sign_in(stranger, WORDS["email"], "the words of a stranger")
    client.get("/accounts/login/", follow=True)
    assert not is_in(stranger)
    assert not is_in(client)
    assert not User.objects.get(email=WORDS["email"]).acceptances.exists()


@pytest.mark.parametrize("address", ["/accounts/password/reset/", "/accounts/login/code/"])
def test_codes_are_asked_for_the_same_way_with_any_address(client, member, address):
    known = client.post(address, {"email": member.email})
    unknown = Client().post(address, {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_wrong_password_says_the_same_for_any_address(client, member):
    known = password_sign_in(client, member.email, "wrong words here")
    unknown = password_sign_in(client, "nobody@example.org", "wrong words here")
    assert errors_of(known) == errors_of(unknown)


def test_codes_go_to_the_address_that_is_kept(client):
    make.user("mike", email="mike@example.org")
    for typed in ("m\u0131ke@example.org", "\uff4dike@example.org", "MIKE@EXAMPLE.ORG"):
        Client().post("/accounts/password/reset/", {"email": typed})
        Client().post("/accounts/login/code/", {"email": typed})
    assert {address for message in mail.outbox for address in message.to} == {"mike@example.org"}
    assert len(mail.outbox) == 2


def test_one_account_for_an_address_however_it_is_typed(client):
    make.user("mike", email="mike@xn--bcher-kva.example")
    answer = sign_up(client, email="MIKE@Bücher.example")
    assert answer.status_code == 302
    assert User.objects.count() == 1


def test_addresses_in_mail_come_from_the_settings(member, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://hearth.example"
    client = Client(headers={"Host": "evil.test"})
    sign_up(client, email=member.email)
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert len(mail.outbox) == 2
    assert "evil" not in "".join(str(message.message()) for message in mail.outbox)
    assert "https://hearth.example/" in mail.outbox[0].body


# Signing in


def test_sign_in_is_by_address_and_makes_a_new_session(client, member):
    client.get("/accounts/login/")
    client.session["planted"] = "yes"
    session = client.session
    session.save()
    client.cookies["session"] = session.session_key
    assert password_sign_in(client, member.email.upper()).status_code == 302
    assert client.cookies["session"].value != session.session_key
    assert is_in(client)


def test_a_name_does_not_sign_in(client, member):
    assert password_sign_in(client, member.username).status_code == 200


@pytest.mark.parametrize(
    "next_url",
    [
        "//evil.test",
        "/\\evil.test",
        "https://evil.test/",
        "https:evil.test",
        "/\t/evil.test",
        "javascript:alert(1)",
        "http://testserver@evil.test/",
        "/x\r\ny",
    ],
)
def test_after_signing_in_nobody_is_led_away(client, member, next_url):
    answer = password_sign_in(client, member.email, next=next_url)
    assert answer["Location"] == "/"


def test_after_signing_in_one_is_where_one_wanted_to_be(client, member):
    assert password_sign_in(client, member.email, next="/agreements/")["Location"] == "/agreements/"


@pytest.fixture(params=["locmem", "database"])
def counted(request, settings, limited):
    """Failures are counted in the cache that the house has, and in the one of the tests."""
    if request.param == "database":
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "community_cache",
                "KEY_FUNCTION": "community.members.devices.cache_key",
            }
        }


def test_a_guesser_is_slowed_and_the_member_gets_in_from_elsewhere(member, counted):
    guesser, asked = Client(), 0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _minute in range(14):
            for _try in range(8):
                answer = password_sign_in(guesser, member.email, "wrong words here")
                asked += "do not go together" in errors_of(answer)
            clock.shift(60)
        assert asked <= 10
        assert password_sign_in(guesser, member.email).status_code == 200, "the right one is not tried either"
        assert password_sign_in(Client(), member.email, network="198.51.100.7").status_code == 302


def test_a_known_device_gets_in_from_the_guessers_own_network(member, limited):
    known = Client()
    password_sign_in(known, member.email)
    known.post("/accounts/logout/")
    guesser = Client()
    for _try in range(20):
        password_sign_in(guesser, member.email, "wrong words here")
    assert password_sign_in(Client(), member.email).status_code == 200
    assert password_sign_in(known, member.email).status_code == 302


def test_a_device_is_known_for_its_own_member_only(member, other, limited):
    guesser = Client()
    password_sign_in(guesser, other.email)
    guesser.post("/accounts/logout/")
    for _try in range(12):
        password_sign_in(guesser, member.email, "wrong words here")
    assert password_sign_in(Client(), member.email).status_code == 200, "counted by network, not by the guesser's device"


def test_a_mailed_code_works_while_passwords_wait(member, limited):
    for _try in range(20):
        password_sign_in(Client(), member.email, "wrong words here")
    client = Client(headers={"X-Forwarded-For": STRANGER})
    answer = client.post("/accounts/login/code/", {"email": member.email})
    assert client.post(answer["Location"], {"code": code_in_mail()}).status_code == 302
    assert is_in(client)


def test_nobody_can_use_up_a_members_codes(member, limited):
    stranger = Client(headers={"X-Forwarded-For": STRANGER})
    for _try in range(10):
        stranger.post("/accounts/login/code/", {"email": member.email})
    mail.outbox.clear()
    Client(headers={"X-Forwarded-For": "198.51.100.7"}).post("/accounts/login/code/", {"email": member.email})
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("way", ["/accounts/password/reset/", "/accounts/signup/", "/accounts/login/code/"])
def test_nobodys_letterbox_is_filled_and_its_owner_is_not_locked_out(member, limited, settings, way):
    # allauth's own pause of ten seconds between two mails of this kind would hide ours.
    settings.ACCOUNT_RATE_LIMITS = settings.DOOR_LIMITS | {"confirm_email": "100/m/key"}

    def ask(network: str, name: str) -> None:
        Client().post(way, WORDS | {"email": member.email, "username": name}, headers={"X-Forwarded-For": network})

    for n in range(10):
        ask(STRANGER, f"kettle{n}")
    assert len(mail.outbox) == 3
    ask("198.51.100.7", "kettle-elsewhere")
    assert len(mail.outbox) == 4


def test_a_guesser_of_many_accounts_is_slowed_by_network(db, limited):
    for number in range(60):
        answer = password_sign_in(Client(), f"nobody{number}@example.org", "wrong words here")
    assert answer.status_code == 429 or "have to wait" in errors_of(answer)


# What ends sessions


def test_a_new_password_ends_the_other_sessions(member, sign_in):
    here, there = Client(), sign_in(member)
    password_sign_in(here, member.email)
    new = "five stones on a sill"
    answer = here.post("/accounts/password/change/", {"oldpassword": make.PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert mail.outbox[-1].to == [member.email]


def test_a_new_address_needs_the_password_tells_the_old_one_and_ends_the_other_sessions(member, sign_in):
    there, here = sign_in(member), Client()
    password_sign_in(here, member.email)
    asked = here.post("/accounts/email/", {"action_add": "yes", "email": "new@example.org"})
    assert "/accounts/reauthenticate/" in asked["Location"]
    here.post(asked["Location"], {"password": make.PASSWORD})
    here.post("/accounts/email/", {"action_add": "yes", "email": "new@example.org"})
    assert mail.outbox[-1].to == ["new@example.org"]
    here.post("/accounts/confirm-email/", {"code": code_in_mail()})
    assert User.objects.get(pk=member.pk).email == "new@example.org"
    assert list(EmailAddress.objects.filter(user=member).values_list("email", "verified")) == [("new@example.org", True)]
    assert mail.outbox[-1].to == [member.email]
    assert is_in(here)
    assert not is_in(there)


@pytest.mark.django_db(transaction=True)
def test_a_new_second_factor_needs_the_password_and_ends_the_other_sessions(member, sign_in):
    here, there = Client(), sign_in(member)
    password_sign_in(here, member.email)
    asked = here.get("/accounts/2fa/totp/activate/")
    here.post(asked["Location"], {"password": make.PASSWORD})
    here.get("/accounts/2fa/totp/activate/")
    secret, before = here.session["mfa.totp.secret"], here.session.session_key
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert here.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert secret not in Authenticator.objects.get(user=member, type="totp").data["secret"]
    assert is_in(here)
    assert here.session.session_key != before
    assert not is_in(there)
    assert mail.outbox[-1].to == [member.email]


def test_the_end_of_an_account_is_seen_at_the_next_look(member, sign_in):
    there = sign_in(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert not is_in(there)
    again = Client()
    password_sign_in(again, member.email)
    assert not is_in(again)


@pytest.mark.parametrize("change", ["sign in", "password", "address", "end"])
def test_a_code_for_a_new_password_dies_with_the_next_change(member, change):
    thief = Client()
    answer = thief.post("/accounts/password/reset/", {"email": member.email})
    thief.post(answer["Location"], {"code": code_in_mail()})
    if change == "sign in":
        password_sign_in(Client(), member.email)
    elif change == "password":
        member.set_password("seven stones on a sill")
        member.save()
    elif change == "address":
        User.objects.filter(pk=member.pk).update(email="new@example.org")
    else:
        User.objects.filter(pk=member.pk).update(is_active=False)
    new = {"password1": "six stones on a sill", "password2": "six stones on a sill"}
    answer = thief.post("/accounts/password/reset/complete/", new)
    assert not User.objects.get(pk=member.pk).check_password("six stones on a sill")
    assert answer.status_code in (200, 302)


def test_a_forgotten_password_is_replaced_by_a_mailed_code(member, sign_in):
    there, client = sign_in(member), Client()
    answer = client.post("/accounts/password/reset/", {"email": member.email})
    client.post(answer["Location"], {"code": code_in_mail()})
    new = {"password1": "six stones on a sill", "password2": "six stones on a sill"}
    assert client.post("/accounts/password/reset/complete/", new).status_code == 302
    assert password_sign_in(client, member.email, "six stones on a sill").status_code == 302
    assert not is_in(there)


def test_staff_open_the_admin_with_a_second_factor_only(owner, sign_in):
    client = Client()
    answer = password_sign_in(client, owner.email)
    assert "2fa" in answer["Location"]
    assert client.get("/admin/").status_code in (302, 404)
    assert sign_in(owner).get("/admin/").status_code == 200


def test_recovery_codes_work_once_and_lie_encrypted(db):
    joined = join(handle="keeper", email="keeper@example.org", password=make.PASSWORD, role="moderator")
    stored = str(list(Authenticator.objects.filter(user=joined.user).values_list("data", flat=True)))
    assert joined.totp_secret not in stored
    for _time, worked in ((1, True), (2, False)):
        client = Client()
        answer = password_sign_in(client, "keeper@example.org")
        client.post(answer["Location"], {"code": joined.recovery_codes[0]})
        assert is_in(client) is worked


def test_when_somebody_signed_in_is_kept_to_the_hour_and_still_ends_a_code_for_a_new_password(client, member):
    with time_machine.travel("2026-11-25T12:34:56Z", tick=False):
        stamps = set()
        for _time in range(2):
            client.logout()
            password_sign_in(client, member.email)
            member.refresh_from_db()
            stamps.add(member.reset_stamp())
            assert timedelta(minutes=34) < timezone.now() - member.last_login < timedelta(minutes=95)
        assert len(stamps) == 2
        for session in UserSession.objects.filter(user=member):
            assert session.created_at.isoformat() == session.last_seen_at.isoformat() == "2026-11-25T12:00:00+00:00"
