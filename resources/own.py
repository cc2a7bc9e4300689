"""What of the library is a member's own: what they brought, said, put together and kept for themselves."""

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from community.contributions.own import own_words, tags_of
from community.copying import Own

from .models import Collection, Import, ImportRow, Place, Resource, ResourceFile, Review, Saved

_ENDINGS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
_FILE = Concat(
    Value("files/"),
    Cast("resource__public_id", CharField()),
    Case(*(When(content_type=kind, then=Value(ending)) for kind, ending in _ENDINGS.items()), default=Value("")),
    output_field=CharField(),
)

OWN = [
    own_words(
        Resource,
        _("What you brought to the library"),
        {
            "title": _("title"),
            "kind": _("what it is"),
            "address": _("address"),
            "made_by": _("who made it"),
            "isbn": _("ISBN"),
            "doi": _("DOI"),
            "phone": _("telephone"),
            "hours": _("hours"),
            "country": _("country"),
            "language": _("language"),
            "minutes": _("minutes it takes"),
            "pages": _("pages"),
            "cost": _("cost"),
            "level": _("how hard to read"),
            "has_captions": _("captions or a transcript"),
            "needs_account": _("needs an account"),
            "archive": _("a kept copy elsewhere"),
            "audience": _("who can see it"),
            "tag_names": _("tags"),
            "published_at": _("in the library since"),
            "refused_at": _("turned down"),
            "refusal": _("why it was turned down"),
        },
        also={"tag_names": tags_of(Resource)},
    ),
    Own(
        ResourceFile,
        _("Files you brought"),
        {"name": _("name"), "file": _("file"), "alt": _("what is to be seen in it"), "resource__public_id": _("belongs to")},
        by=("resource__author", "resource__persona"),
        also={"file": _FILE},
        file=("content", "file"),
    ),
    own_words(
        Review,
        _("What you said about things in the library"),
        {"resource__public_id": _("about"), "verdict": _("did it help"), "need__name": _("for what")},
    ),
    own_words(Collection, _("Collections you made"), {"title": _("title"), "shared": _("who can see it")}),
    Own(
        Place,
        _("What you put into collections"),
        {
            "collection__public_id": _("collection"),
            "position": _("number"),
            "resource__public_id": _("id"),
            "words": _("words before it"),
        },
        by=("collection__author", "collection__persona"),
    ),
    Own(
        Saved,
        _("What you kept for yourself"),
        {"resource__public_id": _("id"), "at": _("when"), "note": _("a note for yourself")},
    ),
    Own(
        Import,
        _("Files of bookmarks you brought"),
        {
            "public_id": _("id"),
            "name": _("name"),
            "format": _("kind"),
            "notes": _("said about it"),
            "previewed_at": _("looked at"),
            "finished_at": _("brought in"),
        },
        by=("by",),
        page="import_detail",
    ),
    Own(
        ImportRow,
        _("Bookmarks in those files"),
        {
            "source__public_id": _("file"),
            "number": _("number"),
            "raw": _("as it stood there"),
            "entry": _("as we read it"),
            "state": _("what became of it"),
            "problem": _("why"),
            "notes": _("changed on the way"),
        },
        by=("source__by",),
    ),
]
