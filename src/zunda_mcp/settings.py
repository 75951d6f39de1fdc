"""Where the archive and the index are, and what the archive is called.

Every setting is looked for in four places, and the first that has it wins: flags, environment variables
(``ZUNDA_MCP_EPISODES``, several separated as in ``PATH``, ``ZUNDA_MCP_INDEX``, ``ZUNDA_MCP_NAME``, …), the file
``zunda-mcp.toml`` in the episodes folder or its parent, and a default. An empty value or a placeholder that a client
left unexpanded (``${user_config.name}``) counts as not given. A wrong name is never passed over in silence.

``zunda-mcp.toml`` describes an archive, and may have come with it from anywhere. So it cannot say where the index is:
index files are trusted when they are opened, and only the user may name a folder for them.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zunda_mcp.episode import Model
from zunda_mcp.errors import SettingsError

FILE_NAME = "zunda-mcp.toml"
ALIASES_NAME = "zunda-aliases.txt"
PREFIX = "ZUNDA_MCP_"

_TEXTS = ("name", "language", "timezone", "page_url", "file_url", "site_url")
_FILE_KEYS = ("episodes", "archives", *_TEXTS)
_OWN = ("embedder", "aliases")  # the user's alone: what leaves this machine, and what words mean to them
_VARIABLES = tuple(PREFIX + key.upper() for key in ("episodes", "archives", "index", *_TEXTS, *_OWN))
_ELSEWHERE = (
    PREFIX + "STATE",  # where the key lies that seals an index; read by the index itself
    PREFIX + "EMBEDDER_KEY",  # a secret for the embedder alone
    PREFIX + "TOKEN_FILE",  # who may ask over HTTP; read by the command line
)
_FOR_TESTS = PREFIX + "TEST_"
_ARCHIVE_NAME = re.compile(r"[\w][\w.-]{0,39}")
_PLACEHOLDER = re.compile(r"\s*\$\{[^}]*\}\s*")


class ArchiveSettings(Model):
    """One archive of several: its name on the shelf, where it comes from, and what it says of itself."""

    label: str
    episodes: tuple[Path, ...]
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    page_url: str | None = None
    file_url: str | None = None
    site_url: str | None = None


class Settings(Model):
    """What the user and the archive's own file decided; paths are absolute and resolved.

    ``episodes`` are the source folders in the order given, ``index`` the folder of the index, never inside one of them
    nor around one. Where a text is ``None``, the archive itself says it. ``page_url``, ``file_url`` and ``site_url``
    are the templates of ``zunda-mcp.toml`` as written. ``embedder`` is ``auto``, ``none``, ``use`` or ``URL MODEL``
    (see ``zunda_mcp.meaning``), ``aliases`` the user's file of other names (see ``zunda_mcp.search.aliases``).
    ``archives`` are there where several are read as one; ``episodes`` are then the folders of all of them.
    """

    episodes: tuple[Path, ...]
    index: Path
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    page_url: str | None = None
    file_url: str | None = None
    site_url: str | None = None
    embedder: str = "auto"
    aliases: Path | None = None
    archives: tuple[ArchiveSettings, ...] = ()


def load_settings(
    *,
    episodes: Sequence[str | Path] = (),
    archives: Sequence[str] = (),
    index: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    **overrides: str | None,
) -> Settings:
    """Settings from flags (the arguments), environment, file and defaults, in this order.

    ``overrides`` are the texts of ``Settings`` by name (``timezone="Asia/Tokyo"``). ``environ`` and ``cwd`` stand in
    for those of the process. Whether the folders exist is for the archive to find out; only where nobody named any and
    there is no ``episodes`` folder to fall back on, that is said here.

    Raises ``SettingsError`` for an unknown name (with the nearest right one), a wrong type or an impossible value.
    """
    environ = os.environ if environ is None else environ
    _know(overrides, (*_TEXTS, *_OWN))
    _know(
        (name for name in environ if name.startswith(PREFIX) and not name.startswith(_FOR_TESTS)),
        (*_VARIABLES, *_ELSEWHERE),
    )
    here = _path(cwd or ".", Path(), "the working folder")
    shelf = _named_archives(archives, episodes, environ, here)
    if len(shelf) > 1:
        return _shelved(shelf, index, environ, here, overrides)
    if shelf:
        ((label, folders),) = shelf.items()
        episodes, overrides = folders, {"name": label, **overrides}

    named = _named_folders(episodes, environ, here)
    default = here / "episodes"
    sources, texts = _described(named or (default,), overrides, environ, asked=bool(named))
    if not named and sources == (default,) and not _is_dir(default):
        raise SettingsError(f"No episodes: there is no folder {default}. Pass --episodes DIR or set {PREFIX}EPISODES.")

    folder = _named_index(index, environ, here)
    if folder is None:
        sample = not named and sources == (default,)
        folder = here / "index" if sample else _path(_cache_folder(sources), here, "the user's cache folder")
    _check_apart(folder, sources)
    embedder, aliases = (_own(key, overrides, environ) for key in _OWN)
    return Settings(
        episodes=sources,
        index=folder,
        embedder=embedder or "auto",
        aliases=_path(aliases, here, "aliases") if aliases else _beside(sources),
        **texts,
    )


# --- several archives ------------------------------------------------------------------------------------------------


def _named_archives(
    flags: Sequence[str], episodes: Sequence[str | Path], environ: Mapping[str, str], here: Path
) -> dict[str, list[Path]]:
    """The folders of each archive by name: of the flags, else of the environment, else of the file in ``here``."""
    variable = PREFIX + "ARCHIVES"
    if flags and any(map(_given, episodes)):
        raise SettingsError("--archive and --episodes both say what to read. Name every folder with --archive.")
    if flags or any(map(_given, episodes)) or _given(environ.get(PREFIX + "EPISODES")):
        said = [("--archive", one) for one in flags]
    else:
        said = [(variable, one) for one in environ.get(variable, "").split(os.pathsep) if _given(one)]
        if not said and _is_file(here / FILE_NAME):
            return _archives_of_file(here / FILE_NAME)
    found: dict[str, list[Path]] = {}
    for place, one in said:
        name, mark, source = one.partition("=")
        if not mark or not _ARCHIVE_NAME.fullmatch(name.strip()) or not source.strip():
            raise SettingsError(f"{place}: {one!r} is not NAME=FOLDER, such as news=/home/me/news/_posts.")
        found.setdefault(name.strip(), []).append(_path(source.strip(), here, place))
    return found


def _archives_of_file(file: Path) -> dict[str, list[Path]]:
    tables = _read(file).get("archives", {})
    found: dict[str, list[Path]] = {}
    for name, table in tables.items() if isinstance(tables, dict) else ():
        folders = table["episodes"] if isinstance(table["episodes"], list) else [table["episodes"]]
        found[name] = list(_paths(folders, file.parent, f"{file}: archives.{name}"))
    return found


def _shelved(
    shelf: Mapping[str, list[Path]],
    index: str | Path | None,
    environ: Mapping[str, str],
    here: Path,
    overrides: Mapping[str, str | None],
) -> Settings:
    """Several archives, each with what the file beside it says of it; the user's own settings are those of all."""
    tables = _read(here / FILE_NAME).get("archives", {}) if _is_file(here / FILE_NAME) else {}
    read = []
    for label, folders in shelf.items():
        table = tables.get(label, {}) if isinstance(tables, dict) else {}
        said = {"name": label, **{key: table[key] for key in _TEXTS if key in table}}
        episodes, texts = _described(tuple(folders), said, {}, asked=True)
        read.append(ArchiveSettings(label=label, episodes=episodes, **texts))
    sources = tuple(folder for one in read for folder in one.episodes)
    folder = _named_index(index, environ, here) or _path(
        _cache_folder(sources, *shelf), here, "the user's cache folder"
    )
    _check_apart(folder, sources)
    embedder, aliases = (_own(key, overrides, environ) for key in _OWN)
    shared: dict[str, Any] = {key: _text(key, overrides, environ, {}, None) for key in _TEXTS}
    return Settings(
        episodes=sources,
        archives=tuple(read),
        index=folder,
        embedder=embedder or "auto",
        aliases=_path(aliases, here, "aliases") if aliases else _beside(sources),
        **shared,
    )


