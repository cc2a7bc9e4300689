"""Reasons that are needed often: shipped, kept by leads and owners, read by volunteers before they send them."""

import html
import re

from community.audit.models import Entry
from community.decisions.models import Act, Decision, ReasonTemplate
from community.members.models import Agreement
from community.moderation.models import Report
from tests import make


def test_a_reason_from_the_list_is_read_before_it_is_sent(sign_in, author, moderator):
    reply, client = make.reply(author=author), sign_in(moderator)
    template = ReasonTemplate.objects.filter(act="hide").first()
    other_act = ReasonTemplate.objects.filter(act="lock").first()
    address = f"/admin/forums/reply/{reply.pk}/do/hide/"
    page = client.get(address).text
    assert template.name in page and template.words in html.unescape(page) and other_act.name not in page
    assert client.post(address, {"template": other_act.pk}).status_code == 200
    assert client.post(address, {"template": template.pk, "reason": "It is the third line."}).status_code == 302
    assert Decision.objects.about(reply).get().reason == f"{template.words}\n\nIt is the third line."


def test_the_rule_that_was_reported_is_chosen_already_at_the_desk(sign_in, member, moderator):
    rule = Agreement.rules()[2]
    report = Report.put(make.reply(), by=member, reason="rule", rule=rule)
    page = html.unescape(sign_in(moderator).get(f"/admin/desk/report-{report.pk}/do/hide/").text)
    assert re.search(rf'<option value="{re.escape(rule)}" selected>', page)


def test_there_is_a_first_reason_for_every_act(db):
    named = set(ReasonTemplate.objects.values_list("act", flat=True))
    assert named == {"", *Act.values} - {Act.WITHIN}
    for template in ReasonTemplate.objects.all():
        assert len(template.name) <= 60 and len(template.words) <= 600


def test_leads_and_owners_keep_the_list_of_reasons(sign_in, owner, moderator):
    template = ReasonTemplate.objects.filter(act="hide").first()
    address = f"/admin/decisions/reasontemplate/{template.pk}/"
    assert sign_in(moderator).get(f"{address}change/").status_code in {302, 403}
    for who in (owner, make.user(role="lead")):
        client = sign_in(who)
        data = {"name": template.name, "act": "hide", "words": f"Put by {who.username}.", "position": 3}
        assert client.post(f"{address}change/", data).status_code == 302
        template.refresh_from_db()
        assert template.words == f"Put by {who.username}."
        assert client.post(f"{address}do/retire/", {"reason": "We say it otherwise."}).status_code == 302
        assert client.post(f"{address}do/bring_back/", {"reason": "We say it again."}).status_code == 302
        assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert Entry.objects.filter(action="decisions.reason_retired").count() == 2
