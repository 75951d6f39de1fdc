"""The settings: their names, their values after loading, and how one value is read and checked."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from zunda_mcp.errors import SettingsError
from zunda_mcp.models import Model

__all__ = [
    "ALIASES_NAME", "ARCHIVE_NAME", "ELSEWHERE", "FILE_KEYS", "FILE_NAME", "FOR_TESTS", "OWN", "PREFIX", "TEXTS",
    "VARIABLES", "ArchiveSettings", "ReaderSettings", "Settings", "exists", "given", "is_dir", "know",
    "line_of_deep_key", "nearest", "own_setting", "path_of", "paths_of", "text_of",
]  # fmt: skip


class ReaderSettings(Model):
    """The name of an archive and how it is read, as far as its owner says; passed to the reader unchanged.

    ``page_url`` and ``file_url`` are templates (``https://example.org/episode/{number}``); ``site_url`` is the base of
    site-relative addresses. ``strategy`` says how files are split into stories. ``date_key`` and ``title_key`` are keys
    of the front matter. The files in the folder ``people`` give names for slugs. ``audio_prefix`` is put before the
    name of an audio file. A link whose title or address contains or matches one of ``ignore`` is not a story.

    The other fields say where these come from, for code that reads the files again. ``stated`` are the names of
    settings made by flags and environment (None: all settings are final). ``described`` is what the archive says about
    itself, used if nothing else is set. ``files`` are settings files, each with its table for this archive
    (``archives.news``).
    """

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
    stated: tuple[str, ...] | None = Field(default=None, exclude=True)
    described: dict[str, str] = Field(default_factory=dict, exclude=True)
    files: tuple[tuple[Path, str], ...] = Field(default=(), exclude=True)

    def shaping(self) -> dict[str, object]:
        """Return the settings that affect what is read and stay the same while a process runs."""
        keys = (*TEXTS, "ignore") if self.stated is None else self.stated
        return {**{key: getattr(self, key) for key in keys}, "described": self.described}


class _Described(ReaderSettings):
    """The folders of an archive, and how they are read."""

    episodes: tuple[Path, ...]


class ArchiveSettings(_Described):
    """One of several archives: its label, its folders, and how it is read."""

    label: str


class Settings(_Described):
    """The settings made by the user and the archive's own file. Paths are absolute and resolved.

    ``episodes`` are the source folders (or files) in the order given; ``index`` is the folder of the index, never
    inside or around one of them. If a text is None, the archive itself decides it. ``embedder`` is ``auto``, ``none``,
    ``use``, ``URL MODEL`` or the name of a plug-in (see ``zunda_mcp.embeddings.choice``). ``aliases`` is the user's
    file of other names (see ``zunda_mcp.query.clauses``). ``engine`` is the address of a cluster with the index
    (``https://host:9200/NAME``); without ``episodes`` that index is only read. If several archives are read as one,
    they are in ``archives``, and ``episodes`` are the folders of all of them.
    """

    index: Path
    embedder: str = "auto"
    aliases: Path | None = None
    engine: str | None = None
    archives: tuple[ArchiveSettings, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Whether the archive is only in a cluster, not on this machine."""
        return self.engine is not None and not self.episodes

    def within(self, archives: Collection[str]) -> Settings:
        """Return these settings for only some of the archives, given by label."""
        kept = tuple(one for one in self.archives if one.label in archives)
        return self.model_copy(
            update={"archives": kept, "episodes": tuple(folder for one in kept for folder in one.episodes)}
        )

    def digest(self) -> str:
        """Return a digest of the settings that affect what is read, except those in files (the profiles cover them)."""
        digest = hashlib.sha256()
        shaping = [self.shaping(), *([one.label, one.shaping()] for one in self.archives)]
        digest.update(json.dumps(shaping).encode("utf-8", "surrogatepass"))
        for folder in self.episodes:
            digest.update(str(folder).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:16]


FILE_NAME = "zunda-mcp.toml"
ALIASES_NAME = "zunda-aliases.txt"
PREFIX = "ZUNDA_MCP_"

TEXTS = (
    *("name", "language", "timezone", "page_url", "file_url", "site_url"),
    *("strategy", "date_key", "title_key", "people", "audio_prefix"),
)
FILE_KEYS = ("episodes", "archives", "ignore", *TEXTS, "archive")
OWN = ("embedder", "aliases", "engine")  # the user's alone: what leaves this machine, and what words mean to the user
VARIABLES = tuple(PREFIX + key.upper() for key in ("episodes", "archives", "ignore", "index", *TEXTS, *OWN))
ELSEWHERE = (
    PREFIX + "STATE",  # where added sources are kept; read by ``config.paths``
    PREFIX + "EMBEDDER_KEY",  # a secret for the embedder alone
    # user, trusted certificates and shards of a cluster: ``engine.opensearch.connection``
    *(f"{PREFIX}ENGINE_{name}" for name in ("USER", "PASSWORD", "SECRETS", "CERTIFICATES", "SHARDS", "REPLICAS")),
    PREFIX + "TOKEN_FILE",  # who may use the HTTP server; read by the command line
)
FOR_TESTS = PREFIX + "TEST_"
ARCHIVE_NAME = re.compile(r"[\w][\w.-]{0,39}")
_PLACEHOLDER = re.compile(r"\s*\$\{[^}]*\}\s*")


def text_of(
    key: str,
    overrides: Mapping[str, str | None],
    environ: Mapping[str, str],
    values: Mapping[str, object],
    file: Path | None,
) -> str | None:
    """Return a text setting, stripped, from the first of flags, environment and file that has it."""
    variable = PREFIX + key.upper()
    for place, value in (
        (f"--{key.replace('_', '-')}", overrides.get(key)),
        (variable, environ.get(variable)),
        (f"{file}: {key}", values.get(key)),
    ):
        if isinstance(value, str) and given(value):
            text = value.strip()
            if key == "timezone":
                _check_timezone(text, place)
            return text
    return None


def own_setting(key: str, overrides: Mapping[str, str | None], environ: Mapping[str, str]) -> str | None:
    """Return a setting that an archive's own file cannot make: from the flags, else from the environment."""
    places = (overrides.get(key), environ.get(PREFIX + key.upper()))
    return next((value.strip() for value in places if value and given(value)), None)


def _check_timezone(name: str, place: str) -> None:
    from zoneinfo import ZoneInfo, available_timezones  # start-up

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = nearest(name, available_timezones()) or "Asia/Tokyo"
        raise SettingsError(f"{place}: {name!r} is not a time zone. Write it like {near!r}.") from error


def paths_of(values: Iterable[str | Path], base: Path, place: str) -> tuple[Path, ...]:
    """Return the paths that are given, as ``path_of`` does, in order and without duplicates."""
    return tuple(dict.fromkeys(path_of(value, base, place) for value in values if given(value)))


def path_of(value: str | Path | None, base: Path, place: str) -> Path:
    """Return an absolute path, relative ones from ``base``, ``~`` as the user's home. Raises ``SettingsError``."""
    try:
        return (base / Path(value or ".").expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no home, a loop of links, a zero byte
        raise SettingsError(f"{place}: {str(value)!r} is not a usable path ({error}).") from error


def given(value: str | Path | None) -> bool:
    return value is not None and bool(str(value).strip()) and not _PLACEHOLDER.fullmatch(str(value))


def know(names: Iterable[str], allowed: Sequence[str], place: str = "") -> None:
    """Raise ``SettingsError`` for the first unknown name, suggesting the nearest known one."""
    for name in names:
        if name not in allowed:
            near = nearest(name, allowed)
            hint = f"Did you mean {near}?" if near else f"Choose one of {', '.join(allowed)}."
            raise SettingsError(f"{f'{place}: ' if place else ''}{name} is not a setting. {hint}")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name most like this one, ignoring case; None if none is near."""
    lower = {other.lower(): other for other in names}
    near = difflib.get_close_matches(name.lower(), lower, n=1)
    return lower[near[0]] if near else None


def line_of_deep_key(toml: str) -> int | None:
    """Return the number of the first line whose key has over 100 dots: parsing takes the square of their number."""
    lines = enumerate(toml.split("\n"), start=1)
    return next((place for place, line in lines if line.partition("=")[0].partition("#")[0].count(".") > 100), None)


def exists(path: Path) -> bool:
    """Whether anything has this name. If it is not a file, reading it will fail."""
    try:
        return path.exists()
    except OSError:  # the archive reports a folder that cannot be looked into
        return False


def is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return True
