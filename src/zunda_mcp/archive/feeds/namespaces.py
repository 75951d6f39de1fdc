"""The XML namespaces of feeds: each vocabulary under one short name, by all the addresses it is found under.

``itunes:author`` is then the same tag whether a feed spells Apple's address with capitals or not, and
``podcast:person`` whether it uses the address of the namespace or that of its documentation.
"""

from __future__ import annotations

PODCAST = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)

_ADDRESSES: dict[str, tuple[str, ...]] = {
    "": (
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://backend.userland.com/rss2.1",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://cyber.law.harvard.edu/rss/",
    ),
    "atom": ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    "content": ("http://purl.org/rss/1.0/modules/content/",),
    "dc": ("http://purl.org/dc/elements/1.1/",),
    "dcterms": ("http://purl.org/dc/terms/",),
    "wp": tuple(f"http://wordpress.org/export/1.{minor}/" for minor in range(4)),
    "itunes": ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/dtds/podcast-1.0.dtd/"),
    "media": ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"),
    "podcast": PODCAST,
    "psc": ("http://podlove.org/simple-chapters",),
    "rdf": ("http://www.w3.org/1999/02/22-rdf-syntax-ns#",),
    "xhtml": ("http://www.w3.org/1999/xhtml",),
    "xml": ("http://www.w3.org/XML/1998/namespace",),
    "yt": ("http://www.youtube.com/xml/schemas/2015",),
}

_NAMES = {address.lower().rstrip("/"): name for name, addresses in _ADDRESSES.items() for address in addresses}

UNDECLARED = frozenset(_ADDRESSES) - {""}
"""Prefixes that mean what they always mean where a feed forgot to declare them."""


def name_of(address: str) -> str | None:
    """The short name of a vocabulary, ``None`` for one that is no feed's."""
    return _NAMES.get(address.strip().lower().rstrip("/"))
