"""How text looks on the terminal that standard output is: bold, dim, links, wrapped lines, and the user's language.

Lines are wrapped between words, with a hanging indent. Japanese is two cells wide and broken between any two
characters, but no line begins with what closes or ends with what opens. An address is never broken: a terminal would
not open half of it. What is bold, dim or a link is closed at the end of a line and opened again on the next, so that a
pager may show any part.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from zunda_mcp.rendering.messages import ENGLISH, Messages

__all__ = ["Style", "cells", "link", "messages", "padded", "style", "wrapped"]

_MARKED = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Style:
    """How emphasis looks: ANSI sequences where ``ansi``, else nothing for titles and ``**`` for matched words.

    ``links`` says that the terminal shows links, ``width`` how many cells a line has (0 for any), ``say`` speaks the
    user's language.
    """

    ansi: bool
    links: bool = False
    width: int = 0
    say: Messages = ENGLISH

    def fitted(self, text: str) -> str:
        """The text with its lines wrapped to the width."""
        return wrapped(text, self.width) if self.width else text

    def dim(self, text: str) -> str:
        """What is only there to be copied."""
        return f"\x1b[2m{text}\x1b[22m" if self.ansi and text else text

    def link(self, text: str, address: str | None) -> str:
        """Text that leads to an address."""
        return link(text, address) if self.links and address else text

    def bold(self, text: str) -> str:
        """A title."""
        return f"\x1b[1m{text}\x1b[22m" if self.ansi and text else text

    def marked(self, text: str) -> str:
        """Text in which ``**`` stands around matched words."""
        return _MARKED.sub(lambda match: self.bold(match[1]), text) if self.ansi else text


_LINKING = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby")
"""Terminals (``TERM_PROGRAM``) that show links: github.com/Alhadis/OSC8-Adoption."""
_NARROWEST = 20


def style() -> Style:
    """The style that stdout can show. ``NO_COLOR`` (no-color.org) and a dumb terminal mean a plain one."""
    terminal = sys.stdout.isatty()
    capable = os.environ.get("TERM") != "dumb" and (os.name != "nt" or bool(os.environ.get("WT_SESSION")))
    width = shutil.get_terminal_size().columns if terminal else 0
    return Style(
        ansi=terminal and not os.environ.get("NO_COLOR") and capable,
        links=terminal and capable and _shows_links(),
        width=max(width, _NARROWEST) if terminal else 0,
        say=messages(),
    )


def _shows_links() -> bool:
    """Whether the terminal is one of those known to show links; ``FORCE_HYPERLINK`` decides otherwise."""
    if forced := os.environ.get("FORCE_HYPERLINK"):
        return forced != "0"
    kind, version = os.environ.get("TERM", ""), os.environ.get("VTE_VERSION", "")
    return (
        os.environ.get("TERM_PROGRAM") in _LINKING
        or kind.startswith(("xterm-kitty", "alacritty", "foot", "xterm-ghostty"))
        or (version.isdecimal() and int(version) >= 5000)  # VTE 0.50: GNOME Terminal and its kin
        or any(os.environ.get(name) for name in ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM"))
    )


_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What says the language of messages, in the order of gettext (its manual, "Locale Environment Variables")."""


def messages() -> Messages:
    """Those of the user's locale."""
    locale = next((value for name in _VARIABLES if (value := os.environ.get(name, ""))), "")
    return Messages(japanese=locale.lower().startswith("ja") or (not locale and _system_is_japanese()))


def _system_is_japanese() -> bool:
    """Whether a system without these variables (Windows, or a program started by macOS) speaks Japanese."""
    import locale  # start-up

    try:
        return (locale.getlocale()[0] or "").lower().startswith("ja")
    except ValueError:
        return False


_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|\x1b\]8;;([^\x1b\x07]*)\x1b\\")
_PIECE = re.compile(rf"{_SEQUENCE.pattern}|\s+|[^\s\x1b]")
_NEVER_FIRST = frozenset("、。，．・：；？！ー」』）］｝〉》】〕”’々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…,.:;?!)]}%")
_NEVER_LAST = frozenset("「『（［｛〈《【〔“‘([{")
_END_LINK = "\x1b]8;;\x1b\\"
_OFF = {"1": "\x1b[22m", "2": "\x1b[22m"}
_PARAGRAPH = 2
"""Cells by which a wrapped line stands further in than its first line, where that begins at the margin."""


def link(text: str, address: str) -> str:
    """The text as a link (OSC 8, gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda); only web addresses are.

    The address comes from an archive: whatever is not printable ASCII is escaped, so that it cannot end the sequence.
    """
    from urllib.parse import quote  # start-up

    if not text or not address.lower().startswith(("https://", "http://")):
        return text
    return f"\x1b]8;;{quote(address, safe=_SAFE)}\x1b\\{text}{_END_LINK}"


_SAFE = "!#$%&'()*+,/:;=?@[]~"


def cells(text: str) -> int:
    """How many cells a text takes; sequences take none."""
    return sum(map(_width, _SEQUENCE.sub("", text)))


def padded(text: str, width: int) -> str:
    """The text, filled up to a number of cells."""
    return text + " " * (width - cells(text))


def _width(letter: str) -> int:
    if letter.isascii():
        return 1
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def wrapped(text: str, width: int) -> str:
    """Every line of the text within ``width`` cells, but for single words that are longer."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped_line(line, width))


def _wrapped_line(line: str, width: int) -> Iterator[str]:
    if cells(line) <= width:
        yield line
        return
    indent = len(line) - len(line.lstrip(" "))
    hanging = " " * (indent or _PARAGRAPH)
    out, used, style, address = " " * indent, indent, "", ""
    fresh = True
    for space, word in _words(line[indent:]):
        size = cells(word)
        if not fresh and used + len(space) + size > width:
            yield out + (_END_LINK if address else "") + (_OFF.get(style, "") if style else "")
            out = hanging + (f"\x1b[{style}m" if style else "") + (f"\x1b]8;;{address}\x1b\\" if address else "")
            used = len(hanging)
        else:
            out += space
            used += len(space)
        out += word
        used += size
        fresh = False
        for match in _SEQUENCE.finditer(word):
            if match[1] is not None:
                style = match[1] if match[1] in _OFF else ""
            else:
                address = match[2]
    yield out


def _words(text: str) -> Iterator[tuple[str, str]]:
    """What may not be broken, each with the space before it. A sequence belongs to what follows, one that ends
    something to what is before it.
    """
    space = word = ""
    last = ""
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece.isspace():
            if word:
                yield space, word
            space, word, last = (" " * len(piece) if word or not space else space), "", ""
            continue
        if piece.startswith("\x1b"):
            word += piece
            continue
        if last and _may_break(last, piece):
            closing = _trailing_openers(word)
            yield space, word[: len(word) - len(closing)]
            space, word = "", closing
        word += piece
        last = piece
    if word:
        yield space, word


def _trailing_openers(word: str) -> str:
    """The sequences at the end of a word that open something for what follows."""
    at = len(word)
    for match in reversed(list(_SEQUENCE.finditer(word))):
        opens = match[1] in _OFF if match[1] is not None else bool(match[2])
        if match.end() != at or not opens:
            break
        at = match.start()
    return word[at:]


def _may_break(before: str, after: str) -> bool:
    if after in _NEVER_FIRST or before in _NEVER_LAST or not _width(after):
        return False
    return _width(before) == 2 or _width(after) == 2