# --- the folders -----------------------------------------------------------------------------------------------------


def _described(
    folders: tuple[Path, ...], overrides: Mapping[str, str | None], environ: Mapping[str, str], *, asked: bool
) -> tuple[tuple[Path, ...], dict[str, Any]]:
    """The folders of one archive, and its texts, with what the file beside them says."""
    file = _settings_file(folders)
    values = _read(file) if file else {}
    sources = _sources(folders, file, values, asked=asked)
    return sources, {key: _text(key, overrides, environ, values, file) for key in _TEXTS}


def _named_folders(flags: Sequence[str | Path], environ: Mapping[str, str], here: Path) -> tuple[Path, ...]:
    """The folders of the flags, else of the environment; none where nobody named any."""
    if found := _paths(flags, here, "--episodes"):
        return found
    variable = PREFIX + "EPISODES"
    return _paths(environ.get(variable, "").split(os.pathsep), here, variable)


def _sources(
    folders: tuple[Path, ...], file: Path | None, values: Mapping[str, object], *, asked: bool
) -> tuple[Path, ...]:
    """The folders to read: where one is the settings file's own, or nobody asked for any, those the file lists."""
    listed = values.get("episodes")
    if file is None or not isinstance(listed, list):
        return folders
    inner = _paths(listed, file.parent, f"{file}: episodes")
    if not asked:
        return inner or folders
    found = [path for folder in folders for path in (inner if folder == file.parent and inner else (folder,))]
    return tuple(dict.fromkeys(found))


