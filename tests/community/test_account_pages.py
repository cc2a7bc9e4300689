"""Everything that allauth shows or sends wears our clothes: its pages, its messages and its mail."""

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from tests import make

pytestmark = pytest.mark.django_db

OURS = settings.BASE_DIR / "templates"
THEIRS = Path(allauth.__file__).parent / "templates"
NEVER_SHOWN = {
    # Frames of allauth's own, which none of our pages stands in.
    "account/base_manage_email.html": True,
    "account/base_manage_password.html": True,
    "account/base_manage_phone.html": True,
    "mfa/base_entrance.html": True,
    "mfa/base_manage.html": True,
    "mfa/recovery_codes/base.html": True,
    "mfa/totp/base.html": True,
    "mfa/webauthn/base.html": True,
    "mfa/webauthn/snippets/login_script.html": True,
    "usersessions/base_manage.html": True,
    "account/snippets/already_logged_in.html": True,
    # What our settings switch off.
    "account/email.html": account_settings.CHANGE_EMAIL,
    "account/email_confirm.html": account_settings.EMAIL_VERIFICATION_BY_CODE_ENABLED,
    "account/verification_sent.html": account_settings.EMAIL_VERIFICATION_BY_CODE_ENABLED,
    "account/password_reset_done.html": account_settings.PASSWORD_RESET_BY_CODE_ENABLED,
    "account/email/password_reset_key_message.txt": account_settings.PASSWORD_RESET_BY_CODE_ENABLED,
    "account/email/password_reset_key_subject.txt": account_settings.PASSWORD_RESET_BY_CODE_ENABLED,
    "account/confirm_phone_verification_code.html": "phone" not in account_settings.SIGNUP_FIELDS,
    "account/phone_change.html": "phone" not in account_settings.SIGNUP_FIELDS,
    "account/messages/phone_verification_sent.txt": "phone" not in account_settings.SIGNUP_FIELDS,
    "account/messages/phone_verified.txt": "phone" not in account_settings.SIGNUP_FIELDS,
    "account/signup_by_passkey.html": not mfa_settings.PASSKEY_SIGNUP_ENABLED,
    "mfa/webauthn/signup_form.html": not mfa_settings.PASSKEY_SIGNUP_ENABLED,
    "mfa/trust.html": not mfa_settings._TRUST_STAGE_ENABLED,
}
SUBJECTS = {"Your code", "A change to your account", "About your account", "About signing in"}


def theirs():
    return sorted(
        path.relative_to(THEIRS).as_posix()
        for app in ("account", "mfa", "usersessions")
        for path in (THEIRS / app).rglob("*.*")
        if path.suffix in {".html", ".txt"}
    )


@pytest.mark.parametrize("name", theirs())
def test_everything_allauth_can_show_is_written_by_us(name):
    assert (OURS / name).exists() or NEVER_SHOWN.get(name), f"allauth would show its own {name}"


class Page(HTMLParser):
    """What a page must not do, collected while reading it."""

    def __init__(self, response):
        super().__init__()
        self.faults, self.ids, self.described, self.labelled, self.inputs, self.headings = [], [], [], [], [], 0
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.faults += [f"{tag} {name}" for name in attrs if name == "style" or name.startswith("on") or name == "placeholder"]
        if tag == "style" or (tag == "script" and "src" not in attrs and attrs.get("type") != "application/json"):
            self.faults.append(f"inline {tag}")
        if str(attrs.get("src") or attrs.get("href") or "").startswith("data:"):
            self.faults.append(f"data: in {tag}")
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.described += (attrs.get("aria-describedby") or "").split() + (attrs.get("aria-labelledby") or "").split()
        if tag == "label" and attrs.get("for"):
            self.labelled.append(attrs["for"])
        if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden" and "hidden" not in attrs:
            self.inputs.append(attrs)
        self.headings += tag == "h1"


def assert_ours(response, words=""):
    """The page stands in our frame, says what it is for, and has nothing inline; every field has its label."""
    assert response.status_code == 200
    text = response.content.decode()
    page = Page(response)
    assert 'class="lintel"' in text and 'href="/help/"' in text and "data-leave" in text
    assert page.headings == 1
    assert not page.faults
    assert len(page.ids) == len(set(page.ids)), "an id stands twice"
    assert set(page.described) <= set(page.ids), "a description that is not there"
    assert {field["id"] for field in page.inputs} <= set(page.labelled)
    assert words in text
    return text


