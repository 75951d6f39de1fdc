"""Twilog's export: one CSV, newest post first, in Japan time.

Columns are number, address, time, text, and the kind of log: 1 a post (or a repost, where the address is another
user's), 2 a like, 3 a bookmark. Older exports have four columns, some a header, some ``/`` in their dates. What a
spreadsheet rounds to ``2.02796E+18`` is read from the address.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from zunda_mcp.archive.posts.days import days
from zunda_mcp.archive.posts.post import JAPAN, Kind, Post, time_of, unescaped
from zunda_mcp.archive.posts.remarks import Remarks
from zunda_mcp.archive.posts.rows import rows

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

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
    return days(told, owner, origin, origin.zone or JAPAN), remarks.problems()


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
