"""The lines of a large text file, decoded one by one, so that the file is never in memory as a whole."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from zunda_mcp.archive.posts.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAMPLE = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded_lines(stream: BinaryIO, remarks: Remarks) -> Iterator[str]:
    """Yield the lines with their newlines, in UTF-8, UTF-16 with a mark, or cp932, whichever more lines of the first
    mebibyte are valid in. A line that is not valid is kept with marks for what is lost, and said so.
    """
    buffered = io.BufferedReader(stream, _SAMPLE) if isinstance(stream, io.RawIOBase) else stream
    sample = buffered.peek(_SAMPLE)[:_SAMPLE] if isinstance(buffered, io.BufferedReader) else b""
    if sample.startswith(_UTF16):
        yield from io.TextIOWrapper(buffered, "utf-16", errors="replace", newline="")
        return
    encoding = guessed(sample)
    for number, line in enumerate(buffered, start=1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            remarks.add(number, f"This line is not {encoding}; the characters that cannot be read were replaced.")
            yield data.decode(encoding, "replace")


def guessed(sample: bytes) -> str:
    """Return ``utf-8`` or ``cp932``: what more lines of ``sample`` are written in."""
    lines = sample.splitlines()
    if len(lines) > 1 and len(sample) >= _SAMPLE:
        lines.pop()  # cut off in the middle
    lines = [line for line in lines if not line.isascii()]
    return "cp932" if _valid(lines, "cp932") > _valid(lines, "utf-8") else "utf-8"


def _valid(lines: Iterable[bytes], encoding: str) -> int:
    valid = 0
    for line in lines:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        valid += 1
    return valid
