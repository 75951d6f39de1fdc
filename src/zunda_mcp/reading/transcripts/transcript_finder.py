"""Find the transcript files of an archive in a scan, and pair them with episodes; ``transcript_file`` reads them.

Names decide first (``pairing``). If some transcript matches no name, the beginnings of episode files are searched for
the recording and the transcript they mention, once for each state of a file.

A feed names its recordings, pages and transcripts by address. A transcript belongs to a feed if its name is the last
part of an address in the feed (a ``podcast:transcript``), or has the same stem as one (a recording, a page). Pages come
first: a feed gets what no page claims.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from html import unescape
from typing import Any, NamedTuple

from zunda_mcp.config.files import RefusedFileError, open_regular, read_regular
from zunda_mcp.reading.endings import ending_of, endings_of, kind_of, without_ending
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.reading.transcripts.pairing import (
    FOLDERS,
    EpisodeFacts,
    Mentioned,
    TranscriptNames,
    is_surely_transcript,
    lies_in,
    mentioned,
    nearness,
    number_in,
    path_of,
    stem_of,
)

__all__ = ["TRANSCRIPTS", "TranscriptFinder", "facts_by_name", "is_feed"]

TRANSCRIPTS = endings_of("json", "captions", "text")
"""Endings of transcripts. In a folder of transcripts, a Markdown file may be one, too."""

_TEXT_FOLDERS = FOLDERS - {"audio", "media", "mp3"}
_NO_NAMES = frozenset({"index", "_index", "readme", "package", "tsconfig", "feed", "search", "sitemap"})

_BEGINNING = 8192  # bytes of an episode's file that are searched for the names of its recording and transcript
_MAX_NAMES = 20_000  # names that are taken from one feed


def facts_by_name(file: SourceFile) -> EpisodeFacts:
    """Return what the name of an episode's file says about the episode."""
    stem = without_ending(file.label)
    day, slug = dated_name(stem)
    number = number_in(slug) if day else number_in(stem)
    return EpisodeFacts(stem, number, day=day, folder=file.label.rpartition("/")[0])


class _Pairs(NamedTuple):
    """Which transcripts belong to which episodes, by label: ``of`` has those of each episode, ``taken`` all that match
    any episode, and ``alone`` the captions or texts that are episodes themselves.
    """

    of: Mapping[str, Sequence[str]]
    taken: Collection[str]
    alone: Sequence[str]


