"""Bytes to text: UTF-8, and the encodings Japanese files of the last decades are found in."""

from __future__ import annotations

import codecs
from typing import NamedTuple

GUESSES = ("euc_jp", "cp932")
"""Tried strictly, in this order: text in cp932 is hardly ever valid EUC-JP, while the reverse happens."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Decoded(NamedTuple):
    """The text with newlines as ``\\n``, or ``None`` for bytes that are no text; and what there is to say about it."""

    text: str | None
    remark: str | None


def decode(data: bytes) -> Decoded:
    """Decode a file; never raises."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    if encoding.startswith(("utf-16", "utf-32")):
        text = _strictly(data, encoding)
        if text is None:
            return Decoded(None, f"This file begins like {encoding.upper()} but is not text; it was skipped.")
        return Decoded(_newlines(text), f"This file is {encoding.upper()}, not UTF-8; it was read as such.")
    if b"\0" in data:
        return Decoded(None, "This file is binary (it holds NUL bytes), not text; it was skipped.")
    text = _strictly(data[len(mark) :], "utf-8")
    if text is not None and b"\x1b$" in data:
        japanese = _strictly(data, "iso2022_jp")
        if japanese is not None:
            return Decoded(_newlines(japanese), _remark("iso2022_jp"))
    if text is not None:
        remark = "This file begins with a byte order mark (BOM); it was ignored." if mark else None
        return Decoded(_newlines(text), remark)
    for guess in GUESSES:
        text = _strictly(data, guess)
        if text is not None:
            return Decoded(_newlines(text), _remark(guess))
    return Decoded(None, "This file is not text in UTF-8 or any Japanese encoding; it was skipped.")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _remark(encoding: str) -> str:
    return f"This file is not UTF-8; it was read as {encoding}. Save it as UTF-8 to be sure of every character."
