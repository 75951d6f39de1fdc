"""Read the archive that X hands out: a folder whose ``data/manifest.js`` lists its files.

The files are JavaScript (``window.YTD.tweets.part0 = [...]``). They are never run: the JSON after the ``=`` is read
item by item, so that of a file with hundreds of megabytes only an item and a chunk are in memory.

Only the files of ``OPENED`` are ever opened, whatever the manifest names: posts, their long texts, posts to
communities, likes, and the account for its user name. Direct messages, addresses, devices, deleted posts and data for
advertisers lie beside them, and are private.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple, TextIO
from zipfile import BadZipFile

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.posts import tweets
from zunda_mcp.reading.posts.json_items import array_items
from zunda_mcp.reading.posts.post import Post, Remarks, drafts_of

__all__ = ["MANIFEST", "OPENED", "Files", "assigned_json", "read", "with_notes"]


def assigned_json(text: str) -> Any:
    """Return the JSON after the first ``=`` of a small file. Raises ``ValueError``."""
    _, sign, rest = text.partition("=")
    try:
        return json.loads((rest if sign else text).strip().rstrip(";"))
    except RecursionError as error:
        msg = "nested too deeply"
        raise ValueError(msg) from error


MANIFEST = "manifest.js"
_ASSIGNED = re.compile(r"\A\s*(?:[\w$.\[\]\"']+\s*=\s*)?\[")
OPENED = re.compile(r"(account|tweets?|community-tweet|note-tweet|like)(?:-part[0-9]{1,4})?\.js", re.ASCII)
_UNREADABLE = (OSError, EOFError, BadZipFile, zlib.error)
_SMALL = 4 << 20  # characters
_USER = re.compile(r"\w{1,20}", re.ASCII)
_LINK = re.compile(r"https?://\S+")
_LAST_LINK = re.compile(r"https?://\S+\Z")


class Files(NamedTuple):
    """The files of the data folder: their names, and how one is opened, which raises ``OSError``; a damaged zip's may
    raise more.
    """

    names: Sequence[str]
    open: Callable[[str], IO[bytes]]


def _opened(files: Files, name: str) -> TextIO:
    return io.TextIOWrapper(files.open(name), "utf-8-sig", errors="replace", newline="")


def read(files: Files, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read an archive of X. Files that cannot be read and broken content become problems; nothing is raised."""
    remarks = Remarks(origin)
    manifest = _manifest(files, remarks)
    chosen = _files_to_open(manifest, files.names, remarks)
    user = _user(manifest) or _account(files, chosen)
    newest: dict[int, tweets.Tweet] = {}
    for item in _items(files, chosen, ("tweet", "tweets", "community-tweet"), remarks):
        read_one = tweets.tweet(item, user)
        if read_one is None:
            remarks.add(None, "A post without a number was left out.")
        elif (other := newest.get(read_one.first)) is None or int(other.post.id) < int(read_one.post.id):
            newest[read_one.first] = read_one
    posts = [one.post for one in newest.values()]
    del newest
    notes = [note for item in _items(files, chosen, ("note-tweet",), remarks) if (note := tweets.note(item))]
    posts = list(with_notes(posts, notes, user))
    posts += [liked for item in _items(files, chosen, ("like",), remarks) if (liked := tweets.like(item))]
    return drafts_of(posts, origin, remarks, "This archive of X", user)


def _files_to_open(manifest: Any, present: Iterable[str], remarks: Remarks) -> list[str]:
    """Return the files to open: those that the manifest names and ``OPENED`` allows, their parts in order.

    If the manifest names none, all allowed files in the folder. Names never lead out of the folder.
    """
    there = sorted((name for name in present if OPENED.fullmatch(name)), key=_part)
    named: list[str] = []
    types = manifest.get("dataTypes") if isinstance(manifest, dict) else None
    for kind in types.values() if isinstance(types, dict) else ():
        for row in tweets.rows(kind.get("files") if isinstance(kind, dict) else None):
            name = str(row.get("fileName", "")).rpartition("/")[2]
            if OPENED.fullmatch(name) and name not in named:
                named.append(name)
    if not named:
        return there
    for name in named:
        if name not in there:
            remarks.add(None, f"The manifest names {name}, which is not there.")
    return sorted((name for name in named if name in there), key=_part)


