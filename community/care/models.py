from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from community.audit.models import record

# A number that nobody looked at for half a year is not trusted.
STALE_AFTER = timedelta(days=180)

dial_string = RegexValidator(
    r"^\+?[0-9][0-9 ()-]*$", _("Write the number exactly as it is dialled there: digits and spaces, no letters.")
)


def today() -> date:
    return timezone.localdate()


class CountryQuerySet(models.QuerySet):
    def unconfirmed(self) -> Self:
        return self.filter(confirmed_at=None)

    def stale(self) -> Self:
        """Countries with an entry that was last checked more than 180 days ago."""
        limit = today() - STALE_AFTER
        return self.filter(models.Q(checked_on__lt=limit) | models.Q(services__checked_on__lt=limit)).distinct()


class Country(models.Model):
    """Where somebody may be, and the number that is dialled there when a life is in danger."""

    code = models.CharField(
        _("code"),
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, such as GB."))],
        help_text=_("ISO 3166, such as GB."),
    )
    name = models.CharField(_("name"), max_length=60)
    emergency = models.CharField(
        _("emergency number"), max_length=20, validators=[dial_string], help_text=_("Exactly as it is dialled there.")
    )
    emergency_note = models.CharField(_("note on the emergency number"), max_length=160, blank=True)
    source_url = models.URLField(_("source of the emergency number"), help_text=_("The official page that says so."))
    checked_on = models.DateField(_("checked on"), default=today)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = CountryQuerySet.as_manager()
    personal = {"confirmed_by": "keep"}

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def emergency_href(self) -> str:
        return f"tel:{_digits(self.emergency)}"

    @transaction.atomic
    def confirm(self, *, by: Any, reason: str = "") -> None:
        """Say, as a person, that every number of this country was checked against its source today."""
        self.confirmed_at, self.confirmed_by, self.checked_on = timezone.now(), by, today()
        self.save(update_fields=["confirmed_at", "confirmed_by", "checked_on"])
        self.services.update(checked_on=today())
        record("care.country_confirmed", by=by, target=self, reason=reason)

    def doubt(self) -> None:
        """Take the confirmation away: something of this country was changed and is to be checked anew."""
        Country.objects.filter(pk=self.pk).update(confirmed_at=None, confirmed_by=None)


class HelpService(models.Model):
    """One way to reach somebody: a line to call, a number to text, a page to chat or read."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        TEXT = "text", _("Text message")
        CHAT = "chat", _("Chat")
        WEB = "web", _("Web page")

    country = models.ForeignKey(Country, models.CASCADE, related_name="services", verbose_name=_("country"))
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("way"), max_length=4, choices=Kind.choices)
    dial = models.CharField(
        _("number"), max_length=24, blank=True, validators=[dial_string], help_text=_("Exactly as it is dialled there.")
    )
    keyword = models.CharField(
        _("keyword"), max_length=20, blank=True, help_text=_("The word that a text message begins with, if there is one.")
    )
    url = models.URLField(_("address"), blank=True, help_text=_("Of the chat or the page."))
    about = models.CharField(_("about"), max_length=160, blank=True, help_text=_("Who answers, whom it is for; one sentence."))
    hours = models.CharField(_("hours"), max_length=100)
    cost = models.CharField(_("cost"), max_length=60, blank=True)
    languages = models.CharField(_("languages"), max_length=80)
    source_url = models.URLField(_("source"), help_text=_("The service’s own page that says so."))
    checked_on = models.DateField(_("checked on"), default=today)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)

    personal = {}

    class Meta:
        verbose_name = _("help service")
        verbose_name_plural = _("help services")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["call", "text"]) & ~models.Q(dial="")
                | models.Q(kind__in=["chat", "web"]) & ~models.Q(url=""),
                name="a_service_can_be_reached",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind in {self.Kind.CALL, self.Kind.TEXT} and not self.dial:
            raise ValidationError({"dial": _("A line to call or text needs its number.")})
        if self.kind in {self.Kind.CHAT, self.Kind.WEB} and not self.url:
            raise ValidationError({"url": _("A chat or a page needs its address.")})

    @cached_property
    def href(self) -> str:
        """What a phone or a browser opens. Short codes are dialled as they are, without a country's prefix."""
        if self.kind == self.Kind.CALL:
            return f"tel:{_digits(self.dial)}"
        if self.kind == self.Kind.TEXT:
            return f"sms:{_digits(self.dial)}" + (f"?body={quote(self.keyword)}" if self.keyword else "")
        return self.url


def _digits(dial: str) -> str:
    return "".join(character for character in dial if character.isdigit() or character == "+")
