"""A look at an address that somebody named: it goes to public machines only, sends nothing along and is over in five seconds."""

import socket
import ssl
import time
from itertools import cycle

import pytest

from resources import fetching
from resources.fetching import MOST_REDIRECTS, is_public, look
from resources.models import Fault, LinkState
from tests.resources.world import PUBLIC, certificate, line_to, said, server_context, serving

HERE = "https://a-quiet-shelf.net/page"


@pytest.fixture
def inside(monkeypatch):
    """What must never be reached: listeners on 127.0.0.1 and ::1, on the ports that could be asked for where we may open them."""
    families = [socket.AF_INET] + ([socket.AF_INET6] if socket.has_ipv6 else [])
    with serving(lambda asked: said("200 OK")) as four, serving(lambda asked: said("200 OK"), family=families[-1]) as six:
        # A connection to either machine on a web port would end at the listener.
        connect = socket.create_connection

        def led(address, *args, **options):
            number, port = address
            if port in (80, 443):
                return connect(("::1", six.port) if ":" in number else ("127.0.0.1", four.port), *args, **options)
            return connect(address, *args, **options)

        monkeypatch.setattr(socket, "create_connection", led)
        yield [four, six]


def came(servers) -> int:
    return sum(server.came for server in servers)


# Names of machines that nobody should be led to, however they are written; {port} is that of a listener.
WRITTEN = [
    "http://127.0.0.1/",
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.0x1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.0.0.0:{port}/",
    "http://[::1]/",
    "http://[::1]:{port}/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25lo]/",
    "http://localhost/",
    "http://localhost:{port}/",
    "http://LOCALHOST./",
    "http://printer/",
    "http://a:b@127.0.0.1/",
    "http://a-quiet-shelf.net@127.0.0.1/",
    "http://user:secret@a-quiet-shelf.net/",
    "http://127.0.0.1\\@a-quiet-shelf.net/",
    "http://a-quiet-shelf.net\\@127.0.0.1/",
    "http://127.0.0.1#@a-quiet-shelf.net/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/",
    "http://a-quiet-shelf.net:{port}/",
    "http://a-quiet-shelf.net:22/",
    "http://a-quiet-shelf.net:99999/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "dict://127.0.0.1:{port}/x",
    "javascript:alert(1)",
    "data:text/html,hello",
    "//127.0.0.1/",
    "http://",
    "http:///127.0.0.1/",
    "http://a-quiet-shelf.net\r\nHost: 127.0.0.1/",
    "http://a-quiet-shelf.net/\r\nX: y",
    "http://a quiet shelf.net/",
    "http://\x00127.0.0.1/",
    "http://[::1/",
    "http://" + "a" * 300 + ".net/",
    "http://..net/",
    "",
]


@pytest.mark.parametrize("address", WRITTEN, ids=ascii)
def test_a_hostile_address_reaches_nobody(inside, address):
    """Also where names mean this very machine."""
    said_here = lambda host, port: ["127.0.0.1"]  # noqa: E731
    for server in inside:
        answer = look(address.replace("{port}", str(server.port)), line=fetching.Line(numbers=said_here))
        assert answer.state in (None, LinkState.FAILING)
        assert answer.reason
    assert came(inside) == 0


NUMBERS = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.215.14", "::7f00:1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::5db8:d70e", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:10::1", "2002:7f00:1::"),
    *("2002:c0a8:101::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1"),
    *("2130706433", "0x7f000001", "127.1", "", "a name", "127.0.0.1\n"),
]


@pytest.mark.parametrize("number", NUMBERS, ids=ascii)
def test_a_name_that_means_a_machine_inside_reaches_nobody(inside, number):
    for numbers in ([number], [PUBLIC, number]):
        assert look(HERE, line=fetching.Line(numbers=lambda host, port, found=numbers: found)) == (
            LinkState.FAILING,
            Fault.INSIDE,
            0,
            "",
        )
    assert came(inside) == 0


