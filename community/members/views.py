"""Joining, one's own page and settings, what one agreed to."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.account.views import signup
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.audit.models import record
from community.pages import answer, page
from community.permissions import require

from . import devices, languages
from .export import archive
from .forms import UNDER, NameForm, PictureForm, ProfileForm
from .models import Agreement, Avatar, Block, Office, Profile, TrainingStep, User
from .models.appointing import lay_down, take
from .models.naming import may_choose
from .models.offices import with_steps
from .models.users import within_the_hour
from .permissions import can_block_person

# Somebody under age is asked to come back later; nothing else of them is kept. The name tells nobody what it means.
LATER, LATER_SALT, LATER_FOR = "later", "members.later", 60 * 60 * 48


@login_not_required
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """allauth's sign-up, behind the question of age."""
    if request.get_signed_cookie(LATER, None, salt=LATER_SALT, max_age=LATER_FOR):
        return page(request, "members/too_young.html", {"years": settings.MINIMUM_AGE}, status=403)
    if request.method == "POST" and request.POST.get("age") == UNDER:
        refused = redirect("account_signup")
        refused.set_signed_cookie(
            LATER, "yes", salt=LATER_SALT, max_age=LATER_FOR, secure=settings.SECURE, httponly=True, samesite="Lax"
        )
        return refused
    return signup(request)


# People ------------------------------------------------------------------------------


@require_safe
def member_detail(request: HttpRequest, handle: str) -> HttpResponse:
    member = get_object_or_404(User.objects.with_handle(handle, viewer=request.user).select_related("profile__avatar"))
    if member.username != handle:
        return redirect(member)
    profile = Profile.of(member)
    context = {"member": member, "profile": profile, "languages": languages.names(profile.languages)}
    return page(request, "members/member_detail.html", context | {"is_own": member == request.user})


@require_safe
def avatar_image(request: HttpRequest, public_id: UUID) -> HttpResponse:
    avatar = get_object_or_404(Avatar.objects.filter(profile__user__in=User.objects.visible_to(request.user)), public_id=public_id)
    return HttpResponse(
        bytes(avatar.image),
        content_type="image/webp",
        headers={
            # A new picture has a new address, so an old one never changes.
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": 'inline; filename="picture.webp"',
        },
    )


@require_POST
def block_create(request: HttpRequest, handle: str) -> HttpResponse:
    """Two members do not meet by name any more."""
    member = get_object_or_404(User.objects.with_handle(handle, viewer=request.user))
    require(can_block_person(request.user, member))
    Block.put(request.user, member)
    said = _("%(name)s is blocked. You don’t meet each other by name any more, and nobody was told.") % {"name": member.name}
    return answer(request, reverse("filter_list"), said=said)


@require_POST
def block_delete(request: HttpRequest, handle: str) -> HttpResponse:
    """Lift a block of one's own. Whoever is blocked can't be seen, so they are found among those blocks alone."""
    block = get_object_or_404(Block.objects.of(request.user).on_handle(handle).select_related("blocked"))
    Block.lift(request.user, block.blocked)
    said = _("The block on %(name)s is lifted. Nobody was told.") % {"name": block.blocked.name}
    return answer(request, reverse("filter_list"), said=said)


# One's own settings ------------------------------------------------------------------


