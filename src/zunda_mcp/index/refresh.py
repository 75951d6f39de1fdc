"""Bringing the index level with the files: what changed, and one new generation that holds it.

A file that kept its size and modification time is not opened; one whose content is the same is not indexed again.
Episodes are replaced whole. Where two files have one episode id the first in the order of sources counts.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from zunda_mcp.answers import RefreshReport
from zunda_mcp.archive import Readable, Said, SourceFile, boilerplate_links, made_one
from zunda_mcp.episode import Episode
from zunda_mcp.index import catalog, vectors
from zunda_mcp.index.catalog import EpisodeEntry, Files, Meta
from zunda_mcp.index.changes import compare
from zunda_mcp.index.gathered import Gathered
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.layout import VERSION
from zunda_mcp.index.merging import OTHER_LENGTHS, to_merge, wear
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.vocabulary import FILES as VOCABULARY_FILES
from zunda_mcp.index.writer import GenerationWriter, Progress
from zunda_mcp.meaning import Embedder
from zunda_mcp.topics import find_topics, other_names

Upkeep = Literal["none", "merge", "all"]
"""What is done besides: nothing, merging small segments, or also rebuilding a worn index."""

_REBUILD_SHARE = 0.5
_MIN_REBUILD = 20
_REBUILT_AT_ONCE = 512 * 1024
"""Up to so many bytes an archive is built anew within a question: that takes less than a second."""


def _nothing(done: int, total: int, what: str) -> None:
    """The progress of nobody watching."""


class _OtherLengthsError(Exception):
    """With a small change the average lengths became others, so that every impact is to be computed again. ``before``
    are the files as they were.
    """

    def __init__(self, before: Gathered) -> None:
        super().__init__(OTHER_LENGTHS)
        self.before = before


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
    """Makes new generations of one archive. ``sources`` is a digest of all that shapes its episodes but the files."""

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
        """Bring the index level with the files and say what was done.

        ``open_reader`` opens a generation by name. ``wait`` is how many seconds another writer is waited for.
        Raises ``ArchiveError`` where no source can be read, ``IndexingError`` where the index cannot be written.
        """
        started = time.monotonic()
        with self._generations.writing(wait):
            base = self._generations.current()
            reader: IndexReader | None = None
            reason = "asked to rebuild" if rebuild else "no index yet"
            if base is not None:
                self._generations.sweep()  # what one that was killed has left
            damaged = [] if base is None else self._generations.damage(base, thorough=True)
            if damaged:
                reason = f"files of the index were damaged ({', '.join(damaged[:3])})"
            elif base is not None and not rebuild:
                try:
                    reader = open_reader(base)
                except Exception as error:
                    reason = f"the index could not be opened ({type(error).__name__})"
                if reader and not reader.meta.made_from(self._sources):
                    reader.close()
                    reader, reason = None, "settings or sources changed"
            try:
                if reader is not None:
                    report = self._update(reader, progress or _nothing, upkeep, started)
                    if isinstance(report, RefreshReport):
                        return report
                    reason = report
            except _OtherLengthsError as found:
                return self._rebuild(progress or _nothing, OTHER_LENGTHS, started, found.before)
            finally:
                if reader is not None:
                    reader.close()
            return self._rebuild(progress or _nothing, reason, started)

    def embed(
        self,
        open_reader: Callable[[str], IndexReader],
        embedder: Embedder,
        *,
        progress: Progress | None = None,
        wait: float = 600.0,
    ) -> int:
        """Give the current generation the vectors it lacks, in generations of their own; how many stories it took.

        Vectors belong to texts and not to a generation, so they are made without the writer's lock, and put beside
        whatever is current then. Raises ``EmbeddingError`` where the embedder cannot answer, ``IndexingError`` as
        ``refresh``.
        """
        count = 0
        while (base := self._generations.current()) is not None:
            try:
                if self._generations.damage(base, thorough=True):
                    break  # what stands on it would be damaged, too; the next refresh makes it anew
                made = self._make_vectors(open_reader, base, embedder, progress or _nothing)
            except OSError:
                if self._generations.current() == base:
                    raise
                continue  # swept while it was read: a newer one is there
            if made is None:
                break
            with self._generations.writing(wait):
                self._put_beside(made.files)
            count += made.embedded
            if not made.embedded and not made.left:
                break
        return count

    def _make_vectors(
        self,
        open_reader: Callable[[str], IndexReader],
        base: str,
        embedder: Embedder,
        progress: Progress,
    ) -> vectors.Made | None:
        """Vectors that a generation lacks; None where it lacks none."""
        reader = open_reader(base)
        try:
            return vectors.make(reader, embedder, progress) if vectors.missing(reader, embedder) else None
        finally:
            reader.close()

    def _put_beside(self, files: Mapping[str, bytes]) -> None:
        """The current generation again, with these files of vectors. Lock held."""
        base = self._generations.current()
        if base is None or self._generations.damage(base, thorough=True):
            return
        folder = self._generations.begin(base)
        try:
            for name, data in files.items():
                (folder / name).write_bytes(data)
            self._generations.carry(base, folder, without=vectors.FILES)
            self._generations.publish(folder)
        except BaseException:
            self._generations.abandon(folder)
            raise

    # --- the two ways

    def _write(
        self,
        drafted: Callable[[], Iterator[tuple[Episode, Said]]],
        lengths: Lengths,
        count: int,
        progress: Progress,
        state: Gathered,
    ) -> tuple[Path, list[EpisodeEntry]]:
        """A generation folder with all episodes and the topics in them, and the entries of these episodes."""
        folder = self._generations.begin(None)
        entries: list[EpisodeEntry] = []
        try:
            writer = GenerationWriter(folder, lengths, None)
            try:
                for done, (episode, said) in enumerate(drafted()):
                    progress(done, count, f"indexing {episode.id}")
                    writer.add(episode, said)
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
            if in_order:  # else they are found when they are asked for
                catalog.write_topics(folder, find_topics(writer.names, other_names(writer.glosses)))
        except BaseException:
            self._generations.abandon(folder)
            raise
        return folder, entries

    def _rebuild(self, progress: Progress, reason: str, started: float, known: Gathered | None = None) -> RefreshReport:
        """A generation of all files; what is added, changed and removed is told as against the ``known`` ones."""
        self._archive.go_on_with(None)
        scan = self._archive.scan()
        state = Gathered()
        for done, file in enumerate(scan.files):
            progress(done, len(scan.files), f"reading {file.label}")
            state.take(file, self._archive.read(file))
        winners, duplicates = state.winners()
        state.boilerplate = self._boilerplate(winners, state)
        state.problems = [*scan.problems, *self._archive.problems, *duplicates]
        ordered = sorted(winners, key=lambda episode_id: state.outlines[winners[episode_id][0], episode_id].order)

        lengths = state.lengths(winners, self._archive.archive_of)
        drafted = partial(self._drafted, ordered, winners, scan.files, state)
        folder, entries = self._write(drafted, lengths, len(ordered), progress, state)
        try:
            if (found := catalog.average_lengths(entries)) != lengths:  # stories differ from what the drafts showed
                lengths = found
                folder, entries = self._write(drafted, lengths, len(ordered), progress, state)
            before = self._generations.current()
            if before and not {*self._generations.damage(before, thorough=True)} & {vectors.META, *vectors.STORY_FILES}:
                vectors.keep_stories(self._generations.path(before), folder)
                self._generations.carry(before, folder, vectors.STORY_FILES)
            old = known.winners()[0] if known else {}
            ids = [entry.id for entry in entries]
            outcome = _Outcome(
                reason,
                started,
                rebuilt=True,
                added=tuple(i for i in ids if i not in old),
                changed=tuple(
                    i for i in ids if known and i in old and state.content(i, winners[i]) != known.content(i, old[i])
                ),
                removed=tuple(i for i in old if i not in winners),
            )
            return self._publish(folder, state, entries, lengths, outcome)
        except BaseException:
            self._generations.abandon(folder)
            raise

    def _update(self, reader: IndexReader, progress: Progress, upkeep: Upkeep, started: float) -> RefreshReport | str:
        """An incremental generation, or why a rebuild is the better way."""
        old = reader.files
        self._archive.go_on_with(reader.meta.surveys)
        changes = compare(self._archive.scan(), old.entries)
        state = Gathered()
        touched = {file.label for file in changes.touched}
        for done, file in enumerate(changes.scan.files):
            if file.label not in touched:
                state.files[file.label] = old.entries[file.label]
                continue
            progress(done, len(changes.scan.files), f"reading {file.label}")
            state.take(file, self._archive.read(file))

        winners, duplicates = state.winners()
        state.problems = [*changes.scan.problems, *self._archive.problems, *duplicates]
        problems = catalog.problem_rows(state.problems)
        merging = frozenset() if upkeep == "none" else to_merge(reader.meta.parts)
        if upkeep == "all" and (worn := wear(reader.meta)):
            return worn
        if not changes and not merging and problems == old.folder_problems:
            return _report(reader.name, reader.meta, _Outcome("nothing changed", started))

        known = Gathered(files=dict(old.entries))
        before = known.winners()[0]
        state.boilerplate = self._boilerplate(winners, state)
        repeated = self._with_other_boilerplate(winners, state, reader.meta)
        to_index = [
            episode_id
            for episode_id, labels in winners.items()
            if episode_id in repeated
            or state.content(episode_id, labels) != known.content(episode_id, before.get(episode_id, ()))
        ]
        removed = [episode_id for episode_id in before if episode_id not in winners]
        if len(to_index) > max(_MIN_REBUILD, _REBUILD_SHARE * len(winners)):
            return "most files changed"

        rebuilt_at_once = upkeep == "all" or sum(file.size for file in changes.scan.files) <= _REBUILT_AT_ONCE
        entries = {entry.id: entry for entry in reader.entries if entry.id in winners}
        folder = self._generations.begin(reader.name)
        state.segments = reader.meta.segments
        try:
            if to_index or removed or merging:
                writer = GenerationWriter(folder, reader.meta.lengths, self._generations.path(reader.name), merging)
                try:
                    for episode_id in [*to_index, *removed]:
                        writer.delete(reader, episode_id)
                    for done, (episode, said) in enumerate(self._drafted(to_index, winners, changes.scan.files, state)):
                        progress(done, len(to_index), f"indexing {episode.id}")
                        writer.add(episode, said)
                        entries[episode.id] = EpisodeEntry.of(episode)
                    if rebuilt_at_once and catalog.average_lengths(entries.values()) != reader.meta.lengths:
                        raise _OtherLengthsError(known)
                    writer.commit()
                except BaseException:
                    writer.cancel()
                    raise
                state.segments = [asdict(entry) for entry in writer.segments]
            if not to_index and not removed:
                self._generations.carry(reader.name, folder, (*VOCABULARY_FILES, catalog.TOPICS))
            self._generations.carry(reader.name, folder, vectors.FILES)
            outcome = _Outcome(
                "files changed" if changes else "small segments merged",
                started,
                added=tuple(i for i in to_index if i not in before),
                changed=tuple(i for i in to_index if i in before),
                removed=tuple(removed),
            )
            return self._publish(folder, state, entries.values(), reader.meta.lengths, outcome)
        except BaseException:
            self._generations.abandon(folder)
            raise

    def _with_other_boilerplate(
        self, winners: Mapping[str, Sequence[str]], state: Gathered, meta: Meta
    ) -> frozenset[str]:
        """The episodes with a link that has become boilerplate, or is none any more."""
        moved = {
            archive: state.boilerplate.get(archive, frozenset()) ^ set(meta.boilerplate.get(archive, ()))
            for archive in {*state.boilerplate, *meta.boilerplate}
        }
        return frozenset(
            episode_id
            for (episode_id, labels), own in zip(winners.items(), state.links(winners), strict=True)
            if not moved.get(self._archive.archive_of(labels[0]), frozenset()).isdisjoint(own)
        )

    # --- shared steps

    def _drafted(
        self,
        ids: Collection[str],
        winners: Mapping[str, Sequence[str]],
        files: Iterable[SourceFile],
        state: Gathered,
    ) -> Iterator[tuple[Episode, Said]]:
        """The episodes one by one with what is said in them; a file that is not in memory is read, again if need be."""
        by_label = {file.label: file for file in files}
        wanted = {(label, episode_id) for episode_id in ids for label in winners[episode_id]}
        again: set[str] = set()
        for episode_id in ids:
            drafts = []
            for label in winners[episode_id]:
                key = label, episode_id
                if key not in state.drafts and label not in again:
                    again.add(label)
                    read = ((label, draft.id, draft) for draft in self._archive.read(by_label[label]).drafts)
                    state.drafts |= {(label, found): draft for label, found, draft in read if (label, found) in wanted}
                if draft := state.drafts.pop(key, None):
                    drafts.append(draft)
                else:
                    state.files.pop(label, None)  # it changed just now: the next look takes it in
            if drafts:
                repeated = state.boilerplate.get(self._archive.archive_of(winners[episode_id][0]), frozenset())
                one = made_one(drafts)
                yield one.episode(repeated), one.said(repeated)

    def _boilerplate(self, winners: Mapping[str, Sequence[str]], state: Gathered) -> dict[str, frozenset[str]]:
        """The links that each archive repeats."""
        of_each: dict[str, list[list[str]]] = {}
        for labels, links in zip(winners.values(), state.links(winners), strict=True):
            of_each.setdefault(self._archive.archive_of(labels[0]), []).append(links)
        return {archive: found for archive, links in of_each.items() if (found := boilerplate_links(links))}

    def _publish(
        self,
        folder: Path,
        state: Gathered,
        entries: Iterable[EpisodeEntry],
        lengths: Lengths,
        outcome: _Outcome,
    ) -> RefreshReport:
        ordered = sorted(entries, key=lambda entry: entry.order)
        rows = catalog.problem_rows(state.problems)
        zone, stated = state.zone(self._archive.stated_zones(), self._archive.archive_of)
        meta = Meta(
            schema=VERSION,
            sources=self._sources,
            archive=self._archive.name,
            language=self._archive.language,
            timezone=zone,
            zone_stated=stated,
            passages=sum(entry.passages for entry in ordered),
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            reason=outcome.reason,
            episodes=len(ordered),
            stories=sum(entry.stories for entry in ordered),
            oldest=next((entry.date for entry in ordered if entry.date), None),
            newest=(ordered[-1].date or None) if ordered else None,
            problems=len(rows) + sum(len(file.problems) for file in state.files.values()),
            title_length=lengths.title,
            summary_length=lengths.summary,
            title_characters=sum(entry.title_characters for entry in ordered),
            summary_characters=sum(entry.summary_characters for entry in ordered),
            undated=sum(not entry.date for entry in ordered),
            surveys=self._archive.surveys(),
            archives=catalog.reaches(ordered),
            boilerplate={archive: sorted(links) for archive, links in state.boilerplate.items()},
            segments=state.segments,
        )
        catalog.write(folder, meta, Files(state.files, rows))
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
        stories=meta.told,
        problems=meta.problems,
        seconds=round(time.monotonic() - outcome.started, 3),
    )
