"""The transcripts that lie among or beside the episodes of an archive: found by name in a scan, read with the episode.

A scan that needs to know what recording an episode has looks at the beginning of its file, only where some transcript
is explained by no name, and once for each state of the file.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.archive.file_names import dated_name
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.transcripts.pairing import (
    FOLDERS,
    EpisodeFacts,
    TranscriptNames,
    day_in,
    nearness,
    number_in,
    stem_of,
)
from zunda_mcp.episode import Problem

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.feeds.feed import Item
    from zunda_mcp.archive.transcripts.mentions import Mentioned

MAX_BYTES = 32 * 1024 * 1024
"""Three hours of speech, a word a segment in JSON, come to less."""

ENDINGS = frozenset({".json", ".vtt", ".srt", ".txt"})
"""What a transcript's name ends in; in a folder of nothing but transcripts one in Markdown may be, too."""

CAPTIONS = frozenset({".vtt", ".srt"})
"""Transcripts that are nothing else by their ending alone."""

_TEXT_FOLDERS = FOLDERS - {"audio", "media", "mp3"}
_NO_NAMES = frozenset({"index", "_index", "readme", "package", "tsconfig", "feed", "search", "sitemap"})

Peek = Callable[[SourceFile], "Mentioned"]


class Hearing(NamedTuple):
    """An episode with its transcript; ``digest`` is ``""`` where it has none, else it stands for what was read."""

    draft: Draft
    problems: tuple[Problem, ...]
    digest: str


def facts_by_name(file: SourceFile) -> EpisodeFacts:
    """What the name of an episode's file says."""
    stem = os.path.splitext(file.label.rpartition("/")[2])[0]  # noqa: PTH122 - a label is no path
    day, slug = dated_name(stem)
    number = number_in(slug) if day else number_in(stem)
    return EpisodeFacts(stem, number, day=day or day_in(stem), folder=file.label.rpartition("/")[0])


class Companions:
    """Remembers which transcripts are whose: most scans find the files as they were."""

    def __init__(self, peek: Peek | None = None) -> None:
        self._peek = peek or peek_at
        self._peeked: dict[SourceFile, Mentioned] = {}
        self._feeds: dict[SourceFile, list[str]] = {}
        self._known: Mapping[str, Sequence[Any]] = {}
        self._seen: tuple[list[SourceFile], list[SourceFile]] = ([], [])
        self._found: list[SourceFile] = []

    def of(self, files: Iterable[SourceFile], beside: Iterable[SourceFile]) -> list[SourceFile]:
        """As ``with_companions``."""
        seen = (list(files), list(beside))
        if seen != self._seen:
            self._found = self._paired(*seen)
            self._seen = seen
        return self._found

    def _paired(self, files: list[SourceFile], beside: list[SourceFile]) -> list[SourceFile]:
        """The files with their transcripts. Of those that lie among pages, a feed has what no page claims."""
        from zunda_mcp.archive.feed_companions import is_feed, with_transcripts

        feeds = [file for file in files if is_feed(file)]
        pages = [file for file in files if not is_feed(file) and not _may_be_transcript(file)]
        if not feeds:
            return with_companions(files, beside, self._once)
        found = with_companions(files, beside, self._once) if pages else files
        taken = {one.label for file in found for one in file.companions}
        loose = [file for file in (*beside, *found) if file.label not in taken and _ending(file) in ENDINGS]
        claimed = with_transcripts(feeds, [file for file in loose if _named(file)], self._names)
        owned = {one.label for own in claimed.values() for one in own}
        left = [file for file in found if file.label not in owned]
        if not pages:
            left = with_companions(left, [file for file in beside if file.label not in owned], self._once)
        return [file.with_companions(claimed[file.label]) if file.label in claimed else file for file in left]

    def kept(self) -> dict[str, list[Any]]:
        """What was looked up, by label, with the size and time of the file then: for ``recall`` of another process."""
        rows: dict[str, list[Any]] = {
            file.label: [file.size, file.mtime_ns, *said] for file, said in self._peeked.items()
        }
        rows |= {file.label: [file.size, file.mtime_ns, names] for file, names in self._feeds.items()}
        return {file.label: rows[file.label] for file in self._seen[0] if file.label in rows}

    def recall(self, kept: Mapping[str, Sequence[Any]]) -> None:
        """Go on with what was looked up before; what does not fit a file as it is now is looked up anew."""
        self._known = kept

    def _once(self, file: SourceFile) -> Mentioned:
        """What a file says of its recording, looked up once for each state of the file."""
        said = self._peeked.get(file)
        if said is None:
            from zunda_mcp.archive.transcripts.mentions import Mentioned

            known = self._known.get(file.label, ())
            fits = len(known) == 4 and tuple(known[:2]) == (file.size, file.mtime_ns)
            said = self._peeked[file] = Mentioned(*known[2:]) if fits else self._peek(file)
        return said

    def _names(self, feed: SourceFile) -> list[str]:
        """The names that stand in a feed, looked up once for each state of it."""
        from zunda_mcp.archive.feed_companions import names_in

        names = self._feeds.get(feed)
        if names is None:
            known = self._known.get(feed.label, ())
            fits = len(known) == 3 and tuple(known[:2]) == (feed.size, feed.mtime_ns)
            names = self._feeds[feed] = list(known[2]) if fits else names_in(feed)
        return names


