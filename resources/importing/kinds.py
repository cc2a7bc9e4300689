"""What something is, where its address says so plainly."""

import re
from urllib.parse import urlsplit

from resources.entries import Entry
from resources.models import Kind

_HOSTS = {
    Kind.VIDEO: "youtube.com youtu.be vimeo.com dailymotion.com twitch.tv ted.com peertube.tv",
    Kind.AUDIO: "spotify.com soundcloud.com podcasts.apple.com podcasts.google.com castbox.fm pocketcasts.com bandcamp.com",
    Kind.BOOK: "goodreads.com openlibrary.org books.google.com librarything.com worldcat.org gutenberg.org leanpub.com",
    Kind.TOOL: "play.google.com apps.apple.com f-droid.org addons.mozilla.org",
}
_BY_HOST = {host: kind for kind, hosts in _HOSTS.items() for host in hosts.split()}
_ENDINGS = (
    (re.compile(r"\.(?:mp4|webm|ogv|mov|m4v)$", re.IGNORECASE), Kind.VIDEO),
    (re.compile(r"\.(?:mp3|ogg|opus|m4a|wav|flac)$", re.IGNORECASE), Kind.AUDIO),
    (re.compile(r"\.(?:epub|mobi)$", re.IGNORECASE), Kind.BOOK),
)


def kind_of(entry: Entry) -> Kind:
    """What the file says it is, else what its address says; an article where neither does."""
    if said := entry.facts.get("kind"):
        return Kind(str(said))
    if entry.facts.get("isbn"):
        return Kind.BOOK
    if entry.facts.get("phone"):
        return Kind.SERVICE
    parts = urlsplit(entry.address)
    labels = (parts.hostname or "").split(".")
    for start in range(len(labels) - 1):
        if kind := _BY_HOST.get(".".join(labels[start:])):
            return kind
    return next((kind for ending, kind in _ENDINGS if ending.search(parts.path)), Kind.ARTICLE)
