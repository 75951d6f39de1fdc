"""Read a line of show notes: its links (in Markdown, in angle brackets, or bare), its title, and the rest of its text.

An archive may have a hundred thousand list items, so one regular expression finds links, and most lines never need a
Markdown parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from zunda_mcp.reading.markdown.blocks import LONGEST_LINE, Document
from zunda_mcp.text.urls import story_url

__all__ = [
    "LONGEST", "InlineLink", "Line", "first_sentence", "first_url", "is_profile", "links_in", "links_out",
    "names_person", "only_link", "plain_line", "read_line", "without_links",
]  # fmt: skip

_TEXT = r"(?:[^\[\]\\]|\\.|!?\[(?:[^\[\]\\]|\\.)*\](?:\([^()\s]*\))?){0,1000}"
_URL = r"<[^<>\n]*>|(?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.)*\))*"
_LINK = re.compile(
    rf"(?P<image>!?)\[(?P<text>{_TEXT})\]\(\s{{0,99}}(?P<url>{_URL})"
    r"(?:\s{1,99}(?:\"(?:[^\"\n]|\"(?!\s{0,9}\))){0,999}\"|'[^']*'|\([^()]*\)))?\s{0,99}\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|(?P<bare>(?<![\w/\"'=])https?://[!#-&*-;=?@A-Z_a-z~]+(?:\([!#-&*-;=?@A-Z_a-z~]*\)[!#-&*-;=?@A-Z_a-z~]*)*)"
)
_ODD_LINK = re.compile(r"!?\[([^\[\]]{0,1000})\]\([^()\n]{0,2000}\)")
"""A link that only a person would read as one: with spaces in its address."""
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TICKS = re.compile(r"`+")
_SIGNS = re.compile(r"[*_`\\&<~!\[]")


class InlineLink(NamedTuple):
    """A link, and its place in the line. ``text`` is Markdown; the text of a ``bare`` address is the address."""

    text: str
    url: str
    start: int
    end: int
    bare: bool


def links_in(line: str) -> Iterator[InlineLink]:
    """Yield the links of a text in order, without images and links in code."""
    if "](" not in line and "://" not in line:
        return
    code = _code_spans(line) if "`" in line else []
    for match in _LINK.finditer(line):
        span = code[at] if (at := bisect_right(code, (match.start(), 0)) - 1) >= 0 else (0, 0)
        if match["image"] or span[0] < match.start() < span[1]:
            continue
        if match["text"] is not None:
            url = match["url"].removeprefix("<").removesuffix(">").strip()
            url = url.removeprefix("[") if url.startswith("[http") else url  # a common slip: [text]([https://…)
            url = _ESCAPED.sub(r"\1", url) if "\\" in url else url
            yield InlineLink(match["text"], url, match.start(), match.end(), bare=match["text"].strip() == url)
        else:
            url = match["auto"] or match["bare"].rstrip(".,;:!?*_")
            end = match.end() if match["auto"] else match.start() + len(url)
            yield InlineLink(url, url, match.start(), end, bare=True)


def without_links(text: str, *, addresses: bool = True) -> str:
    """Return a text with its links replaced by their words; bare addresses stay only if ``addresses``."""
    parts, at = [], 0
    for link in links_in(text):
        parts += [text[at : link.start], link.text if addresses or not link.bare else ""]
        at = link.end
    return _ODD_LINK.sub(r"\1", "".join((*parts, text[at:])))


def only_link(line: str) -> InlineLink | None:
    """Return the link with a title that is all of a line, apart from emphasis around it; ``None`` if there is none."""
    text = line.strip().rstrip("\\").strip(" *_")
    link = next(links_in(text), None) if text.startswith("[") and len(text) <= LONGEST_LINE else None
    whole = link is not None and (link.start, link.end) == (0, len(text))
    return link if link is not None and whole and not link.bare and link.text.strip() else None


def _code_spans(line: str) -> list[tuple[int, int]]:
    """Return the spans of code: from a run of backticks to the next of the same length (CommonMark 0.31, 6.1)."""
    later: dict[int, list[int]] = {}
    runs = [match.span() for match in _TICKS.finditer(line)]
    for start, end in reversed(runs):
        later.setdefault(end - start, []).append(end)
    spans: list[tuple[int, int]] = []
    for start, end in runs:
        later[end - start].pop()
        if later[end - start] and (not spans or start >= spans[-1][1]):
            spans.append((start, later[end - start][-1]))
    return spans


def links_out(text: str) -> Iterator[InlineLink]:
    """Yield the links of a text that lead to another page."""
    return (link for link in links_in(text) if not link.url.startswith("#"))


# --- titles


LONGEST = 160
"""The most characters of a title. If a line has more, its first sentence is the title."""

_SAYS_SOMETHING = re.compile(r"[^\x00-\xff]|\w{5}|\w\W+\w{3}")
"""Text before an address is a title if it matches this; ``See`` does not."""

_MARKS = re.compile(r"[*_~\s]*(?:[\[(（【][^\[\]()（）【】]{1,24}[\])）】](?!\()[*_~\s]*)*")
_AFTER = re.compile(r"^[*_~]*\s*(?:[-–—:：|]+\s+|[:：](?=\w)(?!\w+:)|[,、]\s*|\.\s+)?")
_BEFORE = re.compile(r"(?<=\w)\s*(?:\s[-–—|]|[:：])\s*<?$")
_SCHEME = re.compile(r"\Ahttps?://(?:www\.)?")
_CLOSING = re.compile(r"</[a-zA-Z]+>?\s*$")
_NUMBER_ALONE = re.compile(r"(?:[^\W\d_]{1,12}[ #-]{0,2}|#)?(\d{1,6})")
_COLON = re.compile(r"[*_\])]*\s*(?:[:：]|[-–—]\s)\s*(?=\w|[*`\[\"'“(])")
_UNRESOLVED = re.compile(r"\[([^\[\]]+)\]\[\]")
"""A reference link that the file does not define."""
_SENTENCE = re.compile(r"(?<=[.!?])\s|(?<=[。！？])")


_PROFILES = frozenset(
    {"twitter.com", "x.com", "github.com", "linkedin.com", "instagram.com", "facebook.com", "bsky.app", "threads.net"}
)
_WHO = re.compile(r"\W*(?:[(（][^()（）]{1,80}[)）])?\W*")


class Line(NamedTuple):
    """The parts of a line: its title without markup, its web address, and the Markdown after or around them."""

    title: str
    url: str | None
    rest: str


def read_line(document: Document, text: str, page: str | None) -> Line:
    """Read the first paragraph of an item, or a heading. Relative links are resolved against the address ``page``.

    If a link begins the line, perhaps after a mark like ``[video]``, mark and link are the title, and what follows is
    the rest. If not, the whole line is the title, without markup, and also the rest if it is too long or has several
    links. The address is that of the first link, but of a person (``@ann``) only if there is no other.
    """
    links = list(links_out(text))
    first = links[0] if links else None
    begins = first is not None and _begins(text, first)
    if first is not None and _is_person(first) and text[first.end :].partition("\n")[0].strip():
        begins = False  # the line says what a person did
    if first is not None and _is_number(first) and _COLON.match(text, first.end):
        begins = False  # the link is only the number of what follows
    ranked = links if begins else sorted(links, key=_is_person)
    url = next((url for url in (story_url(link.url, page) for link in ranked) if url), None)
    if first is not None and begins:
        first = _joined(text, links)
        rest = _CLOSING.sub("", _AFTER.sub("", text[first.end :], count=1)).strip()
        rest = rest if any(map(str.isalnum, rest)) else ""
        if not first.bare:
            title = plain_line(document, text[: first.start] + first.text)
            return Line(_shortened(title) if title else first.url, url, rest)
        if not rest:
            return Line(first.url, url, "")
        text = rest
    head, _, tail = text.partition("\n")
    if tail.lstrip().startswith(("[", "http://", "https://", "<http")):  # not a continuation of the first line
        return Line(_shortened(plain_line(document, head)), url, tail.strip())
    last = links[-1] if links else None
    if last is not None and _is_address(last) and not text[last.end :].strip(" .。"):
        before = text[: last.start]
        if _BEFORE.search(before):
            text = _BEFORE.sub("", before)
        elif len(links) == 1 and _SAYS_SOMETHING.search(before):
            text = before.rstrip(" -–—|:：<(（")
    title = plain_line(document, " ".join(text.split()))
    several = sum(not link.bare for link in links) > 1
    return Line(_shortened(title), url, text.strip() if several or len(title) > LONGEST else "")


def _joined(text: str, links: Sequence[InlineLink]) -> InlineLink:
    """Return the first link joined with those right after it that have the same address: a title in several pieces."""
    first = links[0]
    for link in links[1:]:
        if link.start != first.end or link.url != first.url:
            break
        first = first._replace(text=first.text + link.text, end=link.end)
    return first


def first_url(text: str, page: str | None) -> str | None:
    """Return the first web address in a text."""
    urls = (story_url(link.url, page) for link in links_out(text))
    return next((url for url in urls if url), None)


def _is_person(link: InlineLink) -> bool:
    """Whether a link is a person with their page (``@ann`` at ``…/ann``); a link to one of their posts is not."""
    return link.text.startswith("@") and link.url.rstrip("/").casefold().endswith(f"/{link.text[1:].casefold()}")


def is_profile(url: str) -> bool:
    """Whether an address is somebody's profile on GitHub or a large social network."""
    parts = urlsplit(url)
    first, *more = [step for step in parts.path.split("/") if step] or [""]
    host = (parts.hostname or "").removeprefix("www.").removeprefix("mobile.")
    return host in _PROFILES and (not more or (len(more) == 1 and first in ("in", "profile")))


