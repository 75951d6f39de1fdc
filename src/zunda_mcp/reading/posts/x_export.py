"""The data files of an X archive: JSON behind ``window.YTD.tweets.part0 =``, read item by item and never run.

A file of 200,000 posts has hundreds of megabytes; no more of it than an item and a chunk is in memory.

The archive that X hands out: a folder whose ``data/manifest.js`` says which files there are.

Only the files of ``OPENED`` are ever opened, whatever the manifest names: posts, their long texts, posts to
communities, likes, and the account for its user name. Direct messages, addresses, devices, deleted posts and what
advertisers were told lie beside them and are nobody's business here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from zunda_mcp.reading.posts import tweets
from zunda_mcp.reading.posts.post import JAPAN, KANA, Post, Remarks, episodes_by_day

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.conventions import Origin
    from zunda_mcp.reading.draft import Draft

_CHUNK = 1 << 20
_LONGEST_ITEM = 1 << 22
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(r"\n\s*(?=\{)|,\s*(?=\{\s*\"(?:tweet|like|noteTweet|communityTweet|account)\"\s*:)")
_DECODER = json.JSONDecoder()


def value(text: str) -> Any:
    """Return the JSON of a small file: all that follows the first ``=``. Raises ``ValueError``."""
    _, sign, rest = text.partition("=")
    try:
        return json.loads((rest if sign else text).strip().rstrip(";"))
    except RecursionError as error:
        msg = "nested too deeply"
        raise ValueError(msg) from error


def items(stream: TextIO, broken: Callable[[], None]) -> Iterator[Any]:
    """Yield the items of the array behind the first ``=``. ``broken`` is told of each that is no JSON and passed over,
    and of an end that comes too early.
    """
    held, at, ended = "", 0, False

    def more() -> None:
        nonlocal held, at, ended
        chunk = stream.read(_CHUNK)
        held, at, ended = held[at:] + chunk, 0, not chunk

    more()
    start = re.compile(r"\s*(?:[\w$.\[\]\"']+\s*=\s*)?\[").match(held)
    if start is None:
        broken()
        return
    at = start.end()
    while True:
        found = _BETWEEN.match(held, at)
        at = found.end() if found else at
        if at >= len(held):
            if ended:
                broken()  # no closing bracket
                return
            more()
            continue
        if held[at] == "]":
            return
        try:
            item, at = _DECODER.raw_decode(held, at)
        except (ValueError, RecursionError):
            if not ended and len(held) - at < _LONGEST_ITEM:
                more()
                continue
            broken()
            following = _NEXT_ITEM.search(held, at + 1)
            while following is None and not ended:
                at = max(at, len(held) - 200)
                more()
                following = _NEXT_ITEM.search(held, at)
            if following is None:
                return
            at = following.end()
        else:
            yield item


MANIFEST = "manifest.js"
OPENED = re.compile(r"(account|tweets?|community-tweet|note-tweet|like)(?:-part[0-9]{1,4})?\.js", re.ASCII)
_SMALL = 4 << 20  # characters
_USER = re.compile(r"\w{1,20}", re.ASCII)
_LINK = re.compile(r"https?://\S+")
_LAST_LINK = re.compile(r"https?://\S+\Z")


class Files(Protocol):
    """The files of the data folder by name."""

    def names(self) -> Iterable[str]:
        """Return the names of all files there."""

    def open(self, name: str) -> AbstractContextManager[TextIO]:
        """Open a file as UTF-8 text, what is not valid replaced. Raises ``OSError``."""


def read(files: Files, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read an X archive. Never raises for what stands in its files, and not for a file that cannot be opened."""
    remarks = Remarks(origin)
    manifest = _manifest(files, remarks)
    chosen = opened(manifest, files.names(), remarks)
    user = _user(manifest) or _account(files, chosen)
    kept: dict[int, tweets.Tweet] = {}
    for item in _items(files, chosen, ("tweet", "tweets", "community-tweet"), remarks):
        read_one = tweets.tweet(item, user)
        if read_one is None:
            remarks.add(None, "A post without a number was left out.")
        elif (newest := kept.get(read_one.first)) is None or newest.post.id < read_one.post.id:
            kept[read_one.first] = read_one
    posts = [one.post for one in kept.values()]
    del kept
    notes = [note for item in _items(files, chosen, ("note-tweet",), remarks) if (note := tweets.note(item))]
    posts = list(with_notes(posts, notes, user))
    posts += [liked for item in _items(files, chosen, ("like",), remarks) if (liked := tweets.like(item))]
    if not posts:
        return [], [*remarks.problems(), origin.problem("This archive of X holds no posts.", skipped=True)]
    zone = origin.zone or _zone(posts, remarks)
    return episodes_by_day(posts, user, origin, zone), remarks.problems()


