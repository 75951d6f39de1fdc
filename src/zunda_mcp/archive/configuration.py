"""The configuration that an archive's folders came with, read again whenever its files change."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zunda_mcp.archive.site import CONFIG_NAMES, Site, site_of_source

_FILES = (*CONFIG_NAMES, ".git/config", ".git/HEAD")
"""What tells of a site and of its repository, below a source or the folder above."""

Stamps = list[list[object]]


@dataclass(frozen=True, slots=True)
class Configuration:
    """The site of each source, and what an address on GitHub begins with, by the root of a site; read when the files
    had these ``stamps``.
    """

    sites: tuple[Site, ...] = ()
    blobs: Mapping[Path, str | None] = field(default_factory=dict)
    stamps: Stamps = field(default_factory=list)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The roots of sites that were found by their configuration: a folder alone is no site."""
        return tuple(site.root for site in self.sites if site.permalink)

    def facts(self) -> list[object]:
        """All that it says, for a digest."""
        return [
            *([repr(site)] for site in self.sites),
            *([str(root), blob] for root, blob in sorted(self.blobs.items())),
        ]


class ConfigurationFiles:
    """The files of a configuration. ``unread`` are those that could not be read the last time; while there are such,
    what they said before counts.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        self._sources = tuple(sources)
        self._read: Configuration | None = None
        self._recalled: tuple[Stamps, tuple[Path, ...]] = ([], ())
        self.unread: tuple[str, ...] = ()

    def stamps(self) -> Stamps:
        """What the files must still be like for what was read to hold: path, size, time and inode of each."""
        found: Stamps = []
        for folder in dict.fromkeys(one for source in self._sources for one in (source, source.parent)):
            for name in _FILES:
                try:
                    status = os.stat(folder / name)  # noqa: PTH116
                except OSError:
                    continue
                found.append([str(folder / name), status.st_size, status.st_mtime_ns, status.st_ino])
        return found

    def recall(self, stamps: Stamps, roots: Sequence[Path]) -> None:
        """Remember where sites were when the files were like this, so that none is opened for it."""
        self._recalled = stamps, tuple(roots)

    def roots(self) -> tuple[Path, ...]:
        """The roots of sites."""
        stamps, roots = self._recalled
        if self._read is None and stamps == self.stamps():
            return roots
        return self.current().roots

    def current(self) -> Configuration:
        """What the files say now."""
        stamps = self.stamps()
        if self._read is None or self._read.stamps != stamps or self.unread:
            from zunda_mcp.archive.github import blob_prefix

            sites = tuple(site_of_source(source) for source in self._sources)
            self.unread = tuple(dict.fromkeys(site.unread for site in sites if site.unread))
            if self.unread and self._read is not None:
                return self._read
            self._read = Configuration(sites, {site.root: blob_prefix(site.root) for site in sites}, stamps)
        return self._read
