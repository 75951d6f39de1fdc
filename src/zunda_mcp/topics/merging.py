"""What is said twice: plurals, acronyms beside their expansions, and fragments of longer names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zunda_mcp.topics.lexicon import Entry
from zunda_mcp.topics.spelling import best_form

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MIN_ACRONYM = 3
_SHARED = 0.5
_SWALLOWED = 0.8


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
        if len(acronym) >= _MIN_ACRONYM and acronym in accepted and acronym != key:
            shared = set(entry.stories) & set(accepted[acronym].stories)
            if len(shared) >= _SHARED * entry.df:
                targets[key] = acronym
    return {key: targets.get(target, target) for key, target in targets.items()}


def fragments(accepted: Mapping[str, Entry]) -> set[str]:
    """Keys that nearly always stand inside one longer topic: ``Context Protocol`` in ``Model Context Protocol``.

    This is the nested case of the C-value (Frantzi & Ananiadou 2000), which takes from a candidate its sightings
    inside longer ones: what hardly anything remains of is no term.
    """
    by_first: dict[int, list[str]] = {}
    found: set[str] = set()
    for key, entry in accepted.items():
        for place in entry.stories[:1]:
            by_first.setdefault(place, []).append(key)
    for key, entry in accepted.items():
        if entry.alone > (1 - _SWALLOWED) * entry.df:
            continue
        mine = set(entry.stories)
        for place in entry.stories:
            if any(
                len(other) > len(key)
                and key in other
                and len(mine.intersection(accepted[other].stories)) >= _SWALLOWED * entry.df
                for other in by_first.get(place, ())
            ):
                found.add(key)
                break
    return found


def _initials(name: str) -> str:
    """``Retrieval-Augmented Generation`` as ``rag`` (after Schwartz & Hearst 2003, "A simple algorithm for
    identifying abbreviation definitions in biomedical text"; here the evidence is that both share their stories).
    """
    return "".join(word[0] for word in _WORDS.findall(name)).lower()
