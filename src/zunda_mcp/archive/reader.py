"""One archive: its identity, its files, and what each file holds."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zunda_mcp.archive.addresses import Addresses, Templates, checked
from zunda_mcp.archive.boilerplate import boilerplate_links
from zunda_mcp.archive.companions import Companions
from zunda_mcp.archive.draft import Draft
from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.formats import formats
from zunda_mcp.archive.origin import origin_of
from zunda_mcp.archive.scan import MAX_BYTES, Scan, scan_sources, source_names, too_big
from zunda_mcp.archive.site import Site, site_of_source, zone_named
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.episode import Episode, Problem
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file holds. ``digest`` is the SHA-256 of its bytes in hex, ``""`` if it could not be read at all."""

    label: str
    digest: str
    draft: Draft | None
    problems: tuple[Problem, ...]


class ArchiveReader:
    """Reads one archive: a list of source folders with one identity.

    ``name``, ``language`` and ``timezone`` come from the arguments, else from the ``_config.yml`` of the site the
    folders belong to, else they are the first folder's name, ``None`` and UTC. ``page_url`` and ``file_url`` are
    templates (``https://example.org/episode/{number}``), ``site_url`` is where site-relative addresses lead.

    Raises ``SettingsError`` for an unknown time zone or template field. The folders are not touched before ``scan``.
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
    ) -> None:
        self.sources = tuple(Path(os.path.abspath(source)) for source in sources)  # noqa: PTH100 - links stay links
        self._name = name
        self._language = language
        self._given_zone = zone_named(timezone)
        if timezone and self._given_zone is None:
            raise SettingsError(f"The time zone {timezone} is unknown. Use a name like Asia/Tokyo.")
        self._templates = Templates(checked(page_url, "page_url"), checked(file_url, "file_url"), site_url)

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
        return scan_sources(self.sources, self._site_roots, self._companions)

    def read(self, file: SourceFile) -> Reading:
        """Read one file. Whatever is wrong with it becomes a problem; nothing is raised."""
        data, why = _bytes(file.path)
        if data is None:
            return Reading(file.label, "", None, (Problem(path=file.label, cause=why, skipped=True),))
        digest = hashlib.sha256(data).hexdigest()
        text, remark = decode(data)
        said = [Problem(path=file.label, cause=remark, skipped=text is None)] if remark else []
        if text is None:
            return Reading(file.label, digest, None, tuple(said))
        origin = origin_of(file, self._zone, self._addresses(file.path))
        draft, problems = formats()[file.path.suffix.lower()].read(text, origin)
        if draft is not None and file.companions:
            from zunda_mcp.archive.companions import hear

            draft, heard, spoken = hear(file, text, draft, self.language)
            problems = [*problems, *heard]
            digest = hashlib.sha256(f"{digest} {spoken}".encode()).hexdigest() if spoken else digest
        return Reading(file.label, digest, draft, (*said, *problems))

    @cached_property
    def _sites(self) -> tuple[Site, ...]:
        return tuple(site_of_source(source) for source in self.sources)

    @property
    def _site_roots(self) -> Iterable[Path]:
        """The roots of sites that were found by their configuration: a folder alone is no site."""
        return (site.root for site in self._sites if site.permalink)

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


def duplicate_problem(label: str, kept_label: str, id: str) -> Problem:  # noqa: A002 - the word of the house
    """Return the problem of a second file with an id that is taken."""
    return Problem(path=label, cause=f"The id {id} is taken by {kept_label}; this file was skipped.", skipped=True)


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
        draft = reading.draft
        if draft is None:
            continue
        if draft.id in drafts:
            problems.append(duplicate_problem(file.label, drafts[draft.id].path, draft.id))
        else:
            drafts[draft.id] = draft
    boilerplate = boilerplate_links(draft.links for draft in drafts.values())
    return sorted(_episodes(drafts.values(), boilerplate), key=_order), problems


def _episodes(drafts: Iterable[Draft], boilerplate: frozenset[str]) -> Iterable[Episode]:
    return (draft.episode(boilerplate) for draft in drafts)


def _order(episode: Episode) -> tuple[object, ...]:
    return episode.date, -1 if episode.number is None else episode.number, episode.id


def _bytes(path: Path) -> tuple[bytes | None, str]:
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