def _settings_page(request: HttpRequest, profile: Profile, **forms: Any) -> HttpResponse:
    context = {"profile": profile, "languages": languages.names(profile.languages), "may_choose": may_choose(request.user)}
    context["form"] = forms.get("form") or ProfileForm(instance=profile)
    context["picture_form"] = forms.get("picture_form") or PictureForm()
    return page(request, "members/profile_edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    profile = Profile.of(request.user)
    form = ProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        form.save()
        return answer(request, request.user.get_absolute_url(), said=_("Saved. This is how others see you."))
    return _settings_page(request, profile, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def name_edit(request: HttpRequest) -> HttpResponse:
    """Choose another name, where a volunteer asked for one; everybody else keeps the one they came with."""
    if not may_choose(request.user):
        raise Http404
    form = NameForm(request.POST if request.method == "POST" else None, member=request.user)
    if form.is_valid():
        request.user.choose_name(form.cleaned_data["username"])
        said = _("From now on you are called %(name)s.") % {"name": request.user.username}
        return answer(request, request.user.get_absolute_url(), said=said)
    return page(request, "members/name_edit.html", {"form": form})


@require_POST
def window_create(request: HttpRequest) -> HttpResponse:
    Profile.of(request.user).draw_another_window()
    return answer(request, reverse("profile_edit"), said=_("Here is another window."))


@require_POST
def picture_create(request: HttpRequest) -> HttpResponse:
    profile = Profile.of(request.user)
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _settings_page(request, profile, picture_form=form)
    profile.hang(form.cleaned_data["picture"])
    return answer(request, reverse("profile_edit"), said=_("Your picture is up."))


@require_POST
def picture_delete(request: HttpRequest) -> HttpResponse:
    Profile.of(request.user).take_down()
    return answer(request, reverse("profile_edit"), said=_("Your picture is gone; the window is back."))


# A copy of what is one's own ----------------------------------------------------------

# So often a day somebody can have it made.
COPIES_A_DAY = 5


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(enabled=lambda request: request.method != "POST")
def export_create(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Everything of one's own to take along, made while it is sent; whoever sits at an open device says first that it is them."""
    if request.method != "POST":
        return page(request, "members/export_create.html", {})
    if not did_recently_reauthenticate(request):
        return redirect("export_create")
    key = devices.tag("export", request.user.pk)
    if not devices.may_go_on(request, "export", key=key, at_most=f"{COPIES_A_DAY}/d"):
        return page(request, "members/export_create.html", {"too_many": True}, status=429)
    # To the hour, as signing in is: they may say something under an alias next.
    record("members.export_made", by=request.user, target=request.user, at=within_the_hour(timezone.now()))
    name = f"copy-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return StreamingHttpResponse(archive(request.user), content_type="application/zip", headers=headers)


# What one looks after ----------------------------------------------------------------


@require_safe
def office_list(request: HttpRequest) -> HttpResponse:
    """One's roles and the training before each; for owners also whose come to their end."""
    offices = with_steps(request.user.offices.standing().select_related("group").order_by("since"))
    ending = Office.objects.visible_to(request.user).ending(timezone.now()) if request.user.is_owner else Office.objects.none()
    context = {"offices": offices, "ending": ending.exclude(user=request.user).select_related("user", "group").order_by("until")}
    return page(request, "members/office_list.html", context)


@require_POST
def step_take(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Say that one went through a step of the training."""
    office = get_object_or_404(request.user.offices.standing().select_related("user", "group"), public_id=public_id)
    step = get_object_or_404(TrainingStep.objects.in_use().filter(role=office.role), pk=pk)
    said = _("That step is done.")
    if take(office, step):
        said = _("That was the last step, so it begins now. Thank you for looking after this place.")
    return answer(request, reverse("office_list"), said=said)


@require_POST
def office_delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Lay a role down; nobody has to say why."""
    office = get_object_or_404(request.user.offices.standing().select_related("user", "group"), public_id=public_id)
    lay_down(office)
    return answer(request, reverse("office_list"), said=_("That is done. Thank you for all you did here."))


# What one agreed to ------------------------------------------------------------------


@require_safe
@login_not_required
def agreement_list(request: HttpRequest) -> HttpResponse:
    agreements = list(Agreement.objects.current().order_by("kind"))
    accepted: dict[int, Any] = {}
    if request.user.is_authenticated:
        accepted = dict(
            request.user.acceptances.filter(agreement__in=agreements, withdrawn_at=None).values_list("agreement_id", "at")
        )
    rows = [{"agreement": agreement, "accepted_at": accepted.get(agreement.pk)} for agreement in agreements]
    version = [agreement.pk for agreement in agreements]
    return page(request, "members/agreement_list.html", {"rows": rows}, version=version)


@require_POST
def acceptance_create(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_object_or_404(Agreement.objects.current(), pk=pk)
    agreement.accept(by=request.user)
    return answer(request, reverse("agreement_list"), said=_("Thank you. We have written down that you agree."))


@require_POST
def acceptance_delete(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_object_or_404(Agreement.objects.filter(kind=Agreement.Kind.SENSITIVE), pk=pk)
    agreement.withdraw(by=request.user)
    said = _("You have taken your yes back. You can go on reading; to write again, give it again here.")
    return answer(request, reverse("agreement_list"), said=said)
