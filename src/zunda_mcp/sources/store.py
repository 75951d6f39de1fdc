"""The folder of added sources, ``sources/NAME/`` in the user's data folder, and the record kept of each.

::

    sources/
      .lock            held by the one process that adds, syncs or removes
      NAME/
        source.json    the record (see ``Record``)
        NAME/          what is read: the clone of a repository, or NAME.feed, the pages of a feed
          .transcripts/  the transcripts that NAME.feed lists

The data folder is ``ZUNDA_MCP_STATE``, else the system's place. Files are replaced whole. They are readable by the user
alone, since an address can hold a password.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Literal

from pydantic import Field

from zunda_mcp.config.files import read_regular, replace_text
from zunda_mcp.config.paths import state_folder
from zunda_mcp.errors import ArgumentError, FetchError, NotFoundError, SettingsError
from zunda_mcp.models import Model
from zunda_mcp.reading.feeds.document import TRANSCRIPTS

__all__ = [
    "RECORD", "Added", "Kind", "Outcome", "Record", "Source", "Synced", "checked_name", "content", "delete",
    "feed_file", "free_name", "read_paths", "record_of", "records", "root", "save", "seen", "transcripts", "writing",
]  # fmt: skip

Kind = Literal["folder", "feed", "git", "opml", "posts"]
Outcome = Literal["new", "changed", "unchanged", "kept", "failed"]


class Source(Model):
    """An added source. ``place`` is where it comes from (an address without its password, or a path), ``reads`` the
    files and folders that are read for it, ``items`` how many episodes a feed has, ``timezone`` the zone
    it dates them in where that is always the same, ``feeds`` the sources of a list.

    ``synced`` is when it was last fetched without a fault, ``error`` what was wrong at the last attempt.
    """

    name: str
    kind: Kind
    place: str
    reads: list[str]
    title: str | None = None
    language: str | None = None
    timezone: str | None = None
    items: int | None = None
    feeds: list[str] = Field(default=[])
    added: dt.datetime
    synced: dt.datetime | None = None
    error: str | None = None


class Synced(Model):
    """What a sync did to one source.

    ``outcome``: ``new`` (first fetched), ``changed``, ``unchanged``, ``kept`` (the source has less than before; what it
    dropped stays), ``failed`` (``cause`` says why and what to do; what was there stays). Numbers count the items of a
    feed, the files of a repository, the feeds of a list; ``transcripts`` those that were fetched, ``waiting`` those
    left for the next syncs. ``cause`` may also hold a remark on a sync that went well.
    """

    name: str
    kind: Kind
    outcome: Outcome
    added: int = 0
    changed: int = 0
    kept: int = 0
    removed: int = 0
    transcripts: int = 0
    waiting: int = 0
    cause: str | None = None


class Added(Model):
    """What was added; ``existing`` says that it had been before. ``feeds`` are those of a list, one by one."""

    source: Source
    existing: bool = False
    synced: Synced | None = None
    feeds: list[Synced] = Field(default=[])


class Record(Model):
    """``source.json``: a source as it is stored, with the passwords in its address.

    ``named`` are the hosts that the user named and that had private addresses then: only these may have private
    addresses later.
    """

    name: str
    kind: Kind
    url: str | None = None
    path: str | None = None
    named: list[str] = Field(default=[])
    etag: str = ""
    last_modified: str = ""
    title: str | None = None
    language: str | None = None
    timezone: str | None = None
    items: int | None = None
    feeds: list[str] = Field(default=[])
    commit: str | None = None
    complete: bool = True
    added: dt.datetime = Field(default_factory=lambda: dt.datetime.now(dt.UTC).replace(microsecond=0))
    synced: dt.datetime | None = None
    error: str | None = None


_NAME = re.compile(r"\w[\w.-]{0,59}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
RECORD = "source.json"
_WAIT = 10.0
_RECORD_BYTES = 16 * 1024 * 1024  # a list names thousands of feeds


def root() -> Path:
    """The folder of all added sources; it need not exist."""
    return state_folder() / "sources"


@contextmanager
def writing() -> Iterator[Path]:
    """Be the one writer. Raises ``FetchError`` if another process is, ``SettingsError`` for an unusable folder."""
    from filelock import FileLock, Timeout  # start-up

    folder = root()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / ".lock", timeout=_WAIT)
        lock.acquire()
    except Timeout:
        raise FetchError("Another zunda-mcp add, sync or remove is at work. Try again when it has ended.") from None
    except OSError as error:
        raise SettingsError(
            f"Sources cannot be kept in {folder} ({error.strerror or error}). Name another folder with ZUNDA_MCP_STATE."
        ) from error
    try:
        yield folder
    finally:
        lock.release()


def checked_name(name: str) -> str:
    """A name as given, if it can be one. Raises ``ArgumentError`` otherwise."""
    text = name.strip()
    if not _NAME.fullmatch(text) or text.endswith(".") or _RESERVED.fullmatch(text):
        msg = f"{name!r} cannot be the name of a source. Use letters, digits, - and _, as in --name my-show"
        raise ArgumentError("name", msg)
    return text


def free_name(wanted: str, taken: Collection[str] = ()) -> str:
    """A name made of ``wanted`` that no source has yet, nor any of ``taken``, in lower case."""
    slug = _slug(wanted) or "source"
    slug = f"{slug}-source" if _RESERVED.fullmatch(slug) else slug
    names = {record.name.casefold() for record in records()} | set(taken)
    return next(name for name in chain([slug], (f"{slug}-{n}" for n in count(2))) if name.casefold() not in names)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text.strip().lower())[:40].strip("-._")


def records() -> list[Record]:
    """All sources by name. A folder without a readable record is none: its adding was broken off."""
    try:
        names = sorted(entry.name for entry in root().iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
    return [record for name in names if (record := _read(name)) is not None]


def record_of(name: str) -> Record:
    """The record of a source, whatever the case of its name, or typed as the title that its name was made of.

    Raises ``NotFoundError`` for an unknown one.
    """
    import difflib  # start-up

    every = {record.name.casefold(): record for record in records()}
    record = every.get(name.strip().casefold()) or every.get(_slug(name))
    if record is None:
        near = difflib.get_close_matches(name.casefold(), every, n=3)
        names = tuple(every[one].name for one in near) or tuple(record.name for record in every.values())[:5]
        hint = f"There are: {', '.join(names)}." if names else "None has been added yet: zunda-mcp add ADDRESS."
        raise NotFoundError(f"There is no source called {name}. {hint}", names)
    return record


def save(record: Record) -> None:
    """Write a record down."""
    replace_text(root() / record.name / RECORD, record.model_dump_json(indent=1) + "\n")


def delete(record: Record) -> None:
    """Take a source away with all that was fetched for it; the record first, so that half of it is not a source."""
    folder = root() / record.name
    (folder / RECORD).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        _writable(folder)
        shutil.rmtree(folder)


def content(record: Record) -> Path:
    """The folder of what was fetched; its name is the source's, since citations of files begin with it."""
    return root() / record.name / record.name


