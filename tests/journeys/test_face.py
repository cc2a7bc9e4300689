"""Every page outside the admin, looked at: by axe, with a ruler, by keyboard, in every light, on a phone and on a desk.

A new address fails the first test until `SEEN` says who sees it and where, or `NO_PAGE` why nobody does.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from django.urls import URLResolver, get_resolver
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from playwright.sync_api import Page, expect

from community import demo
from community.members.seed import DEMO_PASSWORD
from tests.journeys.conftest import open_context
from tests.journeys.people import PASSWORD, address_of, bring, code_in, sign_in

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
LOOK = Path(__file__).with_name("look.js").read_text()
# Beside what axe looks at by itself: AAA contrast, and targets that a finger can hit.
AXE_RUN = """(how) => axe.run(document, {
    resultTypes: ["violations"],
    // Whatever has too little contrast has too little for the enhanced rule as well.
    rules: {
        "color-contrast": {enabled: false}, "color-contrast-enhanced": {enabled: true}, "target-size": {enabled: true},
        ...how?.rules,
    },
    ...(how?.only && {runOnly: how.only}),
}).then(found => found.violations.flatMap(fault => fault.nodes.map(node => `${fault.id}: ${node.html.slice(0, 160)}`)))"""
# All that another light can change.
COLOUR_RULES = ["color-contrast-enhanced", "link-in-text-block"]
WITHOUT_COLOURS = {rule: {"enabled": False} for rule in COLOUR_RULES}
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
NARROW, ZOOMED = {"width": 320, "height": 568}, {"width": 640, "height": 400}

# What stands here before, and where: one conversation with everything that a conversation can hold, and a board with nothing.
SET_THE_TABLE = """
import json, sys
from allauth.mfa.webauthn.internal.auth import WebAuthn
from datetime import timedelta
from django.utils import timezone
from community.contributions.models import Filter, Note, Quote
from community.members.joining import join
from community.identity.seal import speak_as
from community.members.models import Block, User
from community.notifications.models import Notification
from forums.models import Board, Mode, Reply, Topic
from community.tags import applying
from community.tags.models import Tag, Unmet
from mentorship import becoming, resuming, seeking
from community.decisions.models import Decision
from community.moderation.models import Appeal, Month, Report, Unmasking
from mentorship.models import CheckIn, Concern, Goal, Help, Lesson, Match, Mentor, Message, Request, Session
from mentorship.renewing import renew_mentor, renew_request
from resources import taking_in
from resources.importing import read
from resources.models import Collection, Resource, Review, Saved
from django.template.loader import render_to_string
from community.context import site
wren, fennel = User.objects.get(username="Wren"), User.objects.get(username="Fennel")
join(handle="Dotterel", email="dotterel@example.net", password=None, role="member")
keeper = User.objects.get(username="Lapwing")
keeper.appoint("greeter", by=fennel, reason="They know what being new is like.", is_trained=True)
wren.appoint("greeter", by=fennel, reason="They read every evening.")
key = WebAuthn.add(keeper, "A small blue key", json.loads(KEY)).instance
Board.objects.create(slug="nothing-yet", name="Nothing yet", purpose="A board on which nobody has begun.", position=99)
board = Board.objects.get(slug="the-kitchen-table")
long = "Some words that go on for a while, as words do late in the evening when the kettle has been on twice already. " * 6
body = (
    "# A heading\\n\\n" + long + "\\n\\n- one\\n- two\\n  1. deeper\\n\\n> somebody said this\\n\\n`code` and **bold** and *soft*, "
    "[a link](https://example.org/a/very/long/address/that/goes/on/and/on/and/on/and/on) and @Wren\\n\\n```\\n"
    + "unbroken" * 40 + "\\n```\\n\\n" + "word" * 60 + "\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\n---\\n\\nשלום"
)
topic = board.start(wren, title="Everything at once " + "x" * 60, body=body, mode=Mode.ADVICE, audience="everyone")
quoted = topic.reply(fennel, long)
own = topic.reply(wren, body, quoting=[Quote(quoted, "Some words that go on for a while")])
topic.reply(fennel, "Soon hidden.").hide(by=fennel, reason="To see the gap that it leaves.")
topic.reply(wren, "Soon taken back.").withdraw()
edited = topic.reply(fennel, "Soon changed.")
edited.edit("Changed.")
noted = topic.reply(fennel, long, notes=Note.objects.all(), note_words="w" * 60)
topic.reply(fennel, "Quoted.", quoting=[Quote(noted, "")])
topic.reply(fennel, "Quoted in a fold.", quoting=[Quote(noted, "")], note_words="A line")
board.start(fennel, title="With a note", body=long, mode=Mode.STORIES, notes=Note.objects.all(), note_words="w" * 60)
for number in range(20):
    topic.reply(fennel, f"And {number}.")
closed = board.start(wren, title="Closed", body="For good.", mode=Mode.STORIES)
closed.lock(by=wren)
stranger = board.start(fennel, title="Another", body="Elsewhere.", mode=Mode.STORIES)
dotterel = User.objects.get(username="Dotterel")
dotterel.is_here = True
masked = stranger.reply(speak_as(dotterel, stranger.public_id), "Said under another name.")
for number, thing in enumerate([{"words": "xylophone " + "x" * 40}, {"words": "left luggage"}, {"person": dotterel}]):
    Filter.keep(wren, act=("fold", "hide")[number % 2], until=timezone.now() + timedelta(days=7) if number else None, **thing)
Block.put(wren, dotterel)
Block.put(wren, topic.reply(speak_as(dotterel, topic.public_id), "Not for everybody.").persona)
lapwing = User.objects.get(username="Lapwing")
thing = Resource.bring(
    wren, kind="service", title="Everything at once " + "x" * 60, address="https://example.org/" + "long/" * 30, body=body,
    phone="01632960999", hours="In the evening", country="GB", language="en", minutes=5, pages=3, cost="partly", level="expert",
    made_by="Somebody with a " + "long" * 20 + " name", has_captions=True, needs_account=True, note_words="all there is",
    tags=["everything", "at once", "x" * 40],
)
applying.resolve(["everything", "at once", "x" * 40], accept=True)
thing.publish(by=lapwing)
thing.keep(keeper=lapwing, review_by=timezone.localdate() - timedelta(days=3), by=lapwing)
Resource.objects.filter(pk=thing.pk).update(
    link_state="broken", looked_at=timezone.now(), archive="https://example.org/kept", moved_to="https://example.org/new"
)
plain = Resource.bring(wren, kind="lived", title="A plain thing", body="Some words.", tags=[])
plain.publish(by=lapwing)
steps = list(Resource.objects.filter(published_at__isnull=False).exclude(author=wren)[:6])
for number, each in enumerate(User.objects.exclude(pk=wren.pk)[:11]):
    Review.say(
        thing, each, verdict=("helped", "not")[number % 2], need=("sleep", "")[number % 2], body=(body, "", long)[number % 3],
        note_words="w" * 60 if number == 3 else "",
    )
