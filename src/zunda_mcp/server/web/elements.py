"""HTML from elements, not from strings: a text is escaped and an address checked when the element is made.

>>> element("p", "a < b ", element("a", "there", href="https://example.org"), class_="note")
'<p class="note">a &lt; b <a href="https://example.org" rel="nofollow noopener">there</a></p>'
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

from zunda_mcp.rendering.sanitize import clean

__all__ = ["AppLink", "Child", "Markup", "element", "join", "marked"]

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_ADDRESSES = frozenset({"href", "src", "action"})
_OUTWARD = re.compile(r"https?://[^\s]", re.IGNORECASE)
_INWARD = re.compile(r"(?![/\\]{2})(?:[/?#.]|[\w%~-]+(?:[/?#.]|$))")
_SCHEME = re.compile(r"[^/?#]*:")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


class Markup(str):
    """HTML that was made here, and that is not escaped again."""

    __slots__ = ()


class AppLink(str):
    """An address of our own making that opens an application (``vscode:…``), and is let pass as it is."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""A text, an element, several of them, or nothing."""


def element(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """One element. ``class_`` is written ``class``, and ``aria_label`` ``aria-label``; an attribute that is None or
    False is left out, and so is an address that is neither of the web nor of this site.
    """
    parts = [f"<{name}"]
    outward = False
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        if attribute in _ADDRESSES and not isinstance(value, AppLink):
            address = str(value).strip()
            outward = _OUTWARD.match(address) is not None
            if not outward and (not _INWARD.match(address) or _SCHEME.match(address)):
                continue
        parts.append(f" {attribute}" if value is True else f' {attribute}="{html.escape(clean(str(value)))}"')
    if outward and name == "a":
        parts.append(' rel="nofollow noopener"')
    parts.append(">")
    if name not in _VOID:
        parts += [join(*children), f"</{name}>"]
    return Markup("".join(parts))


def join(*children: Child) -> Markup:
    """Several texts and elements, one after the other."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(html.escape(clean(child), quote=False))
        else:
            parts.append(join(*child))
    return Markup("".join(parts))


def marked(snippet: str) -> Markup:
    """A snippet of an answer: what stands in ``**bold**`` there is what was looked for."""
    pieces = _BOLD.split(snippet)
    return join(element("mark", piece) if place % 2 else piece for place, piece in enumerate(pieces))
