"""The verbs about sources that are fetched: ``add``, ``sync``, ``sources``, ``remove``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.messages import count
from zunda_mcp.cli.streams import print_json
from zunda_mcp.config.default import Selection, forget, remember, remembered
from zunda_mcp.models import Model
from zunda_mcp.rendering.sanitize import one_line
from zunda_mcp.sources import registry
from zunda_mcp.sources import sync as fetch
from zunda_mcp.sources.store import Added, Source, Synced

__all__ = ["SourceList", "SyncReport", "add", "remove", "sources", "sync"]

_WHAT = {"feed": "item", "git": "file", "opml": "feed"}
_NONE = "No sources yet. Add one: zunda-mcp add ADDRESS"


class SourceList(Model):
    """``zunda-mcp sources --json``, and what ``remove`` took away."""

    sources: list[Source]


class SyncReport(Model):
    """``zunda-mcp sync --json``: what happened to each source, and how many failed."""

    sources: list[Synced]
    failed: int


def add(arguments: Arguments) -> bool:
    """Add a source and fetch it; the first one is what every command reads from now on."""
    added = registry.add(arguments.text, **arguments.options)
    first = remembered() is None and not added.existing
    if first:
        remember(Selection(archives=(added.source.name,)))
    _print(arguments, added, _added(added, first=first))
    return True


def sync(arguments: Arguments) -> bool:
    """Fetch what is new; whether all went well."""
    done = fetch(arguments.words or None)
    report = SyncReport(sources=done, failed=sum(one.outcome == "failed" for one in done))
    _print(arguments, report, map(_synced, done) if done else [_NONE])
    return not report.failed


def sources(arguments: Arguments) -> bool:
    """List the sources; whether there are any."""
    every = registry.listed()
    _print(arguments, SourceList(sources=every), (line for one in every for line in _source(one)) if every else [_NONE])
    return bool(every)


def remove(arguments: Arguments) -> bool:
    """Take a source away."""
    gone = registry.remove(arguments.text)
    chosen = remembered()
    if chosen and {source.name for source in gone} & set(chosen.archives):
        forget()
    _print(arguments, SourceList(sources=gone), (f"removed {source.name} ({source.place})" for source in gone))
    return True


def _print(arguments: Arguments, answer: Model, lines: Iterable[str]) -> None:
    if arguments.json:
        print_json(answer)
        return
    for line in lines:
        text = line.lstrip(" ")
        print(line[: -len(text)] + one_line(text))


def _added(added: Added, *, first: bool) -> Iterator[str]:
    source, synced = added.source, added.synced
    if added.existing:
        yield f"{source.name} was added before. Fetch what is new: zunda-mcp sync {source.name}"
        return
    yield f"added {source.name}: {source.title or source.place}"
    if synced is not None and source.kind in _WHAT:
        transcripts = f", {count(synced.transcripts, 'transcript')}" if synced.transcripts else ""
        yield f"  {source.kind}, {count(synced.added, _WHAT[source.kind])}{transcripts}, from {source.place}"
    else:
        yield f"  {source.kind}, read where it is: {source.place}"
    if synced is not None and synced.cause:
        yield f"  {synced.cause}"
    for one in added.feeds:
        yield f"  {_synced(one)}"
    if first:
        yield "  asked from now on where a command names no archive; zunda-mcp use changes that"
        yield "next: zunda-mcp search"
    else:
        yield f"  zunda-mcp use {source.name} asks it without naming it"
        yield f"next: zunda-mcp search --archive {source.name}"


def _synced(one: Synced) -> str:
    what = _WHAT.get(one.kind, "file")
    parts = [
        f"{count(one.added, what)} new" if one.added else "",
        f"{one.changed:,} changed" if one.changed else "",
        f"{one.removed:,} removed" if one.removed else "",
        f"{count(one.kept, what)} gone there, kept here" if one.kept else "",
        count(one.transcripts, "transcript") if one.transcripts else "",
    ]
    changes = ", ".join(filter(None, parts))
    return f"{one.name}: {one.outcome}" + (f" ({changes})" if changes else "") + (f": {one.cause}" if one.cause else "")


def _source(source: Source) -> Iterator[str]:
    yield source.name + (f": {source.title}" if source.title and source.title != source.name else "")
    size = f", {count(source.items, 'item')}" if source.items is not None else ""
    size += f", {count(len(source.feeds), 'feed')}" if source.kind == "opml" else ""
    fetched = f", fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced and source.kind in _WHAT else ""
    yield f"  {source.kind}{size}{fetched}, {source.place}"
    if source.error:
        yield f"  failed: {source.error}"
