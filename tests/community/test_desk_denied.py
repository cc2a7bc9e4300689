"""What somebody at the desk, or somebody who writes, may try there, and what comes of it."""

import pytest
from django.utils import timezone

from community.decisions.models import Act, Decision
from community.identity.seal import speak_as
from community.moderation.models import Appeal, Report
from tests import make

WHY = "It names a neighbour and a door."


@pytest.fixture
def second(db):
    return make.user("larch", role="moderator")


def fresh(words):
    return type(words).objects.get(pk=words.pk)


# About oneself ----------------------------------------------------------------------------------------------------------


def test_a_volunteer_reads_nothing_of_what_was_told_about_them(sign_in, moderator, member, second):
    moderator.is_here = True
    topic = make.topic(make.board(anonymous_at=timezone.now()))
    masked = make.reply(topic, speak_as(moderator, topic.public_id))
    told = [
        Report.put(thing, by=member, reason="rule", words="zqxtold") for thing in (make.reply(author=moderator), masked, moderator)
    ]
    closed = Report.put(make.reply(author=moderator), by=member, reason="rule")
    closed.close(by=second, reason="There was nothing to it.")
    appeal, client = Appeal.ask(closed, words="zqxagain"), sign_in(moderator)
    paths = [f"/admin/moderation/report/{report.pk}/change/" for report in told] + [f"/admin/desk/report-{r.pk}/" for r in told]
    paths += [f"/admin/moderation/appeal/{appeal.pk}/change/", f"/admin/desk/appeal-{appeal.pk}/"]
    for path in ["/admin/", "/admin/moderation/report/", "/admin/moderation/appeal/", *paths]:
        page = client.get(path, follow=True).text
        assert "zqx" not in page, path
        assert "report-" not in page, path
        assert "appeal-" not in page, path
    assert "zqxtold" in sign_in(second).get(paths[0]).text


def test_nobody_brings_their_own_conversation_back_by_what_somebody_else_said_in_it(sign_in, moderator, second, member):
    topic = make.topic(author=moderator)
    make.reply(topic, member)
    topic.hide(by=second, reason=WHY)
    appeal = Appeal.ask(Decision.objects.get(act=Act.WITHIN, member=member))
    client = sign_in(moderator)
    assert client.post(f"/admin/moderation/appeal/{appeal.pk}/do/overturn/", {"reason": WHY}).status_code == 403
    assert f"appeal-{appeal.pk}" not in client.get("/admin/").text
    assert fresh(topic).is_hidden
