"""Read RSS 2.0 (https://www.rssboard.org/rss-specification), 0.9x and 1.0 (RDF), and Atom (RFC 4287) and Atom 0.3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from zunda_mcp.reading.feeds import podcasting
from zunda_mcp.reading.feeds.item import Body, Feed, Item, with_distinct_keys
from zunda_mcp.reading.feeds.xml_tree import Element
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.text.calendar_days import read_day

__all__ = ["read_atom", "read_rss"]

_BODIES = ("content:encoded", "xhtml:body", "atom:content", "description", "itunes:summary", "atom:summary")
_DATES = ("pubDate", "dc:date", "dcterms:issued", "dcterms:created", "atom:published", "atom:updated", "pubdate")
_ATOM_DATES = ("atom:published", "atom:issued", "atom:created", "atom:updated", "atom:modified", "dc:date")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"\(?https?://[^\s<>()]+\)?")
_NO_POSTS = frozenset({"attachment", "nav_menu_item", "revision", "wp_block", "wp_template", "custom_css", "page"})
_NEXT = ("next", "prev-archive")  # relations that lead to older items (RFC 5005, 3 and 4)


def read_rss(root: Element) -> Feed:
    """Read the tree of ``<rss>`` or ``<rdf:RDF>``."""
    channel = root.first("channel") or root
    items = [*channel.all("item"), *(root.all("item") if channel is not root else ())]
    everybody = podcasting.people(channel)
    return Feed(
        title=plain_title(channel.text("title")),
        link=_link(channel),
        language=channel.text("language", "dc:language") or root.get("xml:lang"),
        next=_next_page(channel) or _next_page(root),
        items=with_distinct_keys([_item(item, everybody) for item in items if _is_published(item)]),
    )


def _next_page(holder: Element) -> str:
    """The address of the page of older items, as written."""
    return next(
        (
            url
            for rel in _NEXT
            for link in holder.all("atom:link")
            if link.get("rel") == rel and (url := link.get("href"))
        ),
        "",
    )


def _is_published(item: Element) -> bool:
    """Whether an item is published: exports of WordPress and note also hold drafts, private pages and pictures."""
    status, kind = item.text("wp:status").lower(), item.text("wp:post_type").lower()
    return status in ("", "publish") and kind not in _NO_POSTS


def _item(item: Element, everybody: podcasting.People) -> Item:
    title = plain_title(item.text("title", "itunes:title", "media:title", "dc:title"))
    link = _link(item)
    written = item.text(*_DATES)
    bodies = list(_bodies(item))
    body = _fullest(bodies)
    guid = item.text("guid", "atom:id", "dc:identifier") or item.get("rdf:about")
    guid_is_link = guid.startswith(("http://", "https://")) and _permanent(item)
    audio = podcasting.audio(item)
    return _of_element(
        item,
        everybody,
        key=guid or link or audio,
        title=title,
        link=link or (guid if guid_is_link and guid != audio else ""),
        written=written,
        body=body,
        summary=next((other for other in reversed(bodies) if other is not body and _size(other)), None),
    )


def _of_element(
    element: Element,
    everybody: podcasting.People,
    *,
    key: str,
    title: str,
    link: str,
    written: str,
    body: Body,
    summary: Body | None,
) -> Item:
    """An item with what the podcast vocabularies say in its element, whatever the format around them."""
    return Item(
        key=key or f"{title}\n{written}",
        title=title,
        link=link,
        moment=read_day(written),
        written_date=written,
        body=body,
        summary=summary,
        people=podcasting.people(element).or_those_of(everybody),
        audio=podcasting.audio(element),
        number=podcasting.number(element, title),
        youtube_id=element.text("yt:videoId") or None,
        transcripts=podcasting.transcripts(element),
        chapters=podcasting.chapters(element),
        chapters_url=podcasting.chapters_url(element),
        line=element.line,
    )


def _link(holder: Element) -> str:
    """The page: ``<link>``, else Atom's link to it."""
    written = holder.text("link")
    if written:
        return written
    links = (link for link in holder.all("atom:link") if link.get("rel") in ("", "alternate"))
    return next((link.get("href") for link in links if link.get("href")), "")


def _permanent(item: Element) -> bool:
    guid = item.first("guid")
    return guid is not None and guid.get("isPermaLink").lower() != "false"


def _bodies(item: Element) -> Iterator[Body]:
    for tag in _BODIES:
        for element in item.all(tag):
            text = element.markup().strip()
            if text:
                yield Body(text)


def _fullest(bodies: list[Body]) -> Body:
    """The longest body; of those within a tenth of its length, the first with the most links."""
    sizes = [_size(body) for body in bodies]
    near = [body for body, size in zip(bodies, sizes, strict=True) if size * 10 >= max(sizes) * 9]
    return max(near, key=lambda body: body.text.count("href="), default=Body("", "text"))


def _size(body: Body) -> int:
    """The length of a body in characters, without markup and addresses."""
    return len(" ".join(_ADDRESS.sub("", _TAG.sub("", body.text)).split()))


def read_atom(root: Element) -> Feed:
    """Read the tree of ``<feed>``."""
    everybody = podcasting.people(root)
    return Feed(
        title=_title(root),
        link=_page(root),
        language=root.get("xml:lang"),
        next=_next_page(root),
        items=with_distinct_keys([_entry(entry, everybody) for entry in root.all("atom:entry")]),
    )


def _entry(entry: Element, everybody: podcasting.People) -> Item:
    title = _title(entry) or plain_title(entry.text("media:title"))
    link = _page(entry)
    written = entry.text(*_ATOM_DATES)
    content, summary = _body(entry, "atom:content"), _body(entry, "atom:summary")
    group = entry.first("media:group")
    described = (group or entry).text("media:description")
    body = content or summary or Body(described, "text")
    source = entry.first("atom:source")
    own = podcasting.people(source) if source is not None else everybody
    return _of_element(
        entry,
        own,
        key=entry.text("atom:id") or link or podcasting.audio(entry),
        title=title,
        link=link,
        written=written,
        body=body,
        summary=summary if content and summary and summary.text != content.text else None,
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
    """The page of an entry: its ``alternate`` link, one to HTML before others."""
    links = [link for link in holder.all("atom:link") if link.get("rel") in ("", "alternate") and link.get("href")]
    links.sort(key=lambda link: link.get("type").lower() not in ("", "text/html", "application/xhtml+xml"))
    if not links:
        return ""
    try:
        return urljoin(links[0].base, links[0].get("href"))
    except ValueError:
        return links[0].get("href")
