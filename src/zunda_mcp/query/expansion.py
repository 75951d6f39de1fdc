"""The ways in which a word is looked for under other names, and the user's own file of such names: those that mean the
same on one line, separated by commas.

    # zunda-aliases.txt, beside the episodes
    OpenClaw, Clawdbot, Moltbot
    Raspberry Pi, ラズパイ, ラズベリーパイ

The form of the synonym files of Solr and Elasticsearch; ``a, b => c`` makes only a and b mean c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from zunda_mcp.config.files import read_regular
from zunda_mcp.errors import SettingsError
from zunda_mcp.query import tuning
from zunda_mcp.text.normalize import normalize

__all__ = ["ALIAS", "BESIDE", "DICTIONARY", "EITHER", "FORM", "GLOSS", "SOUND", "TYPO", "WHY", "read_aliases"]

ALIAS, GLOSS, DICTIONARY, FORM = "alias", "gloss", "dictionary", "form"
SOUND, TYPO, BESIDE, EITHER = "sound", "typo", "beside", "either"

WHY = {
    ALIAS: "your alias",
    GLOSS: "the archive's own gloss",
    DICTIONARY: "by the dictionary",
    FORM: "another form",
    SOUND: "sounds alike",
    TYPO: "spelled nearly so",
}

_COMMENT = re.compile(r"(?:^|\s)#.*$")  # C# is a name


def read_aliases(file: Path) -> Mapping[str, tuple[str, ...]]:
    """A normalised name to its other names. Raises ``SettingsError`` where the file cannot be read."""
    try:
        lines = read_regular(file, tuning.MAX_ALIASES_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The aliases {file} cannot be read ({error}); save them as UTF-8 text.") from error
    others_of: dict[str, dict[str, None]] = {}
    for number, line in enumerate(lines, 1):
        left, arrow, right = _COMMENT.sub("", line).partition("=>")
        if "=>" in right:
            raise SettingsError(f"{file}:{number}: one => a line, as in: a, b => c")
        names = _names(left)
        targets = _names(right) if arrow else names
        for name in names:
            others_of.setdefault(name, {}).update(dict.fromkeys(other for other in targets if other != name))
    return {name: tuple(others) for name, others in others_of.items() if others}


def _names(text: str) -> list[str]:
    """The names of one side of a line, as they are looked up: Latin ones with spaces for hyphens."""
    names = [normalize(name).strip() for name in text.replace("、", ",").split(",")]
    return [name.replace("-", " ") if name.isascii() else name for name in names if name]
