"""A feed's XML as a small tree, read without trusting it.

The parser is the standard library's expat. It declares no entity and reads no DTD: an internal subset (the only place
where a document can define entities) refuses the whole document, an external one is never loaded, and depth and number
of elements are bounded. Namespaces are resolved here, so that a prefix nobody declared is no error.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from zunda_mcp.archive.feeds.namespaces import UNDECLARED, name_of

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
