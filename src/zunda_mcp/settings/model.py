"""What the user and the archive's own file decided."""

from __future__ import annotations

from pathlib import Path

from zunda_mcp.episode import Model


class _Described(Model):
    """What one archive is called and how it is read; both kinds of settings have it."""

    episodes: tuple[Path, ...]
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    page_url: str | None = None
    file_url: str | None = None
    site_url: str | None = None
    strategy: str | None = None
    date_key: str | None = None
    title_key: str | None = None
    people: str | None = None
    audio_prefix: str | None = None
    ignore: tuple[str, ...] = ()


class ArchiveSettings(_Described):
    """One archive of several: its name on the shelf, its folders, and how it is to be read (see ``Settings``)."""

    label: str


class Settings(_Described):
    """What the user and the archive's own file decided; paths are absolute and resolved.

    ``episodes`` are the source folders (or files) in the order given, ``index`` the folder of the index, never inside
    one of them nor around one. Where a text is ``None``, the archive itself says it. ``page_url``, ``file_url`` and
    ``site_url`` are the templates of ``zunda-mcp.toml`` as written; ``strategy`` to ``ignore`` say how files are read
    where looking at them does not tell (see ``ArchiveReader``). ``embedder`` is ``auto``, ``none``, ``use`` or
    ``URL MODEL`` (see ``zunda_mcp.meaning``), ``aliases`` the user's file of other names (see
    ``zunda_mcp.search.aliases``). ``archives`` are there where several are read as one; ``episodes`` are then the
    folders of all of them.
    """

    index: Path
    embedder: str = "auto"
    aliases: Path | None = None
    archives: tuple[ArchiveSettings, ...] = ()
