"""Read the archive of an account that X exports: a folder whose ``data/manifest.js`` lists its files.

The files are JavaScript (``window.YTD.tweets.part0 = [...]``). They are never run: the JSON after the ``=`` is read
item by item, so that only an item and a chunk of even the largest file are in memory. All numbers in it are text, and a
missing member is not an error.

Besides the manifest, only the files that ``OPENED`` matches are opened, whatever the manifest names: posts, their long
texts, posts to communities, likes, and the account for its user name. The folder also has direct messages, addresses,
devices, deleted posts and data for advertisers, which are private.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple, TextIO
from zipfile import BadZipFile

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.json_values import array_items, number, parsed, record, rows, text
from zunda_mcp.reading.posts.post import Kind, Post, Remarks, drafts_of, moment_of, tidy, time_of, unescaped, x_address
from zunda_mcp.text.calendar_names import month_number

__all__ = ["MANIFEST", "OPENED", "Files", "Note", "read", "with_notes"]

OPENED = re.compile(r"(account|tweets?|community-tweet|note-tweet|like)(?:-part[0-9]{1,4})?\.js", re.ASCII)
MANIFEST = "manifest.js"
_ASSIGNED = re.compile(r"\A\s*(?:[\w$.\[\]\"']+\s*=\s*)?\[")
_UNREADABLE = (OSError, EOFError, BadZipFile, zlib.error)
_SMALL = 4 << 20  # characters
_USER = re.compile(r"\w{1,20}", re.ASCII)
_SHORT = re.compile(r"https?://t\.co/\w+")
_LINK = re.compile(r"https?://\S+")
_LAST_LINK = re.compile(r"https?://\S+\Z")


class Files(NamedTuple):
    """The files of the data folder: their names, and a function that opens one. It raises ``OSError``, or for a damaged
    zip another error.
    """

    names: Sequence[str]
    open: Callable[[str], IO[bytes]]


class Note(NamedTuple):
    """The full text of a long post. X exports it apart from the post, with an id of its own."""

    id: int
    at: dt.datetime
    text: str


def read(files: Files, origin: Origin) -> Drafts:
    """Read an archive of X. Files that cannot be read and broken content become problems; nothing is raised."""
    remarks = Remarks(origin)
    manifest = _manifest(files, remarks)
    chosen = _files_to_open(manifest, files.names, remarks)
    user = _name(record(manifest, "userInfo").get("userName")) or _account(files, chosen)
    newest: dict[int, Post] = {}  # by the number of the first version
    for item in _items(files, chosen, ("tweet", "tweets", "community-tweet"), remarks):
        fields = _unwrapped(item, "tweet", "communityTweet")
        if (post := _tweet(fields, user)) is None:
            remarks.add(None, "A post without a number was left out.")
        elif (other := newest.get(first := _first_edit(fields, int(post.id)))) is None or int(other.id) < int(post.id):
            newest[first] = post
    posts = list(newest.values())
    del newest
    notes = [note for item in _items(files, chosen, ("note-tweet",), remarks) if (note := _note(item))]
    posts = list(with_notes(posts, notes, user))
    posts += [liked for item in _items(files, chosen, ("like",), remarks) if (liked := _like(item))]
    return drafts_of(posts, origin, remarks, "This archive of X", user)


# --- the items


def _unwrapped(item: Any, *names: str) -> dict[str, Any]:
    """Return the fields of an item, which may be wrapped in a member with one of these names."""
    return next((inner for name in names if (inner := record(item, name))), record(item))


def _tweet(fields: dict[str, Any], user: str | None) -> Post | None:
    """Read an item of ``tweets.js``, ``community-tweet.js`` or the older ``tweet.js``; ``None`` without a number."""
    id = number(fields.get("id_str")) or number(fields.get("id"))
    if id is None:
        return None
    entities = [record(fields, name) for name in ("extended_entities", "entities")]
    links = [row for one in entities for row in (*rows(one, "media"), *rows(one, "urls"))]
    words = _with_full_links(text(fields, "full_text", "text"), links)
    kind: Kind = "repost" if words.startswith("RT @") else "post"
    return Post(id, user, _created(text(fields, "created_at")) or time_of(id), tidy(words), kind, x_address(id, user))


def _note(item: Any) -> Note | None:
    """Read an item of ``note-tweet.js``; ``None`` without a number, time or text."""
    fields = _unwrapped(item, "noteTweet")
    id, at, core = number(fields.get("noteTweetId")), moment_of(fields.get("createdAt")), fields.get("core")
    if not isinstance(core, dict) or id is None or at is None:
        return None
    return Note(id, at, tidy(_with_full_links(text(core, "text"), rows(core, "urls"))))


def _like(item: Any) -> Post | None:
    """Read an item of ``like.js``. Its author is unknown, and its time is that of the post."""
    fields = _unwrapped(item, "like")
    if not (id := number(fields.get("tweetId"))):
        return None
    return Post(id, None, time_of(id), tidy(unescaped(text(fields, "fullText"))), "like", x_address(id, None))


def _with_full_links(words: str, links: Iterable[dict[str, Any]]) -> str:
    words = unescaped(words)
    if "//t.co/" not in words:
        return words
    pairs = [(text(row, "shortUrl", "url"), text(row, "expandedUrl", "expanded_url")) for row in links]
    addresses = {short: long for short, long in pairs if short and long}
    return _SHORT.sub(lambda match: addresses.get(match[0], match[0]), words)


def _first_edit(fields: dict[str, Any], id: int) -> int:
    """Return the number of the first version of a post, its own if it was never edited."""
    info = record(fields, "edit_info")
    if first := number(record(info, "edit").get("initialTweetId")):
        return first
    for part in (record(info, "initial"), record(info, "edit", "editControlInitial")):
        if isinstance(listed := part.get("editTweetIds"), list):
            return min([id, *(other for each in listed if (other := number(each)))])
    return id


def _created(written: str) -> dt.datetime | None:
    """Read ``Wed Oct 10 20:19:24 +0000 2018``: faster than the reader of days, which matters for 100,000 posts."""
    try:
        _, month, day, time, zone, year = written.split()
        return dt.datetime.fromisoformat(f"{year}-{month_number(month):02}-{day:0>2}T{time}{zone}")
    except (ValueError, TypeError):
        return None


# --- long posts


def with_notes(posts: Iterable[Post], notes: Iterable[Note], user: str | None) -> Iterator[Post]:
    """Yield the posts, long ones with their full text. A note belongs to the post of the same second whose shortened
    text it begins with. If there is none, it belongs to the only post of that second, which gets both texts, or becomes
    a post without an address.
    """
    waiting: dict[int, list[Note]] = {}
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


def _begins(whole: str, cut: str) -> bool:
    """Whether a full text begins with a shortened one, ignoring its end and what follows a shortened link."""
    beginning, whole = " ".join(_without_end(cut).split()), " ".join(whole.split())
    if beginning and whole.startswith(beginning):
        return True
    words = _LINK.split(beginning)
    return bool(words[0].strip()) and len(words) > 1 and whole.startswith(words[0])


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


# --- the files


def _files_to_open(manifest: Any, present: Iterable[str], remarks: Remarks) -> list[str]:
    """Return the files to open, parts in order: those that the manifest names and ``OPENED`` allows; if it names none,
    all that ``OPENED`` allows. Names never lead out of the folder.
    """
    there = sorted((name for name in present if OPENED.fullmatch(name)), key=_part)
    listed = (row for kind in record(manifest, "dataTypes").values() for row in rows(kind, "files"))
    names = dict.fromkeys(str(row.get("fileName", "")).rpartition("/")[2] for row in listed)
    named = [name for name in names if OPENED.fullmatch(name)]
    if not named:
        return there
    for name in named:
        if name not in there:
            remarks.add(None, f"The manifest names {name}, which is not there.")
    return sorted((name for name in named if name in there), key=_part)


def _part(name: str) -> tuple[str, int]:
    stem, _, part = name.removesuffix(".js").partition("-part")
    return stem, int(part or 0)


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


def _opened(files: Files, name: str) -> TextIO:
    return io.TextIOWrapper(files.open(name), "utf-8-sig", errors="replace", newline="")


def _manifest(files: Files, remarks: Remarks) -> Any:
    manifest = None
    try:
        with _opened(files, MANIFEST) as stream:
            _, sign, rest = (written := stream.read(_SMALL)).partition("=")
            manifest = parsed((rest if sign else written).strip().rstrip(";"))
    except _UNREADABLE:
        pass
    if manifest is None:
        remarks.add(None, "The manifest cannot be read; the files beside it were used.")
    return manifest


def _account(files: Files, names: Iterable[str]) -> str | None:
    """Return the user name of the account, and read nothing else of it."""
    items = _items(files, names, ("account",), Remarks(None))
    return next((_name(_unwrapped(item, "account").get("username")) for item in items), None)


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and _USER.fullmatch(value) else None
