"""Atom (RFC 4287), and what is left of Atom 0.3."""

from __future__ import annotations

from urllib.parse import urljoin

from zunda_mcp.archive.feeds import podcasting
from zunda_mcp.archive.feeds.dates import feed_date
from zunda_mcp.archive.feeds.feed import Body, Feed, Item
from zunda_mcp.archive.feeds.markup import plain_title
from zunda_mcp.archive.feeds.rss import next_page
from zunda_mcp.archive.feeds.tree import Element

_DATES = ("atom:published", "atom:issued", "atom:created", "atom:updated", "atom:modified", "dc:date")


def read_atom(root: Element) -> Feed:
    """Read the tree of ``<feed>``."""
    everybody = podcasting.people(root)
    return Feed(
        kind="atom",
        title=_title(root),
        link=_page(root),
        language=root.get("xml:lang"),
        next=next_page(root),
        items=tuple(_entry(entry, everybody) for entry in root.all("atom:entry")),
    )


def _entry(entry: Element, everybody: podcasting.People) -> Item:
    title = _title(entry) or plain_title(entry.text("media:title"))
    link = _page(entry)
    written = entry.text(*_DATES)
    content, summary = _body(entry, "atom:content"), _body(entry, "atom:summary")
    group = entry.first("media:group")
    described = (group or entry).text("media:description")
    body = content or summary or Body(described, "text")
    audio = podcasting.audio(entry)
    source = entry.first("atom:source")
    return Item(
        key=entry.text("atom:id") or link or audio or f"{title}\n{written}",
        title=title,
        link=link,
        moment=feed_date(written),
        written_date=written,
        body=body,
        summary=summary if content and summary and summary.text != content.text else None,
        people=podcasting.people(entry).or_those_of(podcasting.people(source) if source is not None else everybody),
        audio=audio,
        number=podcasting.number(entry, title),
        season=podcasting.season(entry),
        youtube_id=entry.text("yt:videoId") or None,
        transcripts=podcasting.transcripts(entry),
        chapters=podcasting.chapters(entry),
        chapters_url=podcasting.chapters_url(entry),
        line=entry.line,
    )


def _title(holder: Element) -> str:
    element = holder.first("atom:title")
    if element is None:
        return ""
    return plain_title(element.words(), html=element.get("type").lower() not in ("", "text", "text/plain", "xhtml"))


def _body(entry: Element, tag: str) -> Body | None:
    element = entry.first(tag)
    if element is None:
        return None
    kind = element.get("type").lower()
    if kind in ("xhtml", "application/xhtml+xml"):
        body = Body(element.markup(xhtml=True).strip(), "html")
    elif kind in ("html", "text/html") or any(not isinstance(child, str) for child in element.children):
        body = Body(element.markup().strip(), "html")
    else:
        body = Body(element.words(), "text")
    return body if body.text else None


def _page(holder: Element) -> str:
    """The page of an entry: its ``alternate`` link, the one in HTML before others."""
    links = [link for link in holder.all("atom:link") if link.get("rel") in ("", "alternate") and link.get("href")]
    links.sort(key=lambda link: link.get("type").lower() not in ("", "text/html", "application/xhtml+xml"))
    if not links:
        return ""
    try:
        return urljoin(links[0].base, links[0].get("href"))
    except ValueError:
        return links[0].get("href")