Review.say(steps[0], wren, verdict="helped", need="sleep", body=long)
way = Collection.begin(wren, title="A path with everything " + "x" * 60, body=body, shared="everyone", first=thing)
for step in steps:
    way.add(step)
way.say_before(steps[0], long[:400])
Collection.begin(fennel, title="For members", body=long, shared="members", first=thing, note_words="w" * 60).add(steps[0])
Collection.begin(wren, title="Nothing in it yet")
for kept in (thing, *steps):
    Saved.keep(kept, wren, long[:300])
gone = Resource.bring(fennel, kind="lived", title="Soon gone", body="Some words.", tags=[])
gone.publish(by=lapwing)
Saved.keep(gone, wren, "Still mine.")
gone.withdraw()
turned_down = Resource.bring(wren, kind="lived", title="Not this", body="Some words.", tags=[])
turned_down.refuse(by=lapwing, reason="It is kind, and it is an advertisement.")
rows = "".join(f"A page for tired evenings number {n},https://example.com/{n},calm;a longer tag of words\\n" for n in range(120))
table = f"title,url,tags,mood\\n{rows}Bad,javascript:alert(1),,\\n{'long ' * 60},https://example.com/{'long' * 60},,\\n"
brought = taking_in.preview(read(table.encode()), by=lapwing, name="ten years of evenings.csv")
taken = taking_in.preview(read(b"url\\nhttps://example.com/taken\\n"), by=lapwing, name="one.csv")
taken.start(vouched=False, with_private=False)
taking_in.take_in(taken.pk)
Tag.objects.get(slug="caring").follow(wren)
corners = Tag.objects.create(name="quiet corners", slug="quiet-corners", accepted_at=timezone.now())
for user in User.objects.all()[:6]:
    Unmet.objects.create(tag=corners, seeker=Unmet.seeker_of(corners, user), day=timezone.localdate() - timedelta(days=3))
# Rook is asked to choose another name.
User.objects.filter(username="Rook").update(unnamed_at=timezone.now())
rook = User.objects.get(username="Rook")
evenings = sum(1 << (day * 24 + hour) for day in range(7) for hour in range(18, 22))
def guide(handle, lived, **fields):
    user = User.objects.get(username=handle)
    mentor = Mentor.objects.filter(user=user).first() or Mentor(user=user, applied_at=timezone.now())
    values = {"story": long, "limits": long[:150], "languages": ["en", "de"], "hours": evenings, "capacity": 3} | fields
    for name, value in values.items():
        setattr(mentor, name, value)
    mentor.save()
    mentor.approve(by=lapwing, until=timezone.localdate() + timedelta(days=300))
    mentor.helps.set(Help.objects.all()[:4])
    applying.apply(mentor, lived, accept=True)
    renew_mentor(mentor)
    return mentor
guides = [guide(handle, ["sleep", "caring"]) for handle in ("Fennel", "Juniper", "Sorrel", "Yarrow", "Bramble")]
guides[1].not_about.create(tag=Tag.objects.get(slug="at-once"))
Mentor.objects.filter(pk=guides[1].pk).update(offers=long)
def on_the_way(handle, lessons):
    user = User.objects.get(username=handle)
    mentor = Mentor.objects.create(user=user, story=body, offers=long, limits=long, languages=["fi"], hours=evenings, capacity=2)
    for lesson in Lesson.objects.in_use()[:lessons]:
        becoming.take(mentor, lesson, long if lesson.is_case else "")
    return mentor
soon_over = on_the_way("Dotterel", 9)
soon_over.apply()
soon_over.approve(by=lapwing, until=timezone.localdate() + timedelta(days=20))
Mentor.objects.filter(pk=soon_over.pk).update(paused_at=timezone.now())
sent_back = on_the_way("Lapwing", 2)
sent_back.apply()
sent_back.refuse(by=fennel, reason="It is warm, and a little short: please say what you would rather not do.")
first_lesson, case = Lesson.objects.first(), Lesson.objects.get(is_case=True)
def look_for(user, **fields):
    values = {"need": body, "hopes": long, "languages": ["en", "de"], "time_zone": "UTC", "hours": evenings} | fields
    search = Request.objects.create(user=user, **values)
    applying.apply(search, ["sleep", "caring", "quiet corners"], accept=True)
    search.helps.set(Help.objects.all()[2:6])
    renew_request(search)
    return search
search = look_for(rook, open_until=timezone.localdate() + timedelta(days=5), weigh_gender="high", wished_gender="woman")
seeking.strike(search, f"tag:{Tag.objects.get(slug='caring').pk}")
seeking.note(search, guides[3], "not")
seeking.note(search, guides[1], "saved")
Match.ask(search, guides[0], hello=long)
look_for(lapwing, wished_gender="other")
seeking.take_back(look_for(wren))
wren_guides = guide("Wren", ["sleep"], capacity=9)
def pair(handle, begun=True):
    newcomer = User.objects.get(username=handle)
    search = Request.objects.create(user=newcomer, need=body, hopes=long, languages=["en"], hours=evenings)
    renew_request(search)
    wren_guides.refresh_from_db()
    match = Match.ask(search, wren_guides, hello=long)
    if begun:
        match.accept(by=wren)
    return match
asked, room, resting, memory, empty = [pair("oldradio", False), *map(pair, ("marigold", "halfmoon", "peatfire", "Olmo"))]
for number in range(24):
    Message.say(room, by=room.newcomer if number % 2 else wren, body=body if number % 8 == 0 else f"And {number}.")
last = room.messages.get(position=24)
Message.say(room, by=wren, body="Soon changed.").edit("Changed.")
Message.say(room, by=wren, body="Soon taken back.").withdraw()
own_message = Message.say(room, by=wren, body=body)
reported = Message.say(room, by=room.newcomer, body="Reported.")
told = Report.put(reported, by=wren, reason="harmful", words=long)
told.close(by=fennel, reason="We talked with both of them.")
waiting_report = Report.put(quoted, by=wren, reason="worried", words="Please look.")
for past in range(1, 3):
    figures = {"reports": {"worried": 12}, "acts": {"hide": 7}, "looked_at": 12, "median_hours": 2.5, "ninetieth_hours": 30.0}
    Month.objects.create(month=f"2026-0{past}-01", figures=figures | {"appeals": 6, "reversed": 5, "unmaskings": 0})
room.propose(
    by=room.newcomer, seen=room.agreement_stamp, rhythm=long[:190], channel="Here.", between_us=long[:400], how_to_stop="By word.",
    lasts_until=timezone.localdate() + timedelta(days=90),
)
room.write_notes(long + "\\n\\n" + "unbroken" * 60, version=0)
Goal.add(room, "To sleep through one night, " + "and another, " * 18)
Goal.add(room, "word" * 60)
room.goals.get(number=1).reach()
for number in range(5):
    Session.keep(room, by=wren, on=timezone.localdate() - timedelta(days=number), words=("A long talk. ", "w" * 300)[number % 2])