class TranscriptFinder:
    """Pairs episodes with transcripts, and remembers the pairs from one scan to the next."""

    def __init__(self) -> None:
        self._read: dict[str, list[Any]] = {}  # by label: size, time, and what was read in the file as it was then
        self._scanned: tuple[list[SourceFile], list[SourceFile]] = ([], [])
        self._names = ""
        self._pairs: _Pairs | None = None
        self._attached: list[SourceFile] = []
        self.unread: list[str] = []
        self.loose: list[str] = []

    def attach(self, files: Iterable[SourceFile], beside: Iterable[SourceFile]) -> list[SourceFile]:
        """Return the files of episodes, each with the transcripts that may belong to it. ``files`` are those that a
        format reads, ``beside`` all others with the ending of a transcript. If most of an archive is captions, each
        file of captions is an episode.

        Afterwards ``unread`` has the labels of files that could not be read, ``loose`` those of captions that belong to
        no episode.
        """
        scanned = (list(files), list(beside))
        if scanned != self._scanned or self.unread:
            self.unread = []
            self._attached = self._pair_all(*scanned)
            self._scanned = scanned
            used = {one.label for file in self._attached for one in (file, *file.transcripts)}
            stems = {stem_of(label).lower() for label in used}
            captions = (file.label for file in scanned[1] if kind_of(file.location) == "captions")
            self.loose = [label for label in captions if stem_of(label).lower() not in stems]
        return self._attached

    def state(self) -> dict[str, Any]:
        """Return the pairs and what was read to find them, as JSON values that another process can ``restore``."""
        labels = {file.label for file in self._scanned[0]}
        pairs = self._pairs or _Pairs({}, (), ())
        return {
            "names": self._names,
            "read": {label: row for label, row in self._read.items() if label in labels},
            "of": {label: list(transcripts) for label, transcripts in pairs.of.items() if transcripts},
            "taken": sorted(pairs.taken),
            "alone": list(pairs.alone),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state``. What no longer matches the files is read and paired again."""
        if {"names", "read", "of", "taken", "alone"} <= set(state):
            self._read = dict(state["read"])
            self._names = state["names"]
            self._pairs = _Pairs(state["of"], frozenset(state["taken"]), state["alone"])

    def _pair_all(self, files: list[SourceFile], beside: list[SourceFile]) -> list[SourceFile]:
        """Pair by name, then give feeds the transcripts that no page claims."""
        feeds = [file for file in files if is_feed(file)]
        pages = [file for file in files if not is_feed(file) and not _may_be_transcript(file)]
        if not feeds:
            return self._pair_by_names(files, beside)
        paired = self._pair_by_names(files, beside) if pages else files
        taken = {one.label for file in paired for one in file.transcripts}
        loose = [
            file for file in (*beside, *paired) if file.label not in taken and ending_of(file.location) in TRANSCRIPTS
        ]
        of_feeds = self._of_feeds(feeds, [file for file in loose if _has_own_name(file)])
        owned = {one.label for transcripts in of_feeds.values() for one in transcripts}
        left = [file for file in paired if file.label not in owned]
        if not pages:
            left = self._pair_by_names(left, [file for file in beside if file.label not in owned])
        return [file.with_transcripts(of_feeds[file.label]) if file.label in of_feeds else file for file in left]

    def _pair_by_names(self, files: list[SourceFile], beside: list[SourceFile]) -> list[SourceFile]:
        labels = "\0".join((*(file.label for file in files), "", *(file.label for file in beside)))
        names = hashlib.blake2b(labels.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        if self._pairs is None or names != self._names or not self._is_current(files):
            self._pairs = _pairs(files, beside, self._mentioned)
            self._names = "" if self.unread else names
        return _with_pairs(files, beside, self._pairs)

    def _is_current(self, files: Iterable[SourceFile]) -> bool:
        """Whether the files whose beginnings were read have not changed since."""
        rows = ((self._read.get(file.label), file) for file in files if not is_feed(file))
        return all(row is None or row[:2] == [file.size, file.mtime_ns] for row, file in rows)

    def _mentioned(self, file: SourceFile) -> Mentioned:
        """Return what the beginning of a file mentions: nothing for a feed, which ``_of_feeds`` reads."""
        return Mentioned(*((not is_feed(file) and self._in_file(file, _read_mentioned)) or (None, None)))

    def _in_file(self, file: SourceFile, read: Callable[[SourceFile], list[Any]]) -> list[Any]:
        """Return what ``read`` finds in a file, read once for each state of it. If the file cannot be read, return what
        was found before.
        """
        row = self._read.get(file.label, [])
        if row[:2] != [file.size, file.mtime_ns]:
            try:
                row = [file.size, file.mtime_ns, read(file)]
            except OSError:
                self.unread.append(file.label)
                return list(row[2]) if row else []
            self._read[file.label] = row
        return list(row[2])

    def _of_feeds(self, feeds: Sequence[SourceFile], loose: Sequence[SourceFile]) -> dict[str, tuple[SourceFile, ...]]:
        of_feeds: dict[str, tuple[SourceFile, ...]] = {}
        left = list(loose)
        for feed in feeds if left else ():
            names = frozenset(self._in_file(feed, _read_names))
            stems = {stem_of(name) for name in names}
            lower = {file.label: file.label.rpartition("/")[2].lower() for file in left}
            own = {label for label, name in lower.items() if name in names or stem_of(name) in stems}
            if own:
                of_feeds[feed.label] = tuple(file for file in left if file.label in own)
                left = [file for file in left if file.label not in own]
        return of_feeds


def _pairs(
    files: Sequence[SourceFile], beside: Sequence[SourceFile], mentioned_in: Callable[[SourceFile], Mentioned]
) -> _Pairs:
    """Pair by names. If transcripts are left, pair the other episodes by what ``mentioned_in`` finds in their files."""
    apart = [file for file in files if _may_be_transcript(file)]
    if len(apart) == len(files):  # lists, exports, days of a chat, which may share their names
        apart = [file for file in apart if is_surely_transcript(file.label)]
    by_label = {file.label: file for file in (*beside, *apart) if _has_own_name(file)}
    if not by_label:
        return _Pairs({}, (), ())
    names = TranscriptNames(by_label)
    facts = {file.label: facts_by_name(file) for file in files}
    days = Counter(one.day for one in facts.values())
    facts = {label: one if days[one.day] == 1 else one._replace(day=None) for label, one in facts.items()}
    set_apart = {file.label for file in apart}
    episodes = [file for file in files if file.label not in set_apart] or files
    matches = {file.label: _without(names.candidates(facts[file.label]), file) for file in episodes}
    loose = {label for label, file in by_label.items() if is_surely_transcript(label)}.difference(*matches.values())
    for file in episodes if loose else ():
        if not matches[file.label]:
            mentions = mentioned_in(file)
            more = facts[file.label]._replace(audio=mentions.audio, transcript=mentions.transcript)
            matches[file.label] = _without(names.candidates(more), file)
    nearest: dict[str, int] = {}
    for label, transcripts in matches.items():
        for one in transcripts:
            nearest[one] = max(nearest.get(one, 0), nearness(facts[label].folder, one))
    left = [file for file in files if file.label not in nearest]
    own = {
        file.label: [
            one for one in matches.get(file.label, ()) if nearness(facts[file.label].folder, one) == nearest[one]
        ]
        for file in left
    }
    homes = {label.rpartition("/")[0] for label in nearest}
    alone = _alone(left, [file for file in beside if file.label not in nearest], homes)
    return _Pairs(own, nearest.keys(), [file.label for file in alone])


def _with_pairs(files: Sequence[SourceFile], beside: Sequence[SourceFile], pairs: _Pairs) -> list[SourceFile]:
    by_label = {file.label: file for file in (*beside, *files)}
    episodes = []
    for file in files:
        if file.label not in pairs.taken:
            own = pairs.of.get(file.label)
            episodes.append(file.with_transcripts(tuple(by_label[one] for one in own)) if own else file)
    episodes += (by_label[label] for label in pairs.alone)
    texts = [file for file in episodes if kind_of(file.location) == "text" and lies_in(file.label)]  # of no episode
    return [file for file in episodes if file not in texts] if len(texts) < len(episodes) else episodes


def _read_mentioned(file: SourceFile) -> list[str | None]:
    try:
        with open_regular(file.path) as stream:
            return list(mentioned(stream.read(_BEGINNING).decode("utf-8", "replace")))
    except RefusedFileError:
        return [None, None]  # reading the episode reports what is wrong


def _alone(files: Sequence[SourceFile], beside: Sequence[SourceFile], homes: Collection[str]) -> list[SourceFile]:
    """Return the captions that are episodes, one of each name: all if they are more than twice as many as ``files``,
    else those in folders that contain neither files nor captions of other episodes (``homes``), and are not called
    transcripts or the like. If there are no captions and no pages, return the texts.
    """
    by_stem: dict[str, SourceFile] = {}
    for file in sorted(beside, key=lambda file: (ending_of(file.location) != ".vtt", file.label)):
        if kind_of(file.location) == "captions":
            by_stem.setdefault(stem_of(file.label).lower(), file)
    alone = sorted(by_stem.values(), key=lambda file: file.label.split("/"))
    if not alone and all(kind_of(file.location) in ("text", "csv") for file in files):
        return [file for file in beside if kind_of(file.location) == "text" and _has_own_name(file)]
    if len(alone) > 2 * len(files):
        return alone
    others = {file.label.rpartition("/")[0] for file in files}.union(homes)
    return [file for file in alone if not lies_in(file.label) and file.label.rpartition("/")[0] not in others]


def _without(labels: Sequence[str], file: SourceFile) -> tuple[str, ...]:
    return tuple(label for label in labels if label != file.label)


def _has_own_name(file: SourceFile) -> bool:
    """Whether a file has a name of its own, not one that many files have, such as ``index`` or ``readme``."""
    return file.label.rpartition("/")[2].partition(".")[0].lower() not in _NO_NAMES


def _may_be_transcript(file: SourceFile) -> bool:
    """Whether a file that a format reads may be a transcript instead."""
    return ending_of(file.location) in TRANSCRIPTS or lies_in(file.label, _TEXT_FOLDERS)


_ADDRESS = re.compile(r"(?:url|href)\s*=\s*[\"']([^\"'<>]+)|<(?:link|guid|id)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<>\]]+)")


def is_feed(file: SourceFile) -> bool:
    """Whether a file may be a feed in XML, by its ending."""
    return kind_of(file.location) == "feed"  # the name of a JSON file does not tell a feed from a list


def _read_names(file: SourceFile) -> list[str]:
    """Return the last parts of the addresses in a feed, in lower case; none if it is not a feed. Raises ``OSError``."""
    from zunda_mcp.reading.encoding import decode  # start-up: a scan without feeds needs none of these
    from zunda_mcp.reading.feeds.document import looks_like_a_feed  # start-up
    from zunda_mcp.reading.formats import limit_of  # start-up

    try:
        text = decode(read_regular(file.path, limit_of(file.path.name))).text or ""
    except RefusedFileError:
        return []  # reading the feed reports what is wrong
    if not looks_like_a_feed(text):
        return []
    paths = (path_of(unescape((match[1] or match[2]).strip())) for match in _ADDRESS.finditer(text))
    names = dict.fromkeys(path.partition("#")[0].rstrip("/").rpartition("/")[2].lower() for path in paths)
    return [name for name in names if name][:_MAX_NAMES]
