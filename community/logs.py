"""Logs hold no post text, no address and never a member together with a post."""

import logging
from typing import Any


class WithoutDetail(logging.Formatter):
    """PostgreSQL puts the values of a row that it refused into a DETAIL line; it stays out of the log."""

    def formatException(self, exc_info: Any) -> str:
        lines = super().formatException(exc_info).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:")))
