"""Reads RSS 2.0 (https://www.rssboard.org/rss-specification), 0.9x and 1.0 (RDF), Atom (RFC 4287) and Atom 0.3, JSON
Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/), and the JSON chapters of Podcasting 2.0.

One reader serves all XML, since formats borrow elements from each other, and ``xml_tree`` gives each element the same
name in every format. It knows the vocabularies of podcasts: https://podcastindex.org/namespace/1.0,
https://podlove.org/simple-chapters, Apple's ``itunes`` and Yahoo's ``media``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urljoin

from zunda_mcp.reading.feeds.item import Chapter, Feed, FeedText, Item, Person, TranscriptLink, with_distinct_keys
from zunda_mcp.reading.feeds.xml_tree import Element
from zunda_mcp.reading.html.to_markdown import plain_title
from zunda_mcp.reading.json_values import parsed, rows, seconds, text
from zunda_mcp.reading.metadata.fields import title_number, whole_number
from zunda_mcp.text.calendar_days import read_day

__all__ = ["is_json_feed", "number_in", "read_chapters", "read_feed", "read_json_feed"]

_ITEMS = ("item", "atom:entry")
_BODIES = ("content:encoded", "xhtml:body", "atom:content", "description", "itunes:summary", "atom:summary")
_DATES = (
    *("pubDate", "pubdate", "atom:published", "atom:issued", "atom:created", "dc:date", "dcterms:issued"),
    *("dcterms:created", "atom:updated", "atom:modified"),
)
"""Elements with the day of an item, the most reliable first."""
_PLAIN = ("", "text", "text/plain")
_PAGES = ("", "text/html", "application/xhtml+xml")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"\(?https?://[^\s<>()]+\)?")
_NO_POSTS = frozenset({"attachment", "nav_menu_item", "revision", "wp_block", "wp_template", "custom_css", "page"})
_NEXT = ("next", "prev-archive")  # link relations to older items (RFC 5005, sections 3 and 4)


def read_feed(root: Element) -> Feed:
    """Read the tree of ``<rss>``, ``<rdf:RDF>`` or ``<feed>``."""
    channel = root.first("channel") or root
    items = [*channel.all(*_ITEMS), *(root.all(*_ITEMS) if channel is not root else ())]
    everybody = _people(channel)
    links = [link for holder in (channel, root) for link in holder.all("atom:link")]
    return Feed(
        title=_title(channel),
        link=_page(channel),
        language=channel.text("language", "dc:language") or root.get("xml:lang"),
        next=next((url for rel in _NEXT for link in links if link.get("rel") == rel and (url := link.get("href"))), ""),
        items=with_distinct_keys([_item(item, everybody) for item in items if _is_published(item)]),
    )


def _is_published(item: Element) -> bool:
    """Whether an item is a published post: exports of WordPress and note also contain drafts, pages and pictures."""
    status, kind = item.text("wp:status").lower(), item.text("wp:post_type").lower()
    return status in ("", "publish") and kind not in _NO_POSTS


def _item(item: Element, everybody: _People) -> Item:
    title, link, written = _title(item), _page(item), item.text(*_DATES)
    bodies = [body for tag in _BODIES for one in item.all(tag) if (body := _body(one)).text]
    body = _fullest(bodies) or FeedText((item.first("media:group") or item).text("media:description"), "text")
    summaries = (one for one in reversed(bodies) if one.text != body.text and _size(one))
    guid, audio = item.text("guid", "atom:id", "dc:identifier") or item.get("rdf:about"), _audio(item)
    source = item.first("atom:source")
    return Item(
        key=guid or link or audio or f"{title}\n{written}",
        title=title,
        link=link or (guid if guid != audio and _is_address(item) else ""),
        moment=read_day(written),
        written_date=written,
        body=body,
        summary=next(summaries, None),
        people=_people(item).or_those_of(everybody if source is None else _people(source)),
        audio=audio,
        number=_number(item, title),
        youtube_id=item.text("yt:videoId") or None,
        transcripts=_transcripts(item),
        chapters=_chapters(item),
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
    """Return the address of the page: ``<link>``, else an Atom link, preferably to HTML."""
    if written := holder.text("link"):
        return written
    links = [link for link in holder.all("atom:link") if link.get("rel") in ("", "alternate") and link.get("href")]
    links.sort(key=lambda link: link.get("type").lower() not in _PAGES)
    with suppress(ValueError):
        return urljoin(links[0].base, links[0].get("href")) if links else ""
    return links[0].get("href")


def _body(element: Element) -> FeedText:
    """Return the text of an element: HTML in RSS, and what its ``type`` says in Atom."""
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
    """Return the longest body, or of those at most a tenth shorter the first with the most links."""
    sizes = [_size(body) for body in bodies]
    near = [body for body, size in zip(bodies, sizes, strict=True) if size * 10 >= max(sizes) * 9]
    return max(near, key=lambda body: body.text.count("href="), default=None)


def _size(body: FeedText) -> int:
    """Return the length of a body in characters, without markup and addresses."""
    return len(" ".join(_ADDRESS.sub("", _TAG.sub("", body.text)).split()))


# --- people, numbers, recordings

_MAIL = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.+?)\s*[(<]\S+@\S+[)>]$")
_LONGEST_NAME = 300
_NUMBER = re.compile(r"^\[?(\d{1,5})\]?\s*[:.|–—-]\s|(?:^|[\s(\[])show\s*(\d{1,5})\b", re.IGNORECASE)


class _People(NamedTuple):
    """The people that an element names: persons (Podcasting 2.0) and authors."""

    persons: tuple[Person, ...] = ()
    authors: tuple[Person, ...] = ()

    def or_those_of(self, channel: _People) -> tuple[Person, ...]:
        """Return the people of an episode: the persons of the item, else of its channel, else the authors of either."""
        return self.persons or channel.persons or self.authors or channel.authors


def _people(element: Element) -> _People:
    """Read the people that an item or a channel names."""
    persons: dict[tuple[str, str], Person] = {}
    for one in element.all("podcast:person"):
        role, group = one.get("role").lower() or "host", one.get("group").lower() or "cast"
        if name := " ".join(one.words().split()):
            persons[name, role] = Person(name, role, group)
    for tag in ("itunes:author", "author", "dc:creator", "atom:author"):
        names = [name for one in element.all(tag) if (name := _author(one))]
        if names:
            return _People(tuple(persons.values()), tuple(Person(name) for name in dict.fromkeys(names)))
    return _People(tuple(persons.values()))


def _number(item: Element, title: str) -> int | None:
    """Return the number of an episode: stated, or in its title."""
    stated = (whole_number(item.text(tag)) for tag in ("podcast:episode", "itunes:episode"))
    return next((one for one in stated if one is not None), number_in(title))


def number_in(title: str) -> int | None:
    """Return the episode number in a title: ``第12回``, ``#12``, ``Episode 12``, ``12: …``."""
    number, match = title_number(title), _NUMBER.search(title)
    return int(match[1] or match[2]) if number is None and match else number


