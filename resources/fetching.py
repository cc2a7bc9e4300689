"""One polite look at an address that somebody named, in a world that may be hostile; only the worker does this.

What is asked is checked first: the name is looked up, every number it has must be that of a public machine, and the connection goes
to the number that was checked, never to the name again. Each redirect is checked the same way. Nothing is sent but the question
itself: no cookie, no word about where the link stands. Nothing of a page is read but its head.
"""

import errno
import http.client
import io
import ipaddress
import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple, cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

from .models import Fault, LinkState

SECONDS = 5.0
MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3
# Of the numbers that a name has, so many are tried.
MOST_MACHINES = 3
PORTS = {"http": 80, "https": 443}

_NO_HEAD = frozenset({400, 403, 404, 405, 406, 500, 501})
_LASTING = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_OURS = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL})

_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNWRITTEN = re.compile("[\x00-\x20\x7f\\\\]")
_DOOR = re.compile(
    r"/(?:log-?in|sign-?in|sso|auth|authenticate|session/new|sessions/new|(?:users|account|accounts|user)/(?:login|sign_in|signin)"
    r"|wp-login\.php|login\.\w{2,5}|signin\.\w{2,5})(?:/|$)",
    re.IGNORECASE,
)
_DOOR_HOST = re.compile(r"(?:login|signin|sso|auth|accounts|idp)\.", re.IGNORECASE)

