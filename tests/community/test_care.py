import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from community.audit.models import Entry
from community.care import pages
from community.care.middleware import breaker
from community.care.models import Country, HelpService
from community.care.shipped import rows, shipped


@pytest.fixture
def folder(settings, tmp_path):
    """A place of this test's own for the pages that are written."""
    settings.STATE_DIR = tmp_path
    return tmp_path / "test-pages"


def test_the_help_page_needs_neither_database_nor_session(folder):
    response = Client().get("/help/", headers={"cookie": "session=" + "x" * 32})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'href="tel:116123"' in page
    assert not response.cookies
    assert len(response.content) < 30_000


def test_the_help_page_may_be_kept_and_is_checked_at_every_look(folder):
    first = Client().get("/help/")
    again = Client().get("/help/", headers={"if-none-match": first["ETag"]})
    assert first["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304
    assert not again.content
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]


def test_the_help_page_answers_head(folder):
    assert Client().head("/help/").status_code == 200


def test_every_shipped_entry_can_be_dialled_and_has_a_source():
    for row in rows():
        country_fields = {name: value for name, value in row.items() if name != "services"}
        Country(**country_fields).clean_fields()
        assert any(service["kind"] == "call" for service in row["services"])
        for service in row["services"]:
            HelpService(**service).clean_fields(exclude=["country"])
            HelpService(**service).clean()
            assert service["hours"], service["languages"]


def test_links_are_made_for_phones():
    service = HelpService(kind="call", dial="0800 111-0 (111)")
    assert service.href == "tel:08001110111"
    assert HelpService(kind="text", dial="85258", keyword="SHOUT").href == "sms:85258?body=SHOUT"
    assert HelpService(kind="text", dial="1737").href == "sms:1737"
    assert HelpService(kind="chat", url="https://example.org/chat").href == "https://example.org/chat"


def test_a_fresh_install_holds_what_is_shipped_and_has_confirmed_none_of_it(db):
    assert set(Country.objects.values_list("code", flat=True)) == {country.code for country, _services in shipped()}
    assert not Country.objects.exclude(confirmed_at=None).exists()


def test_the_browsers_language_only_decides_who_stands_first(db, folder):
    pages.write()

    def order(language):
        page = Client().get("/help/", headers={"accept-language": language}).content.decode()
        return re.findall(r'<h2 class="section-head" id="([A-Z]{2})"', page)

    assert order("de-DE,de;q=0.9")[0] == "DE"
    assert order("en-NZ")[0] == "NZ"
    assert sorted(order("de-DE")) == sorted(order("xx-../../etc")) == sorted(order(""))


def test_the_page_says_that_nobody_checked_it_until_every_country_is_confirmed(db, folder, owner):
    pages.write()
    assert "check these numbers before opening" in Client().get("/help/").content.decode()
    for country in Country.objects.all():
        country.confirm(by=owner, reason="Called each number.")
    pages.write()
    page = Client().get("/help/").content.decode()
    assert "check these numbers before opening" not in page
    assert "checked by hand" in page


def test_owners_confirm_a_country_with_a_reason(db, folder, owner, sign_in, django_capture_on_commit_callbacks):
    country = Country.objects.get(code="GB")
    country.services.update(checked_on="2020-01-01")
    client = sign_in(owner)
    address = f"/admin/care/country/{country.pk}/do/confirm/"
    too_short = client.post(address, {"reason": "ok"})
    assert too_short.status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address, {"reason": "Called each number this morning."})
    assert response.status_code == 302
    country.refresh_from_db()
    assert country.confirmed_by == owner
    assert set(country.services.values_list("checked_on", flat=True)) == {timezone.localdate()}
    entry = Entry.objects.get(action="care.country_confirmed")
    assert entry.words.reason == "Called each number this morning."
    assert "checked by hand" in Client().get("/help/").content.decode()


