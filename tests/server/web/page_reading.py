"""What the tests of pages share: a page as a browser reads it, by its elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zunda_mcp.server.web.routes import PageRequest, PageResponse, answer

_VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    """An element with its attributes, and all text in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Document(HTMLParser):
    """The elements of a page in their order."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"never closed: {[one.name for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(found)
        if tag not in _VOID:
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open.pop().name == tag, self.source

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, name: str, /, **attributes: str) -> list[Element]:
        """The elements of a name with these attributes."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            one
            for one in self.elements
            if one.name == name and all(one.attributes.get(key) == value for key, value in wanted.items())
        ]

    def one(self, name: str, /, **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(name, **attributes)
        return found

    def links(self, beginning: str = "") -> list[str]:
        """Where links lead, as far as they begin so."""
        return [one.attributes["href"] for one in self.all("a") if one.attributes.get("href", "").startswith(beginning)]


def page(library: Any, address: str, **more: Any) -> tuple[PageResponse, Document]:
    """A page by its path with parameters, and as a browser reads it."""
    parts = urlsplit(address)
    request = PageRequest(
        path=parts.path.removeprefix("/"),
        parameters=dict(parse_qsl(parts.query)),
        endpoint="http://localhost:8765/mcp",
        **more,
    )
    found = answer(lambda: library, request)
    return found, Document(found.body.decode())
