"""Taking the library out: everything that somebody may see as entries of a file, some hundreds in memory at a time."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.db.models.functions import Lower

from community.tags.models import Tagged
from community.tags.permissions import can_look_after_tags

from .entries import FACTS, Entry, Fact
from .models import Collection, Resource, ResourceFile

CHUNK = 500


def entries(viewer: Any, *, home: str = "") -> Iterator[Entry]:
    """Newest first. Each part is asked for anew, so nothing is held open while a slow reader takes it."""
    place = None
    while True:
        rows = Resource.objects.visible_to(viewer).newest_first()
        if place:
            moment, public_id = place
            rows = rows.filter(Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(public_id__lt=public_id)))
        found = list(rows[:CHUNK])
        yield from _entries(found, viewer, home)
        if len(found) < CHUNK:
            return
        place = (found[-1].published_at, found[-1].public_id)


def entries_of(collection: Collection, viewer: Any, *, home: str = "") -> Iterator[Entry]:
    """What stands in a collection, in its order, as far as the viewer may see it."""
    found = Resource.objects.visible_to(viewer).filter(places__collection=collection).order_by("places__position")
    return _entries(list(found), viewer, home)


def _entries(found: list[Resource], viewer: Any, home: str) -> Iterator[Entry]:
    keys = [resource.pk for resource in found]
    tags, files = _tags(keys, viewer), _files(keys)
    for resource in found:
        yield entry_of(resource, tags[resource.pk], files.get(resource.pk, {}), home=home)


def _files(ids: list[int]) -> dict[int, dict[str, Fact]]:
    """What the files of these resources are called, and what is to be seen in them."""
    told = ResourceFile.objects.filter(resource__in=ids).values_list("resource", "name", "alt")
    return {key: {"file_name": name, **({"file_alt": alt} if alt else {})} for key, name, alt in told}


def _tags(ids: list[int], viewer: Any) -> dict[int, list[str]]:
    """The names of the tags of these resources; those that were only proposed are for whoever looks after them."""
    found = defaultdict(list)
    carried = Tagged.objects.filter(content_type=ContentType.objects.get_for_model(Resource), object_id__in=ids)
    if not can_look_after_tags(viewer):
        carried = carried.filter(tag__accepted_at__isnull=False)
    for resource, name in carried.order_by(Lower("tag__name")).values_list("object_id", "tag__name"):
        found[resource].append(name)
    return found


def entry_of(resource: Resource, tags: list[str], file: dict[str, Fact], *, home: str = "") -> Entry:
    """What a list holds of a resource."""
    known = {name: getattr(resource, "note" if name == "content_note" else name, "") for name in FACTS}
    facts: dict[str, Fact] = {name: value for name, value in known.items() if value not in ("", None)} | file
    return Entry(
        address=resource.address,
        title=resource.title,
        description=resource.body,
        tags=tags,
        added_at=resource.created_at,
        facts=facts,
        page=f"{home}{resource.get_absolute_url()}",
    )