def test_a_change_is_recorded_takes_the_confirmation_back_and_is_on_the_page(
    db, folder, owner, sign_in, django_capture_on_commit_callbacks
):
    country = Country.objects.get(code="NL")
    country.confirm(by=owner)
    service = country.services.get()
    client = sign_in(owner)
    address = f"/admin/care/country/{country.pk}/change/"
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    formset = client.get(address).context["inline_admin_formsets"][0].formset
    data |= {f"services-{name}": value for name, value in formset.management_form.initial.items()}
    inline = formset.forms[0]
    data |= {inline.add_prefix(name): inline[name].value() for name in inline.fields if inline[name].value() is not None}
    data[inline.add_prefix("dial")] = "0800 0113"
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address, data)
    assert response.status_code == 302, response.context["errors"]
    service.refresh_from_db()
    country.refresh_from_db()
    assert service.dial == "0800 0113"
    assert not country.is_confirmed
    assert Entry.objects.filter(action="care.country_changed", target_id=str(country.pk)).exists()
    assert "0800 0113" in Client().get("/help/").content.decode()


def test_letters_in_a_number_are_refused_with_advice(db):
    service = HelpService(country=Country.objects.first(), name="A line", kind="call", dial="0800 HELP", hours="Always")
    with pytest.raises(Exception, match="no letters"):
        service.full_clean()


def test_the_admins_front_page_warns_of_unconfirmed_and_of_old_entries(db, owner, sign_in):
    client = sign_in(owner)
    assert b"Check these numbers before opening" in client.get("/admin/").content
    for country in Country.objects.all():
        country.confirm(by=owner)
    assert b"The help page" not in client.get("/admin/").content
    Country.objects.filter(code="FR").update(checked_on=timezone.localdate() - timedelta(days=181))
    page = client.get("/admin/").content
    assert b"half a year" in page
    assert b"France" in page


def test_moderators_without_the_permission_cannot_touch_the_numbers(db, moderator, sign_in):
    country = Country.objects.first()
    client = sign_in(moderator)
    assert client.get("/admin/care/country/").status_code == 403
    assert client.post(f"/admin/care/country/{country.pk}/do/confirm/", {"reason": "I would like to."}).status_code == 404
    assert not Country.objects.exclude(confirmed_at=None).exists()


# The database is away --------------------------------------------------------------------------------------------------


@pytest.fixture
def no_database(folder, django_db_setup, django_db_blocker):
    """A server whose database does not answer; calling it brings the database back."""
    host = connection.settings_dict["HOST"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["HOST"] = "/nowhere"

        def back():
            connection.settings_dict["HOST"] = host

        yield back
        back()
        connection.close()
    breaker.mend()


def test_without_a_database_everything_but_help_says_come_back_soon(no_database):
    client = Client(raise_request_exception=False, headers={"cookie": "session=" + "x" * 32})
    for address in ("/", "/forums/", "/inbox/", "/admin/"):
        response = client.get(address)
        assert response.status_code == 503
        assert b"closed for a short while" in response.content
        assert response["Retry-After"]
        assert response["Cache-Control"] == "no-store, private"
        assert "Content-Security-Policy" in response
    assert client.get("/help/").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/css/app.css").status_code == 200


def test_words_sent_while_the_database_is_away_come_back_at_the_first_try_and_the_next(no_database):
    client = Client(raise_request_exception=False, headers={"cookie": "session=" + "x" * 32})
    words = {"body": "I <b>never</b> told anybody.", "member": "a" * 32, "key": "secret-key"}
    for _try in range(2):
        page = client.post("/forums/grief/new/", words).content.decode()
        assert "I &lt;b&gt;never&lt;/b&gt; told anybody." in page
        assert "secret-key" not in page


def test_the_house_opens_again_when_the_database_is_back(no_database):
    client = Client(raise_request_exception=False, headers={"cookie": "session=" + "x" * 32})
    assert client.get("/inbox/").status_code == 503
    no_database()
    assert client.get("/inbox/").status_code == 503  # at once, without asking
    breaker._closed_until -= breaker.PAUSE
    assert client.get("/inbox/").status_code == 302
    assert not breaker.is_tripped


def test_written_error_pages_hold_both_ways_out_and_nothing_of_anybody(db, folder):
    pages.write()
    for name in ("500.en.html", "503.en.html", "help.en.html"):
        page = (folder / name).read_text()
        assert 'href="/help/"' in page
        assert "data-leave" in page
        assert "csrf" not in page
