"""The input and output of finding topics, and the parts of a name.

``plain`` removes the markup from a story's text, ``tokenize`` cuts the rest into tokens, and ``spelling_key`` gives all
spellings of a name one key (``Claude Code`` and ``claude-code``, ``サーバー`` and ``サーバ``). The closed lists contain
words of grammar and remains of markup: no names, no subjects, nothing learnt from an archive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = [
    "CONNECTORS", "FUNCTION_WORDS", "JAPANESE", "JAPANESE_FUNCTION", "LATIN", "NUMBER", "RESIDUE", "ArchiveTopic",
    "StoryNames", "Token", "atom_key", "atoms", "best_form", "plain", "spelling_key", "tokenize",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryNames:
    """The candidate names of one story, as ``mentions`` counted them. ``date`` is an ISO day, or ``""``."""

    story_id: str
    episode_id: str
    date: str
    names: Mapping[str, int]
    title: str


@dataclass(frozen=True, slots=True)
class ArchiveTopic:
    """A name or subject that several stories share.

    ``name`` is its most frequent spelling, ``aliases`` are others, ``key`` is the spelling key. ``story_ids`` are all
    stories that mention it, newest first, in so many ``episodes``; ``first`` and ``last`` are ISO days, ``""`` if no
    story has a date.
    """

    name: str
    aliases: tuple[str, ...]
    key: str
    story_ids: tuple[str, ...]
    episodes: int
    first: str
    last: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ArchiveTopic:
        """The topic of a row that ``dataclasses.asdict`` and JSON made."""
        return cls(**{**row, "aliases": tuple(row["aliases"]), "story_ids": tuple(row["story_ids"])})


_IGNORED = lazy_pattern(r"[-\s_・'’]|(?<=[a-z])\.(?=[a-z])")
_LONG_VOWEL_FREE = 6
_FINAL_VOWEL_FREE = 4


def spelling_key(name: str) -> str:
    """The key of a name: it ignores width, case, hyphens, spaces, and long-vowel marks that writers may leave out."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name)
    return "".join(map(atom_key, atoms(name)))


@lru_cache(maxsize=65536)
def atom_key(atom: str) -> str:
    """The key of one run of a name; the key of a name is those of its runs, joined."""
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
    """The most frequent spelling; among equals one with capitals, then the longest, then the first in order."""
    return min(forms, key=lambda form: (-forms[form], form.islower(), -len(form), form))


_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_OKURIGANA = "いうえきぎくぐけげこちつてびぶみむめりるれろ"
_KANJI = rf"[一-龥々]{{2,}}(?![{_OKURIGANA}])"
_LONE_PAIR = r"(?<![A-Za-z0-9ァ-ヺー ])[一-龥々]{2}(?![A-Za-z0-9ァ-ヺー一-龥々 ])"
_TOKEN = lazy_pattern(
    rf"([A-Z]{{1,3}}/[A-Z]{{1,3}}(?![{_LETTER}0-9])"
    rf"|[{_LETTER}](?:[{_LETTER}0-9]|[-.&_](?=[{_LETTER}0-9]))*(?:'[a-z]+)?[+#]*)"
    rf"|([0-9]+(?:\.[0-9]+)*[{_LETTER}]*)"
    rf"|(?!{_LONE_PAIR})(?:[ァ-ヺー]{{2,}}|{_KANJI})+"
)
_ATOM = lazy_pattern(rf"[{_LETTER}0-9][^ ァ-ヺー一-龥々ぁ-ゖ]*|[ァ-ヺー]+|[一-龥々]+|[ぁ-ゖ][ぁ-ゖー]*")

LATIN, NUMBER, JAPANESE = 1, 2, None

Token = tuple[int | None, str, int, int]
"""Kind, text, start and end of a Latin word, a number, or katakana and kanji in stretches of two characters or more."""


