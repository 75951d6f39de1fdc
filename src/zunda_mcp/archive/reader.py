"""One archive: its identity, its files, and what each file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from zunda_mcp.archive.addresses import Addresses, Templates, checked
from zunda_mcp.archive.boilerplate import boilerplate_links
from zunda_mcp.archive.companions import Companions
from zunda_mcp.archive.conventions import STRATEGIES, Conventions, Keys, Strategy
from zunda_mcp.archive.draft import Draft
from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.feed_companions import is_feed
from zunda_mcp.archive.formats import USUAL_BYTES, format_of, merges
from zunda_mcp.archive.hashing import Hashed
from zunda_mcp.archive.ignoring import Ignored
from zunda_mcp.archive.origin import Origin, origin_of
from zunda_mcp.archive.scan import Scan, scan_sources, source_names, too_big
from zunda_mcp.archive.shelves import arranged
from zunda_mcp.archive.site import Site, site_of_source, zone_named
from zunda_mcp.archive.source_file import SourceFile, as_id
from zunda_mcp.archive.survey import Survey
from zunda_mcp.archive.surveying import take_survey
from zunda_mcp.episode import Episode, Problem
from zunda_mcp.errors import SettingsError
from zunda_mcp.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable


_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file holds: any number of episodes, often one. ``digest`` is the SHA-256 of its bytes in hex (with those
    of its transcript), ``""`` if it could not be read at all.
    """

    label: str
    digest: str
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]

    @property
    def draft(self) -> Draft | None:
        """The first episode, the only one in most files."""
        return self.drafts[0] if self.drafts else None


