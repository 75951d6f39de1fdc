"""Feeds to episodes: RSS 2.0 and older, RSS 1.0, Atom, JSON Feed, with the vocabularies of podcasts; and OPML.

Pure: text in, facts and drafts out. ``read_document`` says what a text is and reads it; ``drafts_of`` makes episodes of
the pages of one feed. Whatever is broken is a remark, and what was whole is kept.

The XML parser is the standard library's expat behind handlers that refuse entities (``tree.py``), not lxml: it is as
safe, costs no dependency and no start-up, and keeps what was read of a document that breaks off.

OPML (http://opml.org/spec2.opml): lists of feeds, as readers of feeds export them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from zunda_mcp.reading.feeds.item import Feed
from zunda_mcp.reading.feeds.xml_tree import Element

_BEGINNING = 64 * 1024
_XML_FEED = re.compile(r"<(?:rss|feed|rdf:RDF|[A-Za-z]+:RDF|atom:feed|opml)[\s/>]")
_RDF_RSS = re.compile(r"purl\.org/rss/1\.0|my\.netscape\.com/rdf|channel\.netscape\.com/rdf")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_ALTERNATE = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What a text turned out to be: a ``feed``, a list of feeds (``listed``), a web page that names feeds
    (``offered``), or none of these (``is_html`` and ``is_list`` say whether it is a page
    or a list at all, ``why`` what was wrong).
    """

    feed: Feed | None = None
    listed: tuple[ListedFeed, ...] = ()
    offered: tuple[str, ...] = ()
    is_html: bool = False
    is_list: bool = False
    why: str = ""


def looks_like_a_feed(text: str) -> bool:
    """Whether a text is a feed by its first characters; cheap, and sure enough to read it as one."""
    head = text[:_BEGINNING].lstrip("\ufeff \t\r\n")
    if head.startswith("{"):
        return "jsonfeed.org/version/" in head or _late_version(text)
    match = _XML_FEED.search(head)
    if match is None or _HTML.search(head[: match.start()]):
        return False
    return "RDF" not in match[0] or bool(_RDF_RSS.search(head))


def read_document(text: str) -> FeedDocument:
    """Read a text that should be a feed; never raises."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("{"):
        return _json(stripped)
    if not looks_like_a_feed(text):
        if _HTML.search(text[:_BEGINNING]):
            return FeedDocument(is_html=True, offered=_offered(text), why="it is a web page, not a feed")
        return FeedDocument(why="it is neither RSS, Atom nor JSON Feed" if stripped else "it is empty")
    return _xml(text)


def _xml(text: str) -> FeedDocument:
    from zunda_mcp.reading.feeds.xml_tree import read_xml

    root, remarks = read_xml(text)
    said = tuple(remarks)
    if root is None:
        return FeedDocument(why=said[-1][1] if said else "it is no XML")
    if root.tag.lower() == "opml":
        return FeedDocument(listed=read_opml(root), is_list=True, why="it lists no feeds")
    if root.tag in ("atom:feed", "feed"):
        from zunda_mcp.reading.feeds.rss_atom import read_atom

        return FeedDocument(feed=replace(read_atom(root), remarks=said))
    if root.tag in ("rss", "rdf:RDF"):
        from zunda_mcp.reading.feeds.rss_atom import read_rss

        return FeedDocument(feed=replace(read_rss(root), remarks=said))
    return FeedDocument(why=f"its first element is <{root.tag[:80]}>, which is no feed's")


def _json(text: str) -> FeedDocument:
    from zunda_mcp.reading.feeds.json_feed import is_json_feed, loaded, read_json_feed

    value = loaded(text)
    if isinstance(value, dict) and is_json_feed(value):
        return FeedDocument(feed=read_json_feed(value))
    return FeedDocument(why="it is JSON, but no JSON Feed" if value is not None else "it is no whole JSON")


def _late_version(text: str) -> bool:
    """Whether the version of a JSON Feed stands behind its items, as it may."""
    return "jsonfeed.org/version/" in text[-4096:]


def _offered(page: str) -> tuple[str, ...]:
    """The feeds a web page names in its head (https://www.rssboard.org/rss-autodiscovery), as written."""
    from zunda_mcp.reading.html.tags import Tag, tokens

    found: dict[str, None] = {}
    for token in tokens(page[:_BEGINNING]):
        if isinstance(token, Tag) and token.opens and token.name == "link":
            kind = token.attributes.get("type", "").lower()
            rel = token.attributes.get("rel", "").lower().split()
            if "alternate" in rel and kind in _ALTERNATE and token.attributes.get("href"):
                found.setdefault(token.attributes["href"].strip())
    return tuple(found)


class ListedFeed(NamedTuple):
    """A feed in a list: its address and what it is called there."""

    url: str
    title: str


def read_opml(root: Element) -> tuple[ListedFeed, ...]:
    """The feeds of a list in order, each address once; folders in it make no difference."""
    found: dict[str, ListedFeed] = {}
    for listed in _outlines(root):
        found.setdefault(listed.url, listed)
    return tuple(found.values())


def _outlines(element: Element) -> Iterator[ListedFeed]:
    for child in element.children:
        if isinstance(child, Element):
            lowered = {name.lower(): value.strip() for name, value in child.attributes.items()}
            if child.tag.lower() == "outline" and lowered.get("xmlurl"):
                yield ListedFeed(lowered["xmlurl"], lowered.get("title") or lowered.get("text") or "")
            yield from _outlines(child)
