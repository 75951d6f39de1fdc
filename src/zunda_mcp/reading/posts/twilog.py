"""Read the CSV that Twilog exports: newest post first, in Japan time.

The columns are number, address, time, text, and type of log: 1 is a post (or a repost, if the address is another
user's), 2 a like, 3 a bookmark. Older exports have four columns, some have a header, and some write dates with ``/``.
The number of a post is read from its address, since a spreadsheet may have rounded the column to ``2.02796E+18``.

The file is decoded line by line, so it is never in memory as a whole. A broken row costs only itself: ``csv`` alone
would read on from a missing quote to the next one, so a row also ends before a line that begins like a row, with a
number and an address.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.encoding import strictly
from zunda_mcp.reading.posts.post import (
    JAPAN,
    Kind,
    Post,
    Remarks,
    episodes_by_day,
    tidy,
    time_of,
    unescaped,
    x_address,
)
from zunda_mcp.text.calendar_days import read_day

__all__ = ["decoded_lines", "read", "rows"]

_SAMPLE = 1 << 20  # bytes from which the encoding is guessed
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded_lines(stream: BinaryIO, remarks: Remarks) -> Iterator[str]:
    """Yield the lines of a file with their newlines. It is UTF-16 if it has that byte order mark, else UTF-8 or cp932,
    whichever fits more lines of the first mebibyte. Bytes that do not fit are replaced, with a remark.
    """
    buffered = io.BufferedReader(stream, _SAMPLE) if isinstance(stream, io.RawIOBase) else stream
    sample = buffered.peek(_SAMPLE)[:_SAMPLE] if isinstance(buffered, io.BufferedReader) else b""
    if sample.startswith(_UTF16):
        yield from io.TextIOWrapper(buffered, "utf-16", errors="replace", newline="")
        return
    encoding = _guess_encoding(sample)
    for number, line in enumerate(buffered, start=1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            remarks.add(number, f"This line is not {encoding}; the characters that cannot be read were replaced.")
            yield data.decode(encoding, "replace")


def _guess_encoding(sample: bytes) -> str:
    """Return ``utf-8`` or ``cp932``: the one in which more lines of ``sample`` are valid."""
    lines = sample.splitlines()
    if len(lines) > 1 and len(sample) >= _SAMPLE:
        lines.pop()  # incomplete
    lines = [line for line in lines if not line.isascii()]
    valid = {name: sum(strictly(line, name) is not None for line in lines) for name in ("utf-8", "cp932")}
    return max(valid, key=lambda name: valid[name])


_MOST_CHARACTERS = 200_000  # the longest post has 25,000
_FIELD = r'"[0-9][0-9.,]*(?:E\+?[0-9]+)?","https?://'
_QUOTED = re.compile(_FIELD, re.IGNORECASE)
_PLAIN = re.compile(_FIELD.replace('"', '"?'), re.IGNORECASE)


class _Row(NamedTuple):
    """The fields of a row and the line it begins on (from 1); ``fields`` is ``None`` if its quotes do not close."""

    line: int
    fields: list[str] | None


def rows(lines: Iterable[str]) -> Iterator[_Row]:
    """Split lines (with their newlines) into rows, and skip empty lines between them. Never raises."""

    def row() -> _Row:
        try:
            fields = None if opened and starts is _QUOTED else next(csv.reader(pending), [])
        except csv.Error:  # a field longer than csv allows
            fields = None
        return _Row(began, fields)

    pending: list[str] = []
    began = size = 0
    opened = False
    starts = _QUOTED
    for number, line in enumerate(lines, start=1):
        if pending and (not opened or starts.match(line) or size > _MOST_CHARACTERS):
            yield row()
            pending, size, opened = [], 0, False
        if not pending:
            if not line.strip():
                continue
            began, starts = number, _QUOTED if line.startswith('"') else _PLAIN
        pending.append(line)
        size += len(line)
        opened ^= bool(line.count('"') & 1)
    if pending:
        yield row()


_ADDRESS = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:#!/)?(\w{1,20}|i/web)/status(?:es)?/([0-9]{1,20})(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_NAMED = re.compile(r"^(\w{1,20})-[0-9]{6}(?![0-9])", re.ASCII)
_LOGS: dict[str, Kind] = {"": "post", "1": "post", "2": "like", "3": "bookmark"}
_MIN_FIELDS, _MAX_FIELDS = 4, 5
_MAX_TRIED = 20  # lines without a post, after which a CSV is not an export of Twilog


def read(lines: Iterable[str], origin: Origin, remarks: Remarks | None = None) -> Drafts:
    """Read an export from its lines, with their newlines; ``([], [])`` for another kind of CSV."""
    remarks = remarks or Remarks(origin)
    posts = list(_posts(lines, remarks))
    if not posts:
        return [], []
    owner = _owner_of(origin.id, posts)
    name = (owner or "").lower()
    for place, post in enumerate(posts):
        if post.kind == "post" and ((post.user or "").lower() != name or post.text.startswith("RT @")):
            posts[place] = post._replace(kind="repost")
    return episodes_by_day(posts, owner, origin, origin.zone or JAPAN), remarks.problems()


def _owner_of(name: str, posts: Iterable[Post]) -> str | None:
    """Return whose export this is: the user in the file name if any post is theirs, else the one who wrote the most."""
    counts = Counter(post.user for post in posts if post.kind == "post" and post.user)
    named = _NAMED.match(name)
    spelled = {user.lower(): user for user in counts}
    if named and (not counts or named[1].lower() in spelled):
        return spelled.get(named[1].lower(), named[1])
    return counts.most_common(1)[0][0] if counts else None


def _posts(lines: Iterable[str], remarks: Remarks) -> Iterator[Post]:
    users: dict[str, str] = {}
    read = 0
    for row in rows(remarks.cleaned(lines)):
        fields = row.fields
        if fields is None:
            remarks.add(row.line, "The quotes of this row do not close; the row was left out.")
        elif (address := _ADDRESS.match(fields[1]) if len(fields) > 1 else None) is None:
            if row.line > 1 or (fields[:1] and fields[0].strip()[:1].isdigit()):  # the first row may be a header
                remarks.add(row.line, "This row has no address of a post as its second field; it was left out.")
        elif not _MIN_FIELDS <= len(fields) <= _MAX_FIELDS:
            remarks.add(row.line, f"This row has {len(fields)} fields and not 4 or 5; it was left out.")
        else:
            read += 1
            id = int(address[2])
            try:
                at: dt.datetime | None = dt.datetime.fromisoformat(f"{fields[2]}+09:00")  # as nearly every row has it
            except ValueError:
                at = moment.at if (moment := read_day(fields[2])) else None
            at = at.replace(tzinfo=JAPAN) if at else None
            if at is None:
                at = time_of(id)
                outcome = "that of its number was used" if at else "it was kept without one"
                remarks.add(row.line, f"The time `{fields[2][:40]}` cannot be understood; {outcome}.")
            log = fields[4].strip() if len(fields) == _MAX_FIELDS else ""
            if log not in _LOGS:
                remarks.add(row.line, f"The log type `{log[:20]}` is unknown; this was read as a post.")
            user = None if "/" in address[1] else users.setdefault(address[1], address[1])
            text = tidy(unescaped(fields[3]))
            yield Post(id, user, at, text, _LOGS.get(log, "post"), x_address(id, user))
        if not read and row.line >= _MAX_TRIED:
            return
