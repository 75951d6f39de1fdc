"""The documents of the reference and what a word finds in them, by looking at all of them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from zunda_mcp.models import Episode
from zunda_mcp.query.filters import Filters
from zunda_mcp.text.japanese_english import is_part_by_chance
from zunda_mcp.text.normalize import (
    HAN,
    HIRAGANA,
    KATAKANA,
    drop_final_long_vowel,
    fold_accents,
    fold_katakana,
    has_cjk,
    normalize,
    other_spellings,
)
from zunda_mcp.text.phonetics import is_katakana
from zunda_mcp.text.tokenizer import PARTICLES, bigrams, count_terms, joined, parts, tokens

Scores = dict[str, float]

WHOLE_RUN, OTHER_SPELLING, OTHER_ACCENTS = 0.35, 0.8, 0.8
ENOUGH, TAIL, LOOSE_TAIL = 10, 20, 50
LEAST_SHARE, LOOSE_WEIGHT = 0.1, 0.5
LONGEST_NAME = 4

_ONE_SCRIPT = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
CUT = re.compile(rf"([{HAN}]+)|([{HIRAGANA}]+)|([^{HAN}{HIRAGANA}]+)")


@dataclass(frozen=True)
class Averages:
    """The mean lengths of raw titles and summaries in characters, as an index keeps them from its last full build."""

    title: float
    summary: float

    @classmethod
    def over(cls, episodes: Iterable[Episode]) -> Averages:
        """The averages a full build over ``episodes`` fixes."""
        stories = [story for episode in episodes for story in episode.stories]
        if not stories:
            return cls(40.0, 600.0)
        titles, summaries = (sum(len(getattr(s, name)) for s in stories) for name in ("title", "summary"))
        return cls(max(1.0, titles / len(stories)), max(1.0, summaries / len(stories)))


def bm25f(*fields: tuple[str, float, float]) -> dict[str, int]:
    """Impacts 1 to 255 of every term over fields of ``(text, weight, average length)``: k1 = 1.6, b = 0.75."""
    totals: dict[str, float] = defaultdict(float)
    for text, weight, average in fields:
        length = 1 - 0.75 + 0.75 * len(text) / average
        for term, frequency in count_terms(text).items():
            totals[term] += frequency * (weight / length)
    return {term: max(1, round(255 * tf / (tf + 1.6))) for term, tf in totals.items()}


@dataclass(frozen=True)
class Document:
    """A story, or an episode's own notes, as a filter and a word see it."""

    id: str
    day: dt.date
    hosts: frozenset[str]
    sites: frozenset[str]
    page: str | None
    text: str
    impacts: dict[str, int]

    @property
    def episode(self) -> str:
        """The id of the episode it belongs to."""
        return self.id.partition("#")[0]

    def passes(self, chosen: Filters) -> bool:
        """Whether all filters let it through."""
        return (
            (chosen.since is None or self.day >= chosen.since)
            and (chosen.until is None or self.day <= chosen.until)
            and (chosen.host is None or normalize(chosen.host) in self.hosts)
            and (chosen.site is None or chosen.site in self.sites)
        )


