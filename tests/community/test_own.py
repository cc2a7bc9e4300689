"""Everything that holds something of a member is in the copy that they take, column by column, or stands here with the reason."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from community import copying
from community.identity.models import Persona

MEMBER = apps.get_model(settings.AUTH_USER_MODEL)
MODELS = apps.get_models(include_auto_created=True)
OWNS = [each for _label, owns in copying.everything() for each in owns]
OURS = ("community", "forums", "mentorship", "resources")

WORK = "what somebody does in a role is the house's; the record in the copy says what and when"
# What has no part in the copy, and why.
NOT_IN_IT = {
    "identity.Sealed": "keyed bytes; the alias stands beside each of the words",
    "audit.EntryWords": WORK,
    "members.User_user_permissions": "nobody is given any",
    "tags.Tagged": "stands with what carries the tag",
    "contributions.Draft": "under a key that names neither writer nor place; found in its form alone, and forgotten by itself",
    "contributions.Reference": "words of others",
    "care.Country": WORK,
    "moderation.HandOver": WORK,
    "moderation.MemberNote": "it would tell what others said",
    "mentorship.Goal": "nothing says which of the two wrote it",
    "mentorship.Cohort": WORK,
    "mentorship.Pairing": "a draft of coordinators, about two people",
    "mentorship.Rule": WORK,
    "mentorship.Mentor_helps": "stands with the mentor",
    "mentorship.Request_helps": "stands with the request",
    # Not ours.
    "admin.LogEntry": "never written",
    "account.EmailConfirmation": "not used: codes are mailed",
}
_DERIVED = "made from what is in the copy"
_SECRET = "lets somebody in"
_TOGETHER = "nothing says which of the two wrote it"
_BITS = dict.fromkeys(("tag_bits", "help_bits", "language_bits", "utc_hours", "offset"), _DERIVED)
_CONTRIBUTION = {"body_html": _DERIVED, "note_words": "stands in the note", "notes": "stands in the note"}
# What of a row is not in the copy, and why.
LEFT_OUT = {
    "members.User": {
        **dict.fromkeys(("handle_key", "id"), _DERIVED),
        **dict.fromkeys(("password", "session_stamp"), _SECRET),
        "memorial_at": "nobody is there to take a copy",
        **dict.fromkeys(("is_active", "is_staff", "is_superuser"), "what the roles say"),
    },
    "members.Profile": {"about_html": _DERIVED},
    "members.Standing": {"tag": "a keyed tag"},
    "account.EmailAddress": {},
    "mfa.Authenticator": {"data": _SECRET},
    "usersessions.UserSession": {"session_key": _SECRET, "data": "nothing is kept there"},
    "notifications.Notification": {
        "note": "words of volunteers; they stand with what was decided",
        "mailed_at": "a time of the house",
    },
    "notifications.Outgoing": {
        "to": "the address stands with the account",
        "body": "codes may be in it",
        "notification": "stands apart",
    },
    "tags.Unmet": {"seeker": "a keyed tag"},
    "contributions.Filter": {"query": _DERIVED},
    "decisions.Decision": {"by": "volunteers are not named"},
    "moderation.Report": {"kept": "words of others", "closed_by": "volunteers are not named"},
    "moderation.Appeal": dict.fromkeys(("first_by", "decided_by"), "volunteers are not named"),
    "moderation.Unmasking": {"answer": "sealed", **dict.fromkeys(("asked_by", "approved_by"), "volunteers are not named")},
    "forums.Topic": _CONTRIBUTION,
    "forums.Reply": _CONTRIBUTION,
    "resources.Resource": _CONTRIBUTION | {"keeper": "a role"},
    "resources.Review": _CONTRIBUTION,
    "resources.Collection": _CONTRIBUTION,
    "resources.ImportRow": {"key": _DERIVED},
    "mentorship.Message": _CONTRIBUTION,
    "mentorship.Mentor": _BITS | {"not_bits": _DERIVED},
    "mentorship.Request": _BITS | {"without_bits": _DERIVED},
    "mentorship.Match": {
        **dict.fromkeys(("notes", "rhythm", "channel", "between_us", "how_to_stop"), _TOGETHER),
        "parts": "worked out from what both told",
        "request": "stands apart",
        "by": "coordinators are not named",
    },
    "mentorship.Concern": {
        "shown": "keys of messages, most of them of the other one",
        "outcome": "for those in charge of safety",
        "taken_by": "volunteers are not named",
    },
}


def of_members(model):
    """The fields by which a model holds something of a member: declared, or leading to a member or an alias."""
    leading = {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model in (MEMBER, Persona)
    }
    if model.__module__.startswith(OURS):
        return leading | set(getattr(model, "personal", ()))
    return leading and {field.name for field in model._meta.concrete_fields if not field.primary_key}


def taken(own):
    """The fields of a model that are in the copy, or by which its rows are found."""
    names = {column.partition("__")[0] for column in [*own.columns, *own.by, *(own.file or ())]}
    for expression in own.also.values():
        names |= {each.name for each in expression.flatten() if isinstance(each, models.F)}
    return names | {
        field.name for field in own.model._meta.concrete_fields if own.found and field.related_model in (MEMBER, Persona)
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_whatever_holds_something_of_a_member_is_in_the_copy_or_has_a_reason(model):
    label = model._meta.label
    is_in_it = any(own.model is model for own in OWNS)
    assert not (is_in_it and label in NOT_IN_IT)
    if of_members(model):
        assert is_in_it or label in NOT_IN_IT, f"say in {model._meta.app_label}/own.py what of it is a member's own"


@pytest.mark.parametrize("model", dict.fromkeys(own.model for own in OWNS), ids=lambda model: model._meta.label)
def test_every_column_of_it_is_in_the_copy_or_has_a_reason(model):
    known = set().union(*(taken(own) for own in OWNS if own.model is model))
    left_out = set(LEFT_OUT.get(model._meta.label, ()))
    assert of_members(model) - known - left_out == set(), "take it into the copy, or say here why not"


def test_no_reason_stands_for_nothing():
    labels = {model._meta.label: model for model in MODELS}
    assert set(NOT_IN_IT) <= set(labels)
    for label, reasons in LEFT_OUT.items():
        assert set(reasons) <= {field.name for field in labels[label]._meta.concrete_fields}, label


def test_each_kind_has_a_name_and_a_title_of_its_own():
    assert len({own.key for own in OWNS}) == len({str(own.title) for own in OWNS}) == len(OWNS)