# The numbers of machines that are nobody's, somebody's own, or a way round to either; beside what is not global anyway.
_NOT_PUBLIC = [
    ipaddress.ip_network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
        # The second is where a large host of machines keeps what each may know of itself.
        *("198.18.0.0/15", "168.63.129.16/32", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
]
# All that is public in IPv6. What wraps up an IPv4 number (mapped, compatible, NAT64) lies outside.
_PUBLIC_6 = ipaddress.ip_network("2000::/3")


class Answer(NamedTuple):
    """What was found. Without a `state` nothing can be said about the page: the site is busy, or we are the trouble."""

    state: LinkState | None
    fault: Fault | None = None
    status: int = 0
    # Where it has gone for good.
    moved_to: str = ""

    @property
    def reason(self) -> str:
        return str(self.fault.label) if self.fault else ""


class NotAsked(Exception):
    """It is not asked: it leads where nobody should be led."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _numbers(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _connect(number: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((number, port), timeout=seconds)


class Line(NamedTuple):
    """The way out: how a name gets its numbers, how a number is reached, and whose certificates are believed."""

    numbers: Callable[[str, int], list[str]] = _numbers
    connect: Callable[[str, int, float], socket.socket] = _connect
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


DIRECT = Line()


def look(address: str, *, line: Line = DIRECT) -> Answer:
    """Does it open? Takes five seconds at most and never raises, whatever the other side does."""
    until = monotonic() + SECONDS
    try:
        return _follow(address, until, line)
    except NotAsked as no:
        return Answer(None if no.fault == Fault.PORT else LinkState.FAILING, no.fault)
    except socket.gaierror as problem:
        return Answer(None, Fault.OURS) if problem.errno == socket.EAI_AGAIN else Answer(LinkState.FAILING, Fault.NAME)
    except ssl.SSLEOFError:
        return Answer(LinkState.FAILING, Fault.SILENT)
    except ssl.SSLError:
        return Answer(LinkState.FAILING, Fault.UNSAFE)
    except OSError as problem:
        return Answer(None, Fault.OURS) if problem.errno in _OURS else Answer(LinkState.FAILING, Fault.SILENT)
    except (http.client.HTTPException, ValueError):
        return Answer(LinkState.FAILING, Fault.NONSENSE)


def _follow(address: str, until: float, line: Line) -> Answer:
    moved_to, is_lasting = "", True
    for _hop in range(MOST_REDIRECTS + 1):
        status, location = _ask_briefly(address, until, line)
        if status not in _REDIRECTS or not location:
            return _judged(status, moved_to)
        address = urljoin(address, location)
        if _is_door(address):
            return Answer(LinkState.LOCKED, None, status)
        is_lasting = is_lasting and status in _LASTING
        moved_to = address if is_lasting else moved_to
    return Answer(None, Fault.CIRCLES, status)


def _judged(status: int, moved_to: str) -> Answer:
    if 200 <= status <= 300:
        return Answer(LinkState.MOVED if moved_to else LinkState.FINE, None, status, moved_to)
    if status in (401, 402, 407):
        return Answer(LinkState.LOCKED, None, status)
    if status == 403:
        return Answer(LinkState.LOCKED, Fault.BARRED, status)
    if status in _BUSY:
        return Answer(None, Fault.BUSY, status)
    if status < 400:
        return Answer(LinkState.FAILING, Fault.NONSENSE, status)
    return Answer(LinkState.FAILING, Fault.GONE if status < 500 else Fault.ERROR, status)


def _is_door(address: str) -> bool:
    """Is this where one signs in?"""
    parts = urlsplit(address)
    return bool(_DOOR.search(parts.path) or _DOOR_HOST.match(parts.hostname or ""))


# One question -----------------------------------------------------------------------------------------------------------


def _ask_briefly(address: str, until: float, line: Line) -> tuple[int, str]:
    """Ask for the head; where a site does not know that, for the page."""
    status, location = _ask("HEAD", address, until, line)
    return _ask("GET", address, until, line) if status in _NO_HEAD else (status, location)


def _ask(method: str, address: str, until: float, line: Line) -> tuple[int, str]:
    """The status, and where it sends on."""
    parts, host, port = _place(address)
    with _reach(host, port, until, line) as plain:
        plain.settimeout(_left(until))
        if parts.scheme == "http":
            return _answer(method, plain, parts, host, port, until)
        with line.trust().wrap_socket(plain, server_hostname=host) as sock:
            return _answer(method, sock, parts, host, port, until)


def _place(address: str) -> tuple[SplitResult, str, int]:
    """An address taken apart, its host a name in ASCII. Raises NotAsked for what is no address on the open web."""
    if _UNWRITTEN.search(address.strip(" ")):
        raise NotAsked(Fault.INSIDE)
    parts = urlsplit(address.strip(" "))
    if parts.scheme not in PORTS or "@" in parts.netloc:
        raise NotAsked(Fault.INSIDE)
    host = (parts.hostname or "").encode("idna").decode("ascii").lower().removesuffix(".")
    # A name ends in letters; whatever does not is some way to write the number of a machine.
    if not _NAME.fullmatch(host):
        raise NotAsked(Fault.INSIDE)
    port = parts.port or PORTS[parts.scheme]
    if port not in PORTS.values():
        raise NotAsked(Fault.PORT)
    return parts, host, port


def _reach(host: str, port: int, until: float, line: Line) -> socket.socket:
    """A connection to one of the machines of this name, all of which were checked."""
    numbers = list(dict.fromkeys(_in_time(lambda: line.numbers(host, port), until)))
    if not numbers or not all(is_public(number) for number in numbers):
        raise NotAsked(Fault.INSIDE)
    for number in numbers[:MOST_MACHINES]:
        try:
            return line.connect(number, port, _left(until))
        except OSError as problem:
            last = problem
    raise last


def is_public(number: str) -> bool:
    """Is this the number of a machine that is open to the whole world?"""
    try:
        machine = ipaddress.ip_address(number)
    except ValueError:
        return False
    if not machine.is_global or machine.is_multicast or machine.is_reserved:
        return False
    if machine.version == 6 and machine not in _PUBLIC_6:
        return False
    return not any(machine in net for net in _NOT_PUBLIC if net.version == machine.version)


def _in_time(ask: Callable[[], list[str]], until: float) -> list[str]:
    """What `ask` says; looking up a name knows no time limit of its own."""
    said: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def run() -> None:
        try:
            said.put(ask())
        except (OSError, UnicodeError) as problem:
            said.put(problem)

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = said.get(timeout=_left(until))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _left(until: float) -> float:
    """The seconds that are left; raises TimeoutError when there are none."""
    if (left := until - monotonic()) <= 0:
        raise TimeoutError
    return left


def _answer(method: str, sock: socket.socket, parts: SplitResult, host: str, port: int, until: float) -> tuple[int, str]:
    place = host if port == PORTS[parts.scheme] else f"{host}:{port}"
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{query}" if (query := _escaped(parts.query)) else "")
    sock.settimeout(_left(until))
    sock.sendall(
        f"{method} {target} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {user_agent()}\r\nAccept: text/html, */*;q=0.8\r\n"
        "Accept-Encoding: identity\r\nConnection: close\r\n\r\n".encode("ascii", "replace")
    )
    with http.client.HTTPResponse(cast(Any, _Ear(sock, until)), method=method) as response:
        response.begin()
        return response.status, _location(response.getheader("Location") or "")


def _escaped(query: str) -> str:
    return quote(query, safe="/?%:@!$&'()*+,;=~[]")


def _location(header: str) -> str:
    """A header is read letter by letter; sites write UTF-8."""
    return header.encode("latin-1", "replace").decode("utf-8", "replace").strip()


def user_agent() -> str:
    """Who asks, and where its people can be found."""
    return f"Hearth-link-check/1 (looks now and then whether links of a library still open; +{settings.SITE_URL}/)"


class _Ear(io.RawIOBase):
    """Listens until the time is over or more was said than anybody needs, however slowly it comes."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock, self.until, self.heard = sock, until, 0

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(_left(self.until))
        got = self.sock.recv_into(buffer)
        self.heard += got
        if self.heard > MOST_BYTES:
            raise http.client.HTTPException("It says too much.")
        return got