def title(response):
    return re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1]


def with_app(user):
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def with_key(user, name="the grey key"):
    """Give the member a passkey as a browser would have registered it; nothing is signed here, so any key will do."""
    public = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    data = AuthenticatorData.create(b"r" * 32, flags, 0, AttestedCredentialData.create(Aaguid(bytes(16)), b"k" * 16, public))
    client = {"type": "webauthn.create", "challenge": "", "origin": settings.SITE_URL}
    credential = {
        "id": websafe_encode(b"k" * 16),
        "rawId": websafe_encode(b"k" * 16),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    WebAuthn.add(user, name, credential)
    return user


@pytest.fixture
def fresh(sign_in):
    """`fresh(user)`: a client in which that member has just said once more who they are."""

    def signed_in(user, **options):
        client = sign_in(user, **options)
        session = client.session
        session["account_authentication_methods"] += [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session.save()
        return client

    return signed_in


def code_in(letter):
    """The code, alone on its line."""
    return re.search(r"^\s+([A-Z]{4}-[A-Z]{4})$", letter.body, re.MULTILINE)[1]


# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_login", "Come in"),
        ("account_signup", "A made-up name"),
        ("account_request_login_code", "A code instead of a password"),
        ("account_reset_password", "Forgotten passwords happen"),
        ("account_password_reset_completed", "Your new password is set"),
        ("account_inactive", "This account is not open at the moment"),
    ],
)
def test_pages_at_the_door_stand_in_our_frame(client, name, words):
    assert_ours(client.get(reverse(name)), words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_email", "Your e-mail address"),
        ("account_change_password", "Your password"),
        ("account_logout", "Sign out?"),
        ("account_reauthenticate", "Is it still you?"),
        ("mfa_index", "Set up an app"),
        ("mfa_activate_totp", "Set up your app"),
        ("mfa_list_webauthn", "There is none yet."),
        ("mfa_add_webauthn", "Ask my device"),
        ("usersessions_list", "You are in nowhere else."),
    ],
)
def test_a_members_own_pages_stand_in_our_frame(member, fresh, name, words):
    assert_ours(fresh(member).get(reverse(name)), words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mfa_index", "This is on"),
        ("mfa_deactivate_totp", "Switch the app off?"),
        ("mfa_view_recovery_codes", "Your recovery codes"),
        ("mfa_generate_recovery_codes", "those you have now stop working"),
        ("mfa_reauthenticate", "The code from your app"),
        ("mfa_list_webauthn", "the grey key"),
        ("mfa_reauthenticate_webauthn", "Use a passkey"),
        ("account_reauthenticate", "Use a code from your app"),
    ],
)
def test_pages_of_the_second_step_stand_in_our_frame(member, fresh, name, words):
    assert_ours(fresh(with_key(with_app(member))).get(reverse(name)), words)


@pytest.mark.parametrize(("name", "words"), [("mfa_edit_webauthn", "Rename a passkey"), ("mfa_remove_webauthn", "“the grey key”")])
def test_pages_of_one_passkey_stand_in_our_frame(member, fresh, name, words):
    key = Authenticator.objects.get(user=with_key(member))
    assert_ours(fresh(member).get(reverse(name, args=[key.pk])), words)


def test_staff_are_told_why_they_need_a_second_step(moderator, fresh):
    assert_ours(fresh(moderator).get(reverse("mfa_index")), "You look after this place")


def test_someone_without_a_password_is_given_the_page_for_one(member, fresh):
    member.set_unusable_password()
    member.save()
    assert_ours(fresh(member).get(reverse("account_change_password"), follow=True), "Give yourself a password")


def test_a_closed_sign_up_says_so_kindly(client, monkeypatch):
    monkeypatch.setattr(type(get_adapter()), "is_open_for_signup", lambda self, request: False)
    assert_ours(client.get(reverse("account_signup")), "Nobody new can join just now")


def test_the_page_that_wants_a_confirmed_address_is_ours(rf, member):
    request = rf.get("/")
    request.user = member
    get_template("account/verified_email_required.html").render({}, request)


