"""The words of a text and nothing else, so that two texts can be held against each other word for word.

``words_of`` drops what a reader does not hear: width and case, white space, Markdown, quotation marks, stops and
commas. It keeps what changes the sense: signs beside numbers (``2.5``, ``-5%``, ``3~5``, ``$10``), a question mark,
``+`` and ``#`` of a name (``C++``). Between two words of a script with spaces one space stays, however they were
joined. Each letter remembers where it stood.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from zunda_mcp.search.snippets import with_places
from zunda_mcp.text.scripts import CJK, LETTER

_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,500}\")?\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>|<!--.{0,2000}?-->", re.DOTALL)
_LINE_MARK = re.compile(r"^[^\S\n]*(?:>[^\S\n]?)*[^\S\n]*(?:#{1,6}[^\S\n]+)?", re.MULTILINE)
_MARKS = re.compile(r"\*\*|`|~~|\\(?=[!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")

_RUN = re.compile(r"(?:[^\W_]|(?<=\d),(?=\d{3}(?!\d)))+")
_SPACED = re.compile(LETTER)
_CJK = re.compile(rf"[{CJK}]")
_ALWAYS = frozenset("%‰°?&@$€£¥±×÷≤≥≠")
_BETWEEN = frozenset("=<>→←⇒↔")
_WAVES = {"~": "~", "〜": "~", "∼": "~"}
_MINUS = {"-": "-", "▲": "-", "△": "-"}
_IN_NUMBERS = frozenset(".,:/")
_BEFORE_NUMBER = frozenset(".,:/-~$€£¥+")
_AFTER_NUMBER = frozenset(".,:/-~%‰°万億兆千百十割")


@dataclass(frozen=True, slots=True)
class Wording:
    """``letters`` of ``text`` that count, and for each the index in ``text`` where it stood."""

    text: str
    letters: str
    places: Sequence[int]

    def written(self, start: int, end: int) -> str:
        """The text from one letter up to another, as it was written."""
        return self.text[self.places[start] : self.places[end - 1] + 1] if start < end else ""


def reading(markdown: str) -> str:
    """Markdown as it reads: links as their words, no tags, no marks of emphasis, code, quotation or heading.

    Line breaks stay, one at a time; entities become what they stand for.
    """
    text = _TAG.sub("", _LINK.sub(r"\1", markdown)) if "<" in markdown or "](" in markdown else markdown
    text = _MARKS.sub("", _LINE_MARK.sub("", text))
    return _BREAKS.sub("\n", _BLANKS.sub(" ", unescape(text) if "&" in text else text)).strip()


def words_of(text: str) -> Wording:
    """The letters of a reading text that make its words."""
    plain, origin = with_places(text)
    letters: list[str] = []
    places: array[int] = array("l")
    at, last = 0, ""
    for run in _RUN.finditer(plain):
        start, end = run.span()
        word = run.group()
        for sign, offset in _gap(_kind(last), plain[at:start], _kind(word[0])):
            letters.append(sign)
            places.append(at + offset)
        if "," in word:
            kept = [(i, letter) for i, letter in enumerate(word) if letter != ","]
            letters += [letter for _, letter in kept]
            places.extend(start + i for i, _ in kept)
        else:
            letters.append(word)
            places.extend(range(start, end))
        at, last = end, word[-1]
    for sign, offset in _gap(_kind(last), plain[at:], ""):
        letters.append(sign)
        places.append(at + offset)
    if not isinstance(origin, range):
        places = array("l", [origin[place] for place in places])
    return Wording(text, "".join(letters), places)


def find_words(words: str, text: str, start: int = 0) -> int:
    """Where ``words`` stand in the letters of a text, as wholes (5% does not stand in 25%, nor 100 in 100万), or -1."""
    at = text.find(words, start)
    while at >= 0 and not stands_alone(text, at, at + len(words)):
        at = text.find(words, at + 1)
    return at


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin word and no number runs on at either end of ``text[start:end]``."""
    first, last, before, after = text[start], text[end - 1], text[start - 1 : start], text[end : end + 1]
    if before and ((_spaced(first) and _spaced(before)) or (first.isdigit() and before in _BEFORE_NUMBER)):
        return False
    return not after or not ((_spaced(last) and _spaced(after)) or (last.isdigit() and after in _AFTER_NUMBER))


def _spaced(letter: str) -> bool:
    return _SPACED.match(letter) is not None


def _kind(letter: str) -> str:
    """What a letter is to its neighbours: a digit, a letter of a script with spaces, of one without, or nothing."""
    if not letter:
        return ""
    if letter.isdigit():
        return "digit"
    return "cjk" if _CJK.match(letter) else "spaced"


@lru_cache(maxsize=4096)
def _gap(left: str, gap: str, right: str) -> tuple[tuple[str, int], ...]:
    """The signs that count in what stands between two runs, each with its offset."""
    if not gap:
        return ()
    bare = gap.strip()
    if left == right == "digit" and len(bare) == 1:
        sign = _WAVES.get(bare, "-" if bare == "-" else bare if bare in _IN_NUMBERS else "")
        if sign:
            return ((sign, gap.index(bare)),)
    signs = [(sign, i) for i, char in enumerate(gap) if (sign := _sign(left, gap, i, char, right))]
    if not signs and left in ("digit", "spaced") and right in ("digit", "spaced"):
        return ((" ", 0),)
    return tuple(signs)


def _sign(left: str, gap: str, at: int, char: str, right: str) -> str:
    opens, closes = at == 0 and bool(left), at == len(gap) - 1 and right == "digit"
    if char in _ALWAYS:
        return char
    if char in _BETWEEN:
        return char if left and right else ""
    if char in _WAVES:
        return "~" if closes or (opens and left == "digit") else ""
    if char in _MINUS:
        return "-" if closes and (left != "spaced" or at > 0) else ""
    if char in "+#":
        after_name = gap[: at + 1].strip("+#") == "" and left in ("spaced", "digit")
        return char if after_name or (closes and char == "+") else ""
    return char if unicodedata.category(char)[0] == "M" and not "\ufe00" <= char <= "\ufe0f" else ""