def with_companions(files: Iterable[SourceFile], beside: Iterable[SourceFile], peek: Peek) -> list[SourceFile]:
    """The episodes' files with the transcripts that may be theirs; a file that is another's transcript is no episode.

    ``files`` are those a format reads, ``beside`` all others with the ending of a transcript. Where captions
    are most of an archive, each is an episode.
    """
    files, beside = list(files), list(beside)
    apart = [file for file in files if _may_be_transcript(file)]
    by_label = {file.label: file for file in (*beside, *apart) if _named(file)}
    if not by_label:
        return files
    names = TranscriptNames(by_label)
    facts = {file.label: facts_by_name(file) for file in files}
    days = Counter(one.day for one in facts.values())
    facts = {label: one if days[one.day] == 1 else replace(one, day=None) for label, one in facts.items()}
    set_apart = {file.label for file in apart}
    episodes = [file for file in files if file.label not in set_apart] or files
    found = {file.label: _others(names.candidates(facts[file.label]), file) for file in episodes}
    loose = {label for label, file in by_label.items() if _is_transcript(file)}.difference(*found.values())
    for file in episodes if loose else ():
        if not found[file.label]:
            known = peek(file)
            more = replace(facts[file.label], audio=known.audio, transcript=known.transcript)
            found[file.label] = _others(names.candidates(more), file)
    nearest: dict[str, int] = {}
    for label, claimed in found.items():
        for one in claimed:
            nearest[one] = max(nearest.get(one, 0), nearness(facts[label].folder, one))
    kept = [file for file in files if file.label not in nearest]
    alone = _alone(kept, [file for file in beside if file.label not in nearest])
    paired = [
        file.with_companions(
            tuple(
                by_label[one]
                for one in found.get(file.label, ())
                if nearness(facts[file.label].folder, one) == nearest[one]
            )
        )
        for file in kept
    ]
    return [*paired, *alone]


def hear(file: SourceFile, text: str, draft: Draft, language: str | None) -> Hearing:
    """Read the transcript of an episode, if one of the file's companions is: the first in which something is said."""
    from zunda_mcp.archive.transcripts.mentions import mentioned

    if not file.companions:
        return Hearing(draft, (), "")
    by_label = {one.label: one for one in file.companions}
    known = mentioned(text)
    facts = replace(facts_by_name(file), audio=known.audio or draft.audio_url, transcript=known.transcript)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def hear_item(draft: Draft, item: Item, beside: Sequence[SourceFile], language: str | None) -> Hearing:
    """Read the transcript of a feed's item, if one of the files beside the feed is its."""
    by_label = {one.label: one for one in beside}
    named = next((one.url for one in item.transcripts if one.url), None)
    slug = item.link.rstrip("/").rpartition("/")[2] or draft.id
    facts = EpisodeFacts(slug, audio=item.audio or None, transcript=named)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def _first_heard(draft: Draft, labels: Iterable[str], by_label: Mapping[str, SourceFile]) -> Hearing:
    """Read these transcripts up to the first in which something is said."""
    problems: list[Problem] = []
    digest = ""
    for label in labels:
        found = _heard(draft, by_label[label].path, label, label)
        problems += found.problems
        digest = found.digest or digest
        if found.draft is not draft:
            return Hearing(found.draft, tuple(problems), digest)
    return Hearing(draft, tuple(problems), digest)