def test_too_many_tries_answer_with_our_page(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post(reverse("account_login"))
    response = client.post(reverse("account_login"))
    assert response.status_code == 429
    assert "That was a lot in a short time." in response.content.decode()


def test_tab_titles_tell_a_shared_screen_nothing(member, fresh, client):
    pages = [client.get(reverse(name)) for name in ("account_login", "account_signup", "account_reset_password")]
    pages += [fresh(member).get(reverse(name)) for name in ("account_email", "mfa_index", "usersessions_list")]
    assert [title(page) for page in pages] == [
        f"{words} · {settings.SITE_NAME}" for words in ("Sign in", "Join", "Password", "E-mail", "Second step", "Signed in")
    ]


def test_the_square_for_the_camera_lies_in_the_page_and_so_do_its_letters(member, fresh):
    text = assert_ours(fresh(member).get(reverse("mfa_activate_totp")))
    assert '<div class="qr" role="img"' in text and '<path d="M' in text
    assert re.search(r'<p class="code"[^>]*>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</p>', text)


def test_recovery_codes_can_be_saved_as_a_file(member, fresh):
    client = fresh(with_app(member))
    shown = re.findall(r"<li>(\d{8})</li>", client.get(reverse("mfa_view_recovery_codes")).content.decode())
    download = client.get(reverse("mfa_download_recovery_codes"))
    assert download["Content-Disposition"].startswith("attachment")
    assert len(shown) == 10 and download.content.decode().split() == shown


def test_sessions_are_told_apart_in_words(member):
    agents = {
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "Chrome on Android",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) Version/15.6 Safari/604.1": "Safari on iPhone",
        "<script>alert(1)</script>": "A browser we don’t know",
    }
    for agent in agents:
        client = Client(headers={"user-agent": agent})
        client.post(reverse("account_login"), {"login": member.email, "password": make.PASSWORD})
    text = assert_ours(client.get("/accounts/sessions/"), "Sign all the others out")
    assert text.count("This one, here") == 1
    assert all(words in text for words in agents.values())
    after = client.post("/accounts/sessions/", follow=True)
    assert_ours(after, "You are in nowhere else.")


def test_passkeys_are_offered_where_scripts_run_and_explained_where_they_do_not(client):
    text = client.get(reverse("account_login")).content.decode()
    assert '<p class="needs-script"><button class="button" id="passkey-press">' in text
    assert "<noscript>" in text and "passkey.js" in text


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_request_login_code", "account_reset_password"])
def test_an_empty_form_comes_back_with_what_to_do(client, name):
    response = client.post(reverse(name), {})
    text = assert_ours(response, "data-error-summary")
    assert "This field is required" not in text
    assert 'aria-invalid="true"' in text


# From the first step to the last, without a script ----------------------------------------------------------------------


def test_a_member_signs_in_with_a_mailed_code(client, member):
    asked = client.post(reverse("account_request_login_code"), {"email": member.email, "next": "/inbox/"}, follow=True)
    assert_ours(asked, "Look in your mail")
    wrong = client.post(reverse("account_confirm_login_code"), {"code": "BBBB-CCCC", "next": "/inbox/"})
    assert_ours(wrong, "That is not the code.")
    again = client.post(reverse("account_confirm_login_code"), {"action": "resend", "next": "/inbox/"}, follow=True)
    assert_ours(again)
    signed_in = client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[-1]).lower(), "next": "/inbox/"})
    assert signed_in["Location"] == "/inbox/"


def test_an_address_nobody_has_gets_the_same_page(client, member):
    known = client.post(reverse("account_request_login_code"), {"email": member.email}, follow=True)
    unknown = Client().post(reverse("account_request_login_code"), {"email": "nobody@example.org"}, follow=True)
    assert assert_ours(unknown).count("nobody@example.org") == assert_ours(known).count(member.email) == 1


def test_a_forgotten_password_is_replaced_in_three_steps(client, member):
    assert_ours(
        client.post(reverse("account_reset_password"), {"email": member.email}, follow=True), "then you choose a new password"
    )
    code = {"code": code_in(mail.outbox[-1])}
    assert_ours(client.post(reverse("account_confirm_password_reset_code"), code, follow=True), "Choose a new password")
    uneven = client.post(reverse("account_complete_password_reset"), {"password1": "kettle moss seven", "password2": "other"})
    assert_ours(uneven, "A password is never sent back to a page")
    new = {"password1": "kettle moss seven", "password2": "kettle moss seven"}
    assert_ours(client.post(reverse("account_complete_password_reset"), new, follow=True), "Your new password is set")
    assert client.post(reverse("account_login"), {"login": member.email, "password": "kettle moss seven"}).status_code == 302