@pytest.mark.parametrize("number", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
def test_a_public_number_is_public(number):
    assert is_public(number)


@pytest.mark.parametrize("address", [each for each in WRITTEN if "://" in each or each.startswith("//")], ids=ascii)
def test_a_redirect_is_checked_as_the_first_address(inside, address):
    port = inside[0].port
    numbers = lambda host, port: ["127.0.0.1"] if "localhost" in host else [PUBLIC]  # noqa: E731
    location = address.replace("{port}", str(port)).replace("\r\n", " ")
    with serving(
        lambda asked: said("302 Found", Location=location) if asked.endswith("/page") else said("404 Not Found")
    ) as server:
        answer = look("http://a-quiet-shelf.net/page", line=line_to(server, numbers=numbers))
    assert answer.state in (None, LinkState.FAILING)
    assert came(inside) == 0


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_name_that_changes_its_number_between_two_questions_gains_nothing(inside, status):
    """First the public number, then one inside: each question goes to a number that was checked for it."""
    answers = cycle([[PUBLIC], ["127.0.0.1"], ["::1"]])
    with serving(lambda asked: said(status, Location="/again")) as server:
        line = line_to(server, numbers=lambda host, port: next(answers))
        assert look("http://a-quiet-shelf.net/page", line=line).fault == Fault.INSIDE
        assert server.came == 1
    with serving(lambda asked: said("405 Not Allowed")) as server:
        answers = cycle([[PUBLIC], ["127.0.0.1"]])
        assert look("http://a-quiet-shelf.net/page", line=line).fault in (Fault.INSIDE, Fault.SILENT)
    assert came(inside) == 0


def test_it_connects_to_the_number_that_was_checked_and_asks_once_for_it():
    asked, connected = [], []

    def numbers(host, port):
        asked.append((host, port))
        return [PUBLIC]

    with serving(lambda question: said("200 OK")) as server:
        line = line_to(server, numbers=numbers)

        def connect(number, port, seconds):
            connected.append((number, port))
            return line.connect(number, port, seconds)

        assert look("http://a-quiet-shelf.net/page", line=line._replace(connect=connect)).state == LinkState.FINE
    assert asked == [("a-quiet-shelf.net", 80)]
    assert connected == [(PUBLIC, 80)]


def test_the_next_machine_of_a_name_is_tried():
    with serving(lambda question: said("200 OK")) as server:
        line = line_to(server, numbers=lambda host, port: ["1.1.1.1", PUBLIC])

        def connect(number, port, seconds):
            if number == "1.1.1.1":
                raise ConnectionRefusedError
            return line.connect(number, port, seconds)

        assert look("http://a-quiet-shelf.net/", line=line._replace(connect=connect)).state == LinkState.FINE


# What is sent -----------------------------------------------------------------------------------------------------------


def test_it_says_who_it_is_and_nothing_else(settings):
    settings.SITE_URL = "https://hearth.test"
    answers = {"HEAD": said("302 Found", Location="/next?q=ü", Set_Cookie="id=1"), "GET": said("200 OK")}
    with serving(lambda asked: answers["HEAD"] if asked.endswith("/page") else said("200 OK")) as server:
        assert look("http://a-quiet-shelf.net/page#part", line=line_to(server)).state == LinkState.FINE
    first, second = server.asked
    assert first.startswith("HEAD /page HTTP/1.1\r\nHost: a-quiet-shelf.net\r\n")
    assert second.startswith("HEAD /next?q=%C3%BC HTTP/1.1\r\n")
    for question in server.asked:
        assert "+https://hearth.test/" in question
        assert not any(f"{name}:" in question.lower() for name in ("cookie", "referer", "origin", "authorization"))


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 500, 501])
def test_where_the_head_is_refused_the_page_is_asked_for(status):
    with serving(lambda asked: said(f"{status} No") if asked.startswith("HEAD") else said("200 OK")) as server:
        assert look("http://a-quiet-shelf.net/page", line=line_to(server)) == (LinkState.FINE, None, 200, "")
    assert [question.split()[0] for question in server.asked] == ["HEAD", "GET"]


