"""What people do in many journeys."""

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
    results = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {node['html'][:160]}" for fault in results for node in fault["nodes"]]
