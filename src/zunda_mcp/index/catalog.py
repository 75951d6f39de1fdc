"""What a generation stores besides postings: its metadata, its source files, and the problems in them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.answers import Freshness, Reach, State
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.schema import VERSION
from zunda_mcp.models import PASSAGE, Episode, Problem

if TYPE_CHECKING:
    from zunda_mcp.reading.source_file import SourceFile
    from zunda_mcp.topics.tokens import ArchiveTopic

__all__ = [
    "TOPICS",
    "Content",
    "EpisodeEntry",
    "FileEntry",
    "Meta",
    "SegmentEntry",
    "SourceFiles",
    "average_lengths",
    "problem_rows",
    "read_files",
    "read_meta",
    "read_topics",
    "transcript_rows",
    "write",
    "write_topics",
]  # fmt: skip

_FILES = "files.json"
TOPICS = "topics.json"
_SEGMENT = re.compile(r"MAIN_[0-9a-z]+")


class EpisodeEntry(NamedTuple):
    """The facts of an episode that every hit needs. ``date`` is an ISO day, ``""`` if it has none. ``stories`` counts
    all its stories, ``passages`` those that are passages of its transcript.

    ``title_characters`` and ``summary_characters`` are sums over its stories, for average lengths.
    """

    id: str
    number: int | None
    date: str
    title: str
    hosts: list[str]
    page_url: str | None
    audio_url: str | None
    archive: str | None
    youtube_id: str | None
    stories: int
    title_characters: int
    summary_characters: int
    passages: int = 0

    @property
    def written_stories(self) -> int:
        """How many stories the episode has, not counting the passages of its transcript."""
        return self.stories - self.passages

    @classmethod
    def of(cls, episode: Episode) -> EpisodeEntry:
        """Return the entry of one episode."""
        return cls(
            id=episode.id,
            number=episode.number,
            date=episode.date.isoformat() if episode.date else "",
            title=episode.title,
            hosts=list(episode.hosts),
            page_url=episode.page_url,
            audio_url=episode.audio_url,
            archive=episode.archive,
            youtube_id=episode.youtube_id,
            stories=len(episode.stories),
            title_characters=sum(len(story.title) for story in episode.stories),
            summary_characters=sum(len(story.summary) for story in episode.stories),
            passages=sum(story.kind == PASSAGE for story in episode.stories),
        )

    @property
    def order(self) -> tuple[str, int, str]:
        """The key that sorts episodes in order of publication."""
        return self.date, self.number or 0, self.id

    def packed(self) -> bytes:
        """Return the entry as one JSON array, to be stored in a column."""
        return _json(self).encode("utf-8", "surrogatepass")

    @classmethod
    def unpacked(cls, data: bytes) -> EpisodeEntry:
        """Return the entry that ``packed`` made ``data`` from."""
        return cls(*json.loads(data.decode("utf-8", "surrogatepass")))


class Content(NamedTuple):
    """An episode as last read from its file. ``digest`` covers everything that is indexed of it; ``links`` are the URLs
    of all its heads, boilerplate included.
    """

    digest: str
    links: list[str]


class FileEntry(NamedTuple):
    """A source file as last read. ``digest`` is that of its bytes, ``episodes`` has what was found in it, by id,
    ``zone`` is the time zone of most of their dates (``""`` if they give none). ``id`` and ``transcripts`` (label, size
    and time of each) come from the scan.

    ``pending`` is why it could not be read at the last look (``permission denied``), ``""`` if it could; if ``stale``,
    the rest is from an earlier look.
    """

    label: str
    size: int
    mtime_ns: int
    digest: str
    episodes: dict[str, Content]
    problems: list[dict[str, Any]]
    zone: str = ""
    id: str = ""
    transcripts: Sequence[list[Any]] = ()
    pending: str = ""
    stale: bool = False

    def is_unchanged(self, file: SourceFile) -> bool:
        """Whether the file is still as it was at the last look."""
        if (self.size, self.mtime_ns, self.id) != (file.size, file.mtime_ns, file.id):
            return False
        return not (self.transcripts or file.transcripts) or list(self.transcripts) == transcript_rows(file)

    def all_problems(self) -> list[dict[str, Any]]:
        """Return the problems in the file, and one more if it cannot be read now."""
        if not self.stale:
            return self.problems
        cause = f"This file cannot be read now ({self.pending}); what was last read of it is kept."
        return [*self.problems, *problem_rows([Problem(path=self.label, cause=cause)])]


def transcript_rows(file: SourceFile) -> list[list[Any]]:
    """Return label, size and time of each transcript of a file, as a catalog stores them."""
    return [[one.label, one.size, one.mtime_ns] for one in file.transcripts]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of the Whoosh index: the stem of its file names, how many documents it has, which of them are deleted,
    and which columns have any value. If ``in_order``, documents are stored in order of publication.
    """

    name: str
    documents: int
    deleted: list[int]
    columns: list[str] = field(default_factory=list)
    in_order: bool = False

    @property
    def live(self) -> int:
        """How many of its documents are not deleted."""
        return self.documents - len(self.deleted)


