"""The standard streams of a command, and how text looks on a terminal.

A process may start without one of the streams (``>&-``), or with one that cannot be written (a full disk). Neither may
cause a traceback, nor may a file that is opened later take the number of a missing stream. Text longer than the
terminal goes through the user's pager, as in git.

Lines are wrapped between words, with a hanging indent. Japanese characters are two cells wide, and a line may break
between any two, but not before closing or after opening punctuation. An address is never broken, since a terminal could
not open half of it. Bold, dim and links end with each line and begin again on the next, so that a pager can show any
part.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TextIO

from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_data, clean_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from pydantic import BaseModel

__all__ = [
    "Style", "cells", "complain", "discard", "link", "messages", "open_standard_streams", "output_error", "padded",
    "print_json", "show", "style", "wrapped",
]  # fmt: skip

_MARKED = re.compile(r"\*\*(.+?)\*\*")


class Style(NamedTuple):
    """How emphasis looks: with ``ansi`` as ANSI sequences, without as ``**`` around matched words and plain titles.

    ``links`` says whether the terminal shows links. ``width`` is the number of cells in a line, 0 for no limit. ``say``
    translates messages to the user's language.
    """

    ansi: bool
    links: bool = False
    width: int = 0
    say: Messages = ENGLISH

    def fitted(self, text: str) -> str:
        """Return the text with its lines wrapped to the width."""
        return wrapped(text, self.width) if self.width else text

    def dim(self, text: str) -> str:
        """Return the text dimmed, for ids and addresses, which are copied rather than read."""
        return f"\x1b[2m{text}\x1b[22m" if self.ansi and text else text

    def link(self, text: str, address: str | None) -> str:
        """Return the text as a link to an address, if the terminal shows links."""
        return link(text, address) if self.links and address else text

    def bold(self, text: str) -> str:
        """Return the text in bold, for titles."""
        return f"\x1b[1m{text}\x1b[22m" if self.ansi and text else text

    def marked(self, text: str) -> str:
        """Return the text with words between ``**`` in bold."""
        return _MARKED.sub(lambda match: self.bold(match[1]), text) if self.ansi else text


_LINKING = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby")
"""Terminals (``TERM_PROGRAM``) that show links: github.com/Alhadis/OSC8-Adoption."""
_NARROWEST = 20


def style() -> Style:
    """Return the style for stdout. With ``NO_COLOR`` (no-color.org) or on a dumb terminal it is plain."""
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
    """Whether the terminal is known to show links. ``FORCE_HYPERLINK`` overrules this."""
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
"""The variables for the language of messages, in the order of gettext (its manual, "Locale Environment Variables")."""


def messages() -> Messages:
    """Return the messages in the language of the user's locale."""
    locale = next((value for name in _VARIABLES if (value := os.environ.get(name, ""))), "")
    return Messages(japanese=locale.lower().startswith("ja") or (not locale and _system_is_japanese()))


def _system_is_japanese() -> bool:
    """Whether the system's language is Japanese, if no variable says so (Windows, or a program started by macOS)."""
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
"""The indent, in cells, of the further lines of a wrapped line that has no indent itself."""


def link(text: str, address: str) -> str:
    """Return the text as a link (OSC 8, gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda) to a web address.

    Text with any other address stays plain. All but printable ASCII is escaped, so that an address from an archive
    cannot end the sequence.
    """
    from urllib.parse import quote  # start-up

    if not text or not address.lower().startswith(("https://", "http://")):
        return text
    return f"\x1b]8;;{quote(address, safe=_SAFE)}\x1b\\{text}{_END_LINK}"


_SAFE = "!#$%&'()*+,/:;=?@[]~"


def cells(text: str) -> int:
    """Return how many cells a text takes. Sequences take none."""
    return sum(map(_width, _SEQUENCE.sub("", text)))


def padded(text: str, width: int) -> str:
    """Return the text padded with spaces to ``width`` cells."""
    return text + " " * (width - cells(text))


def _width(letter: str) -> int:
    if letter.isascii():
        return 1
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def wrapped(text: str, width: int) -> str:
    """Return the text with lines of at most ``width`` cells; longer words have a line to themselves."""
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
    """Yield the parts of a line that must not be broken, each after the space before it. An opening sequence belongs to
    the part after it, a closing one to the part before.
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
    """Return the opening sequences at the end of a word, which belong to the next."""
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


class _Output(io.FileIO):
    """Standard output that remembers a failed write, since argparse and others ignore it."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.error = error
            raise


def open_standard_streams() -> None:
    """Replace missing standard streams, and make all of them use UTF-8.

    A replaced stream reads as empty, and writing to it fails when it is flushed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is the missing one. It is only readable, so that writing fails and nothing is lost.
            os.open(os.devnull, os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, for the whole run
    if sys.stdout is None or (sys.stdout is sys.__stdout__ and _descriptor(sys.stdout) == 1):
        raw = _Output(1, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=raw.isatty())
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    for stream in (sys.stdout, sys.stderr):
        # Japanese must be written correctly even if the console's own encoding lacks some of its characters.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a test may have put something simpler in its place
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream else None
    except (OSError, ValueError):
        return None


def complain(message: str) -> None:
    """Print on stderr, in one line, what is wrong. If stderr cannot be written, do nothing."""
    try:
        print(f"zunda-mcp: {clean_line(messages().translated(message))}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        discard(sys.stderr)


def print_json(model: BaseModel) -> None:
    """Print the model as JSON in one line. Japanese stays readable; control sequences are removed from every string."""
    print(json.dumps(clean_data(model), ensure_ascii=False, separators=(",", ":")))


def output_error() -> OSError | None:
    """Flush standard output, and return the error if it could not be written, else None."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.error if isinstance(raw, _Output) else None


def discard(stream: TextIO) -> None:
    """Drop the buffer of a stream that cannot be written, so that the interpreter does not fail on it at exit."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        stream.flush()


_LESS = "FRX"
"""Options of less unless the user sets ``LESS``: quit if all fits on a screen, show styles, leave the text visible."""


def show(text: str) -> None:
    """Print the text, through a pager if it is longer than the terminal."""
    import subprocess  # start-up

    command = _pager() if text.count("\n") + 1 >= shutil.get_terminal_size().lines else None
    if command is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(text)
        return
    sys.stdout.flush()
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **os.environ}
    try:
        subprocess.run(command, input=f"{text}\n".encode(errors="backslashreplace"), env=environment, check=False)  # noqa: S603 - the user's own pager
    except OSError:
        print(text)


def _pager() -> list[str] | None:
    """Return the command of ``PAGER``, else less; None if it is empty, ``cat`` or not installed."""
    named = os.environ.get("PAGER")
    command = shlex.split(named) if named is not None and os.name != "nt" else ["less"]
    if not command or command[0] == "cat" or shutil.which(command[0]) is None:
        return None
    return command
