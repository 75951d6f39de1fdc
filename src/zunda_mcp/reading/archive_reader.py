"""Reads one archive: its name and language, the list of its files, and the episodes in them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.detection.conventions import Conventions, Origin, Strategy, origin_of
from zunda_mcp.reading.detection.survey import Profile, Survey, Witness, digest_of
from zunda_mcp.reading.draft import Draft, boilerplate_links
from zunda_mcp.reading.file_reader import FileReading, first_of_each_id, merge_drafts, read_file
from zunda_mcp.reading.formats import format_of
from zunda_mcp.reading.mapping.archive_table import ArchiveMapping, Trace
from zunda_mcp.reading.mapping.settings_files import SettingsFiles, Stated
from zunda_mcp.reading.metadata.site import Addresses, Configuration, ConfigurationFiles
from zunda_mcp.reading.scanning.scan import Scan, scan_sources, source_names
from zunda_mcp.reading.scanning.wanted_files import episode_files
from zunda_mcp.reading.source_file import SourceFile, seen_at
from zunda_mcp.reading.transcripts.transcript_finder import TranscriptFinder

__all__ = ["ArchiveReader", "read_archive"]

_MOST_PEOPLE = 5000
"""The most files that are searched for the names of people."""


class ArchiveReader:
    """Reads one archive, a list of source folders.

    What the settings leave open comes from the site's ``_config.yml``, and from a look at the files (``profiles``).
    ``mapping`` replaces the table of the settings file. Raises ``SettingsError`` for settings that cannot be used.
    """

    def __init__(
        self, sources: Sequence[Path], settings: ReaderSettings | None = None, mapping: ArchiveMapping | None = None
    ) -> None:
        self.sources = tuple(Path(os.path.abspath(source)) for source in sources)  # noqa: PTH100 - links stay links
        self._settings_files = SettingsFiles(self.sources, settings or ReaderSettings(), mapping)
        self._configuration = ConfigurationFiles(self.sources)
        self._transcripts = TranscriptFinder()
        self._profile: Profile | None = None
        self._scanned: tuple[object, dict[str, object], Scan] | None = None
        self._kept: Mapping[str, Any] = {}
        self._witnesses: Mapping[str, Witness | list[Any]] = {}
        self._witnessed = ""  # a digest of what was declared when the witnesses were looked at

    @property
    def name(self) -> str:
        """The name of the archive: from the settings, else the title of its site, else the name of its folder."""
        titles = (site.title for site in self._configuration.current().sites)
        return self._stated.settings.name or next(filter(None, titles), None) or (self._folder_names or ["archive"])[0]

    @property
    def language(self) -> str | None:
        """The language of the archive (``ja``); ``None`` if neither its settings nor its site state one."""
        stated, sites = self._stated, self._configuration.current().sites
        named = stated.mapping.fixed("language") or stated.settings.language
        return named or next((site.language for site in sites if site.language), None)

    def titles(self) -> dict[str, tuple[str, str | None]]:
        """Return the name and language of the archive under the key ``""``, as the only one."""
        return {"": (self.name, self.language)}

    @property
    def timezone(self) -> ZoneInfo:
        """The time zone that determines days. If none is stated it is UTC, but a time then keeps the day it is written
        with, whatever its offset.
        """
        return self._zone(self._configuration.current()) or ZoneInfo("UTC")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the archive's own configuration."""
        of_sites = (problem for site in self._configuration.current().sites for problem in site.problems)
        return tuple(dict.fromkeys((*self._stated.problems, *of_sites)))

    @property
    def mapping(self) -> ArchiveMapping:
        """What the owner of the archive declares in the table of the settings file."""
        return self._stated.mapping

    def scan(self, indexed: Collection[str] = ()) -> Scan:
        """List the files without opening them.

        ``indexed`` are the labels of the files in the index: those in folders that cannot be read now are ``missing``,
        and the others keep their ids. Raises ``ArchiveError`` only if no source folder can be read at all.
        """
        if indexed:
            indexed = {*indexed, *(label for label, one in self._witnesses.items() if one[-1])}
        stated, roots, seen = self._stated, self._configuration.roots(), dict[str, object]()
        mapping, given = stated.mapping, (stated, roots, frozenset(indexed))
        last = self._scanned
        if last and last[0] == given and all(seen_at(one) == state for one, state in last[1].items()):
            return last[2]  # takes a sixth of the time
        scan = scan_sources(self.sources, roots, self._transcripts, indexed, mapping.names, seen=seen)
        files, problems = scan.files, scan.problems
        if mapping.include or mapping.exclude:
            files = tuple(file for file in files if mapping.takes(self._below(file.label)))
            problems = tuple(one for one in problems if mapping.takes(self._below(one.path)))
        missing = [SourceFile(label, label, 0, 0) for label in scan.missing]
        pages = episode_files((*files, *missing), stated.settings.people)
        labels = {file.label for file in pages}
        scan = replace(
            scan,
            files=tuple(file for file in pages if file.label not in scan.missing),
            problems=problems,
            people=tuple(file for file in files if file.label not in labels)[:_MOST_PEOPLE],
        )
        self._scanned = given, seen, scan
        return scan

    def digests(self, scan: Scan) -> dict[str, str]:
        """Return the digest of the profile for a scan, under the key ``""``. Opens only files that changed."""
        if self._profile is None and self._kept and (scan.missing or self._kept.get("key") == self._key(scan)):
            return {"": str(self._kept.get("digest"))}
        return {"": self.profiles(scan)[""].digest}

    def profiles(self, scan: Scan) -> dict[str, Profile]:
        """Return the profile of the files of a scan, under the key ``""``. Opens the files that changed since the last
        look. If the scan has ``missing`` files, the last profile still counts.
        """
        key, last = self._key(scan), self._profile
        if last is not None and (scan.missing or (last.key == key and not last.unread)):
            return {"": last}
        from zunda_mcp.reading.detection.detect import take_survey  # start-up: mostly the last profile holds

        configuration, stated = self._configuration.current(), self._stated
        declared = digest_of(*stated.facts())
        witnesses = _witnesses(self._witnesses) if self._witnessed == declared else {}
        look = take_survey(
            scan,
            lambda file: self.origin(file, configuration),
            stated.mapping.stories or stated.settings.strategy,
            witnesses,
        )
        kept = self._kept if scan.missing else {}
        taken = look.survey
        with suppress(KeyError, TypeError, ValueError):
            taken = Survey.of(kept[""])
        zone, language = self._zone(configuration), self.language
        shown = {**taken.as_dict(), "strategy": taken.strategy.name}  # its reason and counts change with every file
        facts = [shown, configuration.facts(), stated.facts(), self.name, language, zone.key if zone else ""]
        self._profile = Profile(
            key=key,
            digest=str(kept.get("digest", "")) or digest_of(*facts),
            survey=taken,
            conventions=replace(taken.conventions, settings=stated.settings).declared(stated.mapping),
            configuration=configuration,
            zone=zone,
            language=language,
            witnesses=look.witnesses,
            unread=(*look.unread, *self._configuration.unread),
        )
        self._witnesses, self._witnessed = {**witnesses, **look.witnesses}, declared
        return {"": self._profile}

    def state(self, scan: Scan) -> str:
        """Return a digest of the files of a scan and the settings. As long as it is the same, files read the same."""
        self._configuration.current()
        return digest_of(self._key(scan), *self._stated.facts())

    def unread(self) -> tuple[str, ...]:
        """Return the labels of the files that could not be read when the last profile was made."""
        return self._profile.unread if self._profile is not None else ()

    def keep(self, profiles: Mapping[str, Profile]) -> dict[str, Any]:
        """Return what looking at the files showed, as plain JSON values, for ``recall`` in another process."""
        profile = profiles[""]
        return {
            "": profile.survey.as_dict(),
            "key": profile.key if not profile.unread else "",
            "digest": profile.digest,
            "declared": self._witnessed,
            "witnesses": dict(profile.witnesses),
            "configuration": profile.configuration.stamps,
            "roots": [str(root) for root in profile.configuration.roots],
            "mentioned": self._transcripts.state(),
        }

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Restore what ``keep`` returned. What no longer matches the files is determined again."""
        self._kept, self._scanned = kept, None
        with suppress(KeyError, TypeError, ValueError):
            rows = dict(kept["witnesses"])
            if kept["declared"] == digest_of(*self._stated.facts()):
                own = self._witnesses if self._witnessed == kept["declared"] else {}
                self._witnesses, self._witnessed = {**rows, **own}, kept["declared"]
            self._configuration.recall(kept["configuration"], [Path(root) for root in kept["roots"]])
            self._transcripts.restore(kept["mentioned"])

    @property
    def strategy(self) -> Strategy:
        """How the files are split into stories, and why. Raises as ``scan`` does."""
        return self._current().survey.strategy

    @property
    def conventions(self) -> Conventions:
        """What formats need to know about this archive. Raises as ``scan`` does."""
        return self._current().conventions

    def feed_strategies(self) -> dict[str, Strategy]:
        """Return how each feed is split into stories, and why, by label. Reads all feeds."""
        from zunda_mcp.reading.detection.detect import feed_strategies  # start-up: searching never needs it

        return feed_strategies(self.scan().files, self.conventions)

    def archive_of(self, label: str) -> str:
        """Return ``""``, the key of the only archive."""
        return ""

    def read(
        self, file: SourceFile, profiles: Mapping[str, Profile] | None = None, trace: Trace | None = None
    ) -> FileReading:
        """Read one file. Whatever is wrong with it becomes a problem. ``trace`` records where its fields were found."""
        profile = profiles[""] if profiles is not None else self._current()
        form = format_of(file.path.name)
        streamed = form is not None and form.source != "text"
        origin = self.origin(file, profile.configuration, None if streamed else profile.conventions, trace)
        return read_file(file, form, origin, profile.language)

    def origin(
        self,
        file: SourceFile,
        configuration: Configuration | None = None,
        conventions: Conventions | None = None,
        trace: Trace | None = None,
    ) -> Origin:
        """Return what is known about a file before it is opened: its day, number, addresses and how to read it.
        ``conventions`` default to what the owner of the archive declares.
        """
        configuration = configuration or self._configuration.current()
        stated = self._settings_files.last
        usual = conventions or Conventions(settings=stated.settings).declared(stated.mapping)
        if usual.mapping.parts:
            usual = usual.declared(usual.mapping.of(self._below(file.label)))
        return origin_of(file, self._zone(configuration), self._addresses(file.path, configuration), usual, trace)

    @property
    def _stated(self) -> Stated:
        return self._settings_files.current()

    def _below(self, label: str) -> str:
        """Return the path of a file or folder relative to its source; for a source that is a file, its name."""
        names = (name for name in self._folder_names if label.startswith(f"{name}/"))
        name = max(names, key=len, default="")
        return label[len(name) + 1 :] if name else label.rpartition("/")[2]

    def _current(self) -> Profile:
        """Return the last profile, or make one from the files as they are now."""
        return self._profile or self.profiles(self.scan())[""]

    def _key(self, scan: Scan) -> str:
        """Return a digest of the files that a profile of this scan is made from, and of their states."""
        looked = [[file.label, file.size, file.mtime_ns, file.id] for file in (*scan.files, *scan.people)]
        return digest_of(looked, self._configuration.stamps(), self._settings_files.stamps())

    def _zone(self, configuration: Configuration) -> ZoneInfo | None:
        """Return the time zone that the settings or the site state, else ``None``."""
        return self._settings_files.last.zone or next((site.zone for site in configuration.sites if site.zone), None)

    @cached_property
    def _folder_names(self) -> list[str]:
        return source_names(self.sources)

    def _addresses(self, path: Path, configuration: Configuration) -> Addresses:
        """Return the addresses of a file on the site of its source: the innermost of nested sources."""
        around = [place for place, source in enumerate(self.sources) if path.is_relative_to(source)]
        place = max(around, key=lambda place: len(self.sources[place].parts), default=0)
        site = configuration.sites[place]
        below = path.relative_to(site.root).as_posix() if around else path.name
        return Addresses(self._settings_files.last.templates, site, below, configuration.blobs[site.root])


def read_archive(reader: ArchiveReader) -> tuple[list[Episode], list[Problem]]:
    """Read a whole archive: its episodes by date, number and id, and all problems. Raises as ``scan`` does."""
    scan = reader.scan()
    problems = [*scan.problems, *reader.problems]
    files: dict[str, dict[str, Draft]] = {}
    for file in scan.files:
        reading = reader.read(file)
        problems += reading.problems
        files[file.label] = {draft.id: draft for draft in reading.drafts}
    chosen, duplicates = first_of_each_id(files)
    drafts = [merge_drafts([files[label][id] for label in labels]) for id, labels in chosen.items()]
    boilerplate = boilerplate_links(draft.links for draft in drafts)

    def order(episode: Episode) -> tuple[object, ...]:
        number = -1 if episode.number is None else episode.number
        return episode.date is not None, episode.date or dt.date.min, number, episode.id

    return sorted((draft.episode(boilerplate) for draft in drafts), key=order), [*problems, *duplicates]


def _witnesses(kept: Mapping[str, Witness | list[Any]]) -> dict[str, Witness]:
    """Return the witnesses, those from another process parsed; ``{}`` if they are not valid."""
    with suppress(ValidationError):
        return TypeAdapter(dict[str, Witness]).validate_python(kept)
    return {}