class Corpus:
    """Documents of one kind, and what a word finds in them."""

    def __init__(self, documents: Iterable[Document], stories: int | None = None) -> None:
        self.documents = {document.id: document for document in documents}
        self.stories = len(self.documents) if stories is None else stories
        self.postings: dict[str, dict[str, int]] = defaultdict(dict)
        for document in self.documents.values():
            for term, impact in document.impacts.items():
                self.postings[term][document.id] = impact
        self.runs = [term[1:] for term in self.postings if term[0] == "="]

    def information(self, holding: int) -> float:
        """Inverse document frequency of BM25."""
        total = self.stories or 1
        return math.log(1 + (total - holding + 0.5) / (holding + 0.5)) if holding <= total else 0.01

    def term(self, term: str, share: float = 1.0) -> Scores:
        """The documents of one exact term."""
        return {id_: impact * share for id_, impact in self.postings.get(term, {}).items()}

    def word(self, text: str, *, phrase: bool = False) -> Scores:
        """The documents that hold a word or phrase, with their impacts."""
        others = [] if phrase else other_spellings(text)
        alike = [{id_: impact * OTHER_SPELLING for id_, impact in self._spelled(other).items()} for other in others]
        return _greatest([self._spelled(text, phrase=phrase), *alike])

    def accented(self, word: str, share: float = 1.0) -> Scores:
        """The documents of a Latin word, and at a share those that have it with other accents or with none."""
        plain = fold_accents(word)
        alike = ["~" + plain, *([plain] if plain != word else [])]
        return _greatest([self.term(word, share), *(self.term(term, share * OTHER_ACCENTS) for term in alike)])

    def _spelled(self, text: str, *, phrase: bool = False) -> Scores:  # noqa: PLR0911  (a case each)
        runs = [(run, is_cjk) for run, is_cjk, _, _ in tokens(text)]
        if not runs:
            return {}
        run, is_cjk = runs[0]
        if len(runs) > 1 or (phrase and not is_cjk):
            return self._standing(text, exactly)
        if not is_cjk:
            return self._latin(run)
        if len(run) == 1:
            return _greatest(self.term(term) for term in self.postings if term[0] == run)
        if not _ONE_SCRIPT.fullmatch(run):
            return self._standing(run, exactly)
        if len(run) == 2 and not any(self._is_by_chance(run, other) for other in self.runs if run in other):
            whole = self.postings.get("=" + run, {})
            return {id_: impact + WHOLE_RUN * whole.get(id_, 0) for id_, impact in self.term(run).items()}
        return self._inside_runs(run, phrase=phrase)

    def side_by_side(self, words: Sequence[str]) -> Scores:
        """Latin words that stand together, with at most three of white space, ``-./_'`` between any two letters."""
        return self._standing(" ".join(words), _joined_anyhow)

    def _latin(self, word: str) -> Scores:
        words = parts(word)
        if len(words) > 1:
            return _greatest([*(self.accented(whole) for whole in joined(words)[:1]), self.side_by_side(words)])
        others = [*other_numbers(word), *([f"{word}+"] if len(word) > 2 else [])]
        found = [self.accented(words[0]), *(self.accented(other, OTHER_SPELLING) for other in others)]
        for cut in range(2, len(word) - 1) if len(word) >= 5 else ():
            if self.accented(word[:cut]) and self.accented(word[cut:]):
                found.append(self.side_by_side([word[:cut], word[cut:]]))
        return _greatest(found)

    def _inside_runs(self, word: str, *, phrase: bool) -> Scores:
        part, sound = drop_final_long_vowel(word), fold_katakana(word)
        runs = [run for run in self.runs if not self._is_by_chance(part, run)]
        found = [self.term("=" + run, 1 + WHOLE_RUN if run == word else 1.0) for run in runs if part in run]
        if is_katakana(word) and len(word) > 2 and not phrase:
            alike = (run for run in runs if self._spells(fold_katakana(run), sound))
            found += [self.term("=" + run, OTHER_SPELLING) for run in alike]
        return _greatest(found)

    def _is_by_chance(self, word: str, run: str) -> bool:
        japanese = is_katakana(run) or len(self.postings.get("した", ())) * 20 >= max(self.stories, 1)
        return word in run and japanese and is_part_by_chance(word, run)

    @staticmethod
    def _spells(run: str, word: str) -> bool:
        """Whether a run holds a word in another spelling; a short one only as a whole."""
        return word in run if len(word) > 2 else run == word

    def alone(self, kanji: str) -> Scores:
        """The documents in which a kanji stands before a particle."""
        return _greatest(self.term(kanji + particle) for particle in PARTICLES)

    def _standing(self, text: str, standing: Callable[[str], Callable[[str], bool]]) -> Scores:
        """Documents with every term of ``text`` in which it also stands, at a share where only without accents; the
        least of the impacts counts.
        """
        needed = [
            term
            for run, is_cjk, _, _ in tokens(text)
            for term in ((bigrams(run) if len(run) > 1 else []) if is_cjk else parts(run))
        ]
        if not needed:
            return {}
        exact, folded = standing(text), standing(fold_accents(text))
        found: Scores = {}
        for id_, document in self.documents.items():
            impacts = [self._written(term, document.impacts) for term in needed]
            if all(impacts) and exact(document.text):
                found[id_] = float(min(impacts))
            elif all(impacts) and folded(fold_accents(document.text)):
                found[id_] = min(impacts) * OTHER_ACCENTS
        return found

    @staticmethod
    def _written(term: str, impacts: dict[str, int]) -> int:
        """The impact of a term as written, or else with other accents."""
        plain = fold_accents(term)
        return impacts.get(term) or impacts.get("~" + plain) or (impacts.get(plain, 0) if not has_cjk(term) else 0)


def _joined_anyhow(text: str) -> Callable[[str], bool]:
    gap = r"[\s\-./_']{0,3}"
    letters = gap.join(re.escape(letter) for letter in text.replace(" ", ""))
    pattern = re.compile(rf"(?<![0-9a-z]){letters}(?![0-9a-z])")
    return lambda text: pattern.search(text) is not None


def exactly(needle: str) -> Callable[[str], bool]:
    """Whether a text holds ``needle`` with no Latin letter or digit running on at either end."""
    left = r"(?<![0-9a-z])" if re.match("[0-9a-z]", needle) else ""
    right = r"(?![0-9a-z])" if re.match("[0-9a-z]", needle[-1]) else ""
    pattern = re.compile(left + re.escape(needle) + right)
    return lambda text: pattern.search(text) is not None


def other_numbers(word: str) -> list[str]:
    """The plural of a singular and the singular of a plural."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    if word.endswith("s") and word[-2:] not in ("ss", "us", "is"):
        return [word[:-1]]
    return [word[:-1] + "ies" if word.endswith("y") else word + "s"]


def _greatest(found: Iterable[Scores]) -> Scores:
    merged: Scores = {}
    for scores in found:
        for id_, impact in scores.items():
            merged[id_] = max(impact, merged.get(id_, 0.0))
    return merged
