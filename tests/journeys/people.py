"""What people do in many journeys."""

import json
import re
from email.message import EmailMessage
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from community.members.seed import DEMO_PASSWORD

PASSWORD = "seven slow otters"


def sign_in(page: Page, address: str, password: str = DEMO_PASSWORD, *, code: str = "") -> None:
    """Sign in by e-mail and password; staff also give a code: `code=hearth.recovery_code(address)`."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(address)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button.button-main").click()
    if code:
        page.locator("input[name=code]").fill(code)
        page.locator("form:has(input[name=code]) button.button-main").click()
    expect(page).not_to_have_url(re.compile("/accounts/"))


def sign_up(page: Page, hearth: Any, handle: str, address: str, password: str = PASSWORD) -> None:
    """Join as a stranger does, with the code from the mail."""
    page.goto("/accounts/signup/")
    page.locator("input[name=username]").fill(handle)
    page.locator("input[name=email]").fill(address)
    page.locator("input[name=password1]").fill(password)
    page.locator("input[name=age][value=over]").check()
    page.locator("input[name=rules]").check()
    page.locator("input[name=sensitive]").check()
    page.locator("form:has(input[name=username]) button.button-main").click()
    page.locator("input[name=code]").fill(code_in(hearth.next_mail(address)))
    page.locator("form:has(input[name=code]) button.button-main").click()
    expect(page).not_to_have_url(re.compile("/accounts/"))


def code_in(mail: EmailMessage) -> str:
    """The code that a mail of the house brings."""
    found = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{4})\s*$", mail.get_content(), re.MULTILINE)
    assert found, f"no code in: {mail.get_content()}"
    return found[1]


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, one line a fault; empty is what every page must be."""
    # Of a style sheet that imports another one axe would else make a copy in the page, which the content policy refuses.
    results = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [f"{fault['id']}: {node['html'][:160]}" for fault in results for node in fault["nodes"]]


# Who and what was here before -----------------------------------------------------------------------------------------

BEGUN = r"""
import json, sys
from community.members.models import User
from forums.models import Board, Mode
starter, title, body, replies, times = json.loads({told!r})
people = {{user.username: user for user in User.objects.all()}}
board = Board.objects.get(slug="caring-for-someone")
for _time in range(times):
    topic = board.start(people[starter], title=title, body=body, mode=Mode.LISTENING)
    for name, words in replies:
        topic.reply(people[name], words)
    sys.stdout.write(topic.get_absolute_url() + "\n")
"""


def address_of(handle: str) -> str:
    """Where the mail of somebody goes whom a journey brought."""
    return f"{handle.lower()}@example.net"


def bring(hearth: Any, *handles: str, role: str = "member") -> None:
    """Let people have joined before the journey begins; their password is PASSWORD."""
    for handle in handles:
        account = {"--handle": handle, "--email": address_of(handle), "--password": PASSWORD, "--role": role}
        hearth.manage("make_member", *(part for pair in account.items() for part in pair))


def begun(hearth: Any, starter: str, title: str, body: str, *replies: tuple[str, str]) -> str:
    """The address of a conversation that `starter` began before; each reply is a handle and words."""
    return begun_often(hearth, 1, starter, title, body, *replies)[0]


def begun_often(hearth: Any, times: int, starter: str, title: str, body: str, *replies: tuple[str, str]) -> list[str]:
    """The addresses of some conversations that look the same; many take hardly longer than one."""
    told = json.dumps([starter, title, body, replies, times])
    return hearth.manage("shell", "--no-imports", "--command", BEGUN.format(told=told)).split()