class ArchiveReader:
    """Reads one archive: a list of source folders with one identity.

    ``name``, ``language`` and ``timezone`` come from the arguments, else from the ``_config.yml`` of the site the
    folders belong to, else they are the first folder's name, ``None`` and UTC. ``page_url`` and ``file_url`` are
    templates (``https://example.org/episode/{number}``), ``site_url`` is where site-relative addresses lead.

    How files are split into stories is found out by a look at some of them (``strategy``), unless ``strategy`` says it.
    ``date_key`` and ``title_key`` name keys of the front matter, ``people`` the folder whose files give names for
    slugs, ``audio_prefix`` is put before the name of an audio file, ``ignore`` are pieces or patterns of titles and
    addresses that are no stories.

    Raises ``SettingsError`` for an unknown time zone, template field or strategy. The folders are not touched before
    ``scan``.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        *,
        name: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
        page_url: str | None = None,
        file_url: str | None = None,
        site_url: str | None = None,
        strategy: str | None = None,
        date_key: str | None = None,
        title_key: str | None = None,
        people: str | None = None,
        audio_prefix: str | None = None,
        ignore: tuple[str, ...] = (),
    ) -> None:
        self.sources = tuple(Path(os.path.abspath(source)) for source in sources)  # noqa: PTH100 - links stay links
        self._name = name
        self._language = language
        self._given_zone = zone_named(timezone)
        if timezone and self._given_zone is None:
            raise SettingsError(f"The time zone {timezone} is unknown. Use a name like Asia/Tokyo.")
        self._templates = Templates(checked(page_url, "page_url"), checked(file_url, "file_url"), site_url)
        if strategy and strategy not in STRATEGIES:
            raise SettingsError(f"The strategy {strategy} is unknown. Use one of {', '.join(STRATEGIES)}.")
        self._wanted = strategy or None
        self._keys = Keys(date_key, title_key, people, audio_prefix)
        self._ignored = Ignored(tuple(filter(None, ignore)))
        self._survey: Survey | None = None
        self._known_roots: tuple[Path, ...] | None = None

    @property
    def name(self) -> str:
        """What the archive is called."""
        titles = (site.title for site in self._sites)
        return self._name or next((title for title in titles if title), None) or (self._folder_names or ["archive"])[0]

    @property
    def language(self) -> str | None:
        """The language of the archive (``ja``), ``None`` where nobody says."""
        return self._language or next((site.language for site in self._sites if site.language), None)

    @property
    def timezone(self) -> ZoneInfo:
        """The time zone the archive's days are counted in; UTC where nobody says.

        Where nobody says, an episode's day is still the one its file names, at whatever offset it is written.
        """
        return self._zone or ZoneInfo("UTC")

    def stated_zones(self) -> Mapping[str, str]:
        """The name of the zone that the settings or the site state, by archive; ``""`` where nobody says."""
        return {"": self._zone.key if self._zone else ""}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the archive's own configuration."""
        return tuple(dict.fromkeys(problem for site in self._sites for problem in site.problems))

    def scan(self) -> Scan:
        """List the files: cheap, none is opened.

        Raises ``ArchiveError`` only if no source folder can be read at all.
        """
        scan = scan_sources(self.sources, self._site_roots, self._companions)
        return Scan(tuple(arranged(scan.files, self._keys.people)), scan.problems)

    @property
    def survey(self) -> Survey:
        """What a look at some files found; taken once, when a file is first read. Raises as ``scan`` does."""
        if self._survey is None:
            self._survey = take_survey(self, scan_sources(self.sources, self._site_roots, self._companions).files)
        return self._survey

    def surveys(self) -> dict[str, Any]:
        """What was found out by looking, as JSON can hold it, for ``go_on_with`` and ``recall``."""
        found: dict[str, Any] = {} if self._survey is None else {"": self._survey.as_dict()}
        return {**found, "roots": [str(root) for root in self._site_roots], "mentioned": self._companions.kept()}

    def recall(self, surveys: Mapping[str, Any]) -> None:
        """Scan with what an earlier look found of sites and transcripts, so that no file is opened for it again."""
        roots, mentioned = surveys.get("roots"), surveys.get("mentioned")
        if isinstance(roots, list):
            self._known_roots = tuple(map(Path, roots))
        if isinstance(mentioned, dict):
            self._companions.recall(mentioned)

    def go_on_with(self, surveys: Mapping[str, Any] | None) -> None:
        """Read as an earlier look has said; without one, or with one that cannot be understood, look anew."""
        self._survey = None
        self.__dict__.pop("_conventions", None)
        if surveys is None:
            self._known_roots = None
        with suppress(KeyError, TypeError, ValueError):
            self._survey = Survey.of((surveys or {})[""])

    @property
    def strategy(self) -> Strategy:
        """How the files are split into stories, and why. Raises as ``scan`` does."""
        return self.survey.strategy

    @property
    def conventions(self) -> Conventions:
        """What formats are told of this archive. Raises as ``scan`` does."""
        return self._conventions

    def feed_strategies(self) -> dict[str, Strategy]:
        """How each feed is split into stories, and why, by label: every feed has its own way. Reads them all."""
        from zunda_mcp.archive.surveying import feed_strategies

        return feed_strategies(self, self.scan().files)

    def archive_of(self, label: str) -> str:
        """The name of the archive that a file belongs to."""
        return ""

    def read(self, file: SourceFile) -> Reading:
        """Read one file. Whatever is wrong with it becomes a problem; nothing is raised."""
        form = format_of(file.path.name)
        if hasattr(form, "read_stream") or hasattr(form, "digest"):
            return _streamed(form, file, self.origin(file))
        data, why = file_bytes(file.path)
        if data is None:
            return Reading(file.label, "", (), (Problem(path=file.label, cause=why, skipped=True),))
        digest = hashlib.sha256(data).hexdigest()
        text, remark = decode(data)
        said = [Problem(path=file.label, cause=remark, skipped=text is None)] if remark else []
        if text is None or form is None:
            return Reading(file.label, digest, (), tuple(said))
        drafts, problems = form.read(text, self.origin(file, self._conventions))
        if file.companions and is_feed(file):
            digest = hashlib.sha256(f"{digest} {file.size} {file.mtime_ns}".encode()).hexdigest()
        elif len(drafts) == 1 and file.companions:
            from zunda_mcp.archive.hearing import hear

            draft, heard, told = hear(file, text, drafts[0], self.language)
            drafts, problems = [draft], [*problems, *heard]
            digest = hashlib.sha256(f"{digest} {told}".encode()).hexdigest() if told else digest
        return Reading(file.label, digest, _named(drafts), (*said, *problems))

    def origin(self, file: SourceFile, conventions: Conventions | None = None) -> Origin:
        """Return what is known of a file before it is opened; without conventions, with what the settings say alone."""
        known = conventions or Conventions(keys=self._keys, ignored=self._ignored)
        return origin_of(file, self._zone, self._addresses(file.path), known)

    @cached_property
    def _conventions(self) -> Conventions:
        return self.survey.conventions(self._keys, self._ignored, stated=self._wanted is not None)

    @property
    def wanted_strategy(self) -> str | None:
        """The strategy the settings name."""
        return self._wanted

    @property
    def people_folder(self) -> str | None:
        """The folder of people the settings name."""
        return self._keys.people

    @cached_property
    def _sites(self) -> tuple[Site, ...]:
        return tuple(site_of_source(source) for source in self.sources)

    @property
    def _site_roots(self) -> Iterable[Path]:
        """The roots of sites that were found by their configuration: a folder alone is no site."""
        known = self._known_roots
        return (site.root for site in self._sites if site.permalink) if known is None else known

    @cached_property
    def _companions(self) -> Companions:
        return Companions()

    @cached_property
    def _zone(self) -> ZoneInfo | None:
        return self._given_zone or next((site.zone for site in self._sites if site.zone), None)

    @cached_property
    def _folder_names(self) -> list[str]:
        return source_names(self.sources)

    @cached_property
    def _blobs(self) -> dict[Path, str | None]:
        from zunda_mcp.archive.github import blob_prefix

        return {site.root: blob_prefix(site.root) for site in self._sites}

    def _addresses(self, path: Path) -> Addresses:
        """Find the site of a file: that of the source it lies in, the innermost if sources lie in each other."""
        around = [place for place, source in enumerate(self.sources) if path.is_relative_to(source)]
        place = max(around, key=lambda place: len(self.sources[place].parts), default=0)
        site = self._sites[place]
        below = path.relative_to(site.root).as_posix() if around else path.name
        return Addresses(self._templates, site, below, self._blobs[site.root])


