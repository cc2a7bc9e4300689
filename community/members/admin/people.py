"""Members as staff see them: by name, without passwords and addresses; what is decided about one of them, and their roles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from community.admin import HearthModelAdmin, ReasonForm, Titled, Verb
from community.decisions.models import Act
from community.members.deciding import DecisionForm, PauseForm, asked_of, form_to, timed_form_to
from community.members.handles import LONGEST, skeleton
from community.members.models import Role, User, standing_decisions
from community.members.models.naming import was_taken
from community.members.models.taking_down import shows_something, taken_down
from community.members.permissions import can_keep_in_memory, can_let_write, can_pause_voice
from community.permissions import Verdict
from community.times import day

# What moderators decide about a member by name.
STANDING = (
    Verb(
        "pause",
        _("Pause"),
        said=_("Paused. They were told why, and what still works."),
        offered=lambda member: member.is_active,
        form=PauseForm,
    ),
    Verb(
        "let_write",
        _("End the pause"),
        said=_("They can write again, and were told."),
        offered=lambda member: standing_decisions(member, Act.PAUSE).exists(),
    ),
    Verb(
        "look_first",
        _("Look first at what they post"),
        said=_("For that time what they post by name waits for a volunteer. They were told why."),
        offered=lambda member: member.is_active and not member.held_until,
        form=timed_form_to(Act.HOLD),
    ),
    Verb(
        "trust",
        _("Do not look first any more"),
        said=_("What they post is seen at once, and they were told."),
        offered=lambda member: bool(member.held_until),
    ),
    Verb(
        "take_down_profile",
        _("Empty their page"),
        said=_("Their words about themselves and their picture are gone. They were told why, and have a copy of the words."),
        offered=shows_something,
        form=form_to(Act.REMOVE),
    ),
    Verb(
        "put_profile_back",
        _("Put back what stood on their page"),
        said=_("It stands there again, unless they put something else there since. They were told."),
        offered=lambda member: taken_down(member).exists(),
    ),
    Verb(
        "take_name",
        _("Ask for another name"),
        said=_("They are called by a neutral name until they choose another one. They were told why."),
        offered=lambda member: member.is_active and member.unnamed_at is None,
        form=form_to(Act.RENAME),
    ),
    Verb(
        "give_name_back",
        _("Give their name back"),
        said=_("They are called as before, or can be if they chose another name since. They were told."),
        offered=was_taken,
    ),
)

# What owners and those in charge of safety decide when somebody has died. No decision goes out: there is nobody to read it.
MEMORIAL = (
    Verb(
        "keep_in_memory",
        _("Keep in memory"),
        asks=_(
            "Nobody can sign in with it any more then, and what they wrote stays. How do you know? It is kept in the record of who "
            "did what. Write nothing of how it came about."
        ),
        said=_("Nobody can sign in with it any more, and what they wrote stays. Whoever had a room with them was told, gently."),
        offered=lambda member: member.is_active,
    ),
    Verb(
        "give_back",
        _("Give the account back"),
        asks=_("What was the mistake? It is kept in the record of who did what."),
        said=_("They can sign in again, and were told by mail. What was closed between them and others stays closed."),
        offered=lambda member: member.is_in_memory,
    ),
)


class RoleForm(forms.Form):
    """Which role; those that are possible are handed over."""

    role = forms.ChoiceField(label=_("Which role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = self.initial.get("possible", [])  # type: ignore[attr-defined]


class AppointForm(RoleForm, ReasonForm):
    field_order = ["role", "reason"]


class DismissForm(RoleForm, DecisionForm):
    act = Act.END
    field_order = ["role", "template", "reason", "rule"]


def _held(member: User) -> list[Role]:
    """The roles that somebody has, or is appointed to; looked up once for all that can be done about them."""
    if "_held_roles" not in member.__dict__:
        member.__dict__["_held_roles"] = [office.role for office in member.offices.standing().select_related("group")]
    return member.__dict__["_held_roles"]


def _free(member: User) -> list[Role]:
    held = _held(member)
    return [role for role in Role if role not in held]


# What owners decide about who looks after what.
ROLES = (
    Verb(
        "appoint",
        _("Give a role"),
        said=_("Given for a year. It begins when they have been through its training, and they were told where that is."),
        offered=lambda member: member.is_active and bool(_free(member)),
        form=AppointForm,
    ),
    Verb(
        "renew",
        _("Renew a role"),
        said=_("Renewed for a year, and they were told."),
        offered=lambda member: member.is_active and bool(_held(member)),
        form=AppointForm,
    ),
    Verb(
        "dismiss",
        _("End a role"),
        said=_("Ended. They were told why, and stay what else they are."),
        offered=lambda member: bool(_held(member)),
        form=DismissForm,
    ),
)


class StaffFilter(Titled, admin.BooleanFieldListFilter):
    titled = _("work behind the scenes")


@admin.register(User)
class MemberAdmin(HearthModelAdmin):
    """Looked for by name alone; nothing is edited here, roles are given and taken with a reason."""

    can_add = can_change = False
    list_display = ("username", "role", "settled_at")
    list_filter = (("is_staff", StaffFilter),)
    fields = readonly_fields = ("username", "role", "looks_after", "joined", "settled_at")
    ordering = ("handle_key",)
    search_fields = ("handle_key",)
    search_help_text = _("The beginning of a name.")
    verbs = (
        *STANDING,
        *ROLES,
        *MEMORIAL,
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_moderator or request.user.is_owner

    def may(self, request: HttpRequest, verb: Verb, obj: Any) -> bool | Verdict:
        if verb in MEMORIAL:
            return can_keep_in_memory(request.user, obj)
        if verb.name == "let_write":
            return can_let_write(request.user, obj)
        return can_pause_voice(request.user, obj) if verb in STANDING else request.user.is_owner

    def form_of(self, request: HttpRequest, verb: Verb, obj: User) -> ReasonForm:
        return asked_of(request.user, obj, super().form_of(request, verb, obj))

    def initial_of(self, verb: Verb, obj: User) -> dict[str, Any]:
        if verb not in ROLES:
            return super().initial_of(verb, obj)
        possible = _free(obj) if verb.name == "appoint" else _held(obj)
        return {"possible": [(role.value, role.label) for role in possible]}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without accounts that still wait for their code: seeing one would tell that its address had none before."""
        waiting = User.objects.unconfirmed().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).filter(~Exists(waiting))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(handle_key__startswith=skeleton(search_term[: 2 * LONGEST].replace("\0", ""))), False

    @admin.display(description=_("role"))
    def role(self, member: User) -> str:
        if member.is_in_memory:
            return _("Kept in memory")
        if not member.is_active:
            return _("Nobody signs in with it")
        if member.is_superuser:
            return _("Owner")
        return _("Volunteer behind the scenes") if member.is_staff else _("Member")

    @admin.display(description=_("here since"))
    def joined(self, member: User) -> str:
        return day(member.date_joined)

    @admin.display(description=_("looks after"))
    def looks_after(self, member: User) -> str:
        lines = []
        for office in member.offices.standing().select_related("group"):
            until = date_format(office.until, "DATE_FORMAT") if office.until else "–"
            has_begun = _("until %(day)s") if office.has_begun else _("in training, until %(day)s")
            lines.append(f"{office.role.label}: {has_begun % {'day': until}}")
        return "; ".join(lines) or "–"
