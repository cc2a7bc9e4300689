import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client

from community.admin import BoundedPaginator, HearthModelAdmin
from community.audit.models import Entry
from community.care.models import Country
from tests import make


def test_a_list_is_counted_no_further_than_staff_will_leaf(owner, sign_in, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "MOST", 2)
    for _ in range(3):
        make.topic(author=owner)
    page = sign_in(owner).get("/admin/forums/topic/")
    assert page.context["cl"].result_count == 2


def test_a_guest_goes_to_the_one_sign_in(db):
    response = Client().get("/admin/care/country/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=/admin/care/country/"


def test_to_a_member_there_is_no_admin(member, sign_in):
    client = sign_in(member)
    for address in ("/admin/", "/admin/login/", "/admin/care/country/", "/admin/nowhere/", "/admin/jsi18n/"):
        assert client.get(address).status_code == 404


def test_staff_without_a_second_factor_are_sent_to_set_one_up(db):
    client = Client()
    client.force_login(make.user("juniper", is_staff=True, is_superuser=True))
    Authenticator.objects.all().delete()
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[1][0] == "/accounts/2fa/"


def test_staff_who_did_not_use_their_second_factor_are_asked_for_it(owner):
    client = Client()
    client.force_login(owner)
    response = client.get("/admin/care/country/", follow=True)
    assert response.redirect_chain[1][0] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fcare%2Fcountry%2F"


def test_a_second_factor_that_was_taken_away_opens_nothing(owner, sign_in):
    client = sign_in(owner)
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.filter(user=owner).delete()
    assert client.get("/admin/").status_code == 302


def test_a_right_that_was_taken_away_is_gone_at_the_next_request(owner, sign_in):
    client = sign_in(owner)
    assert client.get("/admin/").status_code == 200
    type(owner).objects.filter(pk=owner.pk).update(is_staff=False)
    assert client.get("/admin/").status_code == 404


def test_only_our_own_pages_are_in_the_admin():
    assert all(isinstance(page, HearthModelAdmin) for page in admin.site._registry.values())


def test_both_ways_out_are_on_every_page(owner, sign_in):
    client = sign_in(owner)
    country = Country.objects.first()
    for address in ("", "care/", "care/country/", f"care/country/{country.pk}/change/", f"care/country/{country.pk}/do/confirm/"):
        page = client.get(f"/admin/{address}").content.decode()
        assert 'href="/help/"' in page
        assert "data-leave" in page


def test_what_is_done_is_recorded_in_our_audit_and_not_in_djangos_log(owner, sign_in):
    client = sign_in(owner)
    data = {"code": "XX", "name": "Nowhere", "emergency": "000", "source_url": "https://example.org/", "checked_on": "2026-01-01"}
    data |= {"services-TOTAL_FORMS": "0", "services-INITIAL_FORMS": "0", "initial-checked_on": "2026-01-01"}
    assert client.post("/admin/care/country/add/", data).status_code == 302
    country = Country.objects.get(code="XX")
    assert client.post(f"/admin/care/country/{country.pk}/change/", data | {"name": "Somewhere"}).status_code == 302
    assert client.post(f"/admin/care/country/{country.pk}/delete/", {"post": "yes"}).status_code == 302
    actions = Entry.objects.filter(target_id=str(country.pk), action__startswith="care.").order_by("pk")
    assert [entry.action for entry in actions] == ["care.country_added", "care.country_changed", "care.country_deleted"]
    assert actions[1].words.reason == "Name"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "name__startswith=A",
        "confirmed_by__email__startswith=h",
        "confirmed_by__password__contains=x",
        "_to_field=name",
        "emergency=999",
    ],
)
def test_columns_cannot_be_guessed_by_look_ups(owner, sign_in, query):
    client = sign_in(owner)
    assert client.get(f"/admin/care/country/?{query}").status_code == 400


def test_there_is_no_history_and_no_way_from_an_id_to_a_page(owner, sign_in):
    client = sign_in(owner)
    country = Country.objects.first()
    assert client.get(f"/admin/care/country/{country.pk}/history/").status_code in {302, 404}
    assert client.get("/admin/r/1/1/").status_code == 404


def test_passwords_are_changed_where_everybody_changes_them(owner, sign_in):
    assert sign_in(owner).get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_signing_out_takes_a_post(owner, sign_in):
    client = sign_in(owner)
    assert client.get("/admin/logout/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    response = client.post("/admin/logout/")
    assert response["Clear-Site-Data"] == '"cache"'
    assert client.get("/admin/").status_code == 302


def test_a_verb_asks_for_a_reason_and_is_done_once(owner, sign_in):
    client = sign_in(owner)
    country = Country.objects.first()
    address = f"/admin/care/country/{country.pk}/do/confirm/"
    for reason in ("", "short", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "x" * 301):
        page = client.post(address, {"reason": reason})
        assert page.status_code == 200
        assert page.context["form"].errors
    assert client.post(address, {"reason": "I called every one of them."}).status_code == 302
    assert Entry.objects.filter(action="care.country_confirmed").count() == 1
    assert client.post("/admin/care/country/999999/do/confirm/", {"reason": "A long reason."}).status_code == 404
    assert client.post(f"/admin/care/country/{country.pk}/do/vanish/", {"reason": "A long reason."}).status_code == 404


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 40, "%00", "1%27", "_5F"])
def test_no_id_breaks_a_page(owner, sign_in, number):
    client = sign_in(owner)
    client.raise_request_exception = False
    for page in ("change", "delete", "do/confirm"):
        assert client.get(f"/admin/care/country/{number}/{page}/").status_code in {302, 404}


@pytest.mark.parametrize(
    "query", ["q=%00", "o=x", "o=9.-9", "p=x", "p=-1", "all=x", "e=1", "_popup=1", "_facets=1", "q=" + "a" * 5000]
)
def test_no_query_breaks_a_list(owner, sign_in, query):
    client = sign_in(owner)
    client.raise_request_exception = False
    assert client.get(f"/admin/care/country/?{query}").status_code in {200, 302, 400}
