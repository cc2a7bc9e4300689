"""Members as staff see them: by name, without passwords and addresses. Roles, texts and limits are the owners'."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from community.admin import FOR_THE_RECORD, SHORTEST_REASON, HearthModelAdmin, ReasonForm, Verb
from community.decisions.models import Act
from community.permissions import Verdict
from community.text import BodyField

from .deciding import DecisionForm, form_to, timed_form_to
from .handles import LONGEST, skeleton
from .models import ROLE_GROUPS, Agreement, NewMemberLimits, Role, TrainingStep, User, standing_decisions
from .models.circles import take_in, take_off
from .models.taking_down import shows_something, taken_down
from .permissions import can_keep_in_memory, can_pause_voice

# What moderators decide about a member by name.
STANDING = (
    Verb(
        "pause",
        _("Pause"),
        said=_("Paused for that time. They were told why, and what still works."),
        offered=lambda member: member.is_active,
        form=timed_form_to(Act.PAUSE),
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
)

# What owners and those in charge of safety decide when somebody has died. No decision goes out: there is nobody to read it.
MEMORIAL = (
    Verb(
        "keep_in_memory",
        _("Keep in memory"),
        asks=_("How do you know? It is kept in the record of who did what. Write nothing of how it came about."),
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
    field_order = ["role", "rule", "template", "reason"]


def _held(member: User) -> list[Role]:
    """The roles that somebody has, or is appointed to."""
    return [office.role for office in member.offices.standing().select_related("group")]


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


@admin.register(User)
class MemberAdmin(HearthModelAdmin):
    """Looked for by name alone; nothing is edited here, roles are given and taken with a reason."""

    can_add = can_change = False
    list_display = ("username", "role", "is_active", "settled_at")
    list_filter = ("is_staff", "is_active")
    fields = readonly_fields = ("username", "role", "looks_after", "is_active", "date_joined", "settled_at")
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
        return can_pause_voice(request.user, obj) if verb in STANDING else request.user.is_owner

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
        if member.is_superuser:
            return _("Owner")
        return _("Volunteer") if member.is_staff else _("Member")

    @admin.display(description=_("looks after"))
    def looks_after(self, member: User) -> str:
        lines = []
        for office in member.offices.standing().select_related("group"):
            until = date_format(office.until, "DATE_FORMAT") if office.until else "–"
            has_begun = _("until %(day)s") if office.has_begun else _("in training, until %(day)s")
            lines.append(f"{office.role.label}: {has_begun % {'day': until}}")
        return "; ".join(lines) or "–"


@admin.register(TrainingStep)
class TrainingStepAdmin(HearthModelAdmin):
    """What a role asks of somebody before it begins; retired, never deleted. A role without steps begins at once."""

    list_display = ("name", "role", "position", "is_in_use")
    list_filter = ("role",)
    fields = ("role", "name", "body", "answer", "position")
    verbs = (
        Verb(
            "retire",
            _("Ask for it no more"),
            asks=FOR_THE_RECORD,
            said=_("Nobody is asked for it any more. Whoever waited for nothing else begins tonight."),
            offered=lambda step: not step.is_retired,
        ),
        Verb(
            "bring_back",
            _("Ask for it again"),
            asks=FOR_THE_RECORD,
            said=_("Whoever is given the role from now on is asked for it."),
            offered=lambda step: step.is_retired,
        ),
    )

    @admin.display(description=_("asked for"), boolean=True)
    def is_in_use(self, step: TrainingStep) -> bool:
        return not step.is_retired


@admin.register(Agreement)
class AgreementAdmin(HearthModelAdmin):
    """A text is never edited: a new version is published, and members are asked anew."""

    can_change = False
    fields = ("kind", "body")
    list_display = ("__str__", "published_at", "replaced_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        """Begin with the house rules as they are now."""
        kind = request.GET.get("kind", Agreement.Kind.RULES)
        current = Agreement.objects.current().filter(kind=kind).first() if kind in Agreement.Kind.values else None
        return {"kind": current.kind, "body": current.body} if current else {}

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Agreement, form: ModelForm, change: bool) -> None:
        obj.publish()


@admin.register(NewMemberLimits)
class NewMemberLimitsAdmin(HearthModelAdmin):
    """One row of numbers."""

    can_add = False
    list_display = ("__str__", "links", "mentions", "topics_a_day", "replies_a_day", "days", "conversations")


class CircleForm(ModelForm):
    """A named group and the names of those in it, one a line."""

    people = forms.CharField(
        label=_("members"),
        help_text=_("Their names here, one a line. Whoever leaves the list leaves what is open to the group at once."),
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
        required=False,
    )
    reason = BodyField(
        label=_("why somebody leaves"),
        help_text=_("Only where you take a name off the list: whoever it is reads this."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        required=False,
    )

    class Meta:
        model = Group
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = self.instance.user_set.order_by("handle_key").values_list("username", flat=True)
            self.initial["people"] = "\n".join(names)

    def clean_people(self) -> list[User]:
        wanted = {skeleton(line.strip()): line.strip() for line in self.cleaned_data["people"].splitlines() if line.strip()}
        found = {user.handle_key: user for user in User.objects.arrived().filter(handle_key__in=wanted)}
        if missing := [name for key, name in wanted.items() if key not in found]:
            raise forms.ValidationError(_("Nobody here is called: %(names)s."), params={"names": ", ".join(missing)})
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        before = set(self.instance.user_set.all()) if self.instance.pk else set()
        leaving = before - set(cleaned.get("people", before))
        if leaving and len(cleaned.get("reason", "")) < SHORTEST_REASON:
            self.add_error("reason", _("Somebody leaves the list. Write in a sentence why; they will read it."))
        return cleaned


@admin.register(Group)
class CircleAdmin(HearthModelAdmin):
    """Named groups, which a board or a conversation can be open to alone. Roles are given to a member, not here."""

    form = CircleForm
    fields = ("name", "people", "reason")
    list_display = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(name__in=ROLE_GROUPS)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Group, form: ModelForm, change: bool) -> None:
        """Who joined is written down, and who is taken off the list has a statement, one by one."""
        obj.save()
        before, now = set(obj.user_set.all()), set(form.cleaned_data["people"])
        for member in now - before:
            take_in(obj, member, by=request.user)
        for member in before - now:
            take_off(obj, member, by=request.user, reason=form.cleaned_data["reason"])
