"""Read RSS 2.0 (https://www.rssboard.org/rss-specification), 0.9x and 1.0 (RDF), Atom (RFC 4287) and Atom 0.3; JSON
Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), and the JSON chapters of Podcasting 2.0.

One reader for all XML: feeds take elements from each other, and each has one name whatever feed it stands in
(``xml_tree``).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

from zunda_mcp.reading.feeds import podcasting
from zunda_mcp.reading.feeds.item import Chapter, Feed, FeedText, Item, Person, with_distinct_keys
from zunda_mcp.reading.feeds.podcasting import number_in, sorted_chapters
from zunda_mcp.reading.feeds.xml_tree import Element
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.reading.json_values import parsed, rows, seconds, text
from zunda_mcp.text.calendar_days import read_day

__all__ = ["is_json_feed", "read_chapters", "read_feed", "read_json_feed"]

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
    body = _fullest(bodies) or FeedText((item.first("media:group") or item).text("media:description"), "text")
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
        chapters_url=next((url for one in item.all("podcast:chapters") if (url := one.get("url"))), ""),
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


def _body(element: Element) -> FeedText:
    """The text of an element: in RSS it is HTML, in Atom what its ``type`` says."""
    kind = element.get("type").lower()
    is_markup = not element.tag.startswith("atom:") or any(not isinstance(child, str) for child in element.children)
    if kind in ("xhtml", "application/xhtml+xml"):
        return FeedText(element.markup(xhtml=True).strip())
    return (
        FeedText(element.markup().strip())
        if is_markup or kind in ("html", "text/html")
        else FeedText(element.words(), "text")
    )


def _fullest(bodies: list[FeedText]) -> FeedText | None:
    """The longest body; of those within a tenth of its length, the first with the most links."""
    sizes = [_size(body) for body in bodies]
    near = [body for body, size in zip(bodies, sizes, strict=True) if size * 10 >= max(sizes) * 9]
    return max(near, key=lambda body: body.text.count("href="), default=None)


def _size(body: FeedText) -> int:
    """The length of a body in characters, without markup and addresses."""
    return len(" ".join(_ADDRESS.sub("", _TAG.sub("", body.text)).split()))


# --- JSON


_PLAYED = ("audio", "video")
_VERSION = "jsonfeed.org/version/"


def is_json_feed(value: object) -> bool:
    """Whether parsed JSON states that it is a JSON Feed."""
    return isinstance(value, dict) and _VERSION in str(value.get("version", ""))


def read_json_feed(value: dict[str, Any]) -> Feed:
    """Read a parsed feed. A member of the wrong type counts as missing."""
    return Feed(
        title=plain_title(_member(value, "title")),
        link=_member(value, "home_page_url"),
        language=_member(value, "language"),
        next=_member(value, "next_url"),
        items=with_distinct_keys([_json_item(item, value) for item in rows(value, "items")]),
    )


def read_chapters(data: str) -> tuple[Chapter, ...]:
    """Read a chapters file (``application/json+chapters``, version 1.2), without those of ``"toc": false``."""
    listed = (one for one in rows(parsed(data), "chapters") if one.get("toc") is not False)
    return sorted_chapters((seconds(one.get("startTime")), text(one, "title"), text(one, "url")) for one in listed)


def _json_item(item: dict[str, Any], feed: dict[str, Any]) -> Item:
    title, link, external = plain_title(_member(item, "title")), _member(item, "url"), _member(item, "external_url")
    written = _member(item, "date_published") or _member(item, "date_modified")
    html, summary = _member(item, "content_html"), _member(item, "summary")
    words = html or _member(item, "content_text") or summary
    if external and external not in words:
        name = title or external
        words = f'{words}<p><a href="{external}">{name}</a></p>' if html else f"{words}\n\n[{name}]({external})".strip()
    attached = (one for one in rows(item, "attachments") if text(one, "mime_type").lower().startswith(_PLAYED))
    audio = next((url for one in attached if (url := _member(one, "url"))), "")
    return Item(
        key=_member(item, "id") or link or audio or f"{title}\n{written}",
        title=title,
        link=link,
        moment=read_day(written),
        written_date=written,
        body=FeedText(words, "html" if html else "text"),
        summary=FeedText(summary, "text") if summary and summary != words else None,
        people=tuple(Person(name) for name in _authors(item) or _authors(feed)),
        audio=audio,
        number=number_in(title),
    )


def _member(value: dict[str, Any], name: str) -> str:
    """A member as text; the ids of version 1.0 may be numbers."""
    member = value.get(name)
    if isinstance(member, int | float) and not isinstance(member, bool):
        return str(member)
    return member.strip() if isinstance(member, str) else ""


def _authors(value: dict[str, Any]) -> list[str]:
    names = (_member(author, "name") for author in (*rows(value, "authors"), *rows([value.get("author")])))
    return list(dict.fromkeys(name for name in names if name))
