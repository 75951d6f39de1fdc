"""The XML namespaces of feeds: each vocabulary under one short name, by all the addresses it is found under.

``itunes:author`` is then the same tag whether a feed spells Apple's address with capitals or not, and
``podcast:person`` whether it uses the address of the namespace or that of its documentation.

A feed's XML as a small tree, read without trusting it.

The parser is the standard library's expat. It declares no entity and reads no DTD: an internal subset (the only place
where a document can define entities) refuses the whole document, an external one is never loaded, and depth and number
of elements are bounded. Namespaces are resolved here, so that a prefix nobody declared is no error.

Broken XML: what can be put right is, and what was whole is kept.

Feeds are written by templates and cut off by networks. In the order of how often they occur: a bare ``&``, the names
of HTML's characters (``&nbsp;``), control characters, text before the declaration, an end that is missing, and one item
that is no XML while all others are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

PODCAST = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)

_ADDRESSES: dict[str, tuple[str, ...]] = {
    "": (
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://backend.userland.com/rss2.1",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://cyber.law.harvard.edu/rss/",
    ),
    "atom": ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    "content": ("http://purl.org/rss/1.0/modules/content/",),
    "dc": ("http://purl.org/dc/elements/1.1/",),
    "dcterms": ("http://purl.org/dc/terms/",),
    "wp": tuple(f"http://wordpress.org/export/1.{minor}/" for minor in range(4)),
    "itunes": ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/dtds/podcast-1.0.dtd/"),
    "media": ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"),
    "podcast": PODCAST,
    "psc": ("http://podlove.org/simple-chapters",),
    "rdf": ("http://www.w3.org/1999/02/22-rdf-syntax-ns#",),
    "xhtml": ("http://www.w3.org/1999/xhtml",),
    "xml": ("http://www.w3.org/XML/1998/namespace",),
    "yt": ("http://www.youtube.com/xml/schemas/2015",),
}

_NAMES = {address.lower().rstrip("/"): name for name, addresses in _ADDRESSES.items() for address in addresses}

UNDECLARED = frozenset(_ADDRESSES) - {""}
"""Prefixes that mean what they always mean where a feed forgot to declare them."""


def name_of(address: str) -> str | None:
    """The short name of a vocabulary, ``None`` for one that is no feed's."""
    return _NAMES.get(address.strip().lower().rstrip("/"))


MAX_DEPTH = 200
MAX_ELEMENTS = 2_000_000


class RefusedError(ValueError):
    """A document that is not read at all, and why."""