def heard(draft: Draft, path: Path, name: str, label: str) -> tuple[Draft, tuple[Problem, ...]]:
    """Read one transcript that is known to be an episode's. ``label`` is what it is called in problems."""
    hearing = _heard(draft, path, name, label)
    return hearing.draft, hearing.problems


def _heard(draft: Draft, path: Path, name: str, label: str) -> Hearing:
    """``digest`` is ``""`` where the file cannot be read as text at all."""
    from zunda_mcp.archive.encoding import decode
    from zunda_mcp.archive.transcripts.attach import with_transcript
    from zunda_mcp.archive.transcripts.reading import read_transcript

    data, why = _bytes(path)
    said, remark = (None, why) if data is None else decode(data)
    problems = [Problem(path=label, cause=remark)] if remark else []
    if data is None or said is None:
        return Hearing(draft, tuple(problems), "")
    found = read_transcript(said, name)
    problems += [Problem(path=label, line=fault.line, cause=fault.cause) for fault in found.faults]
    if found.transcript.cues:
        draft = with_transcript(draft, found.transcript)
    elif not found.faults:
        problems.append(Problem(path=label, cause="Nothing is said in this transcript; it was left out."))
    return Hearing(draft, tuple(problems), hashlib.sha256(data).hexdigest())


def peek_at(file: SourceFile) -> Mentioned:
    """What the beginning of an episode's file says of its recording and transcript."""
    from zunda_mcp.archive.transcripts.mentions import Mentioned, mentioned

    try:
        with file.path.open("rb") as stream:
            return mentioned(stream.read(8192).decode("utf-8", "replace"))
    except OSError:
        return Mentioned(None, None)  # reading it will say what is wrong


def _alone(files: Sequence[SourceFile], beside: Iterable[SourceFile]) -> list[SourceFile]:
    """The captions of an archive that is made of these: one of each name, where they are twice as many as its files."""
    found: dict[str, SourceFile] = {}
    for file in sorted(beside, key=lambda file: (_ending(file) != ".vtt", file.label)):
        if _ending(file) in CAPTIONS:
            found.setdefault(stem_of(file.label).lower(), file)
    alone = sorted(found.values(), key=lambda file: file.label.split("/"))
    return alone if len(alone) > 2 * len(files) else []


def _others(labels: Sequence[str], file: SourceFile) -> tuple[str, ...]:
    return tuple(label for label in labels if label != file.label)


def _in_folder(file: SourceFile, folders: frozenset[str] = FOLDERS) -> bool:
    return not folders.isdisjoint(part.lstrip("_") for part in file.label.rpartition("/")[0].lower().split("/"))


def _ending(file: SourceFile) -> str:
    return f".{file.location.rpartition('.')[2].lower()}"


def _named(file: SourceFile) -> bool:
    """Whether a file has a name of its own."""
    return file.label.rpartition("/")[2].partition(".")[0].lower() not in _NO_NAMES


def _may_be_transcript(file: SourceFile) -> bool:
    """Whether a file that a format reads may be a transcript instead."""
    return _ending(file) in ENDINGS or _in_folder(file, _TEXT_FOLDERS)


def _is_transcript(file: SourceFile) -> bool:
    return _in_folder(file) or _ending(file) in CAPTIONS


def _bytes(path: Path) -> tuple[bytes | None, str]:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, f"This transcript cannot be read ({(error.strerror or str(error)).lower()}); it was left out."
    if len(data) > MAX_BYTES:
        return None, f"This transcript has more than {MAX_BYTES // 1024 // 1024} MiB; it was left out unread."
    return data, ""
