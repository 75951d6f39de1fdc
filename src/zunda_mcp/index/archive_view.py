"""A generation as if it had only some of its archives, for callers who may not see the others.

This reader treats the documents of other archives as deleted: they have no number and count nowhere, as in an index
that was built without them. Words, topics, problems and counts are those of the visible archives. Only weights differ
from such an index: impacts use the average lengths of all stories, and the plane that word vectors are projected on was
made for all archives.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.config.memory import shared_property
from zunda_mcp.index import schema
from zunda_mcp.index.catalog import EpisodeEntry, Meta, SourceFiles
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.index.vocabulary import Vocabulary, dotted_words
from zunda_mcp.text.tokenizer import run_term

if TYPE_CHECKING:
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = ["ArchiveView", "Description", "counts", "described_together", "narrowed_meta", "of_archives"]


class ArchiveView(IndexReader):
    """Reads some archives of the generation that ``whole`` reads. It need not be closed: it is garbage collected."""

    is_whole = False

    def __init__(self, whole: IndexReader, archives: Collection[str]) -> None:
        files = _narrowed_files(whole.files, archives)
        entries = [entry for entry in whole.entries if entry.archive in archives]
        meta = narrowed_meta(whole.meta, archives)
        meta = replace(meta, segments=_segments(whole, archives), problems=len(files.rows()), **counts(entries))
        super().__init__(whole.folder, meta)
        self.files = files
        self.vocabulary = _WordsThere(whole.vocabulary, self)

    @shared_property
    def topics(self) -> list[ArchiveTopic]:
        """The topics of these archives."""
        return self.find_topics()


class _WordsThere(Vocabulary):
    """Those words of a generation, ``whole``, that occur in what ``reader`` reads."""

    def __init__(self, whole: Vocabulary, reader: IndexReader) -> None:
        super().__init__(reader.folder)
        self._whole = whole
        self._reader = reader

    @cached_property
    def _runs(self) -> str:
        return _text(run for run in self._whole.runs if self._stands(run_term(run)))

    @cached_property
    def _kana(self) -> str:
        runs = set(self.runs)
        return _text(line for line in self._whole.kana if line.partition("\t")[2] in runs)

    @cached_property
    def _words(self) -> str:
        return _text(word for word in self._whole.words if self._stands(word))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(filter(self._is_name, self._whole.names))

    @cached_property
    def sounds(self) -> list[str]:
        there = {*self.runs, *self.words, *self.names, *dotted_words(self.runs)}
        lines = ((line, line.partition("\t")[2]) for line in self._whole.sounds)
        return [line for line, word in lines if word in there or (" " in word and self._is_name(word))]

    def _stands(self, term: str) -> bool:
        return any(self._reader.has_term(term, field) for field in (schema.TEXT, schema.NOTES))

    def _is_name(self, name: str) -> bool:
        return self._reader.has_term(f"{schema.NAME}{name}", schema.KEY)


def _segments(whole: IndexReader, archives: Collection[str]) -> list[dict[str, object]]:
    """The segments of a generation, with the documents of other archives marked as deleted."""
    visible = {document for name in archives for document in whole.keyed(f"archive:{name}")}
    stored = sorted(whole.stored_numbers(visible))
    segments, start, at = [], 0, 0
    for part in whole.meta.parts:
        end = start + part.documents
        kept = set()
        while at < len(stored) and stored[at] < end:
            kept.add(stored[at] - start)
            at += 1
        segments.append(
            asdict(replace(part, deleted=[number for number in range(part.documents) if number not in kept]))
        )
        start = end
    return segments


def _text(lines: Iterable[str]) -> str:
    return "\n".join(["", *lines, ""])


# --- what a generation says of its archives


class Description(NamedTuple):
    """The name of an archive, its language (None if not known), the time zone of its days (``""`` if not known), and
    whether somebody stated that zone.
    """

    name: str
    language: str | None
    timezone: str
    zone_stated: bool


def described_together(archives: Iterable[Description]) -> dict[str, Any]:
    """Return the fields of a ``Meta`` that describe some archives as one: all names, the language they share, and the
    zone of the first that has one.
    """
    archives = list(archives)
    languages = {one.language for one in archives}
    zoned = next((one for one in archives if one.timezone), None)
    return {
        "archive": ", ".join(one.name for one in archives),
        "language": languages.pop() if len(languages) == 1 else None,
        "timezone": zoned.timezone if zoned else "UTC",
        "zone_stated": zoned is not None and zoned.zone_stated,
    }


def of_archives(labels: Iterable[str], archives: Container[str] | None) -> list[str]:
    """Return those labels of files and folders, or paths of problems, that belong to ``archives`` (None: all)."""
    return [label for label in labels if archives is None or label.partition("/")[0] in archives]


def counts(ordered: Sequence[EpisodeEntry]) -> dict[str, Any]:
    """Return the fields of a ``Meta`` that count these episodes, which are in order of publication."""
    return {
        "episodes": len(ordered),
        "stories": sum(entry.stories for entry in ordered),
        "passages": sum(entry.passages for entry in ordered),
        "oldest": next((entry.date for entry in ordered if entry.date), None),
        "newest": (ordered[-1].date or None) if ordered else None,
        "undated": sum(not entry.date for entry in ordered),
        "title_characters": sum(entry.title_characters for entry in ordered),
        "summary_characters": sum(entry.summary_characters for entry in ordered),
        "archives": _reaches(ordered),
    }


def _reaches(entries: Iterable[EpisodeEntry]) -> list[dict[str, Any]]:
    """The size and newest day of each of several archives, in order of their first episodes; none for just one."""
    reaches_by_name: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.archive is not None:
            empty = {"archive": entry.archive, "episodes": 0, "stories": 0, "newest": None}
            one = reaches_by_name.setdefault(entry.archive, empty)
            one["episodes"] += 1
            one["stories"] += entry.written_stories
            one["newest"] = max(filter(None, (one["newest"], entry.date)), default=None)
    return list(reaches_by_name.values())


def narrowed_meta(meta: Meta, archives: Collection[str]) -> Meta:
    """Return ``meta`` with the descriptions of ``archives`` alone; its counts are still those of all archives."""
    descriptions = {label: one for label, one in meta.descriptions.items() if label in archives}
    return replace(
        meta,
        descriptions=descriptions,
        surveys={label: one for label, one in meta.surveys.items() if label in archives},
        profiles={label: one for label, one in meta.profiles.items() if label in archives},
        boilerplate={label: links for label, links in meta.boilerplate.items() if label in archives},
        unavailable=of_archives(meta.unavailable, archives),
        **described_together(Description(**one) for one in descriptions.values()),
    )


def _narrowed_files(files: SourceFiles, archives: Collection[str]) -> SourceFiles:
    """The files of ``archives``, and only their problems."""
    entries = {label: files.entries[label] for label in of_archives(files.entries, archives)}
    kept = [
        [row for row in rows if of_archives([row["path"]], archives)]
        for rows in (files.scan_problems, files.other_problems)
    ]
    return SourceFiles(entries, *kept)
