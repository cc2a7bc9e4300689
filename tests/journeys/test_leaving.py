"""Somebody has to leave quickly, or needs help now, from whatever page they are on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, begun, bring, sign_in

OUTSIDE = re.compile("^https:")
ELSEWHERE = "https://www.bbc.co.uk/weather"
STAFF = "moderator@example.org"


@pytest.fixture
def stranger(visit):
    """`stranger()`: a page of a guest in whose browser the neutral page is a stand-in, as is the whole world outside."""

    def opened(**options) -> Page:
        page = visit(**options)
        page.context.route(OUTSIDE, lambda route: route.fulfill(content_type="text/html", body="<title>Rain later</title>"))
        return page

    return opened


def leave_by_key(page: Page) -> None:
    page.wait_for_load_state()  # before that no script listens
    for _time in range(3):
        page.keyboard.press("Shift")


def leave_by_click(page: Page) -> None:
    page.get_by_role("link", name="Leave quickly").click()


def test_without_script_leaving_is_a_plain_link(stranger):
    page = stranger(scripts=False)
    page.goto("/forums/")
    leave_by_click(page)
    expect(page).to_have_url(ELSEWHERE)
    expect(page).to_have_title("Rain later")


@pytest.mark.parametrize("leave", [leave_by_key, leave_by_click])
def test_leaving_takes_the_page_out_of_the_history(stranger, leave):
    page = stranger()
    page.goto("/help/")
    page.goto("/forums/")
    before = page.evaluate("history.length")
    leave(page)
    expect(page).to_have_url(ELSEWHERE)
    assert page.evaluate("history.length") == before
    page.go_back()
    expect(page).to_have_url("/help/")


def test_leaving_works_while_somebody_types_and_not_by_chance(stranger):
    page = stranger()
    page.goto("/accounts/signup/")
    page.get_by_label("A made-up name").press_sequentially("MEADOW Brown Moth")
    expect(page.get_by_label("A made-up name")).to_have_value("MEADOW Brown Moth")
    leave_by_key(page)
    expect(page).to_have_url(ELSEWHERE)


def test_the_page_is_blank_before_the_next_one_arrives(stranger):
    page = stranger()
    page.goto("/forums/")
    click = """() => {
        document.querySelector("[data-leave]").click();
        return [getComputedStyle(document.documentElement).display, document.title.trim()];
    }"""
    assert page.evaluate(click) == ["none", ""]
    expect(page).to_have_url(ELSEWHERE)


def test_leaving_forgets_the_words_of_an_ended_session(hearth, stranger):
    bring(hearth, "Mallow")
    where = begun(hearth, "Wren", "Who is there?", "Say hello.")
    page = stranger()
    sign_in(page, address_of("Mallow"), PASSWORD)
    page.goto(where)
    page.locator("textarea[name=body]").fill("Nobody else may read this.")
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Post reply").click()
    page.get_by_role("button", name="Sign in and post it").click()
    expect(page.locator("input[name=login]")).to_be_visible()
    with page.expect_request("**/leaving/"):
        leave_by_key(page)
    expect(page).to_have_url(ELSEWHERE)
    sign_in(page, address_of("Mallow"), PASSWORD)
    page.goto("/kept/")
    expect(page.get_by_text("Nobody else may read this.")).to_have_count(0)


def test_nothing_of_a_members_page_comes_back_after_signing_out(visit, hearth):
    page = visit()
    sign_in(page, "member@example.org")
    page.goto("/inbox/")
    page.goto("/settings/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    page.go_back()
    expect(page.locator("input[name=password]")).to_be_visible()
    expect(page.get_by_label("About you")).to_have_count(0)


# In reach -------------------------------------------------------------------------------------------------------------

PLACES = {
    "guest": ["/", "/help/", "/accounts/signup/", "/accounts/login/", "/forums/", "/nothing/stands/here/", "/agreements/"],
    "member": ["/", "/inbox/", "/settings/", "/forums/starting-again/new/", "/nothing/stands/here/", "/accounts/2fa/"],
    "moderator": ["/admin/", "/admin/forums/reply/", "/admin/login/"],
}


@pytest.mark.parametrize("role", PLACES)
def test_help_and_leaving_are_among_the_first_stops_of_the_tab_key(hearth, stranger, role, scripts):
    page = stranger(scripts=scripts, viewport={"width": 320, "height": 640})
    if role == "member":
        sign_in(page, "member@example.org")
    elif role == "moderator":
        sign_in(page, STAFF, code=hearth.recovery_code(STAFF))
    for address in PLACES[role]:
        page.goto(address)
        stops = []
        for _stop in range(4):
            page.keyboard.press("Tab")
            stops.append(page.locator(":focus").inner_text().strip())
            expect(page.locator(":focus")).to_be_in_viewport()
        assert "Get help now" in stops[:3], f"{address}: {stops}"
        assert "Leave quickly" in stops, f"{address}: {stops}"


def test_help_is_one_press_away_and_needs_no_script(stranger, scripts):
    page = stranger(scripts=scripts)
    page.goto("/nothing/stands/here/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/help/")
    expect(page.locator("a[href^='tel:']").first).to_be_visible()
