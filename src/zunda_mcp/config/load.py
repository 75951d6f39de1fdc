"""Settings from flags, environment, ``zunda-mcp.toml`` and defaults, in this order, for one archive or several.

The file is in the folder of the episodes or in its parent. It may be part of a stranger's archive, so every name and
type in it is checked, the folders it lists must be below its own, and it cannot choose where the index is.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from zunda_mcp.config.default import DefaultArchives
from zunda_mcp.config.files import read_regular
from zunda_mcp.config.paths import cache_folder, leads_outside
from zunda_mcp.config.settings import (
    ALIASES_NAME,
    ARCHIVE_NAME,
    ELSEWHERE,
    FILE_KEYS,
    FILE_NAME,
    FOR_TESTS,
    OWN,
    PREFIX,
    TEXTS,
    VARIABLES,
    ArchiveSettings,
    Settings,
    exists,
    given,
    is_dir,
    know,
    line_of_deep_key,
    own_setting,
    path_of,
    paths_of,
    text_of,
)
from zunda_mcp.errors import NotFoundError, SettingsError

__all__ = ["NamedSettings", "file_with_text", "load_settings", "texts_of"]


class NamedSettings(TypedDict, total=False):
    """The settings of a whole library other than its folders, as keyword arguments."""

    index: str | Path | None
    name: str | None
    language: str | None
    timezone: str | None
    aliases: str | None
    embedder: str | None
    engine: str | None


def _settings_file(folders: tuple[Path, ...]) -> Path | None:
    """Return the nearest ``zunda-mcp.toml``, in a folder or its parent. Raises ``SettingsError`` if there are two."""
    candidates = [[folder / FILE_NAME, folder.parent / FILE_NAME] for folder in folders]
    nearest = [next((path for path in pair if exists(path)), None) for pair in candidates]
    files = list(dict.fromkeys(path for path in nearest if path))
    if len(files) > 1:
        raise SettingsError(f"Two settings files for one archive: {files[0]} and {files[1]}. Keep one of them.")
    return files[0] if files else None


_EXAMPLES = {"episodes": 'episodes = ["_posts"]', "ignore": 'ignore = ["forms.gle", "Sponsors"]'}
"""The settings that are lists of texts, each with an example."""


def texts_of(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of ``ReaderSettings`` that a settings file, or a table in it, sets."""
    texts = {key: value.strip() for key in TEXTS if isinstance(value := values.get(key), str) and given(value)}
    ignored = values.get("ignore")
    return {**texts, **({"ignore": tuple(ignored)} if isinstance(ignored, list) else {})}


def file_with_text(file: Path) -> tuple[str, dict[str, object]]:
    """Return the text of a settings file and its settings. Raises ``SettingsError`` for a wrong name or type, but does
    not check the table ``archive``.
    """
    import tomllib  # start-up: many archives have no such file

    if why := leads_outside(file):
        raise SettingsError(f"The link {file} {why}. Put the settings into the file itself, or remove it.")
    try:
        text = read_regular(file).decode("utf-8-sig")
        if deep := line_of_deep_key(text):
            raise SettingsError(f"{file} cannot be read as TOML: line {deep} has a key of too many parts. Shorten it.")
        values = tomllib.loads(text)
    except RecursionError:
        raise SettingsError(f"{file} cannot be read as TOML: it is nested too deep. Write plain values.") from None
    except OSError as error:
        cause = error.strerror or error
        raise SettingsError(f"{file} cannot be read ({cause}). Put a TOML file there, or remove it.") from error
    except ValueError as error:  # not UTF-8, not TOML, or a number with thousands of digits
        advice = r" Write \\ or / for each \ of a path." if "\\" in str(error) else ""
        raise SettingsError(f"{file} cannot be read as TOML: {error}.{advice}") from error
    if "index" in values:
        raise SettingsError(f"{file}: index cannot be set here, only by --index DIR or {PREFIX}INDEX. Take it out.")
    know(values, FILE_KEYS, str(file))
    for key, value in values.items():
        if key == "archives":
            _check_tables(file, value)
            continue
        if key == "archive":
            continue  # a mistake in it is a problem of the archive (``reading.mapping``)
        if key in _EXAMPLES:
            right = isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
            example = _EXAMPLES[key]
        else:
            right, example = isinstance(value, str), f'{key} = "…"'
        if not right:
            raise SettingsError(f"{file}: {key} has a wrong value. Write {example}")
    return text, values


