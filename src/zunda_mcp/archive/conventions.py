"""How one archive writes its episodes: what its settings say, and what a look at some of its files found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zunda_mcp.archive.ignoring import Ignored

LINK_HEADS = "link-heads"
LIST_ITEMS = "list-items"
HEADINGS = "headings"
TIMED_HEADINGS = "timed-headings"
TURNS = "turns"
FRONT_MATTER_LIST = "front-matter-list"
JSON_LIST = "json-list"
WHOLE = "whole"

STRATEGIES = (LINK_HEADS, LIST_ITEMS, HEADINGS, TIMED_HEADINGS, TURNS, FRONT_MATTER_LIST, JSON_LIST, WHOLE)
"""In order of precedence where as many files speak for one as for another."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """How the files of an archive are split into stories.

    ``name`` is one of ``STRATEGIES``, ``reason`` a sentence that says why, ``counts`` how many of the files that were
    looked at speak for each.
    """

    name: str = LINK_HEADS
    reason: str = "No file speaks for another way."
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the settings say about an archive's front matter, each ``None`` where they say nothing.

    ``date`` and ``title`` name the key that holds it, ``people`` the folder of the files that give names for slugs
    (below a source), ``audio_prefix`` is put before an audio file's name.
    """

    date: str | None = None
    title: str | None = None
    people: str | None = None
    audio_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Conventions:
    """All a format needs to know of the archive a file belongs to.

    ``level`` is the level of the headings that begin a story, ``undated`` says that the archive's files have no dates,
    ``bare`` that they have no front matter, ``untitled`` no titles: what is usual in an archive is no problem of a
    file. ``people`` gives a name for a slug, ``usual_keys`` are those that most files have beside title and date,
    ``sections`` the headings, case folded, that many files have.
    ``stated`` says that the settings name the strategy; else every feed has its own.
    """

    strategy: str = LINK_HEADS
    level: int = 2
    undated: bool = False
    bare: bool = False
    untitled: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    usual_keys: tuple[str, ...] = ()
    sections: frozenset[str] = frozenset()
    keys: Keys = field(default_factory=Keys)
    ignored: Ignored = field(default_factory=Ignored)
    stated: bool = False
