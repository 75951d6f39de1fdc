"""Derive the table ``[archive]`` from a reading: the rules that found the fields, checked by reading again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import ending_of
from zunda_mcp.reading.mapping.archive_table import FIELDS, ArchiveMapping, Finding, Rule, Trace
from zunda_mcp.reading.mapping.declared import USUAL
from zunda_mcp.reading.metadata.fields import DATE, UPDATED, folded_key, stem
from zunda_mcp.reading.source_file import SourceFile, file_bytes
from zunda_mcp.text.calendar_days import Order

__all__ = ["MappingCheck", "TracedReading", "below", "derive", "lines_of", "spelled"]

_PRECEDENCE: Mapping[str, tuple[Rule, ...]] = {
    "date": (*map(Rule.key, DATE), Rule.at("path"), Rule.at("title"), *map(Rule.key, UPDATED)),
    **USUAL,
}
"""The order in which a page is searched for a field if nothing is declared (``reading.page_reader``)."""


_FIELDS = {
    "date": "date", "published": "date", "title": "title", "number": "number", "hosts": "people", "entries": "stories",
    "prose": "stories", "language": "language", "page_url": "date", "id": "date",
}  # fmt: skip
"""Which field of the table decides each field of a draft."""
_Episodes = Mapping[str, tuple[SourceFile, tuple[Draft, ...]]]
_ROUNDS = 6
_FEW = 8
"""The most folders and files that the table lists one by one, so that people can read it."""
_KEY = re.compile(r"\s*(?:[-*+>|]\s*)?[\"*_]{0,3}([^\W\d][\w .-]{0,40}?)[\"*_]{0,3}\s*[:：=]")


@dataclass
class TracedReading:
    """What was read: drafts by id, whether each file was understood, problems, and the traces of each file."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    understood: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    traces: list[tuple[SourceFile, tuple[Draft, ...], Trace]] = field(default_factory=list)

    def findings(self, name: str) -> Iterable[tuple[SourceFile, Finding]]:
        """Yield every finding of one field, file by file."""
        for file, _, trace in self.traces:
            yield from ((file, fields[name]) for fields in trace.findings.values() if name in fields)

    def episodes(self, name: str) -> Iterable[tuple[SourceFile, Finding]]:
        """Yield the finding of one field in each episode that has one."""
        for file, drafts, trace in self.traces:
            yield from ((file, fields[name]) for draft in drafts if name in (fields := trace.of(draft.id)))


def derive(reader: ArchiveReader, look: TracedReading, order: Order) -> ArchiveMapping:
    """Return the table with the rules by which files were read. Rules that the owner declared stay as they are."""
    declared = reader.mapping
    stated = {name for one in (declared, *declared.parts) for name in one.rules}
    derived = {name: tuple(_rules(name, look)) for name in FIELDS if name not in stated}
    rules = {**{name: some for name, some in derived.items() if some}, **declared.rules}
    mapping = replace(declared, rules=rules, order=declared.order or order)
    return mapping if declared.stories or declared.parts else _with_stories(mapping, reader, look)


class MappingCheck:
    """Checks derived tables of one archive by reading its files again with them.

    The results for the last tables are kept, so that the next check opens only files that changed.
    """

    def __init__(self, sources: Sequence[Path], settings: ReaderSettings) -> None:
        self._sources, self._settings = sources, settings
        self._tables: list[_Table] = []

    def confirmed(self, mapping: ArchiveMapping, look: TracedReading) -> ArchiveMapping:
        """Return the table without rules that would change the episodes.

        Files that agree on no rule (each has another heading) are left to the usual detection. Rules that the owner
        declared stay.
        """
        declared = ArchiveReader(self._sources, self._settings).mapping
        every = {file.label: (file, drafts) for file, drafts, _ in look.traces}
        suspects = every
        kept, self._tables = self._tables, []
        for _ in range(_ROUNDS):
            table = next((one for one in (*self._tables, *kept) if one.reader.mapping == mapping), None)
            if table is None:
                table = _Table(ArchiveReader(self._sources, self._settings, mapping))
            self._tables.append(table)
            changed = table.changed(suspects, every)
            if mapping == declared or (not changed and suspects is every):
                return mapping
            mapping = _without(mapping, declared, changed)
            suspects = {label: every[label] for label in changed} or every  # the last round reads all of them again
        return declared


@dataclass
class _Table:
    """A reader with one table, and the fields that the table changed in each file."""

    reader: ArchiveReader
    _compared: dict[str, tuple[str, tuple[Draft, ...], set[str]]] = field(default_factory=dict)

    def changed(self, files: _Episodes, every: Collection[str]) -> dict[str, set[str]]:
        """Return the fields that differ under this table, by the label of the file, without files where none does.
        Files compared before are not read again; results for files not in ``every`` are dropped.
        """
        profiles = self.reader.profiles(self.reader.scan())
        digest = profiles[""].digest
        self._compared = {label: last for label, last in self._compared.items() if label in every}
        for label, (file, drafts) in files.items():
            last = self._compared.get(label)
            if last is None or last[0] != digest or last[1] is not drafts:
                fields = _changed(drafts, self.reader.read(file, profiles).drafts)
                self._compared[label] = digest, drafts, fields
        return {label: fields for label in files if (fields := self._compared[label][2])}


