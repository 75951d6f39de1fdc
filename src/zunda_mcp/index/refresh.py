"""Bringing the index level with the files: what changed, and one new generation that holds it.

A file that kept its size and modification time is not opened; one whose content is the same is not indexed again.
Episodes are replaced whole. Where two files have one episode id the first in the order of sources counts.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from zunda_mcp.answers import RefreshReport
from zunda_mcp.archive import ArchiveReader, Draft, Reading, SourceFile, boilerplate_links, duplicate_problem
from zunda_mcp.episode import Episode, Problem
from zunda_mcp.index import catalog
from zunda_mcp.index.catalog import Catalog, EpisodeEntry, FileEntry, Meta
from zunda_mcp.index.changes import compare
from zunda_mcp.index.generation import Generations, whoosh_files
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.layout import VERSION
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.writer import GenerationWriter, Progress
from zunda_mcp.topics import find_topics

_MAX_SEGMENTS = 16
_REBUILD_SHARE = 0.5


def _nothing(done: int, total: int, what: str) -> None:
    """The progress of nobody watching."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a run did to the episodes, by id."""

    reason: str
    started: float
    rebuilt: bool = False
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(slots=True)
class _State:
    """What is known of the files while a generation is made."""

    files: dict[str, FileEntry] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    boilerplate: frozenset[str] = frozenset()
    segments: list[dict[str, Any]] = field(default_factory=list)

    def take(self, file: SourceFile, reading: Reading) -> None:
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
        if draft:
            self.drafts[file.label] = draft

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