@dataclass(frozen=True, slots=True)
class Meta:
    """The metadata of a generation, read at start.

    ``descriptions`` has the fields of an ``archive_view.Description`` for each archive, ``surveys`` how its files are
    written (``ArchiveReader.keep``), and ``profiles`` a digest of that; ``archives`` says how far each of several
    archives reaches (the fields of ``answers.Reach``). ``unavailable`` are the labels of what could not be read,
    ``undated`` counts the episodes without a date, ``passages`` the stories that are passages. ``timezone`` decides
    what "today" is; ``zone_stated`` says whether somebody stated it (if not, it comes from the dates). ``reason`` says
    why the generation was built; ``segments`` has the fields of a ``SegmentEntry`` each. ``title_length`` and
    ``summary_length`` are the average characters that its impacts were computed with (see ``impact.Lengths``),
    ``title_characters`` and ``summary_characters`` the present sums over all stories.
    """

    schema: int
    sources: str
    archive: str
    language: str | None
    timezone: str
    created: str
    reason: str
    episodes: int
    stories: int
    oldest: str | None
    newest: str | None
    problems: int
    title_length: float
    summary_length: float
    title_characters: int
    summary_characters: int
    zone_stated: bool = False
    passages: int = 0
    surveys: dict[str, Any] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    undated: int = 0
    unavailable: list[str] = field(default_factory=list)
    descriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    archives: list[dict[str, Any]] = field(default_factory=list)
    boilerplate: dict[str, list[str]] = field(default_factory=dict)
    segments: list[dict[str, Any]] = field(default_factory=list)

    def made_from(self, sources: str) -> bool:
        """Whether the generation was made from these sources, with these settings, by this version."""
        return self.sources == sources and self.schema == VERSION

    @property
    def written_stories(self) -> int:
        """How many stories there are, without passages."""
        return self.stories - self.passages

    def freshness(self, state: State, pending: int = 0, unavailable: int = 0) -> Freshness:
        """Return how far answers from this generation reach. ``pending`` changed files are not in it; ``unavailable``
        files and folders are in it as last read.
        """
        return Freshness(
            state=state,
            archive=self.archive,
            episodes=self.episodes,
            stories=self.written_stories,
            oldest=self.oldest,
            newest=self.newest,
            problems=self.problems,
            pending=pending,
            unavailable=unavailable,
            undated=self.undated,
            archives=[Reach(**row) for row in self.archives],
        )

    @property
    def lengths(self) -> Lengths:
        """The averages that every impact in this generation was computed with."""
        return Lengths(title=self.title_length, summary=self.summary_length)

    @property
    def lengths_changed(self) -> bool:
        """Whether the averages have changed since the impacts were computed, so that a new index scores differently."""
        return self.lengths != Lengths.over(self.stories, self.title_characters, self.summary_characters)

    @property
    def parts(self) -> list[SegmentEntry]:
        """The segments, in order. Raises ``ValueError`` for a name that could lead out of the generation."""
        parts = [SegmentEntry(**row) for row in self.segments]
        if outside := [part.name for part in parts if not _SEGMENT.fullmatch(part.name)]:
            msg = f"{outside[0]!r} is not the name of a segment."
            raise ValueError(msg)
        return parts


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The source files by label, in order of the sources, and the problems that belong to no single file: those of the
    scan, and those of configurations and duplicate ids.
    """

    entries: dict[str, FileEntry]
    scan_problems: list[dict[str, Any]]
    other_problems: list[dict[str, Any]]

    def problems(self) -> list[Problem]:
        """Return all problems in the sources, those of folders first, then those of files in order."""
        return [Problem.model_validate(row) for row in self.rows()]

    def rows(self) -> list[dict[str, Any]]:
        """Return the same problems as plain data."""
        of_files = (row for file in self.entries.values() for row in file.all_problems())
        return [*self.scan_problems, *self.other_problems, *of_files]

    def pending(self) -> list[str]:
        """Return the labels of the files that could not be read at the last look."""
        return [label for label, file in self.entries.items() if file.pending]

    def digests(self) -> dict[str, str]:
        """Return a digest of each episode as it is in its files, by id."""
        digests: dict[str, str] = {}
        for file in self.entries.values():
            for episode, content in file.episodes.items():
                digests[episode] = digests.get(episode, "") + content.digest
        return digests


def average_lengths(entries: Collection[EpisodeEntry]) -> Lengths:
    """Return the average lengths over all stories of these episodes."""
    return Lengths.over(
        sum(entry.stories for entry in entries),
        sum(entry.title_characters for entry in entries),
        sum(entry.summary_characters for entry in entries),
    )


def write(folder: Path, meta: Meta, files: SourceFiles) -> None:
    """Write ``meta.json`` and ``files.json`` into a generation folder."""
    rows = {"scan_problems": files.scan_problems, "other_problems": files.other_problems}
    _dump(folder / _FILES, {"files": list(files.entries.values()), **rows})
    _dump(folder / "meta.json", asdict(meta))


def read_meta(folder: Path) -> Meta:
    """Return the metadata of a generation. Raises ``ValueError``, ``TypeError`` or ``OSError`` if it is damaged."""
    return Meta(**json.loads((folder / "meta.json").read_text(encoding="utf-8")))


def read_files(folder: Path) -> SourceFiles:
    """Return the source files of a generation. Raises ``ValueError``, ``TypeError``, ``KeyError`` or ``OSError``."""
    data = json.loads((folder / _FILES).read_text(encoding="utf-8"))
    entries = [_with_contents(FileEntry(*row)) for row in data["files"]]
    return SourceFiles({entry.label: entry for entry in entries}, data["scan_problems"], data["other_problems"])


def _with_contents(entry: FileEntry) -> FileEntry:
    return entry._replace(episodes={episode: Content(*row) for episode, row in entry.episodes.items()})


def write_topics(folder: Path, topics: Iterable[ArchiveTopic]) -> None:
    """Write ``topics.json`` into a generation folder."""
    _dump(folder / TOPICS, [asdict(topic) for topic in topics])


def read_topics(folder: Path) -> list[ArchiveTopic] | None:
    """Return the topics stored with a generation, or None if it has none because a small change made it."""
    from zunda_mcp.topics.tokens import ArchiveTopic  # start-up

    try:
        rows = json.loads((folder / TOPICS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return [ArchiveTopic.of(row) for row in rows]


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems as plain data for the catalog."""
    return [problem.model_dump() for problem in problems]


def _dump(path: Path, data: object) -> None:
    path.write_text(_json(data), encoding="utf-8")


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
