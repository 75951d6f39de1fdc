"""Finds glosses, two names for one thing: 検索拡張生成（RAG）, Model Context Protocol (MCP), Moltbot（旧Clawdbot）.

Writers gloss a term in brackets after it. Not every bracket is a gloss: モデル（Claude）gives an example. So a gloss is
kept with its proof: initials (Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003), sound (デヴィン and Devin), or a word that says so (旧, 通称, formerly). A gloss without
proof is trusted only if several stories have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, KATAKANA, has_han, normalize
from zunda_mcp.text.phonetics import is_katakana, likeness

__all__ = ["Gloss", "GlossMention", "glosses", "other_names", "trusted_glosses"]

_INITIALS, _SOUND, _STATED, _BESIDE = "initials", "sound", "said", "beside"

_MOST = 40
_MAX_WORDS = 6
_LIKE = 0.75
_DOMINANT, _MUTUAL, _SELDOM, _REPEATED = 0.5, 0.2, 0.05, 3
#: Zipf value from which on a word in kanji is ordinary. Of the glosses in 1,991 stories this rejects eight, all wrong
#: or mere translations; the next is 人工知能, at 4.2.
_ORDINARY = 4.45
_LATIN = r"[A-Za-z][A-Za-z0-9.+#/&'_-]{0,79}"  # bounded, like those below: a page may be one word of a million letters
_NAME = rf"{_LATIN}(?: (?:{_LATIN}|[0-9][0-9.]*)){{0,6}}"
_KANA_KANJI = rf"[{HAN}{KATAKANA}・]{{2,80}}"
_GLOSS = lazy_pattern(
    rf"(?P<outer>(?:{_KANA_KANJI})?(?P<latin>{_NAME})|{_KANA_KANJI})[」』”\"*]{{0,3}} {{0,2}}"
    r"\((?P<inner>[^()\n。]{2,40})\)"
)
_SAYING = lazy_pattern(
    r"^(?:旧称|旧名|旧|通称|略称|略して|略|別名|愛称|正式名称|以下|英語?(?=:)|aka|a\.k\.a\.?|formerly|previously)"
    r"[:、 ]*(?=\S)",
    re.I,
)
_SEPARATORS = lazy_pattern(r"[、,;]| / ")
_QUOTES = lazy_pattern(r"[「」『』“”\"*]")
_WHOLE = lazy_pattern(rf"{_NAME}|{_KANA_KANJI}|(?:{_KANA_KANJI})?{_LATIN}")
_WORDS = lazy_pattern(r"[A-Za-z0-9]+")


class Gloss(NamedTuple):
    """Two normalised names for one thing, and the ``proof`` of it: one of the constants above."""

    name: str
    other: str
    proof: str

    def in_order(self) -> Gloss:
        """The same gloss with its names in alphabetical order."""
        return self if self.name < self.other else Gloss(self.other, self.name, self.proof)


def glosses(text: str) -> list[Gloss]:
    """The glosses in NFKC text without markup, each once."""
    return list(dict.fromkeys(_matches(text)))


def _matches(text: str) -> Iterator[Gloss]:
    if "(" not in text:
        return
    for match in _GLOSS.finditer(text):
        inner = _QUOTES.sub("", match["inner"]).strip()
        stated = _SAYING.match(inner)
        parts = _SEPARATORS.split(inner[stated.end() :] if stated else inner)
        more = [
            part for part in parts[1:] if _SAYING.match(part.strip())
        ]  # 旧Moltbot、旧Clawdbot; not a list of others
        for name in [parts[0], *(_SAYING.sub("", part.strip()) for part in more)]:
            gloss = _judged(match["outer"], match["latin"], name.strip(), stated is not None)
            if gloss is not None:
                yield gloss


def _judged(outer: str, latin: str | None, inner: str, stated: bool) -> Gloss | None:
    """The gloss with its strongest proof; None if ``inner`` is not a name or an example, or if both names are equal."""
    if not 2 <= len(inner) <= _MOST or not _WHOLE.fullmatch(inner):
        return None
    for long, short in ((latin, inner), (inner, latin)) if latin else ():
        if expansion := _expansion(long, short):
            return _gloss(expansion, short, _INITIALS)
    if stated:
        return _gloss(outer, inner, _STATED)
    if latin and (outer != latin or inner.isascii()):
        return None  # 最新Claude（Opus）, Claude (Opus): the glossed name is unclear, or the bracket is an example
    alike = _sound_alike(normalize(outer).replace(" ", ""), normalize(inner).replace(" ", ""))
    return _gloss(outer, inner, _SOUND if alike else _BESIDE)


def _sound_alike(first: str, second: str) -> bool:
    """Whether one name is katakana and the other is not, and both sound alike."""
    return is_katakana(first) != is_katakana(second) and likeness(first, second) >= _LIKE


def _gloss(name: str, other: str, proof: str) -> Gloss | None:
    first, second = (normalize(text).strip("・ ") for text in (name, other))
    first, second = (text.replace("-", " ") if text.isascii() else text for text in (first, second))
    if first == second or len(first) < 2 or len(second) < 2:
        return None
    return Gloss(first, second, proof)


def _expansion(long: str, short: str) -> str | None:
    """The last words of ``long``, whose initials are the acronym ``short``; None if there are none."""
    short = short.removesuffix("s") if short[:-1].isupper() else short
    letters = short.lower()
    if not 2 <= len(letters) <= _MAX_WORDS or not letters.isalnum() or not short[0].isupper() or short.islower():
        return None
    words = list(_WORDS.finditer(long))
    if len(words) < 2:
        return None
    for count in range(min(len(words), len(letters) + 1), 1, -1):
        initials = "".join(word.group()[0] for word in words[-count:]).lower()
        if initials == letters:
            return long[words[-count].start() :]
    return None


@dataclass(slots=True)
class GlossMention:
    """In how many stories a name is given as another name of something, and with which proofs."""

    stories: int = 0
    proofs: set[str] = field(default_factory=set)


def trusted_glosses(thing: str, others: Mapping[str, GlossMention], share_back: Callable[[str], float]) -> list[str]:
    """The trustworthy names among those given to one ``thing``: proved by initials, sound or a word that says so, or
    given by several stories and usual in both directions. ``share_back`` returns which share of the glosses of a name
    are the thing. An ordinary word in kanji needs initials or sound: writers call ハルシネーション a 現象, TTFT a 時間.
    """
    total = sum(one.stories for one in others.values())
    ordinary = _is_ordinary(thing)
    return [
        name
        for name, one in others.items()
        if _is_believed(name, one, total, share_back, ordinary=ordinary or _is_ordinary(name))
    ]


def _is_ordinary(word: str) -> bool:
    return has_han(word) and lexicon("ja").zipf(word) >= _ORDINARY


def _is_believed(
    name: str, mention: GlossMention, total: int, share_back: Callable[[str], float], *, ordinary: bool
) -> bool:
    if _SOUND in mention.proofs or (_INITIALS in mention.proofs and mention.stories >= _SELDOM * total):
        return True
    if ordinary:
        return False
    if _STATED in mention.proofs:
        return True
    return mention.stories >= _REPEATED and mention.stories >= _DOMINANT * total and share_back(name) >= _MUTUAL


def other_names(counts: Mapping[Gloss, int]) -> dict[str, list[str]]:
    """The trustworthy other names of every name; ``counts`` are the numbers of stories with each gloss."""
    mentions: dict[str, dict[str, GlossMention]] = {}
    for gloss, stories in sorted(counts.items()):
        for name, other in ((gloss.name, gloss.other), (gloss.other, gloss.name)):
            one = mentions.setdefault(name, {}).setdefault(other, GlossMention())
            one.stories += stories
            one.proofs.add(gloss.proof)

    def trusted(name: str) -> list[str]:
        def share_back(other: str) -> float:
            return mentions[other][name].stories / sum(one.stories for one in mentions[other].values())

        return trusted_glosses(name, mentions[name], share_back)

    return {name: others for name in mentions if (others := trusted(name))}
