"""How text looks on the terminal that standard output is: bold, dim, links, width, and the user's language."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass

from zunda_mcp.cli.wrapping import link, wrapped
from zunda_mcp.rendering.messages import ENGLISH, Messages

__all__ = ["Style", "messages", "style"]

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
