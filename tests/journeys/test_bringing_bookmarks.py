"""A moderator brings ten years of bookmarks."""

import json

from playwright.sync_api import Page, expect

from tests.journeys.people import DEMO_PASSWORD, sign_in

STAFF = "moderator@example.org"


def years_of_bookmarks(place: str) -> str:
    rows = "".join(
        f'<DT><A HREF="https://{place}.example.org/{n}?utm_source=mail" ADD_DATE="{1300000000 + n * 9000}">For the night, {n}</A>\n'
        for n in range(120)
    )
    return (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><DT><H3>Nights</H3><DL>\n"
        f'{rows}<DT><A HREF="http://{place}.example.org/5/">The fifth again</A>\n'
        '<DT><A HREF="place:sort=8">Most visited</A>\n</DL></DL>\n'
    )


def choose(page: Page, name: str, content: str) -> None:
    page.goto("/resources/import/")
    page.get_by_label("The file").set_input_files({"name": name, "mimeType": "text/html", "buffer": content.encode()})
    page.get_by_role("button", name="See what is in it").click()


def test_a_moderator_brings_ten_years_of_bookmarks(visit, hearth, scripts):
    page = visit(scripts=scripts)
    sign_in(page, STAFF, DEMO_PASSWORD, code=hearth.recovery_code(STAFF))
    place = "lamps" if scripts else "kettles"

    # The wrong file says so, and nothing is lost.
    choose(page, "holiday.png", "\x89PNG\r\n\x1a\n\0\0\0\0 a picture")
    expect(page.locator("[data-error-summary]")).to_be_visible()

    # The right one shows what is in it, row by row, before anything is brought in.
    choose(page, f"ten years of {place}.html", years_of_bookmarks(place))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"ten years of {place}.html")
    expect(page.get_by_text("120 rows are new.")).to_be_visible()
    expect(page.locator("ol.rows > li")).to_have_count(100)
    page.get_by_role("link", name="Further rows").click()
    expect(page.locator("ol.rows > li")).to_have_count(20)
    page.get_by_role("link", name="Here already 1").click()
    expect(page.get_by_text("It is the same as row 6.")).to_be_visible()
    page.get_by_role("link", name="Could not be read 1").click()
    expect(page.get_by_text("Row 122, line 124")).to_be_visible()
    expect(page.get_by_text("this one begins with “place:”")).to_be_visible()

    # They bring it in; the worker does it, and the page says how far it is.
    page.get_by_role("button", name="Bring these in").click()
    done = page.get_by_text("Done: 120 things were brought in.")
    for _try in range(60):
        if done.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(done).to_be_visible()
    expect(done).to_contain_text("They wait with the librarians.")

    # The same file again adds nothing.
    choose(page, "once more.html", years_of_bookmarks(place))
    expect(page.get_by_text("There is nothing new in this file.")).to_be_visible()

    # And the library goes along in every form.
    page.goto("/resources/import/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Everything (JSON)").click()
    assert json.loads(waiting.value.path().read_text())["format"] == "hearth library"
