"""The lines of a large text file, decoded one by one, so that the file is never in memory as a whole.

Lines to the rows of a CSV, so that a broken row costs that row and no other.

Python's ``csv`` alone would take a forgotten quote for the beginning of everything up to the next one. Here a row also
ends where a line begins like a row of an export of posts: a number and an address.

Twilog's export: one CSV, newest post first, in Japan time.

Columns are number, address, time, text, and the kind of log: 1 a post (or a repost, where the address is another
user's), 2 a like, 3 a bookmark. Older exports have four columns, some a header, some ``/`` in their dates. What a
spreadsheet rounds to ``2.02796E+18`` is read from the address.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from zunda_mcp.reading.posts.post import JAPAN, Kind, Post, Remarks, episodes_by_day, time_of, unescaped

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.conventions import Origin
    from zunda_mcp.reading.draft import Draft

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


_MOST_CHARACTERS = 200_000  # the longest post has 25,000
_FIELD = r'"[0-9][0-9.,]*(?:E\+?[0-9]+)?","https?://'
_QUOTED = re.compile(_FIELD, re.IGNORECASE)
_PLAIN = re.compile(_FIELD.replace('"', '"?'), re.IGNORECASE)


class Row(NamedTuple):
    """The fields of a row and the line it begins in, from 1; ``fields`` is ``None`` where its quotes do not close."""

    line: int
    fields: list[str] | None


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """Cut lines (with their newlines) into rows. Empty lines between rows are passed over. Never raises."""
    held: list[str] = []
    began = size = 0
    opened = False
    starts = _QUOTED
    for number, line in enumerate(lines, start=1):
        if held and (not opened or starts.match(line) or size > _MOST_CHARACTERS):
            yield Row(began, None if opened and starts is _QUOTED else _fields(held))
            held, size, opened = [], 0, False
        if not held:
            if not line.strip():
                continue
            began, starts = number, _QUOTED if line.startswith('"') else _PLAIN
        held.append(line)
        size += len(line)
        opened ^= bool(line.count('"') & 1)
    if held:
        yield Row(began, None if opened and starts is _QUOTED else _fields(held))


def _fields(held: list[str]) -> list[str] | None:
    try:
        return next(csv.reader(held), [])
    except csv.Error:  # a field beyond any length
        return None


_ADDRESS = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:#!/)?(\w{1,20}|i/web)/status(?:es)?/([0-9]{1,20})(?![0-9])",
    re.ASCII | re.IGNORECASE,
)
_TIME = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_NAMED = re.compile(r"^(\w{1,20})-[0-9]{6}(?![0-9])", re.ASCII)
_LOGS: dict[str, Kind] = {"": "post", "1": "post", "2": "like", "3": "bookmark"}
_FEWEST, _MOST = 4, 5
_TRIED = 20


def read(lines: Iterable[str], origin: Origin, remarks: Remarks | None = None) -> tuple[list[Draft], list[Problem]]:
    """Read an export: its lines with their newlines, and what was odd about them so far.

    A CSV of another layout gives no draft and one problem. Never raises for what stands in it.
    """
    remarks = remarks or Remarks(origin)
    posts = list(_posts(lines, remarks))
    if not posts:
        cause = "This CSV is not laid out as Twilog's export (number, address, time, text, log type); it was skipped."
        return [], [origin.problem(cause, skipped=True)]
    owner = owner_of(origin.id, posts)
    known = (owner or "").lower()
    told = [post._replace(kind="repost") if post.kind == "post" and _is_repost(post, known) else post for post in posts]
    del posts
    return episodes_by_day(told, owner, origin, origin.zone or JAPAN), remarks.problems()


def owner_of(name: str, posts: Iterable[Post]) -> str | None:
    """Return whose posts these are: the user the file is named for, if any post is theirs, else who wrote the most."""
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
            if row.line > 1 or _is_number(fields):  # the first row may be a header
                remarks.add(row.line, "This row has no address of a post as its second field; it was left out.")
        elif not _FEWEST <= len(fields) <= _MOST:
            remarks.add(row.line, f"This row has {len(fields)} fields and not 4 or 5; it was left out.")
        else:
            read += 1
            id = int(address[2])  # noqa: A001 - the word of the house
            at = _moment(fields[2])
            if at is None:
                at = time_of(id)
                outcome = "that of its number was taken" if at else "it was kept without one"
                remarks.add(row.line, f"The time `{fields[2][:40]}` cannot be understood; {outcome}.")
            log = fields[4].strip() if len(fields) == _MOST else ""
            if log not in _LOGS:
                remarks.add(row.line, f"The log type `{log[:20]}` is unknown; this was read as a post.")
            user = None if "/" in address[1] else users.setdefault(address[1], address[1])
            text = unescaped(fields[3]).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
            yield Post(id, user, at, text, _LOGS.get(log, "post"), row.line)
        if not read and row.line >= _TRIED:
            return


def _is_number(fields: list[str]) -> bool:
    return bool(fields) and fields[0].strip()[:1].isdigit()


def _is_repost(post: Post, owner: str) -> bool:
    return (post.user or "").lower() != owner or post.text.startswith("RT @")


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(f"{text}+09:00").replace(tzinfo=JAPAN)  # as nearly every row has it
    except ValueError:
        found = _TIME.match(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=JAPAN)
    except ValueError:
        return None
