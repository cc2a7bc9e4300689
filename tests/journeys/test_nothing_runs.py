"""Whatever somebody writes, it runs in nobody's browser: every payload in every place that shows words."""

import json

from tests.journeys.people import sign_in
from tests.payloads import PAYLOADS

# As the forms take them in: cleaned, titles on one line. One conversation for all of them, one more for each tenth title.
WRITTEN = """
import json, sys
from pathlib import Path
from community import text
from community.contributions.models import Quote
from community.members.models import Profile, User
from community.members.seed import PEOPLE
from forums.models import Board, Mode
payloads = json.loads(Path({file!r}).read_text())
line = text.LineField(max_length=120)
people = {{user.username: user for user in User.objects.filter(username__in=["Wren", "Quince", "Fennel"])}}
wren, quince = people["Wren"], people["Quince"]
board = Board(slug="evil", name="Evil <script>window.__x=1</script>", purpose=payloads[0])
board.guidelines = "\\n\\n".join(payloads[:40])
board.save()
topic = board.start(wren, title=line.clean(payloads[0])[:120], body=text.clean(payloads[1]), mode=Mode.LISTENING)
for number, payload in enumerate(payloads):
    reply = topic.reply(quince, text.clean(payload))
    if number % 10 == 0:
        topic.reply(quince, "@Wren " + text.clean(payload), quoting=[Quote(reply, text.excerpt(reply.body)[:400])])
        board.start(wren, title=line.clean(payload)[:120], body=text.clean(payload), mode=Mode.GOOD_NEWS)
for person, about in [(wren, "\\n\\n".join(payloads)[:500]), (quince, payloads[3])]:
    profile = Profile.of(person)
    profile.about = text.clean(about)
    profile.save()
closed = board.start(wren, title=line.clean(payloads[2])[:120], body="x", mode=Mode.ADVICE)
closed.lock(by=people["Fennel"], reason=payloads[48][:300])
sys.stdout.write(json.dumps([topic.get_absolute_url(), topic.last_page, closed.get_absolute_url()]))
"""

MADE_BY_A_PAYLOAD = "script:not([src]), [onerror], [onload], [onclick], [style], iframe, svg script"


def test_no_payload_runs_on_any_page(open_hearth, browser, visit, tmp_path):
    file = tmp_path / "payloads.json"
    file.write_text(json.dumps(PAYLOADS))
    with open_hearth() as hearth:
        told = hearth.manage("shell", "--no-imports", "--command", WRITTEN.format(file=str(file)))
        topic, last, closed = json.loads(told)
        page = visit(base_url=hearth.address)
        opened = []
        page.on("dialog", lambda dialog: (opened.append(page.url), dialog.dismiss()))
        sign_in(page, "member@example.org")
        addresses = [f"{topic}?page={number}" for number in range(1, last + 1)]
        addresses += [
            closed,
            "/forums/evil/",
            "/forums/",
            "/",
            "/inbox/",
            "/wrote/",
            "/members/Wren/",
            "/members/Quince/",
            "/settings/",
        ]
        for address in addresses:
            assert page.goto(address).status == 200, address
            assert page.evaluate("window.__x") is None, address
            assert page.locator("script:not([src]), [onerror], [onload], [onclick], [style], iframe, svg script").count() == 0, (
                address
            )
        assert opened == []


def test_no_payload_runs_in_the_preview_or_the_form_that_gives_it_back(page):
    sign_in(page, "member@example.org")
    page.goto("/forums/the-kitchen-table/new/")
    for start in range(0, len(PAYLOADS), 40):
        # Too long a title, so that the form comes back with everything in it.
        page.locator("[name=title]").fill("x" * 200 + PAYLOADS[start].replace("\n", " ").replace("\0", ""))
        page.locator("[name=body]").fill(
            "\n\n".join(PAYLOADS[start : start + 40]).replace("\0", "").encode(errors="ignore").decode()
        )
        page.locator("form:has([name=body]) button.button-main").click()
        page.wait_for_load_state()
        assert page.locator("[name=body]").count() == 1
        assert page.evaluate("window.__x") is None
