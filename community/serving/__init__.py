"""Keeping the web server and the worker running: what `demo` and `serve` share.

One process watches over the others. It starts them in sessions of their own, so that Ctrl-C reaches it alone and it can stop
them in order; the kernel stops them when it is killed; it starts them again when they die.

endings.py says how it ends; then addresses.py, readiness.py and processes.py, in the order in which serving begins.
"""

from .addresses import address_of, loopback, port_number, require_free
from .endings import CannotStart, Stopped, stop_on_signals
from .processes import NOT_FOR_PAGES, NOT_FOR_WORKER, STOP_SECONDS, Child, WebServer, keep_running, worker
from .readiness import embedded_database, let_go_of_database, require_durable, require_sound, require_worker_keys

__all__ = [
    "NOT_FOR_PAGES",
    "NOT_FOR_WORKER",
    "STOP_SECONDS",
    "CannotStart",
    "Child",
    "Stopped",
    "WebServer",
    "address_of",
    "embedded_database",
    "keep_running",
    "let_go_of_database",
    "loopback",
    "port_number",
    "require_durable",
    "require_free",
    "require_sound",
    "require_worker_keys",
    "stop_on_signals",
    "worker",
]
