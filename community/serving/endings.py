"""How serving ends: because it can't go on, or because somebody asked it to stop."""

import signal
from typing import NoReturn


class CannotStart(SystemExit):
    """Serving can't begin or go on. Python itself tells the sentence to the person at the keyboard, and ends."""


def stop_on_signals() -> None:
    """Make Ctrl-C, TERM and a closed terminal end this process by an exception, so that everything is tidied up."""

    def stop(*_: object) -> NoReturn:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an error, and nothing on the way may take it for one."""
