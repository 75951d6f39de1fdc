"""One archive: its identity, its files, and what each file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from zunda_mcp.config.files import open_regular, read_regular
from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.detection.conventions import Conventions, Origin, Strategy, origin_of
from zunda_mcp.reading.detection.detect import arranged, looked_at, take_survey
from zunda_mcp.reading.detection.profile import Profile, Witness, digest_of
from zunda_mcp.reading.detection.survey import Survey
from zunda_mcp.reading.draft import Draft, boilerplate_links
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats import Format, format_of, limit_of, merges
from zunda_mcp.reading.mapping.archive_table import ArchiveMapping
from zunda_mcp.reading.mapping.provenance import Trace
from zunda_mcp.reading.mapping.settings_files import SettingsFiles, Stated
from zunda_mcp.reading.metadata.addresses import Addresses
from zunda_mcp.reading.metadata.site import Configuration, ConfigurationFiles
from zunda_mcp.reading.scan import Scan, scan_sources, source_names
from zunda_mcp.reading.source_file import Hashed, SourceFile, as_id, file_bytes
from zunda_mcp.reading.transcripts.transcript_finder import TranscriptFinder, is_feed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ArchiveReader", "Reading", "duplicate_problem", "first_of_each_id", "merge_drafts", "read_archive"]


_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file holds: any number of episodes, often one. ``digest`` is the SHA-256 of its bytes in hex (with those
    of its transcript), ``""`` if it could not be read at all. ``unavailable`` is why it, or its transcript, could not
    be read just now (``permission denied``): what it holds is not known then, and ``drafts`` are not all of it.
    """

    label: str
    digest: str
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    unavailable: str = ""

    @property
    def draft(self) -> Draft | None:
        """The first episode, the only one in most files."""
        return self.drafts[0] if self.drafts else None