def _named_index(flag: str | Path | None, environ: Mapping[str, str], here: Path) -> Path | None:
    """The index folder of the flag, else of the environment."""
    variable = PREFIX + "INDEX"
    for place, value in (("--index", flag), (variable, environ.get(variable))):
        if _given(value):
            return _path(value, here, place)
    return None


def _check_apart(index: Path, sources: tuple[Path, ...]) -> None:
    """An index inside an archive could have come with it; one around it would mix its files with the episodes."""
    for source in sources:
        if index.is_relative_to(source):
            raise SettingsError(f"The index {index} lies inside the episodes {source}. Name another with --index DIR.")
        if source.is_relative_to(index):
            raise SettingsError(f"The episodes {source} lie inside the index {index}. Name another with --index DIR.")


def _cache_folder(sources: tuple[Path, ...], *names: str) -> Path:
    """A folder of the user's cache that is this archive's alone: its folder's name and a digest of the full paths."""
    from platformdirs import user_cache_path

    slug = re.sub(r"[^a-z0-9]+", "-", sources[0].name.lower()).strip("-") or "archive"
    digest = hashlib.sha256("\0".join([*map(str, sources), *names]).encode("utf-8", "surrogateescape")).hexdigest()
    return user_cache_path("zunda-mcp", appauthor=False) / f"{slug}-{digest[:8]}"


# --- the file --------------------------------------------------------------------------------------------------------


def _settings_file(folders: tuple[Path, ...]) -> Path | None:
    """The one ``zunda-mcp.toml`` in a folder or its parent, the nearer one first; two different ones are refused."""
    candidates = [[folder / FILE_NAME, folder.parent / FILE_NAME] for folder in folders]
    nearest = [next((path for path in pair if _is_file(path)), None) for pair in candidates]
    files = list(dict.fromkeys(path for path in nearest if path))
    if len(files) > 1:
        raise SettingsError(f"Two settings files for one archive: {files[0]} and {files[1]}. Keep one of them.")
    return files[0] if files else None