def test_a_new_address_counts_once_its_code_is_typed_in(member, fresh):
    client = fresh(member)
    assert_ours(
        client.post(reverse("account_email"), {"action_add": "yes", "email": "new@example.org"}, follow=True), "new@example.org"
    )
    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[-1])})
    assert_ours(client.get(reverse("account_email")), '<b dir="ltr">new@example.org</b>')
    assert mail.outbox[-1].to == ["wren@example.org"]


def test_the_second_step_is_asked_for_after_the_password(client, member):
    with_key(with_app(member))
    asked = client.post(reverse("account_login"), {"login": member.email, "password": make.PASSWORD}, follow=True)
    assert_ours(asked, "Now the second step")
    assert_ours(client.post(reverse("mfa_authenticate"), {"code": "000000"}), "That is not the code your app shows now.")
    recovery = RecoveryCodes.activate(member).get_unused_codes()[0]
    assert client.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == 302


def test_a_wrong_password_says_what_to_do_and_not_whether_the_address_is_known(client, member):
    known = client.post(reverse("account_login"), {"login": member.email, "password": "wrong"})
    unknown = client.post(reverse("account_login"), {"login": "nobody@example.org", "password": "wrong"})
    words = "let us mail you a code"
    assert_ours(known, words)
    assert_ours(unknown, words)


@pytest.mark.parametrize(
    "answer", ["", "nonsense", "[]", '{"id": 1}', '{"id": "a", "rawId": "b", "type": "public-key", "response": {}}']
)
def test_a_passkeys_broken_answer_is_refused_in_words(client, member, fresh, answer):
    with_key(with_app(member))
    said = "answer did not arrive whole"
    assert_ours(client.post(reverse("mfa_login_webauthn"), {"credential": answer}, follow=True), said)
    client.post(reverse("account_login"), {"login": member.email, "password": make.PASSWORD})
    assert_ours(client.post(reverse("mfa_authenticate"), {"credential": answer}), said)
    assert_ours(fresh(member).post(reverse("mfa_add_webauthn"), {"credential": answer, "name": "my phone"}), said)
    again = fresh(member).post(reverse("mfa_reauthenticate_webauthn"), {"credential": answer}, follow=True)
    assert said in again.content.decode()


# Mail -----------------------------------------------------------------------------------------------------------------


def letters():
    """Every kind of mail that allauth can send here."""
    kinds = (
        path.relative_to(OURS).as_posix() for app in ("account", "mfa") for path in (OURS / app / "email").glob("*_subject.txt")
    )
    return sorted(kind.removesuffix("_subject.txt") for kind in kinds)


@pytest.mark.parametrize("kind", letters())
def test_every_mail_is_plain_neutral_and_ends_with_the_way_to_help(kind, member):
    context = {"user": member, "code": "BCDF-GHJK", "timestamp": timezone.now(), "ip": "203.0.113.7", "user_agent": "evil.test"}
    get_adapter().send_mail(kind, member.email, context)
    letter = mail.outbox[-1]
    assert letter.subject in SUBJECTS
    assert not letter.alternatives
    assert letter.body.endswith(f"Get help now: {settings.SITE_URL}/help/")
    assert "evil.test" not in letter.body and "203.0.113.7" not in letter.body
    assert any(words in letter.body for words in ("leave this mail alone", "choose a new password here", "answer this mail"))
    assert not re.search(r"\n{3,}|&#|{{", letter.body)
    if letter.subject == "Your code":
        assert code_in(letter) == "BCDF-GHJK"


def test_addresses_in_mail_are_ours_whatever_host_the_request_claims(member):
    Client(headers={"host": "localhost"}).post(reverse("account_request_login_code"), {"email": "nobody@example.org"})
    Client(headers={"host": "localhost"}).post(reverse("account_reset_password"), {"email": member.email})
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        assert settings.SITE_URL in letter.body and "localhost" not in letter.body
