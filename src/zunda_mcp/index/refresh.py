"""Bringing the index up to date with the files: finds what has changed and makes one new generation.

A file whose size and modification time are the same is not opened; one whose content is the same is not indexed again.
Episodes are replaced whole. If two files have one episode id, the first in order of sources counts. If the files
together show that an archive is now written in another way (its profile), all its files are read again. What cannot be
read now stays as last read, and is tried at the next look.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from zunda_mcp.answers import RefreshReport
from zunda_mcp.embeddings.embedder import Embedder
from zunda_mcp.index import catalog, index_tuning, vectors
from zunda_mcp.index.build_state import BuildState, in_order, last_read
from zunda_mcp.index.catalog import EpisodeEntry, Meta, SourceFiles
from zunda_mcp.index.changes import LENGTHS_CHANGED, Changes, compare, rebuild_reason, to_merge, with_profiles
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.vocabulary import FILES as VOCABULARY_FILES
from zunda_mcp.index.whoosh_documents import with_own_story
from zunda_mcp.index.writer import GenerationWriter, Progress
from zunda_mcp.models import Episode
from zunda_mcp.reading.collection import Readable
from zunda_mcp.reading.detection.survey import Profile
from zunda_mcp.reading.draft import SpokenText
from zunda_mcp.reading.file_reader import merge_drafts
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.topics.discovery import find_topics
from zunda_mcp.topics.glossary import other_names

__all__ = ["Refresher", "Upkeep"]

Upkeep = Literal["none", "merge", "all"]
"""What else is done: nothing, merging small segments, or also rebuilding an index that needs it."""


def _nothing(done: int, total: int, what: str) -> None:
    """Ignore the progress."""


class _RebuildError(Exception):
    """The reason to rebuild an index instead of updating it. ``previous`` are the files before, for the report."""

    def __init__(self, reason: str, previous: BuildState | None = None) -> None:
        super().__init__(reason)
        self.previous = previous


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a run did to the episodes, by id."""

    reason: str
    started: float
    rebuilt: bool = False
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Refresher:
    """Makes new generations of one archive. ``sources`` is a digest of the settings that shape its episodes."""

    def __init__(self, archive: Readable, generations: Generations, sources: str) -> None:
        self._archive = archive
        self._generations = generations
        self._sources = sources

    def refresh(
        self,
        open_reader: Callable[[str], IndexReader],
        *,
        progress: Progress | None = None,
        rebuild: bool = False,
        upkeep: Upkeep = "all",
        wait: float = 600.0,
    ) -> RefreshReport:
        """Bring the index up to date with the files and report what was done.

        ``open_reader`` opens a generation by name. ``wait`` is how many seconds to wait for another writer. With
        ``rebuild``, folders that are gone or empty are taken as they are. Raises ``ArchiveError`` if no source can be
        read, ``IndexingError`` if the index cannot be written.
        """
        started = time.monotonic()
        with self._generations.writing(wait):
            base = self._generations.current()
            reader: IndexReader | None = None
            previous: BuildState | None = None
            reason = "asked to rebuild" if rebuild else "no index yet"
            if base is not None:
                self._generations.prune()  # remains of a writer that was killed
            damaged = [] if base is None else self._generations.damage(base, thorough=True)
            if damaged:
                reason = f"files of the index were damaged ({', '.join(damaged[:3])})"
            elif base is not None:
                try:
                    reader = open_reader(base)
                except Exception as error:
                    reason = reason if rebuild else f"the index could not be opened ({type(error).__name__})"
                if reader and not reader.meta.made_from(self._sources):
                    reader.close()
                    reader, reason = None, "settings or sources changed"
            try:
                if reader is not None:
                    self._archive.recall(reader.meta.surveys)
                if reader is not None and not rebuild:
                    try:
                        return self._update(reader, progress or _nothing, upkeep, started)
                    except _RebuildError as error:
                        reason, previous = str(error), error.previous
                return self._rebuild(progress or _nothing, reason, started, reader, previous, anew=rebuild)
            finally:
                if reader is not None:
                    reader.close()

    def embed(
        self, open_reader: Callable[[str], IndexReader], embedder: Embedder, *, progress: Progress | None = None
    ) -> int:
        """Embed what the current generation lacks; returns how many texts that took. Raises as ``add_missing`` does."""
        return vectors.add_missing(self._generations, open_reader, embedder, progress or _nothing)

    # --- the two ways

    def _write(
        self,
        drafted: Callable[[], Iterator[tuple[Episode, SpokenText]]],
        lengths: Lengths,
        count: int,
        progress: Progress,
        state: BuildState,
    ) -> tuple[Path, list[EpisodeEntry]]:
        """A new generation folder with all episodes and their topics, and the entries of the episodes."""
        folder = self._generations.begin(None)
        entries: list[EpisodeEntry] = []
        with self._generations.removed_on_failure(folder):
            writer = GenerationWriter(folder, lengths, None)
            try:
                for done, (episode, spoken) in enumerate(drafted()):
                    progress(done, count, f"indexing {episode.id}")
                    writer.add(episode, spoken)
                    entries.append(EpisodeEntry.of(episode))
                progress(count, count, "writing the index")
                writer.commit()
            except BaseException:
                writer.cancel()
                raise
            orders = [entry.order for entry in entries]
            in_order = orders == sorted(orders)
            state.segments = [asdict(replace(segment, in_order=in_order)) for segment in writer.segments]
            progress(count, count, "finding topics")
            if in_order:  # if not, they are found on demand
                catalog.write_topics(folder, find_topics(writer.names, other_names(writer.glosses)))
        return folder, entries

    def _rebuild(
        self,
        progress: Progress,
        reason: str,
        started: float,
        base: IndexReader | None,
        previous: BuildState | None,
        *,
        anew: bool,
    ) -> RefreshReport:
        """A generation made from all files. What cannot be read now is taken from the generation ``base``; with
        ``anew``, only for files that exist. The report compares with the files of ``previous``.
        """
        old = base.files if base is not None else SourceFiles({}, [], [])
        scan = self._archive.scan(() if anew else old.entries)
        state = self._read(compare(scan, old), old, self._archive.profiles(scan), progress, scan.files)
        winners, duplicates = state.winners()
        state.last_read = last_read(state, winners, base)
        winners = {one: own for one, own in winners.items() if all((label, one) in state.outlines for label in own)}
        state.find_boilerplate(winners, self._archive.archive_of)
        state.other_problems = [*self._archive.problems, *duplicates]
        ordered = sorted(winners, key=lambda episode_id: state.outlines[winners[episode_id][0], episode_id].order)

        lengths = state.lengths(winners, self._archive.archive_of)
        drafted = partial(self._episodes_to_add, ordered, winners, scan.files, state)
        folder, entries = self._write(drafted, lengths, len(ordered), progress, state)
        if (exact := catalog.average_lengths(entries)) != lengths:  # the stories differ from their outlines
            lengths = exact
            folder, entries = self._write(drafted, lengths, len(ordered), progress, state)
        with self._generations.removed_on_failure(folder):
            before = self._generations.current()
            if before and not {*self._generations.damage(before, thorough=True)} & {vectors.META, *vectors.STORY_FILES}:
                vectors.keep_stories(self._generations.path(before), folder)
                self._generations.carry(before, folder, vectors.STORY_FILES)
            earlier = previous.winners()[0] if previous else {}
            ids = [entry.id for entry in entries]
            outcome = _Outcome(
                reason,
                started,
                rebuilt=True,
                added=tuple(i for i in ids if i not in earlier),
                changed=tuple(
                    i
                    for i in ids
                    if previous and i in earlier and state.content(i, winners[i]) != previous.content(i, earlier[i])
                ),
                removed=tuple(i for i in earlier if i not in winners),
            )
            return self._publish(folder, state, entries, lengths, outcome)

    def _update(self, reader: IndexReader, progress: Progress, upkeep: Upkeep, started: float) -> RefreshReport:
        """An incremental generation. Raises ``_RebuildError`` if a rebuild is better."""
        old = reader.files
        scan = self._archive.scan(old.entries)
        profiles = self._archive.profiles(scan)
        digests = {name: profile.digest for name, profile in profiles.items()}
        anew = digests != reader.meta.profiles
        changes = with_profiles(compare(scan, old), digests, reader.meta.profiles, self._archive.archive_of)
        if anew and len(changes.touched) > max(index_tuning.MIN_REBUILD, index_tuning.REBUILD_SHARE * len(scan.files)):
            raise _RebuildError("how the archive is written has changed")
        state = self._read(changes, old, profiles, progress, changes.to_read)

        winners, duplicates = state.winners()
        state.other_problems = [*self._archive.problems, *duplicates]
        merging = frozenset() if upkeep == "none" else to_merge(reader.meta.parts)
        if upkeep == "all" and (due := rebuild_reason(reader.meta)):
            raise _RebuildError(due)
        same = not anew and state.is_same_as(old)
        if same and not merging:
            return _report(reader.name, reader.meta, _Outcome(_unchanged(len(reader.meta.unavailable)), started))

        before = BuildState(files=dict(old.entries)).winners()[0]
        to_index = self._to_index(reader, state, winners, before)
        removed = [episode_id for episode_id in before if episode_id not in winners]
        if len(to_index) > max(index_tuning.MIN_REBUILD, index_tuning.REBUILD_SHARE * len(winners)):
            raise _RebuildError("most files changed")

        rebuilt_at_once = upkeep == "all" or sum(file.size for file in scan.files) <= index_tuning.MAX_REBUILT_AT_ONCE
        entries = {entry.id: entry for entry in reader.entries if entry.id in winners}
        folder = self._generations.begin(reader.name)
        state.segments = reader.meta.segments
        with self._generations.removed_on_failure(folder):
            if to_index or removed or merging:
                writer = GenerationWriter(folder, reader.meta.lengths, self._generations.path(reader.name), merging)
                try:
                    for episode_id in removed:
                        writer.delete(reader, episode_id)
                    adding = self._episodes_to_add(to_index, winners, scan.files, state)
                    for done, (episode, spoken) in enumerate(adding):
                        progress(done, len(to_index), f"indexing {episode.id}")
                        writer.delete(reader, episode.id)
                        writer.add(episode, spoken)
                        entries[episode.id] = EpisodeEntry.of(episode)
                    if rebuilt_at_once and catalog.average_lengths(entries.values()) != reader.meta.lengths:
                        raise _RebuildError(LENGTHS_CHANGED, BuildState(files=dict(old.entries)))
                    writer.commit()
                except BaseException:
                    writer.cancel()
                    raise
                state.segments = [asdict(entry) for entry in writer.segments]
            if not to_index and not removed:
                self._generations.carry(reader.name, folder, (*VOCABULARY_FILES, catalog.TOPICS))
            self._generations.carry(reader.name, folder, vectors.FILES)
            outcome = _Outcome(
                "small segments merged" if same else "files changed",
                started,
                added=tuple(i for i in to_index if i not in before),
                changed=tuple(i for i in to_index if i in before),
                removed=tuple(removed),
            )
            return self._publish(folder, state, entries.values(), reader.meta.lengths, outcome)

    # --- shared steps

    def _read(
        self,
        changes: Changes,
        old: SourceFiles,
        profiles: Mapping[str, Profile],
        progress: Progress,
        files: Iterable[SourceFile],
    ) -> BuildState:
        """The state of all files of a scan after reading ``files``; the others stay as they were."""
        state = BuildState(profiles=profiles, hidden=changes.hidden, scan_problems=list(changes.scan.problems))
        to_read = {file.label: file for file in files if file.label not in changes.kept}
        order = in_order(changes.scan.files, old.entries, changes.kept)
        for done, label in enumerate(order):
            if label not in to_read:
                state.files[label] = old.entries[label]
                continue
            progress(done, len(order), f"reading {label}")
            state.take(to_read[label], self._archive.read(to_read[label], profiles), old.entries.get(label))
        return state

    def _to_index(
        self,
        reader: IndexReader,
        state: BuildState,
        winners: Mapping[str, Sequence[str]],
        before: Mapping[str, Sequence[str]],
    ) -> list[str]:
        """The episodes whose content, or whose archive's boilerplate, differs from the generation."""
        previous = BuildState(files=dict(reader.files.entries))
        state.find_boilerplate(winners, self._archive.archive_of)
        moved = {
            archive: state.boilerplate.get(archive, frozenset()) ^ set(reader.meta.boilerplate.get(archive, ()))
            for archive in {*state.boilerplate, *reader.meta.boilerplate}
        }
        return [
            episode_id
            for (episode_id, labels), own in zip(winners.items(), state.links(winners), strict=True)
            if state.content(episode_id, labels) != previous.content(episode_id, before.get(episode_id, ()))
            or ((changed := moved.get(self._archive.archive_of(labels[0]))) and not changed.isdisjoint(own))
        ]

    def _episodes_to_add(
        self,
        ids: Collection[str],
        winners: Mapping[str, Sequence[str]],
        files: Iterable[SourceFile],
        state: BuildState,
    ) -> Iterator[tuple[Episode, SpokenText]]:
        """The episodes one by one, each with its speech; a file that is not in memory is read (again). An episode that
        cannot be read whole now is left out, unless it was taken from an index (``last_read``).
        """
        by_label = {file.label: file for file in files}
        wanted = {(label, episode_id) for episode_id in ids for label in winners[episode_id]}
        again = {label for label, entry in state.files.items() if entry.stale or label not in by_label}
        for episode_id in ids:
            if episode_id in state.last_read:
                yield state.last_read[episode_id]
                continue
            drafts = []
            for label in winners[episode_id]:
                key = label, episode_id
                if key not in state.drafts and label not in again:
                    again.add(label)
                    reading = self._archive.read(by_label[label], state.profiles)
                    read = ((label, draft.id, draft) for draft in reading.drafts)
                    state.drafts |= {(label, one): draft for label, one, draft in read if (label, one) in wanted}
                    if any((label, one) not in state.drafts for label, one in wanted if label == key[0]):
                        # it changed just now, or cannot be read: the next look takes it in
                        state.files[label] = state.files[label]._replace(pending=reading.unavailable or "it changed")
                if draft := state.drafts.pop(key, None):
                    drafts.append(draft)
            if len(drafts) < len(winners[episode_id]):
                state.keep(episode_id, winners[episode_id])
                continue
            repeated = state.boilerplate.get(self._archive.archive_of(winners[episode_id][0]), frozenset())
            one = merge_drafts(drafts)
            yield with_own_story(one.episode(repeated), one.speech(repeated))

    def _publish(
        self, folder: Path, state: BuildState, entries: Iterable[EpisodeEntry], lengths: Lengths, outcome: _Outcome
    ) -> RefreshReport:
        meta = state.meta(self._archive, self._sources, entries, lengths, outcome.reason)
        catalog.write(folder, meta, SourceFiles(state.files, *state.problem_rows()))
        return _report(self._generations.publish(folder), meta, outcome)


def _unchanged(count: int) -> str:
    """The reason to report when nothing was done, and how much could not be read."""
    if not count:
        return "nothing changed"
    return f"nothing changed; {count:,} source {'file' if count == 1 else 'files'} or folders cannot be read now"


def _report(name: str, meta: Meta, outcome: _Outcome) -> RefreshReport:
    return RefreshReport(
        generation=name,
        rebuilt=outcome.rebuilt,
        reason=outcome.reason,
        added=sorted(outcome.added),
        changed=sorted(outcome.changed),
        removed=sorted(outcome.removed),
        episodes=meta.episodes,
        stories=meta.written_stories,
        problems=meta.problems,
        seconds=round(time.monotonic() - outcome.started, 3),
    )
