"""The transcripts that lie among or beside the episodes of an archive, found by name in a scan; ``hearing`` reads them.

A scan that needs to know what recording an episode has looks at the beginning of its file, only where some transcript
is explained by no name, and once for each state of the file.

Transcripts that lie beside a feed's file: whose they are is told by the names in the feed.

A file is a feed's where its name is the last part of an address in it (a ``podcast:transcript``), or its stem that of
one (a recording, a page). What another file's name or recording explains is not taken from that.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from zunda_mcp.config.files import RefusedFileError, open_regular, read_regular
from zunda_mcp.reading.metadata.file_names import dated_name
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.reading.transcripts.pairing import (
    FOLDERS,
    EpisodeFacts,
    TranscriptNames,
    day_in,
    nearness,
    number_in,
    stem_of,
)

if TYPE_CHECKING:
    from zunda_mcp.reading.transcripts.pairing import Mentioned

ENDINGS = frozenset({".json", ".vtt", ".srt", ".txt"})
"""What a transcript's name ends in; in a folder of nothing but transcripts one in Markdown may be, too."""

CAPTIONS = frozenset({".vtt", ".srt"})
"""Transcripts that are nothing else by their ending alone."""

_TEXT_FOLDERS = FOLDERS - {"audio", "media", "mp3"}
_NO_NAMES = frozenset({"index", "_index", "readme", "package", "tsconfig", "feed", "search", "sitemap"})

Peek = Callable[[SourceFile], "Mentioned"]


def facts_by_name(file: SourceFile) -> EpisodeFacts:
    """What the name of an episode's file says."""
    stem = os.path.splitext(file.label.rpartition("/")[2])[0]  # noqa: PTH122 - a label is no path
    day, slug = dated_name(stem)
    number = number_in(slug) if day else number_in(stem)
    return EpisodeFacts(stem, number, day=day or day_in(stem), folder=file.label.rpartition("/")[0])


class Pairs(NamedTuple):
    """Whose transcripts are whose, by labels: what each episode may have, the files that are no episodes because they
    are others' transcripts, and the captions that are episodes themselves.
    """

    of: Mapping[str, Sequence[str]]
    taken: Collection[str]
    alone: Sequence[str]


class Looked(NamedTuple):
    """What was found in a file when it had this size and time."""

    label: str
    size: int
    mtime_ns: int
    found: Mentioned


