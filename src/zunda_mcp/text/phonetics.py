"""How a name sounds, in Latin letters or in katakana, so that VOICEVOX and ボイスボックス match.

Katakana is close to phonemes; Latin letters are read by the commonest rules of English spelling. Both become sequences
of sounds, compared by an edit distance whose costs model what Japanese does to a foreign word: vowels between
consonants and after the last one, no r before a consonant, l as r, v as b, th as s (after Knight and Graehl, "Machine
transliteration", Computational Linguistics 1998, with costs set by hand instead of learnt). There is no list of names.

``sound_keys`` are the consonants alone, in classes. Nearly all spellings of a name share a key, so candidates are
looked up by it, as phonetic keys have been since Soundex (Odell and Russell, 1918).

``edits`` counts the slips between two spellings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import KATAKANA

__all__ = [
    "edits", "is_katakana", "is_soundable", "likeness", "likeness_in_turn", "nearly_sounding", "sound_keys", "sounds",
]  # fmt: skip

_KANA_ONLY = lazy_pattern(rf"[{KATAKANA}・]+")
_LATIN_ONLY = lazy_pattern(r"(?!.*q(?![uw]))[a-z]+[0-9.]*")  # SQL is spelled, not read

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サ_スセソ", "z": "ザ_ズゼゾ", "t": "タ__テト",
    "d": "ダ__デド", "n": "ナニヌネノ", "h": "ハヒ_ヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ",
    "y": "ヤ_ユ_ヨ", "r": "ラリルレロ", "w": "ワヰ_ヱヲ",
}  # fmt: skip
_KANA = {kana: head + vowel for head, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)}
_KANA |= {"シ": "Si", "チ": "Ci", "ツ": "Cu", "ヂ": "ji", "ジ": "ji", "ヅ": "zu", "フ": "fu", "ヴ": "vu", "ン": "n"}
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "a", "ュ": "u", "ョ": "o", "ヮ": "a"}

_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"^x", "z"), (r"^wr", "r"), (r"^kn", "n"), (r"^ps", "s"), (r"^wh", "w"), (r"igh", "ai"),
    (r"(?<=[aou])ugh(?=t)", ""), (r"tion", "Son"), (r"[st]ure$", "Ca"), (r"tch", "C"), (r"sch", "S"),
    (r"ch(?=[rlt])", "k"), (r"ch", "C"), (r"sh", "S"), (r"ph", "f"), (r"th", "T"), (r"dge?(?=[ei]|$)", "j"),
    (r"gh", "g"), (r"ck", "k"), (r"qu", "kw"), (r"q", "k"), (r"x", "ks"), (r"sc(?=[eiy])", "s"), (r"c(?=[eiy])", "s"),
    (r"c", "k"), (r"ge(?=$|s$)", "j"), (r"g(?=[iey])", "G"), (r"([b-df-hj-np-tv-z])\1", r"\1"), (r"ee|ea", "i"),
    (r"able$", "ebl"),
    (r"a([^aeiou])e$", r"ei\1"), (r"i([^aeiou])e$", r"ai\1"), (r"oo", "u"), (r"ou", "au"),
    (r"[ao]i(?=[nl])", "ei"), (r"ay|ai", "ei"), (r"(?<=[^aeiou])y", "i"),
    (r"(?<=[^aeiou])e$", ""),
)  # fmt: skip
_SPELLING = tuple((lazy_pattern(pattern), sound) for pattern, sound in _SPELLINGS)

# C is ch as in check, S is sh as in show, T is th as in thin, G is a g that may be hard or soft.
_CLASS = {
    "b": "B", "v": "B", "p": "P", "k": "K", "g": "G", "G": "G", "s": "S", "S": "S", "z": "S", "j": "S", "C": "S",
    "T": "S", "t": "T", "d": "D", "n": "N", "m": "N", "r": "R", "l": "R", "h": "H", "f": "H",
}  # fmt: skip
#: The letters in keys.
_CLASSES = "".join(sorted(set(_CLASS.values())))
_SOUNDS = frozenset("aiueowy").union(_CLASS)
_EITHER = {"G": ("G", "S"), "T": ("S", "TH")}
_MOST_KEYS = 8
_VOWELS = frozenset("aiueo")
_WEAK = frozenset("wy")

_OTHER = 1.2  # a sound for any sound that it does not resemble
_ALIKE = 0.15  # two sounds of one class: b and v, s and th, m and n
_VOWEL, _VOWEL_LOST, _BETWEEN = 0.3, 0.3, 0.06  # a vowel for another; one lost; one that Japanese put in
_WEAK_LOST, _R_LOST, _H_LOST = 0.2, 0.25, 0.4
_PAIRS = {
    frozenset(pair): cost
    for cost, pairs in (
        (0.1, "Gg Gj wu yi"), (0.2, "gj"), (0.3, "Tt Td vw"), (0.25, "sC SC Cj"),
        (0.4, "tC dj wb tS sj Sj"), (0.5, "td kg pb kC Gk hf"),
    )
    for pair in pairs.split()
}  # fmt: skip


def is_soundable(word: str) -> bool:
    """Whether ``sounds`` can read a normalised word: katakana, or Latin letters with or without a version number."""
    return bool(_KANA_ONLY.fullmatch(word) or _LATIN_ONLY.fullmatch(word))


def is_katakana(word: str) -> bool:
    return bool(_KANA_ONLY.fullmatch(word))


@lru_cache(maxsize=8192)
def sounds(word: str) -> str:
    """The sounds of a normalised katakana or Latin word, a character for each; "" for anything else."""
    if _KANA_ONLY.fullmatch(word):
        return _kana_sounds(word)
    if _LATIN_ONLY.fullmatch(word):
        return _latin_sounds(word.rstrip("0123456789."))
    return ""


@lru_cache(maxsize=8192)
def sound_keys(word: str) -> tuple[str, ...]:
    """The classes of the consonants of a word, in order: ``BSBKS`` for voicevox and ボイスボックス.

    There are several keys if the spelling is ambiguous: a g before e or i, th, an r before a consonant or at the end.
    """
    row = sounds(word)
    keys = [""]
    for i, sound in enumerate(row):
        if sound not in _CLASS:
            continue
        ways: tuple[str, ...] = _EITHER.get(sound, (_CLASS[sound],))
        if sound == "r" and _r_is_lost(row, i):
            ways = ("", "R")
        if len(keys) * len(ways) > _MOST_KEYS:
            ways = ways[:1]
        keys = [key + way for key in keys for way in ways]
    return tuple(key for key in dict.fromkeys(keys) if key)


def nearly_sounding(key: str) -> list[str]:
    """The keys that differ from ``key`` by one consonant: added, left out or changed."""
    cuts = [(key[:i], key[i:]) for i in range(len(key) + 1)]
    keys = {head + tail[1:] for head, tail in cuts if tail}
    keys |= {head + sound + tail[skipped:] for head, tail in cuts for sound in _CLASSES for skipped in (0, 1)}
    return sorted(keys - {key})


def likeness(first: str, second: str) -> float:
    """How much two words sound alike, from 0 to 1 for the same sounds; 0 if one cannot be read."""
    one, two = sounds(first), sounds(second)
    if not one or not two:
        return 0.0
    return max(0.0, 1.0 - _distance(one, two) / (sum(map(_size, one)) + sum(map(_size, two))) * 2)


def likeness_in_turn(words: Sequence[str], name: str) -> float:
    """The likeness of ``words`` and the parts of ``name`` in turn: the lowest of any word, for the best way to cut."""
    best = [1.0] + [0.0] * len(name)
    for word in words:
        before, best = best, [0.0] * (len(name) + 1)
        for end in range(1, len(name) + 1):
            for start in range(end):
                if before[start] > best[end]:
                    best[end] = max(best[end], min(before[start], likeness(word, name[start:end])))
    return best[-1]


def _kana_sounds(word: str) -> str:
    sounds = ""
    for at, kana in enumerate(word):
        if kana in _SMALL:
            vowel = _SMALL[kana]
            if word[at - 1] == "ウ" and sounds[-1:] == "u":
                sounds = sounds[:-1] + "w" + vowel
            elif sounds[-1:] in _VOWELS:
                sounds = sounds[:-1] + vowel
            else:
                sounds += vowel
        else:
            sounds += _KANA.get(kana, "")
    return sounds


def _latin_sounds(word: str) -> str:
    for pattern, sound in _SPELLING:
        word = pattern.sub(sound, word)
    return word


def _r_is_lost(row: str, i: int) -> bool:
    """Whether Japanese leaves out the r at ``i``: after a vowel, before a consonant or at the end (server, サーバ)."""
    following = row[i + 1 : i + 2]
    return i > 0 and row[i - 1] in _VOWELS and (not following or (following not in _VOWELS and following != "y"))


def _size(sound: str) -> float:
    return 0.5 if sound in _VOWELS or sound in _WEAK else 1.0


def _lost(row: str, i: int) -> float:
    """The cost of the sound at ``i`` without a counterpart."""
    sound = row[i]
    if sound in _VOWELS:
        after_consonant = i > 0 and row[i - 1] not in _VOWELS
        put_in = after_consonant and (sound == "u" or (sound == "o" and row[i - 1] in "td") or sound == "i")
        beside = i > 0 and row[i - 1] in _VOWELS
        return _BETWEEN if put_in or beside else _VOWEL_LOST
    if sound in _WEAK:
        return _WEAK_LOST
    if sound == "r" and _r_is_lost(row, i):
        return _R_LOST / 2
    if sound == "h":
        return _H_LOST
    return 1.0


def _swap(first: str, second: str) -> float:
    """The cost of one sound in place of the other."""
    if first == second:
        return 0.0
    if first in _VOWELS and second in _VOWELS:
        return _VOWEL
    if (cost := _PAIRS.get(frozenset((first, second)))) is not None:
        return cost
    kind = _CLASS.get(first)
    if kind is not None and kind == _CLASS.get(second):
        return 0.0 if kind == "R" else _ALIKE
    return _OTHER


def _distance(one: str, two: str) -> float:
    """Weighted edit distance (Wagner and Fischer, "The string-to-string correction problem", JACM 1974)."""
    added = _losses(two)
    row = [0.0]
    for cost in added:
        row.append(row[-1] + cost)
    for sound, gone in zip(one, _losses(one), strict=True):
        swaps, before = _swaps(sound), row
        last = before[0] + gone
        row = [last]
        for j, other in enumerate(two):
            best = before[j] + swaps[other]
            if (without := before[j + 1] + gone) < best:
                best = without
            if (last := last + added[j]) > best:
                last = best
            row.append(last)
    return row[-1]


@lru_cache(maxsize=8192)
def _losses(row: str) -> tuple[float, ...]:
    """The cost of each sound without a counterpart."""
    return tuple(_lost(row, i) for i in range(len(row)))


@cache
def _swaps(sound: str) -> Mapping[str, float]:
    """The cost of each other sound in place of this one."""
    return {other: _swap(sound, other) for other in _SOUNDS}


def edits(first: str, second: str) -> int:
    """The fewest letters to add, drop, change or swap with a neighbour between two words (Damerau, "A technique for
    computer detection and correction of spelling errors", CACM 1964; the restricted distance).
    """
    if first == second:
        return 0
    older: list[int] = []
    before = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        row = [i]
        for j, other in enumerate(second, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        older, before = before, row
    return before[-1]
