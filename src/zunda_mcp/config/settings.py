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
    """What one archive is called and how it is read, where its owner says so; passed to the reader as it is.

    ``page_url`` and ``file_url`` are templates (``https://example.org/episode/{number}``), ``site_url`` is where
    site-relative addresses lead. ``strategy`` says how files are split into stories. ``date_key`` and ``title_key``
    name keys of the front matter, ``people`` the folder whose files give names for slugs, ``audio_prefix`` is put
    before the name of an audio file, ``ignore`` are pieces or patterns of titles and addresses that are no stories.

    The others say where this is from, for whoever reads the files again: ``stated`` are the names of what flags and
    environment decide (``None``: all is decided), ``described`` is what the archive says of itself where nobody says
    otherwise, ``files`` are settings files, each with the table in it that is about this archive (``archives.news``).
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
        """What of this shapes what is read and may not change while a process runs."""
        keys = (*TEXTS, "ignore") if self.stated is None else self.stated
        return {**{key: getattr(self, key) for key in keys}, "described": self.described}


class _Described(ReaderSettings):
    """The folders of an archive, and how they are read."""

    episodes: tuple[Path, ...]


class ArchiveSettings(_Described):
    """One archive of several: its label, its folders, and how it is read (see ``Settings``)."""

    label: str


class Settings(_Described):
    """What the user and the archive's own file decided; paths are absolute and resolved.

    ``episodes`` are the source folders (or files) in the order given, ``index`` the folder of the index, never inside
    one of them nor around one. Where a text is ``None``, the archive itself says it. ``embedder`` is ``auto``,
    ``none``, ``use``, ``URL MODEL`` or the name of a plug-in (see ``zunda_mcp.embeddings.choice``), ``aliases`` the
    user's file of other names (see ``zunda_mcp.query.clauses``). ``engine`` is the address of a cluster that has the
    index (``https://host:9200/NAME``); without ``episodes`` it is only asked. ``archives`` are there where several are
    read as one; ``episodes`` are then the folders of all of them.
    """

    index: Path
    embedder: str = "auto"
    aliases: Path | None = None
    engine: str | None = None
    archives: tuple[ArchiveSettings, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Whether the archive is in a cluster, and nothing of it on this machine."""
        return self.engine is not None and not self.episodes

    def within(self, archives: Collection[str]) -> Settings:
        """The settings of some of several archives alone."""
        kept = tuple(one for one in self.archives if one.label in archives)
        return self.model_copy(
            update={"archives": kept, "episodes": tuple(folder for one in kept for folder in one.episodes)}
        )

    def digest(self) -> str:
        """A digest of what shapes what is read; what the files say belongs to the profile of each archive."""
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
OWN = ("embedder", "aliases", "engine")  # the user's alone: what leaves this machine, and what words mean to them
VARIABLES = tuple(PREFIX + key.upper() for key in ("episodes", "archives", "ignore", "index", *TEXTS, *OWN))
ELSEWHERE = (
    PREFIX + "STATE",  # where added sources are kept; read by ``config.paths``
    PREFIX + "EMBEDDER_KEY",  # a secret for the embedder alone
    # who asks a cluster, whose certificates are trusted, how an index is spread: ``engine.opensearch.connection``
    *(f"{PREFIX}ENGINE_{name}" for name in ("USER", "PASSWORD", "SECRETS", "CERTIFICATES", "SHARDS", "REPLICAS")),
    PREFIX + "TOKEN_FILE",  # who may ask over HTTP; read by the command line
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
    """One text setting from the first place that has it, stripped."""
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
    """A setting that an archive's own file cannot make: of the flags, else of the environment."""
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
    """The given paths, each once, in order."""
    return tuple(dict.fromkeys(path_of(value, base, place) for value in values if given(value)))


def path_of(value: str | Path | None, base: Path, place: str) -> Path:
    """An absolute, resolved path; relative ones start at ``base``, and ``~`` is the user's home."""
    try:
        return (base / Path(value or ".").expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no home, a loop of links, a zero byte
        raise SettingsError(f"{place}: {str(value)!r} is not a usable path ({error}).") from error


def given(value: str | Path | None) -> bool:
    return value is not None and bool(str(value).strip()) and not _PLACEHOLDER.fullmatch(str(value))


def know(names: Iterable[str], allowed: Sequence[str], place: str = "") -> None:
    """Raises ``SettingsError`` for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in allowed:
            near = nearest(name, allowed)
            hint = f"Did you mean {near}?" if near else f"Choose one of {', '.join(allowed)}."
            raise SettingsError(f"{f'{place}: ' if place else ''}{name} is not a setting. {hint}")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like this one, whatever its case; ``None`` when none is near."""
    lower = {other.lower(): other for other in names}
    near = difflib.get_close_matches(name.lower(), lower, n=1)
    return lower[near[0]] if near else None


def line_of_deep_key(toml: str) -> int | None:
    """The first line whose key has more than a hundred dots: reading it would take the square of their number."""
    lines = enumerate(toml.split("\n"), start=1)
    return next((place for place, line in lines if line.partition("=")[0].partition("#")[0].count(".") > 100), None)


def exists(path: Path) -> bool:
    """Whether there is anything of this name; reading it will say where it is no file."""
    try:
        return path.exists()
    except OSError:  # a folder that cannot even be looked into is for the archive to report
        return False


def is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return True
