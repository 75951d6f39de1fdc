"""The table ``[archive]`` that stands for how an archive was read: what its reader reported, as rules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import ending_of
from zunda_mcp.reading.mapping.archive_table import FIELDS, ArchiveMapping, Rule
from zunda_mcp.reading.mapping.provenance import Finding, Trace
from zunda_mcp.reading.metadata.fields import DATE, GUESTS, HOSTS, NUMBER, TITLE, UPDATED, Fields
from zunda_mcp.reading.source_file import SourceFile, file_bytes
from zunda_mcp.text.calendar_days import Order

__all__ = ["Look", "derive", "lines_of"]

_PRECEDENCE: Mapping[str, tuple[Rule, ...]] = {
    "date": (*map(Rule.key, DATE), Rule.at("path"), Rule.at("title"), *map(Rule.key, UPDATED)),
    "title": (*map(Rule.key, TITLE), Rule.at("heading"), Rule.at("path")),
    "number": (Rule.at("path"), *map(Rule.key, NUMBER), Rule.at("title")),
    "people": tuple(map(Rule.key, HOSTS)),
    "guests": tuple(map(Rule.key, GUESTS)),
}
"""The order in which a page is looked through where nothing is declared (``reading.page``)."""


_FEW = 8
"""So many files of one ending may be named one by one."""
_KEY = re.compile(r"\s*(?:[-*+>|]\s*)?[\"*_]{0,3}([^\W\d][\w .-]{0,40}?)[\"*_]{0,3}\s*[:：=]")


@dataclass
class Look:
    """What was read: episodes with their findings by file, and what was wrong."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    understood: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    traces: list[tuple[SourceFile, tuple[Draft, ...], Trace]] = field(default_factory=list)

    def findings(self, name: str) -> Iterable[tuple[SourceFile, Finding]]:
        """All that was recorded of one field, file by file."""
        for file, _, trace in self.traces:
            for found in trace.findings.values():
                if name in found:
                    yield file, found[name]


def derive(reader: ArchiveReader, look: Look, order: Order) -> ArchiveMapping:
    """The table that stands for what was found; what is declared stays as it is."""
    declared = reader.mapping
    rules = {}
    for name in FIELDS:
        if name in declared.rules:
            rules[name] = declared.rules[name]
        elif (found := tuple(_rules(name, look))) and not declared.parts:
            rules[name] = found
    if "language" not in rules and reader.language:
        rules["language"] = (Rule((("value", reader.language),)),)
    mapping = replace(declared, rules=rules, order=declared.order or order)
    return mapping if declared.stories or declared.parts else _with_stories(mapping, reader, look)


def _rules(name: str, look: Look) -> Iterable[Rule]:
    """Yield the rules that found a field, in the order in which they are tried, keys in the spelling of the files."""
    used: dict[Rule, tuple[SourceFile, Finding]] = {}
    for file, found in look.findings(name):
        if isinstance(found.rule, Rule):
            used.setdefault(found.rule, (file, found))
    order = _PRECEDENCE.get(name, ())
    for rule in sorted(used, key=lambda one: order.index(one) if one in order else -1):
        (place, what), *_ = rule.places
        yield Rule.key(_spelling(what, *used[rule])) if place == "key" else rule


def _spelling(key: str, file: SourceFile, found: Finding) -> str:
    """The key as it is written on the line where it was found."""
    lines = lines_of(file) if found.line else []
    match = _KEY.match(lines[found.line - 1]) if found.line and found.line <= len(lines) else None
    return match[1] if match and Fields.folded(match[1]) == Fields.folded(key) else key


def _with_stories(mapping: ArchiveMapping, reader: ArchiveReader, look: Look) -> ArchiveMapping:
    """The table with how texts are split: for all files, or by parts where that differs with kind or file."""
    ways: dict[str, set[str]] = defaultdict(set)
    for file, found in look.findings("stories"):
        ways[file.label.partition("/")[2] or file.label].add(str(found.rule))
    for label, strategy in reader.feed_strategies().items():
        ways[label.partition("/")[2] or label].add(strategy.name)
    others = any(drafts and (file.label.partition("/")[2] or file.label) not in ways for file, drafts, _ in look.traces)
    every = {way for found in ways.values() for way in found}
    if len(every) == 1 and not others:
        return replace(mapping, stories=every.pop())
    by_ending: dict[str, set[str]] = defaultdict(set)
    for path, found in ways.items():
        by_ending[ending_of(path)] |= found
    include: dict[str, list[str]] = defaultdict(list)
    for ending, found in sorted(by_ending.items()):
        paths = [path for path in ways if ending_of(path) == ending]
        if len(found) == 1:
            include[next(iter(found))].append(f"*{ending}")
        elif len(paths) <= _FEW and all(len(ways[path]) == 1 for path in paths):
            for path in paths:
                include[next(iter(ways[path]))].append(path)
    parts = (ArchiveMapping(include=tuple(globs), stories=way) for way, globs in include.items())
    return replace(mapping, parts=tuple(parts))


def lines_of(file: SourceFile) -> list[str]:
    """The lines of a file as text, none where it cannot be read."""
    try:
        data, _ = file_bytes(file.path)
    except OSError:
        return []
    return ((decode(data).text or "") if data else "").split("\n")
