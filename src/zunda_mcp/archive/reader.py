"""One archive: its identity, its files, and what each file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zunda_mcp.archive.addresses import Addresses, Templates, checked
from zunda_mcp.archive.boilerplate import boilerplate_links
from zunda_mcp.archive.conventions import STRATEGIES, Conventions, Keys, Strategy
from zunda_mcp.archive.draft import Draft, Entry
from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.formats import formats
from zunda_mcp.archive.ignoring import Ignored
from zunda_mcp.archive.origin import Origin, origin_of
from zunda_mcp.archive.scan import MAX_BYTES, Scan, scan_sources, source_names, too_big
from zunda_mcp.archive.shelves import arranged
from zunda_mcp.archive.site import Site, site_of_source, zone_named
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.survey import Survey
from zunda_mcp.archive.surveying import take_survey
from zunda_mcp.episode import Episode, Problem
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        """The first episode of the file."""
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

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the archive's own configuration."""
        return tuple(dict.fromkeys(problem for site in self._sites for problem in site.problems))

    def scan(self) -> Scan:
        """List the files: cheap, none is opened.

        Raises ``ArchiveError`` only if no source folder can be read at all.
        """
        scan = scan_sources(self.sources)
        return Scan(tuple(arranged(scan.files, self._keys.people)), scan.problems)

    @property
    def survey(self) -> Survey:
        """What a look at some files found; taken once, when a file is first read. Raises as ``scan`` does."""
        if self._survey is None:
            self._survey = take_survey(self, scan_sources(self.sources).files)
        return self._survey

    @survey.setter
    def survey(self, known: Survey) -> None:
        """Go on with an earlier look (the one the index was made with) instead of taking a new one."""
        self._survey = known
        self.__dict__.pop("_conventions", None)

    @property
    def strategy(self) -> Strategy:
        """How the files are split into stories, and why. Raises as ``scan`` does."""
        return self.survey.strategy

    def read(self, file: SourceFile) -> Reading:
        """Read one file. Whatever is wrong with it becomes a problem; nothing is raised."""
        data, why = file_bytes(file.path)
        if data is None:
            return Reading(file.label, "", (), (Problem(path=file.label, cause=why, skipped=True),))
        digest = hashlib.sha256(data).hexdigest()
        text, remark = decode(data)
        said = [Problem(path=file.label, cause=remark, skipped=text is None)] if remark else []
        if text is None:
            return Reading(file.label, digest, (), tuple(said))
        origin = self.origin(file, self._conventions)
        drafts, problems = formats()[file.path.suffix.lower()].read(text, origin)
        if file.transcript:
            spoken, added = _spoken(Path(file.transcript))
            digest = hashlib.sha256(digest.encode() + added).hexdigest()
            drafts = [replace(draft, entries=(*draft.entries, *spoken)) for draft in drafts[:1]] + drafts[1:]
        return Reading(file.label, digest, tuple(drafts), (*said, *problems))

    def origin(self, file: SourceFile, conventions: Conventions | None = None) -> Origin:
        """Return what is known of a file before it is opened; without conventions, with what the settings say alone."""
        known = conventions or Conventions(keys=self._keys, ignored=self._ignored)
        return origin_of(file, self._zone, self._addresses(file.path), known)

    @cached_property
    def _conventions(self) -> Conventions:
        return self.survey.conventions(self._keys, self._ignored)

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


def duplicate_problem(label: str, kept_label: str, id: str) -> Problem:  # noqa: A002 - the word of the house
    """Return the problem of a second file with an id that is taken."""
    return Problem(path=label, cause=f"The id {id} is taken by {kept_label}; this file was skipped.", skipped=True)


def undated_problems(name: str, undated: int, episodes: int) -> list[Problem]:
    """Return the one problem of an archive most of whose episodes have no date, ``[]`` where all have."""
    if not undated:
        return []
    cause = (
        f"{undated} of {episodes} episodes have no date in their front matter or file name; they were kept without "
        "one, and no search by time finds them."
    )
    return [Problem(path=name, cause=cause)]


def _spoken(path: Path) -> tuple[tuple[Entry, ...], bytes]:
    """Return the passages of a transcript, and its bytes; nothing for one that cannot be read or is none."""
    from zunda_mcp.archive.front_matter import read_page
    from zunda_mcp.archive.splitting.turns import passages, read_turns

    data, _ = file_bytes(path)
    text = decode(data).text if data else None
    if not text:
        return (), data or b""
    page = read_page(text)
    return passages(read_turns(page.body.split("\n")), page.start), data or b""


def read_archive(reader: ArchiveReader) -> tuple[list[Episode], list[Problem]]:
    """Read everything at once: episodes in order of date, number and id, and all problems.

    Of two files with one id the first in priority order wins. Raises ``ArchiveError`` as ``ArchiveReader.scan`` does.
    """
    scan = reader.scan()
    problems = [*scan.problems, *reader.problems]
    drafts: dict[str, Draft] = {}
    for file in scan.files:
        reading = reader.read(file)
        problems += reading.problems
        for draft in reading.drafts:
            if draft.id in drafts:
                problems.append(duplicate_problem(file.label, drafts[draft.id].path, draft.id))
            else:
                drafts[draft.id] = draft
    if scan.files and reader.survey.undated:
        undated = sum(draft.date is None for draft in drafts.values())
        problems += undated_problems(reader.name, undated, len(drafts))
    boilerplate = boilerplate_links(draft.links for draft in drafts.values())
    return sorted(_episodes(drafts.values(), boilerplate), key=_order), problems


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
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None, "This is not an ordinary file; it was skipped."
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, f"This file cannot be read ({(error.strerror or str(error)).lower()}); it was skipped."
    if len(data) > MAX_BYTES:
        return None, too_big(max(status.st_size, len(data)))
    return data, ""
