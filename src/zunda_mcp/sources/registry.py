"""Add, list, find and remove sources, and decide what kind of source ``zunda-mcp add SPEC`` names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from zunda_mcp.config.files import open_regular
from zunda_mcp.errors import ArgumentError, FetchError
from zunda_mcp.sources import feed_pages, store, sync
from zunda_mcp.sources.coverage import first_look
from zunda_mcp.sources.public_addresses import host_of, resolve_host
from zunda_mcp.sources.store import Added, Kind, Record, Source, Synced

__all__ = ["add", "described", "listed", "remove", "source_paths"]

_PEEK = 256 * 1024
_EXAMPLES = "Give the address of a feed, a repository (….git), a folder of episodes, an OPML file or an export of posts"


class _Spec(NamedTuple):
    """A kind of source, and its address or absolute path. A ``feed`` may turn out to be a list of feeds or a page."""

    kind: Kind
    url: str | None
    path: Path | None


def _parse_spec(spec: str, kind: Kind | None = None) -> _Spec:
    """Parse a spec; ``kind`` overrules what it looks like. Raises ``ArgumentError`` if it cannot name a source."""
    from zunda_mcp.sources.git import is_repository_address  # start-up

    text = spec.strip()
    path = _path(text)
    if path is not None:
        return _local(path, kind)
    if text.startswith("-") or "::" in text.partition("/")[0]:
        raise ArgumentError("source", f"{text[:200]!r} is not an address. {_EXAMPLES}.")
    if kind == "git" or (kind is None and is_repository_address(text)):
        return _Spec("git", text, None)
    if text.startswith("feed:"):
        text = text.removeprefix("feed:").removeprefix("//")
        text = text if "://" in text else f"https://{text}"
    if text.lower().startswith(("https://", "http://")):
        return _Spec("opml" if kind == "opml" else "feed", text, None)
    if "://" in text:
        raise ArgumentError("source", f"{text[:200]} is not an address that can be fetched. {_EXAMPLES}.")
    raise ArgumentError("source", f"There is no file or folder {text[:200]}. {_EXAMPLES}.")


def _path(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path.resolve() if text and "://" not in text and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _local(path: Path, kind: Kind | None) -> _Spec:
    if path.is_dir():
        if kind == "git" or (kind is None and _is_bare(path)):
            return _Spec("git", path.as_uri(), None)
        return _Spec(kind or ("posts" if (path / "data" / "manifest.js").is_file() else "folder"), None, path)
    if kind is not None:
        return _Spec(kind, None, path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".zip"):
        return _Spec("posts", None, path)
    from zunda_mcp.reading.encoding import decode  # start-up
    from zunda_mcp.reading.feeds.document import looks_like_a_feed  # start-up

    try:
        with open_regular(path) as stream:
            head = decode(stream.read(_PEEK)).text or ""
    except OSError as error:
        raise ArgumentError("source", f"{path} cannot be read ({error.strerror or error}).") from error
    if suffix == ".opml" or "<opml" in head[:4096]:
        return _Spec("opml", None, path)
    if looks_like_a_feed(head):
        return _Spec("feed", None, path)
    raise ArgumentError("source", f"{path} is neither a feed nor a list of feeds. {_EXAMPLES}.")


def _is_bare(path: Path) -> bool:
    """Whether a folder is a bare repository; one with a work tree is read in place."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


_MAX_FEEDS = 1000
"""The most feeds of one list that are added."""


def add(spec: str, name: str | None = None, *, kind: Kind | None = None) -> Added:
    """Add a source and fetch it for the first time.

    ``spec`` is the address of a feed, a page that links to one, a list of feeds (OPML) or a repository; or the path of
    a folder, a feed, a list, a bare repository or an export of posts. ``name`` is its name from now on, by default made
    from its title or address. ``kind`` overrules what the spec looks like. Adding a source again changes nothing.

    Raises ``ArgumentError`` if spec or name cannot be used, ``FetchError`` if the source cannot be fetched or read;
    nothing is added then.
    """
    parsed = _parse_spec(spec, kind)
    wanted = store.checked_name(name) if name else None
    with store.writing():
        same = _existing(parsed.url, parsed.path)
        if same is not None:
            return _again(same, wanted)
        if wanted and any(record.name.casefold() == wanted.casefold() for record in store.records()):
            raise ArgumentError("name", f"There is a source called {wanted} already. Give another name with --name.")
        if parsed.kind == "git":
            return _repository(parsed.url or "", wanted)
        if parsed.url is not None:
            return _address(parsed.url, wanted)
        assert parsed.path is not None
        return _local_source(parsed, parsed.path, wanted)


def listed() -> list[Source]:
    """Return all sources, sorted by name."""
    return [store.seen(record) for record in store.records()]


def source_paths(name: str) -> list[Path]:
    """Return the folders and files to read for a source; ``[]`` if nothing has been fetched yet.

    For a list of feeds, these are those of all its feeds. Raises ``NotFoundError`` for an unknown name.
    """
    return store.read_paths(store.record_of(name))


