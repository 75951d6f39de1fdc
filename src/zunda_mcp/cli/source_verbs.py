"""The verbs about sources that are fetched: ``add``, ``sync``, ``sources``, ``remove``."""

from __future__ import annotations

from collections.abc import Iterable

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.terminal import count
from zunda_mcp.cli.verbs import print_json
from zunda_mcp.config.default import Selection, forget, remember, remembered
from zunda_mcp.models import Model
from zunda_mcp.sources.store import Added, Source, Synced

__all__ = ["add", "remove", "sources", "sync"]

_WHAT = {"feed": "item", "git": "file", "opml": "feed"}


class SourceList(Model):
    """``zunda-mcp sources --json``, and what ``remove`` took away."""

    sources: list[Source]


class SyncReport(Model):
    """``zunda-mcp sync --json``: what happened to each source, and how many failed."""

    sources: list[Synced]
    failed: int


def add(arguments: Arguments) -> bool:
    """Add a source and fetch it."""
    from zunda_mcp import sources

    added = sources.add(" ".join(arguments.words), arguments.name, kind=arguments.kind)
    first = remembered() is None and not added.existing
    if first:
        remember(Selection(archives=(added.source.name,)))
    if arguments.json:
        print_json(added)
    else:
        print("\n".join(_added(added, first=first)))
    return True


def sync(arguments: Arguments) -> bool:
    """Fetch what is new; whether all went well."""
    from zunda_mcp import sources

    done = sources.sync(arguments.words or None)
    failed = sum(one.outcome == "failed" for one in done)
    if arguments.json:
        print_json(SyncReport(sources=done, failed=failed))
    else:
        print("\n".join([_synced(one) for one in done] or ["No sources yet. Add one: zunda-mcp add ADDRESS"]))
    return not failed


def sources(arguments: Arguments) -> bool:
    """List the sources; whether there are any."""
    from zunda_mcp.sources.registry import listed

    found = listed()
    if arguments.json:
        print_json(SourceList(sources=found))
    else:
        lines = [line for source in found for line in _source(source)]
        print("\n".join(lines or ["No sources yet. Add one: zunda-mcp add ADDRESS"]))
    return bool(found)


def remove(arguments: Arguments) -> bool:
    """Take a source away."""
    from zunda_mcp.sources.registry import remove as take_away

    gone = take_away(" ".join(arguments.words))
    chosen = remembered()
    if chosen and {source.name for source in gone} & set(chosen.archives):
        forget()
    if arguments.json:
        print_json(SourceList(sources=gone))
    else:
        print("\n".join(_line(f"removed {source.name} ({source.place})") for source in gone))
    return True


def _added(added: Added, *, first: bool) -> Iterable[str]:
    source = added.source
    if added.existing:
        yield _line(f"{source.name} was added before. Fetch what is new: zunda-mcp sync {source.name}")
        return
    yield _line(f"added {source.name}: {source.title or source.place}")
    if added.synced is not None and source.kind in _WHAT:
        heard = f", {count(added.synced.transcripts, 'transcript')}" if added.synced.transcripts else ""
        yield "  " + _line(
            f"{source.kind}, {count(added.synced.added, _WHAT[source.kind])}{heard}, from {source.place}"
        )
    else:
        yield "  " + _line(f"{source.kind}, read where it is: {source.place}")
    if added.synced is not None and added.synced.cause:
        yield "  " + _line(added.synced.cause)
    for one in added.feeds:
        yield "  " + _synced(one)
    if first:
        yield "  asked from now on where a command names no archive; zunda-mcp use changes that"
        yield "next: zunda-mcp search"
    else:
        yield _line(f"  zunda-mcp use {source.name} asks it without naming it")
        yield _line(f"next: zunda-mcp search --archive {source.name}")


def _synced(one: Synced) -> str:
    what = _WHAT.get(one.kind, "file")
    parts = [
        f"{count(one.added, what)} new" if one.added else "",
        f"{one.changed:,} changed" if one.changed else "",
        f"{one.removed:,} removed" if one.removed else "",
        f"{count(one.kept, what)} gone there, kept here" if one.kept else "",
        count(one.transcripts, "transcript") if one.transcripts else "",
    ]
    said = ", ".join(part for part in parts if part)
    text = f"{one.name}: {one.outcome}" + (f" ({said})" if said else "") + (f": {one.cause}" if one.cause else "")
    return _line(text)


def _source(source: Source) -> Iterable[str]:
    title = f": {source.title}" if source.title and source.title != source.name else ""
    yield _line(f"{source.name}{title}")
    size = f", {count(source.items, 'item')}" if source.items is not None else ""
    size += f", {count(len(source.feeds), 'feed')}" if source.kind == "opml" else ""
    when = f", fetched {source.synced:%Y-%m-%d %H:%M} UTC" if source.synced and source.kind in _WHAT else ""
    yield "  " + _line(f"{source.kind}{size}{when}, {source.place}")
    if source.error:
        yield "  " + _line(f"failed: {source.error}")


def _line(text: str) -> str:
    from zunda_mcp.rendering.sanitize import one_line

    return one_line(text)
