"""Somebody opens the door and looks in."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import PASSWORD, faults, sign_in, sign_up


def test_a_stranger_opens_the_front_door(visit, scripts):
    page = visit(scripts=scripts)
    answer = page.goto("/")
    assert answer.status == 200
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("link", name="Get help now").first).to_be_visible()
    if scripts:
        assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_front_door_has_no_faults_in_any_light(visit, scheme, width):
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_style_sheet_and_the_script_arrive(page):
    seen = {}
    page.on("response", lambda response: seen.update({response.url: response.status}))
    page.goto("/")
    fetched = {url.rpartition(".")[2]: status for url, status in seen.items()}
    assert fetched["css"] == fetched["js"] == 200


def test_somebody_joins_and_signs_in_again(hearth, visit, scripts):
    name = "plover" if scripts else "dunnock"
    page = visit(scripts=scripts)
    sign_up(page, hearth, name, f"{name}@example.net")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    again = visit(scripts=scripts)
    sign_in(again, f"{name}@example.net", PASSWORD)
    expect(again.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_visitor_of_the_demo_is_the_member(page):
    sign_in(page, "member@example.org")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wren")
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()


def test_a_moderator_steps_behind_the_scenes_with_a_second_factor(hearth, page):
    sign_in(page, "moderator@example.org", code=hearth.recovery_code("moderator@example.org"))
    assert page.goto("/admin/").status == 200
    expect(page.get_by_role("link", name="Get help now").first).to_be_visible()


def test_the_demo_serves_with_the_rights_of_the_web_role_only(hearth, embedded):
    with embedded.connect() as connection:
        seen = connection.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = %s", [hearth.database]).fetchall()
    assert seen == [("hearth_web",)]