class TranscriptFinder:
    """Remembers which transcripts are whose: most scans find the files as they were."""

    def __init__(self, peek: Peek | None = None) -> None:
        self._peek = peek or peek_at
        self._peeked: dict[str, Looked] = {}
        self._feeds: dict[SourceFile, list[str]] = {}
        self._known_feeds: Mapping[str, Sequence[Any]] = {}
        self._known: Mapping[str, Sequence[Any]] = {}
        self._seen: tuple[list[SourceFile], list[SourceFile]] = ([], [])
        self._names = ""
        self._pairs: Pairs | None = None
        self._found: list[SourceFile] = []
        self.unread: list[str] = []

    def attach(self, files: Iterable[SourceFile], beside: Iterable[SourceFile]) -> list[SourceFile]:
        """As ``with_companions``. ``unread`` are then the files that could not be looked into: for them what was found
        before counts, and they are tried again the next time.
        """
        seen = (list(files), list(beside))
        if seen != self._seen or self.unread:
            self.unread = []
            self._found = self._paired(*seen)
            self._seen = seen
        return self._found

    def _paired(self, files: list[SourceFile], beside: list[SourceFile]) -> list[SourceFile]:
        """The files with their transcripts. Of those that lie among pages, a feed has what no page claims."""

        feeds = [file for file in files if is_feed(file)]
        pages = [file for file in files if not is_feed(file) and not _may_be_transcript(file)]
        if not feeds:
            return self._by_names(files, beside)
        found = self._by_names(files, beside) if pages else files
        taken = {one.label for file in found for one in file.transcripts}
        loose = [file for file in (*beside, *found) if file.label not in taken and _ending(file) in ENDINGS]
        claimed = _transcripts_of_feeds(feeds, [file for file in loose if _named(file)], self._names_in)
        owned = {one.label for own in claimed.values() for one in own}
        left = [file for file in found if file.label not in owned]
        if not pages:
            left = self._by_names(left, [file for file in beside if file.label not in owned])
        return [file.with_transcripts(claimed[file.label]) if file.label in claimed else file for file in left]

    def _by_names(self, files: list[SourceFile], beside: list[SourceFile]) -> list[SourceFile]:
        """The files with the transcripts that their names lead to."""
        names = _names_of(files, beside)
        if self._pairs is None or names != self._names or not self._fits(files):
            self._pairs = pairs(files, beside, self._once)
            self._names = "" if self.unread else names
        return _joined(files, beside, self._pairs)

    def state(self) -> dict[str, Any]:
        """What was found out, for ``restore`` in another process: the pairs, a digest of all names that they were made
        from, and what was looked up in files, by label, with their size and time then.
        """
        rows = {label: [one.size, one.mtime_ns, *one.found] for label, one in self._peeked.items()}
        looked_up = {label: row for label, row in {**self._known, **rows}.items() if label in self._labels()}
        found = self._pairs or Pairs({}, (), ())
        shown = {label: list(labels) for label, labels in found.of.items() if labels}
        return {
            "names": self._names,
            "looked_up": looked_up,
            "of": shown,
            "taken": sorted(found.taken),
            "alone": list(found.alone),
            "feeds": {one.label: [one.size, one.mtime_ns, names] for one, names in self._feeds.items()},
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on with what was found out before; what does not fit the files as they are now is found out anew."""
        if {"names", "looked_up", "of", "taken", "alone"} <= set(kept):
            self._known = kept["looked_up"]
            self._known_feeds = kept.get("feeds", {})
            self._names = kept["names"]
            self._pairs = Pairs(kept["of"], frozenset(kept["taken"]), kept["alone"])

    def _labels(self) -> set[str]:
        return {file.label for file in self._seen[0]}

    def _fits(self, files: Iterable[SourceFile]) -> bool:
        """Whether the files that were looked into are as they were then."""
        known = {**self._known, **{one.label: [one.size, one.mtime_ns] for one in self._peeked.values()}}
        return all(tuple(known[file.label][:2]) == (file.size, file.mtime_ns) for file in files if file.label in known)

    def _once(self, file: SourceFile) -> Mentioned:
        """What a file says of its recording, looked up once for each state of the file."""
        from zunda_mcp.reading.transcripts.pairing import Mentioned

        looked = self._peeked.get(file.label)
        if looked is not None and (looked.size, looked.mtime_ns) == (file.size, file.mtime_ns):
            return looked.found
        known = self._known.get(file.label, ())
        before = looked.found if looked else Mentioned(*known[2:]) if len(known) == 4 else None
        if before is None or looked or tuple(known[:2]) != (file.size, file.mtime_ns):
            try:
                before = self._peek(file)
            except OSError:
                self.unread.append(file.label)
                return before or Mentioned(None, None)
        self._peeked[file.label] = Looked(file.label, file.size, file.mtime_ns, before)
        return before

    def _names_in(self, feed: SourceFile) -> list[str]:
        """The names that stand in a feed, looked up once for each state of it."""

        names = self._feeds.get(feed)
        if names is None:
            known = self._known_feeds.get(feed.label, ())
            fits = len(known) == 3 and tuple(known[:2]) == (feed.size, feed.mtime_ns)
            try:
                names = self._feeds[feed] = list(known[2]) if fits else names_in(feed)
            except OSError:
                self.unread.append(feed.label)
                return list(known[2]) if len(known) == 3 else []
            for other in [one for one in self._feeds if one.label == feed.label and one != feed]:
                del self._feeds[other]
        return names


def pairs(files: Sequence[SourceFile], beside: Sequence[SourceFile], peek: Peek) -> Pairs:
    """Find out whose transcripts are whose: by names, and where names do not tell, by what ``peek`` finds in a file."""
    apart = [file for file in files if _may_be_transcript(file)]
    by_label = {file.label: file for file in (*beside, *apart) if _named(file)}
    if not by_label:
        return Pairs({}, (), ())
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
    own = {
        file.label: [
            one for one in found.get(file.label, ()) if nearness(facts[file.label].folder, one) == nearest[one]
        ]
        for file in kept
    }
    alone = _alone(kept, [file for file in beside if file.label not in nearest])
    return Pairs(own, nearest.keys(), [file.label for file in alone])


def _joined(files: Sequence[SourceFile], beside: Sequence[SourceFile], found: Pairs) -> list[SourceFile]:
    """The files of episodes with their companions."""
    by_label = {file.label: file for file in (*beside, *files)}
    kept = []
    for file in files:
        if file.label not in found.taken:
            own = found.of.get(file.label)
            kept.append(file.with_transcripts(tuple(by_label[one] for one in own)) if own else file)
    return [*kept, *(by_label[label] for label in found.alone)]


def _names_of(files: Iterable[SourceFile], beside: Iterable[SourceFile]) -> str:
    """A digest of the names that pairs are made from."""
    names = "\0".join((*(file.label for file in files), "", *(file.label for file in beside)))
    return hashlib.blake2b(names.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def peek_at(file: SourceFile) -> Mentioned:
    """What the beginning of an episode's file says of its recording and transcript. Raises ``OSError``."""
    from zunda_mcp.reading.transcripts.pairing import Mentioned, mentioned

    try:
        with open_regular(file.path) as stream:
            return mentioned(stream.read(8192).decode("utf-8", "replace"))
    except RefusedFileError:
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


FEEDS = frozenset({".xml", ".rss", ".atom", ".rdf"})
"""What a feed's name ends in; one in JSON is not told from a list by its name, and takes no transcripts."""

_ADDRESS = re.compile(r"(?:url|href)\s*=\s*[\"']([^\"'<>]+)|<(?:link|guid|id)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<>\]]+)")
MOST = 20_000

Names = Callable[[SourceFile], Collection[str]]


def is_feed(file: SourceFile) -> bool:
    """Whether a file can be a feed, by its ending."""
    return file.path.suffix.lower() in FEEDS


def _transcripts_of_feeds(
    feeds: Sequence[SourceFile], loose: Sequence[SourceFile], names: Names
) -> dict[str, tuple[SourceFile, ...]]:
    """Which of these loose files belong to which feed, by the feed's label. ``names`` are those in a feed."""
    found: dict[str, tuple[SourceFile, ...]] = {}
    left = list(loose)
    for feed in feeds if left else ():
        known = frozenset(names(feed))
        stems = {stem_of(name) for name in known}
        own = tuple(file for file in left if _is_named(file, known, stems))
        if own:
            found[feed.label] = own
            left = [file for file in left if file not in own]
    return found


def names_in(file: SourceFile) -> list[str]:
    """The last parts of all addresses in a feed, in lower case; none in a file that is no feed. Raises ``OSError``."""
    from zunda_mcp.reading.encoding import decode
    from zunda_mcp.reading.feeds.document import looks_like_a_feed
    from zunda_mcp.reading.formats import limit_of

    try:
        text = decode(read_regular(file.path, limit_of(file.path.name))).text or ""
    except RefusedFileError:
        return []  # reading it will say what is wrong
    if not looks_like_a_feed(text):
        return []
    found = dict.fromkeys(_last(match[1] or match[2]) for match in _ADDRESS.finditer(text))
    return [name for name in found if name][:MOST]


def _is_named(file: SourceFile, names: Collection[str], stems: Collection[str]) -> bool:
    name = file.label.rpartition("/")[2].lower()
    return name in names or stem_of(name) in stems


def _last(address: str) -> str:
    path = re.split(r"[?#]", unescape(address.strip()), maxsplit=1)[0].rstrip("/")
    return unquote(path.rpartition("/")[2]).lower()