# What is found ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "fault"),
    [
        ("200 OK", LinkState.FINE, None),
        ("204 No Content", LinkState.FINE, None),
        ("401 Unauthorized", LinkState.LOCKED, None),
        ("402 Payment Required", LinkState.LOCKED, None),
        ("403 Forbidden", LinkState.LOCKED, Fault.BARRED),
        ("404 Not Found", LinkState.FAILING, Fault.GONE),
        ("410 Gone", LinkState.FAILING, Fault.GONE),
        ("451 Unavailable", LinkState.FAILING, Fault.GONE),
        ("500 Error", LinkState.FAILING, Fault.ERROR),
        ("502 Bad Gateway", LinkState.FAILING, Fault.ERROR),
        ("429 Too Many", None, Fault.BUSY),
        ("503 Unavailable", None, Fault.BUSY),
        ("304 Not Modified", LinkState.FAILING, Fault.NONSENSE),
        ("302 Found", LinkState.FAILING, Fault.NONSENSE),
    ],
)
def test_each_status_is_one_word(status, state, fault):
    with serving(lambda asked: said(status)) as server:
        answer = look("http://a-quiet-shelf.net/page", line=line_to(server))
    assert answer == (state, fault, int(status[:3]), "")
    assert bool(answer.reason) == bool(fault)


def steps(*statuses: str, end: str = "200 OK"):
    """Sends on from /0 to /1 and so on, then ends."""
    return lambda asked: (
        said(f"{statuses[number]} On", Location=f"/{number + 1}")
        if (number := int(asked.rpartition("/")[2])) < len(statuses)
        else said(end)
    )


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        (["301"], "/1"),
        (["308", "301"], "/2"),
        (["302"], ""),
        (["301", "302"], "/1"),
        (["307", "301"], ""),
        (["301", "301", "301"], "/3"),
    ],
)
def test_only_what_moved_for_good_has_moved(statuses, moved_to):
    with serving(steps(*statuses)) as server:
        answer = look("http://a-quiet-shelf.net/0", line=line_to(server))
    assert answer.state == (LinkState.MOVED if moved_to else LinkState.FINE)
    assert answer.moved_to == (f"http://a-quiet-shelf.net{moved_to}" if moved_to else "")


def test_of_what_sends_on_and_on_nothing_is_said():
    with serving(steps(*["301"] * 9)) as server:
        assert look("http://a-quiet-shelf.net/0", line=line_to(server)).fault == Fault.CIRCLES
    assert server.came == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "door", ["/login?next=/0", "/account/signin", "/users/sign_in", "/wp-login.php", "http://login.shelf.net/x"]
)
def test_a_way_that_ends_where_one_signs_in_is_locked_and_the_door_is_not_knocked_at(door):
    with serving(lambda asked: said("302 Found", Location=door)) as server:
        assert look("http://a-quiet-shelf.net/0", line=line_to(server)).state == LinkState.LOCKED
    assert server.came == 1


@pytest.mark.parametrize("page", ["/authors/login-stories", "/blog/signing-in-the-rain", "/loginov"])
def test_a_page_with_such_a_word_in_its_name_is_no_door(page):
    with serving(lambda asked: said("302 Found", Location=page) if asked.endswith("/0") else said("200 OK")) as server:
        assert look("http://a-quiet-shelf.net/0", line=line_to(server)).state == LinkState.FINE


# Certificates -----------------------------------------------------------------------------------------------------------


def test_a_certificate_of_their_own_making_is_said_so(tmp_path):
    with serving(lambda asked: said("200 OK"), tls=server_context(*certificate(tmp_path, "a-quiet-shelf.net"))) as server:
        answer = look(HERE, line=line_to(server))
    assert answer[:2] == (LinkState.FAILING, Fault.UNSAFE)
    assert "certificate" in answer.reason
    assert server.asked == []