Message.say(resting, by=wren, body="Before it rested.")
Concern.call(resting, by=wren, words="Please look.", freeze=True)
Message.say(memory, by=wren, body=long)
memory.end(ending="planned")
memory.part(by=memory.newcomer, thanks=long, testimonial=long[:500])
memory.part(by=wren, thanks=long[:200])
# Pairs in which Wren is the newcomer, one after the other: what went quiet, and what they both would like again.
def guided_by(mentor, ending):
    mentor.refresh_from_db()
    search = Request.objects.create(user=wren, need=long, languages=["en"], hours=evenings)
    renew_request(search)
    match = Match.ask(search, mentor)
    match.accept(by=mentor.user)
    match.part(by=mentor.user, thanks=long) if ending == "planned" else match.end(ending=ending)
    return match
good = guided_by(guides[4], "planned")
good.part(by=wren, thanks="For all of it.", testimonial=long[:500], is_named=True)
good.show_testimonial(seen=good.testimonial_stamp)
resuming.ask_again(good, by=wren)
quiet = guided_by(guides[3], "quiet")
CheckIn.ask(room, 1, kind="fit")
CheckIn.ask(empty, 2, kind="along")
first_asked, later_asked = (CheckIn.objects.get(user=wren, match=each) for each in (room, empty))
later_asked.say("deciding", long)
room.plan_ending(timezone.localdate() + timedelta(days=20), by=wren)
Match.objects.filter(pk=room.pk).update(spoke_at=timezone.now() - timedelta(days=16))
# What was decided about Wren, by name and under an alias; one may be looked at again, one waits for that, one was turned around.
harbour, larkspur, sorrel = (User.objects.get(username=handle) for handle in ("Harbour", "Larkspur", "Sorrel"))
def mine(words=body):
    return stranger.reply(wren, words)
mine().redact(by=fennel, reason=long[:900], passages=["Some words that go on for a while", "unbroken" * 40], rule="A rule " * 20)
for number, again in enumerate(("waits", "stays", "turned around")):
    hidden = mine(f"{number} {body}")
    hidden.hide(by=fennel, reason=long[:300], rule="A rule " * 20)
    appeal = Appeal.ask(Decision.objects.about(hidden).get(), words=long if number else "")
    if again != "waits":
        (appeal.overturn if again == "turned around" else appeal.uphold)(by=harbour, reason=long[:900])
asked_again = list(Appeal.objects.order_by("pk"))[-3:]
returned = mine()
returned.revise(by=fennel, reason=long[:300])
removed = mine()
removed.remove(by=fennel, reason="It was kind, and it was somebody else’s to tell.")
slow = board.start(wren, title="Slower " + "x" * 60, body=body, mode=Mode.STORIES)
slow.slow(by=fennel, reason="So many at once.", minutes=15, until=timezone.now() + timedelta(days=2))
slow.look_first(by=fennel, reason="For some days.")
held = slow.reply(wren, body)
wren.is_here = True
alias = speak_as(wren, stranger.public_id)
stranger.reply(alias, "Under a name of its own.").hide(by=fennel, reason=long[:300])
for number in range(2):
    unmasked = Unmasking.ask(alias, by=larkspur, reason=long[:900])
    over = timezone.now() + timedelta(days=5 - 10 * number)
    Unmasking.objects.filter(pk=unmasked.pk).update(
        approved_by=sorrel, approved_at=over - timedelta(days=2), opened_at=over - timedelta(days=2), expires_at=over
    )
def statement(**of):
    return Decision.objects.filter(member=wren, **of).latest("pk").get_absolute_url()
room_url = room.get_absolute_url()
own_url = f"{topic.get_absolute_url()}r/{own.public_id}/"
sys.stdout.write(json.dumps({
    "topic": topic.get_absolute_url(), "closed": closed.get_absolute_url(), "reply": own_url, "quoted": str(quoted.public_id),
    "own": str(own.public_id), "alias": masked.get_absolute_url(), "key": key.pk,
    "resource": thing.get_absolute_url(), "plain": plain.get_absolute_url(), "refused": turned_down.get_absolute_url(),
    "path": way.get_absolute_url(), "step": f"{way.get_absolute_url()}places/{steps[0].public_id}/",
    "report": f"/report/resource/{thing.public_id}/", "receipt": told.get_absolute_url(),
    "open_receipt": waiting_report.get_absolute_url(),
    "said": steps[0].get_absolute_url(), "noted": Collection.objects.get(title="For members").get_absolute_url(),
    "import": brought.get_absolute_url(), "brought": taken.get_absolute_url(),
    "guide": guides[1].get_absolute_url(),
    "lesson": f"/mentorship/apply/training/{first_lesson.pk}/", "case": f"/mentorship/apply/training/{case.pk}/",
    "to_ask": f"/mentorship/request/mentors/{guides[1].public_id}/ask/",
    "asked": asked.get_absolute_url(), "room": room_url, "resting": resting.get_absolute_url(), "memory": memory.get_absolute_url(),
    "good": good.get_absolute_url(),
    "praised": f"{good.mentor.get_absolute_url()}said/{good.testimonial_stamp}/report/", "quiet": quiet.get_absolute_url(),
    "check_in": first_asked.get_absolute_url(), "answered": later_asked.get_absolute_url(),
    "empty_room": empty.get_absolute_url(), "message": f"{room_url}m/{own_message.public_id}/",
    "theirs": f"/report/message/{last.public_id}/",
    "decided": statement(act="redact"), "decided_held": statement(act="revise"),
    "decided_over": statement(reversed_at__isnull=False),
    "decided_alias": Decision.objects.get(persona=alias).get_absolute_url(), "slow": slow.get_absolute_url(),
    "again": [each.get_absolute_url() for each in asked_again], "found_out": f"/aliases/{alias.public_id}/found-out/",
    "returned": f"/wrote/{returned.public_id}/", "removed": f"/wrote/{removed.public_id}/", "held": f"/wrote/{held.public_id}/",
    "429": render_to_string("429.html", site(None)),
}))
"""


# Who sees what --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it: where they go, and what they do then."""

    name: str
    who: str
    address: str
    then: Callable[[Page, object], object] | None = None
    state: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.name, self.who, self.state)))


def send(page: Page, _hearth: object) -> None:
    """Send the page's main form as it stands, to see what it complains of."""
    page.locator("main form .button-main").first.click()
    expect(page.locator("[data-error-summary]")).to_be_visible()


def ask_for_a_code(page: Page, _hearth: object) -> None:
    page.locator("main input[name=email]").fill("dotterel@example.net")
    page.locator("main form .button-main").click()
    expect(page.locator("input[name=code]")).to_be_visible()


