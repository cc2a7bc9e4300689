import io

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from community.contributions.forms import member_tag
from community.middleware import CleanInput, PlainRequest
from tests import make

GUARD = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def is_guarded(response):
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy
    assert "nonce" not in policy
    return all(response[name] == value for name, value in GUARD.items())


# Every answer is guarded ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/help/", 200),
        ("/accounts/login/", 200),
        ("/static/css/app.css", 200),
        ("/inbox/", 302),
        ("/admin/", 302),
        ("/nowhere/", 404),
        ("/forums/%00/", 404),
        ("/healthz", 200),
    ],
)
def test_every_class_of_answer_is_guarded(db, visitor, address, status):
    response = visitor.get(address)
    assert response.status_code == status
    assert is_guarded(response)


def test_answers_to_broken_requests_are_guarded(db, visitor):
    assert is_guarded(visitor.get("/", headers={"host": "evil.example"}))
    assert is_guarded(
        visitor.post("/accounts/login/", b"x" * (2 * 1024 * 1024 + 1), content_type="application/x-www-form-urlencoded")
    )
    assert is_guarded(Client(enforce_csrf_checks=True, raise_request_exception=False).post("/accounts/login/"))


def test_an_unchanged_page_is_guarded_too(db, visitor):
    first = visitor.get("/")
    again = visitor.get("/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert is_guarded(again)


# What comes in is clean ---------------------------------------------------------------------------------------------------

UNFIT = ["\x00", "\x1b[31m", "\u202ereversed", "\x7f", "\ufeff", "a\x00b"]


@pytest.mark.parametrize("unfit", UNFIT)
def test_an_address_with_what_nobody_types_is_not_found(db, visitor, unfit):
    for address in (f"/{unfit}/", f"/forums/{unfit}/", f"/members/{unfit}/", f"/avatars/{unfit}.webp"):
        assert visitor.get(address).status_code == 404


def test_broken_utf8_in_addresses_is_not_found(db, visitor):
    for address in ("/%ff%fe/", "/forums/%ed%a0%80/", "/members/%c0%80/", "/%"):
        assert visitor.get(address).status_code in {302, 404}


@pytest.mark.parametrize("name", ["before", "page", "next", "q", "order", "excerpt", "quote", "\x00"])
@pytest.mark.parametrize("value", ["%00", "%ed%a0%80", "%e2%80%ae", "%ff", "1", "-1", "9" * 400, "[" * 2000])
def test_no_query_breaks_a_page(db, visitor, name, value):
    for address in ("/", "/forums/", "/accounts/login/", "/help/"):
        assert visitor.get(f"{address}?{name}={value}").status_code in {200, 404}


def test_a_query_is_cleaned_before_anybody_reads_it():
    seen = {}

    def view(request):
        seen.update(request.GET.items())
        return type("Answer", (), {"status_code": 200})()

    CleanInput(view)(RequestFactory().get("/?q=a%00b%E2%80%AEc&%00n=1&kept=line%0Aend"))
    assert seen == {"q": "abc", "n": "1", "kept": "line\nend"}


def test_too_many_fields_are_refused_with_a_sentence(db, visitor):
    fields = "&".join(f"f{number}=1" for number in range(500))
    assert visitor.get(f"/?{fields}").status_code == 400
    response = visitor.post("/accounts/login/", fields, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert b"more fields" in response.content


@pytest.mark.parametrize("cookie", ["session=\x00", "csrf=\x00", "messages=\x00", "session=" + "x" * 4000, "=", ";;;", "\xff=\xff"])
def test_no_cookie_breaks_a_page(db, visitor, cookie):
    for address in ("/", "/inbox/", "/accounts/login/"):
        assert visitor.get(address, headers={"cookie": cookie}).status_code in {200, 302}


@pytest.mark.parametrize(
    "name",
    [
        "user-agent",
        "accept-language",
        "referer",
        "if-none-match",
        "accept",
        "x-forwarded-for",
        "hx-request",
        "sec-purpose",
        "origin",
    ],
)
@pytest.mark.parametrize("value", ["\x00", "\x00\x1b", "\xff\xfe", "en-\x00, *;q=x", "a" * 8000, ",,,;;;q="])
def test_no_header_breaks_a_page(db, visitor, name, value):
    for address in ("/", "/accounts/login/", "/help/", "/nowhere/"):
        assert visitor.get(address, headers={name: value}).status_code in {200, 404}


@pytest.mark.parametrize(
    "kind",
    [f"application/x-www-form-urlencoded; charset={name}" for name in ("base64", "rot13", "utf-7", "latin-1", "no-such", "utf8")]
    + ["text/plain; " + "x=1;" * 20_000, "multipart/form-data; charset=base64; boundary=x", ";;;=", "\xff; charset*=base64''x"],
)
def test_no_content_type_breaks_the_server(db, kind):
    for method, status in (("GET", {"200 OK"}), ("POST", {"200 OK", "400 Bad Request", "403 Forbidden"})):
        environ = RequestFactory()._base_environ(
            REQUEST_METHOD=method,
            PATH_INFO="/accounts/login/",
            QUERY_STRING="&".join("ab"),
            CONTENT_TYPE=kind,
            CONTENT_LENGTH="7",
        )
        environ["wsgi.input"] = io.BytesIO(b"login=x")
        said = []
        handler = WSGIHandler()
        handler.request_class = PlainRequest
        handler(environ, lambda line, headers, said=said: said.append(line))
        assert said[0] in status


def test_a_malformed_multipart_form_is_a_bad_request(db, visitor):
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300):
        response = visitor.generic("POST", "/accounts/login/", b"--x\r\nno", content_type=kind)
        assert response.status_code == 400
        assert b"could not make sense" in response.content


def test_two_megabytes_of_words_are_read_and_more_are_refused_in_our_clothes(db, visitor):
    form = "application/x-www-form-urlencoded"
    assert visitor.post("/accounts/login/", b"login=" + b"x" * 2_000_000, content_type=form).status_code == 200
    response = visitor.post("/accounts/login/", b"login=" + b"x" * 2_200_000, content_type=form)
    assert response.status_code == 413
    assert b"more than we can take at once" in response.content


def test_words_in_a_form_with_a_file_are_counted_too(db, visitor):
    response = visitor.post("/accounts/login/", {"body": "x" * 2_200_000, "picture": io.BytesIO(b"x")})
    assert response.status_code == 413


def test_a_body_of_untold_length_is_measured_while_it_is_read(db, visitor):
    def chunked(size):
        request = RequestFactory().post("/accounts/login/", content_type="application/x-www-form-urlencoded")
        request.environ.pop("CONTENT_LENGTH", None)
        request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
        request.environ["wsgi.input"] = io.BytesIO(b"body=" + b"x" * size)
        return request

    seen = []
    clean = CleanInput(lambda request: seen.append(request.POST["body"]) or type("Answer", (), {"status_code": 200})())
    clean(chunked(1000))
    assert seen == ["x" * 1000]
    with pytest.raises(RequestDataTooBig):
        clean(chunked(3_000_000))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "X"])
