"""Update a feed: fetch its pages and join them with the stored ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin

from zunda_mcp.errors import FetchError
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.document import FeedDocument, FeedPage, ListedFeed, StoredFeed, read_document
from zunda_mcp.reading.feeds.item import Feed, Item, ids, language_of, zone_of
from zunda_mcp.sources import attachments
from zunda_mcp.sources.http_client import FetchedDocument, Validators, fetch, without_password
from zunda_mcp.sources.store import Outcome, Record, Synced

__all__ = ["FeedUpdate", "FetchedFeed", "discover", "discover_exactly", "update_feed"]

_MAX_PAGES = 100


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed or a list of feeds, fetched from ``requested_url``. ``url`` is the address after redirects."""

    requested_url: str
    url: str
    fetched: FetchedDocument
    text: str
    feed: Feed | None
    listed: tuple[ListedFeed, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """A feed after a sync: its record, the feed to store (None if nothing changed), and the outcome."""

    record: Record
    kept: StoredFeed | None
    synced: Synced


def discover(url: str, private_hosts: Iterable[str]) -> FetchedFeed:
    """Fetch a feed or a list by its address or that of a page linking to it. Raises ``FetchError`` if there is none."""
    got, document = _get(url, None, private_hosts)
    if got.feed is None and not got.listed and document.offered:
        return discover_exactly(urljoin(got.url, document.offered[0]), private_hosts)
    return _sure(got, document)


def discover_exactly(url: str, private_hosts: Iterable[str]) -> FetchedFeed:
    """Fetch a feed or a list by its own address. Raises ``FetchError`` for any other document."""
    return _sure(*_get(url, None, private_hosts))


def update_feed(record: Record, kept: StoredFeed | None, folder: Path, got: FetchedFeed | None = None) -> FeedUpdate:
    """Update one feed. ``got`` is its first page if that was already fetched; transcripts are stored in ``folder``.

    Raises ``FetchError`` if the first page cannot be fetched or is no longer a feed; nothing has changed then.
    """
    return _attached(_paged(record, kept, got), kept, folder)


def _paged(record: Record, kept: StoredFeed | None, got: FetchedFeed | None) -> FeedUpdate:
    """Fetch the pages of a feed that may have changed."""
    url = record.url or ""
    if got is None:
        validators = Validators(record.etag, record.last_modified) if kept and kept.pages and record.complete else None
        got, document = _get(url, validators, record.named)
        if got.fetched.status == 304 and kept is not None:
            return _unchanged(record, got)
        got = _sure(got, document)
    if got.feed is None:
        raise FetchError(f"{without_password(url)} is a list of feeds now, not a feed. Add it again to follow them.")
    if kept and kept.pages and kept.pages[0].text == got.text and record.complete:
        return _unchanged(record, got)
    return _joined(record, kept or StoredFeed(got.url), got, got.feed)


def _attached(update: FeedUpdate, before: StoredFeed | None, folder: Path) -> FeedUpdate:
    """Fetch chapters and transcripts, even of an unchanged feed, since an earlier sync may have left some."""
    feed = update.kept or before
    if feed is None or not any("transcript" in page.text or "chapters" in page.text for page in feed.pages):
        return update
    attached = attachments.fetch_attachments(
        feed, _items(feed.feeds()).values(), update.record.language or "", update.record.named, folder
    )
    is_new = attached.fetched and update.synced.outcome == "unchanged"
    synced = update.synced.model_copy(
        update={
            "transcripts": attached.fetched,
            "waiting": attached.waiting,
            "outcome": "changed" if is_new else update.synced.outcome,
            "cause": " ".join(part for part in (update.synced.cause, attached.remark) if part) or None,
        }
    )
    return replace(update, kept=attached.kept if attached.kept != before else update.kept, synced=synced)


def _get(url: str, validators: Validators | None, private_hosts: Iterable[str]) -> tuple[FetchedFeed, FeedDocument]:
    fetched = fetch(url, validators, private_hosts=frozenset(private_hosts))
    if fetched.status == 304:
        return FetchedFeed(url, fetched.final_url, fetched, "", None), FeedDocument()
    text = decode(fetched.body, fetched.charset).text
    document = read_document(text) if text is not None else FeedDocument(why="it is not text")
    return FetchedFeed(url, fetched.final_url, fetched, text or "", document.feed, document.listed), document


def _sure(got: FetchedFeed, document: FeedDocument) -> FetchedFeed:
    if got.feed is not None or got.listed:
        return got
    hint = f" It names a feed: {without_password(urljoin(got.url, document.offered[0]))}" if document.offered else ""
    next_step = hint or (" Look for its feed (RSS, Atom)." if document.is_html else " Try the address in a browser.")
    raise FetchError(f"{without_password(got.url)} was fetched, but {document.why.rstrip('.')}.{next_step}")


def _unchanged(record: Record, got: FetchedFeed) -> FeedUpdate:
    return FeedUpdate(_noted(record, got), None, Synced(name=record.name, kind="feed", outcome="unchanged"))


def _noted(record: Record, got: FetchedFeed, **more: object) -> Record:
    """Return the record after a successful sync."""
    return record.model_copy(
        update={
            "url": got.fetched.moved_to or record.url,
            "etag": got.fetched.validators.etag,
            "last_modified": got.fetched.validators.last_modified,
            "synced": dt.datetime.now(dt.UTC).replace(microsecond=0),
            "error": None,
            **more,
        }
    )


def _joined(record: Record, kept: StoredFeed, got: FetchedFeed, feed: Feed) -> FeedUpdate:
    """Fetch the pages after the first, and join all with the stored ones."""
    before = _items(kept.feeds())
    pages, feeds, remark, whole = _following(record, got, feed, before)
    now = _items(feeds)
    dropped = before.keys() - now.keys()
    older = _covering([page for page in kept.pages if page not in pages], dropped)
    every = before | now
    stored = StoredFeed(
        url=got.url,
        pages=(*pages, *older),
        ids=ids(every.values(), feed.link, kept.ids),
        extras=kept.extras,
        transcripts=kept.transcripts,
        missing=kept.missing,
    )
    added = len(now.keys() - before.keys())
    changed = sum(replace(now[key], line=0) != replace(before[key], line=0) for key in now.keys() & before.keys())
    gone = len(dropped) if whole else 0
    first = not kept.pages
    outcome: Outcome = "new" if first else "changed" if added or changed else "kept" if gone else "unchanged"
    noted = _noted(
        record, got, title=feed.title or record.title, language=language_of(feed) or record.language,
        timezone=zone_of([feed]) or record.timezone, items=len(every), complete=remark is None,
    )  # fmt: skip
    synced = Synced(
        name=record.name, kind="feed", outcome=outcome, added=added, changed=changed, kept=gone, cause=remark
    )
    return FeedUpdate(noted, stored, synced)


def _following(
    record: Record, got: FetchedFeed, feed: Feed, before: Mapping[str, Item]
) -> tuple[list[FeedPage], list[Feed], str | None, bool]:
    """Return all pages from the first on with their feeds, a remark if one is missing, and whether all were fetched.

    After a page with only known items no more are fetched, since they are older still.
    """
    pages, feeds = [FeedPage(got.url, got.text)], [feed]
    seen = {got.url, record.url}
    while feeds[-1].next:
        url = urljoin(pages[-1].url, feeds[-1].next)
        if url in seen:
            break
        if record.complete and before and all(item.key in before for item in feeds[-1].items):
            return pages, feeds, None, False
        if len(pages) >= _MAX_PAGES:
            return pages, feeds, f"The feed has more than {_MAX_PAGES} pages; older ones were not fetched.", False
        seen.add(url)
        try:
            following = _sure(*_get(url, None, record.named))
        except FetchError as error:
            return pages, feeds, f"Page {len(pages) + 1} is missing: {error} The next sync tries again.", False
        if following.feed is None or not following.feed.items:
            break
        pages.append(FeedPage(following.url, following.text))
        feeds.append(following.feed)
    return pages, feeds, None, True


def _items(feeds: Iterable[Feed]) -> dict[str, Item]:
    """Return all items by key, each from the first page that has it."""
    items: dict[str, Item] = {}
    for feed in feeds:
        for item in feed.items:
            items.setdefault(item.key, item)
    return items


def _covering(pages: list[FeedPage], wanted: set[str]) -> list[FeedPage]:
    """Return a few older pages with all ``wanted`` items: always the page with most of the missing ones next.

    A feed that shows its last ten items thus leaves one page for every ten items, not one for every sync.
    """
    holds = [(page, {item.key for feed in StoredFeed("", (page,)).feeds() for item in feed.items}) for page in pages]
    chosen: list[int] = []
    missing = set(wanted)
    while missing:
        best = max(range(len(holds)), key=lambda place: len(holds[place][1] & missing), default=None)
        if best is None or not holds[best][1] & missing:
            break
        chosen.append(best)
        missing -= holds[best][1]
    return [holds[place][0] for place in sorted(chosen)]
