"""Names in Japanese and in Latin letters: Takenaka is 竹中, Asahikawa 旭川, Huawei ファーウェイ.

The table is derived from JMnedict (see ``qa/glosses/derive_glosses.py`` and the notice within the data). It has the
readings of names in kanji (surnames, people, companies, organizations, and places that general language knows), and the
Latin spellings of names in katakana (companies, organizations, products and known places).

Hiragana needs no table: ずんだもん is zundamon in Hepburn's romanization, with long vowels as in kana.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import is_hiragana
from zunda_mcp.text.paired_words import PairedWords

__all__ = ["in_hiragana", "in_japanese", "is_name", "other_writings", "reading_key", "readings_of", "romanized"]

_NAMES = PairedWords(Path(__file__).with_name("japanese_names.zip"), "names.txt", "readings.u32")
_REMEMBERED = 2048
#: Zipf value from which on an English word is common, and a name only if the Japanese name is at least as frequent:
#: Tokyo is a name, *home* (堀籠) is not.
_EVERYDAY = 4.2
#: Replacements that give one spelling to what people and systems of romanisation spell in several ways: Ōita, Ooita;
#: Kôchi, Kouchi, Kochi; Nanba, Namba; Hattchi, Hacchi; Sinbun, Shinbun.
_SPELLINGS = (
    ("[ôō]|o[ou]|oh(?![aiueoy])", "o"), ("[ûū]|uu", "u"), ("m(?=[bmp])", "n"), ("s(?=y|i)", "sh"),
    ("shy", "sh"), ("t(?=y|i)", "ch"), ("chy", "ch"), ("tu", "tsu"), ("(?<![sc])hu", "fu"), ("z(?=y|i)", "j"),
    ("jy", "j"), ("tch", "cch"), ("['-]", ""),
)  # fmt: skip
#: A ``reading_key`` of Japanese syllables only. Most Latin names are not, and need no look into the table.
_READING = lazy_pattern(r"(?:(?:[cs]h|ts|[kgnhbpmr]y|[kgsztdjnhfbpmyrwv])?[aiueo]|n|([kgsztdcpbjfh])(?=\1|h|s))+")
_RULES = tuple((lazy_pattern(pattern), spelling) for pattern, spelling in _SPELLINGS)


def reading_key(latin: str) -> str:
    """A key that all romanisations of one reading share; ``latin`` is normalised.

    >>> reading_key("kouchi"), reading_key("namba"), reading_key("sinbun")
    ('kochi', 'nanba', 'shinbun')
    """
    for pattern, spelling in _RULES:
        latin = pattern.sub(spelling, latin)
    return latin


@lru_cache(_REMEMBERED)
def in_japanese(latin: str) -> tuple[str, ...]:
    """The Japanese names read or written like a normalised word, or like two with the surname first or last."""
    words = latin.split(" ")
    keys = dict.fromkeys(reading_key("".join(order)) for order in (words, words[::-1]))
    keys = dict.fromkeys([*filter(_READING.fullmatch, keys), latin])
    return tuple(dict.fromkeys(name for key in keys for name, _ in _NAMES.words(key)))


@lru_cache(_REMEMBERED)
def readings_of(name: str) -> tuple[str, ...]:
    """The readings of a name in kanji, as ``reading_key`` spells them, or the Latin spellings of one in katakana;
    nothing if the table lacks the name.
    """
    return _NAMES.counterparts(name)


def is_name(latin: str, name: str) -> bool:
    """Whether a Latin word with the reading of ``name`` is probably meant as a name, not as an English word."""
    usual = lexicon("en").zipf(latin)
    return usual < _EVERYDAY or lexicon("ja").zipf(name) >= usual


@lru_cache(_REMEMBERED)
def other_writings(word: str) -> tuple[str, ...]:
    """The same name in the other script, if it has only one reading: nintendo and 任天堂."""
    if not word.isascii():
        readings = readings_of(word)
        return tuple(one for one in readings if len(readings) == 1 and is_name(one, word))
    return tuple(name for name in in_japanese(word) if len(readings_of(name)) == 1 and is_name(word, name))


# --- hiragana

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さ_すせそ", "z": "ざ_ずぜぞ", "t": "た__てと",
    "d": "だ__でど", "n": "なにぬねの", "h": "はひ_へほ", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "m": "まみむめも",
    "y": "や_ゆ_よ", "r": "らりるれろ", "w": "わ____",
}  # fmt: skip
_GLIDES = {
    "ky": "き", "gy": "ぎ", "sh": "し", "j": "じ", "ch": "ち", "ny": "に", "hy": "ひ", "by": "び", "py": "ぴ",
    "my": "み", "ry": "り",
}  # fmt: skip
_KANA = {head + vowel: kana for head, row in _ROWS.items() for vowel, kana in zip("aiueo", row, strict=True)}
_KANA |= {
    head + vowel: kana + small for head, kana in _GLIDES.items() for vowel, small in zip("auo", "ゃゅょ", strict=True)
}
_KANA |= {"shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "n": "ん"}
_LATIN = {kana: latin for latin, kana in _KANA.items() if kana != "_"}
_SYLLABLE = lazy_pattern("|".join(sorted((one for one, kana in _KANA.items() if kana != "_"), key=len, reverse=True)))
_DOUBLED = lazy_pattern(r"([kstpgzdbj])(?=\1)|t(?=ch)")


@lru_cache(_REMEMBERED)
def in_hiragana(latin: str) -> str:
    """A normalised Latin word as hiragana; ``""`` if it does not consist of Japanese syllables.

    >>> in_hiragana("zundamon"), in_hiragana("nijisanji"), in_hiragana("docker")
    ('ずんだもん', 'にじさんじ', '')
    """
    kana, at = "", 0
    while at < len(latin):
        if match := _DOUBLED.match(latin, at):
            kana += "っ"
        elif match := _SYLLABLE.match(latin, at):
            kana += _KANA[match[0]]
        else:
            return ""
        at = match.end()
    return kana


@lru_cache(_REMEMBERED)
def romanized(kana: str) -> str:
    """A normalised word in hiragana as Latin letters; ``""`` for anything else.

    >>> romanized("ずんだもん"), romanized("しゃっきん"), romanized("豆")
    ('zundamon', 'shakkin', '')
    """
    if not is_hiragana(kana):
        return ""
    latin, at, doubled = "", 0, False
    while at < len(kana):
        syllable = next((one for size in (2, 1) if (one := _LATIN.get(kana[at : at + size]))), "")
        if kana[at] == "っ" and not doubled:
            at, doubled = at + 1, True
            continue
        if not syllable:
            return ""
        latin += ("t" if syllable.startswith("ch") else syllable[0]) * doubled + syllable
        at, doubled = at + len(_KANA[syllable]), False
    return latin
