"""A report, its decision, its appeal, its reversal: three people and two volunteers, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, begun, bring, faults, sign_in

SAID = "The spare key hangs at number nine, behind the bins."
WHY = "It tells strangers how to get into somebody's house."
ANSWER = "You are right, that gate has been bricked up for years. It stands again. We are sorry."
REPORTED = """
import sys
from community.moderation.models import Appeal, Report
sys.stdout.write(f"{Report.objects.latest('pk').pk} {Appeal.objects.count() and Appeal.objects.latest('pk').pk}")
"""


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Goldcrest", "Ringdove", "Firecrest")
    bring(hearth, "Chiffchaff", "Nuthatch", role="moderator")


@pytest.fixture
def open_as(hearth, visit, scripts):
    def opened(handle: str, *, is_staff: bool = False) -> Page:
        page = visit(scripts=scripts)
        sign_in(page, address_of(handle), PASSWORD, code=hearth.recovery_code(address_of(handle)) if is_staff else "")
        return page

    return opened


def latest(hearth) -> list[str]:
    """The numbers of the newest report, and of the newest asking for another look."""
    return hearth.manage("shell", "--no-imports", "--command", REPORTED).split()


def open_item(page: Page, key: str) -> None:
    """From the list of what waits."""
    page.goto("/admin/")
    page.locator(f".desk-list a[href='/admin/desk/{key}/']").click()
    expect(page).to_have_url(re.compile(f"/admin/desk/{key}/$"))


def test_a_report_its_decision_its_appeal_its_reversal(hearth, open_as, scripts):
    title = f"The gate by the mill, {'by day' if scripts else 'by night'}"
    # Each time somebody else, so that there is one decision in their inbox.
    writer = "Goldcrest" if scripts else "Ringdove"
    where = begun(hearth, "Firecrest", title, "Does it still open?", (writer, SAID))

    # Somebody asks to have it looked at, in two clicks and a sentence.
    reporter = open_as("Firecrest")
    reporter.goto(where)
    reporter.get_by_role("link", name="Report reply 1").click()
    reporter.get_by_role("radio", name="It tells private details").check()
    reporter.get_by_label("In your words").fill("Somebody could walk in.")
    reporter.get_by_role("button", name="Send it").click()
    expect(reporter.get_by_role("heading", level=1)).to_have_text("Thank you. A volunteer will look.")
    receipt = reporter.url

    # A volunteer finds it in the queue, reads it and hides it.
    report = latest(hearth)[0]
    first = open_as("Chiffchaff", is_staff=True)
    open_item(first, f"report-{report}")
    first.get_by_role("button", name="Say that I am on it").click()
    expect(first.get_by_role("button", name="Leave it to others")).to_be_visible()
    for fold in first.get_by_text("Read it", exact=True).all():
        fold.click()
    expect(first.get_by_text(SAID).last).to_be_visible()
    assert "Firecrest" not in first.locator("#content-main").inner_text()
    first.get_by_role("link", name="Hide", exact=True).click()
    first.get_by_label("Which rule").select_option(index=1)
    first.locator("textarea[name=reason]").fill(WHY)
    first.get_by_role("button", name="Do it, and then stop").click()
    expect(first).to_have_url(re.compile("/admin/$"))
    expect(first.locator(f".desk-list a[href='/admin/desk/report-{report}/']")).to_have_count(0)

    # It is gone for others, its place is kept, and whoever told of it hears so.
    reporter.goto(where)
    expect(reporter.get_by_text(SAID)).to_have_count(0)
    expect(reporter.get_by_text("One reply is not shown to you.")).to_be_visible()
    reporter.goto(receipt)
    expect(reporter.get_by_role("heading", level=1)).to_have_text("A volunteer has looked")

    # Whoever wrote it is told what and why, has the words, and asks for another look in one press.
    author = open_as(writer)
    author.goto("/inbox/")
    author.get_by_role("link", name=re.compile("A volunteer hid it")).first.click()
    expect(author.get_by_role("heading", level=1)).to_have_text("A volunteer hid it")
    expect(author.get_by_text(WHY).first).to_be_visible()
    author.get_by_text("Your words as they stood then.").click()
    expect(author.get_by_text(SAID)).to_be_visible()
    assert "Chiffchaff" not in author.content()
    if scripts:
        assert faults(author) == []
    author.get_by_text("Add a few words").click()
    author.get_by_label("In your words").fill("The gate is bricked up. I only meant it as a joke.")
    author.get_by_role("button", name="Ask for another look").click()
    expect(author).to_have_url(re.compile("/appeals/"))
    expect(author.get_by_text("It waits for somebody who had no part in it.")).to_be_visible()
    asked = author.url

    # Not the one who decided first, but another one looks again, and turns it around.
    appeal = latest(hearth)[1]
    first.goto("/admin/")
    expect(first.locator(f".desk-list a[href='/admin/desk/appeal-{appeal}/']")).to_have_count(0)
    second = open_as("Nuthatch", is_staff=True)
    open_item(second, f"appeal-{appeal}")
    expect(second.get_by_text(WHY).first).to_be_visible()
    expect(second.get_by_text("I only meant it as a joke.")).to_be_visible()
    second.get_by_role("link", name="Turn it around").click()
    second.locator("textarea[name=reason]").fill(ANSWER)
    second.get_by_role("button", name="Do it, and then stop").click()
    expect(second).to_have_url(re.compile("/admin/$"))

    # It stands where it stood, and whoever wrote it reads the answer.
    reporter.goto(where)
    expect(reporter.get_by_text(SAID)).to_be_visible()
    expect(reporter.get_by_text("One reply is not shown to you.")).to_have_count(0)
    author.goto(asked)
    expect(author.get_by_text(ANSWER).first).to_be_visible()
    author.goto("/decisions/")
    expect(author.get_by_text("It does not hold any more.").first).to_be_visible()