def _check_tables(file: Path, tables: object) -> None:
    """Check the tables of several archives, each with folders and texts. Raises ``SettingsError``."""
    example = '[archives.news] and below it episodes = ["news/_posts"]'
    if not isinstance(tables, dict) or not tables:
        raise SettingsError(f"{file}: archives has a wrong value. Write {example}")
    for name, table in tables.items():
        place = f"{file}: archives.{name}"
        if not ARCHIVE_NAME.fullmatch(name) or not isinstance(table, dict) or not table.get("episodes"):
            raise SettingsError(f"{place} has a wrong name or no episodes. Write {example}")
        know(table, ("episodes", "ignore", "archive", *TEXTS), place)


@dataclass(frozen=True)
class _UserInput:
    """Flags by name, the environment, and the folder that relative paths start from."""

    flags: Mapping[str, str | None]
    environ: Mapping[str, str]
    here: Path

    def paths(self, variable: str) -> tuple[Path, ...]:
        """Return the paths in a variable of the environment."""
        return paths_of(self.environ.get(variable, "").split(os.pathsep), self.here, variable)

    def says_something(self, archives: Sequence[str], episodes: Sequence[str | Path]) -> bool:
        """Whether a flag, the environment or a settings file in ``here`` says what to read."""
        variables = (self.environ.get(PREFIX + name) for name in ("EPISODES", "ARCHIVES"))
        return any(map(given, (*archives, *episodes, *variables))) or exists(self.here / FILE_NAME)

    def index(self, flag: str | Path | None) -> Path | None:
        """Return the index folder from the flag, else from the environment."""
        variable = PREFIX + "INDEX"
        for place, value in (("--index", flag), (variable, self.environ.get(variable))):
            if given(value):
                return path_of(value, self.here, place)
        return None

    def own(self, sources: tuple[Path, ...]) -> dict[str, Any]:
        """Return the settings that no archive's file can make."""
        embedder, aliases, engine = (own_setting(key, self.flags, self.environ) for key in OWN)
        file = path_of(aliases, self.here, "aliases") if aliases else _beside(sources)
        return {"embedder": embedder or "auto", "aliases": file, "engine": engine}

    def texts(self, values: Mapping[str, object], file: Path | None) -> dict[str, Any]:
        """Return each text setting from the first of flags, environment and ``values`` (those of ``file``)."""
        return {key: text_of(key, self.flags, self.environ, values, file) for key in TEXTS}


_Resolve = Callable[[str], list[Path]]
_Describe = Callable[[str], Mapping[str, str]]
_Ours = Callable[[Path], bool]
_Default = Callable[[Path], DefaultArchives | None]


def load_settings(
    *,
    episodes: str | Path | Sequence[str | Path] | Mapping[str, str | Path] = (),
    archives: str | Sequence[str] = (),
    index: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    resolve: _Resolve | None = None,
    describe: _Describe | None = None,
    default: _Default | None = None,
    ours: _Ours | None = None,
    **overrides: str | None,
) -> Settings:
    """Return the settings from flags (the arguments), environment, file and defaults, in this order.

    - ``episodes``: one or more folders or files; a mapping gives one for each of several archives.
    - ``archives``: ``NAME=FOLDER``, or the ``NAME`` of an added source.
    - ``overrides``: the texts of ``Settings`` by name (``timezone="Asia/Tokyo"``).
    - ``environ``, ``cwd``: used instead of the process's own.
    - ``resolve``: returns the folders of an added source by name (``zunda_mcp.sources.source_paths``).
    - ``describe``: returns the ``name``, ``language`` and ``timezone`` of such a source, used unless they are set
      (``zunda_mcp.sources.described``).
    - ``default``: returns what to read if nothing is named (``zunda_mcp.config.default``).
    - ``ours``: whether ``index/`` in the working folder can be used for the index (``index.generation.is_usable``); it
      cannot if it contains links or belongs to another program.

    Raises ``SettingsError`` for an unknown name (suggesting the nearest known one), a wrong type or an impossible
    value, and if no folder is named and there is no ``episodes`` folder. It does not check that named folders exist.
    """
    environ = os.environ if environ is None else environ
    know(overrides, (*TEXTS, *OWN))
    know(
        (name for name in environ if name.startswith(PREFIX) and not name.startswith(FOR_TESTS)),
        (*VARIABLES, *ELSEWHERE),
    )
    here = path_of(cwd or ".", Path(), "the working folder")
    user = _UserInput(overrides, environ, here)
    episodes = (episodes,) if isinstance(episodes, str | Path) else episodes
    if isinstance(episodes, Mapping):
        archives, episodes = [f"{name}={folder}" for name, folder in episodes.items()], ()
    archives = (archives,) if isinstance(archives, str) else archives
    if not user.says_something(archives, episodes):
        if own_setting("engine", overrides, environ):  # the cluster has the whole archive
            return Settings(episodes=(), index=user.index(index) or cache_folder() / "remote", **user.own(()))
        episodes, archives = (default and default(here)) or (episodes, archives)
    by_label, added = _named_archives(archives, episodes, user, resolve)
    facts = {label: dict(describe(label)) if describe else {} for label in added}
    if len(by_label) > 1:
        return _load_several(by_label, index, user, facts)
    own: dict[str, str] = {}
    if by_label:
        ((label, episodes),) = by_label.items()
        own = facts.get(label, {"name": label})

    named = paths_of(episodes, here, "--episodes") or user.paths(PREFIX + "EPISODES")
    beside = here / "episodes"
    sources, texts = _described(named or (beside,), user, own, named=bool(named))
    if not named and sources == (beside,) and not is_dir(beside):
        raise SettingsError(
            f"No archive is chosen, and {here} holds no episodes. Choose one once with zunda-mcp use DIR, or pass "
            "--episodes DIR (or ZUNDA_MCP_EPISODES)."
        )
    if not named and (why := leads_outside(beside)):
        raise SettingsError(f"The link {beside} {why}. Pass the folder it leads to with --episodes DIR.")

    folder = user.index(index)
    if folder is None:
        sample = not named and sources == (beside,) and (ours is None or ours(here / "index"))
        folder = here / "index" if sample else path_of(_cache_folder(sources), here, "the user's cache folder")
    _check_apart(folder, sources)
    return Settings(episodes=sources, index=folder, **user.own(sources), **texts)