@pytest.mark.parametrize("name", ["a-quiet-shelf.net", "somebody-else.net"])
def test_the_certificate_must_be_that_of_the_name_though_a_number_was_called(tmp_path, name):
    paths = certificate(tmp_path, name)
    trust = lambda: ssl.create_default_context(cafile=str(paths[0]))  # noqa: E731
    named = []
    tls = server_context(*paths)
    tls.sni_callback = lambda sock, host, context: named.append(host)
    with serving(lambda asked: said("200 OK"), tls=tls) as server:
        answer = look(HERE, line=line_to(server, trust=trust))
    assert named == ["a-quiet-shelf.net"]
    assert answer.state == (LinkState.FINE if name == "a-quiet-shelf.net" else LinkState.FAILING)


# Time and size ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.6)


def slowly(pieces, pause):
    for piece in pieces:
        yield piece
        time.sleep(pause)


def test_whoever_trickles_is_left_after_the_time_for_it_all(hurried):
    drops = lambda asked: slowly([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 90], 0.1)  # noqa: E731
    with serving(drops) as server:
        began = time.monotonic()
        assert look("http://a-quiet-shelf.net/", line=line_to(server)) == (LinkState.FAILING, Fault.SILENT, 0, "")
    assert time.monotonic() - began < 3


def test_redirects_share_one_time(hurried):
    with serving(lambda asked: slowly([b"", said("302 Found", Location="/on")], 0.25)) as server:
        began = time.monotonic()
        assert look("http://a-quiet-shelf.net/", line=line_to(server)).fault == Fault.SILENT
    assert time.monotonic() - began < 3


def test_a_name_that_takes_for_ever_is_left(hurried):
    began = time.monotonic()
    assert look(HERE, line=fetching.Line(numbers=lambda host, port: time.sleep(2) or [PUBLIC])).fault == Fault.SILENT
    assert time.monotonic() - began < 1.5


def test_whoever_says_too_much_is_not_listened_to():
    sent = []

    def flood(asked):
        yield b"HTTP/1.1 200 OK\r\n"
        for number in range(200):
            sent.append(number)
            yield b"X: " + b"y" * 60_000 + b"\r\n"

    with serving(flood) as server:
        assert look("http://a-quiet-shelf.net/", line=line_to(server)).fault == Fault.NONSENSE
    assert len(sent) < 100


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 200,
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 twelve OK\r\n\r\n",
        b"HTTP/9 200\r\n\r\n",
        b"<html>" * 99,
        b"HTTP/1.1 100 \r\n\r\n" * 9,
    ],
)
def test_nonsense_is_failing_and_never_an_error(answer):
    with serving(lambda asked: answer) as server:
        assert look("http://a-quiet-shelf.net/", line=line_to(server)).state == LinkState.FAILING


@pytest.mark.parametrize(
    ("problem", "state", "fault"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no"), LinkState.FAILING, Fault.NAME),
        (socket.gaierror(socket.EAI_AGAIN, "later"), None, Fault.OURS),
        (UnicodeError("label"), LinkState.FAILING, Fault.NONSENSE),
        (TimeoutError(), LinkState.FAILING, Fault.SILENT),
    ],
)
def test_trouble_with_a_name_is_told_from_trouble_of_ours(problem, state, fault):
    def numbers(host, port):
        raise problem

    assert look(HERE, line=fetching.Line(numbers=numbers))[:2] == (state, fault)


def test_a_house_without_a_way_out_blames_nobody():
    def connect(number, port, seconds):
        raise OSError(101, "Network is unreachable")

    assert look(HERE, line=fetching.Line(lambda host, port: [PUBLIC], connect)) == (None, Fault.OURS, 0, "")
