"""What sign-up asks beyond allauth's own fields, and what a member may change about themselves.

allauth builds its sign-up form on `JoinForm`; `signing_in.py` mixes the other classes of the first half into allauth's forms.
"""

from typing import Any

from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context, ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community import text
from community.care.asking import AsksFirst

from . import devices, pictures
from .addresses import plain_address
from .joining import free_handle, move_in
from .languages import LANGUAGES
from .models import Agreement, NewMemberLimits, Profile, User
from .time_zones import TimeZoneField

UNDER, OVER = "under", "over"
_TAKEN = gettext_lazy("Somebody here already has this name, or one that looks like it. Try another one.")
_A_LOT_OF_CODES = gettext_lazy("That was a lot of codes in a short time. Please wait a few minutes and try again.")


class JoinForm(forms.Form):
    """The questions of sign-up that are ours: how old, the house rules, and holding what is sensitive."""

    field_order = ("username", "email", "password1", "age", "rules", "sensitive")

    age = forms.ChoiceField(
        label=gettext_lazy("How old are you?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please say how old you are.")},
    )
    rules = forms.BooleanField(
        label=gettext_lazy("I have read the house rules and will keep to them"),
        error_messages={"required": gettext_lazy("Please read the house rules; to join, we need your yes to them.")},
    )
    sensitive = forms.BooleanField(
        label=gettext_lazy("You may keep what I write here about my health and my life, as the text above says"),
        error_messages={"required": gettext_lazy("Without your yes we may not keep what you write, so you could not write here.")},
    )
    agreed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = {"years": settings.MINIMUM_AGE}
        self.fields["age"].choices = [(UNDER, _("Under %(years)s") % years), (OVER, _("%(years)s or over") % years)]
        self.agreements = list(Agreement.objects.current().order_by("kind"))
        for kind in set(Agreement.Kind.values) - {agreement.kind for agreement in self.agreements}:
            del self.fields[kind]
        self.initial["agreed"] = " ".join(str(agreement.pk) for agreement in self.agreements)

    def clean_age(self) -> str:
        if self.cleaned_data["age"] != OVER:
            raise ValidationError(_("We are here for people of %(years)s or over."), params={"years": settings.MINIMUM_AGE})
        return OVER

    def clean_agreed(self) -> str:
        """A yes is to the text that was on the page, not to one published since."""
        shown = self.cleaned_data["agreed"]
        if shown and shown != self.initial["agreed"]:
            self.data = self.data.copy()
            self.data["agreed"] = self.initial["agreed"]
            raise ValidationError(_("What members agree to has changed just now. Please read it once more."))
        return shown

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is there, in the same transaction."""
        move_in(user, self.agreements)


def _may_mail(request: HttpRequest, action: str, key: str) -> bool:
    """Were no more mails sent to that address from there than an hour may bring?"""
    return devices.may_go_on(request, action, key=key, at_most=f"{NewMemberLimits.current().mails_an_hour}/h")


class TellsNobody:
    """Mixed into allauth's sign-up: with a known address all goes the same way, as slowly, and the name is then taken, too."""

    def clean_username(self) -> str:
        handle = super().clean_username()
        if devices.is_held(handle):
            raise ValidationError(_TAKEN)
        return handle

    def try_save(self, request: HttpRequest) -> Any:
        key = devices.knock(request, self.cleaned_data["email"])
        if not _may_mail(request, "mail_somebody", key):
            return None, ratelimit.respond_429(request)
        if self.account_already_exists:
            make_password(self.cleaned_data.get("password1"))
            devices.hold(self.cleaned_data["username"])
        return super().try_save(request)


class CodeToAnybody:
    """Mixed into allauth's request for a sign-in code: limited per address and network, so that nobody can use up another's."""

    def clean_email(self) -> str:
        email = plain_address(self.cleaned_data["email"])
        key = devices.knock(context.request, email)
        if not _may_mail(context.request, "request_login_code", key):
            raise ValidationError(_A_LOT_OF_CODES)
        users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
        self._user = users[0] if users else None
        return email


class StampsReset:
    """Mixed into allauth's request for a new password: the mailed code is good for the account as it is now."""

    def clean_email(self) -> str:
        email = self.cleaned_data["email"] = plain_address(self.cleaned_data["email"])
        if not _may_mail(context.request, "mail_somebody", devices.knock(context.request, email)):
            raise ValidationError(_A_LOT_OF_CODES)
        return super().clean_email()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = super().save(request, **kwargs)
        if self.users:
            state = request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY]
            request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY] = state | {"stamp": self.users[0].reset_stamp()}
        return email


class ChecksReset:
    """Mixed into allauth's form for the new password: refuses when the account has changed since the code was mailed."""

    def clean(self) -> Any:
        state = context.request.session.get(PASSWORD_RESET_VERIFICATION_SESSION_KEY) or {}
        if not constant_time_compare(state.get("stamp", ""), User.objects.get(pk=self.user.pk).reset_stamp()):
            raise ValidationError(_("This code is no longer good, because the account has changed. Please ask for a new one."))
        return super().clean()


class ProfileForm(forms.ModelForm, AsksFirst):
    """What a member says about themselves."""

    about = text.BodyField(
        label=gettext_lazy("About me"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Up to 500 characters. Leave out what could lead somebody to your door: town, work, other names."),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages you read and write"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    time_zone = TimeZoneField(
        label=gettext_lazy("Your time zone"),
        nothing=gettext_lazy("I would rather not say"),
        required=False,
        help_text=gettext_lazy("Times are then told by your clock. Others see what time it is for you, not the name of the place."),
    )

    class Meta:
        model = Profile
        fields = ("about", "languages", "time_zone")


class NameForm(forms.Form):
    """Another name, for a member whose own was taken or can be had again."""

    username = forms.CharField(
        label=gettext_lazy("A made-up name"),
        help_text=gettext_lazy("Not your own, and not one you use elsewhere. Others see it beside what you write."),
        error_messages={"required": gettext_lazy("Please make up a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, member: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def clean_username(self) -> str:
        handle = free_handle(self.cleaned_data["username"], member=self.member)
        if devices.is_held(handle):
            raise ValidationError(_TAKEN)
        return handle


class PictureForm(forms.Form):
    """A picture of one's own, instead of the drawn window."""

    picture = forms.FileField(
        label=gettext_lazy("A picture of your own"),
        help_text=gettext_lazy("PNG, JPEG or WebP, up to 10 MB. Not your face, if you would rather not be recognised."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={
            "required": gettext_lazy("Choose a picture first."),
            "empty": gettext_lazy("That file is empty. Choose another one."),
            "invalid": gettext_lazy("No picture came along. Choose it once more."),
        },
        allow_empty_file=False,
    )

    def clean_picture(self) -> bytes:
        """The picture made small and written anew, as WebP."""
        return pictures.small(self.cleaned_data["picture"])
