"""Decodes bytes as UTF-8, as the encoding that a file declares, or as one that older Japanese files use."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

__all__ = ["Decoded", "decode", "strictly", "with_newlines"]

_GUESSES = ("euc_jp", "cp932")
"""Tried strictly, in this order: text in cp932 is hardly ever valid EUC-JP, while the reverse happens.
ISO-2022-JP has only ASCII bytes, and is recognized by its escape sequences."""

_BOM_REMARK = "This file begins with a byte order mark (BOM); it was ignored."

_LATIN = frozenset({"iso8859-1", "ascii"})
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_XML = re.compile(rb"\A\s*<(\?xml|rss|feed|rdf:RDF|opml)\b")

_WIDE_XML = {b"<\0?\0": codecs.BOM_UTF16_LE, b"\0<\0?": codecs.BOM_UTF16_BE}  # the mark that such XML lacks

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # UTF-32 LE begins like UTF-16 LE


class Decoded(NamedTuple):
    """The text with newlines as ``\\n``, or ``None`` for bytes that are not text; and a remark about it, if any."""

    text: str | None
    remark: str | None


def decode(data: bytes, charset: str | None = None) -> Decoded:  # noqa: PLR0911 - one return for each encoding
    """Decode a file. Never raises. ``charset`` is the encoding that a server stated, if any.

    Valid UTF-8 counts as UTF-8 whatever servers and declarations say, since they are often wrong. XML, and any file
    with a stated encoding, is read even if some bytes are invalid: these become replacement characters, with a remark.
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
    """Return the encodings that the server and an XML declaration name. Latin-1 and ASCII become their superset
    windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels), then Latin-1.
    """
    declared = _DECLARED.match(data[:400])
    names: dict[str, None] = {}
    for written in (charset, declared[1].decode("ascii") if declared else None):
        try:
            name = codecs.lookup(written or "").name
            b"".decode(name)  # raises for a codec that does not produce text
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
    """Return the bytes decoded in an encoding, or ``None`` if they are not valid in it."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def with_newlines(text: str) -> str:
    r"""Return a text with all line endings as ``\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _newlines(text: str) -> str:
    return with_newlines(text).replace("\0", "\ufffd")
