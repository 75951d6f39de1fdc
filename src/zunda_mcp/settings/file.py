"""``zunda-mcp.toml``: where it lies, and that every name and type in it is right."""

from __future__ import annotations

import tomllib
from pathlib import Path

from zunda_mcp.checkout import leads_out
from zunda_mcp.errors import SettingsError
from zunda_mcp.files import read_regular
from zunda_mcp.settings.values import ARCHIVE_NAME, FILE_KEYS, FILE_NAME, PREFIX, TEXTS, exists, know, line_of_deep_key


def settings_file(folders: tuple[Path, ...]) -> Path | None:
    """The one ``zunda-mcp.toml`` in a folder or its parent, the nearer one first; two different ones are refused."""
    candidates = [[folder / FILE_NAME, folder.parent / FILE_NAME] for folder in folders]
    nearest = [next((path for path in pair if exists(path)), None) for pair in candidates]
    files = list(dict.fromkeys(path for path in nearest if path))
    if len(files) > 1:
        raise SettingsError(f"Two settings files for one archive: {files[0]} and {files[1]}. Keep one of them.")
    return files[0] if files else None


_EXAMPLES = {"episodes": 'episodes = ["_posts"]', "ignore": 'ignore = ["forms.gle", "Sponsors"]'}
"""Settings that are lists of texts, and one of each."""


def read_file(file: Path) -> dict[str, object]:
    """The file's settings, every name and type checked."""
    if why := leads_out(file):
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
    except ValueError as error:  # no UTF-8, no TOML, a number of thousands of digits
        raise SettingsError(f"{file} cannot be read as TOML: {error}") from error
    if "index" in values:
        raise SettingsError(f"{file}: index cannot be set here, only by --index DIR or {PREFIX}INDEX. Take it out.")
    know(values, FILE_KEYS, str(file))
    for key, value in values.items():
        if key == "archives":
            _check_tables(file, value)
            continue
        if key in _EXAMPLES:
            right = isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
            example = _EXAMPLES[key]
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
        if not ARCHIVE_NAME.fullmatch(name) or not isinstance(table, dict) or not table.get("episodes"):
            raise SettingsError(f"{place} has a wrong name or no episodes. Write {example}")
        know(table, ("episodes", "ignore", *TEXTS), place)