def tokenize(text: str) -> list[Token]:
    """The tokens of plain text. Names end at what is between them: hiragana, punctuation, single kanji.

    Two kanji by themselves are left out (half of all words, and none of them a name), and so is a kanji that hiragana
    continues (文字起こし gives 文字).
    """
    return [(m.lastindex, m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def atoms(name: str) -> list[str]:
    """The runs in a name: ``生成`` and ``AI`` in ``生成AI``, ``Claude`` and ``Code`` in ``Claude Code``."""
    runs: list[str] = _ATOM.findall(name)
    return runs


_FENCE = lazy_pattern(r"^(```|~~~).*?^\1", re.S | re.M)
_LINK = lazy_pattern(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_ADDRESS = lazy_pattern(
    r"(?:https?|ftp)://[^\s<>「」『』（）()、。]+|\bwww\.[^\s<>「」『』、。]+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"
)
_TAG = lazy_pattern(r"<[!/a-zA-Z][^<>\n]*>|&[a-z]+;|&#\d+;")
_SOURCE_NOTE = lazy_pattern(r"^[^\w\n]*(?:引用元|出典|参考|Source) ?[:\uff1a].*$", re.M)
_DROPPED = ("*", "`", "\u200b")
_PLAINER = (("’", "'"), ("‘", "'"), ("‐", "-"), ("‑", "-"), ("−", "-"))


def plain(text: str) -> str:
    """``text`` in NFKC without markup, addresses and source notes; its lines stay."""
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("\n", text)
    if "](" in text:
        text = _LINK.sub(r"  \1  ", text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(" ", text)
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", text)
    if ":" in text or "\uff1a" in text:
        text = _SOURCE_NOTE.sub("", text)
    for mark in _DROPPED:
        if mark in text:
            text = text.replace(mark, "")
    for old, new in _PLAINER:
        if old in text:
            text = text.replace(old, new)
    return unicodedata.normalize("NFKC", text)


_ENGLISH = """
a about above across actually after again against all almost along already also although always am among an and
another any anyone anything are around as ask at away back be became because become been before behind being below
best better between beyond big both bring but by call came can can't cannot come could day days did didn't different
do does doesn't doing don't done down during each early easy either else enough etc even ever every everyone
everything few find first for found from full further gave get gets getting give given go goes going gone good got
great guide had has have having he hello her here hers herself hey hi him himself his how however i if important in
instead into is isn't it it's its itself join just keep kind know last later latest learn least less let let's like
little look lot made make makes making many may maybe me meet might mine more most much must my myself near need
never new next no nobody none nor not nothing now of off often oh ok okay old on once one only onto or other others
our ours out over own part people perhaps please put quite rather re read really right said same say says second see
seem seen set several shall she should show shows simple since so some somebody someone something sometimes soon
still stop such take taken tell than thank thanks that that's the their theirs them then there there's these they
they're thing things think third this those though three through thus till time times to today together tomorrow too
top toward try trying turn two under until up upon us use used useful user users uses using very via vs want wants
was wasn't watch way ways we we're welcome well went were what what's whatever when where whether which while who
who's whole whom whose why will with within without won't would wow yeah year years yes yesterday yet you you're
your yours yourself
january february march april june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
introduction intro introducing overview summary announcing announcement note notes part chapter figure fig table
vol no ver ch qa faq tips
"""

_MARKUP = (
    "http https www com org net html htm amp nbsp quot utm href src img png jpg jpeg gif svg md pdf url urls ref rss"
)

_JAPANESE = "タイトル 引用元 本記事 当記事 本稿 一般的 具体的 可能性 自分自身"

FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words of grammar, time and address, in lower case: no name begins or ends with one, or is one."""

RESIDUE = frozenset(_MARKUP.split())
"""Words that addresses and markup leave behind."""

JAPANESE_FUNCTION = frozenset(_JAPANESE.split())
"""Words by which a Japanese digest refers to itself, and general words."""

CONNECTORS = frozenset({"of"})
"""Lower-case words that may be inside a Latin name."""
