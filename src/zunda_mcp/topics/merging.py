"""What is said twice: plurals, and acronyms beside their expansions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zunda_mcp.topics.lexicon import Entry
from zunda_mcp.topics.spelling import best_form

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MIN_ACRONYM = 3
_SHARED = 0.5
"""Of the stories that spell a name out, so many must have the acronym as well."""


def merged_into(accepted: Mapping[str, Entry]) -> dict[str, str]:
    """For each key that is another spelling of a topic, the key of that topic."""
    targets: dict[str, str] = {}
    for key, entry in accepted.items():
        name = best_form(entry.forms)
        if not name.isascii():
            continue
        if name.endswith("s") and not name.endswith("ss") and key[:-1] in accepted and len(key) > _MIN_ACRONYM:
            targets[key] = key[:-1]
            continue
        acronym = _initials(name)
        if len(acronym) >= _MIN_ACRONYM and acronym in accepted and len(acronym) < len(key):
            shared = set(entry.stories) & set(accepted[acronym].stories)
            if len(shared) >= _SHARED * entry.df:
                targets[key] = acronym
    return {key: _end(target, targets) for key, target in targets.items()}


def _end(key: str, targets: Mapping[str, str]) -> str:
    """Where a chain of spellings ends; each step is to a shorter key, so it does."""
    while key in targets:
        key = targets[key]
    return key


def _initials(name: str) -> str:
    """``Retrieval-Augmented Generation`` as ``rag`` (after Schwartz & Hearst 2003, "A simple algorithm for
    identifying abbreviation definitions in biomedical text"; here the evidence is that both share their stories).
    """
    return "".join(word[0] for word in _WORDS.findall(name)).lower()
