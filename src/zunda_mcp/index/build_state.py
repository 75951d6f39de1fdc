"""The state of a build: what is known of the files of an archive while a generation is made of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.index import catalog, index_tuning
from zunda_mcp.index.archive_view import Description, counts, described_together
from zunda_mcp.index.catalog import Content, EpisodeEntry, FileEntry, Meta, SourceFiles
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.schema import VERSION
from zunda_mcp.index.whoosh_documents import own_text
from zunda_mcp.models import PASSAGE, Episode, Problem
from zunda_mcp.reading.collection import Readable
from zunda_mcp.reading.detection.survey import Profile
from zunda_mcp.reading.draft import Draft, SpokenText, boilerplate_links
from zunda_mcp.reading.file_reader import FileReading, first_of_each_id
from zunda_mcp.reading.metadata.locale import usual_zone
from zunda_mcp.reading.source_file import SourceFile

if TYPE_CHECKING:
    from zunda_mcp.index.reader import IndexReader

__all__ = ["BuildState", "Outline", "in_order", "last_read"]

_MOVING = frozenset({"entries", "path"})


class Outline(NamedTuple):
    """What must be known of an episode before any is indexed: its place in time, and for each entry its link, the
    characters of its title and summary, and whether it is a passage; ``own`` has the characters of its own story.
    """

    order: tuple[dt.date, int, str]
    entries: tuple[tuple[str | None, int, int, bool], ...]
    own: tuple[int, int]


@dataclass(slots=True)
class BuildState:
    """What is known of the files while a generation is made.

    Drafts are kept up to a limit of memory, all of a file or none; a file beyond it is read again when its episodes are
    indexed. ``drafts`` and ``outlines`` are by label and id. ``boilerplate`` has the links that an archive repeats.
    ``hidden`` are the labels of files and folders that cannot be looked at now. ``last_read`` has, by id, the episodes
    of unreadable files as an index has them.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)
    outlines: dict[tuple[str, str], Outline] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    hidden: Collection[str] = ()
    last_read: Mapping[str, tuple[Episode, SpokenText]] = field(default_factory=dict)
    scan_problems: list[Problem] = field(default_factory=list)
    other_problems: list[Problem] = field(default_factory=list)
    boilerplate: dict[str, frozenset[str]] = field(default_factory=dict)
    segments: list[dict[str, Any]] = field(default_factory=list)
    characters: int = 0

    def take(self, file: SourceFile, reading: FileReading, before: FileEntry | None = None) -> None:
        """Take what was read of one file; if it cannot be read now, keep what was known of it ``before``."""
        if reading.unavailable and before is not None and (before.digest or before.stale):
            self.files[file.label] = before._replace(
                size=file.size,
                mtime_ns=file.mtime_ns,
                id=file.id,
                transcripts=catalog.transcript_rows(file),
                pending=reading.unavailable,
                stale=True,
            )
            return
        self.files[file.label] = FileEntry(
            label=file.label,
            size=file.size,
            mtime_ns=file.mtime_ns,
            digest=reading.digest,
            episodes={draft.id: Content(_digest(draft), list(draft.links)) for draft in reading.drafts},
            problems=catalog.problem_rows(reading.problems),
            zone=usual_zone((draft.dated_in, 1) for draft in reading.drafts),
            id=file.id,
            transcripts=catalog.transcript_rows(file),
            pending=reading.unavailable,
        )
        size = 0
        for draft in reading.drafts:
            entries = tuple(
                (entry.head, len(entry.title), len(entry.summary), entry.kind == PASSAGE) for entry in draft.entries
            )
            own = len(draft.title), len(own_text(draft.description, draft.prose))
            self.outlines[file.label, draft.id] = Outline((_day(draft), draft.number or 0, draft.id), entries, own)
            size += len(draft.prose) + sum(titles + summaries for _, titles, summaries, _ in entries)
            size += len(draft.spoken) + sum(len(entry.spoken) for entry in draft.entries)
        if self.characters + size <= index_tuning.MAX_DRAFT_CHARACTERS:
            self.characters += size
            self.drafts |= {(file.label, draft.id): draft for draft in reading.drafts}

    def links(self, winners: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
        """Yield the links of every episode, from the files that count."""
        for episode, labels in winners.items():
            yield [link for label in labels for link in self.files[label].episodes[episode].links]

    def find_boilerplate(self, winners: Mapping[str, Sequence[str]], archive_of: Callable[[str], str]) -> None:
        """Find the links that each archive repeats; ``archive_of`` gives the archive of a file."""
        of_each: dict[str, list[list[str]]] = {}
        for labels, links in zip(winners.values(), self.links(winners), strict=True):
            of_each.setdefault(archive_of(labels[0]), []).append(links)
        self.boilerplate = {name: repeated for name, links in of_each.items() if (repeated := boilerplate_links(links))}

    def is_same_as(self, files: SourceFiles) -> bool:
        """Whether a catalog has the same files and problems."""
        same = list(self.files.items()) == list(files.entries.items())
        return same and self.problem_rows() == (files.scan_problems, files.other_problems)

    def problem_rows(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the problems that belong to no single file as plain data: those of the scan, and others."""
        return catalog.problem_rows(self.scan_problems), catalog.problem_rows(self.other_problems)

    def keep(self, episode: str, labels: Iterable[str]) -> None:
        """Keep an episode as it is in the index; it is indexed when its files can be read again."""
        for label in labels:
            entry = self.files[label]
            own = entry.episodes[episode]._replace(digest="")
            why = entry.pending or "it is not there"
            self.files[label] = entry._replace(episodes={**entry.episodes, episode: own}, pending=why, stale=True)

    def outline(self, label: str, episode: Episode) -> None:
        """Make the outline of an episode, as it is in the index, for a file that cannot be read now."""
        entries = tuple(
            (None, len(story.title), len(story.summary), story.kind == PASSAGE) for story in episode.stories
        )
        order = (episode.date or dt.date.min, episode.number or 0, episode.id)
        self.outlines[label, episode.id] = Outline(order, entries, (0, 0))  # ``entries`` include its own story

    def content(self, episode: str, labels: Iterable[str]) -> list[tuple[str, str]]:
        """Return what an episode is made of: pairs of file label and digest."""
        return [(label, self.files[label].episodes[episode].digest) for label in labels]

    def lengths(self, winners: Mapping[str, Sequence[str]], archive_of: Callable[[str], str]) -> Lengths:
        """Return the average lengths over the stories of these episodes; ``archive_of`` gives the archive of a file."""
        stories = titles = summaries = 0
        for episode, labels in winners.items():
            kept = [
                entry
                for label in labels
                for entry in self.outlines[label, episode].entries
                if entry[0] not in self.boilerplate.get(archive_of(label), frozenset())
            ]
            if all(passage for *_, passage in kept):
                kept.append((None, *self.outlines[labels[0], episode].own, False))
            stories += len(kept)
            titles += sum(title for _, title, _, _ in kept)
            summaries += sum(summary for _, _, summary, _ in kept)
        return Lengths.over(stories, titles, summaries)

    def descriptions(self, archive: Readable) -> dict[str, Description]:
        """Return name, language and time zone of each archive; the zone is stated, or the usual one of its dates."""
        described = {}
        for label, (name, language) in archive.titles().items():
            stated = self.profiles[label].zone
            own = (file for label_of, file in self.files.items() if archive.archive_of(label_of) == label)
            zone = stated.key if stated else usual_zone((file.zone, len(file.episodes)) for file in own)
            described[label] = Description(name, language, zone, stated is not None)
        return described

    def meta(
        self, archive: Readable, sources: str, entries: Iterable[EpisodeEntry], lengths: Lengths, reason: str
    ) -> Meta:
        """Return the metadata, as of now, of the generation with these episodes."""
        ordered = sorted(entries, key=lambda entry: entry.order)
        files = SourceFiles(self.files, *self.problem_rows())
        descriptions = self.descriptions(archive)
        return Meta(
            schema=VERSION,
            sources=sources,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            reason=reason,
            problems=len(files.rows()),
            unavailable=sorted({*files.pending(), *self.hidden, *archive.unread()}),
            title_length=lengths.title,
            summary_length=lengths.summary,
            descriptions={label: one._asdict() for label, one in descriptions.items()},
            surveys=archive.keep(self.profiles),
            profiles={name: profile.digest for name, profile in self.profiles.items()},
            boilerplate={name: sorted(links) for name, links in self.boilerplate.items()},
            segments=self.segments,
            **described_together(descriptions.values()),
            **counts(ordered),
        )

    def winners(self) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
        """Return for each episode id the labels of the files that count, in order, and problems for all others."""
        return first_of_each_id({label: entry.episodes for label, entry in self.files.items()})


def _digest(draft: Draft) -> str:
    """A digest of an episode without its line numbers, which change when something is inserted before it."""
    fields = [getattr(draft, field.name) for field in dataclasses.fields(draft) if field.name not in _MOVING]
    digest = hashlib.blake2b(repr(fields).encode("utf-8", "surrogatepass"), digest_size=8)
    for entry in draft.entries:
        recorded = (entry.start, entry.spoken, entry.kind, entry.section)
        own = (entry.title, entry.link, entry.source, entry.url, entry.summary, *recorded)
        digest.update(repr(own).encode("utf-8", "surrogatepass"))
        digest.update(repr(entry.moments).encode() if entry.moments else b"")
    return digest.hexdigest()


def _day(draft: Draft) -> dt.date:
    return draft.date or dt.date.min


def in_order(files: Iterable[SourceFile], old: Iterable[str], kept: Collection[str]) -> list[str]:
    """Return the labels of the scanned files, and of ``kept`` files that the scan lacks, each where it was before."""
    labels = [file.label for file in files]
    waiting = set(kept).difference(labels)
    if not waiting:
        return labels
    following: dict[str, list[str]] = {}
    present, before = set(labels), ""
    for label in old:
        if label in present:
            before = label
        elif label in waiting:
            following.setdefault(before, []).append(label)
    return [*following.get("", ()), *(one for label in labels for one in (label, *following.get(label, ())))]


def last_read(
    state: BuildState, winners: Mapping[str, Sequence[str]], base: IndexReader | None
) -> dict[str, tuple[Episode, SpokenText]]:
    """Return the episodes of files that cannot be read now, as they are in the generation ``base``."""
    episodes: dict[str, tuple[Episode, SpokenText]] = {}
    if base is None:
        return episodes
    for episode_id, labels in winners.items():
        if all((label, episode_id) in state.outlines for label in labels):
            continue
        if (last := _as_indexed(base, episode_id)) is not None:
            episodes[episode_id] = last
            state.keep(episode_id, labels)
            for label in labels:
                state.outline(label, last[0])
    return episodes


def _as_indexed(reader: IndexReader, episode_id: str) -> tuple[Episode, SpokenText] | None:
    """An episode and its speech as a generation has them; None if there is none with that id."""
    episode = reader.whole_episode(episode_id)
    if episode is None:
        return None
    own, *stories = (reader.document(one) for one in (episode_id, *(story.id for story in episode.stories)))
    if own is None or not reader.has_speech:
        return episode, SpokenText()
    spoken = tuple("" if one is None else reader.speech(one) for one in stories)
    moments = tuple(() if one is None else reader.moments(one) for one in stories)
    return episode, SpokenText(reader.speech(own), spoken, moments)