def reset(page: Page, hearth: object) -> None:
    before = len(hearth.mails("dotterel@example.net"))
    ask_for_a_code(page, hearth)
    page.locator("input[name=code]").fill(code_in(hearth.next_mail("dotterel@example.net", after=before)))
    page.locator("form:has(input[name=code]) .button-main").click()
    expect(page.locator("input[name=password1]")).to_be_visible()


def join(page: Page, _hearth: object) -> None:
    page.locator("input[name=username]").fill("ptarmigan")
    page.locator("input[name=email]").fill("ptarmigan@example.net")
    page.locator("input[name=password1]").fill(PASSWORD)
    for box in ("age][value=over", "rules", "sensitive"):
        page.locator(f"input[name={box}]").check()
    page.locator("form:has(input[name=username]) .button-main").click()
    expect(page.locator("input[name=code]")).to_be_visible()


def be_too_young(page: Page, _hearth: object) -> None:
    page.locator("input[name=age]:not([value=over])").check()
    page.locator("form:has(input[name=username]) .button-main").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not here, not yet.")


def give_the_password(page: Page, _hearth: object) -> None:
    page.locator("input[name=login]").fill(address_of("Lapwing"))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) .button-main").click()
    expect(page.locator("input[name=code]")).to_be_visible()


def write(page: Page, _hearth: object) -> None:
    page.locator("textarea[name=body]").fill("Some *words* of mine.")
    expect(page.locator("[data-preview-target] em")).to_be_visible()


def write_over(page: Page, _hearth: object) -> None:
    """Save notes over a version that is not the newest any more."""
    page.locator("input[name=version]").evaluate("field => field.value = 0")
    page.locator("textarea[name=body]").fill("Mine.")
    page.locator("main form .button-main").click()
    expect(page.get_by_role("alert")).to_be_visible()


def agree_over(page: Page, _hearth: object) -> None:
    page.locator("input[name=seen]").evaluate("field => field.value = 'older'")
    page.locator("input[name=rhythm]").fill("Mine.")
    page.locator("main form .button-main").click()
    expect(page.get_by_role("alert")).to_be_visible()


def say_where_to_ring(page: Page, _hearth: object) -> None:
    page.locator("textarea[name=thanks]").fill("Ring me: 07700 900123.")
    page.locator("main form .button-main").click()
    expect(page.get_by_role("region", name="Nothing has gone out yet")).to_be_visible()


def name_a_tag(page: Page, _hearth: object) -> None:
    page.locator("input[name=tags]").press_sequentially("sleep, tellng fam")
    page.get_by_role("button", name="telling family").click()
    expect(page.locator("input[name=tags]")).to_have_value("sleep, telling family")
    expect(page.locator("[data-suggestions]")).to_be_hidden()
    page.locator("input[name=tags]").press_sequentially(", wai")
    expect(page.get_by_role("button", name="waiting")).to_be_visible()


def lose_the_session(page: Page, _hearth: object) -> None:
    page.locator("textarea[name=body]").fill("These words were here before the session ended.")
    page.context.clear_cookies(name="session")
    page.locator("main form .button-main").click()
    expect(page.get_by_label("What you wrote")).to_be_visible()


def come_back_as_another(page: Page, hearth: object) -> None:
    lose_the_session(page, hearth)
    page.get_by_role("button", name="Sign in and post it").click()
    page.locator("input[name=login]").fill("newcomer@example.org")
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form:has(input[name=password]) .button-main").click()
    expect(page.get_by_role("heading", name="Here are your words")).to_be_visible()


def filter_nothing(page: Page, _hearth: object) -> None:
    page.locator("summary", has_text="Add words").click()
    page.get_by_role("button", name="Add these words").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()


def unfold(page: Page, _hearth: object) -> None:
    for fold in page.locator("main details > summary").all():
        fold.click()


def save(page: Page, _hearth: object) -> None:
    page.get_by_role("button", name="Keep this").click()
    expect(page.locator(".notices")).to_be_visible()


def bring_again(page: Page, _hearth: object) -> None:
    page.locator("input[name=look]").fill("https://example.org/saying-no?utm_source=somewhere")
    page.locator("main form .button-main").click()
    expect(page.locator("main [role=status] a")).to_be_visible()