def opened(manifest: Any, present: Iterable[str], remarks: Remarks) -> list[str]:
    """Return the files that will be opened: those the manifest names and ``OPENED`` allows, parts in order.

    What lies there and is allowed is taken where the manifest does not say. Names never lead out of the folder.
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
    """Give long posts their full text. A note is that of the post of the same second whose cut text it begins with.

    Where none begins like it, the only post of that second keeps both texts; else the note is a post without address.
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
                lone = Post(one.id, user, one.at, one.text, "post", 0, placed=False)
                yield lone if alone is None else alone._replace(text=f"{alone.text}\n\n{one.text}")
        yield from here


def _without_end(cut: str) -> str:
    """A text without the links, ellipses and spaces that it ends in."""
    while True:
        bare = cut.rstrip().rstrip("…").rstrip()
        last = bare.rsplit(maxsplit=1)[-1] if bare else ""
        link = _LAST_LINK.search(last)
        bare = bare[: len(bare) - len(link[0])] if link else bare
        if bare == cut:
            return bare
        cut = bare


def _begins(text: str, cut: str) -> bool:
    """Whether a full text begins with a cut one: but for its last link and sign, and up to a shortened link."""
    beginning = " ".join(_without_end(cut).split())
    whole = " ".join(text.split())
    if beginning and whole.startswith(beginning):
        return True
    words = _LINK.split(beginning)
    return bool(words[0].strip()) and len(words) > 1 and whole.startswith(words[0])


def _items(files: Files, names: Iterable[str], kinds: Collection[str], remarks: Remarks) -> Iterator[Any]:
    for name in names:
        found = OPENED.fullmatch(name)
        if found is None or found[1] not in kinds:
            continue

        def broken(name: str = name) -> None:
            remarks.add(None, f"A part of {name} is not the JSON it should be; it was left out.")

        try:
            with files.open(name) as stream:
                yield from items(stream, broken)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            remarks.add(None, f"The file {name} cannot be read ({why}); it was left out.")


def _manifest(files: Files, remarks: Remarks) -> Any:
    try:
        with files.open(MANIFEST) as stream:
            return value(stream.read(_SMALL))
    except (OSError, ValueError):
        remarks.add(None, "The manifest cannot be read; the files that lie beside it were taken.")
        return {}


def _user(manifest: Any) -> str | None:
    told = manifest.get("userInfo") if isinstance(manifest, dict) else None
    return _name(told.get("userName")) if isinstance(told, dict) else None


def _account(files: Files, names: Iterable[str]) -> str | None:
    """The user name of the account, and nothing else that stands there."""
    for item in _items(files, names, ("account",), Remarks(None)):
        return _name(tweets.unwrapped(item, "account").get("username"))
    return None


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and _USER.fullmatch(value) else None


def _part(name: str) -> tuple[str, int]:
    stem, _, part = name.removesuffix(".js").partition("-part")
    return stem, int(part or 0)


def _zone(posts: Collection[Post], remarks: Remarks) -> dt.tzinfo:
    """The zone of the days where nobody says: Japan time for posts that are mostly in Japanese, else UTC."""
    own = [post for post in posts if post.kind == "post"] or posts
    if sum(1 for post in own if KANA.search(post.text)) * 2 < len(own):
        return dt.UTC
    cause = (
        "X writes times in UTC and nobody says where these posts were written; since most are in Japanese, days are "
        "counted in Japan time. Name a timezone to have it otherwise."
    )
    remarks.add(None, cause)
    return JAPAN
