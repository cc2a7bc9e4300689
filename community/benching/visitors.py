"""Who comes to a measured page: a guest, a guest who has kept a copy, a member with a session, a volunteer at the desk."""

import http.cookiejar
import re
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt

from community.members.seed import DEMO_PASSWORD, DemoAccount

MEMBER, VOLUNTEER = "member@example.org", "moderator@example.org"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ASSET = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"')
# What any browser of these years says.
ACCEPTED = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en-GB"}


class WrongAnswer(Exception):
    """A page did not answer as it should; what is measured then would be something else."""


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def compressed_kb(self) -> float:
        """kB over the line: as sent, or as a proxy in front would compress it (gzip, level 6)."""
        if self.headers.get("Content-Encoding"):
            return len(self.body) / 1000
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        return len(packer.compress(self.body) + packer.flush()) / 1000


@dataclass
class Visitor:
    """Somebody with a browser's jar of cookies."""

    home: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(self, path: str, headers: dict[str, str] | None = None, *, data: dict[str, str] | None = None) -> Answer:
        """One answer, wherever it leads: no redirect is followed."""
        wanted = {"Referer": self.home + path} | (headers or {})
        request = urllib.request.Request(  # noqa: S310 an address of our own server
            self.home + path, data=urlencode(data).encode() if data is not None else None, headers=wanted
        )
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Unfollowed())
        try:
            with opener.open(request, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read())

    def token(self, path: str) -> str:
        found = _TOKEN.search(self.ask(path).text)
        if found is None:
            raise WrongAnswer(f"There is no form at {path}.")
        return found[1]

    def sign_in(self, who: str = MEMBER) -> "Visitor":
        """With the second step, for whoever has one."""
        self._step("/accounts/login/", who, login=who, password=DEMO_PASSWORD)
        factor = Authenticator.objects.filter(user__email=who, type=Authenticator.Type.TOTP).first()
        if factor is not None:
            account = DemoAccount("", "", who, DEMO_PASSWORD, decrypt(factor.data["secret"]))
            self._step("/accounts/2fa/authenticate/", who, code=account.code)
        return self

    def _step(self, path: str, who: str, **told: str) -> None:
        answer = self.ask(path, data={"csrfmiddlewaretoken": self.token(path), **told})
        if answer.status != 302:
            raise WrongAnswer(f"Signing in as {who} answered {answer.status} at {path}.")

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def assets_kb(self, page: Answer) -> float:
        """The style sheets and scripts of a page, compressed as a browser gets them."""
        accepted = {"Accept-Encoding": ACCEPTED["Accept-Encoding"]}
        return sum(self.ask(path, accepted).compressed_kb for path in set(_ASSET.findall(page.text)))


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
