"""Reads the XML of a feed as a small tree, without trusting it and even if it is broken.

The parser is expat from the standard library. It refuses a document with an internal DTD subset, the only place that
can define entities, and one with too many or too deeply nested elements. It never loads an external DTD. This is as
safe as lxml, needs no dependency and no start-up time, and keeps what it read of a document that breaks off.

This module resolves namespaces itself, so that an undeclared prefix is not an error, and each vocabulary has one short
name, whatever address a feed uses: ``itunes:author`` with or without capitals in Apple's address.

Templates break feeds, and networks cut them off. The usual faults, the most frequent first: bare ``&``; HTML entities
(``&nbsp;``); control characters; text before the declaration; a missing end; one item that is not XML. What can be
repaired is repaired, and complete items are kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin
from xml.parsers import expat

__all__ = ["Element", "read_xml"]

_ADDRESSES = {
    "": "purl.org/rss/1.0 my.netscape.com/rdf/simple/0.9 channel.netscape.com/rdf/simple/0.9 backend.userland.com/rss "
    "backend.userland.com/rss2 backend.userland.com/rss2.1 blogs.law.harvard.edu/tech/rss cyber.law.harvard.edu/rss",
    "atom": "www.w3.org/2005/atom purl.org/atom/ns#",
    "content": "purl.org/rss/1.0/modules/content",
    "dc": "purl.org/dc/elements/1.1",
    "dcterms": "purl.org/dc/terms",
    "wp": " ".join(f"wordpress.org/export/1.{minor}" for minor in range(4)),
    "itunes": "www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "search.yahoo.com/mrss",
    "podcast": "podcastindex.org/namespace/1.0 github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    "psc": "podlove.org/simple-chapters",
    "rdf": "www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "www.w3.org/1999/xhtml",
    "xml": "www.w3.org/xml/1998/namespace",
    "yt": "www.youtube.com/xml/schemas/2015",
}
"""The short name of each vocabulary, and its addresses in lower case and without a scheme."""

_NAMES = {address: name for name, addresses in _ADDRESSES.items() for address in addresses.split()}

_USUAL_PREFIXES = frozenset(_ADDRESSES) - {""}  # understood even in feeds that do not declare them


_MAX_DEPTH = 200
_MAX_ELEMENTS = 2_000_000


class _RefusedError(ValueError):
    """The document is not read at all; the message says why."""


@dataclass(slots=True)
class Element:
    """An XML element. ``tag`` is ``vocabulary:name``, or ``name`` alone for elements of RSS itself. ``base`` is the URL
    that relative addresses are resolved against.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    base: str = ""
    children: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the children with one of these tags, in order."""
        return (child for child in self.children if isinstance(child, Element) and child.tag in tags)

    def first(self, *tags: str) -> Element | None:
        """Return the first child with the first of these tags that any child has."""
        return next((child for tag in tags for child in self.all(tag)), None)

    def text(self, *tags: str) -> str:
        """Return the stripped text of the first child that has any, in the order of these tags; else ``""``."""
        texts = (child.words() for tag in tags for child in self.all(tag))
        return next((text for text in texts if text), "")

    def get(self, *names: str) -> str:
        """Return the value, stripped, of the first of these attributes that is not empty; else ``""``."""
        return next((value for name in names if (value := self.attributes.get(name, "").strip())), "")

    def words(self) -> str:
        """Return all text in the element, stripped."""
        return "".join(self._texts()).strip()

    def markup(self, *, xhtml: bool = False) -> str:
        """Return the content as HTML: text is HTML already unless ``xhtml``, and child elements become tags."""
        return "".join(
            child._tagged() if isinstance(child, Element) else html.escape(child, quote=False) if xhtml else child
            for child in self.children
        )

    def walk(self) -> Iterator[Element]:
        """Yield this element and all its descendants in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            yield from child._texts() if isinstance(child, Element) else (child,)

    def _tagged(self) -> str:
        name = self.tag.rpartition(":")[2]
        attributes = "".join(f' {key}="{html.escape(value)}"' for key, value in self.attributes.items())
        return f"<{name}{attributes}>{self.markup(xhtml=True)}</{name}>"


