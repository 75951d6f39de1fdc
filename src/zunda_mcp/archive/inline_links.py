"""Links within a line of show notes, found fast: Markdown links, addresses in angles, bare addresses.

An archive may have a hundred thousand list items, so most lines never see a Markdown parser here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TEXT = r"(?:[^\[\]\\]|\\.|!?\[(?:[^\[\]\\]|\\.)*\](?:\([^()\s]*\))?){0,1000}"
_URL = r"<[^<>\n]*>|(?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.)*\))*"
_LINK = re.compile(
    rf"(?P<image>!?)\[(?P<text>{_TEXT})\]\(\s*(?P<url>{_URL})(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
    r"|<(?P<auto>https?://[^\s<>]+)>"
    r"|(?P<bare>(?<![\w/\"'=])https?://[!#-&*-;=?@A-Z_a-z~]+(?:\([!#-&*-;=?@A-Z_a-z~]*\)[!#-&*-;=?@A-Z_a-z~]*)*)",
)
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1")
_MOST_TICKS = 200
_SIGNS = re.compile(r"[*_`\\&<~!\[]")


class Found(NamedTuple):
    """A link and where it stands in its line. ``text`` is Markdown; a bare address is its own text."""

    text: str
    url: str
    start: int
    end: int
    bare: bool


def links_in(line: str) -> Iterator[Found]:
    """Yield the links of a text in order; images and links in code are none."""
    if "](" not in line and "://" not in line:
        return
    code = [match.span() for match in _CODE.finditer(line)] if 0 < line.count("`") <= _MOST_TICKS else []
    for match in _LINK.finditer(line):
        if match["image"] or any(start < match.start() < end for start, end in code):
            continue
        if match["text"] is not None:
            url = match["url"].removeprefix("<").removesuffix(">").strip()
            url = url.removeprefix("[") if url.startswith("[http") else url  # a slip: [text]([https://…)
            yield Found(match["text"], url, match.start(), match.end(), bare=match["text"].strip() == url)
        else:
            url = match["auto"] or match["bare"].rstrip(".,;:!?*_")
            end = match.end() if match["auto"] else match.start() + len(url)
            yield Found(url, url, match.start(), end, bare=True)


def is_in_page(url: str) -> bool:
    """Whether a link leads to a place on its own page."""
    return url.startswith("#")


def needs_parser(text: str) -> bool:
    """Whether a text has signs that only a Markdown parser reads rightly."""
    return bool(_SIGNS.search(text))
