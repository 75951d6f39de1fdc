"""What is said twice: other names the archive itself tells, plurals, and acronyms beside their expansions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zunda_mcp.topics.lexicon import Entry
from zunda_mcp.topics.spelling import best_form, spelling_key

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_RUNS = re.compile(r"[ァ-ヺー]{3,}")
_MIN_ACRONYM = 3
_SHARED = 0.5
"""Of the stories that spell a name out, so many must have the acronym as well."""


def merged_into(accepted: Mapping[str, Entry], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each key that is another spelling of a topic, the key of that topic; ``names`` are the other names that the
    archive itself tells, by normalised name.
    """
    targets: dict[str, str] = {}
    by_key = {spelling_key(name): [spelling_key(other) for other in others] for name, others in names.items()}
    for key, entry in accepted.items():
        for other in _told(key, by_key):
            same = accepted.get(other)
            if same is None or other == key:
                continue
            less, more = (key, other) if (same.df, other) > (entry.df, key) else (other, key)
            _merge(less, more, targets)
    for key, entry in accepted.items():
        name = best_form(entry.forms)
        if not name.isascii() or key in targets:
            continue
        if name.endswith("s") and not name.endswith("ss") and key[:-1] in accepted and len(key) > _MIN_ACRONYM:
            _merge(key, key[:-1], targets)
            continue
        acronym = _initials(name)
        if len(acronym) >= _MIN_ACRONYM and acronym in accepted and len(acronym) < len(key):
            shared = set(entry.stories) & set(accepted[acronym].stories)
            if len(shared) >= _SHARED * entry.df:
                _merge(key, acronym, targets)
    return {key: _end(target, targets) for key, target in targets.items()}


def _told(key: str, by_key: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys of other names of ``key``: as a whole, or of its katakana and Latin runs one by one (AI Agent and
    AIエージェント where エージェント is agent).
    """
    found = list(by_key.get(key, ()))
    for run in set(_RUNS.findall(key)):
        if run != key:
            found += [key.replace(run, other) for other in by_key.get(run, ())]
    return found


def _merge(key: str, into: str, targets: dict[str, str]) -> None:
    """Let one key lead to another, unless it already leads somewhere or the other leads to it."""
    if key not in targets and _end(into, targets) != key:
        targets[key] = into


def _end(key: str, targets: Mapping[str, str]) -> str:
    """Where a chain of spellings ends; no step is taken that would come back."""
    while key in targets:
        key = targets[key]
    return key


def _initials(name: str) -> str:
    """``Retrieval-Augmented Generation`` as ``rag`` (after Schwartz & Hearst 2003, "A simple algorithm for
    identifying abbreviation definitions in biomedical text"; here the evidence is that both share their stories).
    """
    return "".join(word[0] for word in _WORDS.findall(name)).lower()
