"""The demo's letterbox: everything a visitor needs to get in, and nowhere but in the demo."""

import time
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.core.mail import send_mail
from django.http import Http404
from django.test import Client
from django.urls import include, path

from community import urls
from community.members.seed import DEMO_PASSWORD, fill_demo
from community.notifications import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path):
    """A client of a demo that has its people and its letterbox."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.ROOT_URLCONF = __name__
    fill_demo()
    return Client()


urlpatterns = [*urls.urlpatterns, path("demo/", include("community.demo"))]
handler404 = urls.handler404


def post(subject: str, body: str = "Words", to: str = "somebody@example.org") -> None:
    send_mail(subject, body, None, [to])
    tasks.send_due(0)
    time.sleep(0.01)


def test_letterbox_does_not_exist_outside_the_demo(client):
    assert client.get("/demo/mail/").status_code == 404


def test_letterbox_refuses_even_if_its_address_were_left_in(settings, rf):
    settings.DEMO = False
    with pytest.raises(Http404):
        import_module("community.demo").demo_mail(rf.get("/demo/mail/"))


def test_empty_letterbox_says_so(demo):
    assert "No mail yet." in demo.get("/demo/mail/").text


def test_mail_is_shown_newest_first_as_text(demo):
    post("First", "Your code is 123456")
    post("Second", "<script>alert(1)</script> http://127.0.0.1:8000/inbox/")
    page = demo.get("/demo/mail/")
    assert page.text.index("Second") < page.text.index("First")
    assert "123456" in page.text
    assert "&lt;script&gt;" in page.text
    assert 'href="http://127.0.0.1:8000/inbox/"' in page.text
    assert "somebody@example.org" in page.text
    assert "no-store" in page["Cache-Control"]


def test_accounts_and_their_current_codes_are_shown(demo):
    page = demo.get("/demo/mail/").text
    assert DEMO_PASSWORD in page
    codes = [account.code for account in demo.get("/demo/mail/").context["accounts"] if account.code]
    assert len(codes) == Authenticator.objects.filter(type="totp").count() == 6
    for code in codes:
        assert len(code) == 6
    assert "The codes change in" in page


def test_code_from_the_letterbox_opens_the_door(demo):
    owner = next(account for account in demo.get("/demo/mail/").context["accounts"] if account.role == "owner")
    [totp] = Authenticator.objects.filter(type="totp", user__username=owner.handle)
    assert totp.wrap().validate_code(owner.code)


def test_only_the_newest_fifty_mails_are_read(demo, settings):
    settings.MAIL_FOLDER.mkdir()
    for number in range(55):
        (settings.MAIL_FOLDER / f"{number}.eml").write_text(f"To: a@example.org\nSubject: Mail {number}\n\nWords\n")
    assert len(demo.get("/demo/mail/").context["letters"]) == 50


def test_half_written_mail_is_not_shown(demo, settings):
    settings.MAIL_FOLDER.mkdir()
    (settings.MAIL_FOLDER / "x.part").write_text("To: a@exam")
    assert "No mail yet." in demo.get("/demo/mail/").text


def test_letterbox_takes_no_posts(demo):
    assert demo.post("/demo/mail/").status_code == 405
