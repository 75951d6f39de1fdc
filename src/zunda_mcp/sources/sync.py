"""Update sources. One that fails does not stop the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from zunda_mcp.config.files import read_regular, replace_text
from zunda_mcp.errors import FetchError, ZundaError
from zunda_mcp.reading.feeds.document import FeedDocument, ListedFeed, StoredFeed, read_document, read_stored
from zunda_mcp.reading.feeds.item import language_of, zone_of
from zunda_mcp.sources import attachments, feed_pages, store
from zunda_mcp.sources.http_client import FetchLimits
from zunda_mcp.sources.public_addresses import host_of
from zunda_mcp.sources.store import Outcome, Record, Synced

__all__ = ["as_synced", "check_local", "read_feed_list", "save_feed", "sync", "sync_records", "with_members"]

_AT_ONCE = 6
"""The number of sources that are synced at once; most are on different servers."""


def sync(names: Sequence[str] | None = None) -> list[Synced]:
    """Update the named sources, by default all. Return what changed in each, sorted by name.

    Lists of feeds are read again first: their new feeds are added, feeds that they no longer list stay. Raises
    ``NotFoundError`` for an unknown name. If a source fails, that is its outcome, and nothing is raised.
    """
    with store.writing():
        every = {record.name: record for record in store.records()}
        chosen = [store.record_of(name) for name in names] if names else list(every.values())
        lists = [record for record in chosen if record.kind == "opml"]
        done = [_list(record) for record in lists]
        every = {record.name: record for record in store.records()}
        wanted = {record.name for record in chosen if record.kind != "opml"}
        wanted |= {member for record in lists for member in every[record.name].feeds if member in every}
        done += sync_records([every[name] for name in sorted(wanted)])
        return sorted(done, key=lambda one: one.name)


def sync_records(records: Sequence[Record]) -> list[Synced]:
    """Sync these records, several at once. The caller must hold the lock (``store.writing``)."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="sync") as pool:
        return list(pool.map(_one, records))


def save_feed(update: feed_pages.FeedUpdate) -> None:
    """Store the result of a feed's sync: the pages first, then the record that refers to them."""
    if update.kept is not None:
        replace_text(store.feed_file(update.record), update.kept.text())
        attachments.delete_unused(update.kept, store.transcripts(update.record))
    store.save(update.record)


def as_synced(record: Record) -> Record:
    """Return the record marked as synced successfully just now."""
    return record.model_copy(update={"synced": dt.datetime.now(dt.UTC).replace(microsecond=0), "error": None})


def check_local(record: Record) -> Record:
    """Check a source that is read in place. Raises ``FetchError`` if it is gone, or not a feed as it should be."""
    path = Path(record.path or "")
    if not path.exists():
        raise FetchError(f"{path} is not there any more. Put it back, or zunda-mcp remove {record.name}.")
    if record.kind != "feed":
        return as_synced(record)
    document = _document(path)
    if document.feed is None:
        raise FetchError(f"{path} is not a feed: {document.why}.")
    feed = document.feed
    facts = {"title": feed.title or None, "language": language_of(feed), "timezone": zone_of([feed])}
    return as_synced(record).model_copy(update={**facts, "items": len(feed.items)})


def read_feed_list(record: Record) -> tuple[ListedFeed, ...]:
    """Return the feeds that a list names now. Raises ``FetchError`` if it cannot be read."""
    if record.url:
        return feed_pages.discover_exactly(record.url, record.named).listed
    return _document(Path(record.path or "")).listed


def _document(path: Path) -> FeedDocument:
    """Read a feed or a list of feeds from a file. Raises ``FetchError`` if the file cannot be read."""
    from zunda_mcp.reading.encoding import decode  # start-up

    try:
        return read_document(decode(read_regular(path, FetchLimits().size)).text or "")
    except OSError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror or error}).") from error


def with_members(record: Record, entries: Sequence[ListedFeed]) -> tuple[Record, list[Record]]:
    """Return the record of a list with all its feeds, and new records for feeds that have none yet.

    The list named their hosts, not the user, so none of them may be private.
    """
    names_by_url = {other.url: other.name for other in store.records() if other.url}
    taken: set[str] = set()
    new: list[Record] = []
    names = list(record.feeds)
    for entry in entries:
        if entry.url not in names_by_url and entry.url.lower().startswith(("http://", "https://")):
            wanted = entry.title if entry.title.isascii() and entry.title.strip() else host_of(entry.url) or "feed"
            name = store.free_name(wanted, taken | {record.name.casefold()})
            taken.add(name.casefold())
            names_by_url[entry.url] = name
            new.append(Record(name=name, kind="feed", url=entry.url, title=entry.title or None))
        if entry.url in names_by_url:
            names.append(names_by_url[entry.url])
    return record.model_copy(update={"feeds": list(dict.fromkeys(names))}), new


def _one(record: Record) -> Synced:
    """Sync one source. An error becomes its outcome."""
    try:
        if record.kind == "feed" and record.url:
            update = feed_pages.update_feed(record, _kept(record), store.transcripts(record))
            save_feed(update)
            return update.synced
        if record.kind == "git":
            return _pulled(record)
        looked_at = check_local(record)
        store.save(looked_at)
        added = (looked_at.items or 0) - (record.items or 0)
        outcome: Outcome = "changed" if added else "unchanged"
        return Synced(name=record.name, kind=record.kind, outcome=outcome, added=max(added, 0), removed=max(-added, 0))
    except ZundaError as error:
        return _failed(record, str(error))
    except Exception as error:
        return _failed(record, f"unexpected {type(error).__name__}: {error}")


def _pulled(record: Record) -> Synced:
    from zunda_mcp.sources.git import clone, pull  # start-up

    folder = store.content(record)
    first = not (folder / ".git").is_dir()
    named = record.named
    done = clone(record.url or "", folder, private_hosts=named) if first else pull(folder, private_hosts=named)
    store.save(as_synced(record).model_copy(update={"commit": done.commit}))
    outcome: Outcome = "new" if first else "changed" if done.commit != record.commit else "unchanged"
    return Synced(
        name=record.name, kind="git", outcome=outcome, added=done.added, changed=done.changed, removed=done.removed
    )


def _list(record: Record) -> Synced:
    try:
        grown, new = with_members(record, read_feed_list(record))
        for member in new:
            store.save(member)
        store.save(as_synced(grown))
    except ZundaError as error:
        return _failed(record, str(error))
    return Synced(name=record.name, kind="opml", outcome="changed" if new else "unchanged", added=len(new))


def _failed(record: Record, cause: str) -> Synced:
    with suppress(OSError):
        store.save(record.model_copy(update={"error": cause}))
    return Synced(name=record.name, kind=record.kind, outcome="failed", cause=cause)


def _kept(record: Record) -> StoredFeed | None:
    """Return the stored feed, None if there is none that can be read."""
    from zunda_mcp.reading.formats import limit_of  # start-up

    file = store.feed_file(record)
    try:
        return read_stored(read_regular(file, limit_of(file.name)).decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
