"""Read RSS 2.0 (https://www.rssboard.org/rss-specification), 0.9x and 1.0 (RDF), and Atom (RFC 4287) and Atom 0.3.

One reader for all: feeds take elements from each other, and each element has one name whatever feed it stands in
(``xml_tree``).
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urljoin

from zunda_mcp.reading.feeds import podcasting
from zunda_mcp.reading.feeds.item import Body, Feed, Item, with_distinct_keys
from zunda_mcp.reading.feeds.xml_tree import Element
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.text.calendar_days import read_day

__all__ = ["read_feed"]

_ITEMS = ("item", "atom:entry")
_BODIES = ("content:encoded", "xhtml:body", "atom:content", "description", "itunes:summary", "atom:summary")
_DATES = (
    *("pubDate", "pubdate", "atom:published", "atom:issued", "atom:created", "dc:date", "dcterms:issued"),
    *("dcterms:created", "atom:updated", "atom:modified"),
)
"""Elements of an item's day, the surest first."""
_PLAIN = ("", "text", "text/plain")
_PAGES = ("", "text/html", "application/xhtml+xml")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"\(?https?://[^\s<>()]+\)?")
_NO_POSTS = frozenset({"attachment", "nav_menu_item", "revision", "wp_block", "wp_template", "custom_css", "page"})
_NEXT = ("next", "prev-archive")  # relations that lead to older items (RFC 5005, 3 and 4)


def read_feed(root: Element) -> Feed:
    """Read the tree of ``<rss>``, ``<rdf:RDF>`` or ``<feed>``."""
    channel = root.first("channel") or root
    items = [*channel.all(*_ITEMS), *(root.all(*_ITEMS) if channel is not root else ())]
    everybody = podcasting.people(channel)
    links = [link for holder in (channel, root) for link in holder.all("atom:link")]
    return Feed(
        title=_title(channel),
        link=_page(channel),
        language=channel.text("language", "dc:language") or root.get("xml:lang"),
        next=next((url for rel in _NEXT for link in links if link.get("rel") == rel and (url := link.get("href"))), ""),
        items=with_distinct_keys([_item(item, everybody) for item in items if _is_published(item)]),
    )


def _is_published(item: Element) -> bool:
    """Whether an item is published: exports of WordPress and note also hold drafts, private pages and pictures."""
    status, kind = item.text("wp:status").lower(), item.text("wp:post_type").lower()
    return status in ("", "publish") and kind not in _NO_POSTS


def _item(item: Element, everybody: podcasting.People) -> Item:
    title, link, written = _title(item), _page(item), item.text(*_DATES)
    bodies = [body for tag in _BODIES for one in item.all(tag) if (body := _body(one)).text]
    body = _fullest(bodies) or Body((item.first("media:group") or item).text("media:description"), "text")
    summaries = (one for one in reversed(bodies) if one.text != body.text and _size(one))
    guid, audio = item.text("guid", "atom:id", "dc:identifier") or item.get("rdf:about"), podcasting.audio(item)
    source = item.first("atom:source")
    return Item(
        key=guid or link or audio or f"{title}\n{written}",
        title=title,
        link=link or (guid if guid != audio and _is_address(item) else ""),
        moment=read_day(written),
        written_date=written,
        body=body,
        summary=next(summaries, None),
        people=podcasting.people(item).or_those_of(everybody if source is None else podcasting.people(source)),
        audio=audio,
        number=podcasting.number(item, title),
        youtube_id=item.text("yt:videoId") or None,
        transcripts=podcasting.transcripts(item),
        chapters=podcasting.chapters(item),
        chapters_url=podcasting.chapters_url(item),
        line=item.line,
    )


def _is_address(item: Element) -> bool:
    """Whether the guid of an item is the address of its page."""
    guid = item.first("guid")
    is_web = guid is not None and guid.words().startswith(("http://", "https://"))
    return guid is not None and is_web and guid.get("isPermaLink").lower() != "false"


def _title(holder: Element) -> str:
    if (element := holder.first("atom:title")) is None:
        return plain_title(holder.text("title", "itunes:title", "media:title", "dc:title"))
    title = plain_title(element.words(), html=element.get("type").lower() not in (*_PLAIN, "xhtml"))
    return title or plain_title(holder.text("title", "media:title"))


def _page(holder: Element) -> str:
    """The page: ``<link>``, else Atom's link to it, one to HTML before others."""
    if written := holder.text("link"):
        return written
    links = [link for link in holder.all("atom:link") if link.get("rel") in ("", "alternate") and link.get("href")]
    links.sort(key=lambda link: link.get("type").lower() not in _PAGES)
    with suppress(ValueError):
        return urljoin(links[0].base, links[0].get("href")) if links else ""
    return links[0].get("href")


def _body(element: Element) -> Body:
    """The text of an element: in RSS it is HTML, in Atom what its ``type`` says."""
    kind = element.get("type").lower()
    is_markup = not element.tag.startswith("atom:") or any(not isinstance(child, str) for child in element.children)
    if kind in ("xhtml", "application/xhtml+xml"):
        return Body(element.markup(xhtml=True).strip())
    return (
        Body(element.markup().strip()) if is_markup or kind in ("html", "text/html") else Body(element.words(), "text")
    )


def _fullest(bodies: list[Body]) -> Body | None:
    """The longest body; of those within a tenth of its length, the first with the most links."""
    sizes = [_size(body) for body in bodies]
    near = [body for body, size in zip(bodies, sizes, strict=True) if size * 10 >= max(sizes) * 9]
    return max(near, key=lambda body: body.text.count("href="), default=None)


def _size(body: Body) -> int:
    """The length of a body in characters, without markup and addresses."""
    return len(" ".join(_ADDRESS.sub("", _TAG.sub("", body.text)).split()))
