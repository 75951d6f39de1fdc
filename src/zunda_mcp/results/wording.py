"""The words of a text and nothing else, to compare two texts word for word, and where one is nearest to the other.

``words_of`` drops what a reader does not hear: width and case, white space, Markdown, quotation marks, stops and
commas. It keeps what changes the sense: signs beside numbers (``2.5``, ``-5%``, ``3~5``, ``$10``), a question mark,
``+`` and ``#`` of a name (``C++``). Between two words of a script with spaces one space stays, however they were
joined. Each letter remembers where it stood.

``nearest`` says where in a text a wording stands best. The distance is the fewest letters to insert, delete or replace,
anywhere in the text (Sellers, Journal of Algorithms 1:4, 1980), by the bit-parallel method of Myers (Journal of the ACM
46:3, 1999) on whole numbers of any size. In a long text only the stretch that shares the most pairs of letters with the
wording is looked at. ``changes`` says what differs.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from zunda_mcp.text.normalize import CJK, HAN, HIRAGANA, KATAKANA, LETTER, aligned

__all__ = ["Nearest", "Wording", "changes", "find_words", "nearest", "phrases", "words_of"]

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
        """Return the text between two letters, as it was written."""
        return self.text[self.places[start] : self.places[end - 1] + 1] if start < end else ""


def words_of(text: str) -> Wording:
    """Return the letters of a reading text that belong to words."""
    read = aligned(text, spaces=True)
    plain, origin = read.plain, read.places
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
    """Return the index in ``text``, at or after ``start``, at which ``words`` occur as whole words (5% is not found in
    25%, nor 100 in 100万), or -1.
    """
    at = text.find(words, start)
    while at >= 0 and not _stands_alone(text, at, at + len(words)):
        at = text.find(words, at + 1)
    return at


def _stands_alone(text: str, start: int, end: int) -> bool:
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
    """Return the meaningful signs between two runs, each with its offset."""
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


_LEAST_STRETCH = 16
_PLACES_OF_A_PAIR = 8
_LONGEST_PHRASE = 16
_MANY = 400
_WORD = re.compile(rf"[{HAN}]+|[{KATAKANA}]+|[{HIRAGANA}]+|[^\s{HAN}{KATAKANA}{HIRAGANA}]+|\s+")
_PHRASE = re.compile(rf"(?:[{HAN}]+|[{KATAKANA}]+|[^\s{HAN}{KATAKANA}{HIRAGANA}]+)[{HIRAGANA}]*|[{HIRAGANA}]+")
_PAUSE = re.compile(r"[。、．，!！？?;；\n]")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch ``text[start:end]`` that is nearest to a wording, and the changes between them."""

    start: int
    end: int
    distance: int


def nearest(words: str, text: str, start: int = 0) -> Nearest:
    """Return the stretch of ``text``, from ``start`` on, nearest to ``words``; among equals the first and shortest."""
    low, high = _stretch(words, text, start)
    distance, end = _best_end(words, text[low:high])
    end += low
    begin = max(low, end - len(words) - distance)
    length = _length_back(words[::-1], text[begin:end][::-1], distance)
    return Nearest(end - length, end, distance)