EVERYBODY, MEMBERS = ("guest", "wren", "rook"), ("wren", "rook")
SEEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "home": ("/", EVERYBODY),
    "help": ("/help/", ("guest",)),
    "demo_mail": ("/demo/mail/", ("guest",)),
    "agreement_list": ("/agreements/", EVERYBODY),
    "gap_detail": ("/not-shown/", ("guest",)),
    # People and their own pages.
    "member_detail": ("/members/Wren/", MEMBERS),
    "profile_edit": ("/settings/", MEMBERS),
    "name_edit": ("/settings/name/", ("rook",)),
    "office_list": ("/settings/roles/", ("wren", "lapwing")),
    "export_create": ("/settings/export/", ("wren",)),
    "inbox": ("/inbox/", MEMBERS),
    "notification_settings": ("/inbox/settings/", ("wren",)),
    "wrote_list": ("/wrote/", MEMBERS),
    "wrote_withdraw": ("/wrote/{own}/withdraw/", ("wren",)),
    "filter_list": ("/settings/filters/", MEMBERS),
    "member_person": ("/members/Fennel/person/", MEMBERS),
    # Talk.
    "board_list": ("/forums/", EVERYBODY),
    "topic_waiting": ("/forums/waiting/", ("wren",)),
    "newcomer_waiting": ("/forums/newcomers/", ("lapwing",)),
    "board_detail": ("/forums/the-kitchen-table/", EVERYBODY),
    "topic_create": ("/forums/the-kitchen-table/new/", MEMBERS),
    "topic_detail": ("{topic}", EVERYBODY),
    "topic_edit": ("{topic}edit/", ("wren",)),
    "topic_withdraw": ("{topic}withdraw/", ("wren",)),
    "reply_create": ("{topic}reply/?quote={quoted}", ("wren",)),
    "reply_edit": ("{reply}edit/", ("wren",)),
    "reply_withdraw": ("{reply}withdraw/", ("wren",)),
    "reply_person": ("{alias}person/", ("wren",)),
    # The library.
    "tag_list": ("/tags/", EVERYBODY),
    "tag_detail": ("/tags/caring/", EVERYBODY),
    "resource_list": ("/resources/", EVERYBODY),
    "resource_detail": ("{resource}", EVERYBODY),
    "resource_create": ("/resources/new/", MEMBERS),
    "resource_edit": ("{resource}edit/", ("wren",)),
    "resource_withdraw": ("{resource}withdraw/", ("wren",)),
    "report_create": ("{report}", ("guest", "rook")),
    "member_report": ("/report/member/Fennel/", ("wren",)),
    "report_list": ("/reports/", MEMBERS),
    "report_detail": ("{receipt}", ("wren",)),
    "month_list": ("/figures/", EVERYBODY),
    # What was decided about somebody.
    "decision_list": ("/decisions/", MEMBERS),
    "decision_detail": ("{decided}", ("wren",)),
    "appeal_create": ("{decided}appeal/", ("wren",)),
    "appeal_detail": ("{again[0]}", ("wren",)),
    "unmasking_list": ("{found_out}", ("wren",)),
    "wrote_detail": ("{returned}", ("wren",)),
    "review_edit": ("{said}words/", MEMBERS),
    "review_withdraw": ("{said}words/withdraw/", ("wren",)),
    "saved_edit": ("{resource}saved/", MEMBERS),
    "saved_list": ("/saved/", MEMBERS),
    "resource_collect": ("{resource}collect/", MEMBERS),
    "collection_list": ("/collections/", EVERYBODY),
    "collection_mine": ("/collections/mine/", MEMBERS),
    "collection_create": ("/collections/new/", ("wren",)),
    "collection_detail": ("{path}", EVERYBODY),
    "collection_edit": ("{path}edit/", ("wren",)),
    "collection_withdraw": ("{path}withdraw/", ("wren",)),
    "place_edit": ("{step}words/", ("wren",)),
    "resource_import": ("/resources/import/", ("lapwing",)),
    "import_detail": ("{import}", ("lapwing",)),
    # Looking for a mentor.
    "mentorship_home": ("/mentorship/", EVERYBODY),
    "request_create": ("/mentorship/request/new/", ("dotterel",)),
    "request_detail": ("/mentorship/request/", ("rook",)),
    "request_edit": ("/mentorship/request/edit/", ("rook",)),
    "request_withdraw": ("/mentorship/request/withdraw/", ("rook",)),
    "suggestion_list": ("/mentorship/request/mentors/", ("rook",)),
    "request_ask": ("{to_ask}", ("rook",)),
    # Mentors, and becoming one.
    "mentor_list": ("/mentorship/mentors/", ("wren", "rook")),
    "mentor_detail": ("{guide}", ("wren", "rook")),
    "testimonial_report": ("{praised}", ("rook",)),
    "mentor_apply": ("/mentorship/apply/", ("rook", "wren", "dotterel", "lapwing")),
    "application_edit": ("/mentorship/apply/words/", ("rook", "wren")),
    "lesson_take": ("{lesson}", ("lapwing",)),
    "mentor_renew": ("/mentorship/apply/renew/", ("dotterel",)),
    "mentor_stop": ("/mentorship/apply/stop/", ("wren",)),
    # At the door.
    "account_signup": ("/accounts/signup/", ("guest",)),
    "account_login": ("/accounts/login/", ("guest",)),
    "account_logout": ("/accounts/logout/", ("wren",)),
    "account_inactive": ("/accounts/inactive/", ("guest",)),
    "account_request_login_code": ("/accounts/login/code/", ("guest",)),
    "account_reset_password": ("/accounts/password/reset/", ("guest",)),
    "account_password_reset_completed": ("/accounts/password/reset/done/", ("guest",)),
    "account_reauthenticate": ("/accounts/reauthenticate/", ("wren",)),
    "account_email": ("/accounts/email/", ("wren",)),
    "account_change_password": ("/accounts/password/change/", ("wren",)),
    "usersessions_list": ("/accounts/sessions/", ("wren",)),
    "mfa_index": ("/accounts/2fa/", ("wren", "lapwing")),
    "mfa_activate_totp": ("/accounts/2fa/totp/activate/", ("wren",)),
    "mfa_deactivate_totp": ("/accounts/2fa/totp/deactivate/", ("lapwing",)),
    "mfa_view_recovery_codes": ("/accounts/2fa/recovery-codes/", ("lapwing",)),
    "mfa_generate_recovery_codes": ("/accounts/2fa/recovery-codes/generate/", ("lapwing",)),
    "mfa_list_webauthn": ("/accounts/2fa/webauthn/", ("wren", "lapwing")),
    "mfa_add_webauthn": ("/accounts/2fa/webauthn/add/", ("wren",)),
    "mfa_edit_webauthn": ("/accounts/2fa/webauthn/keys/{key}/edit/", ("lapwing",)),
    "mfa_remove_webauthn": ("/accounts/2fa/webauthn/keys/{key}/remove/", ("lapwing",)),
    "mfa_reauthenticate": ("/accounts/2fa/reauthenticate/", ("lapwing",)),
    "mfa_reauthenticate_webauthn": ("/accounts/2fa/webauthn/reauthenticate/", ("lapwing",)),
    # A room of two.
    "match_detail": ("{room}", ("wren",)),
    "match_decline": ("{asked}decline/", ("wren",)),
    "match_stop": ("{room}stop/", ("wren",)),
    "match_no_fit": ("{room}no-fit/", ("wren",)),
    "ending_edit": ("{room}ending/", ("wren",)),
    "match_part": ("{room}parting/", ("wren",)),
    "thanks_report": ("{good}thanks/report/", ("wren",)),
    "checkin_answer": ("{check_in}", ("wren",)),
    "message_create": ("{room}write/", ("wren",)),
    "message_edit": ("{message}edit/", ("wren",)),
    "message_withdraw": ("{message}withdraw/", ("wren",)),
    "notes_edit": ("{room}notes/", ("wren",)),
    "agreement_edit": ("{room}agreement/", ("wren",)),
    "goal_list": ("{room}goals/", ("wren",)),
    "goal_edit": ("{room}goals/1/edit/", ("wren",)),
    "session_list": ("{room}log/", ("wren",)),
    "cover_create": ("{room}cover/", ("wren",)),
    "concern_create": ("{room}safety/", ("wren",)),
}
# Pages that one comes to by doing something, and pages that look otherwise then.
DONE = [
    Sight("kept", "passing", "{topic}reply/", come_back_as_another, "of another"),
    Sight("reply_create", "passing", "{topic}reply/", lose_the_session, "session ended"),
    Sight("account_email_verification_sent", "guest", "/accounts/signup/", join),
    Sight("account_confirm_login_code", "guest", "/accounts/login/code/", ask_for_a_code),
    Sight("account_confirm_password_reset_code", "guest", "/accounts/password/reset/", ask_for_a_code),
    Sight("account_complete_password_reset", "guest", "/accounts/password/reset/", reset),
    Sight("account_set_password", "dotterel", "/accounts/password/set/"),
    Sight("mfa_authenticate", "guest", "/accounts/login/", give_the_password),
    Sight("account_signup", "guest", "/accounts/signup/", be_too_young, "too young"),
    Sight("account_signup", "guest", "/accounts/signup/", send, "with errors"),
    Sight("account_login", "guest", "/accounts/login/", send, "with errors"),
    Sight("topic_create", "rook", "/forums/nothing-yet/new/", send, "with errors"),
    Sight("topic_create", "wren", "/forums/caring-for-someone/new/", send, "by name or not"),
    Sight("reply_create", "wren", "{topic}reply/", send, "with errors"),
    Sight("account_change_password", "wren", "/accounts/password/change/", send, "with errors"),
    Sight("topic_detail", "wren", "{topic}?page=2", write, "with a preview"),
    Sight("topic_detail", "wren", "{closed}", None, "closed"),
    Sight("topic_detail", "guest", "{topic}?page=2", None, "page 2"),
    Sight("board_detail", "rook", "/forums/nothing-yet/", None, "empty"),
    Sight("resource_create", "rook", "/resources/new/", send, "without an address"),
    Sight("resource_create", "rook", "/resources/new/?kind=service", send, "with errors"),
    Sight("resource_create", "rook", "/resources/new/", bring_again, "here already"),
    Sight("resource_create", "wren", "/resources/new/?kind=lived", write, "with a preview"),
    Sight("tag_list", "wren", "/tags/", None, "with one that is followed"),
    Sight("tag_detail", "rook", "/tags/caring/?kind=topic", None, "all of a kind"),
    Sight("tag_detail", "wren", "/tags/quiet-corners/", None, "looked for"),
    Sight("topic_create", "wren", "/forums/nothing-yet/new/", name_a_tag, "with suggestions"),
    Sight("resource_detail", "guest", "{plain}", None, "plain"),
    Sight("review_edit", "rook", "{resource}words/?verdict=not", None, "chosen"),
    Sight("review_edit", "rook", "{resource}words/", send, "with errors"),
    Sight("collection_detail", "rook", "{noted}", unfold, "behind a note"),
    Sight("collection_create", "rook", "/collections/new/", send, "with errors"),
    Sight("resource_edit", "wren", "{refused}edit/", None, "turned down"),
    Sight("report_create", "rook", "{report}", send, "with errors"),
    Sight("report_create", "guest", "{report}", unfold, "unfolded"),
    Sight("report_create", "wren", "{theirs}", None, "a message"),
    Sight("report_detail", "wren", "{open_receipt}", None, "nobody has looked"),
    Sight("month_list", "rook", "/figures/", unfold, "unfolded"),
    Sight("decision_detail", "wren", "{decided}", unfold, "unfolded"),
    Sight("decision_detail", "wren", "{decided_held}", None, "sent back"),
    Sight("decision_detail", "wren", "{decided_over}", None, "over"),
    Sight("decision_detail", "wren", "{decided_alias}", None, "under an alias"),
    Sight("appeal_detail", "wren", "{again[1]}", None, "stays"),
    Sight("appeal_detail", "wren", "{again[2]}", None, "turned around"),
    Sight("wrote_detail", "wren", "{returned}", write, "with a preview"),
    Sight("wrote_detail", "wren", "{held}", None, "held"),
    Sight("wrote_detail", "wren", "{removed}", None, "removed"),
    Sight("topic_detail", "wren", "{slow}", None, "slow and looked at first"),
    Sight("resource_import", "lapwing", "/resources/import/", send, "with errors"),
    Sight("import_detail", "lapwing", "{import}?state=broken", None, "unreadable"),
    Sight("import_detail", "lapwing", "{brought}", None, "done"),
    Sight("request_create", "dotterel", "/mentorship/request/new/", send, "with errors"),
    Sight("application_edit", "rook", "/mentorship/apply/words/", send, "with errors"),
    Sight("application_edit", "wren", "/mentorship/apply/words/", unfold, "unfolded"),
    Sight("lesson_take", "lapwing", "{case}", send, "with errors"),
    Sight("mentor_renew", "dotterel", "/mentorship/apply/renew/", send, "with errors"),
    Sight("mentor_list", "rook", "/mentorship/mentors/?tag=nothing-like-it", unfold, "nobody fits"),
    Sight("request_edit", "lapwing", "/mentorship/request/edit/?ask-less=gender", None, "asking less"),
    Sight("request_detail", "lapwing", "/mentorship/request/", None, "nobody fits"),
    Sight("request_detail", "wren", "/mentorship/request/", None, "over"),
    Sight("suggestion_list", "lapwing", "/mentorship/request/mentors/", None, "nobody fits"),
    Sight("suggestion_list", "rook", "/mentorship/request/mentors/", unfold, "unfolded"),
    Sight("match_detail", "wren", "{room}?page=1", None, "page 1"),
    Sight("match_detail", "wren", "{room}", write, "with a preview"),
    Sight("match_detail", "wren", "{asked}", None, "a question"),
    Sight("match_detail", "wren", "{resting}", None, "resting"),
    Sight("match_detail", "wren", "{memory}", unfold, "a memory"),
    Sight("match_detail", "wren", "{empty_room}", None, "nothing said"),
    Sight("match_detail", "wren", "{good}", None, "a good end"),
    Sight("match_detail", "wren", "{quiet}", None, "gone quiet"),
    Sight("match_part", "wren", "{good}parting/", None, "afterwards"),
    Sight("match_part", "wren", "{empty_room}parting/", say_where_to_ring, "with a question"),
    Sight("ending_edit", "wren", "{empty_room}ending/", send, "with errors"),
    Sight("checkin_answer", "wren", "{check_in}", send, "with errors"),
    Sight("checkin_answer", "wren", "{answered}", None, "answered"),
    Sight("message_create", "wren", "{empty_room}write/", send, "with errors"),
    Sight("goal_list", "wren", "{empty_room}goals/", send, "with errors"),
    Sight("notes_edit", "wren", "{room}notes/", write_over, "changed meanwhile"),
    Sight("agreement_edit", "wren", "{room}agreement/", agree_over, "changed meanwhile"),
    Sight("notification_settings", "rook", "/inbox/settings/", save, "saved"),
    Sight("filter_list", "rook", "/settings/filters/", filter_nothing, "with errors"),
    Sight("filter_list", "wren", "/settings/filters/", unfold, "unfolded"),
    Sight("filter_list", "wren", "/settings/filters/?name=nobody", None, "nobody found"),
]
NO_PAGE = {
    **dict.fromkeys(("application_send", "mentor_rest", "mentor_resume", "places_edit"), "a verb"),
    "message_detail": "leads to its place in the room",
    **dict.fromkeys(("match_accept", "agreement_agree", "goal_reach", "goal_reopen", "goal_delete", "session_delete"), "a verb"),
    "healthz": "a word for machines",
    "readyz": "a word for machines",
    "avatar_image": "a picture",
    "tag_suggest": "what a script asks for",
    **dict.fromkeys(("tag_follow", "tag_unfollow"), "a verb"),
    "resource_file": "a file",
    **dict.fromkeys(("resource_export_html", "resource_export_csv", "resource_export_json"), "a file"),
    "collection_export": "a file",
    "report_appeal": "a verb",
    **dict.fromkeys(("saved_delete", "place_create", "place_earlier", "place_later", "place_delete"), "a verb"),
    "mfa_download_recovery_codes": "a text file",
    "mfa_login_webauthn": "what a script asks for",
    **dict.fromkeys(("desk_item", "desk_act", "desk_duty", "desk_notes", "desk_figures"), "where test_behind_the_scenes.py looks"),
    **dict.fromkeys(("desk_claim", "desk_claim_delete", "desk_next", "desk_away", "desk_away_delete"), "a verb"),
    "reply_detail": "leads to its place in the conversation",
    "inbox_item": "leads to what it is about",
    "leaving": "answers with nothing",
    "topic_person": "leads to who that is, or looks like the page of a reply",
    **dict.fromkeys(("block_create", "block_delete", "alias_block_delete", "filter_delete"), "a verb"),
    **dict.fromkeys(("topic_person_block", "reply_person_block"), "a verb"),
    **dict.fromkeys(("window_create", "picture_create", "picture_delete", "acceptance_create", "acceptance_delete"), "a verb"),
    **dict.fromkeys(("step_take", "office_delete", "change_delete"), "a verb"),
    **dict.fromkeys(("request_resume", "ending_delete", "again_create", "again_delete"), "a verb"),
    **dict.fromkeys(("testimonial_show", "testimonial_hide", "testimonial_withdraw"), "a verb"),
    **dict.fromkeys(("cover_delete", "reason_strike"), "a verb"),
    **dict.fromkeys(("request_renew", "fact_strike", "fact_restore", "noted_edit"), "a verb"),
    **dict.fromkeys(("topic_lock", "topic_unlock", "inbox_read", "preview", "draft_save"), "a verb"),
}
SIGHTS = [Sight(name, who, address) for name, (address, seers) in SEEN.items() for who in seers] + DONE


