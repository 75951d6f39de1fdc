"""What is known of the files while a generation is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from zunda_mcp.archive import Draft, Reading, SourceFile, duplicate_problem
from zunda_mcp.episode import Problem
from zunda_mcp.index import catalog
from zunda_mcp.index.catalog import FileEntry
from zunda_mcp.index.impact import Lengths

_KEPT_CHARACTERS = 40_000_000


class Outline(NamedTuple):
    """What must be known of an episode before any is indexed: its place in time, and of each entry its link and the
    characters of its title and summary.
    """

    order: tuple[dt.date, int, str]
    entries: tuple[tuple[str | None, int, int], ...]


@dataclass(slots=True)
class Gathered:
    """What is known of the files while a generation is made.

    Drafts are kept up to a bound of memory; an episode beyond it is read again when it is indexed.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    outlines: dict[str, Outline] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    boilerplate: frozenset[str] = frozenset()
    segments: list[dict[str, Any]] = field(default_factory=list)
    characters: int = 0

    def take(self, file: SourceFile, reading: Reading) -> None:
        """What was read of one file."""
        draft = reading.draft
        self.files[file.label] = FileEntry(
            label=file.label,
            size=file.size,
            mtime_ns=file.mtime_ns,
            digest=reading.digest,
            episode=draft.id if draft else None,
            links=list(draft.links) if draft else [],
            problems=catalog.problem_rows(reading.problems),
        )
        if draft is None:
            return
        entries = tuple((entry.link, len(entry.title), len(entry.summary)) for entry in draft.entries)
        self.outlines[file.label] = Outline((draft.date, draft.number or 0, draft.id), entries)
        size = len(draft.prose) + len(draft.spoken) + sum(len(entry.spoken) for entry in draft.entries)
        size += sum(titles + summaries for _, titles, summaries in entries)
        if self.characters + size <= _KEPT_CHARACTERS:
            self.characters += size
            self.drafts[file.label] = draft

    def lengths(self, labels: Iterable[str]) -> Lengths:
        """The averages over the stories of these files."""
        stories = titles = summaries = 0
        for label in labels:
            for link, title, summary in self.outlines[label].entries:
                if link not in self.boilerplate:
                    stories, titles, summaries = stories + 1, titles + title, summaries + summary
        return Lengths.over(stories, titles, summaries)

    def winners(self) -> tuple[dict[str, str], list[Problem]]:
        """Episode id to the label that counts, in the order of the files, and a problem for each that does not."""
        chosen: dict[str, str] = {}
        problems = []
        for label, entry in self.files.items():
            if entry.episode is None:
                continue
            kept = chosen.setdefault(entry.episode, label)
            if kept != label:
                problems.append(duplicate_problem(label, kept, entry.episode))
        return chosen, problems
