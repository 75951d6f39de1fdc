"""The folder of added sources in the user's data folder, and the record of each source.

::

    sources/
      .lock            held by the process that adds, syncs or removes
      NAME/
        source.json    the record (see ``Record``)
        NAME/          the clone of a repository, or NAME.feed with the pages of a feed
          .transcripts/  the transcripts that NAME.feed lists

The data folder is ``ZUNDA_MCP_STATE``, else the system's folder for user data. Files are replaced atomically. Only the
user can read them, since an address can contain a password.
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
    """An added source. ``place`` is its address without a password, or its path; ``reads`` are the files and folders
    that are read for it. ``items`` is the number of episodes in a feed, ``timezone`` the time zone of its dates if all
    have the same. ``feeds`` are the names of a list's feeds.

    ``synced`` is the time of the last successful sync, ``error`` why a later one failed.
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

    ``outcome`` is ``new`` (fetched for the first time), ``changed``, ``unchanged``, ``kept`` (the source dropped items,
    which we keep) or ``failed`` (``cause`` says why and what to do; everything stays as it was). Numbers are items of a
    feed, files of a repository or feeds of a list. ``transcripts`` is how many transcripts were fetched, ``waiting``
    how many are left for later syncs. ``cause`` can also be a remark on a successful sync.
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
    """An added source and its first sync; ``existing`` if it was added before. ``feeds`` are the syncs of a list's."""

    source: Source
    existing: bool = False
    synced: Synced | None = None
    feeds: list[Synced] = Field(default=[])


class Record(Model):
    """The content of ``source.json``, including any password in the address.

    ``named`` are hosts that had private addresses when the user named them. Only these may have private ones later.
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
_RECORD_BYTES = 16 * 1024 * 1024  # a list can name thousands of feeds


def root() -> Path:
    """Return the folder of all added sources, which may not exist yet."""
    return state_folder() / "sources"


@contextmanager
def writing() -> Iterator[Path]:
    """Hold the lock of all sources. Raises ``FetchError`` if it is taken, ``SettingsError`` for an unusable folder."""
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
    """Return the name, stripped. Raises ``ArgumentError`` if a source cannot have it."""
    text = name.strip()
    if not _NAME.fullmatch(text) or text.endswith(".") or _RESERVED.fullmatch(text):
        msg = f"{name!r} cannot be the name of a source. Use letters, digits, - and _, as in --name my-show"
        raise ArgumentError("name", msg)
    return text


def free_name(wanted: str, taken: Collection[str] = ()) -> str:
    """Return a name made from ``wanted``, in lower case, that no source has and that is not in ``taken``."""
    slug = _slug(wanted) or "source"
    slug = f"{slug}-source" if _RESERVED.fullmatch(slug) else slug
    names = {record.name.casefold() for record in records()} | set(taken)
    return next(name for name in chain([slug], (f"{slug}-{n}" for n in count(2))) if name.casefold() not in names)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text.strip().lower())[:40].strip("-._")


def records() -> list[Record]:
    """Return all records, sorted by name. A folder without a readable one is ignored: adding it was interrupted."""
    try:
        names = sorted(entry.name for entry in root().iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
    return [record for name in names if (record := _read(name)) is not None]


def record_of(name: str) -> Record:
    """Return the record of a source by its name in any case, or by the title that its name was made from.

    Raises ``NotFoundError`` for an unknown name.
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
    """Store a record."""
    replace_text(root() / record.name / RECORD, record.model_dump_json(indent=1) + "\n")


def delete(record: Record) -> None:
    """Delete a source and all that was fetched for it; the record first, so that half a source is never read."""
    folder = root() / record.name
    (folder / RECORD).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        _writable(folder)
        shutil.rmtree(folder)


def content(record: Record) -> Path:
    """Return the folder of what was fetched. It has the source's name, since labels of files begin with it."""
    return root() / record.name / record.name


def feed_file(record: Record) -> Path:
    """Return the file with the pages of a feed."""
    return content(record) / f"{record.name}.feed"


def transcripts(record: Record) -> Path:
    """Return the folder of a feed's transcripts, which may not exist yet."""
    return content(record) / TRANSCRIPTS


def read_paths(record: Record) -> list[Path]:
    """Return the folders and files that are read for a source, ``[]`` if nothing has been fetched yet."""
    if record.path is not None and record.kind != "opml":
        return [Path(record.path)]
    if record.kind == "opml":
        items = (_read(name) for name in record.feeds)
        return [path for member in items if member is not None for path in read_paths(member)]
    return [content(record)] if content(record).is_dir() else []


def seen(record: Record) -> Source:
    """Return a record as others may see it, without passwords."""
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
    """Make files writable on Windows, which does not delete the read-only objects of git."""
    if os.name == "nt":
        for at, _, names in os.walk(folder):
            for name in names:
                (Path(at) / name).chmod(0o600)