def test_no_method_breaks_a_page(db, visitor, method):
    for address in ("/", "/forums/", "/help/", "/accounts/login/", "/inbox/", "/admin/", "/kept/", "/write/preview/", "/nowhere/"):
        response = visitor.generic(method, address)
        assert response.status_code < 500
        if response.status_code == 405 and method != "HEAD":
            assert response["Allow"]
            assert b"cannot be used that way" in response.content


@hypothesis(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=40), query=st.text(max_size=40), cookie=st.text(max_size=40), agent=st.text(max_size=40))
def test_nothing_in_a_request_breaks_the_house(db, path, query, cookie, agent):
    visitor = Client(raise_request_exception=False)
    environ = {
        "PATH_INFO": "/" + path.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "HTTP_COOKIE": "session=" + cookie.encode("utf-8", "surrogatepass").decode("latin-1"),
        "HTTP_USER_AGENT": agent.encode("utf-8", "surrogatepass").decode("latin-1"),
    }
    assert visitor.generic("GET", "/", **environ).status_code < 500


# Who is here ---------------------------------------------------------------------------------------------------------------


def test_a_guests_pages_touch_no_session_and_set_no_cookie(db, visitor, django_assert_num_queries):
    for address in ("/help/", "/healthz", "/nowhere/"):
        with django_assert_num_queries(0):
            response = visitor.get(address)
        assert not response.cookies
    for address in ("/", "/forums/"):
        response = visitor.get(address)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


def test_a_member_costs_the_session_and_one_query(db, member, sign_in, django_assert_num_queries):
    client = sign_in(member)
    with django_assert_num_queries(2):
        assert client.get("/nowhere/").status_code == 404


def test_a_member_sees_times_in_their_own_zone_and_nobody_elses(db, sign_in):
    client = sign_in(make.user("far-away", time_zone="Pacific/Auckland"))
    client.get("/nowhere/")
    assert timezone.get_current_timezone_name() == "Pacific/Auckland"
    Client().get("/nowhere/")
    assert timezone.get_current_timezone_name() == "Europe/London"


def test_a_time_zone_that_is_no_more_does_no_harm(db, sign_in):
    client = sign_in(make.user("old-atlas", time_zone="Atlantis/Capital"))
    assert client.get("/nowhere/").status_code == 404


def test_what_a_member_sees_is_never_stored(db, member, owner, sign_in):
    client = sign_in(member)
    for address in ("/", "/forums/", "/nowhere/", "/accounts/email/", "/accounts/login/", "/inbox/", f"/members/{member}/"):
        response = client.get(address)
        assert response["Cache-Control"] == "no-store, private", address
    staff = sign_in(owner)
    for address in ("/admin/", "/admin/care/country/", "/admin/jsi18n/", "/admin/password_change/"):
        assert "no-store" in staff.get(address)["Cache-Control"], address


def test_signing_out_clears_what_the_browser_kept(db, member, sign_in):
    client = sign_in(member)
    assert "Clear-Site-Data" not in client.get("/")
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


# Private by default -----------------------------------------------------------------------------------------------------------


def test_own_pages_lead_a_guest_to_sign_in_before_any_look_up(db, visitor, member, django_assert_num_queries):
    for address in ("/inbox/", f"/members/{member}/", "/members/nobody/", "/wrote/", "/settings/"):
        with django_assert_num_queries(0):
            response = visitor.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/accounts/login/?next=")


def test_words_of_an_ended_session_come_back_with_a_way_to_post_them(db, visitor, member):
    words = {"body": "It took me all evening to write this.", "member": member_tag(member), "key": "k" * 24}
    topic = make.topic()
    for address in (f"{topic.get_absolute_url()}reply/", "/write/preview/"):
        page = visitor.post(address, words, headers={"sec-fetch-site": "same-origin"})
        assert page.status_code == 403
        assert b"It took me all evening" in page.content
        assert b"/kept/" in page.content


def test_a_strangers_form_is_not_kept(db, visitor):
    response = visitor.post("/write/preview/", {"body": "Buy now"}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 302


def test_our_script_learns_that_the_session_ended(db, visitor):
    response = visitor.post("/write/draft/", {"body": "Half a thought"}, headers={"hx-request": "true"})
    assert response.status_code == 401
    assert b"signed out" in response.content
    assert b"<html" not in response.content
