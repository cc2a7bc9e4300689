"""Members: who may write, what they agreed to, the limits of the first days, roles."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from community.audit.models import Entry
from community.members import limits, tasks
from community.members.joining import join
from community.members.models import Acceptance, Agreement, NewMemberLimits, TrainingStep, User
from community.members.permissions import can_write
from tests import make


def publish(kind: str = "rules", body: str = "Be gentle.") -> Agreement:
    agreement = Agreement(kind=kind, body=body)
    agreement.publish()
    return agreement


# What one agreed to


def test_a_fresh_house_has_texts_to_agree_to(db):
    assert sorted(Agreement.objects.current().values_list("kind", "version")) == [("rules", 1), ("sensitive", 1)]


def test_a_guest_cannot_write_and_hears_what_to_do(guest):
    verdict = can_write(guest)
    assert not verdict
    assert verdict.step == ("Sign in", "/accounts/login/")


def test_a_member_who_agreed_can_write(member):
    assert can_write(member) is True


def test_after_new_rules_a_member_reads_and_agrees_before_writing(member, sign_in):
    rules = publish()
    verdict = can_write(member)
    assert not verdict
    assert "house rules" in str(verdict)
    page = sign_in(member).get("/agreements/").content.decode()
    assert "You have not said yes to this version" in page
    sign_in(member).post(f"/agreements/{rules.pk}/acceptance/")
    assert can_write(member) is True


def test_nobody_agrees_to_a_text_that_was_replaced(member, sign_in):
    old = Agreement.objects.current().get(kind="rules")
    publish()
    assert sign_in(member).post(f"/agreements/{old.pk}/acceptance/").status_code == 404


def test_consent_is_taken_back_by_one_button_and_given_again_by_one(member, sign_in):
    sensitive = Agreement.objects.current().get(kind="sensitive")
    client = sign_in(member)
    answer = client.post(f"/agreements/{sensitive.pk}/acceptance/delete/", follow=True)
    assert "You have taken your yes back" in answer.content.decode()
    assert not can_write(member)
    kept = Acceptance.objects.get(user=member, agreement=sensitive)
    assert kept.withdrawn_at
    client.post(f"/agreements/{sensitive.pk}/acceptance/")
    assert can_write(member) is True


def test_consent_is_taken_back_whichever_version_it_was_given_to(member):
    first = Agreement.objects.current().get(kind="sensitive")
    second = publish("sensitive", "We keep less.")
    second.withdraw(by=member)
    assert not Acceptance.objects.filter(user=member, agreement=first, withdrawn_at=None).exists()


def test_the_rules_are_not_taken_back_as_consent_is(member, sign_in):
    rules = Agreement.objects.current().get(kind="rules")
    assert sign_in(member).post(f"/agreements/{rules.pk}/acceptance/delete/").status_code == 404


def test_anybody_reads_the_agreements_and_a_guests_copy_is_checked_by_version(db, client):
    answer = client.get("/agreements/")
    assert answer.status_code == 200
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert client.get("/agreements/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    publish()
    assert client.get("/agreements/", headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_acceptances_are_posted_by_members_only(db, client, sign_in, member):
    rules = Agreement.objects.current().get(kind="rules")
    assert client.post(f"/agreements/{rules.pk}/acceptance/").status_code == 302
    assert sign_in(member).get(f"/agreements/{rules.pk}/acceptance/").status_code == 405
    assert sign_in(member).post("/agreements/99999999999999999999/acceptance/").status_code == 404


def test_the_database_holds_one_current_text_of_a_kind(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.create(kind="rules", version=9, body="Another.")


# The first days


def test_the_first_days_allow_two_links_and_two_people(newcomer):
    assert limits.words_of(newcomer, "https://a.example and https://b.example, @wren and @sorrel") == []
    over = limits.words_of(newcomer, "https://a.example https://b.example https://c.example @wren @sorrel @yarrow")
    assert len(over) == 2
    assert "3 links" in over[0]
    assert "3 people" in over[1]


def test_settled_members_and_staff_have_no_limits(member, moderator):
    many = " ".join(f"https://{number}.example @robin{number}" for number in range(9))
    for user in (member, moderator):
        assert limits.words_of(user, many) == []
        assert limits.can_post_more(user, made_today=500, kind="topics") is True


def test_the_first_days_have_room_for_three_conversations_and_ten_replies(newcomer):
    assert limits.can_post_more(newcomer, made_today=2, kind="topics") is True
    denied = limits.can_post_more(newcomer, made_today=3, kind="topics")
    assert not denied
    assert "Your words are kept" in str(denied)
    assert limits.can_post_more(newcomer, made_today=9, kind="replies") is True
    assert not limits.can_post_more(newcomer, made_today=10, kind="replies")


def test_limits_are_what_the_owners_set(newcomer):
    NewMemberLimits.objects.update(links=0, topics_a_day=7)
    assert limits.words_of(newcomer, "https://a.example")
    assert limits.can_post_more(newcomer, made_today=6, kind="topics") is True


def test_without_a_row_the_limits_are_the_first_ones(newcomer):
    NewMemberLimits.objects.all().delete()
    assert NewMemberLimits.current().replies_a_day == 10


def test_limits_lift_by_time_and_reading_together(newcomer):
    assert not newcomer.settle(conversations_read=500)
    newcomer.date_joined = timezone.now() - timedelta(days=3)
    assert not newcomer.settle(conversations_read=19)
    assert newcomer.settle(conversations_read=20)
    assert User.objects.get(pk=newcomer.pk).is_settled


# People and roles


def test_a_role_is_what_its_holder_may(member, moderator, owner):
    assert (member.is_moderator, moderator.is_moderator, owner.is_moderator) == (False, True, False)
    assert (member.is_owner, moderator.is_owner, owner.is_owner) == (False, False, True)


def test_a_moderator_without_an_account_any_more_moderates_nothing(moderator):
    moderator.is_active = False
    assert not moderator.is_moderator


def test_an_address_has_one_account_also_in_the_database(member):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="another", email=member.email.upper())


def test_accounts_whose_address_nobody_confirmed_are_forgotten_after_two_days(member):
    for handle, days in (("ghost", 3), ("fresh", 1)):
        made = User.objects.create(
            username=handle, email=f"{handle}@example.org", date_joined=timezone.now() - timedelta(days=days)
        )
        made.emailaddress_set.create(email=made.email, primary=True)
    User.objects.filter(pk=member.pk).update(date_joined=timezone.now() - timedelta(days=900))
    tasks.forget_unconfirmed(timestamp=0)
    tasks.forget_unconfirmed(timestamp=0)
    assert set(User.objects.values_list("username", flat=True)) == {"fresh", "wren"}


def test_sessions_that_ran_out_are_forgotten(member, sign_in):
    sign_in(member)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    tasks.forget_sessions(timestamp=0)
    assert not Session.objects.exists()


def test_housekeeping_is_known_to_the_worker(db):
    app.perform_import_paths()
    assert {"community.members.tasks.forget_unconfirmed", "community.members.tasks.forget_sessions"} <= set(app.tasks)


# In the admin


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_staff_find_members_by_name_and_see_no_address(member, request, sign_in, role):
    client = sign_in(request.getfixturevalue(role))
    listed = client.get("/admin/members/user/", {"q": "WRE"}).content.decode()
    assert "wren" in listed
    page = client.get(f"/admin/members/user/{member.pk}/change/").content.decode()
    assert member.email not in listed + page
    assert member.password not in page
    assert "wren" not in client.get("/admin/members/user/", {"q": member.email.partition("@")[2]}).content.decode()


def test_the_admin_tells_nothing_of_hidden_columns_by_lookups(member, moderator, owner, sign_in):
    for user in (moderator, owner):
        client = sign_in(user)
        for lookup in (
            "email__startswith",
            "password__startswith",
            "email",
            "emailaddress__email",
            "session_stamp__gt",
            "handle_key__gt",
        ):
            assert client.get("/admin/members/user/", {lookup: "w"}).status_code in (302, 400, 403, 404)


def test_nobody_edits_an_account_in_the_admin(member, moderator, owner, sign_in):
    for user in (moderator, owner):
        client = sign_in(user)
        fields = {"username": "hacked", "email": "x@example.org", "is_staff": "on", "is_superuser": "on", "password": "x"}
        client.post(f"/admin/members/user/{member.pk}/change/", fields)
        client.post(f"/admin/members/user/{user.pk}/change/", fields)
        client.post(f"/admin/members/user/{member.pk}/delete/", {"post": "yes"})
        assert client.get("/admin/members/user/add/").status_code == 403
    after = User.objects.get(pk=member.pk)
    assert (after.username, after.email, after.is_staff) == (member.username, member.email, False)
    assert not User.objects.get(pk=moderator.pk).is_superuser


def test_owners_give_and_take_roles_with_a_reason(member, moderator, owner, sign_in):
    address = f"/admin/members/user/{member.pk}/do/appoint/"
    fields = {"role": "moderator", "reason": "I would like company."}
    assert sign_in(moderator).post(address, fields).status_code == 403
    TrainingStep.objects.all().delete()
    theirs = sign_in(member)
    sign_in(owner).post(address, fields | {"reason": "Has read here every evening for a year."})
    appointed = User.objects.get(pk=member.pk)
    assert appointed.is_moderator
    assert theirs.get("/settings/").status_code == 302, "with other powers sessions begin anew"
    sign_in(owner).post(f"/admin/members/user/{member.pk}/do/dismiss/", fields | {"reason": "Asked for a long rest."})
    dismissed = User.objects.get(pk=member.pk)
    assert (dismissed.is_moderator, dismissed.is_staff) == (False, False)
    written = Entry.objects.filter(by=owner).order_by("pk").values_list("action", flat=True)
    assert list(written) == ["members.moderator_appointed", "members.moderator_dismissed"]


def test_owners_publish_a_new_version_and_members_are_asked_anew(member, moderator, owner, sign_in):
    fields = {"kind": "rules", "body": "Be gentle, please."}
    assert sign_in(moderator).post("/admin/members/agreement/add/", fields).status_code == 403
    assert sign_in(owner).post("/admin/members/agreement/add/", fields).status_code == 302
    assert Agreement.objects.current().get(kind="rules").version == 2
    assert Entry.objects.filter(action="members.agreement_added", by=owner).exists()
    assert not can_write(member)


def test_owners_edit_the_limits_and_it_is_written_down(owner, moderator, sign_in):
    fields = {"links": 1, "mentions": 1, "topics_a_day": 1, "replies_a_day": 1, "days": 1, "conversations": 1, "mails_an_hour": 9}
    sign_in(moderator).post("/admin/members/newmemberlimits/1/change/", fields)
    assert NewMemberLimits.current().links == 2
    sign_in(owner).post("/admin/members/newmemberlimits/1/change/", fields)
    assert NewMemberLimits.current().links == 1
    assert Entry.objects.filter(action="members.newmemberlimits_changed", by=owner).exists()


def test_joining_refuses_what_sign_up_would(db):
    join(handle="pebble", email="p@example.org", password="warm stones in a row")
    for change in ({"handle": "Pebble"}, {"email": "P@example.org"}, {"password": "hearth1"}, {"role": "queen"}, {"email": "none"}):
        fields = {"handle": "other-stone", "email": "o@example.org", "password": "warm stones in a row"} | change
        with pytest.raises(Exception, match=r".+") as refused:
            join(**fields)
        assert refused.typename == "ValidationError"
    assert make.user("other-stone").profile.avatar_seed >= 0
