"""What is known of an added source: as others see it, and as it is written down."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from zunda_mcp.episode import Model

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
    feeds: list[str] = []  # noqa: RUF012 - a model copies its defaults
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
    feeds: list[Synced] = []  # noqa: RUF012


class Record(Model):
    """``source.json``: a source as it is written down, passwords in its address included.

    ``named`` are the hosts that the user named and that had private addresses then: they alone may have them later.
    """

    name: str
    kind: Kind
    url: str | None = None
    path: str | None = None
    named: list[str] = []  # noqa: RUF012
    etag: str = ""
    last_modified: str = ""
    title: str | None = None
    language: str | None = None
    timezone: str | None = None
    items: int | None = None
    feeds: list[str] = []  # noqa: RUF012
    commit: str | None = None
    complete: bool = True
    added: dt.datetime = Field(default_factory=lambda: dt.datetime.now(dt.UTC).replace(microsecond=0))
    synced: dt.datetime | None = None
    error: str | None = None