def names(entries: list) -> Iterator[str]:
    for entry in entries:
        if not isinstance(entry, URLResolver):
            yield entry.name
        elif entry.namespace != "admin":
            yield from names(entry.url_patterns)


def test_every_address_is_looked_at_or_is_no_page():
    known = {sight.name for sight in SIGHTS} | NO_PAGE.keys()
    assert known == {*names(get_resolver().url_patterns), *names(demo.urlpatterns)}


# The people who look --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(hearth) -> dict[str, str]:
    bring(hearth, "Rook", role="newcomer")
    bring(hearth, "Lapwing", role="moderator")
    program = SET_THE_TABLE.replace("KEY", repr(json.dumps(a_passkey())))
    return json.loads(hearth.manage("shell", "--no-imports", "--command", program))


def a_passkey() -> dict:
    """What a browser hands in when a passkey is added; nothing is signed here, so any key will do."""
    public = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    data = AuthenticatorData.create(
        b"r" * 32,
        AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP,
        0,
        AttestedCredentialData.create(Aaguid(bytes(16)), b"k" * 16, public),
    )
    client = {"type": "webauthn.create", "challenge": "", "origin": "http://127.0.0.1"}
    return {
        "id": websafe_encode(b"k" * 16),
        "rawId": websafe_encode(b"k" * 16),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {},
    }