@dataclass(slots=True)
class Element:
    """One element. ``tag`` is ``vocabulary:name`` with the names of ``namespaces``, ``name`` alone for RSS's own.

    ``whole`` says that its end was seen; ``line`` counts from 1; ``base`` is the address relative ones start from.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    base: str = ""
    children: list[Element | str] = field(default_factory=list)
    whole: bool = False

    def all(self, *tags: str) -> Iterator[Element]:
        """The children with one of these tags, in order."""
        return (child for child in self.children if isinstance(child, Element) and child.tag in tags)

    def first(self, *tags: str) -> Element | None:
        """The first child with the first of these tags that any child has."""
        return next((child for tag in tags for child in self.all(tag)), None)

    def text(self, *tags: str) -> str:
        """The text of the first of these children that says anything, stripped; ``""`` where none does."""
        texts = (child.words() for tag in tags for child in self.all(tag))
        return next((text for text in texts if text), "")

    def get(self, *names: str) -> str:
        """The first of these attributes that says anything, stripped."""
        return next((value for name in names if (value := self.attributes.get(name, "").strip())), "")

    def words(self) -> str:
        """All text in it and below, stripped."""
        return "".join(self._texts()).strip()

    def markup(self, *, xhtml: bool = False) -> str:
        """Its content as HTML. Its own text is HTML already, except where it is XHTML; child elements become tags."""
        return "".join(
            child._tagged() if isinstance(child, Element) else html.escape(child, quote=False) if xhtml else child
            for child in self.children
        )

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, Element):
                yield from child._texts()
            else:
                yield child

    def _tagged(self) -> str:
        name = self.tag.rpartition(":")[2]
        attributes = "".join(f' {key}="{html.escape(value)}"' for key, value in self.attributes.items())
        return f"<{name}{attributes}>{self.markup(xhtml=True)}</{name}>"


class _Builder:
    """Takes expat's events; what was built stays when expat gives up."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._scopes: list[dict[str, str]] = [{}]
        self._elements = 0
        # The text is handed over as UTF-8 whatever it was, and what it declares about itself is passed over.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.SkippedEntityHandler = self._skipped
        self.parser.ExternalEntityRefHandler = lambda *_: 1  # nothing is loaded, and that is no error

    def _doctype(self, name: str, _system: str | None, _public: str | None, internal: int) -> None:
        if internal:
            raise RefusedError("It declares entities or a document type of its own, which no feed needs")

    def _entity(self, *_: object) -> None:
        raise RefusedError("It declares entities, which no feed needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH:
            raise RefusedError(f"Its elements lie more than {MAX_DEPTH} deep in each other")
        if self._elements > MAX_ELEMENTS:
            raise RefusedError(f"It has more than {MAX_ELEMENTS:,} elements")
        declared = {key[6:]: value for key, value in attributes.items() if key.startswith("xmlns:")}
        if "xmlns" in attributes:
            declared[""] = attributes["xmlns"]
        scope = self._scopes[-1] | declared if declared else self._scopes[-1]
        self._scopes.append(scope)
        plain = {_named(key, scope, attribute=True): value for key, value in attributes.items() if key[:5] != "xmlns"}
        above = self._open[-1] if self._open else None
        base = _joined(above.base if above else "", plain.get("xml:base", ""))
        element = Element(_named(name, scope), plain, self.parser.CurrentLineNumber, base)
        if above is not None:
            above.children.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._scopes.pop()
        self._open.pop().whole = True

    def _skipped(self, name: str, is_parameter: bool) -> None:
        """An entity that a document type elsewhere may define: HTML's names are known without it."""
        if not is_parameter:
            self._characters(html.unescape(f"&{name};"))

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].children.append(text)


def parse(text: str) -> tuple[Element | None, expat.ExpatError | None]:
    """Build the tree of a document: as far as it could be read, and the error that ended it, if one did.

    Raises ``RefusedError`` for a document that defines entities or is deeper or larger than any feed.
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
        return name if prefix in UNDECLARED or not prefix else f"?{name}"
    known = name_of(address)
    if known is None:
        return f"{address}:{local}" if address else local
    return f"{known}:{local}" if known else local


def _joined(base: str, address: str) -> str:
    from urllib.parse import urljoin

    try:
        return urljoin(base, address) if address else base
    except ValueError:
        return base


_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_NUMBERED = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_START = re.compile(r"<(?:\?xml|!DOCTYPE|rss|feed|opml|[A-Za-z]+:(?:RDF|feed))\b")
_ROOT = re.compile(r"<(rss|feed|rdf:RDF|atom:feed|[a-zA-Z]+:RDF)\b[^>]*>")
_OPENING = re.compile(r"<((?:atom:)?(?:item|entry))(?=[\s>])")


class Repaired(NamedTuple):
    """The tree as far as there is one, and what there is to say: line (or ``None``) and sentence."""

    root: Element | None
    remarks: list[tuple[int | None, str]]


def read_xml(text: str) -> Repaired:
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
            return Repaired(root, remarks)
        line, why = error.lineno + lines_before, _why(error.code)
        mended = _mended(body)
        if mended != body:
            again, error = parse(mended)
            if error is None:
                remarks.append((line, f"This is not well-formed XML ({why}); it was put right and read."))
                return Repaired(again, remarks)
            root = again or root
            line, why = error.lineno + lines_before, _why(error.code)
        return _pieces(root, mended, line, why, remarks)
    except RefusedError as refused:
        return Repaired(None, [*remarks, (None, f"{refused}; it was not read.")])


def _pieces(root: Element | None, text: str, line: int, why: str, remarks: list[tuple[int | None, str]]) -> Repaired:
    """Read every item by itself; those that are whole take the place of those in the tree."""
    opening = _ROOT.search(text)
    if root is None or opening is None:
        return Repaired(root, [*remarks, (line, f"This is not well-formed XML ({why}).")])
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
    return Repaired(root, remarks)


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