class ArchiveReader:
    """Reads one archive: a list of source folders with one identity.

    What the settings leave open comes from the ``_config.yml`` of the site that the folders belong to, and from a look
    at some of the files (``profiles``); the name else is that of the first folder, and the zone UTC.

    ``mapping`` is what is declared, in place of the table of the settings file.

    Raises ``SettingsError`` for an unknown time zone, template field or strategy. The folders are not touched before
    ``scan``.
    """

    def __init__(
        self, sources: Sequence[Path], settings: ReaderSettings | None = None, mapping: ArchiveMapping | None = None
    ) -> None:
        self.sources = tuple(Path(os.path.abspath(source)) for source in sources)  # noqa: PTH100 - links stay links
        self._settings_files = SettingsFiles(self.sources, settings or ReaderSettings(), mapping)
        self._configuration = ConfigurationFiles(self.sources)
        self._transcripts = TranscriptFinder()
        self._profile: Profile | None = None
        self._looked_at: tuple[tuple[tuple[SourceFile, ...], ...], list[list[object]]] = ((), [])
        self._kept: Mapping[str, Any] = {}
        self._witnesses: Mapping[str, Witness | list[Any]] = {}
        self._witnessed = ""  # a digest of what was declared when the witnesses were looked at

    @property
    def name(self) -> str:
        """What the archive is called."""
        titles = (site.title for site in self._configuration.current().sites)
        return (
            self._stated.settings.name
            or next((title for title in titles if title), None)
            or (self._folder_names or ["archive"])[0]
        )

    @property
    def language(self) -> str | None:
        """The language of the archive (``ja``), ``None`` where nobody says."""
        stated, sites = self._stated, self._configuration.current().sites
        named = stated.mapping.fixed("language") or stated.settings.language
        return named or next((site.language for site in sites if site.language), None)

    @property
    def timezone(self) -> ZoneInfo:
        """The time zone the archive's days are counted in; UTC where nobody says.

        Where nobody says, an episode's day is still the one its file names, at whatever offset it is written.
        """
        return self._zone(self._configuration.current()) or ZoneInfo("UTC")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the archive's own configuration."""
        sites = self._configuration.current().sites
        of_sites = (problem for site in sites for problem in site.problems)
        return tuple(dict.fromkeys((*self._stated.problems, *of_sites)))

    @property
    def mapping(self) -> ArchiveMapping:
        """What the archive's owner declares."""
        return self._stated.mapping

    def scan(self, known: Collection[str] = ()) -> Scan:
        """List the files: cheap, none is opened.

        ``known`` are the labels of the files that an index has: those among them that lie where nothing can be looked
        at now are named (``missing``), and the others keep the ids they have beside them.

        Raises ``ArchiveError`` only if no source folder can be read at all.
        """
        if known:
            known = {*known, *(label for label, one in self._witnesses.items() if one[-1])}
        mapping = self._stated.mapping
        scan = scan_sources(self.sources, self._configuration.roots(), self._transcripts, known, mapping.names)
        if mapping.include or mapping.exclude:
            files = tuple(file for file in scan.files if mapping.takes(self._below(file.label)))
            problems = tuple(one for one in scan.problems if mapping.takes(self._below(one.path)))
            scan = replace(scan, files=files, problems=problems)
        missing = [SourceFile(label, label, 0, 0) for label in scan.missing]
        pages = arranged((*scan.files, *missing), self._stated.settings.people)
        labels = {file.label for file in pages}
        return replace(
            scan,
            files=tuple(file for file in pages if file.label not in scan.missing),
            people=tuple(file for file in scan.files if file.label not in labels),
        )

    def digests(self, scan: Scan) -> dict[str, str]:
        """The digest of the profile that a scan leads to, by the name of the archive; opens few files, mostly none."""
        if self._profile is None and self._kept and (scan.missing or self._kept.get("key") == self._key(scan)):
            return {"": str(self._kept.get("digest"))}
        return {"": self.profiles(scan)[""].digest}

    def profiles(self, scan: Scan) -> dict[str, Profile]:
        """How the files of a scan are read, by the name of the archive. Opens those that were not looked at before.

        Where files are missing that cannot be looked at now, the last profile holds.
        """
        key, last = self._key(scan), self._profile
        if last is not None and (scan.missing or (last.key == key and not last.unread)):
            return {"": last}
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

    def unread(self) -> tuple[str, ...]:
        """The labels of the files that the last profile should have been made of, and that could not be read."""
        return self._profile.unread if self._profile is not None else ()

    def keep(self, profiles: Mapping[str, Profile]) -> dict[str, Any]:
        """What was found out by looking, as JSON can hold it, for ``recall`` of another process."""
        profile = profiles[""]
        return {
            "": profile.survey.as_dict(),
            "key": profile.key if not profile.unread else "",
            "digest": profile.digest,
            "declared": self._witnessed,
            "witnesses": {label: one.as_row() for label, one in profile.witnesses.items()},
            "configuration": profile.configuration.stamps,
            "roots": [str(root) for root in profile.configuration.roots],
            "mentioned": self._transcripts.state(),
        }

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Go on with what an earlier look found, so that no file is opened for it again; what does not fit the files
        as they are is found out anew.
        """
        self._kept = kept
        with suppress(KeyError, TypeError, ValueError):
            rows = dict(kept["witnesses"])
            if kept["declared"] == digest_of(*self._stated.facts()):
                own = self._witnesses if self._witnessed == kept["declared"] else {}
                self._witnesses, self._witnessed = {**rows, **own}, kept["declared"]
            self._configuration.recall(kept["configuration"], [Path(root) for root in kept["roots"]])
            self._transcripts.restore(kept["mentioned"])

    @property
    def survey(self) -> Survey:
        """What a look at some files found, taken when it is first asked for. Raises as ``scan`` does."""
        return self._current().survey

    @property
    def strategy(self) -> Strategy:
        """How the files are split into stories, and why. Raises as ``scan`` does."""
        return self._current().survey.strategy

    @property
    def conventions(self) -> Conventions:
        """What formats are told of this archive. Raises as ``scan`` does."""
        return self._current().conventions

    def feed_strategies(self) -> dict[str, Strategy]:
        """How each feed is split into stories, and why, by label: every feed has its own way. Reads them all."""
        from zunda_mcp.reading.detection.detect import feed_strategies

        return feed_strategies(self.scan().files, self.conventions)

    def archive_of(self, label: str) -> str:
        """The name of the archive that a file belongs to."""
        return ""

    def read(
        self, file: SourceFile, profiles: Mapping[str, Profile] | None = None, trace: Trace | None = None
    ) -> Reading:
        """Read one file. Whatever is wrong with it becomes a problem; nothing is raised. ``trace`` records where the
        fields of its episodes stood.
        """
        profile = profiles[""] if profiles is not None else self._current()
        form = format_of(file.path.name)
        if form is not None and form.source != "text":
            return _streamed(form, file, self.origin(file, profile.configuration, trace=trace))
        try:
            data, why = file_bytes(file.path, limit_of(file.path.name))
        except OSError as error:
            return _unreadable(file, error)
        if data is None:
            return Reading(file.label, "", (), (Problem(path=file.label, cause=why, skipped=True),))
        digest = hashlib.sha256(data + _metadata_of(file)).hexdigest()
        text, remark = form.decoded(data, file.path.name) if form is not None else decode(data)
        said = [Problem(path=file.label, cause=remark, skipped=text is None)] if remark else []
        if text is None or form is None:
            return Reading(file.label, digest, (), tuple(said))
        try:
            origin = self.origin(file, profile.configuration, profile.conventions, trace)
            drafts, problems = form.read(text, origin)
            if file.transcripts and is_feed(file):
                digest = hashlib.sha256(f"{digest} {file.size} {file.mtime_ns}".encode()).hexdigest()
            elif len(drafts) == 1 and file.transcripts:
                from zunda_mcp.reading.transcripts.attach import attach_transcript

                draft, heard, told = attach_transcript(file, text, drafts[0], drafts[0].language or profile.language)
                drafts, problems = [draft], [*problems, *heard]
                digest = hashlib.sha256(f"{digest} {told}".encode()).hexdigest() if told else digest
        except OSError as error:  # of a transcript, or a document whose turn has not come
            return _unreadable(file, error, "This file" if isinstance(error, TimeoutError) else "A file beside it")
        drafts = [replace(one, language=None) if one.language == profile.language else one for one in drafts]
        return Reading(file.label, digest, _named(drafts), (*said, *problems))

    def origin(
        self,
        file: SourceFile,
        configuration: Configuration | None = None,
        conventions: Conventions | None = None,
        trace: Trace | None = None,
    ) -> Origin:
        """Return what is known of a file before it is opened; without conventions, with what is declared alone."""
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
        """The path of a file or folder below its source; of a source that is a file, its name."""
        names = (name for name in self._folder_names if label.startswith(f"{name}/"))
        name = max(names, key=len, default="")
        return label[len(name) + 1 :] if name else label.rpartition("/")[2]

    def _current(self) -> Profile:
        """The last profile; where there is none yet, that of the files now."""
        return self._profile or self.profiles(self.scan())[""]

    def _key(self, scan: Scan) -> str:
        """From which states of which files a profile of this scan is made."""
        known, looked = self._looked_at
        if known != (scan.files, scan.people):
            looked = [[file.label, file.size, file.mtime_ns, file.id] for file in looked_at(scan)]
            self._looked_at = (scan.files, scan.people), looked
        return digest_of(looked, self._configuration.stamps(), self._settings_files.stamps())

    def _zone(self, configuration: Configuration) -> ZoneInfo | None:
        """The zone that the settings or the site state; ``None`` where nobody says."""
        return self._settings_files.last.zone or next((site.zone for site in configuration.sites if site.zone), None)

    @cached_property
    def _folder_names(self) -> list[str]:
        return source_names(self.sources)

    def _addresses(self, path: Path, configuration: Configuration) -> Addresses:
        """Find the site of a file: that of the source it lies in, the innermost if sources lie in each other."""
        around = [place for place, source in enumerate(self.sources) if path.is_relative_to(source)]
        place = max(around, key=lambda place: len(self.sources[place].parts), default=0)
        site = configuration.sites[place]
        below = path.relative_to(site.root).as_posix() if around else path.name
        return Addresses(self._settings_files.last.templates, site, below, configuration.blobs[site.root])


def duplicate_problem(label: str, kept_label: str, *ids: str, whole: bool = True) -> Problem:
    """Return the problem of a file with ids that are taken; ``whole`` says that it holds no other."""
    if whole and len(ids) == 1:
        cause = f"The id {ids[0]} is taken by {kept_label}; this file was skipped."
    else:
        shown = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        cause = f"The ids of {len(ids)} of its episodes ({shown}) are taken by {kept_label}; these were skipped."
    return Problem(path=label, cause=cause, skipped=whole)


_DAY = re.compile(r"(?:^|:)(?:\d{4}-\d\d-\d\d|undated)(?:-bookmarks)?$", re.ASCII)
"""The id of an episode that is a whole day, of which several files may hold a part."""


_DATED = re.compile(r"(^|:)\d{4}-\d\d-\d\d-(?=.*\D)", re.ASCII)
"""The day before the name in the id of a feed's item; a number is a name in any show."""


