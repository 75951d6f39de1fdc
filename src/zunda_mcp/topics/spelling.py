"""One key for the spellings of a name: ``Claude Code`` and ``claude-code``, ``サーバー`` and ``サーバ``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from zunda_mcp.topics.tokens import atoms

_IGNORED = re.compile(r"[-\s_・'’]|(?<=[a-z])\.(?=[a-z])")
_LONG_VOWEL_FREE = 6
_FINAL_VOWEL_FREE = 4


def spelling_key(name: str) -> str:
    """The key of a name: width, case, hyphens, spaces and the long-vowel marks that writers leave out do not count."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return "".join(map(atom_key, atoms(name)))


@lru_cache(maxsize=65536)
def atom_key(atom: str) -> str:
    """The key of one run; the key of a name is that of its runs in a row."""
    if atom.isascii():
        if atom.isalnum():
            return atom.lower()
        return _IGNORED.sub("", atom.lower())
    if "ァ" <= atom[0] <= "ー":
        if len(atom) >= _LONG_VOWEL_FREE:
            return atom.replace("ー", "")
        return atom[:-1] if len(atom) >= _FINAL_VOWEL_FREE and atom.endswith("ー") else atom
    if atom[0] >= "一":
        return atom
    return _IGNORED.sub("", atom.casefold())


def best_form(forms: Mapping[str, int]) -> str:
    """The most frequent spelling; among equals the one with capitals, then the longer, then the first in order."""
    return min(forms, key=lambda form: (-forms[form], form.islower(), -len(form), form))