@pytest.fixture(scope="module")
def seen_by(hearth, browser, places) -> Iterator[Callable[[str], Page]]:
    """`seen_by("wren")`: the one page of that person; guests and whoever passes by come with a clean slate each time."""
    pages: dict[str, Page] = {}
    troubles: list[str] = []

    def page_of(who: str) -> Page:
        if who in ("guest", "passing") and who in pages:
            pages.pop(who).context.close()
        if who not in pages:
            pages[who] = open_context(browser, hearth.address, troubles, viewport=PHONE).new_page()
            let_in(pages[who], hearth, who)
        return pages[who]

    yield page_of
    for page in pages.values():
        page.context.close()
    assert troubles == []


def let_in(page: Page, hearth, who: str) -> None:
    if who in ("wren", "passing"):
        sign_in(page, "member@example.org")
    elif who == "rook":
        sign_in(page, address_of("Rook"), PASSWORD)
    elif who == "lapwing":
        sign_in(page, address_of("Lapwing"), PASSWORD, code=hearth.recovery_code(address_of("Lapwing")))
    elif who == "dotterel":
        # Somebody without a password comes in by a mailed code.
        before = len(hearth.mails("dotterel@example.net"))
        page.goto("/accounts/login/code/")
        ask_for_a_code(page, hearth)
        page.locator("input[name=code]").fill(code_in(hearth.next_mail("dotterel@example.net", after=before)))
        page.locator("form:has(input[name=code]) .button-main").click()
        expect(page).not_to_have_url(re.compile("/accounts/"))


# Looking --------------------------------------------------------------------------------------------------------------


def complaints(page: Page, *, whole: bool = True) -> list[str]:
    """Everything that is wrong with the page as it stands: first in the light it is in, then in every other.

    Colours take the longest by far; unless the look is a `whole` one, they are looked at once, on a phone in the light.
    """
    found: list[str] = []

    def note(where: str, wrongs: list[str]) -> None:
        found.extend(f"{where}: {wrong}" for wrong in wrongs)

    page.evaluate(LOOK)
    page.evaluate(AXE)
    # What lies below the lintel as the page was left is not out of reach.
    page.evaluate("scrollTo(0, 0)")
    note("loading", page.evaluate("look.shifts()"))
    note("phone, light", page.evaluate(AXE_RUN))
    note("phone", page.evaluate("[...look.outline(), ...look.sizes(), ...look.touch()]"))
    if whole:
        page.emulate_media(color_scheme="dark")
        note("phone, dark", page.evaluate(AXE_RUN, {"only": COLOUR_RULES}))
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    note("desk, light", page.evaluate(AXE_RUN, {} if whole else {"rules": WITHOUT_COLOURS}))
    note("desk", page.evaluate("[...look.sideways(), ...look.sizes(), ...look.touch(), ...look.reading()]"))
    page.keyboard.press("Tab")
    note("keys", page.evaluate("look.focus()"))
    page.set_viewport_size(NARROW)
    note("320 px", page.evaluate("[...look.sideways(), ...look.touch()]"))
    page.set_viewport_size(ZOOMED)
    note("200 %", page.evaluate("look.sideways()"))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
def test_a_page_is_good_to_look_at(hearth, seen_by, places, sight, request):
    page = seen_by(sight.who)
    page.set_viewport_size(PHONE)
    answer = page.goto(sight.address.format(**places))
    assert answer.status == 200, answer.status
    if "/reauthenticate/?next=" in page.url:
        page.locator("input[name=password]").fill(DEMO_PASSWORD if sight.who == "wren" else PASSWORD)
        page.locator("form:has(input[name=password]) .button-main").click()
        page.wait_for_load_state()
    assert page.url.removeprefix(hearth.address) == sight.address.format(**places)
    if sight.then:
        sight.then(page, hearth)
    assert re.fullmatch(r"([A-Z][\w ’?-]+ · )?Hearth", page.title()), page.title()
    assert not re.search("Everything|kitchen|Wren|Closed|Nothing yet", page.title())
    # Who sees a page first sees it in every light; the others, and the same page in other states, with --deep.
    is_first = sight is next(each for each in SIGHTS if each.name == sight.name)
    found = complaints(page, whole=is_first or request.config.getoption("--deep"))
    assert not found, "\n" + "\n".join(found)


