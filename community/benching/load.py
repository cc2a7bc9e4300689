"""The process that asks. It knows nothing of Django: orders come as lines of JSON, and each is answered with one.

An order is {port, path, method, headers, body, conditional, count, seconds, connections}; the answer tells how long each request
took in milliseconds, and how often which status came. Where NUMBER stands in the body, each request has a number of its own: the
same words twice are one post. It ends when nobody orders any more.
"""

import itertools
import json
import socket
import sys
import threading
import time
from collections import Counter
from typing import Any

# As many digits as a number has.
NUMBER = "NNNNNNNNNNNN"
# A page that takes longer than this is no page.
LONGEST_SECONDS = 20


class Line:
    """One kept connection to the server."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.etag = order["headers"].get("If-None-Match", "")
        self.socket = socket.create_connection(("127.0.0.1", order["port"]), timeout=LONGEST_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = b""
        self._prepare()

    def _prepare(self) -> None:
        order = self.order
        body = order.get("body", "").encode()
        headers = {"Host": f"127.0.0.1:{order['port']}", **order["headers"]}
        if order.get("conditional"):
            headers["If-None-Match"] = self.etag
        if body:
            headers |= {"Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.request = f"{order.get('method', 'GET')} {order['path']} HTTP/1.1\r\n{head}\r\n".encode() + body

    def ask(self, number: int = 0) -> int:
        """Ask once and read all of the answer; its status."""
        self.socket.sendall(self.request.replace(NUMBER.encode(), b"%012d" % number))
        while b"\r\n\r\n" not in self.left:
            self._read()
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        status = int(head[9:12])
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = 0 if status == 304 else int(headers.get(b"content-length", 0))
        while len(self.left) < length:
            self._read()
        self.left = self.left[length:]
        if self.order.get("conditional") and status == 200:
            # The page has changed meanwhile; a browser would keep the new one.
            self.etag = headers[b"etag"].decode()
            self._prepare()
        return status

    def _read(self) -> None:
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("The server hung up.")
        self.left += more


def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    took: list[float] = []
    statuses: Counter[str] = Counter()
    troubles: list[str] = []
    paths = order.get("paths") or [order["path"]]
    lines = [Line(order | {"path": paths[place % len(paths)]}) for place in range(order["connections"])]
    numbers, deadline = itertools.count(), time.monotonic() + order["seconds"]
    # No request takes less than a tenth of a millisecond, so the next order begins beyond the last number of this one.
    first = time.time_ns() // 100_000 % 10**12

    def go(line: Line) -> None:
        try:
            while (number := next(numbers)) < order["count"] and time.monotonic() < deadline:
                begun = time.perf_counter()
                status = line.ask(first + number)
                took.append((time.perf_counter() - begun) * 1000)
                statuses[str(status)] += 1
        except (OSError, ValueError, KeyError) as problem:
            troubles.append(repr(problem))

    begun = time.perf_counter()
    threads = [threading.Thread(target=go, args=[line]) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    for line in lines:
        line.socket.close()
    return {"took": took, "statuses": statuses, "seconds": seconds, "troubles": troubles}


def main() -> None:
    for order in sys.stdin:
        sys.stdout.write(json.dumps(carry_out(json.loads(order))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
