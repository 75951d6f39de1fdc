"""Converts HTML to Markdown, so that the body of a feed item is read like a file: headings, lists, links, quotes, code.

It converts only what is needed to find stories. markdownify would add two dependencies and a tenth of a second at the
first item; it also escapes every ``_`` in a name, and keeps links around images as links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from zunda_mcp.reading.html.tags import Tag, tokens

__all__ = ["Markdown", "markdown_of", "markup_as_markdown", "one_paragraph", "plain_title"]

_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")
_MARKUP = re.compile(r"</?(?:p|a|ul|ol|li|h[1-6]|br|div|strong|em)\b[^<>]*>", re.IGNORECASE)
_MARKER = re.compile(r"^(?:([-+*>#]|\d{1,9}[.)])(?=\s|$)|(<)(?=[A-Za-z/!?]))", re.MULTILINE)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_BLOCK_NAMES = (
    "address article aside body caption center dd details div dl dt fieldset figcaption figure footer form header "
    "html main nav p section summary table tbody tfoot thead tr hr ul ol li blockquote pre"
)
_BLOCKS = frozenset((*_BLOCK_NAMES.split(), *_HEADINGS))
_STRONG = {"b": "**", "strong": "**", "em": "*", "i": "*"}
_ONLY_LINK = re.compile(r"^\[[^\[\]]*\]\([^()\s]*\)$")
_MAX_NESTED = 12


class Markdown:
    """HTML, given as text or tokens, converted to Markdown: the ``text``, and the addresses of its ``frames``."""

    def __init__(self, markup: str | Iterable[Tag | str]) -> None:
        self.frames: list[str] = []
        self._blocks: list[tuple[str, bool]] = []  # text, and whether it follows the block before without a blank line
        self._inline: list[str] = []
        self._lists: list[int | None] = []  # for each open list, the number of its next item; None for bullets
        self._marker = ""
        self._tight = False
        self._heading = ""
        self._quotes = 0
        self._code = 0
        self._link: tuple[str, int, bool] | None = None  # address, where its text begins, whether it contains an image
        self._strong: list[tuple[str, int]] = []
        for token in tokens(markup) if isinstance(markup, str) else markup:
            if isinstance(token, str):
                self._text(token)
            elif token.opens:
                self._start(token)
            else:
                self._end(token.name)
        self._block()
        self.text = "".join(
            text if place == 0 else f"\n{text}" if joined else f"\n\n{text}"
            for place, (text, joined) in enumerate(self._blocks)
        )

    def _text(self, text: str) -> None:
        if self._code:
            self._inline.append(text)
            return
        words = _SPACE.sub(" ", text.replace("]]>", ""))
        if not self._inline or self._inline[-1].endswith((" ", "\n")):
            words = words.lstrip(" ")
        if words:
            self._inline.append(words)

    def _start(self, tag: Tag) -> None:
        name = tag.name
        if name == "br":
            self._inline.append("\n" if self._code else " " if self._heading or self._link else "  \n")
        elif name == "a":
            self._close_link()
            self._link = (tag.attributes.get("href", "").strip(), len(self._inline), False)
        elif name == "img":
            self._image(tag.attributes.get("alt", ""))
        elif name == "iframe":
            self.frames.append(tag.attributes.get("src", ""))
        elif name in ("td", "th") and self._inline:
            self._inline.append(" | ")
        elif name in _STRONG:
            self._strong.append((name, len(self._inline)))
        elif name in _BLOCKS:
            self._block()
            self._start_block(tag)

    def _start_block(self, tag: Tag) -> None:
        name = tag.name
        if name == "hr":
            self._put("---", "")
        elif name in _HEADINGS:
            self._heading = _HEADINGS[name]
        elif name in ("ul", "ol"):
            start = tag.attributes.get("start", "")
            first = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
            self._lists.append(first if name == "ol" else None)
        elif name == "li":
            self._item()
        elif name == "blockquote":
            self._quotes = min(self._quotes + 1, _MAX_NESTED)
        elif name == "pre":
            self._code += 1

    def _end(self, name: str) -> None:
        if name == "a":
            self._close_link()
        elif name in _STRONG:
            self._close_strong(name)
        elif name in _BLOCKS and name != "hr":
            self._block()
        if name in _HEADINGS:
            self._heading = ""
        elif name in ("ul", "ol"):
            self._marker = ""
            self._lists = self._lists[:-1]
            self._tight = bool(self._lists)
        elif name == "li":
            self._marker, self._tight = "", True
        elif name == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif name == "pre":
            self._code = max(self._code - 1, 0)

    def _item(self) -> None:
        depth = max(len(self._lists) - 1, 0)
        number = self._lists[-1] if self._lists else None
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1
        self._tight = self._tight or depth > 0

    def _image(self, alt: str) -> None:
        if self._link is not None:
            self._link = (self._link[0], self._link[1], True)
        if alt.strip():
            self._text(f" {alt} ")

    def _close_link(self, *, reopen: bool = False) -> None:
        """End a link: put brackets around its text. A link around an image becomes the text of the image."""
        if self._link is None:
            return
        address, start, image = self._link
        parts = self._inline[start:]
        text = "".join(parts).strip()
        if address and text and not image and not self._code:
            lead = " " if parts[0].startswith(" ") and start else ""
            trail = " " if parts[-1].endswith(" ") else ""
            plain = re.sub(r"(?<!\\)[\[\]]", lambda sign: f"\\{sign[0]}", text)
            self._inline[start:] = [f"{lead}[{plain}]({_destination(address)}){trail}"]
        self._link = (address, 0, image) if reopen else None

    def _close_strong(self, name: str) -> None:
        """End an emphasis: put its signs around the text, unless that is code or only a link."""
        while self._strong:
            opened, start = self._strong.pop()
            text = "".join(self._inline[start:])
            inside = text.strip()
            if (
                inside
                and not self._code
                and "\n" not in inside
                and not _ONLY_LINK.match(inside)
                and start <= len(self._inline)
            ):
                sign = _STRONG[opened]
                left, right = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
                shift = len(self._inline) - start - 1
                self._inline[start:] = [f"{left}{sign}{inside}{sign}{right}"]
                if self._link is not None and self._link[1] > start:
                    self._link = (self._link[0], self._link[1] - shift, self._link[2])
            if opened == name:
                return

    def _block(self) -> None:
        if self._strong:
            self._close_strong("")
        self._close_link(reopen=self._link is not None)
        text = "".join(self._inline)
        self._inline = []
        if self._code:
            if text.strip():
                self._put("```\n" + text.strip("\n").replace("```", "'''") + "\n```", "")
            return
        lines = [line.strip(" ") for line in text.strip().split("\n")]
        text = "  \n".join(line for line in lines if line)
        if text:
            self._put(_MARKER.sub(r"\\\g<0>", text) if not self._heading else text, self._heading)

    def _put(self, text: str, heading: str) -> None:
        indent = "".join("  " if number is None else "   " for number in self._lists[:-1][:_MAX_NESTED])
        own = "" if not self._lists else "  " if self._lists[-1] is None else "   "
        marker, self._marker = self._marker, ""
        lead = f"{indent}{marker}" if marker else f"{indent}{own}"
        if heading and not self._lists:
            text = f"{heading} {text}"
        quote = "> " * self._quotes
        lines = text.split("\n")
        rest = f"{indent}{own}"
        whole = "\n".join((lead if place == 0 else rest) + quote + line for place, line in enumerate(lines))
        self._blocks.append((whole, bool(marker) and self._tight and bool(self._blocks)))
        self._tight = False


def markdown_of(text: str, kind: str) -> Markdown:
    """Convert a body of ``kind`` ``html`` or ``text``. Text, often Markdown, is unchanged unless it contains tags."""
    if kind == "html" and not _TAG.search(text):
        text, kind = unescape(text), "text"  # escaped twice, or plain text
    if kind == "text" and not _TAG.search(text):
        plain = Markdown("")
        plain.text = text.strip()
        return plain
    return Markdown(text)


def markup_as_markdown(text: str) -> str:
    """Return a text as Markdown: converted if it contains HTML, else unchanged."""
    return Markdown(text).text if _MARKUP.search(text) else text


def plain_title(text: str, *, html: bool = True) -> str:
    """Return a title on one line; with ``html``, without tags and with entities resolved, even if escaped twice."""
    if html and ("&" in text or "<" in text):
        text = unescape(_TAG.sub("", unescape(text)))
    return " ".join(text.split())


def one_paragraph(text: str, kind: str) -> str:
    """Return a text on one line and without tags, for a description."""
    parts = (token for token in tokens(text) if isinstance(token, str)) if kind == "html" else (text,)
    return " ".join(" ".join(parts).split())


def _destination(address: str) -> str:
    """Return an address as a link destination in Markdown: spaces escaped, and with parentheses in angle brackets."""
    if any(sign in address for sign in " \n\t<>"):
        address = re.sub(r"[\s<>]", lambda sign: f"%{ord(sign[0]):02X}", address)
    return f"<{address}>" if "(" in address or ")" in address else address
