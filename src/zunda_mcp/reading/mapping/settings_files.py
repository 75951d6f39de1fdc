"""What ``zunda-mcp.toml`` currently says about how to read an archive, including its table ``[archive]``.

The file is part of an archive, like its ``_config.yml``: every scan checks it, and if its content has changed the
archive is read again, also while a server runs. Flags and environment variables take precedence. If the file becomes
invalid, that is a problem, and what it said before still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from zunda_mcp.config.load import file_with_text, texts_of
from zunda_mcp.config.settings import FILE_NAME, TEXTS, ReaderSettings
from zunda_mcp.errors import SettingsError
from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import STRATEGIES
from zunda_mcp.reading.json_values import record
from zunda_mcp.reading.mapping.archive_table import ArchiveMapping, read_mapping
from zunda_mcp.reading.metadata.locale import zone_named
from zunda_mcp.reading.metadata.site import Templates, checked
from zunda_mcp.reading.source_file import Stamps, stamp

__all__ = ["SettingsFiles", "Stated"]


class Stated(NamedTuple):
    """How to read an archive, after checks: the settings, the table, and the problems of the files."""

    settings: ReaderSettings
    zone: ZoneInfo | None
    templates: Templates
    mapping: ArchiveMapping = ArchiveMapping()
    problems: tuple[Problem, ...] = ()

    def facts(self) -> list[object]:
        """Return the settings and the table as plain data, for a digest."""
        settings = self.settings.model_dump(mode="json", include={*TEXTS, "ignore"})
        return [settings, self.mapping.facts()]


class SettingsFiles:
    """The settings files of the archive in these folders. ``given`` settings and a given ``mapping`` take precedence.
    Only the constructor raises ``SettingsError``.
    """

    def __init__(self, sources: Sequence[Path], given: ReaderSettings, mapping: ArchiveMapping | None = None) -> None:
        self._sources = tuple(sources)
        self._mapping = mapping
        self._given = given
        self._stamps: Stamps | None = None
        self._stated = _checked(given)

    def stamps(self) -> Stamps:
        """Return the path, size, time and inode of each file: what was read counts until one of them changes."""
        return [one for path, _ in self._files() if (one := stamp(path))]

    @property
    def last(self) -> Stated:
        """What the files said at the last look, or say now if there was none."""
        return self._stated if self._stamps is not None else self.current()

    def current(self) -> Stated:
        """Return what the files say now."""
        stamps = self.stamps()
        if stamps != self._stamps:
            self._stated = self._read()
            self._stamps = stamps
        return self._stated

    def _files(self) -> list[tuple[Path, str]]:
        """Return the files that count, in order of precedence, each with the name of its table for this archive."""
        files = list(self._given.files)
        if any(not table for _, table in files):
            return files
        places = [(source, source.parent) for source in self._sources]
        near = (next((one / FILE_NAME for one in pair if stamp(one / FILE_NAME)), None) for pair in places)
        return [*files, *((path, "") for path in dict.fromkeys(filter(None, near)))]

    def _read(self) -> Stated:
        texts: dict[str, Any] = {}
        mapping = ArchiveMapping()
        problems: list[Problem] = []
        for path, table in self._files():
            label = f"{path.parent.name}/{path.name}"
            try:
                text, values = file_with_text(path)
            except SettingsError as error:
                if not stamp(path):
                    continue  # the file is gone, and no longer counts
                cause = f"{error} What was read from it before still counts."
                return self._stated._replace(problems=(Problem(path=label, cause=cause),))
            own = record(values, *filter(None, table.split(".", 1)))
            texts = {**texts_of(own), **texts}
            name = f"{table}.archive" if table else "archive"
            if "archive" in own and mapping == ArchiveMapping():
                mapping, wrong = read_mapping(own["archive"], text, label, name)
                problems += wrong
        try:
            stated = _checked(self._overlaid(texts))
        except SettingsError as error:
            stated = self._stated
            problems.append(Problem(path=FILE_NAME, cause=f"{error} What was read from it before still counts."))
        counts = mapping if self._mapping is None else self._mapping
        return stated._replace(mapping=counts, problems=tuple(problems))

    def _overlaid(self, texts: dict[str, Any]) -> ReaderSettings:
        """Return the given settings, with those of the files that flags and environment do not state."""
        given = self._given
        if given.stated is None:
            return given
        blank: dict[str, Any] = {**dict.fromkeys(TEXTS), "ignore": ()}
        below = {key: {**blank, **given.described, **texts}[key] for key in blank if key not in given.stated}
        return given.model_copy(update=below)


def _checked(settings: ReaderSettings) -> Stated:
    zone = zone_named(settings.timezone)
    if settings.timezone and zone is None:
        raise SettingsError(f"The time zone {settings.timezone} is unknown. Use a name like Asia/Tokyo.")
    templates = (checked(settings.page_url, "page_url"), checked(settings.file_url, "file_url"), settings.site_url)
    if settings.strategy and settings.strategy not in STRATEGIES:
        raise SettingsError(f"The strategy {settings.strategy} is unknown. Use one of {', '.join(STRATEGIES)}.")
    return Stated(settings, zone, Templates(*templates))
