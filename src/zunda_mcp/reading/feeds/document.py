"""Detects what a text is (RSS, Atom, RDF, JSON Feed, OPML, or a web page that links to feeds), and reads it.

Nothing is fetched, and nothing raises. Broken parts become remarks, and complete items are kept. ``episodes`` makes
drafts of episodes from the result. OPML (http://opml.org/spec2.opml) is the format in which feed readers export lists
of feeds.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Annotated, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from zunda_mcp.reading.feeds.feed_formats import is_json_feed, read_feed, read_json_feed
from zunda_mcp.reading.feeds.item import Feed
from zunda_mcp.reading.feeds.xml_tree import Element, read_xml
from zunda_mcp.reading.html.tags import Tag, tokens
from zunda_mcp.reading.json_values import parsed, record

__all__ = [
    "TRANSCRIPTS", "FeedDocument", "FeedPage", "ListedFeed", "StoredFeed", "StoredTranscript", "looks_like_a_feed",
    "read_document", "read_stored",
]  # fmt: skip

_BEGINNING = 64 * 1024
_XML_FEED = re.compile(r"<(?:rss|feed|rdf:RDF|[A-Za-z]+:RDF|atom:feed|opml)[\s/>]")
_RDF_RSS = re.compile(r"purl\.org/rss/1\.0|my\.netscape\.com/rdf|channel\.netscape\.com/rdf")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_ALTERNATE = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


class ListedFeed(NamedTuple):
    """A feed in an OPML list: its address, and its title in that list."""

    url: str
    title: str


class FeedDocument(NamedTuple):
    """What a text is: a ``feed``, a list of feeds (``listed``), or a web page that links to feeds (``offered``). A list
    or a page may name none. ``why`` is the reason it is not a feed, in words that follow "but".
    """

    feed: Feed | None = None
    listed: tuple[ListedFeed, ...] = ()
    offered: tuple[str, ...] = ()
    is_html: bool = False
    is_list: bool = False
    why: str = ""


def looks_like_a_feed(text: str) -> bool:
    """Whether a text begins like a feed. The test is cheap, but reliable enough to read the text as one."""
    head = text[:_BEGINNING].lstrip("\ufeff \t\r\n")
    if head.startswith("{"):  # the version may follow the items
        return "jsonfeed.org/version/" in head or "jsonfeed.org/version/" in text[-4096:]
    match = _XML_FEED.search(head)
    if match is None or _HTML.search(head[: match.start()]):
        return False
    return "RDF" not in match[0] or bool(_RDF_RSS.search(head))


def read_document(text: str) -> FeedDocument:
    """Read a text that should be a feed. Never raises."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("{"):
        value = parsed(stripped)
        if is_json_feed(value):
            return FeedDocument(feed=read_json_feed(value))
        return FeedDocument(why="it is JSON, but not a JSON Feed" if value is not None else "it is not valid JSON")
    if looks_like_a_feed(text):
        return _xml(text)
    if _HTML.search(text[:_BEGINNING]):
        return FeedDocument(is_html=True, offered=_offered(text), why="it is a web page, not a feed")
    return FeedDocument(why="it is neither RSS, Atom nor JSON Feed" if stripped else "it is empty")


def _xml(text: str) -> FeedDocument:
    root, remarks = read_xml(text)
    if root is None:
        return FeedDocument(why=remarks[-1][1] if remarks else "it is not XML")
    if root.tag.lower() == "opml":
        return FeedDocument(listed=_read_opml(root), is_list=True, why="it lists no feeds")
    if root.tag in ("atom:feed", "feed", "rss", "rdf:RDF"):
        return FeedDocument(feed=read_feed(root)._replace(remarks=tuple(remarks)))
    return FeedDocument(why=f"its first element, <{root.tag[:80]}>, is not that of a feed")


def _offered(page: str) -> tuple[str, ...]:
    """Return the feeds that a page links to (https://www.rssboard.org/rss-autodiscovery), with addresses as written."""
    addresses: dict[str, None] = {}
    for token in tokens(page[:_BEGINNING]):
        if isinstance(token, Tag) and token.opens and token.name == "link":
            kind = token.attributes.get("type", "").lower()
            rel = token.attributes.get("rel", "").lower().split()
            if "alternate" in rel and kind in _ALTERNATE and token.attributes.get("href"):
                addresses.setdefault(token.attributes["href"].strip())
    return tuple(addresses)


def _read_opml(root: Element) -> tuple[ListedFeed, ...]:
    """Return the feeds of an OPML list in order, each address once, from all its folders."""
    feeds: dict[str, ListedFeed] = {}
    for element in root.walk():
        outline = {name.lower(): value.strip() for name, value in element.attributes.items()}
        if element.tag.lower() == "outline" and (url := outline.get("xmlurl")):
            feeds.setdefault(url, ListedFeed(url, outline.get("title") or outline.get("text") or ""))
    return tuple(feeds.values())


# --- stored feeds


_VERSION = 1
_MARK = "zunda_mcp_feed"
TRANSCRIPTS = ".transcripts"
"""The folder of transcripts, next to the file. Scans skip it, since its name begins with a dot."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of a feed as it was fetched."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """A transcript that was fetched: its ``file`` in the folder ``TRANSCRIPTS``, the SHA-256 of its text, and the
    validators (ETag, Last-Modified) that its server sent.
    """

    file: Annotated[str, Field(pattern=r"^[0-9a-f]{16}\.[a-z]{3,4}$")]  # must not lead to files outside the folder
    digest: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """All that is stored of one feed, as one JSON object, so that reading it needs no network and can be repeated.

    ``pages`` are newest first; older ones contain items that the feed has dropped. ``ids`` are the ids of episodes by
    the key of their item: an id stays when a date or an address is edited. ``extras`` are the texts of chapter files,
    ``transcripts`` the stored ones, and ``missing`` the reasons why one could not be fetched, each by address.
    """

    url: str
    pages: tuple[FeedPage, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    transcripts: dict[str, StoredTranscript] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def feeds(self) -> list[Feed]:
        """Read the pages, without those that are not feeds."""
        documents = (read_document(page.text).feed for page in self.pages)
        return [feed for feed in documents if feed is not None]

    def text(self) -> str:
        """Return the content of the file."""
        return json.dumps({_MARK: _VERSION, **asdict(self)}, ensure_ascii=False, indent=0)


def read_stored(text: str) -> StoredFeed | None:
    """Read the content of a file that ``StoredFeed.text`` returned; ``None`` for anything else."""
    value = record(parsed(text))
    with suppress(ValidationError):
        return TypeAdapter(StoredFeed).validate_python(value) if value.get(_MARK) == _VERSION else None
    return None
