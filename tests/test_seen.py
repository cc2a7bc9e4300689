"""What its author changed while a volunteer read it is not put up unseen, at the desk or on its own page behind the scenes."""

import re

import pytest
from django.utils import timezone

from mentorship import becoming
from mentorship.models import Mentor
from tests import make
from tests.addresses import forms_in

pytestmark = pytest.mark.django_db
WHY = "Please leave out the name of the street."
UNSEEN = "Words with a qzxnew part."


def tell(mentor: Mentor, story: str) -> None:
    fields = {"story": story, "offers": mentor.offers, "limits": mentor.limits, "capacity": mentor.capacity}
    becoming.tell(mentor.user, tags=[], helps=[], not_about=[], **fields)


def answer(author):
    topic = make.topic(author=author)
    topic.look_first(by=make.user(role="owner"), reason="It runs hot here.")
    return type(topic).objects.get(pk=topic.pk).reply(author, "A mild word.")


def applied(author):
    told = {"story": "I was there.", "languages": ["en"], "hours": make.EVENINGS}
    return Mentor.objects.create(user=author, applied_at=timezone.now(), **told)


def sent_back(author):
    mentor = make.mentor(author)
    mentor.revise(by=make.user(role="coordinator"), reason=WHY)
    tell(mentor, "A mild word.")
    return mentor


# What waits, how its author changes it, the verb that lets others see it, where it waits, and whether others see it.
WAITS = {
    "reply": (answer, lambda it: it.send_again(UNSEEN), "show", "forums/reply", "held", lambda it: not it.is_hidden),
    "resource": (
        lambda author: make.resource(author, publish=False),
        lambda it: it.change(UNSEEN, tags=[], title=it.title),
        *("publish", "resources/resource", "resource"),
        lambda it: it.is_published,
    ),
    "application": (applied, lambda it: tell(it, UNSEEN), "approve", "mentorship/mentor", "mentor", lambda it: it.is_approved),
    "mentor": (
        sent_back,
        lambda it: tell(it, UNSEEN),
        *("restore", "mentorship/mentor", "mentor"),
        lambda it: not it.has_hidden_words,
    ),
}
ROLES = {"reply": "moderator", "resource": "librarian", "application": "coordinator", "mentor": "coordinator"}


def fresh(it):
    return type(it).objects.get(pk=it.pk)


@pytest.mark.parametrize("kind", WAITS)
def test_its_own_page_says_what_was_looked_at(sign_in, author, kind):
    begin, change, verb, place, _key, is_seen = WAITS[kind]
    it, client = begin(author), sign_in(make.user(role=ROLES[kind]))
    there = f"/admin/{place}/{it.pk}/change/"
    way = re.compile(rf'"([^"]*/do/{verb}/[^"]*)"')
    url = way.search(client.get(there).text)[1]
    change(fresh(it))
    filled = {"reason": WHY, "until": f"{timezone.localdate().year + 1}-05-01"}
    assert client.get(url).status_code == client.post(url, filled).status_code == 403
    assert not is_seen(fresh(it))
    client.post(way.search(client.get(there).text)[1], filled)
    assert is_seen(fresh(it))


@pytest.mark.parametrize("kind", [kind for kind in WAITS if kind != "reply"])
def test_the_desk_shows_it_as_it_is_by_now_and_asks_again(sign_in, author, kind):
    begin, change, verb, _place, key, is_seen = WAITS[kind]
    it, client = begin(author), sign_in(make.user(role=ROLES[kind]))
    url = f"/admin/desk/{key}-{it.pk}/do/{verb}/"
    form = next(form for form in forms_in(client.get(url).text) if "seen" in form.fields)
    change(fresh(it))
    again = client.post(url, form.sent() | {"reason": WHY})
    assert "changed it meanwhile" in again.text and "qzxnew" in again.text
    assert not is_seen(fresh(it))
    form = next(form for form in forms_in(again.text) if "seen" in form.fields)
    client.post(url, form.sent() | {"reason": WHY})
    assert is_seen(fresh(it))
