"""What is known of the files while a generation is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from zunda_mcp.archive import Draft, Reading, SourceFile, duplicate_problem
from zunda_mcp.episode import Problem
from zunda_mcp.index import catalog
from zunda_mcp.index.catalog import FileEntry, Found
from zunda_mcp.index.impact import Lengths

_KEPT_CHARACTERS = 40_000_000


Place = tuple[str, str]
"""The label of a file, and the id of an episode in it."""


class Outline(NamedTuple):
    """What must be known of an episode before any is indexed: its place in time, and of each entry its link and the
    characters of its title and summary.
    """

    order: tuple[dt.date, int, str]
    entries: tuple[tuple[str | None, int, int], ...]


@dataclass(slots=True)
class Gathered:
    """What is known of the files while a generation is made.

    Drafts are kept up to a bound of memory; an episode beyond it is read again when it is indexed. ``boilerplate`` are
    the links that each archive repeats.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    drafts: dict[Place, Draft] = field(default_factory=dict)
    outlines: dict[Place, Outline] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    boilerplate: dict[str, frozenset[str]] = field(default_factory=dict)
    segments: list[dict[str, Any]] = field(default_factory=list)
    characters: int = 0
    doubled: list[Place] = field(default_factory=list)

    def take(self, file: SourceFile, reading: Reading) -> None:
        """What was read of one file."""
        found: dict[str, Found] = {}
        for draft in reading.drafts:
            place = (file.label, draft.id)
            if draft.id in found:
                self.doubled.append(place)
                continue
            found[draft.id] = Found(draft.digest, list(draft.links))
            entries = tuple((entry.link, len(entry.title), len(entry.summary)) for entry in draft.entries)
            self.outlines[place] = Outline((draft.date or dt.date.min, draft.number or 0, draft.id), entries)
            size = len(draft.prose) + sum(titles + summaries for _, titles, summaries in entries)
            if self.characters + size <= _KEPT_CHARACTERS:
                self.characters += size
                self.drafts[place] = draft
        self.files[file.label] = FileEntry(
            label=file.label,
            size=file.size,
            mtime_ns=file.mtime_ns,
            digest=reading.digest,
            episodes=found,
            problems=catalog.problem_rows(reading.problems),
        )

    def lengths(self, places: Iterable[tuple[str, Place]]) -> Lengths:
        """The averages over the stories of these episodes, each with the name of its archive."""
        stories = titles = summaries = 0
        for archive, place in places:
            repeated = self.boilerplate.get(archive, frozenset())
            for link, title, summary in self.outlines[place].entries:
                if link not in repeated:
                    stories, titles, summaries = stories + 1, titles + title, summaries + summary
        return Lengths.over(stories, titles, summaries)

    def winners(self) -> tuple[dict[str, str], list[Problem]]:
        """Episode id to the label that counts, in the order of the files, and a problem for each that does not."""
        chosen: dict[str, str] = {}
        problems = [duplicate_problem(label, label, name) for label, name in self.doubled]
        for label, entry in self.files.items():
            for name in entry.episodes:
                kept = chosen.setdefault(name, label)
                if kept != label:
                    problems.append(duplicate_problem(label, kept, name))
        return chosen, problems

    def links(self, name: str, label: str) -> list[str]:
        """The links of the heads of one episode."""
        return self.files[label].episodes[name].links