def _changed(before: Sequence[Draft], after: Sequence[Draft]) -> set[str]:
    """Return the fields of the table whose values differ between two readings of a file."""
    if len(before) != len(after):
        return {"date", "stories"}
    return {
        name
        for one, other in zip(before, after, strict=True)
        for field_, name in _FIELDS.items()
        if getattr(one, field_) != getattr(other, field_)
    }


def _without(
    mapping: ArchiveMapping, declared: ArchiveMapping, changed: Mapping[str, Collection[str]]
) -> ArchiveMapping:
    """Return the table without derived rules of changed fields, and without derived parts that changed stories."""
    fields = {name for several in changed.values() for name in several}
    fields |= {"guests"} if "people" in fields else set()
    split = [below(label) for label, several in changed.items() if "stories" in several]
    rules = {name: own for name, own in mapping.rules.items() if name not in fields or name in declared.rules}
    parts = tuple(one for one in mapping.parts if one in declared.parts or not any(map(one.takes, split)))
    stories = mapping.stories if not split or declared.stories else ""
    return replace(mapping, rules=rules, parts=parts, stories=stories)


def _rules(name: str, look: TracedReading) -> Iterable[Rule]:
    """Yield the rules of a field in the order in which they are tried, with keys spelled as in the files."""
    used: dict[Rule, tuple[SourceFile, Finding]] = {}
    for file, finding in look.findings(name):
        if isinstance(finding.rule, Rule):
            used.setdefault(finding.rule, (file, finding))
    order = list(map(_stem, _PRECEDENCE.get(name, ())))
    for rule in sorted(used, key=lambda one: order.index(_stem(one)) if _stem(one) in order else -1):
        yield spelled(rule, *used[rule])


def _stem(rule: Rule) -> Rule:
    """Return the rule with its key normalized by ``stem``."""
    (place, key), *_ = rule.places
    return Rule.key(stem(key)) if place == "key" else rule


def spelled(rule: Rule, file: SourceFile, finding: Finding) -> Rule:
    """Return the rule with its front-matter key spelled as on the line of ``finding``: ``pubDate`` for ``pubdate``."""
    (place, key), *_ = rule.places
    lines = lines_of(file) if place == "key" and finding.line else []
    match = _KEY.match(lines[finding.line - 1]) if finding.line and finding.line <= len(lines) else None
    return Rule.key(match[1]) if match and folded_key(match[1]) == folded_key(key) else rule


def _with_stories(mapping: ArchiveMapping, reader: ArchiveReader, look: TracedReading) -> ArchiveMapping:
    """Return the table with the way files are split into stories, in parts if files differ."""
    ways: dict[str, set[str]] = defaultdict(set)
    for file, finding in look.findings("stories"):
        ways[below(file.label)].add(str(finding.rule))
    for label, strategy in reader.feed_strategies().items():
        ways[below(label)].add(strategy.name)
    others = any(drafts and below(file.label) not in ways for file, drafts, _ in look.traces)
    every = {way for several in ways.values() for way in several}
    if len(every) == 1 and not others:
        return replace(mapping, stories=every.pop())
    include: dict[str, list[str]] = defaultdict(list)
    for glob, way in _parts(ways):
        include[way].append(glob)
    parts = (ArchiveMapping(include=tuple(globs), stories=way) for way, globs in include.items())
    return replace(mapping, parts=tuple(parts))


def _parts(ways: Mapping[str, set[str]]) -> Iterable[tuple[str, str]]:
    """Yield globs whose files are all split in one way, and the way: by ending, else by folder, else by file."""
    for ending in sorted({ending_of(path) for path in ways}):
        folders: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for path in (path for path in ways if ending_of(path) == ending):
            folders[path.rpartition("/")[0]][path] = ways[path]
        if way := _way({path: way for inside in folders.values() for path, way in inside.items()}):
            yield f"*{ending}", way
            continue
        agreeing = {
            f"{folder}/*{ending}": way for folder, inside in folders.items() if folder and (way := _way(inside))
        }
        others = {
            path: next(iter(way)) if len(way) == 1 else ""
            for folder, inside in folders.items()
            if f"{folder}/*{ending}" not in agreeing
            for path, way in inside.items()
        }
        if len(agreeing) + len(others) <= _FEW:
            yield from ((glob, way) for glob, way in (agreeing | others).items() if way)
        elif len(agreeing) <= _FEW:
            yield from agreeing.items()


def _way(ways: Mapping[str, set[str]]) -> str:
    """Return the way in which all these files are split, ``""`` if there are several."""
    several = {way for own in ways.values() for way in own}
    return several.pop() if len(several) == 1 else ""


def below(label: str) -> str:
    """Return the path of a file below its source, or the file's name if the source is that file."""
    return label.partition("/")[2] or label


def lines_of(file: SourceFile) -> list[str]:
    """Return the lines of a file, an empty list if it cannot be read."""
    try:
        data, _ = file_bytes(file.path)
    except OSError:
        return []
    return ((decode(data).text or "") if data else "").split("\n")