class _Builder:
    """Builds the tree from the events of expat, and keeps what it has built if expat fails."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._scopes: list[dict[str, str]] = [{}]
        self._elements = 0
        # The text is passed as UTF-8 whatever it was before; this overrides the encoding that it declares.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._declares
        self.parser.EntityDeclHandler = lambda *_: self._declares(True)
        self.parser.SkippedEntityHandler = self._skipped
        self.parser.ExternalEntityRefHandler = lambda *_: 1  # nothing is loaded, and that is no error

    def _declares(self, *arguments: object) -> None:
        """Refuse an entity declaration, or a document type with an internal subset (the last argument of its event)."""
        if arguments[-1]:
            raise _RefusedError("It declares entities or its own document type, which no feed needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= _MAX_DEPTH:
            raise _RefusedError(f"Its elements are nested more than {_MAX_DEPTH} deep")
        if self._elements > _MAX_ELEMENTS:
            raise _RefusedError(f"It has more than {_MAX_ELEMENTS:,} elements")
        declared = {key[6:]: value for key, value in attributes.items() if key.startswith("xmlns:")}
        if "xmlns" in attributes:
            declared[""] = attributes["xmlns"]
        scope = self._scopes[-1] | declared if declared else self._scopes[-1]
        self._scopes.append(scope)
        plain = {_named(key, scope, attribute=True): value for key, value in attributes.items() if key[:5] != "xmlns"}
        above = self._open[-1] if self._open else None
        base = above.base if above else ""
        with suppress(ValueError):
            base = urljoin(base, plain.get("xml:base", ""))
        element = Element(_named(name, scope), plain, self.parser.CurrentLineNumber, base)
        if above is not None:
            above.children.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._scopes.pop()
        self._open.pop()

    def _skipped(self, name: str, is_parameter: bool) -> None:
        """Resolve an entity of HTML that an external document type may have declared."""
        if not is_parameter:
            self._characters(html.unescape(f"&{name};"))

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].children.append(text)


def _parse(text: str) -> tuple[Element | None, expat.ExpatError | None]:
    """Return the tree of a document as far as it can be read, and the error that ended it, if any.

    Raises ``_RefusedError``.
    """
    builder = _Builder()
    try:
        builder.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return builder.root, error
    return builder.root, None


def _named(name: str, scope: dict[str, str], *, attribute: bool = False) -> str:
    prefix, colon, local = name.rpartition(":")
    if attribute and not colon:
        return local
    address = scope.get(prefix)
    if address is None:
        return name if prefix in _USUAL_PREFIXES or not prefix else f"?{name}"
    vocabulary = _NAMES.get(address.strip().lower().rstrip("/").partition("://")[2])
    if vocabulary is None:
        return f"{address}:{local}" if address else local
    return f"{vocabulary}:{local}" if vocabulary else local


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_NUMBERED = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_START = re.compile(r"<(?:\?xml|!DOCTYPE|rss|feed|opml|[A-Za-z]+:(?:RDF|feed))\b")
_ROOT = re.compile(r"<(rss|feed|rdf:RDF|atom:feed|[a-zA-Z]+:RDF)\b[^>]*>")
_ITEMS = ("item", "entry", "atom:entry")
_OPENING = re.compile(r"<((?:atom:)?(?:item|entry))(?=[\s>])")


class _XmlResult(NamedTuple):
    """The tree as far as it could be read (``None`` if not at all), and remarks: a line, if known, and a sentence."""

    root: Element | None
    remarks: list[tuple[int | None, str]]


def read_xml(text: str) -> _XmlResult:
    """Read a document, well-formed or not. Never raises."""
    start = _START.search(text[:4096])
    lines_before = text.count("\n", 0, start.start()) if start else 0
    body = text[start.start() :] if start else text
    remarks: list[tuple[int | None, str]] = []
    before = text[: start.start()].strip("\ufeff \t\n") if start else ""
    if before and not (before.startswith("<!--") and before.endswith("-->")):
        remarks.append((1, "There is text before the XML; it was ignored."))
    try:
        root, error = _parse(body)
        if error is None:
            return _XmlResult(root, remarks)
        line, why = error.lineno + lines_before, _why(error.code)
        repaired = _repaired(body)
        if repaired != body:
            again, error = _parse(repaired)
            if error is None:
                remarks.append((line, f"This is not well-formed XML ({why}); it was repaired and read."))
                return _XmlResult(again, remarks)
            root = again or root
            line, why = error.lineno + lines_before, _why(error.code)
        return _pieces(root, repaired, line, why, remarks)
    except _RefusedError as refused:
        return _XmlResult(None, [*remarks, (None, f"{refused}; it was not read.")])


def _pieces(root: Element | None, text: str, line: int, why: str, remarks: list[tuple[int | None, str]]) -> _XmlResult:
    """Parse each item separately, and replace the items in the tree by those that are complete."""
    opening = _ROOT.search(text)
    if root is None or opening is None:
        return _XmlResult(root, [*remarks, (line, f"This is not well-formed XML ({why}).")])
    items: list[Element] = []
    for start, end in _spans(text):
        piece, error = _parse(f"{opening[0]}{text[start:end]}</{opening[1]}>")
        child = piece.first(*_ITEMS) if piece and error is None else None
        if child is not None:
            child.line, child.base = text.count("\n", 0, start) + 1, child.base or root.base
            items.append(child)
    lost = len(_OPENING.findall(text)) - len(items)
    kept = f"{len(items)} whole {'item was' if len(items) == 1 else 'items were'} kept"
    remarks.append((line, f"This is not well-formed XML ({why}); {kept}" + (f", {lost} left out." if lost else ".")))
    holder = (root.first("channel") if root.tag == "rss" else None) or root
    for place in (root, holder):
        place.children = [child for child in place.children if isinstance(child, str) or child.tag not in _ITEMS]
    holder.children += items
    return _XmlResult(root, remarks)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each item begins and ends, up to an item without an end tag."""
    at = 0
    while opening := _OPENING.search(text, at):
        closing = text.find(f"</{opening[1]}>", opening.end())
        if closing < 0:
            return
        at = closing + len(opening[1]) + 3
        yield opening.start(), at


def _repaired(text: str) -> str:
    """Repair ampersands, entities and control characters outside CDATA sections."""
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
    return expat.ErrorString(code) or "unknown error"