def feed_file(record: Record) -> Path:
    """The pages of a feed."""
    return content(record) / f"{record.name}.feed"


def transcripts(record: Record) -> Path:
    """The folder of the transcripts that the items of a feed name; it need not exist."""
    return content(record) / TRANSCRIPTS


def read_paths(record: Record) -> list[Path]:
    """The folders and files that are read for one source; none if nothing could be fetched yet."""
    if record.path is not None and record.kind != "opml":
        return [Path(record.path)]
    if record.kind == "opml":
        items = (_read(name) for name in record.feeds)
        return [path for member in items if member is not None for path in read_paths(member)]
    return [content(record)] if content(record).is_dir() else []


def seen(record: Record) -> Source:
    """A source as others see it."""
    from zunda_mcp.sources.http_client import without_password  # start-up

    return Source(
        name=record.name,
        kind=record.kind,
        place=without_password(record.url) if record.url else record.path or "",
        reads=[str(path) for path in read_paths(record)],
        **record.model_dump(include={"title", "language", "timezone", "items", "feeds", "added", "synced", "error"}),
    )


def _read(name: str) -> Record | None:
    try:
        record = Record.model_validate_json(read_regular(root() / name / RECORD, _RECORD_BYTES))
    except (OSError, ValueError):
        return None
    return record if record.name == name else None


def _writable(folder: Path) -> None:
    """Git marks its objects read-only, which Windows takes as a reason not to delete them."""
    if os.name == "nt":
        for at, _, names in os.walk(folder):
            for name in names:
                (Path(at) / name).chmod(0o600)
