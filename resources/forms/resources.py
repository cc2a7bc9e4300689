"""The second step: what it is and how it helped; and the same when it is changed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.contributions.models import Submission
from community.contributions.noting import NotingForm
from community.contributions.posting import as_written
from community.members import limits
from community.members.languages import LANGUAGES
from community.tags.fields import TagsField
from community.text import LineField
from community.times import STEP
from resources import finding
from resources.addresses import isbn_of, phone_of
from resources.models import MOST_BYTES_OF_A_MEMBER, Audience, Cost, Kind, Level, Resource, ResourceFile, keys_of
from resources.scrubbing import ENDINGS, Scrubbed, scrubbed

from .beginning import Already, already_here
from .fields import TidyField, address_of, number, yes_or_no

# What one member can have waiting for a librarian; more would crowd out everybody else.
MOST_WAITING = 20
NEW = "resources.new"

# The facts that matter most about each kind; what else is known stands in a fold. Before one is chosen it is an article.
IN_FRONT = {
    Kind.ARTICLE: ("address", "language", "minutes", "cost"),
    Kind.VIDEO: ("address", "language", "minutes", "has_captions", "cost"),
    Kind.AUDIO: ("address", "language", "minutes", "has_captions", "cost"),
    Kind.BOOK: ("isbn", "made_by", "language", "cost"),
    Kind.TOOL: ("address", "language", "cost", "needs_account"),
    Kind.SERVICE: ("phone", "hours", "country", "language", "cost"),
    Kind.LIVED: ("language", "minutes"),
}
FACTS = (
    *("address", "isbn", "phone", "hours", "country", "language", "made_by", "minutes", "pages", "cost", "level"),
    *("has_captions", "needs_account", "audience"),
)
CHECKS = ("looked", "harmless", "unpaid")
# What can be brought without an address.
WITHOUT_ADDRESS = {Kind.BOOK: "isbn", Kind.SERVICE: "phone", Kind.LIVED: "body"}


class ResourceForm(NotingForm):
    """What it is and how it helped. Which facts stand in front depends on its kind."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    title = LineField(label=_("Title"), help_text=_("What it is called, or one plain line of yours."), max_length=200)
    tags = TagsField()
    address = TidyField(address_of, kind="url", label=_("Its address"), required=False)
    isbn = TidyField(
        isbn_of, kind="text", label=_("ISBN"), help_text=_("It stands on the back of the book, above the bars."), required=False
    )
    phone = TidyField(phone_of, kind="tel", label=_("Telephone"), required=False)
    hours = LineField(label=_("When somebody answers"), max_length=120, required=False)
    country = forms.ChoiceField(label=_("Country"), help_text=_("Where it can be used."), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    made_by = LineField(label=_("Who made it"), max_length=120, required=False)
    minutes = number(_("Minutes it takes"), most=6_000)
    pages = number(_("Pages"), most=20_000)
    cost = forms.ChoiceField(label=_("What it costs"), choices=[("", _("I don’t know")), *Cost.choices], required=False)
    level = forms.ChoiceField(label=_("How hard to read"), choices=[("", _("I don’t know")), *Level.choices], required=False)
    has_captions = yes_or_no(_("Are there captions or a transcript?"))
    needs_account = yes_or_no(_("Does one need an account?"))
    audience = forms.ChoiceField(label=_("Who can see it?"), choices=Audience.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("A file"),
        help_text=_(
            "A PDF or a picture, up to 10 MB, that you made or may pass on. Who made it, where and when is taken out of it. "
            "It goes with what you send, and is not kept with what you keep for later."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
        error_messages={"empty": _("There is nothing in this file. Choose another one.")},
    )
    alt = LineField(
        label=_("If it is a picture: what is to be seen in it?"),
        help_text=_("In a sentence, for whoever can’t see it. If there is writing in it, write that."),
        max_length=300,
        required=False,
    )
    without_file = forms.BooleanField(label=_("Take the file away"), required=False)
    looked = forms.BooleanField(
        label=_("I looked at it myself, or lived it."), error_messages={"required": _("Please look at it first, then tick this.")}
    )
    harmless = forms.BooleanField(
        label=_("It tells nobody how to harm themselves or others."),
        error_messages={"required": _("The library can’t take what tells how to do harm. If it doesn’t, tick this.")},
    )
    unpaid = forms.BooleanField(
        label=_("It sells nothing, and I get nothing for it."),
        error_messages={"required": _("The library can’t take what sells something. If it doesn’t, tick this.")},
    )
    field_order = ["kind", "title", "body", "tags", *FACTS, *CHECKS]

    def __init__(self, *args: Any, place: str = NEW, resource: Resource | None = None, **kwargs: Any) -> None:
        super().__init__(*args, place=place, **kwargs)
        self.resource = resource
        self.already: Already | None = None
        self.fields["body"].label = _("What it is, and how it helped")
        self.fields["body"].help_text = _("A few sentences, as you would tell a friend.")
        self.fields["language"].choices = [("", _("I don’t know")), *LANGUAGES]
        countries = sorted(finding.countries().items(), key=lambda pair: pair[1])
        own = resource.country if resource else ""
        more = [(own, own)] if own and own not in dict(countries) else []
        self.fields["country"].choices = [("", _("Anywhere, or I don’t know")), *countries, *more]
        self.initial.setdefault("language", _likely_language(self.user))
        self.initial.setdefault("audience", Audience.EVERYONE)
        self.kept_file = ResourceFile.of(resource) if resource else None
        if not self.kept_file:
            del self.fields["without_file"]

    # How it is shown

    @property
    def chosen_kind(self) -> Kind:
        value = self["kind"].value()
        return Kind(value) if value in Kind.values else Kind.ARTICLE

    @property
    def in_front(self) -> list[forms.BoundField]:
        return [self[name] for name in IN_FRONT[self.chosen_kind]]

    @property
    def folded(self) -> list[forms.BoundField]:
        return [self[name] for name in FACTS if name not in IN_FRONT[self.chosen_kind]]

    @property
    def has_folded_errors(self) -> bool:
        return any(field.errors for field in self.folded)

    @property
    def checks(self) -> list[forms.BoundField]:
        return [self[name] for name in CHECKS if name in self.fields]

    @property
    def has_lost_file(self) -> bool:
        """Was a file sent with it that can't be sent back to the page?"""
        return bool(self.files.get("file"))

    # What is taken

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for sentence in limits.words_of(self.user, cleaned.get("body", "")):
            self.add_error("body", sentence)
        self._check_file(cleaned)
        self._check_way_there(cleaned)
        # A second press leads to what the first made.
        if Submission.is_used(cleaned.get("key", "")) or self.posted_lately():
            return cleaned
        self._check_room()
        if not {"address", "isbn"} & self.errors.keys():
            self.say_whether_here()
        return cleaned

    def _check_way_there(self, cleaned: dict[str, Any]) -> None:
        """How does one get to it?"""
        kind = cleaned.get("kind")
        if self._will_have_file(cleaned) or "file" in self.errors:
            return
        if not kind or cleaned.get("address") or "address" in self.errors or kind == Kind.LIVED:
            return
        other = WITHOUT_ADDRESS.get(Kind(kind), "")
        if not other:
            self.add_error("address", _("Paste its address, so that others find it, or choose a file below."))
        elif not cleaned.get(other) and other not in self.errors:
            needed = _("Write its ISBN, or its address below.") if other == "isbn" else _("Write its number, or its address below.")
            self.add_error(other, needed)

    def clean_file(self) -> Scrubbed | None:
        """The file as it will be kept."""
        file = self.cleaned_data["file"]
        return scrubbed(file) if file else None

    def _will_have_file(self, cleaned: dict[str, Any]) -> bool:
        return bool(cleaned.get("file") or (self.kept_file and not cleaned.get("without_file")))

    def _check_file(self, cleaned: dict[str, Any]) -> None:
        """Is there room for it, and does whoever can't see it know what it is?"""
        new = cleaned.get("file")
        shown = new or (self.kept_file if self._will_have_file(cleaned) else None)
        if shown and shown.is_picture and not cleaned.get("alt") and "alt" not in self.errors:
            self.add_error("alt", _("Say in a sentence what is to be seen in the picture."))
        if not new:
            return
        ResourceFile.hold_room_of(self.user)
        others = ResourceFile.objects.bytes_of(self.user, but=self.resource.pk if self.resource else None)
        if others + len(new.content) > MOST_BYTES_OF_A_MEMBER:
            self.add_error("file", _("All your files may be 100 MB. Take one of them away first, or paste an address instead."))

    def bring(self, public_id: UUID) -> None:
        self.settle_file(Resource.bring(self.user, public_id=public_id, **self.fields_of_resource))

    def settle_file(self, resource: Resource) -> None:
        """Keep the file that was sent, or take away the one that is to go."""
        new, alt = self.cleaned_data.get("file"), self.cleaned_data.get("alt", "")
        if resource.is_withdrawn:
            return
        if new:
            described = alt if new.is_picture else ""
            ResourceFile.put(resource, name=new.name, content_type=new.content_type, content=new.content, alt=described)
        elif self.cleaned_data.get("without_file"):
            ResourceFile.drop(resource)

    def _check_room(self) -> None:
        waiting = Resource.objects.in_voice(self.user).waiting().exclude(pk=self.resource.pk if self.resource else None)
        is_up = self.resource is not None and self.resource.is_published
        if not is_up and waiting[:MOST_WAITING].count() >= MOST_WAITING:
            raise ValidationError(
                _("%(most)s things of yours wait for a librarian already. Your words are kept; come back when some are up."),
                params={"most": MOST_WAITING},
            )

    def say_whether_here(self) -> None:
        """Complain if it is here already."""
        given = self.cleaned_data
        keys = keys_of(address=given.get("address", ""), doi=self.resource.doi if self.resource else "", isbn=given.get("isbn", ""))
        own = self.resource.keys if self.resource and not self.resource.is_refused else []
        new = [key for key in keys if key not in own]
        self.already = already_here(self.user, *new, but=self.resource.pk if self.resource else None)
        if self.already:
            self.add_error("address" if given.get("address") else "isbn", self.already.sentence)

    def posted_lately(self) -> UUID | None:
        """Nobody means to bring the same thing twice in a row; a browser that went back does."""
        since = timezone.now() - 3 * STEP
        newest = Resource.objects.in_voice(self.user).filter(created_at__gte=since, withdrawn_at=None).order_by("-pk").first()
        names = ("kind", "title", "body", "address", "isbn", "phone")
        if newest is None or self.resource or any(getattr(newest, name) != self.cleaned_data.get(name, "") for name in names):
            return None
        kept, sent = ResourceFile.of(newest), self.cleaned_data.get("file")
        is_same = (kept and (kept.name, kept.size)) == (sent and (sent.name, len(sent.content)))
        return newest.public_id if is_same else None

    @property
    def fields_of_resource(self) -> dict[str, Any]:
        """What was written, as `Resource.bring` and `Resource.change` take it."""
        return {name: self.cleaned_data[name] for name in ("kind", "title", "body", "tags", *FACTS)} | self.note


class ResourceEditForm(ResourceForm):
    """The same, for what stands or waits here; the checklist was gone through."""

    looked = harmless = unpaid = None  # type: ignore[assignment]

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:
        super().__init__(*args, place=f"resources.edit:{resource.public_id}", resource=resource, carried=resource.notes, **kwargs)

    @property
    def fields_of_resource(self) -> dict[str, Any]:
        """With what is to be seen in the picture that stays: words, at which a librarian looks like at the others."""
        goes = self.cleaned_data.get("file") or self.cleaned_data.get("without_file")
        stays = self.kept_file and self.kept_file.is_picture and not goes
        return super().fields_of_resource | ({"alt": self.cleaned_data.get("alt", "")} if stays else {})

    def clean_audience(self) -> str:
        """What members said among members is never opened to everybody by somebody else."""
        audience = self.cleaned_data["audience"]
        widens = self.resource.audience == Audience.MEMBERS and audience == Audience.EVERYONE  # type: ignore[union-attr]
        if widens and self.resource.reviews.standing().exists():  # type: ignore[union-attr]
            raise ValidationError(_("Members said here whether it helped them, and only members were to read that. So it stays."))
        return audience


def as_it_stands(resource: Resource, tags: Iterable[str]) -> dict[str, Any]:
    """What stands in the form when somebody changes it."""
    yes_or_no = {True: "yes", False: "no", None: ""}
    now = {name: getattr(resource, name) for name in ("kind", "title", *FACTS)} | as_written(resource)
    asked = {name: yes_or_no[now[name]] for name in ("has_captions", "needs_account")}
    file = ResourceFile.of(resource)
    return {"alt": file.alt if file else ""} | now | asked | {"tags": list(tags)}


def _likely_language(user: Any) -> str:
    spoken = (get_language() or "").partition("-")[0]
    mine = user.profile.languages if hasattr(user, "profile") else []
    return spoken if not mine or spoken in mine else mine[0]
