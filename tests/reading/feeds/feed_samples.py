"""What the feed tests share: a text in, drafts and problems out."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from zunda_mcp.models import Problem
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.feeds.document import read_document
from zunda_mcp.reading.feeds.episodes import drafts_of
from zunda_mcp.reading.feeds.item import Feed

NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:psc="http://podlove.org/simple-chapters" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)


def rss(items: str, channel: str = "<title>A Show</title><link>https://show.example/</link>") -> str:
    return f'<?xml version="1.0"?>\n<rss version="2.0" {NAMESPACES}><channel>{channel}\n{items}</channel></rss>'


def feed_of(text: str) -> Feed:
    document = read_document(text)
    assert document.feed is not None, document.why
    return document.feed


def read(text: str, zone: str | None = None) -> tuple[list[Draft], list[Problem]]:
    return drafts_of([feed_of(text)], label="show/feed.xml", zone=ZoneInfo(zone) if zone else None)


def one(text: str, zone: str | None = None) -> Draft:
    drafts, problems = read(text, zone)
    assert problems == []
    (draft,) = drafts
    return draft


def one_item(inner: str, zone: str | None = None) -> Draft:
    return one(rss(f"<item>{inner}</item>"), zone)