def names_person(text: str) -> bool:
    """Whether a text only names a person, with a link to their page: ``[@ann](…/ann) (Ann Reed)``."""
    links = list(links_out(text))
    url = story_url(links[0].url, None) if len(links) == 1 else None
    if url is None:
        return False
    link = links[0]
    name = link.text.removeprefix("@").casefold()
    own = _is_person(link) or (is_profile(url) and urlsplit(url).path.strip("/").casefold() == name)
    return own and _WHO.fullmatch(text[: link.start] + text[link.end :]) is not None


def _is_number(link: InlineLink) -> bool:
    """Whether the text of a link is only the number of its page: ``Issue 12`` at ``…/issues/12``."""
    match = _NUMBER_ALONE.fullmatch(link.text.strip("*_[]( )"))
    url = story_url(link.url, None) if match else None
    *above, last = urlsplit(url or "").path.strip("/").split("/")
    return bool(match and above) and last.rpartition("-")[2].lstrip("0") == (match[1].lstrip("0") if match else "")


def first_sentence(document: Document, text: str) -> str:
    """Return the first sentence of a text without its markup, shortened if it is too long for a title."""
    line = plain_line(document, text.strip().split("\n\n", maxsplit=1)[0])
    return _shortened(_SENTENCE.split(line, maxsplit=1)[0].strip())


def plain_line(document: Document, text: str) -> str:
    """Return a line without its markup; most lines have none and need no parser."""
    stripped = text.strip()
    plain = _UNRESOLVED.sub(r"\1", document.plain_text(stripped)) if _SIGNS.search(stripped) else stripped
    return " ".join(plain.split()).strip("*_").strip()


def _is_address(link: InlineLink) -> bool:
    """Whether the text of a link is its address; that of a site without a path does not count, and may be a title."""
    return link.bare or ("/" in link.text.strip("/") and link.text.rstrip("/") == _SCHEME.sub("", link.url).rstrip("/"))


def _begins(text: str, link: InlineLink) -> bool:
    before = text[: link.start]
    return len(before) <= 48 and _MARKS.fullmatch(before) is not None


def _shortened(title: str) -> str:
    if len(title) <= LONGEST:
        return title
    sentence = _SENTENCE.split(title, maxsplit=1)[0].strip()
    if len(sentence) <= LONGEST:
        return sentence
    cut = sentence[: LONGEST - 1]
    space = cut.rfind(" ", LONGEST // 2)
    return f"{cut[:space] if space > 0 else cut}…"
