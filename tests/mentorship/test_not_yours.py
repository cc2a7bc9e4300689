"""What nobody gets at by going round: words of others once it is over, who has blocked whom, and deciding in one's own cause."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from community.members.models import Block
from community.tags import applying
from mentorship import drafting, seeking, suggesting
from mentorship.explaining import reasons
from mentorship.models import CannotBegin, Cohort, Concern, Match, Noted
from mentorship.models.holding import hold_people
from mentorship.renewing import renew_request
from tests import make

pytestmark = pytest.mark.django_db

CANARY = "zqxnotyours"


@pytest.fixture
def coordinator(db):
    return make.user("bramble", role="coordinator")


def body(response) -> str:
    return response.content.decode()


def behind(name, *args) -> str:
    return reverse(f"admin:mentorship_{name}", args=args)


# Once it is over --------------------------------------------------------------------------------


def test_what_a_mentor_writes_later_is_not_read_in_a_memory(sign_in, member, author):
    match = make.match(member, author)
    match.request.__class__.objects.update(need=f"{CANARY} need")
    assert CANARY in body(sign_in(author).get(match.get_absolute_url()))
    Block.put(author, member)
    match.mentor.__class__.objects.update(story=f"{CANARY} story")
    for person in (member, author):
        page = sign_in(person).get(match.get_absolute_url())
        assert page.status_code == 200 and CANARY not in body(page)


def test_who_declined_does_not_follow_what_is_asked_for_later(sign_in, member, author):
    question = make.match(member, author, begun=False)
    for item in (question.request, question.mentor):
        applying.apply(item, [CANARY], accept=True)
    renew_request(question.request)
    assert CANARY in body(sign_in(author).get(question.get_absolute_url()))
    question.decline(by=author)
    assert CANARY not in body(sign_in(author).get(question.get_absolute_url()))


def test_the_words_of_a_search_that_is_over_are_not_in_old_drafts(sign_in, coordinator):
    make.mentor()
    search = make.request(need=f"{CANARY} need")
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim="many")
    drafting.draft(cohort.pk)
    row = behind("cohort_row", cohort.pk, cohort.pairings.get().pk)
    client = sign_in(coordinator)
    assert CANARY in body(client.get(row))
    seeking.take_back(search)
    page = client.get(row)
    assert page.status_code == 200 and CANARY not in body(page)


def test_a_mentor_does_not_learn_that_they_were_kept_in_mind(coordinator):
    search, mentor = make.request(), make.mentor()
    Noted.objects.create(request=search, mentor=mentor, how="saved")
    question = Match.ask(search, mentor, by=coordinator, origin="coord")
    assert any("in mind" in said for said in reasons(question, search.user))
    assert not any("rather have" in said or "in mind" in said for said in reasons(question, mentor.user))


# Blocks -----------------------------------------------------------------------------------------


def test_asking_and_taking_back_does_not_call_a_mentor_again_and_again(member):
    search, mentor = make.request(member), make.mentor()
    for _each in range(2):
        Match.ask(search, mentor, hello="Answer me.").decline(by=member)
    with pytest.raises(CannotBegin, match="Let some more pass"):
        Match.ask(search, mentor, hello="Answer me.")
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=5)):
        Match.ask(search, mentor, hello="Answer me.")


def test_where_nobody_fits_nothing_tells_of_a_block(sign_in, member):
    search, mentor = make.request(member), make.mentor()
    Block.put(mentor.user, member)
    funnel = suggesting.funnel(search)
    assert funnel.mentors == 0 and set(funnel.left.values()) == {0}
    assert "set aside" not in body(sign_in(member).get("/mentorship/request/mentors/"))


# Safety -----------------------------------------------------------------------------------------


def test_taking_words_back_does_not_take_them_from_the_leads(sign_in, member, author):
    match = make.match(member, author)
    said = make.message(match, author, f"{CANARY} said")
    Concern.call(match, by=member, shown=[said], freeze=True)
    said.withdraw()
    client = sign_in(make.user("larkspur", role="lead"))
    concern = Concern.objects.get()
    assert CANARY in body(client.get(behind("concern_change", concern.pk)))
    concern.close(by=make.user(role="lead"), reason="Spoken with both of them.")
    assert CANARY not in body(client.get(behind("concern_change", concern.pk)))


def test_a_lead_ends_a_question_before_it_becomes_a_pair(sign_in, member, author):
    question = make.match(member, author, begun=False)
    Concern.call(question, by=member, words="I did not know who they are.")
    concern, lead = Concern.objects.get(), make.user(role="lead")
    sign_in(lead).post(behind("concern_verb", concern.pk, "end_pair"), {"reason": "They are not safe with them."})
    question.refresh_from_db()
    assert (question.ending, question.began_at) == ("back", None)


def test_an_end_for_safety_reads_as_another_end_by_the_programme(sign_in, coordinator):
    ended = [make.match() for _each in range(2)]
    ended[0].end(ending="safety")
    ended[1].mentor.end_approval(by=coordinator, reason="They asked for it.", with_pairs=True)
    client = sign_in(coordinator)
    for match in ended:
        assert "The programme ended it" in body(client.get(behind("match_change", match.pk)))


# In one's own cause -------------------------------------------------------------------------------


def test_a_coordinator_brings_nobody_to_themselves(sign_in, coordinator):
    mine, search = make.mentor(coordinator), make.request()
    client = sign_in(coordinator)
    page = client.post(behind("request_match", search.pk), {"mentor": mine.pk}, follow=True)
    assert "bring somebody to yourself" in body(page)
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim="many")
    drafting.draft(cohort.pk)
    row = behind("cohort_row", cohort.pk, cohort.pairings.get().pk)
    assert "bring somebody to yourself" in body(client.post(row, {"act": "pin", "mentor": mine.pk}, follow=True))
    client.post(behind("cohort_publish", cohort.pk))
    assert not Match.objects.exists()
    cohort.let_go(by=coordinator)
    sign_in(make.user(role="coordinator")).post(behind("cohort_publish", cohort.pk))
    assert Match.objects.get().mentor == mine


def test_a_coordinator_who_looks_does_not_see_whom_a_draft_has_for_them(sign_in, coordinator):
    make.mentor(make.user("oak"))
    make.request(coordinator)
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim="many")
    drafting.draft(cohort.pk)
    page = behind("cohort_change", cohort.pk)
    assert "oak" not in body(sign_in(coordinator).get(page))
    assert "oak" in body(sign_in(make.user(role="coordinator")).get(page))


def test_who_has_begun_an_application_is_not_found_out_by_a_draft(sign_in, coordinator):
    begun = make.mentor()
    make.mentor()
    make.request()
    cohort = Cohort.begin(by=coordinator, name="Autumn", aim="many")
    drafting.draft(cohort.pk)
    begun.__class__.objects.filter(pk=begun.pk).update(applied_at=None, approved_at=None, approved_until=None)
    row = behind("cohort_row", cohort.pk, cohort.pairings.get().pk)
    client = sign_in(coordinator)
    for act in ("forbid", "allow", "pin", "weigh"):
        assert "Choose one of the mentors first" in body(client.post(row, {"act": act, "mentor": begun.pk}, follow=True))


# At the same moment -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_taking_a_search_back_while_a_mentor_answers_waits_for_nobody_who_waits_for_it():
    first, newcomer, last = make.user(), make.user(), make.user()
    search = make.request(newcomer)
    # The question that is taken back first is to the mentor who is held last.
    make.match(newcomer, last, begun=False)
    answered = make.match(newcomer, first, begun=False)
    held, failed = threading.Event(), []

    def answer():
        try:
            with transaction.atomic():
                hold_people(first.pk)
                held.set()
                time.sleep(0.5)
                hold_people(newcomer.pk)
                Match.objects.get(pk=answered.pk).decline(by=first)
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    held.wait(10)
    seeking.take_back(search)
    thread.join(30)
    assert failed == []
    assert not Match.objects.open().exists()