def _stretch(words: str, text: str, start: int) -> tuple[int, int]:
    """Return the part of a text to search: all of it, or of a long one the part that shares the most letter pairs."""
    size = len(words)
    if len(text) - start <= 3 * size:
        return start, len(text)
    where: dict[str, list[int]] = {}
    for i in range(size - 1):
        places = where.setdefault(words[i : i + 2], [])
        if len(places) < _PLACES_OF_A_PAIR:
            places.append(i)
    width = max(_LEAST_STRETCH, size // 2)
    counts: Counter[int] = Counter()
    for j in range(start, len(text) - 1):
        for i in where.get(text[j : j + 2], ()):
            counts[(j - i) // width] += 1
    if not counts:
        return start, min(len(text), start + size)
    best = max(counts, key=lambda row: (counts[row] + counts[row + 1], -row))
    slack = size // 2
    return max(start, best * width - slack), min(len(text), (best + 2) * width + size + slack)


def _best_end(words: str, text: str) -> tuple[int, int]:
    """Return the smallest distance of ``words`` to any stretch of ``text``, and where the first such stretch ends."""
    distances = _distances(words, text, anchored=False)
    best, end = len(words), 0
    for at, distance in enumerate(distances, 1):
        if distance < best:
            best, end = distance, at
    return best, end


def _length_back(words: str, text: str, wanted: int) -> int:
    """How many letters from the beginning of ``text`` on are at the ``wanted`` distance from ``words``."""
    if len(words) == wanted:
        return 0
    for at, distance in enumerate(_distances(words, text, anchored=True), 1):
        if distance == wanted:
            return at
    return 0


def _distances(words: str, text: str, *, anchored: bool) -> list[int]:
    """For every end in ``text`` the distance of ``words`` to a stretch that ends there; ``anchored``: begins at 0."""
    letters: dict[str, int] = {}
    for i, letter in enumerate(words):
        letters[letter] = letters.get(letter, 0) | 1 << i
    everything = (1 << len(words)) - 1
    last = 1 << (len(words) - 1)
    more, less, distance = everything, 0, len(words)
    distances = []
    for letter in text:
        same = letters.get(letter, 0)
        down = same | less
        across = (((same & more) + more) ^ more) | same
        rises = less | (everything & ~(across | more))
        falls = more & across
        if rises & last:
            distance += 1
        elif falls & last:
            distance -= 1
        rises = rises << 1 | anchored
        falls <<= 1
        more = (falls | ~(down | rises)) & everything
        less = rises & down & everything
        distances.append(distance)
    return distances


def phrases(wording: Wording) -> list[tuple[int, int]]:
    """The phrases of a wording as spans: a word with the grammar that follows it, as Japanese is read. None goes on
    over a stop or a comma.
    """
    spans: list[tuple[int, int]] = []
    for match in _PHRASE.finditer(wording.letters):
        start, end = match.span()
        for i in range(start + 1, end):
            if _PAUSE.search(wording.text, wording.places[i - 1] + 1, wording.places[i]):
                spans.append((start, i))
                start = i
        spans.append((start, end))
    return spans


def changes(quote: Wording, archive: Wording, start: int, end: int, most: int) -> list[tuple[str, str]]:
    """How a quote differs from ``archive.letters[start:end]``: pairs of what each wrote, phrases whole, ``""`` if
    one has nothing.
    """
    ours, theirs = _ends(phrases(quote)), _ends(phrases(archive))
    pairs = []
    for a, b, c, d in _merged(_differing(quote.letters, archive.letters[start:end])):
        left = _most_back(quote.letters, archive.letters, a, c + start, start)
        right = _most_on(quote.letters, archive.letters, b, d + start, end)
        back = min(left, max(_to_edge(ours, a, -1), _to_edge(theirs, c + start, -1)))
        on = min(right, max(_to_edge(ours, b, 1), _to_edge(theirs, d + start, 1)))
        pairs.append((_written(quote, a - back, b + on), _written(archive, c + start - back, d + start + on)))
    return list(dict.fromkeys(pairs))[:most]


_Span = tuple[int, int, int, int]


def _differing(ours: str, theirs: str) -> Iterator[_Span]:
    """Return the stretches in which two wordings differ: by words, then by letters."""
    mine, other = _words(ours), _words(theirs)
    matcher = SequenceMatcher(None, [w for w, _ in mine], [w for w, _ in other], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        i, j = _at(mine, a, len(ours)), _at(other, c, len(theirs))
        first, second = ours[i : _at(mine, b, len(ours))], theirs[j : _at(other, d, len(theirs))]
        by_letter = SequenceMatcher(None, first, second, autojunk=len(first) > _MANY)
        for kind, k, m, n, o in by_letter.get_opcodes():
            if kind != "equal":
                yield i + k, i + m, j + n, j + o


def _words(letters: str) -> list[tuple[str, int]]:
    return [(match.group(), match.start()) for match in _WORD.finditer(letters)]


def _at(words: Sequence[tuple[str, int]], index: int, end: int) -> int:
    return words[index][1] if index < len(words) else end


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """Merge differences that have at most one letter between them."""
    merged: list[_Span] = []
    for span in spans:
        if merged and span[0] - merged[-1][1] <= 1:
            merged[-1] = (merged[-1][0], span[1], merged[-1][2], span[3])
        else:
            merged.append(span)
    return merged


def _ends(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {end for span in spans for end in span}


def _to_edge(edges: set[int], at: int, step: int) -> int:
    """Return the distance from a letter to the edge of its phrase."""
    return next((far for far in range(_LONGEST_PHRASE) if at + step * far in edges), 0)


def _most_back(ours: str, theirs: str, a: int, c: int, start: int) -> int:
    """Count the equal letters before two places."""
    far = 0
    while far < _LONGEST_PHRASE and far < min(a, c - start) and ours[a - far - 1] == theirs[c - far - 1]:
        far += 1
    return far


def _most_on(ours: str, theirs: str, b: int, d: int, end: int) -> int:
    """Count the equal letters after two places."""
    far = 0
    while far < _LONGEST_PHRASE and far < min(len(ours) - b, end - d) and ours[b + far] == theirs[d + far]:
        far += 1
    return far


def _written(wording: Wording, start: int, end: int) -> str:
    return " ".join(wording.written(start, end).split())