# When something cannot be done ----------------------------------------------------------------------------------------


def send_too_many_fields(page: Page) -> None:
    page.route("**/accounts/login/", lambda route: route.continue_(method="POST", headers=FORM, post_data="a=1&" * 5000))
    page.goto("/accounts/login/")


def send_too_much(page: Page) -> None:
    page.route("**/accounts/login/", lambda route: route.continue_(method="POST", headers=FORM, post_data="a=" + "b" * 3_000_000))
    page.goto("/accounts/login/")


FORM = {"content-type": "application/x-www-form-urlencoded"}
REFUSED: dict[int, tuple[str, str | Callable[[Page], None]]] = {
    400: ("guest", send_too_many_fields),
    403: ("wren", "{closed}reply/"),
    404: ("rook", "/nothing/stands/here/"),
    405: ("wren", "/write/preview/"),
    413: ("guest", send_too_much),
}


@pytest.mark.parametrize("status", [*REFUSED, 429, 500, 503])
def test_an_error_page_is_good_to_look_at(hearth, seen_by, places, status):
    who, how = REFUSED.get(status, ("guest", ""))
    page = seen_by(who)
    page.set_viewport_size(PHONE)
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status))
    if callable(how):
        how(page)
    elif how:
        page.goto(how.format(**places))
    else:
        # Too much at once, something broken, closed: what the server would send, without breaking it for the others.
        file = hearth.state / "pages" / f"{status}.en.html"
        html = places["429"] if status == 429 else file.read_text()
        page.route("**/instead/", lambda route: route.fulfill(status=status, content_type="text/html", body=html))
        page.goto("/instead/")
    assert statuses[0] == status
    assert re.fullmatch(r"[A-Z][\w ’]+ · Hearth", page.title()), page.title()
    found = complaints(page)
    assert not found, "\n" + "\n".join(found)


# What a reader asks of every page -------------------------------------------------------------------------------------


def test_what_people_wrote_stands_in_lines_of_60_to_75_characters(seen_by, places):
    page = seen_by("wren")
    page.set_viewport_size(DESK)
    page.goto(places["topic"])
    page.evaluate(LOOK)
    measures = page.evaluate("look.measures('.post .prose > p')")
    assert len(measures) >= 3
    assert [measure for measure in measures if not 60 <= measure["mean"] <= 75] == []


COLOURS = """() => {
    const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
        return (red + green + blue) / 765;
    };
    return {
        page: light(of("body", "backgroundColor")), text: light(of("main .prose", "color")), soft: light(of("main .meta", "color")),
        line: of("main .section-head", "borderBottomColor"), edge: of("main .button", "borderTopColor"),
        moves: of("main .button", "transitionDuration"),
    };
}"""


def test_light_dark_more_contrast_and_less_motion_are_what_they_say(seen_by, places):
    page = seen_by("wren")
    page.set_viewport_size(DESK)
    page.goto(places["topic"])
    page.emulate_media(color_scheme="light", contrast="no-preference", reduced_motion="no-preference")
    light = page.evaluate(COLOURS)
    assert light["page"] > 0.9 > 0.3 > light["text"]
    assert light["soft"] - light["text"] > 0.1
    assert "0.16s" in light["moves"]
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    dark = page.evaluate(COLOURS)
    assert dark["page"] < 0.15 < 0.7 < dark["text"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, contrast="more", reduced_motion="reduce")
        more = page.evaluate(COLOURS)
        assert more["soft"] == more["text"]
        assert more["moves"].strip("0s, ") == ""
        page.evaluate(AXE)
        assert page.evaluate(AXE_RUN) == []
    page.emulate_media(color_scheme="light", contrast="no-preference")


def test_the_skip_link_leads_past_everything_to_the_page(seen_by):
    page = seen_by("guest")
    page.goto("/forums/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the page")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_nothing_covers_what_the_tab_key_comes_to(seen_by, places):
    page = seen_by("wren")
    page.set_viewport_size(PHONE)
    page.goto(places["topic"])
    below = """() => {
        const lintel = document.querySelector(".lintel"), at = document.activeElement, box = at.getBoundingClientRect();
        const free = lintel.contains(at) || at.matches(".skip") || box.top >= lintel.getBoundingClientRect().bottom - 1;
        return [at === document.body, free && box.top < innerHeight, at.outerHTML.slice(0, 100)];
    }"""
    for way in ("Tab", "Shift+Tab"):
        for _stop in range(45):
            page.keyboard.press(way)
            ended, is_seen, where = page.evaluate(below)
            assert ended or is_seen, where


def test_a_conversation_is_begun_by_keyboard_alone(seen_by):
    page = seen_by("rook")
    page.goto("/forums/the-kitchen-table/new/")

    def go_to(selector: str) -> None:
        for _stop in range(40):
            page.keyboard.press("Tab")
            if page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"no tab stop at {selector}")

    go_to("input[name=mode]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    go_to("input[name=title]")
    page.keyboard.type("By keyboard")
    go_to("textarea[name=body]")
    page.keyboard.type("Not one click.")
    go_to("button.button-main")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("By keyboard")


def test_a_form_with_errors_leads_to_its_first_field_by_keyboard(seen_by):
    page = seen_by("guest")
    page.goto("/accounts/signup/")
    page.locator("input[name=username]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=username]")).to_be_focused()
    expect(page.locator("input[name=username]")).to_have_attribute("aria-invalid", "true")


SPOIL = """() => {
    const style = (selector, change) => Object.assign(document.querySelector(selector).style, change);
    style("main .rows p", { fontSize: "13px", maxInlineSize: "none" });
    style("main .button-main", { minBlockSize: "0", padding: "0", outline: "none" });
    style("main h1", { inlineSize: "3000px" });
    document.querySelector("main .rows p").textContent = "word ".repeat(400);
    document.querySelector("main").append(document.createElement("h1"));
    document.querySelector("main h1:last-child").textContent = "Another";
}"""


def test_the_ruler_finds_what_is_wrong(seen_by):
    page = seen_by("guest")
    page.set_viewport_size(DESK)
    page.goto("/")
    page.evaluate(LOOK)
    page.evaluate(SPOIL)
    # What moves within half a second of a key is the key's doing, so the page moves first.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.keyboard.press("Tab")
    for glance in ("sideways", "sizes", "touch", "outline", "focus", "reading", "shifts"):
        assert page.evaluate(f"look.{glance}()"), glance