def _audio(item: Element) -> str:
    """Return the address of the recording: the first enclosure that is audio or video, else the first without a type,
    else the first ``media:content`` that is audio or video.
    """
    media = [*item.all("media:content"), *(c for group in item.all("media:group") for c in group.all("media:content"))]
    enclosures = [*item.all("enclosure"), *(one for one in item.all("atom:link") if one.get("rel") == "enclosure")]
    untyped = [one for one in enclosures if not one.get("type")]
    places = (*filter(_plays, enclosures), *untyped, *filter(_plays, media))
    return next((url for one in places if (url := one.get("url", "href"))), "")


def _plays(element: Element) -> bool:
    kind = element.get("type").lower() or element.get("medium").lower()
    return kind.startswith(("audio", "video"))


def _chapters(item: Element) -> tuple[Chapter, ...]:
    """Return the Podlove Simple Chapters in the item, whose times are Normal Play Time (RFC 2326)."""
    listed = [one for holder in item.all("psc:chapters") for one in holder.all("psc:chapter")]
    return _sorted_chapters((seconds(one.get("start")), one.get("title"), one.get("href")) for one in listed)


def _sorted_chapters(chapters: Iterable[tuple[float | None, str, str]]) -> tuple[Chapter, ...]:
    """Return chapters by time, made from times, titles and links; those without a time or a title are left out."""
    made = (Chapter(s, t.strip(), u.strip()) for s, t, u in chapters if s is not None and t.strip())
    return tuple(sorted(made, key=lambda chapter: chapter.start))


def _transcripts(item: Element) -> tuple[TranscriptLink, ...]:
    """Return the links to transcripts, in the order of the feed."""
    return tuple(
        TranscriptLink(element.get("url"), element.get("type").lower(), element.get("language"))
        for element in item.all("podcast:transcript")
        if element.get("url")
    )


def _author(element: Element) -> str:
    """Return the name of an author without the mail address; ``""`` if there is only an address."""
    text = " ".join((element.text("atom:name") or ("" if element.tag == "atom:author" else element.words())).split())
    match = _MAIL.match(text) if len(text) <= _LONGEST_NAME else None
    name = next((part for part in match.groups() if part), "") if match else text
    return "" if "@" in name and " " not in name else name


# --- JSON


_PLAYED = ("audio", "video")
_VERSION = "jsonfeed.org/version/"


def is_json_feed(value: object) -> bool:
    """Whether parsed JSON names a version of JSON Feed."""
    return isinstance(value, dict) and _VERSION in str(value.get("version", ""))


def read_json_feed(value: dict[str, Any]) -> Feed:
    """Read a parsed JSON Feed. A member of the wrong type counts as missing."""
    return Feed(
        title=plain_title(_member(value, "title")),
        link=_member(value, "home_page_url"),
        language=_member(value, "language"),
        next=_member(value, "next_url"),
        items=with_distinct_keys([_json_item(item, value) for item in rows(value, "items")]),
    )


def read_chapters(data: str) -> tuple[Chapter, ...]:
    """Read a chapters file (``application/json+chapters``, version 1.2), without chapters marked ``"toc": false``."""
    listed = (one for one in rows(parsed(data), "chapters") if one.get("toc") is not False)
    return _sorted_chapters((seconds(one.get("startTime")), text(one, "title"), text(one, "url")) for one in listed)


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
    """Return a member as text; in version 1.0, an id may be a number."""
    member = value.get(name)
    if isinstance(member, int | float) and not isinstance(member, bool):
        return str(member)
    return member.strip() if isinstance(member, str) else ""


def _authors(value: dict[str, Any]) -> list[str]:
    names = (_member(author, "name") for author in (*rows(value, "authors"), *rows([value.get("author")])))
    return list(dict.fromkeys(name for name in names if name))
