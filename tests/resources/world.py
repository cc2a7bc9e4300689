"""A small world to look at: servers on this machine, and names that lead to them only where a test says so."""

import contextlib
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from resources import fetching

# A number that is public, and that nobody here ever reaches: the line leads it to a server of the test.
PUBLIC = "93.184.215.14"


class Server:
    """Answers every question with what `answers` says of "METHOD host/path"; counts who came in and keeps what was asked."""

    def __init__(self, answer: Callable[[str], bytes], *, family: socket.AddressFamily = socket.AF_INET, tls=None) -> None:
        self.answer, self.tls, self.came, self.asked = answer, tls, 0, []
        self.socket = socket.socket(family)
        self.socket.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.socket.listen(20)
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _address = self.socket.accept()
            except OSError:
                return
            self.came += 1
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            sock.settimeout(5)
            question = sock.recv(65536).decode("latin-1")
            self.asked.append(question)
            line, *headers = question.split("\r\n")
            host = next((each[6:] for each in headers if each.lower().startswith("host: ")), "")
            answer = self.answer(f"{line.split(' ')[0]} {host}{line.split(' ')[1]}")
            for piece in [answer] if isinstance(answer, bytes) else answer:
                sock.sendall(piece)

    def close(self) -> None:
        # Closing alone does not wake who waits in accept().
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(2)


@contextlib.contextmanager
def serving(answer: Callable[[str], bytes], **options) -> Iterator[Server]:
    server = Server(answer, **options)
    try:
        yield server
    finally:
        server.close()


def said(status: str, **headers: str) -> bytes:
    """An answer without a page."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


def line_to(server: Server | None, *, numbers: Callable[[str, int], list[str]] | None = None, trust=None) -> fetching.Line:
    """Every name has the public number unless `numbers` says otherwise; that number alone leads to the server.

    Whatever else was let through would be connected to as it is.
    """

    def connect(number: str, port: int, seconds: float) -> socket.socket:
        if number == PUBLIC and server is not None:
            return socket.create_connection(("127.0.0.1", server.port), timeout=seconds)
        return socket.create_connection((number, port), timeout=seconds)

    parts = {"numbers": numbers or (lambda host, port: [PUBLIC]), "connect": connect}
    return fetching.Line(**parts, **({"trust": trust} if trust else {}))


class World:
    """What each address answers, by address without scheme; what nobody told of is there. Counts what was asked of each site."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()

    def answer(self, question: str) -> bytes:
        address = question.partition(" ")[2]
        self.asked[address] += 1
        return self.pages.get(address, said("200 OK"))


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for `name` that its holder signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*kind))
    return paths


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
