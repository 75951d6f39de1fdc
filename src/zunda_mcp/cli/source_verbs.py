"""The verbs for choosing an archive (``use``) and for sources: ``add``, ``sync``, ``sources``, ``remove``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from zunda_mcp.cli.arguments import Arguments, read_arguments
from zunda_mcp.cli.chosen_archive import settings_of
from zunda_mcp.cli.styles import messages, print_json
from zunda_mcp.config.default import DefaultArchives, forget, remember, remembered
from zunda_mcp.config.settings import exists, path_of
from zunda_mcp.errors import ArgumentError, NotFoundError, SettingsError
from zunda_mcp.models import Model
from zunda_mcp.rendering.sanitize import clean_line
from zunda_mcp.sources import registry, store
from zunda_mcp.sources import sync as fetch
from zunda_mcp.sources.store import Added, Source, Synced

__all__ = ["DefaultArchive", "SourceList", "SyncReport", "add", "remove", "selection_of", "sources", "sync", "use"]

_WHAT = {"feed": "item", "git": "file", "opml": "feed"}
_NONE = "No sources yet. Add one: zunda-mcp add ADDRESS"


class SourceList(Model):
    """``zunda-mcp sources --json``, and the sources that ``remove --json`` removed."""

    sources: list[Source]


class SyncReport(Model):
    """``zunda-mcp sync --json``: what happened to each source, and how many failed."""

    sources: list[Synced]
    failed: int


def add(arguments: Arguments) -> bool:
    """Add a source and fetch it. If no archive is chosen yet, it becomes the default of every command."""
    added = registry.add(arguments.text, **arguments.options)
    first = remembered() is None and not added.existing
    if first:
        remember(DefaultArchives(archives=(added.source.name,)))
    _print(arguments, added, _added(added, first=first))
    return True


def sync(arguments: Arguments) -> bool:
    """Fetch what is new from the sources. Return whether none failed."""
    done = fetch(arguments.words or None)
    report = SyncReport(sources=done, failed=sum(one.outcome == "failed" for one in done))
    _print(arguments, report, map(_synced, done) if done else [messages()(_NONE)])
    return not report.failed


def sources(arguments: Arguments) -> bool:
    """Print the sources. Return whether there are any."""
    every = registry.listed()
    _print(
        arguments,
        SourceList(sources=every),
        (line for one in every for line in _source(one)) if every else [messages()(_NONE)],
    )
    return bool(every)


def remove(arguments: Arguments) -> bool:
    """Remove a source, and forget it as the default archive."""
    gone = registry.remove(arguments.text)
    chosen = remembered()
    if chosen and {source.name for source in gone} & set(chosen.archives):
        forget()
    _print(
        arguments,
        SourceList(sources=gone),
        (messages()("removed {name} ({place})", name=one.name, place=one.place) for one in gone),
    )
    return True


def _print(arguments: Arguments, answer: Model, lines: Iterable[str]) -> None:
    if arguments.json:
        print_json(answer)
        return
    for line in lines:
        text = line.lstrip(" ")
        print(line[: -len(text)] + clean_line(text))


def _added(added: Added, *, first: bool) -> Iterator[str]:
    say, source, synced = messages(), added.source, added.synced
    if added.existing:
        yield say("{name} was added before. Fetch what is new: zunda-mcp sync {name}", name=source.name)
        return
    yield say("added {name}: {title}", name=source.name, title=source.title or source.place)
    if synced is not None and source.kind in _WHAT:
        counts = [say.count(synced.added, _WHAT[source.kind])]
        counts += [say.count(synced.transcripts, "transcript")] if synced.transcripts else []
        yield "  " + say(
            "{kind}, {counts}, from {place}", kind=source.kind, counts=", ".join(counts), place=source.place
        )
    else:
        yield "  " + say("{kind}, read where it is: {place}", kind=source.kind, place=source.place)
    if synced is not None and synced.cause:
        yield f"  {say.translated(synced.cause)}"
    for one in added.feeds:
        yield f"  {_synced(one)}"
    if first:
        yield "  " + say("asked from now on where a command names no archive; zunda-mcp use changes that")
        yield say("next: zunda-mcp search")
    else:
        yield "  " + say("zunda-mcp use {name} asks it without naming it", name=source.name)
        yield say("next: zunda-mcp search --archive {name}", name=source.name)


def _synced(one: Synced) -> str:
    say, what = messages(), _WHAT.get(one.kind, "file")
    parts = [
        say("{counts} new", counts=say.count(one.added, what)) if one.added else "",
        say("{number} changed", number=f"{one.changed:,}") if one.changed else "",
        say("{number} removed", number=f"{one.removed:,}") if one.removed else "",
        say("{counts} gone there, kept here", counts=say.count(one.kept, what)) if one.kept else "",
        say.count(one.transcripts, "transcript") if one.transcripts else "",
    ]
    changes = ", ".join(filter(None, parts))
    cause = f": {say.translated(one.cause)}" if one.cause else ""
    return f"{one.name}: {say.translated(one.outcome)}" + (f" ({changes})" if changes else "") + cause


def _source(source: Source) -> Iterator[str]:
    say = messages()
    yield source.name + (f": {source.title}" if source.title and source.title != source.name else "")
    facts = [str(source.kind)]
    facts += [say.count(source.items, "item")] if source.items is not None else []
    facts += [say.count(len(source.feeds), "feed")] if source.kind == "opml" else []
    if source.synced and source.kind in _WHAT:
        facts.append(say("fetched {when}", when=f"{source.synced:%Y-%m-%d %H:%M} UTC"))
    yield f"  {', '.join([*facts, source.place])}"
    if source.error:
        yield "  " + say("failed: {cause}", cause=say.translated(source.error))


class DefaultArchive(Model):
    """``zunda-mcp use --json``: what is remembered, and the folders that a command here reads if it names none."""

    remembered: list[str]
    reads: list[str]


def use(arguments: Arguments) -> bool:
    """Remember an archive, show which is remembered, or forget it. Return whether there is a default afterwards."""
    gone = "forget" in arguments.options and forget()
    if arguments.words:
        if "forget" in arguments.options:
            raise ArgumentError("--forget", "Give --forget or an archive to use, not both.")
        remember(selection_of(arguments.words, Path.cwd()))
    chosen = remembered()
    try:
        reads = [str(folder) for folder in settings_of(read_arguments(["index"])).episodes]
    except SettingsError:
        if chosen is not None:  # the remembered archive does not work, and the user should know
            raise
        reads = []
    if arguments.json:
        print_json(DefaultArchive(remembered=list(chosen.words()) if chosen else [], reads=reads))
        return bool(reads)
    say = messages()
    if gone:
        print(say("The chosen archive is forgotten."))
    for archive in chosen.words() if chosen else reads:
        print(clean_line(say("using {archive}", archive=archive)))
    if chosen:
        print(say("next: zunda-mcp index, then zunda-mcp search WORD"))
    elif reads:
        print(say("Nothing is chosen; this is what lies here."))
    else:
        print(say("No archive is chosen. Choose one: zunda-mcp use DIR, or add a feed: zunda-mcp add ADDRESS"))
    return bool(reads)


def selection_of(words: Sequence[str], here: Path) -> DefaultArchives:
    """Parse the words of ``zunda-mcp use``: folders, names of added sources, or ``NAME=FOLDER``.

    Raises ``ArgumentError`` if a folder does not exist, and for folders and names together.
    """
    episodes: list[str] = []
    archives: list[str] = []
    for word in words:
        name, mark, folder = (part.strip() for part in word.partition("="))
        if mark and not (here / word).exists():
            archives.append(f"{name}={_folder(folder, here)}")
        elif source := _source_called(word):
            archives.append(source)
        else:
            episodes.append(_folder(word, here))
    if episodes and archives:
        raise ArgumentError("DIR", f"Folders and names are mixed. Give each folder a name: NAME={episodes[0]}.")
    return DefaultArchives(tuple(dict.fromkeys(episodes)), tuple(dict.fromkeys(archives)))


def _source_called(name: str) -> str | None:
    try:
        return store.record_of(name).name
    except NotFoundError:
        return None


def _folder(text: str, here: Path) -> str:
    """Return the absolute path of a folder or file. Raises ``ArgumentError`` if it does not exist."""
    path = path_of(text, here, "DIR")
    if not exists(path):
        raise ArgumentError("DIR", f"There is no folder {path}, and no added source of that name (zunda-mcp sources).")
    return str(path)
