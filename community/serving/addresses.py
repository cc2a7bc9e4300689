"""The address to listen on: what the command line may name, and whether it is free."""

import argparse
import errno
import ipaddress
import socket
import time

from .endings import CannotStart


def loopback(host: str) -> str:
    """The loopback address that `host` names. Raises CannotStart for any other host."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise CannotStart(f"The demo is for this machine only and won't listen on {host}. For real, use ./run serve.")
    return str(address)


def port_number(text: str) -> int:
    """A port as the command line names it."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def address_of(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_free(host: str, port: int, *, patience: float = 0) -> None:
    """Make sure that we can listen there, giving those who are just leaving `patience` seconds. Raises CannotStart."""
    deadline = time.monotonic() + patience
    while (problem := _trouble_listening(host, port)) is not None:
        if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise _cannot_listen(host, port, problem) from problem
        time.sleep(0.1)


def _trouble_listening(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # Connections that are closing are no obstacle, somebody who listens is: the server itself would share the port.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as problem:
            return problem
    return None


def _cannot_listen(host: str, port: int, problem: OSError) -> CannotStart:
    if problem.errno == errno.EADDRINUSE:
        return CannotStart(f"Port {port} is taken by another program. Choose another one: --port {port + 1}")
    if problem.errno == errno.EACCES:
        return CannotStart(f"Port {port} is for the system. Choose one above 1023, such as --port 8000")
    return CannotStart(f"Can't listen on {host}, port {port}: {problem.strerror}.")
