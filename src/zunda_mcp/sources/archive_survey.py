"""A survey of how an archive is understood: the kinds of its files, the rule and line of each field, what was not
understood, and a table ``[archive]`` with all these rules.

The code that reads a field records the rule that found it (``reading.mapping.archive_table.Trace``), so the table does
not guess: with it in ``zunda-mcp.toml`` the episodes are the same.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from zunda_mcp.config.memory import release_freed
from zunda_mcp.config.settings import FILE_NAME, ReaderSettings, Settings
from zunda_mcp.errors import BuildingError
from zunda_mcp.index import index_tuning
from zunda_mcp.models import Line, Model, Problem
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.detection.conventions import DRAFT
from zunda_mcp.reading.detection.survey import Profile, sample
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.endings import ending_of
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.mapping.archive_table import FIELDS, Finding, Rule, Trace
from zunda_mcp.reading.scanning.scan import Scan
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.sources.coverage import KindSeen, coverage_of
from zunda_mcp.sources.derived_mapping import MappingCheck, TracedReading, derive, lines_of, spelled

__all__ = [
    "ArchiveSurvey", "EpisodeSeen", "FieldSeen", "NotUnderstood", "RuleCount", "SurveyCache", "SurveyList",
    "survey_archives",
]  # fmt: skip

_EXAMPLES = 5
_CAUSES = 20
_LONGEST = 120
_CACHED = 300
"""The most files of an archive that a server reads for a survey. With 552 notes that takes 5 s of processor time at
first and 0.2 s after a change (measured on the first show).
"""
_KEPT_BYTES = 128 * 1024
"""The largest file, in bytes, whose episodes are kept for the next survey; 300 of these are 40 MB."""
_VARYING = re.compile(r"`[^`]*`|\d[\d,.:-]*")

_Progress = Callable[[int, int, str], None]
_Read = tuple[SourceFile, FileReading, Trace]


class FieldSeen(Model):
    """One field of an episode: its value, the rule that found it, and the number and text of the line it is on."""

    field: str
    value: Line
    rule: Line
    line: int | None = None
    text: Line | None = None


class EpisodeSeen(Model):
    """One episode, and how each of its fields was found."""

    id: Line
    path: Line
    fields: tuple[FieldSeen, ...]


class RuleCount(Model):
    """The number of episodes in which a rule found a field."""

    field: str
    rule: Line
    episodes: int


class NotUnderstood(Model):
    """A cause of problems, how often it occurs, one place where it does, and whether that file was skipped."""

    cause: Line
    times: int
    example: Line
    skipped: bool


class ArchiveSurvey(Model):
    """How one archive is understood. ``read`` of its ``files`` were read for the survey.

    ``mapping`` is the table as TOML, ``file`` the file to put it in, ``advice`` what to do if too little was
    understood.
    """

    name: Line
    sources: tuple[str, ...]
    files: int
    read: int
    episodes: int
    undated: int
    kinds: tuple[KindSeen, ...]
    rules: tuple[RuleCount, ...]
    examples: tuple[EpisodeSeen, ...]
    not_understood: tuple[NotUnderstood, ...]
    mapping: str
    file: str
    advice: str | None = None


class SurveyList(Model):
    """The surveys of all archives: ``zunda-mcp survey --json``."""

    surveys: tuple[ArchiveSurvey, ...]


def survey_archives(
    settings: Settings, progress: _Progress | None = None, most: int | None = None
) -> tuple[ArchiveSurvey, ...]:
    """Survey each archive of these settings from a sample of ``most`` of its files, by default all.

    Raises ``ArchiveError`` if no source of an archive can be read, ``SettingsError`` for wrong settings.
    """
    return tuple(surveyed.latest(progress, most) for surveyed in _surveyed_archives(settings, {}))


class SurveyCache:
    """The surveys of all archives of some settings; an archive is surveyed again only if its files changed.
    Thread-safe: surveys are made in the background, one at a time, and callers who wait share the next one. ``seen`` is
    what an index knows about how the files are written.
    """

    def __init__(self, settings: Settings, seen: Mapping[str, Any]) -> None:
        self._archives = _surveyed_archives(settings, seen)
        self._next: Future[tuple[ArchiveSurvey, ...]] | None = None
        self._lock, self._making = Lock(), Lock()

    def latest(self) -> tuple[ArchiveSurvey, ...]:
        """Return surveys of the current files. Raises ``ArchiveError`` as ``survey_archives`` does, and
        ``BuildingError`` if that takes longer than a client waits.
        """
        with self._lock:
            if (surveys := self._next) is None:
                surveys = self._next = Future()
                Thread(target=self._make, args=(surveys,), name="zunda-survey", daemon=True).start()
        try:
            return surveys.result(index_tuning.FIRST_BUILD_WAIT)
        except TimeoutError:
            raise BuildingError("The survey is being made; ask again in a few seconds.") from None

    def _make(self, surveys: Future[tuple[ArchiveSurvey, ...]]) -> None:
        with self._making:
            with self._lock:
                self._next = None  # later callers may know of a later change
            try:
                surveys.set_result(tuple(surveyed.latest(None, _CACHED) for surveyed in self._archives))
            except Exception as error:
                surveys.set_exception(error)
            release_freed()


def _surveyed_archives(settings: Settings, seen: Mapping[str, Any]) -> list[_SurveyedArchive]:
    if settings.archives:
        return [_SurveyedArchive(one.episodes, one, seen.get(one.label, {})) for one in settings.archives]
    return [_SurveyedArchive(settings.episodes, settings, seen)]


class _SurveyedArchive:
    """One archive. It keeps what its last survey read, so that the next one reads only files that changed."""

    def __init__(self, sources: Sequence[Path], settings: ReaderSettings, seen: Mapping[str, Any]) -> None:
        self._reader, self._settings = ArchiveReader(sources, settings), settings
        self._reader.recall(seen)
        self._check = MappingCheck(self._reader.sources, settings)
        self._state = ""
        self._survey: ArchiveSurvey | None = None
        self._readings: dict[str, tuple[tuple[SourceFile, str], FileReading, Trace]] = {}

    def latest(self, progress: _Progress | None, most: int | None) -> ArchiveSurvey:
        scan = self._reader.scan()
        state = self._reader.state(scan)
        if self._survey is None or scan.missing or scan.unavailable or state != self._state:
            self._survey = self._made(scan, progress, most)
            self._state = state
        return self._survey

    def _read(self, files: Sequence[SourceFile], profile: Profile, progress: _Progress | None) -> Iterable[_Read]:
        """Read files and trace their fields; yield unchanged files from memory."""
        before, self._readings = self._readings, {}
        for number, file in enumerate(files):
            if progress:
                progress(number, len(files), f"reading {file.label}")
            state, trace = (file, profile.digest), Trace()
            kept = before.get(file.label)
            if kept is None or kept[0] != state:
                kept = state, self._reader.read(file, {"": profile}, trace), trace
            if file.size <= _KEPT_BYTES and not kept[1].unavailable:
                self._readings[file.label] = kept
            yield file, *kept[1:]

    def _made(self, scan: Scan, progress: _Progress | None, most: int | None) -> ArchiveSurvey:
        reader = self._reader
        profile = reader.profiles(scan)[""]
        chosen = sample(scan.files, lambda file: file.label, most or len(scan.files))
        look = TracedReading(problems=[*scan.problems, *reader.problems])
        for file, reading, trace in self._read(chosen, profile, progress):
            look.problems += reading.problems
            kept_back = any(problem.cause.startswith(DRAFT) for problem in reading.problems)
            look.understood[file.label] = bool(reading.drafts) or kept_back
            kept = {draft.id for draft in reading.drafts if look.drafts.setdefault(draft.id, draft) is draft}
            if reading.drafts and not kept:
                continue  # a copy of a file that was read before
            look.traces.append((file, reading.drafts, trace))
        coverage = coverage_of(reader.sources, len(look.drafts), look.understood)
        mapping = self._check.confirmed(derive(reader, look, profile.conventions.order), look)
        return ArchiveSurvey(
            name=reader.name,
            sources=tuple(map(str, reader.sources)),
            files=len(scan.files),
            read=len(chosen),
            episodes=len(look.drafts),
            undated=sum(draft.date is None for draft in look.drafts.values()),
            kinds=coverage.kinds,
            rules=tuple(_rule_counts(look)),
            examples=tuple(_examples(look)),
            not_understood=tuple(_not_understood(look.problems)),
            mapping=mapping.as_toml(),
            file=str(_place_of(self._settings, reader)),
            advice=None if coverage.suffices else coverage.cause(),
        )


def _place_of(settings: ReaderSettings, reader: ArchiveReader) -> Path:
    """Return the settings file of an archive, or the path it would have."""
    named = next((path for path, table in settings.files if not table), None)
    source = reader.sources[0]
    return named or (source.parent if source.is_file() else source) / FILE_NAME


# --- how fields were found


def _rule_counts(look: TracedReading) -> Iterable[RuleCount]:
    """Yield the rules of each field, most frequent first."""
    for name in (*FIELDS, "stories", "link"):
        counts: Counter[Rule | str] = Counter()
        first: dict[Rule | str, tuple[SourceFile, Finding]] = {}
        for file, finding in look.episodes(name):
            counts[finding.rule] += 1
            first.setdefault(finding.rule, (file, finding))
        for rule, count in counts.most_common():
            yield RuleCount(field=name, rule=_words(rule, *first[rule]), episodes=count)


def _words(rule: Rule | str, file: SourceFile, finding: Finding) -> str:
    """Return a rule in words."""
    if isinstance(rule, str):
        return rule
    return " with ".join(
        f"{place} {what}" if what else _BY_ITSELF[place] for place, what in spelled(rule, file, finding).places
    )


_BY_ITSELF = {"path": "name of the file and its folders", "title": "the title", "heading": "the first heading"}


def _examples(look: TracedReading) -> Iterable[EpisodeSeen]:
    """Yield one episode for each of the most frequent combinations of rules."""
    alike: dict[tuple[str, ...], list[tuple[SourceFile, Draft, Mapping[str, Finding]]]] = defaultdict(list)
    for file, drafts, trace in look.traces:
        for draft in drafts:
            findings = trace.of(draft.id)
            key = (ending_of(file.label), *(f"{name} {findings[name].rule}" for name in sorted(findings)))
            alike[key].append((file, draft, findings))
    for group in sorted(alike.values(), key=len, reverse=True)[:_EXAMPLES]:
        file, draft, findings = group[len(group) // 2]
        yield EpisodeSeen(id=draft.id, path=file.label, fields=tuple(_fields(file, draft, findings)))


def _fields(file: SourceFile, draft: Draft, findings: Mapping[str, Finding]) -> Iterable[FieldSeen]:
    lines = lines_of(file)
    values = {
        "date": str(draft.date) if draft.date else "none",
        "title": draft.title,
        "number": "none" if draft.number is None else str(draft.number),
        "people": ", ".join(draft.hosts) or "none",
        "stories": str(len(draft.entries)),
        "link": draft.page_url or "none",
    }
    for name, value in values.items():
        if finding := findings.get(name):
            line = finding.line
            text = lines[line - 1].strip()[:_LONGEST] if line and line <= len(lines) else None
            yield FieldSeen(field=name, value=value, rule=_words(finding.rule, file, finding), line=line, text=text)
        else:
            rule = "nothing" if value == "none" else "the format's own field"
            yield FieldSeen(field=name, value=value, rule=rule)


def _not_understood(problems: Iterable[Problem]) -> Iterable[NotUnderstood]:
    """Yield problems grouped by cause, those with skipped files first."""
    alike: dict[tuple[bool, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        alike[not problem.skipped, _VARYING.sub("…", problem.cause)].append(problem)
    ordered = sorted(alike.items(), key=lambda pair: (pair[0][0], -len(pair[1])))
    for (kept, _), group in ordered[:_CAUSES]:
        first = group[0]
        example = first.path if first.line is None else f"{first.path}:{first.line}"
        yield NotUnderstood(cause=first.cause, times=len(group), example=example, skipped=not kept)
