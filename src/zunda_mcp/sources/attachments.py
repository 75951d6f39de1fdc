"""Fetch the chapters and transcripts that the items of a feed link to.

They are fetched like the feed, with the same checks of hosts. Each sync fetches a limited number, newest episodes
first; later syncs fetch the rest and try failed ones again. What was fetched is kept. Only transcripts of the newest
episodes are checked for changes, since they are still being corrected.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

from zunda_mcp.config.files import replace_text
from zunda_mcp.errors import FetchError
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.document import StoredFeed, StoredTranscript
from zunda_mcp.reading.feeds.item import Item, TranscriptLink, candidates, file_of
from zunda_mcp.sources.http_client import FetchLimits, Validators, fetch, without_password

__all__ = [
    "AT_ONCE", "MAX_FAILURES", "MAX_TRANSCRIPTS", "RENEWED", "TRANSCRIPT", "FeedAttachments", "delete_unused",
    "fetch_attachments",
]  # fmt: skip

_MAX_CHAPTERS = 40
"""The most chapter files that one sync fetches."""
MAX_TRANSCRIPTS = 200
"""The most episodes whose transcripts one sync fetches for the first time."""
RENEWED = 20
"""The number of newest episodes whose transcripts are checked for changes."""
AT_ONCE = 4
"""The number of transcripts of one feed that are fetched at once."""
_SECONDS = 180.0
"""After this many seconds a sync starts no further transcript."""
MAX_FAILURES = 20
"""After this many failures in a row the rest waits for the next sync."""

_CHAPTERS = FetchLimits(size=1024 * 1024, seconds=10)
TRANSCRIPT = FetchLimits(size=8 * 1024 * 1024, seconds=30)
"""The limits for one transcript."""


@dataclass(frozen=True, slots=True)
class FeedAttachments:
    """A stored feed with the chapters and transcripts of its items. ``fetched`` is the number of new or changed
    transcripts, ``waiting`` the number of episodes left for later syncs, ``failed`` the causes of failures.
    """

    kept: StoredFeed
    fetched: int = 0
    waiting: int = 0
    failed: tuple[str, ...] = ()

    @property
    def remark(self) -> str | None:
        """A remark for the report of a sync, None if there is nothing to say."""
        parts = []
        if self.waiting:
            parts.append(f"Transcripts left for the next syncs: {self.waiting:,}.")
        if self.failed:
            more = f" (and {len(self.failed) - 1:,} more)" if len(self.failed) > 1 else ""
            parts.append(f"A transcript could not be fetched, and the next sync tries again{more}: {self.failed[0]}")
        return " ".join(parts) or None


def fetch_attachments(
    kept: StoredFeed, items: Collection[Item], language: str, private_hosts: Iterable[str], folder: Path
) -> FeedAttachments:
    """Fetch missing chapters and transcripts, the latter into ``folder``. ``language`` is the feed's."""
    private_hosts = frozenset(private_hosts)
    chapters = _chapters(items, kept.extras, kept.url, private_hosts)
    feed = replace(kept, extras=chapters) if chapters != kept.extras else kept
    wanted = [chosen for item in _newest(items) if (chosen := candidates(item, language, kept.url))]
    return (
        _Transcripts(feed, wanted, private_hosts, folder).fetch()
        if wanted or kept.transcripts
        else FeedAttachments(feed)
    )


def delete_unused(kept: StoredFeed, folder: Path) -> None:
    """Delete the files of transcripts that no item names any more."""
    earlier = {one.file for one in kept.transcripts.values()}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in earlier:
            with contextlib.suppress(OSError):
                path.unlink()


@dataclass(slots=True)
class _Tried:
    """The result for one episode: a transcript, or why each address failed, or neither if none was tried."""

    url: str = ""
    kept: StoredTranscript | None = None
    causes: dict[str, str] = field(default_factory=dict)


