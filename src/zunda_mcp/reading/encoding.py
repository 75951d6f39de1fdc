"""Bytes to text: UTF-8, what a file declares, and the encodings Japanese files of the last decades are found in."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

__all__ = ["Decoded", "decode", "strictly", "with_newlines"]

_GUESSES = ("euc_jp", "cp932")
"""Tried strictly, in this order: text in cp932 is hardly ever valid EUC-JP, while the reverse happens.
ISO-2022-JP is plain ASCII to look at, and known by its escape sequences."""

_BOM_REMARK = "This file begins with a byte order mark (BOM); it was ignored."

_LATIN = frozenset({"iso8859-1", "ascii"})
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_XML = re.compile(rb"\A\s*<(\?xml|rss|feed|rdf:RDF|opml)\b")

_WIDE_XML = {b"<\0?\0": codecs.BOM_UTF16_LE, b"\0<\0?": codecs.BOM_UTF16_BE}  # without the mark it should have

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # UTF-32 LE begins like UTF-16 LE


class Decoded(NamedTuple):
    """The text with newlines as ``\\n``, or ``None`` for bytes that are no text; and what there is to say about it."""

    text: str | None
    remark: str | None


def decode(data: bytes, charset: str | None = None) -> Decoded:  # noqa: PLR0911 - one way after the other
    """Decode a file; never raises. ``charset`` is what came with it over the network, if anything did.

    UTF-8 that is UTF-8 is never doubted, since servers and declarations are often wrong where the bytes are not. XML is
    read in the end even where some bytes fit no encoding: they become replacement characters, and that is said.
    """
    data = _WIDE_XML.get(data[:4], b"") + data
    if data.startswith(_WIDE):
        return _wide(data)
    if b"\0" in data:
        return Decoded(None, "This file is binary (it holds NUL bytes), not text; it was skipped.")
    marked = data.startswith(codecs.BOM_UTF8)
    text = strictly(data, "utf-8-sig")
    named = _named(data, charset)
    guesses = (
        (*named, *(_GUESSES if not named else ())) if text is None else ("iso2022_jp",) if b"\x1b$" in data else ()
    )
    for guess in guesses:
        guessed = strictly(data, guess)
        if guessed is not None:
            if guess in named:
                return Decoded(_newlines(guessed), None)
            cause = f"This file is not UTF-8; it was read as {guess}. Save it as UTF-8 to be sure of every character."
            return Decoded(_newlines(guessed), cause)
    if text is not None:
        return Decoded(_newlines(text), _BOM_REMARK if marked else None)
    if not (marked or named or _XML.match(data)):
        return Decoded(None, "This file is not text in UTF-8 or any Japanese encoding; it was skipped.")
    encoding = named[0] if named and not marked else "utf-8"
    cause = f"Some bytes of this file are not {encoding}; they were read as replacement characters."
    return Decoded(_newlines(data.removeprefix(codecs.BOM_UTF8).decode(encoding, "replace")), cause)


def _named(data: bytes, charset: str | None) -> tuple[str, ...]:
    """The encodings that the network and an XML declaration name. What calls itself Latin-1 or ASCII is read as its
    superset windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels).
    """
    declared = _DECLARED.match(data[:400])
    names: dict[str, None] = {}
    for written in (charset, declared[1].decode("ascii") if declared else None):
        try:
            name = codecs.lookup(written or "").name
            b"".decode(name)  # of a codec that makes no text, Python says so here
        except (LookupError, ValueError):
            continue
        names |= dict.fromkeys(("cp1252", "iso8859-1") if name in _LATIN else (name,))
    return tuple(names)


def _wide(data: bytes) -> Decoded:
    encoding = "utf-32" if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) else "utf-16"
    text = strictly(data, encoding)
    if text is None:
        return Decoded(None, f"This file begins like {encoding.upper()} but is not text; it was skipped.")
    return Decoded(_newlines(text), f"This file is {encoding.upper()}, not UTF-8; it was read as such.")


def strictly(data: bytes, encoding: str) -> str | None:
    """Return what bytes say in an encoding, ``None`` where some of them are not in it."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def with_newlines(text: str) -> str:
    r"""Return a text whose lines end with ``\n``, whatever they ended with."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _newlines(text: str) -> str:
    return with_newlines(text).replace("\0", "\ufffd")