def _named_archives(
    flags: Sequence[str], episodes: Sequence[str | Path], user: _UserInput, resolve: _Resolve | None
) -> tuple[dict[str, list[Path]], list[str]]:
    """Return the folders of each archive by name, and which archives are added sources: from the flags, else from the
    environment, else from the file in ``here``.
    """
    variable, environ, here = PREFIX + "ARCHIVES", user.environ, user.here
    if flags and any(map(given, episodes)):
        raise SettingsError("--archive and --episodes both say what to read. Name every folder with --archive.")
    if flags or any(map(given, episodes)) or given(environ.get(PREFIX + "EPISODES")):
        stated = [("--archive", one) for one in flags]
    else:
        stated = [(variable, one) for one in environ.get(variable, "").split(os.pathsep) if given(one)]
        if not stated and exists(here / FILE_NAME):
            return _archives_of_file(here / FILE_NAME), []
    folders_by_name: dict[str, list[Path]] = {}
    added: dict[str, None] = {}
    for place, one in stated:
        name, mark, source = (part.strip() for part in one.partition("="))
        if not ARCHIVE_NAME.fullmatch(name) or (mark and not source):
            raise SettingsError(f"{place}: {one!r} is not NAME=FOLDER, such as news=/home/me/news/_posts.")
        places = [path_of(source, here, place)] if mark else _added(name, place, resolve)
        folders_by_name.setdefault(name, []).extend(places)
        if not mark:
            added[name] = None
    return folders_by_name, list(added)


def _added(name: str, place: str, resolve: _Resolve | None) -> list[Path]:
    """Return the folders and files of an added source. Raises ``SettingsError`` if it has none."""
    if resolve is None:
        raise SettingsError(f"{place}: {name!r} is not NAME=FOLDER, such as news=/home/me/news/_posts.")
    try:
        folders = resolve(name)
    except NotFoundError as error:
        stated = f"{place}: {error} Or name a folder: {place} {name}=FOLDER."
        raise SettingsError(stated) from error
    if not folders:
        raise SettingsError(f"{place}: nothing was fetched for {name} yet. Run zunda-mcp sync {name}.")
    return folders


def _archives_of_file(file: Path) -> dict[str, list[Path]]:
    tables = file_with_text(file)[1].get("archives", {})
    folders_by_name: dict[str, list[Path]] = {}
    for name, table in tables.items() if isinstance(tables, dict) else ():
        folders = table["episodes"] if isinstance(table["episodes"], list) else [table["episodes"]]
        folders_by_name[name] = list(_inside(folders, file, f"archives.{name}"))
    return folders_by_name