def first_of_each_id(files: Mapping[str, Collection[str]]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Of the ids of episodes in each file, by label in order: the files that each id is read from, and problems.

    The first file with an id counts, alone unless the id is that of a day, and its format or that of another merges.
    A page counts before the item of a feed, which is its own too where the name behind the item's day is the page's.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    lost: dict[tuple[str, str], list[str]] = {}
    pages = {id.casefold(): id for label, ids in files.items() if not _is_feed(label) for id in ids}
    for label, ids in sorted(files.items(), key=lambda pair: _is_feed(pair[0])):
        joins = merges(label.rpartition("/")[2])
        for id in ids:
            page = pages.get(_DATED.sub(r"\1", id.casefold()), id) if _is_feed(label) else id
            kept = chosen.get(id) or chosen.get(page, ())
            if not kept or (_DAY.search(id) and (joins or any(merges(one.rpartition("/")[2]) for one in kept))):
                chosen[id] = (*kept, label)
            else:
                lost.setdefault((label, "pages" if _is_feed(label) else kept[0]), []).append(id)
    problems = [
        duplicate_problem(label, kept, *ids, whole=len(ids) == len(files[label])) for (label, kept), ids in lost.items()
    ]
    return chosen, problems


def _is_feed(label: str) -> bool:
    return kind_of(label) in ("feed", "kept feed")


def merge_drafts(drafts: Sequence[Draft]) -> Draft:
    """The one episode that stands in several files (see ``first_of_each_id``): a page before posts of its day."""
    if len(drafts) == 1:
        return drafts[0]
    *_, (form, _) = pairs = sorted(
        ((format_of(draft.path.rpartition("/")[2]), draft) for draft in drafts),
        key=lambda pair: pair[0] is not None and pair[0].merges,
    )
    return form.merged([draft for _, draft in pairs]) if form is not None else drafts[0]


def read_archive(reader: ArchiveReader) -> tuple[list[Episode], list[Problem]]:
    """Read everything at once: episodes in order of date, number and id, and all problems.

    Of two files with one id the first in priority order wins. Raises ``ArchiveError`` as ``ArchiveReader.scan`` does.
    """
    scan = reader.scan()
    problems = [*scan.problems, *reader.problems]
    found: dict[str, dict[str, Draft]] = {}
    for file in scan.files:
        reading = reader.read(file)
        problems += reading.problems
        found[file.label] = {draft.id: draft for draft in reading.drafts}
    chosen, duplicates = first_of_each_id(found)
    drafts = [merge_drafts([found[label][id] for label in labels]) for id, labels in chosen.items()]
    boilerplate = boilerplate_links(draft.links for draft in drafts)
    return sorted(_episodes(drafts, boilerplate), key=_order), [*problems, *duplicates]


def _episodes(drafts: Iterable[Draft], boilerplate: frozenset[str]) -> Iterable[Episode]:
    return (draft.episode(boilerplate) for draft in drafts)


def _order(episode: Episode) -> tuple[object, ...]:
    return (
        episode.date is not None,
        episode.date or dt.date.min,
        -1 if episode.number is None else episode.number,
        episode.id,
    )


def _metadata_of(file: SourceFile) -> bytes:
    """Return the bytes of the file that is a page's front matter; reading the page says where it cannot be read."""
    try:
        return read_regular(Path(file.metadata)) if file.metadata else b""
    except OSError:
        return b""


def _witnesses(kept: Mapping[str, Witness | list[Any]]) -> dict[str, Witness]:
    """What files said, as far as it can be used; of an earlier process it is read only where a look is taken."""
    found: dict[str, Witness] = {}
    for label, one in kept.items():
        with suppress(TypeError, ValueError):
            found[label] = one if isinstance(one, Witness) else Witness.of_row(one)
    return found


def _unreadable(file: SourceFile, error: OSError, what: str = "This file") -> Reading:
    """The reading of a file that cannot be read now."""
    why = (error.strerror or str(error) or type(error).__name__).lower()
    cause = f"{what} cannot be read ({why}); it was skipped."
    return Reading(file.label, "", (), (Problem(path=file.label, cause=cause, skipped=True),), why)


def _streamed(form: Format, file: SourceFile, origin: Origin) -> Reading:
    """Read a file that is never in memory as a whole, or one that stands for several."""
    try:
        if form.source == "path":
            drafts, problems = form.read("", origin)
            digest = form.digest(file.path)
        else:
            with open_regular(file.path) as raw, Hashed(raw) as hashed:
                drafts, problems = form.read_stream(io.BufferedReader(hashed, _CHUNK), origin)
                digest = hashed.finish()
    except OSError as error:
        return _unreadable(file, error)
    return Reading(file.label, digest, _named(drafts), tuple(problems))


def _named(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The drafts with ids as answers show them, wherever a format has them from."""
    return tuple(draft if (id_ := as_id(draft.id)) == draft.id else replace(draft, id=id_) for draft in drafts)
