"""Reads a web page: its metadata as front matter, and its content as Markdown, without menus and footers.

Metadata comes from Open Graph (https://ogp.me/), Dublin Core, schema.org (microdata and JSON-LD), and the HTML element
``time``; the content from ``article``, ``main`` or ``body`` (https://html.spec.whatwg.org/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zunda_mcp.reading.html.tags import Tag, tokens
from zunda_mcp.reading.html.to_markdown import Markdown
from zunda_mcp.reading.metadata.front_matter import NO_FRONT_MATTER, FrontMatter, Page, Value

__all__ = ["read_html"]

_MAX_CHARACTERS = 4 * 1024 * 1024

_DATES = (
    *("article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created"),
    *("dcterms.issued", "dcterms.date", "pubdate", "publishdate", "publish_date", "publish-date", "published_time"),
    *("og:article:published_time", "article.published", "sailthru.date", "parsely-pub-date", "citation_date"),
    *("citation_publication_date", "release_date", "og:published_time"),
)
_AUTHORS = ("author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author", "article:author")
_DESCRIPTIONS = ("og:description", "description", "dc.description", "twitter:description")
_FRAME = frozenset({"nav", "aside", "footer", "form", "button", "dialog", "menu"})
_REGIONS = ("article", "main", "body")
_LINKED_DATA = re.compile(r"\"datePublished\"\s*:\s*\"([^\"\\]{8,40})\"")


def read_html(text: str) -> Page:
    """Read an HTML page. The front matter is ``None`` if the page has no metadata."""
    text = text[:_MAX_CHARACTERS]
    parts = list(tokens(text))
    region = _region(parts)
    meta = _metadata(parts)
    authors: list[Value] = [name for key in _AUTHORS for name in meta.get(key, ()) if "://" not in name]
    title, headings = _texts(parts, "title"), _texts(region, "h1")
    values: dict[str, Value] = {
        "title": _title(meta, title[0] if title else "", headings),
        "date": _date(meta, region, parts) or next(iter(_LINKED_DATA.findall(text)), None),
        "description": _first(meta, _DESCRIPTIONS),
        "author": authors[:8],
        "canonical_url": _first(meta, ("canonical", "og:url")),
        "audio": _first(meta, ("og:audio", "og:audio:url", "og:audio:secure_url")) or _audio(region),
    }
    matter = FrontMatter({key: value for key, value in values.items() if value})
    body = Markdown(_without_frame(region)).text
    if not matter.values:
        return Page(None, body, 0, ((1, NO_FRONT_MATTER),))
    return Page(matter, body, 0)


def _metadata(parts: Sequence[Tag | str]) -> dict[str, list[str]]:
    """Return the contents of ``meta`` elements by lower-case name, and canonical links as ``canonical``."""
    contents: dict[str, list[str]] = {}
    for tag in parts:
        if isinstance(tag, str) or not tag.opens:
            continue
        own = tag.attributes
        if tag.name == "meta":
            key = own.get("property") or own.get("name") or own.get("itemprop") or ""
            if content := own.get("content", "").strip():
                contents.setdefault(key.lower(), []).append(content)
        elif tag.name == "link" and "canonical" in own.get("rel", "").lower().split():
            contents.setdefault("canonical", []).append(own.get("href", "").strip())
    return contents


def _title(meta: dict[str, list[str]], title: str, headings: list[str]) -> str:
    """Return the title of the page, without the name of its site."""
    if stated := _first(meta, ("og:title", "twitter:title", "dc.title", "citation_title")):
        return stated
    if len(headings) == 1 or (headings and title.startswith(headings[0])):
        return headings[0]
    site = _first(meta, ("og:site_name",))
    shorter = re.sub(rf"\s*[-|–—·:»]\s*{re.escape(site)}\s*$", "", title) if site else title
    return shorter or title or (headings[0] if headings else "")


def _date(meta: dict[str, list[str]], region: Sequence[Tag | str], parts: Sequence[Tag | str]) -> str:
    """Return the date of the page: from its metadata, else from a ``time`` element, preferably that of publication."""
    if stated := _first(meta, _DATES):
        return stated
    for where in (region, parts):
        times = [tag for tag in where if isinstance(tag, Tag) and tag.opens and tag.attributes.get("datetime")]
        marked = [tag for tag in times if "publish" in " ".join((*tag.attributes, *tag.attributes.values())).lower()]
        for tag in (*marked, *times):
            return tag.attributes["datetime"].strip()
    return ""


def _audio(region: Sequence[Tag | str]) -> str:
    spans = (region[start:end] for start, end in _spans(region, "audio"))
    tags = (part for span in spans for part in span if isinstance(part, Tag) and part.name in ("audio", "source"))
    return next((tag.attributes["src"].strip() for tag in tags if tag.attributes.get("src")), "")


def _first(meta: dict[str, list[str]], names: Sequence[str]) -> str:
    return next((value for name in names for value in meta.get(name, ()) if value), "")


def _texts(parts: Sequence[Tag | str], name: str) -> list[str]:
    texts: list[str] = []
    open_: list[str] | None = None
    for part in parts:
        if isinstance(part, str):
            if open_ is not None:
                open_.append(part)
        elif part.name == name:
            if open_ is not None and (text := " ".join("".join(open_).split())):
                texts.append(text)
            open_ = [] if part.opens else None
    return texts


def _region(parts: list[Tag | str]) -> list[Tag | str]:
    """Return the content of the page: its only article, else its main part, else its body, else all of it."""
    for name in _REGIONS:
        spans = list(_spans(parts, name))
        if len(spans) == 1 or (spans and name != "article"):
            start, end = spans[0]
            return parts[start:end]
    return parts


def _spans(parts: Sequence[Tag | str], name: str) -> Iterator[tuple[int, int]]:
    """Yield where the outermost elements with this name begin and end. An unclosed one ends with the page."""
    depth = start = 0
    for place, part in enumerate(parts):
        if isinstance(part, str) or part.name != name:
            continue
        if part.opens:
            start = start if depth else place
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield start, place + 1
    if depth:
        yield start, len(parts)


def _without_frame(parts: list[Tag | str]) -> Iterator[Tag | str]:
    """Yield the parts without menus, footers, forms and headers that contain a menu."""
    gone = [span for name in _FRAME for span in _spans(parts, name)]
    menus = [start for start, _ in _spans(parts, "nav")]
    gone += [(start, end) for start, end in _spans(parts, "header") if any(start <= menu < end for menu in menus)]
    gone += [span for name in ("head", "title") for span in _spans(parts, name)]
    skipped = bytearray(len(parts))
    for start, end in gone:
        skipped[start:end] = b"\1" * (end - start)
    yield from (part for part, skip in zip(parts, skipped, strict=True) if not skip)
