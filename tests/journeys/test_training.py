"""An owner asks somebody to greet newcomers; they go through the training, greet for a while, and their time comes to its end."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import PASSWORD, address_of, bring, faults, sign_in

PHONE = {"width": 390, "height": 844}
WHY = "You read here every evening, and people feel it."
GREETING = "/forums/newcomers/"
# The year is over this very moment, and the night comes round.
OVER = """
from django.utils import timezone
from community.members import tasks
from community.members.models import Office
Office.objects.standing().filter(user__username="Blackcap").update(until=timezone.now())
tasks.end_offices(0)
"""


@pytest.fixture(scope="module", autouse=True)
def people(hearth):
    bring(hearth, "Blackcap")
    bring(hearth, "Bullfinch", role="owner")


@pytest.fixture
def open_as(hearth, visit, scripts):
    def opened(handle: str, *, is_owner: bool = False) -> Page:
        page = visit(scripts=scripts, viewport=PHONE)
        sign_in(page, address_of(handle), PASSWORD, code=hearth.recovery_code(address_of(handle)) if is_owner else "")
        return page

    return opened


def test_a_greeter_is_asked_trained_and_thanked(hearth, open_as, scripts):
    owner = open_as("Bullfinch", is_owner=True)
    owner.goto("/admin/members/user/")
    owner.get_by_label("The beginning of a name.").fill("Blackcap")
    owner.get_by_role("button", name="Search").click()
    owner.get_by_role("link", name="Blackcap", exact=True).click()
    owner.get_by_role("link", name="Give a role", exact=True).click()
    owner.locator("select[name=role]").select_option("greeter")
    owner.locator("textarea[name=reason]").fill(WHY)
    owner.get_by_role("button", name="Give a role", exact=True).click()
    expect(owner.get_by_text("Given for a year.")).to_be_visible()
    expect(owner.get_by_text("greeter: in training")).to_be_visible()

    # They hear of it, and greet nobody yet.
    member = open_as("Blackcap")
    assert member.goto(GREETING).status == 403
    member.goto("/inbox/")
    expect(member.get_by_text(WHY).first).to_be_visible()
    member.get_by_role("link", name="You are asked to look after something here, as a greeter.").first.click()
    expect(member.get_by_role("heading", level=1)).to_have_text("What you look after")
    # Without scripts there is nothing that could look.
    assert not scripts or faults(member) == []

    # Two things to read, and a case of which one thinks before one opens what others would do.
    for _step in range(2):
        member.get_by_role("button", name="I have read this, and will keep to it").first.click()
    would = member.get_by_text("It answers the worry, names one thing")
    expect(would).to_be_hidden()
    member.get_by_text("What we would do").click()
    expect(would).to_be_visible()
    member.get_by_role("button", name="I have thought it through").click()
    if "/login/" in member.url:
        sign_in(member, address_of("Blackcap"), PASSWORD)
    member.goto("/settings/roles/")
    expect(member.get_by_text("An owner can renew it before.")).to_be_visible()
    assert member.goto(GREETING).status == 200

    # A year on.
    hearth.manage("shell", "--no-imports", "--command", OVER)
    assert member.goto(GREETING).status == 403
    if "/login/" in member.url:
        sign_in(member, address_of("Blackcap"), PASSWORD)
    member.goto("/inbox/")
    expect(member.get_by_text("Your year as a greeter is over. Thank you for all you did here.").first).to_be_visible()
    member.goto("/settings/roles/")
    expect(member.get_by_text("You look after nothing here but yourself, and that is enough.")).to_be_visible()
