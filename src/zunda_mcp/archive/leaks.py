"""YAML that leaked into the text: summaries somebody pasted with the quotes and escapes of a YAML file.

What YAML did, YAML undoes: such a text is put back between its quotes and read again.
"""

from __future__ import annotations

from itertools import pairwise

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def undo_yaml(text: str) -> str | None:
    """Return a summary without its leaked YAML quoting; ``None`` for any text that has none.

    ``text`` still has the indent it has in the file.
    """
    stripped = text.strip()
    if _double_quoted(stripped):
        return _read(f'"{_unquoted(stripped, chr(34))}"') or stripped.replace("\\n", "\n")
    if _single_quoted(text.rstrip()):
        return _read(f"'{_unquoted(stripped, chr(39))}'")
    return None


def _double_quoted(text: str) -> bool:
    """Tell by a fold (a line ends in a backslash, the next begins with one), or by written-out paragraph breaks."""
    if "\\" not in text:
        return False
    lines = text.split("\n")
    if any(line.endswith("\\") and after.lstrip().startswith("\\") for line, after in pairwise(lines)):
        return True
    outside_code = "".join(text.split("`")[::2])
    quoted = text.startswith('"') and text.endswith('"')
    return len(lines) == 1 and ("\\n\\n" in outside_code or (quoted and "\\n" in outside_code))


def _single_quoted(text: str) -> bool:
    """Tell by a closing quote that nothing opens, under text that is indented throughout; quotes inside are doubled."""
    if not text.endswith("'"):
        return False
    inside = text.strip()[:-1].removeprefix("'")
    indented = all(line.startswith("  ") for line in text.split("\n") if line.strip())
    return indented and "'" not in inside.replace("''", "")


def _unquoted(text: str, quote: str) -> str:
    return text.removesuffix(quote).removeprefix(quote).strip()


def _read(quoted: str) -> str | None:
    try:
        value = yaml.load(quoted, Loader=_LOADER)  # noqa: S506 - a safe loader, and one scalar
    except (yaml.YAMLError, ValueError):
        return None
    return value.strip() if isinstance(value, str) else None
