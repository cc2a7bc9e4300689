"""How a rule answers: yes, or a no with a reason that a person can read."""

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True)
class Denied:
    """A no, with the sentence that the greyed button and the refusal page both say.

    `step` is an optional (label, address) pair: what the person can do next.
    """

    reason: str
    step: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return str(self.reason)


Verdict = Literal[True] | Denied


class Refused(PermissionDenied):
    """Raised by `require`; the 403 page shows its verdict."""

    def __init__(self, verdict: Denied) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


def require(verdict: Verdict) -> None:
    """Go on if the rule says yes, else answer 403 with the rule's reason."""
    if isinstance(verdict, Denied):
        raise Refused(verdict)
