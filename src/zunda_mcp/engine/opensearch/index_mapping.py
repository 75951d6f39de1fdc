"""The format of an index in a cluster, which its writers and readers share: fields, settings and tokens.

All tokens are made here (``zunda_mcp.text.tokenizer``), so a cluster needs no plugin:

- ``text``, ``notes``, ``spoken``: the terms of ``zunda_mcp.index.schema``, each with its impact as its frequency in the
  document (``term|impact``, the filter ``delimited_term_freq``). A term's score is its impact, as in a local index.
- ``key``: exact keys; ``item``, ``episode``: ids; ``day``, ``year``, ``order``: the date, and the order of publication.
- ``exact``, ``joined`` and their forms: the text as *units* with positions, so that a phrase of units occurs exactly
  where the text does; ``exact`` also as the text reads without markup.
- ``title``, ``title_exact``: the title of an episode, in its notes only; ``address``: the URL of a story.
- ``row``: what ranking needs of a document, as one value; ``record``: what answers show of it.
- ``vector``, ``cell``: the vectors of a story or of a passage's windows, and their cells.

A second index has the words, by sound and by what they contain.

A unit is a whole run of Latin letters and digits, or any other character, spaces and signs included. So "the text
contains it, with no letter or digit running on at either end" (``zunda_mcp.engine.terms``) means that its units follow
one another. *Joined* rows leave out up to three signs between words (spaces, hyphens, dots, slashes); more become a
gap.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from itertools import product
from typing import Any, NamedTuple

from zunda_mcp.index.schema import NOTES, SPOKEN, TEXT

__all__ = [
    "CHARACTER", "GAP", "HIRAGANA", "MAPPING_VERSION", "RUN", "WORD", "Row", "document_index", "episode_of",
    "exact_units", "joined_rows", "joined_units", "token", "word_id", "word_index",
]  # fmt: skip

MAPPING_VERSION = 4
"""Raise it whenever fields or their contents change: an index of another version is rebuilt beside the old one."""
CHARACTER = "^"
"""The prefix of the term for the first character of terms without spaces; its impact is the best of theirs."""
RUN, WORD, HIRAGANA = "run", "word", "hiragana"
"""Kinds of words."""

_IMPACT = {
    "type": "text",
    "analyzer": "impact",
    "search_analyzer": "whitespace",
    "index_options": "freqs",
    "norms": False,
    "similarity": "impact",
}
_UNITS = {"type": "text", "analyzer": "whitespace", "norms": False}
_KEYWORD = {"type": "keyword"}
_STORED = {"type": "keyword", "index": False}
_NOT_KEPT = [
    TEXT, NOTES, SPOKEN, "exact", "joined", "folded", "folded_joined", "exact_spoken", "joined_spoken", "folded_spoken",
    "folded_joined_spoken", "key", "title_exact", "address", "row", "cell", "digest",
]  # fmt: skip


def document_index(shards: int, replicas: int) -> dict[str, Any]:
    """Return the request body that creates the index of documents."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": -1,  # readers see writes only once all are done
            "max_result_window": 20_000,
            "analysis": {
                "analyzer": {"impact": {"tokenizer": "whitespace", "filter": ["impact"]}},
                "filter": {"impact": {"type": "delimited_term_freq", "delimiter": "|"}},
            },
            "similarity": {"impact": {"type": "scripted", "script": {"source": "return query.boost * doc.freq;"}}},
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"zunda_mcp": MAPPING_VERSION},
            "_source": {"excludes": _NOT_KEPT},
            "properties": {
                **dict.fromkeys((TEXT, NOTES, SPOKEN), _IMPACT),
                **dict.fromkeys(_NOT_KEPT[3:11], _UNITS),
                "key": _KEYWORD,
                "item": _KEYWORD,
                "episode": _KEYWORD,
                "day": {"type": "integer"},
                "year": {"type": "integer"},
                "order": _KEYWORD,
                "title": {**_KEYWORD, "ignore_above": 8000},
                "title_exact": _UNITS,
                "address": {**_KEYWORD, "ignore_above": 8000, "doc_values": False},
                "row": _STORED,
                "digest": _STORED,
                "cell": _KEYWORD,
                "vector": {"type": "binary"},
                "record": {"type": "object", "enabled": False},
            },
        },
    }


