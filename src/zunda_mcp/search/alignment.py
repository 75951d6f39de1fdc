"""Where in a text a wording stands best, with how many changes, and what these are.

The distance is the fewest letters to insert, delete or replace, anywhere in the text (Sellers, Journal of Algorithms
1:4, 1980), by the bit-parallel method of Myers (Journal of the ACM 46:3, 1999) on whole numbers of any size. In a long
text only the stretch is looked at that shares the most pairs of letters with what is looked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from zunda_mcp.search.wording import Wording
from zunda_mcp.text.scripts import HAN, HIRAGANA, KATAKANA

_LEAST_STRETCH = 16
_PLACES_OF_A_PAIR = 8
_LONGEST_PHRASE = 16
_MANY = 400
_WORD = re.compile(rf"[{HAN}]+|[{KATAKANA}]+|[{HIRAGANA}]+|[^\s{HAN}{KATAKANA}{HIRAGANA}]+|\s+")
_PHRASE = re.compile(rf"(?:[{HAN}]+|[{KATAKANA}]+|[^\s{HAN}{KATAKANA}{HIRAGANA}]+)[{HIRAGANA}]*|[{HIRAGANA}]+")
_PAUSE = re.compile(r"[。、．，!！？?;；\n]")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch ``text[start:end]`` that is nearest to what was looked for, and the changes between them."""

    start: int
    end: int
    distance: int


def nearest(words: str, text: str, start: int = 0) -> Nearest:
    """The stretch of ``text`` from ``start`` on that is nearest to ``words``; of equals the first and shortest."""
    low, high = _stretch(words, text, start)
    distance, end = _best_end(words, text[low:high])
    end += low
    begin = max(low, end - len(words) - distance)
    length = _length_back(words[::-1], text[begin:end][::-1], distance)
    return Nearest(end - length, end, distance)


def _stretch(words: str, text: str, start: int) -> tuple[int, int]:
    """The part of a text to look at: all of it, or where it is long around the most pairs of letters in a row."""
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
    """The smallest distance of ``words`` to any stretch of ``text``, and where the first such stretch ends."""
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
    found = []
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
        found.append(distance)
    return found


def phrases(wording: Wording) -> list[tuple[int, int]]:
    """The phrases of a wording as spans: a word with the grammar that follows it, as Japanese is read. None goes on
    over a stop or a comma.
    """
    found: list[tuple[int, int]] = []
    for match in _PHRASE.finditer(wording.letters):
        start, end = match.span()
        for i in range(start + 1, end):
            if _PAUSE.search(wording.text, wording.places[i - 1] + 1, wording.places[i]):
                found.append((start, i))
                start = i
        found.append((start, end))
    return found


def changes(quote: Wording, archive: Wording, start: int, end: int, most: int) -> list[tuple[str, str]]:
    """How a quote differs from ``archive.letters[start:end]``: pairs of what each wrote, phrases whole, ``""`` where
    one has nothing.
    """
    ours, theirs = _ends(phrases(quote)), _ends(phrases(archive))
    found = []
    for a, b, c, d in _merged(_differing(quote.letters, archive.letters[start:end])):
        left = _most_back(quote.letters, archive.letters, a, c + start, start)
        right = _most_on(quote.letters, archive.letters, b, d + start, end)
        back = min(left, max(_to_edge(ours, a, -1), _to_edge(theirs, c + start, -1)))
        on = min(right, max(_to_edge(ours, b, 1), _to_edge(theirs, d + start, 1)))
        found.append((_written(quote, a - back, b + on), _written(archive, c + start - back, d + start + on)))
    return list(dict.fromkeys(found))[:most]


Span = tuple[int, int, int, int]


def _differing(ours: str, theirs: str) -> Iterator[Span]:
    """The stretches of two wordings that are not the same: by words, then by letters."""
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


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Differences with at most one letter between them as one."""
    found: list[Span] = []
    for span in spans:
        if found and span[0] - found[-1][1] <= 1:
            found[-1] = (found[-1][0], span[1], found[-1][2], span[3])
        else:
            found.append(span)
    return found


def _ends(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {end for span in spans for end in span}


def _to_edge(edges: set[int], at: int, step: int) -> int:
    """How far it is from a letter to the edge of its phrase."""
    return next((far for far in range(_LONGEST_PHRASE) if at + step * far in edges), 0)


def _most_back(ours: str, theirs: str, a: int, c: int, start: int) -> int:
    """How many letters before two places are the same."""
    far = 0
    while far < _LONGEST_PHRASE and far < min(a, c - start) and ours[a - far - 1] == theirs[c - far - 1]:
        far += 1
    return far


def _most_on(ours: str, theirs: str, b: int, d: int, end: int) -> int:
    """How many letters after two places are the same."""
    far = 0
    while far < _LONGEST_PHRASE and far < min(len(ours) - b, end - d) and ours[b + far] == theirs[d + far]:
        far += 1
    return far


def _written(wording: Wording, start: int, end: int) -> str:
    return " ".join(wording.written(start, end).split())