def _read(file: Path) -> dict[str, object]:
    """The file's settings, every name and type checked."""
    try:
        values = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}") from error
    if "index" in values:
        raise SettingsError(f"{file}: index cannot be set here, only by --index DIR or {PREFIX}INDEX. Take it out.")
    _know(values, _FILE_KEYS, str(file))
    for key, value in values.items():
        if key == "archives":
            _check_tables(file, value)
            continue
        if key == "episodes":
            right = isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
            example = 'episodes = ["_posts"]'
        else:
            right, example = isinstance(value, str), f'{key} = "…"'
        if not right:
            raise SettingsError(f"{file}: {key} has a wrong value. Write {example}")
    return values


def _check_tables(file: Path, tables: object) -> None:
    """Each archive has a table of its own: where its folders are, and texts."""
    example = '[archives.news] and below it episodes = ["news/_posts"]'
    if not isinstance(tables, dict) or not tables:
        raise SettingsError(f"{file}: archives has a wrong value. Write {example}")
    for name, table in tables.items():
        place = f"{file}: archives.{name}"
        if not _ARCHIVE_NAME.fullmatch(name) or not isinstance(table, dict) or not table.get("episodes"):
            raise SettingsError(f"{place} has a wrong name or no episodes. Write {example}")
        _know(table, ("episodes", *_TEXTS), place)


def _own(key: str, overrides: Mapping[str, str | None], environ: Mapping[str, str]) -> str | None:
    """A setting that an archive's own file cannot make: of the flags, else of the environment."""
    given = (value for value in (overrides.get(key), environ.get(PREFIX + key.upper())) if value and _given(value))
    return next((value.strip() for value in given), None)


def _beside(sources: tuple[Path, ...]) -> Path | None:
    """The aliases file in the first source folder that has one, or in its parent."""
    places = [place for source in sources for place in (source / ALIASES_NAME, source.parent / ALIASES_NAME)]
    return next((path for path in places if _is_file(path)), None)


# --- one value -------------------------------------------------------------------------------------------------------


def _text(
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
        if isinstance(value, str) and _given(value):
            text = value.strip()
            if key == "timezone":
                _check_timezone(text, place)
            return text
    return None


def _check_timezone(name: str, place: str) -> None:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = _nearest(name, available_timezones()) or "Asia/Tokyo"
        raise SettingsError(f"{place}: {name!r} is not a time zone. Write it like {near!r}.") from error


def _paths(values: Iterable[str | Path], base: Path, place: str) -> tuple[Path, ...]:
    """The given paths, each once, in order."""
    return tuple(dict.fromkeys(_path(value, base, place) for value in values if _given(value)))


def _path(value: str | Path | None, base: Path, place: str) -> Path:
    """An absolute, resolved path; relative ones start at ``base``, and ``~`` is the user's home."""
    try:
        return (base / Path(value or ".").expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no home, a loop of links, a zero byte
        raise SettingsError(f"{place}: {str(value)!r} is not a usable path ({error}).") from error


def _given(value: str | Path | None) -> bool:
    return value is not None and bool(str(value).strip()) and not _PLACEHOLDER.fullmatch(str(value))


def _know(names: Iterable[str], known: Sequence[str], place: str = "") -> None:
    """Raises ``SettingsError`` for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in known:
            near = _nearest(name, known)
            hint = f"Did you mean {near}?" if near else f"Known are {', '.join(known)}."
            raise SettingsError(f"{f'{place}: ' if place else ''}{name} is not a setting. {hint}")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, whatever its case; ``None`` when none is near."""
    lower = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1)
    return lower[near[0]] if near else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that cannot even be looked into is for the archive to report
        return False


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return True
