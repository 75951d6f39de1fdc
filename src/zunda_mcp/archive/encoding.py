"""Bytes to text: UTF-8, and the encodings Japanese files of the last decades are found in."""

from __future__ import annotations

import codecs
from typing import NamedTuple

GUESSES = ("euc_jp", "cp932")
"""Tried strictly, in this order: text in cp932 is hardly ever valid EUC-JP, while the reverse happens.
ISO-2022-JP is plain ASCII to look at, and known by its escape sequences."""

BOM_REMARK = "This file begins with a byte order mark (BOM); it was ignored."

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # UTF-32 LE begins like UTF-16 LE


class Decoded(NamedTuple):
    """The text with newlines as ``\\n``, or ``None`` for bytes that are no text; and what there is to say about it."""

    text: str | None
    remark: str | None


def decode(data: bytes) -> Decoded:
    """Decode a file; never raises."""
    if data.startswith(_WIDE):
        return _wide(data)
    if b"\0" in data:
        return Decoded(None, "This file is binary (it holds NUL bytes), not text; it was skipped.")
    marked = data.startswith(codecs.BOM_UTF8)
    text = _strictly(data, "utf-8-sig")
    guesses = GUESSES if text is None else ("iso2022_jp",) if b"\x1b$" in data else ()
    for guess in guesses:
        guessed = _strictly(data, guess)
        if guessed is not None:
            cause = f"This file is not UTF-8; it was read as {guess}. Save it as UTF-8 to be sure of every character."
            return Decoded(_newlines(guessed), cause)
    if text is not None:
        return Decoded(_newlines(text), BOM_REMARK if marked else None)
    return Decoded(None, "This file is not text in UTF-8 or any Japanese encoding; it was skipped.")


def _wide(data: bytes) -> Decoded:
    encoding = "utf-32" if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) else "utf-16"
    text = _strictly(data, encoding)
    if text is None:
        return Decoded(None, f"This file begins like {encoding.upper()} but is not text; it was skipped.")
    return Decoded(_newlines(text), f"This file is {encoding.upper()}, not UTF-8; it was read as such.")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
