"""allauth's forms in our words: what is asked, why, and what to do when it is missing.

The logic stays allauth's, or that of `forms.py`; `ACCOUNT_FORMS` and `MFA_FORMS` in the settings name these instead of its own.
"""

import struct
from dataclasses import dataclass, field
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.forms import HiddenInput, JSONField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from . import forms

Words = str | Promise


@dataclass(frozen=True)
class Ask:
    """How one field speaks: its label, the hint below, the sentence when it stays empty, and its HTML attributes."""

    label: Words
    hint: Words = ""
    missing: Words = ""
    attrs: dict[str, str] = field(default_factory=dict)


class InOurWords:
    """Mixed into a form of allauth: `asks` says how each field speaks; placeholders go, a label is always to be seen."""

    asks: dict[str, Ask] = {}
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, ask in self.asks.items():
            if name not in self.fields:
                continue
            asked = self.fields[name]
            asked.label, asked.help_text = ask.label, ask.hint
            if ask.missing:
                asked.error_messages["required"] = ask.missing
            asked.widget.attrs.pop("placeholder", None)
            asked.widget.attrs.update(ask.attrs)


_PLAIN = {"autocapitalize": "none", "spellcheck": "false"}
_NO_ADDRESS = _("Please write your e-mail address.")
_NO_PASSWORD = _("Please write your password.")
_NO_ANSWER = _("Your device’s answer did not arrive whole. Please try again, or take another way.")

EMAIL = Ask(_("E-mail"), missing=_NO_ADDRESS, attrs=_PLAIN)
PASSWORD = Ask(_("Password"), missing=_NO_PASSWORD)
NEW_PASSWORD = Ask(
    _("New password"),
    _("At least 8 characters. Three or four words that have nothing to do with each other are easy to keep and hard to guess."),
    _("Please write the new password."),
)
AGAIN = Ask(_("The same once more"), missing=_("Please write the new password here, too."))
MAILED_CODE = Ask(
    _("The code from the mail"),
    _("Eight letters. Small ones are fine, and the dash may be left out."),
    _("Please write the code from the mail."),
    {"autocapitalize": "characters", "spellcheck": "false", "maxlength": "32"},
)
APP_CODE = Ask(
    _("The code from your app"),
    _("Six digits that change every half minute. One of your recovery codes works here, too."),
    _("Please write the six digits that your app shows."),
    {"inputmode": "numeric", "maxlength": "32"},
)
KEY_NAME = Ask(
    _("A name for it"),
    _("So that you know later which one it is: “my phone”, “the grey key”. Only you see it."),
    _("Please give it a name."),
    {"autocomplete": "off", "maxlength": "60"},
)


class LogIn(InOurWords, account.LoginForm):
    asks = {
        # The word tells password managers that this address is what one signs in with.
        "login": Ask(_("E-mail"), missing=_NO_ADDRESS, attrs=_PLAIN | {"autocomplete": "username"}),
        "password": PASSWORD,
        "remember": Ask(_("Keep me signed in on this device"), _("Better not, if other people use it, too.")),
    }


class Join(InOurWords, forms.TellsNobody, account.SignupForm):
    """Signing up; the questions that allauth doesn't know come from `forms.JoinForm`."""

    asks = {
        "username": Ask(
            _("A made-up name"),
            _("Not your own, and not one you use elsewhere. Others see it beside what you write."),
            _("Please make up a name."),
            _PLAIN | {"autocomplete": "off"},
        ),
        "email": Ask(
            _("E-mail"),
            _("Only to sign you in. Nobody here can see it, volunteers included."),
            _NO_ADDRESS,
            _PLAIN | {"autocomplete": "email"},
        ),
        "password1": Ask(_("A password"), NEW_PASSWORD.hint, _("Please think of a password.")),
    }


class AddEmail(InOurWords, account.AddEmailForm):
    asks = {
        "email": Ask(
            _("The new address"), _("We send a code there. Until you have typed it in, the old one stays."), _NO_ADDRESS, _PLAIN
        )
    }


class ChangePassword(InOurWords, account.ChangePasswordForm):
    asks = {
        "oldpassword": Ask(_("Your password now"), missing=_("Please write the password you have now.")),
        "password1": NEW_PASSWORD,
        "password2": AGAIN,
    }


class SetPassword(InOurWords, account.SetPasswordForm):
    asks = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ResetPassword(InOurWords, forms.StampsReset, account.ResetPasswordForm):
    asks = {"email": EMAIL}


class ResetPasswordNow(InOurWords, forms.ChecksReset, account.ResetPasswordKeyForm):
    asks = {"password1": NEW_PASSWORD, "password2": AGAIN}


class Reauthenticate(InOurWords, account.ReauthenticateForm):
    asks = {"password": PASSWORD}


class RequestLoginCode(InOurWords, forms.CodeToAnybody, account.RequestLoginCodeForm):
    asks = {"email": EMAIL}


class ConfirmLoginCode(InOurWords, account.ConfirmLoginCodeForm):
    asks = {"code": MAILED_CODE}


class ConfirmEmailCode(InOurWords, account.ConfirmEmailVerificationCodeForm):
    asks = {"code": MAILED_CODE}


class ConfirmResetCode(InOurWords, account.ConfirmPasswordResetCodeForm):
    asks = {"code": MAILED_CODE}


class Authenticate(InOurWords, mfa.AuthenticateForm):
    asks = {"code": APP_CODE}


class ReauthenticateByCode(InOurWords, mfa.ReauthenticateForm):
    asks = {"code": APP_CODE}


class ActivateTOTP(InOurWords, totp.ActivateTOTPForm):
    asks = {
        "code": Ask(_("The code it shows now"), _("Six digits that change every half minute."), APP_CODE.missing, APP_CODE.attrs)
    }


class PasskeyAnswer(JSONField):
    """What a device answered: whatever no browser sends is refused in words, before allauth reads it."""

    widget = HiddenInput
    default_error_messages = {"required": _NO_ANSWER, "invalid": _NO_ANSWER}

    def __init__(self, kind: type[AuthenticationResponse] | type[RegistrationResponse]) -> None:
        super().__init__()
        self.kind = kind

    def to_python(self, value: Any) -> Any:
        try:
            answer = super().to_python(value)
            if answer is not None:
                self.kind.from_dict(answer)
        except (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError, struct.error) as error:
            raise ValidationError(_NO_ANSWER) from error
        return answer


class ByPasskey:
    """Mixed into allauth's forms that take a passkey's answer."""

    kind: type[AuthenticationResponse] | type[RegistrationResponse] = AuthenticationResponse
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = PasskeyAnswer(self.kind)


class AddPasskey(ByPasskey, InOurWords, webauthn.AddWebAuthnForm):
    kind = RegistrationResponse
    asks = {
        "name": KEY_NAME,
        "passwordless": Ask(
            _("Let me sign in with it alone"),
            _("Then you need neither e-mail nor password. Your device will ask for its PIN, your face or your finger."),
        ),
    }


class EditPasskey(InOurWords, webauthn.EditWebAuthnForm):
    asks = {"name": KEY_NAME}


class SecondStepByPasskey(ByPasskey, webauthn.AuthenticateWebAuthnForm):
    pass


class LogInByPasskey(ByPasskey, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticateByPasskey(ByPasskey, webauthn.ReauthenticateWebAuthnForm):
    pass