class _Transcripts:
    """One update of the transcripts of a feed. ``wanted`` are the links of each episode, newest episode first."""

    def __init__(
        self, feed: StoredFeed, wanted: Sequence[list[TranscriptLink]], private_hosts: frozenset[str], folder: Path
    ) -> None:
        self._feed = feed
        self._wanted = wanted
        self._private_hosts = private_hosts
        self._folder = folder
        self._until = time.monotonic() + _SECONDS
        self._failures = 0
        self._lock = threading.Lock()
        named_now = {one.url for every in wanted for one in every}
        there = ((url, one) for url, one in feed.transcripts.items() if (folder / one.file).is_file())
        self._have = {url: one for url, one in there if url in named_now}

    def fetch(self) -> FeedAttachments:
        """Fetch transcripts, and return the feed with all that it has now."""
        had = [next((one for one in every if one.url in self._have), None) for every in self._wanted]
        lacking = [every for every, one in zip(self._wanted, had, strict=True) if one is None]
        lacking.sort(key=lambda every: any(one.url in self._feed.missing for one in every))  # untried ones first
        renewing = [[one] for one in had[:RENEWED] if one is not None]
        tasks = [*renewing, *lacking[:MAX_TRANSCRIPTS]]
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="transcripts") as pool:
            tried = list(pool.map(self._try, tasks))
        fetched = 0
        files, missing = dict(self._have), dict[str, str]()
        for every, one in zip(tasks, tried, strict=True):
            if one.kept is not None:
                earlier = self._have.get(one.url)
                fetched += earlier is None or earlier.digest != one.kept.digest
                files[one.url] = one.kept
            elif every[0].url not in self._have:
                missing |= one.causes
        got = {url for every, one in zip(tasks, tried, strict=True) if one.kept for url in (each.url for each in every)}
        for every in lacking:
            for url in (one.url for one in every):
                if url in self._feed.missing and url not in missing and url not in got:
                    missing[url] = self._feed.missing[url]
        silent = [every for every in lacking if not any(one.url in files or one.url in missing for one in every)]
        kept = replace(self._feed, transcripts=files, missing=missing)
        failed = [next(iter(one.causes.values())) for one in tried if one.kept is None and one.causes]
        return FeedAttachments(kept, fetched, len(silent), tuple(failed))

    def _try(self, every: Sequence[TranscriptLink]) -> _Tried:
        """Fetch the first transcript in ``every`` (the links of one episode, best first) that works."""
        tried = _Tried()
        if self._failures >= MAX_FAILURES or time.monotonic() > self._until:
            return tried
        for one in every:
            try:
                tried.url, tried.kept = one.url, self._get(one)
            except (FetchError, OSError, ValueError) as error:
                tried.causes[one.url] = str(error)
                continue
            break
        with self._lock:
            self._failures = 0 if tried.kept else self._failures + 1
        return tried

    def _get(self, one: TranscriptLink) -> StoredTranscript:
        """Fetch a transcript and store it. Raises ``FetchError`` if it contains no speech."""
        from zunda_mcp.reading.transcripts.transcript_file import read_transcript  # start-up

        earlier = self._have.get(one.url)
        validators = Validators(earlier.etag, earlier.last_modified) if earlier else None
        answer = fetch(one.url, validators, TRANSCRIPT, private_hosts=self._private_hosts)
        if answer.status == 304 and earlier is not None:
            return earlier
        text = decode(answer.body, answer.charset).text
        name = file_of(one)
        loaded = read_transcript(text, name) if text is not None else None
        if text is None or loaded is None or not loaded.cues:
            why = loaded.faults[0].cause if loaded and loaded.faults else "Nothing is said in it."
            raise FetchError(f"{without_password(one.url)} was fetched, but it is not a transcript. {why}")
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        if earlier is None or earlier.digest != digest:
            replace_text(self._folder / name, text)
        return StoredTranscript(name, digest, answer.validators.etag, answer.validators.last_modified)


def _newest(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.moment.day if item.moment else dt.date.min, reverse=True)


def _chapters(
    items: Iterable[Item], earlier: Mapping[str, str], base: str, private_hosts: frozenset[str]
) -> dict[str, str]:
    """Return chapter files by URL: the ``earlier`` ones and those of the newest items that lack one."""
    chapters = dict(earlier)
    waiting = [item for item in items if item.chapters_url and not item.chapters and item.chapters_url not in chapters]
    failures = 0
    for item in _newest(waiting)[:_MAX_CHAPTERS]:
        try:
            fetched = fetch(urljoin(base, item.chapters_url), limits=_CHAPTERS, private_hosts=private_hosts)
        except (FetchError, ValueError):
            failures += 1
            if failures > 3:
                break
            continue
        text = decode(fetched.body, fetched.charset).text
        if text is not None:
            chapters[item.chapters_url] = text
    return chapters