def described(name: str) -> dict[str, str]:
    """Return those of the settings ``name``, ``language`` and ``timezone`` that a feed or list of feeds states.

    Other sources state them in their own files, which are read anyway. Raises ``NotFoundError`` for an unknown name.
    """
    record = store.record_of(name)
    if record.kind not in ("feed", "opml"):
        return {}
    every = {other.name: other for other in store.records()}
    members = [every[one] for one in record.feeds if one in every] or [record]
    title = record.title or (record.name if record.kind == "feed" else None)
    facts = {
        "name": title,
        "language": _shared(member.language for member in members),
        "timezone": _shared(member.timezone for member in members),
    }
    return {key: text for key, text in facts.items() if text}


def _shared(values: Iterable[str | None]) -> str | None:
    """Return the value that all have in common, None if they differ."""
    values = set(values)
    return values.pop() if len(values) == 1 else None


def remove(name: str) -> list[Source]:
    """Remove a source and all that was fetched for it, and the feeds of a list. Return the removed sources.

    The user's own files (folders, exports) stay. Raises ``NotFoundError`` for an unknown name.
    """
    with store.writing():
        record = store.record_of(name)
        every = {other.name: other for other in store.records()}
        gone = [record, *(every[member] for member in record.feeds if member in every)]
        seen = [store.seen(one) for one in gone]
        for one in gone:
            store.delete(one)
        names = {one.name for one in gone}
        for other in every.values():
            if other.name not in names and names & set(other.feeds):
                store.save(other.model_copy(update={"feeds": [one for one in other.feeds if one not in names]}))
        return seen


def _existing(url: str | None, path: Path | None) -> Record | None:
    place = str(path) if path else None
    matching = (record for record in store.records() if (url and record.url == url) or (place and record.path == place))
    return next(matching, None)


def _again(record: Record, wanted: str | None) -> Added:
    if wanted and wanted != record.name:
        msg = f"This was added before, as {record.name}. Use that name, or zunda-mcp remove {record.name} first."
        raise ArgumentError("name", msg)
    return Added(source=store.seen(record), existing=True)


def _repository(url: str, wanted: str | None) -> Added:
    from zunda_mcp.sources.git import checked, clone  # start-up

    address = checked(url)
    stem = address.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    name = wanted or store.free_name(stem)
    record = Record(name=name, kind="git", url=address, title=stem or None)
    done = clone(address, store.content(record), private_hosts=[host_of(address)])
    record = sync.as_synced(record).model_copy(update={"named": _private(address), "commit": done.commit})
    store.save(record)
    return Added(source=store.seen(record), synced=Synced(name=name, kind="git", outcome="new", added=done.added))


def _address(url: str, wanted: str | None) -> Added:
    got = feed_pages.discover(url, [host_of(url)])
    place = got.fetched.moved_to or got.requested_url
    if got.listed:
        return _list(
            Record(name=wanted or store.free_name(_stem(url)), kind="opml", url=place, named=_private(url)), got
        )
    same = _existing(place, None)
    if same is not None:
        return _again(same, wanted)
    assert got.feed is not None
    name = wanted or store.free_name(_called(got.feed.title, place))
    record = Record(name=name, kind="feed", url=place, named=_private(url) if host_of(place) == host_of(url) else [])
    update = feed_pages.update_feed(record, None, store.transcripts(record), got)
    sync.save_feed(update)
    return Added(source=store.seen(update.record), synced=update.synced)


def _local_source(parsed: _Spec, path: Path, wanted: str | None) -> Added:
    record = Record(name=wanted or store.free_name(path.stem or path.name), kind=parsed.kind, path=str(path))
    if parsed.kind == "opml":
        return _list(record, None)
    record = sync.check_local(record)
    if coverage := first_look([path]):
        raise FetchError(f"{coverage.message()} It was not added.")
    store.save(record)
    synced = Synced(name=record.name, kind=record.kind, outcome="new", added=record.items or 0)
    return Added(source=store.seen(record), synced=synced)


def _list(record: Record, got: feed_pages.FetchedFeed | None) -> Added:
    """Add a list of feeds, then fetch them. Feeds that fail are added too, and tried again by the next sync."""
    entries = got.listed if got is not None else sync.read_feed_list(record)
    if not entries:
        raise FetchError(f"{record.path or record.url} lists no feeds.")
    record, new = sync.with_members(sync.as_synced(record), entries[:_MAX_FEEDS])
    for member in new:
        store.save(member)
    store.save(record)
    done = sync.sync_records(new)
    summary = Synced(name=record.name, kind="opml", outcome="new", added=len(new))
    return Added(source=store.seen(record), synced=summary, feeds=done)


def _private(url: str) -> list[str]:
    """Return the host of an address that the user named if it is private and so may be asked again, else ``[]``.

    A public host must stay public: a name that later resolves to a private address is likely an attack.
    """
    parts = urlsplit(url) if "://" in url else None
    if parts is None or not parts.hostname or parts.scheme not in ("http", "https"):
        return []
    try:
        resolve_host(parts.hostname, parts.port or 443)
    except FetchError:
        return [host_of(url)]
    return []


def _called(title: str, url: str) -> str:
    """Return a name for a feed: its title if that is ASCII and so easy to type, else its host."""
    return title if title.isascii() and title.strip() else _stem(url)


def _stem(url: str) -> str:
    host = host_of(url).removeprefix("www.").removeprefix("feeds.")
    return host if host.replace(".", "").isdigit() else host.rpartition(".")[0].rpartition(".")[2] or host