def duplicate_problem(label: str, kept_label: str, *ids: str, whole: bool = True) -> Problem:
    """Return the problem of a file with ids that are taken; ``whole`` says that it holds no other."""
    if whole and len(ids) == 1:
        cause = f"The id {ids[0]} is taken by {kept_label}; this file was skipped."
    else:
        shown = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        cause = f"The ids of {len(ids)} of its episodes ({shown}) are taken by {kept_label}; these were skipped."
    return Problem(path=label, cause=cause, skipped=whole)


def which_count(files: Mapping[str, Collection[str]]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Of the ids of episodes in each file, by label in order: the files that each id is read from, and problems.

    The first file with an id counts, alone unless it is of a format that merges and others of such a format have the
    id too.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    lost: dict[tuple[str, str], list[str]] = {}
    for label, ids in files.items():
        joins = merges(label.rpartition("/")[2])
        for id in ids:  # noqa: A001 - the word of the house
            kept = chosen.get(id, ())
            if not kept or (joins and merges(kept[0].rpartition("/")[2])):
                chosen[id] = (*kept, label)
            else:
                lost.setdefault((label, kept[0]), []).append(id)
    problems = [
        duplicate_problem(label, kept, *ids, whole=len(ids) == len(files[label])) for (label, kept), ids in lost.items()
    ]
    return chosen, problems


def made_one(drafts: Sequence[Draft]) -> Draft:
    """Return the one episode that stands in several files (see ``which_count``)."""
    if len(drafts) == 1:
        return drafts[0]
    merged: Draft = getattr(format_of(drafts[0].path.rpartition("/")[2]), "merged")(drafts)  # noqa: B009 - optional
    return merged


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
    chosen, duplicates = which_count(found)
    drafts = [made_one([found[label][id] for label in labels]) for id, labels in chosen.items()]  # noqa: A001
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


def file_bytes(path: Path) -> tuple[bytes | None, str]:
    """Return a file's bytes, or why there are none."""
    try:
        with open_regular(path) as raw, io.BufferedReader(raw) as stream:
            size = os.fstat(raw.fileno()).st_size
            data = stream.read(USUAL_BYTES + 1)
    except OSError as error:
        return None, f"This file cannot be read ({(error.strerror or str(error)).lower()}); it was skipped."
    if len(data) > USUAL_BYTES:
        return None, too_big(max(size, len(data)))
    return data, ""


def _streamed(form: Any, file: SourceFile, origin: Origin) -> Reading:
    """Read a file that is never in memory as a whole, or one that stands for several."""
    try:
        if hasattr(form, "digest"):
            drafts, problems = form.read("", origin)
            digest = form.digest(file.path)
        else:
            with open_regular(file.path) as raw, Hashed(raw) as hashed:
                drafts, problems = form.read_stream(io.BufferedReader(hashed, _CHUNK), origin)
                digest = hashed.finish()
    except OSError as error:
        cause = f"This file cannot be read ({(error.strerror or str(error)).lower()}); it was skipped."
        return Reading(file.label, "", (), (Problem(path=file.label, cause=cause, skipped=True),))
    return Reading(file.label, digest, _named(drafts), tuple(problems))


def _named(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The drafts with ids as answers show them, wherever a format has them from."""
    return tuple(draft if (id_ := as_id(draft.id)) == draft.id else replace(draft, id=id_) for draft in drafts)