def _load_several(
    by_label: Mapping[str, list[Path]],
    index: str | Path | None,
    user: _UserInput,
    facts: Mapping[str, Mapping[str, str]],
) -> Settings:
    """Return settings for several archives: each has those of its own file, and all share the user's own."""
    file = user.here / FILE_NAME
    read = []
    tables = file_with_text(file)[1].get("archives", {}) if exists(file) else {}
    for label, folders in by_label.items():
        table = tables.get(label, {}) if isinstance(tables, dict) else {}
        episodes, texts = _described(tuple(folders), _UserInput({}, {}, user.here), facts.get(label, {}), named=True)
        texts |= {"name": label, **texts_of(table)}
        if table:
            texts["files"] = ((file, f"archives.{label}"), *texts["files"])
        if "name" not in table:
            texts["stated"] = ("name",)
        read.append(ArchiveSettings(label=label, episodes=episodes, **texts))
    sources = tuple(folder for one in read for folder in one.episodes)
    cache = _cache_folder(sources, *by_label)
    folder = user.index(index) or path_of(cache, user.here, "the user's cache folder")
    _check_apart(folder, sources)
    shared = user.texts({}, None) | user.own(sources)
    return Settings(episodes=sources, archives=tuple(read), index=folder, **shared)


def _described(
    folders: tuple[Path, ...], user: _UserInput, described: Mapping[str, str], *, named: bool
) -> tuple[tuple[Path, ...], dict[str, Any]]:
    """Return the folders of one archive and the fields of its ``ReaderSettings``, from flags, environment and file.

    ``described`` is what the archive says about itself; it is used for fields that nothing else sets.
    """
    file = _settings_file(folders)
    values = file_with_text(file)[1] if file else {}
    sources = _sources(folders, file, values, named=named)
    texts = user.texts(values, file)
    texts |= {key: text for key, text in described.items() if texts.get(key) is None}
    stated = [key for key in TEXTS if any(map(given, (user.flags.get(key), user.environ.get(PREFIX + key.upper()))))]
    ignored = values.get("ignore")
    if given(listed := user.environ.get(PREFIX + "IGNORE")):
        ignored = [part.strip() for part in str(listed).split(",") if part.strip()]
        stated.append("ignore")
    fields = {"stated": tuple(stated), "described": dict(described), "files": ((file, ""),) if file else ()}
    return sources, {**texts, **fields, "ignore": tuple(ignored) if isinstance(ignored, list) else ()}


def _sources(
    folders: tuple[Path, ...], file: Path | None, values: Mapping[str, object], *, named: bool
) -> tuple[Path, ...]:
    """Return the folders to read: those the settings file lists replace its own, or all if none was ``named``."""
    listed = values.get("episodes")
    if file is None or not isinstance(listed, list):
        return folders
    inner = _inside(listed, file, "episodes")
    if not named:
        return inner or folders
    paths = [path for folder in folders for path in (inner if folder == file.parent and inner else (folder,))]
    return tuple(dict.fromkeys(paths))


def _inside(listed: Sequence[str], file: Path, key: str) -> tuple[Path, ...]:
    """Return the folders that a settings file lists. Raises ``SettingsError`` for one outside the file's own folder."""
    paths = paths_of(listed, file.parent, f"{file}: {key}")
    for path in paths:
        if not path.is_relative_to(file.parent.resolve()):
            flag = "--episodes" if key == "episodes" else "--archive"
            raise SettingsError(f"{file}: {key} names {path}, which is elsewhere. Only {flag} can name it.")
    return paths


def _check_apart(index: Path, sources: tuple[Path, ...]) -> None:
    """Raise ``SettingsError`` if the index is inside an archive, and so may have come with it, or around one."""
    for source in sources:
        if index.is_relative_to(source):
            raise SettingsError(f"The index {index} lies inside the episodes {source}. Name another with --index DIR.")
        if source.is_relative_to(index):
            raise SettingsError(f"The episodes {source} lie inside the index {index}. Name another with --index DIR.")


def _cache_folder(sources: tuple[Path, ...], *names: str) -> Path:
    """Return a folder in the user's cache for this archive alone, named after its folder and a digest of all paths."""
    slug = re.sub(r"[^a-z0-9]+", "-", sources[0].name.lower()).strip("-") or "archive"
    digest = hashlib.sha256("\0".join([*map(str, sources), *names]).encode("utf-8", "surrogateescape")).hexdigest()
    return cache_folder() / f"{slug}-{digest[:8]}"


def _beside(sources: tuple[Path, ...]) -> Path | None:
    """Return the first aliases file in a source folder or its parent, None if there is none."""
    places = [place for source in sources for place in (source / ALIASES_NAME, source.parent / ALIASES_NAME)]
    return next((path for path in places if exists(path) and not leads_outside(path)), None)