def with_notes(posts: Iterable[Post], notes: Iterable[tweets.Note], user: str | None) -> Iterator[Post]:
    """Yield the posts, the long ones with their full text.

    A note belongs to the post of the same second whose shortened text it begins with. If there is no such post, but
    only one post and one note of that second, the post gets both texts; else the note is a post without an address.
    """
    waiting: dict[int, list[tweets.Note]] = {}
    for one in notes:
        waiting.setdefault(int(one.at.timestamp()), []).append(one)
    beside: dict[int, list[Post]] = {}
    for post in posts:
        second = int(post.at.timestamp()) if post.at else -1
        if second not in waiting:
            yield post
            continue
        beside.setdefault(second, []).append(post)
    for second, row in waiting.items():
        here = beside.pop(second, [])
        for one in sorted(row, key=lambda note: -len(note.text)):
            begun = [place for place, post in enumerate(here) if post.kind == "post" and _begins(one.text, post.text)]
            if begun:
                place = max(begun, key=lambda place: len(here[place].text))
                yield here.pop(place)._replace(text=one.text)
            else:
                alone = here.pop() if len(here) == len(row) == 1 and here[0].kind == "post" else None
                lone = Post(one.id, user, one.at, one.text, "post")
                yield lone if alone is None else alone._replace(text=f"{alone.text}\n\n{one.text}")
        yield from here


def _without_end(cut: str) -> str:
    """Return a text without the links, ellipses and spaces at its end."""
    while True:
        bare = cut.rstrip().rstrip("…").rstrip()
        last = bare.rsplit(maxsplit=1)[-1] if bare else ""
        link = _LAST_LINK.search(last)
        bare = bare[: len(bare) - len(link[0])] if link else bare
        if bare == cut:
            return bare
        cut = bare


def _begins(text: str, cut: str) -> bool:
    """Whether a full text begins with a shortened one, ignoring its end and what follows a shortened link."""
    beginning = " ".join(_without_end(cut).split())
    whole = " ".join(text.split())
    if beginning and whole.startswith(beginning):
        return True
    words = _LINK.split(beginning)
    return bool(words[0].strip()) and len(words) > 1 and whole.startswith(words[0])


def _items(files: Files, names: Iterable[str], kinds: Collection[str], remarks: Remarks) -> Iterator[Any]:
    for name in names:
        match = OPENED.fullmatch(name)
        if match is None or match[1] not in kinds:
            continue

        def broken(name: str = name) -> None:
            remarks.add(None, f"A part of {name} is not the JSON it should be; it was left out.")

        try:
            with _opened(files, name) as stream:
                yield from array_items(stream, _ASSIGNED, broken)
        except _UNREADABLE as error:
            why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is damaged"
            remarks.add(None, f"The file {name} cannot be read ({why}); it was left out.")


def _manifest(files: Files, remarks: Remarks) -> Any:
    try:
        with _opened(files, MANIFEST) as stream:
            return assigned_json(stream.read(_SMALL))
    except (*_UNREADABLE, ValueError):
        remarks.add(None, "The manifest cannot be read; the files that lie beside it were taken.")
        return {}


def _user(manifest: Any) -> str | None:
    info = manifest.get("userInfo") if isinstance(manifest, dict) else None
    return _name(info.get("userName")) if isinstance(info, dict) else None


def _account(files: Files, names: Iterable[str]) -> str | None:
    """Return the user name of the account, the only thing read there."""
    for item in _items(files, names, ("account",), Remarks(None)):
        return _name(tweets.unwrapped(item, "account").get("username"))
    return None


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and _USER.fullmatch(value) else None


def _part(name: str) -> tuple[str, int]:
    stem, _, part = name.removesuffix(".js").partition("-part")
    return stem, int(part or 0)