def word_index(replicas: int) -> dict[str, Any]:
    """Return the request body that creates the index of words, which also stores the lists of the whole archive."""
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": -1},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"zunda_mcp": MAPPING_VERSION},
            "properties": {
                "word": _KEYWORD,
                "kind": _KEYWORD,
                "sound": _KEYWORD,
                "letters": _UNITS,
                "kana": _KEYWORD,
                "kana_letters": _UNITS,
                "name": _STORED,
                "content": {"type": "object", "enabled": False},
            },
        },
    }


def token(term: str, impact: int) -> str:
    """Return a term with its impact, in the form that the index reads."""
    return f"{term}|{impact}"


class Row(NamedTuple):
    """What ranking needs of a document: the ISO day, number and id of its episode, its place in the episode (0: the
    notes), its day as an ordinal, and how many stories the episode has.
    """

    date: str
    number: int
    episode: str
    place: int
    day: int
    stories: int


def episode_of(item: str) -> str:
    """Return the id of the episode that a document belongs to."""
    episode, mark, place = item.rpartition("#")
    return episode if mark and place.isdigit() else item


def word_id(kind: str, word: str) -> str:
    """Return the id of the document of a word."""
    return f"{kind}:{blake2b(word.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


_UNIT = re.compile(r"[0-9a-z]{1,200}|[^0-9a-z]")
_JOINED = re.compile(r"[0-9a-z]{1,200}|[ \t\n\r\f\v\-./_']+|[^0-9a-z]")
_JOINTS = frozenset(" \t\n\r\f\v-./_'")
GAP = "⏎"
_MOST_JOINTS = 3
_MOST_ROWS = 128
"""More rows would be needed only for names of four long words; a cluster takes 1,024 in one query."""


def exact_units(text: str) -> list[str]:
    """Return the units of normalised text."""
    return [_visible(unit) for unit in _UNIT.findall(text)]


def joined_units(text: str) -> list[str]:
    """Return the units of normalised text without the signs that join words."""
    result = []
    for unit in _JOINED.findall(text):
        if unit[0] not in _JOINTS:
            result.append(_visible(unit))
        elif len(unit) > _MOST_JOINTS:
            result.append(GAP)
    return result


def joined_rows(text: str) -> list[list[str]]:
    """Return the rows of joined units that find ``text`` whichever of its words are written together, and with a sign
    within any of them (``gpt4o mini`` as GPT-4o mini).
    """
    words = [units for word in text.split(" ") if (units := joined_units(word))]
    rows: dict[tuple[str, ...], None] = {}
    for together in product((False, True), repeat=max(len(words) - 1, 0)):
        row = list(words[0]) if words else []
        for units, joins in zip(words[1:], together, strict=True):
            latin = joins and _is_latin(row[-1]) and _is_latin(units[0])
            row = [*row[:-1], row[-1] + units[0], *units[1:]] if latin else [*row, *units]
        rows.setdefault(tuple(row))
    for words_cut in product(*([(word, *_cut_in_two(word)) for word in words])):
        rows.setdefault(tuple(unit for word in words_cut for unit in word))
        if len(rows) >= _MOST_ROWS:
            break
    return [list(row) for row in rows]


def _cut_in_two(word: list[str]) -> list[list[str]]:
    """The ways to cut a word of one Latin unit where letters and digits meet: a sign may be there (gpt-4o, gpt4o)."""
    if len(word) != 1 or not _is_latin(word[0]):
        return []
    (unit,) = word
    return [[unit[:at], unit[at:]] for at in range(1, len(unit)) if unit[at - 1].isdigit() != unit[at].isdigit()]


def _is_latin(unit: str) -> bool:
    return unit.isascii() and unit.isalnum()


def _visible(unit: str) -> str:
    """The unit in a form that UTF-8 can encode and that an analyzer which splits at spaces keeps."""
    if unit.isspace():
        return f"␣{ord(unit):x}"
    return "\ufffd" if "\ud800" <= unit <= "\udfff" else unit
