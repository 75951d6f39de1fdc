"""Broken XML: what can be put right is, and what was whole is kept.

Feeds are written by templates and cut off by networks. In the order of how often they occur: a bare ``&``, the names
of HTML's characters (``&nbsp;``), control characters, text before the declaration, an end that is missing, and one item
that is no XML while all others are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from zunda_mcp.archive.feeds.tree import Element, RefusedError, parse

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_NUMBERED = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_START = re.compile(r"<(?:\?xml|!DOCTYPE|rss|feed|opml|[A-Za-z]+:(?:RDF|feed))\b")
_ROOT = re.compile(r"<(rss|feed|rdf:RDF|atom:feed|[a-zA-Z]+:RDF)\b[^>]*>")
_OPENING = re.compile(r"<((?:atom:)?(?:item|entry))(?=[\s>])")


class Mended(NamedTuple):
    """The tree as far as there is one, and what there is to say: line (or ``None``) and sentence."""

    root: Element | None
    remarks: list[tuple[int | None, str]]


def read_xml(text: str) -> Mended:
    """Read a document, well-formed or not; never raises."""
    start = _START.search(text[:4096])
    lines_before = text.count("\n", 0, start.start()) if start else 0
    body = text[start.start() :] if start else text
    remarks: list[tuple[int | None, str]] = []
    before = text[: start.start()].strip("\ufeff \t\n") if start else ""
    if before and not (before.startswith("<!--") and before.endswith("-->")):
        remarks.append((1, "There is text before the XML; it was passed over."))
    try:
        root, error = parse(body)
        if error is None:
            return Mended(root, remarks)
        line, why = error.lineno + lines_before, _why(error.code)
        mended = _mended(body)
        if mended != body:
            again, error = parse(mended)
            if error is None:
                remarks.append((line, f"This is not well-formed XML ({why}); it was put right and read."))
                return Mended(again, remarks)
            root = again or root
            line, why = error.lineno + lines_before, _why(error.code)
        return _pieces(root, mended, line, why, remarks)
    except RefusedError as refused:
        return Mended(None, [*remarks, (None, f"{refused}; it was not read.")])


def _pieces(root: Element | None, text: str, line: int, why: str, remarks: list[tuple[int | None, str]]) -> Mended:
    """Read every item by itself; those that are whole take the place of those in the tree."""
    opening = _ROOT.search(text)
    if root is None or opening is None:
        return Mended(root, [*remarks, (line, f"This is not well-formed XML ({why}).")])
    found: list[Element] = []
    for start, end in _spans(text):
        piece, error = parse(f"{opening[0]}{text[start:end]}</{opening[1]}>")
        child = piece.first("item", "entry", "atom:entry") if piece and error is None else None
        if child is not None:
            child.line, child.base = text.count("\n", 0, start) + 1, child.base or root.base
            found.append(child)
    lost = len(_OPENING.findall(text)) - len(found)
    kept = f"{len(found)} whole {'item was' if len(found) == 1 else 'items were'} kept"
    remarks.append((line, f"This is not well-formed XML ({why}); {kept}" + (f", {lost} left out." if lost else ".")))
    holder = root.first("channel") if root.tag == "rss" else root
    for place in (root, holder):
        if place is not None:
            place.children = [child for child in place.children if isinstance(child, str) or not _is_item(child)]
    (holder or root).children += found
    return Mended(root, remarks)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where items begin and end; an item without an end is the last that is looked at."""
    at = 0
    while opening := _OPENING.search(text, at):
        closing = text.find(f"</{opening[1]}>", opening.end())
        if closing < 0:
            return
        at = closing + len(opening[1]) + 3
        yield opening.start(), at


def _is_item(element: Element) -> bool:
    return element.tag in ("item", "entry", "atom:entry")


def _mended(text: str) -> str:
    """Put right what stands outside CDATA sections: ampersands, names of characters, controls."""
    parts: list[str] = []
    for place, part in enumerate(_CONTROLS.sub("", text).split("<![CDATA[")):
        inside, end, outside = part.partition("]]>") if place else ("", "", part)
        if place:
            parts.append(f"<![CDATA[{inside}{end}")
        parts.append(_NUMBERED.sub(_number, _AMPERSAND.sub(_entity, outside)))
    return "".join(parts)


def _entity(match: re.Match[str]) -> str:
    named = html.unescape(match[0]) if match[1] else match[0]
    if named != match[0] and named not in "<>&\"'":
        return named
    return "&amp;" + match[0][1:]


def _number(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return match[0] if allowed else "\ufffd"


def _why(code: int) -> str:
    from xml.parsers import expat

    return expat.ErrorString(code) or "unknown error"