class Refresher:
    """Makes new generations of one archive. ``sources`` is a digest of all that shapes its episodes but the files."""

    def __init__(self, archive: ArchiveReader, generations: Generations, sources: str) -> None:
        self._archive = archive
        self._generations = generations
        self._sources = sources

    def refresh(
        self,
        open_reader: Callable[[str], IndexReader],
        *,
        progress: Progress | None = None,
        rebuild: bool = False,
        compact: bool = True,
        wait: float = 600.0,
    ) -> RefreshReport:
        """Bring the index level with the files and say what was done.

        ``open_reader`` opens a generation by name. With ``compact`` an index of many small segments is rebuilt whole.
        ``wait`` is how many seconds another writer is waited for.
        Raises ``ArchiveError`` where no source can be read, ``IndexingError`` where the index cannot be written.
        """
        started = time.monotonic()
        with self._generations.writing(wait):
            base = self._generations.current()
            reader: IndexReader | None = None
            reason = "asked to rebuild" if rebuild else "no index yet"
            if base is not None and not rebuild:
                try:
                    reader = open_reader(base)
                except Exception as error:
                    reason = f"the index could not be opened ({type(error).__name__})"
                if reader and not reader.meta.made_from(self._sources):
                    reader.close()
                    reader, reason = None, "settings or sources changed"
            try:
                if reader is not None:
                    report = self._update(reader, progress or _nothing, compact=compact, started=started)
                    if report is not None:
                        return report
                    reason = "most files changed, or many small changes had piled up"
            finally:
                if reader is not None:
                    reader.close()
            return self._rebuild(progress or _nothing, reason, started)

    # --- the two ways

    def _rebuild(self, progress: Progress, reason: str, started: float) -> RefreshReport:
        scan = self._archive.scan()
        state = _State()
        for done, file in enumerate(scan.files):
            progress(done, len(scan.files), f"reading {file.label}")
            state.take(file, self._archive.read(file))
        winners, duplicates = state.winners()
        state.boilerplate = boilerplate_links(state.files[label].links for label in winners.values())
        episodes = [state.drafts[label].episode(state.boilerplate) for label in winners.values()]
        state.drafts.clear()
        lengths = Lengths.of((story.title, story.summary) for episode in episodes for story in episode.stories)

        folder = self._generations.begin(None)
        try:
            writer = GenerationWriter(folder, lengths, None)
            try:
                for done, episode in enumerate(sorted(episodes, key=lambda e: (e.date, e.number or 0, e.id))):
                    progress(done, len(episodes), f"indexing {episode.id}")
                    writer.add(episode)
                progress(len(episodes), len(episodes), "writing the index")
                writer.commit()
                state.segments = [asdict(entry) for entry in writer.segments]
            except BaseException:
                writer.cancel()
                raise
            entries = {episode.id: EpisodeEntry.of(episode) for episode in episodes}
            state.problems = [*scan.problems, *self._archive.problems, *duplicates]
            progress(len(episodes), len(episodes), "finding topics")
            catalog.write_topics(folder, find_topics(writer.names))
            outcome = _Outcome(reason, started, rebuilt=True, added=tuple(entries))
            return self._publish(folder, state, entries, lengths, outcome)
        except BaseException:
            self._generations.abandon(folder)
            raise

    def _update(
        self, reader: IndexReader, progress: Progress, *, compact: bool, started: float
    ) -> RefreshReport | None:
        """An incremental generation; None where a rebuild is the better way."""
        changes = compare(self._archive.scan(), reader.catalog.files)
        old = reader.catalog
        folder_problems_before = old.folder_problems
        state = _State(files={})
        changed_labels: set[str] = set()
        touched = {file.label for file in changes.touched}
        for done, file in enumerate(changes.scan.files):
            if file.label not in touched:
                state.files[file.label] = old.files[file.label]
                continue
            progress(done, len(changes.scan.files), f"reading {file.label}")
            state.take(file, self._archive.read(file))
            known = old.files.get(file.label)
            if known is None or known.digest != state.files[file.label].digest:
                changed_labels.add(file.label)

        winners, duplicates = state.winners()
        state.problems = [*changes.scan.problems, *self._archive.problems, *duplicates]
        problems = catalog.problem_rows(state.problems)
        if not changes and problems == folder_problems_before:
            return _report(reader.name, reader.meta, _Outcome("nothing changed", started))

        before = _State(files=dict(old.files)).winners()[0]
        state.boilerplate = boilerplate_links(state.files[label].links for label in winners.values())
        moved = state.boilerplate ^ set(reader.meta.boilerplate)
        to_index = [
            episode_id
            for episode_id, label in winners.items()
            if label in changed_labels
            or before.get(episode_id) != label
            or (moved and not moved.isdisjoint(state.files[label].links))
        ]
        removed = [episode_id for episode_id in before if episode_id not in winners]
        crowded = compact and reader.segments >= _MAX_SEGMENTS
        if crowded or len(to_index) > max(20, _REBUILD_SHARE * len(winners)):
            return None

        episodes = self._drafted(to_index, winners, changes.scan.files, state)
        folder = self._generations.begin(reader.name)
        state.segments = reader.meta.segments
        try:
            if to_index or removed:
                writer = GenerationWriter(folder, reader.meta.lengths, self._generations.path(reader.name))
                try:
                    for episode_id in [*to_index, *removed]:
                        writer.delete(reader.keyed(f"episode:{episode_id}"))
                    for done, episode in enumerate(episodes):
                        progress(done, len(episodes), f"indexing {episode.id}")
                        writer.add(episode)
                    writer.commit()
                    state.segments = [asdict(entry) for entry in writer.segments]
                except BaseException:
                    writer.cancel()
                    raise
            entries = {entry.id: entry for entry in old.episodes if entry.id in winners}
            entries |= {episode.id: EpisodeEntry.of(episode) for episode in episodes}
            outcome = _Outcome(
                "files changed",
                started,
                added=tuple(i for i in to_index if i not in before),
                changed=tuple(i for i in to_index if i in before),
                removed=tuple(removed),
            )
            return self._publish(folder, state, entries, reader.meta.lengths, outcome)
        except BaseException:
            self._generations.abandon(folder)
            raise

    # --- shared steps

    def _drafted(
        self,
        ids: Iterable[str],
        winners: Mapping[str, str],
        files: Iterable[SourceFile],
        state: _State,
    ) -> list[Episode]:
        by_label = {file.label: file for file in files}
        episodes = []
        for episode_id in ids:
            label = winners[episode_id]
            if label not in state.drafts:
                state.take(by_label[label], self._archive.read(by_label[label]))
            if label in state.drafts:
                episodes.append(state.drafts[label].episode(state.boilerplate))
        return episodes

    def _publish(
        self,
        folder: Path,
        state: _State,
        entries: Mapping[str, EpisodeEntry],
        lengths: Lengths,
        outcome: _Outcome,
    ) -> RefreshReport:
        ordered = sorted(entries.values(), key=lambda entry: entry.order)
        rows = catalog.problem_rows(state.problems)
        meta = Meta(
            schema=VERSION,
            sources=self._sources,
            archive=self._archive.name,
            language=self._archive.language,
            timezone=str(self._archive.timezone),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            reason=outcome.reason,
            episodes=len(ordered),
            stories=sum(entry.stories for entry in ordered),
            oldest=ordered[0].date if ordered else None,
            newest=ordered[-1].date if ordered else None,
            problems=len(rows) + sum(len(file.problems) for file in state.files.values()),
            title_length=lengths.title,
            summary_length=lengths.summary,
            boilerplate=sorted(state.boilerplate),
            whoosh=whoosh_files(folder),
            segments=state.segments,
        )
        catalog.write(folder, meta, Catalog(ordered, state.files, rows))
        return _report(self._generations.publish(folder), meta, outcome)


def _report(name: str, meta: Meta, outcome: _Outcome) -> RefreshReport:
    return RefreshReport(
        generation=name,
        rebuilt=outcome.rebuilt,
        reason=outcome.reason,
        added=sorted(outcome.added),
        changed=sorted(outcome.changed),
        removed=sorted(outcome.removed),
        episodes=meta.episodes,
        stories=meta.stories,
        problems=meta.problems,
        seconds=round(time.monotonic() - outcome.started, 3),
    )
