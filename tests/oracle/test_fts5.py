"""SQLite FTS5 over the same tokens finds the same stories."""

from __future__ import annotations

import datetime as dt
import random
import re
import sqlite3
from itertools import groupby

import pytest

from conftest import examples, reader_of
from zunda_mcp.engine.local_matching import LocalMatcher
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import parse
from zunda_mcp.query.stop_words import is_stop_word
from zunda_mcp.text.japanese_english import is_part_by_chance
from zunda_mcp.text.tokenizer import bigrams, parts, tokens

QUERIES = examples(50)
pytestmark = pytest.mark.scaled
_LATIN = re.compile(r"(?<![a-z0-9._'&+#/-])[a-z][a-z0-9]{2,}(?![a-z0-9._'&+#/-])")
_JAPANESE = re.compile(r"[一-龥]{2}|[ァ-ヺ]{2}")
_ONE_SCRIPT = re.compile(r"[ァ-ヺー]+(?:・[ァ-ヺー]+)*|[一-龥々]+")
_SAID = re.compile(r"[一-龥ァ-ヺーぁ-ん]{4,12}")


def hexed(text: str) -> str:
    """Tokens in order, each as letters and digits that no tokenizer cuts; a run of CJK as its bigrams."""
    found: list[str] = []
    for run, is_cjk, _, _ in tokens(text):
        found += bigrams(run) if is_cjk else parts(run)
    return " ".join("t" + token.encode("utf-8", "surrogatepass").hex() for token in found)


class Fts:
    """The stories of an index in a table of FTS5."""

    def __init__(self, reader: IndexReader) -> None:
        self.base = sqlite3.connect(":memory:")
        try:
            self.base.execute("CREATE VIRTUAL TABLE words USING fts5(body, id UNINDEXED, day UNINDEXED)")
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no FTS5")
        self.texts = {}
        for document in reader.stories:
            text = reader.plain(document).decode("utf-8", "surrogatepass")
            self.texts[reader.item(document)] = text
            lines = " tff ".join(map(hexed, text.split("\n")))
            self.base.execute(
                "INSERT INTO words VALUES (?, ?, ?)", (lines, reader.item(document), reader.days[document])
            )

    def holding(self, words: list[str], since: int = 0, until: int = 10**7) -> set[str]:
        """The stories that hold every word, each as a phrase of its tokens."""
        match = " AND ".join(f'"{hexed(word)}"' for word in words)
        rows = self.base.execute(
            "SELECT id FROM words WHERE words MATCH ? AND day BETWEEN ? AND ?", (match, since, until)
        )
        return {row[0] for row in rows}


class Both:
    """The engine and FTS5 over the same stories."""

    def __init__(self, library: Library) -> None:
        self.reader = reader_of(library)
        self.fts = Fts(self.reader)
        self.searcher = LocalMatcher(self.reader)
        self.chance = random.Random(17)
        self.texts = list(self.fts.texts.values())

    def agree(self, words: list[str], chosen: Filters | None = None, *, quoted: bool = False) -> None:
        """Fail unless both find the same. A Latin word also finds its plural, which FTS5 is asked for beside it."""
        chosen = chosen or Filters()
        text = " ".join(f'"{word}"' for word in words) if quoted else " ".join(words)
        found = self.searcher.search(parse(text), chosen, "relevance").full
        ours = {self.reader.item(document) for document in found if self.reader.is_story(document)}
        since = chosen.since.toordinal() if chosen.since else 0
        until = chosen.until.toordinal() if chosen.until else 10**7
        theirs = self.fts.holding([*words, *self._names(words)], since, until)
        theirs = {item for item in theirs if not any(self._is_part_by_chance(word, item) for word in words)}
        assert theirs <= ours, text
        more = {item for item in ours - theirs if not all(self._inside(word, item) for word in words)}
        assert not more, text

    def _is_part_by_chance(self, word: str, item: str) -> bool:
        """Whether katakana or kanji stands in a story, but nowhere as a word."""
        runs = [run for run in _ONE_SCRIPT.findall(self.fts.texts[item]) if word in run]
        return bool(runs and _ONE_SCRIPT.fullmatch(word)) and all(is_part_by_chance(word, run) for run in runs)

    def _names(self, words: list[str]) -> list[str]:
        """The rows of Latin words that are one name: most stories that hold them all have them side by side."""
        rows = [list(row) for is_latin, row in groupby(words, lambda word: bool(_LATIN.fullmatch(word))) if is_latin]
        return [
            " ".join(row)
            for row in rows
            if len(row) > 1 and 2 * len(self.fts.holding([" ".join(row)])) >= len(self.fts.holding(row))
        ]

    def _inside(self, word: str, item: str) -> bool:
        """Whether a story holds what counts as the same word: other numbers, joints and long vowels let be."""
        bare = re.sub(r"[\s\-./_'ー]", "", self.fts.texts[item])
        folded = word.replace("ー", "")
        stems = {folded, folded.removesuffix("s"), folded.removesuffix("es"), folded.removesuffix("y") + "ies"}
        stems |= {folded.removesuffix("ies") + "y"} if folded.endswith("ies") else set()
        return any(stem in bare for stem in stems)

    def one(self, pattern: re.Pattern[str]) -> str:
        """A word drawn from some text."""
        while True:
            found = pattern.findall(self.chance.choice(self.texts))
            if found:
                chosen: str = self.chance.choice(found)
                return chosen

    def together(self, count: int) -> list[str]:
        """Words of one text."""
        while True:
            text = self.chance.choice(self.texts)
            found = dict.fromkeys(_LATIN.findall(text) + _JAPANESE.findall(text))
            words = [word for word in found if not is_stop_word(word)]  # which a query of several leaves out
            if len(words) >= count:
                return self.chance.sample(words, count)


@pytest.fixture(scope="module", params=["sample", pytest.param("real", marks=pytest.mark.archive)])
def both(request: pytest.FixtureRequest) -> Both:
    """Over the sample, and over the real archive where it is."""
    return Both(request.getfixturevalue(request.param))


def test_one_latin_name_finds_the_same(both: Both) -> None:
    for _ in range(QUERIES):
        both.agree([both.one(_LATIN)])


def test_one_japanese_word_of_two_characters_finds_the_same(both: Both) -> None:
    for _ in range(QUERIES):
        both.agree([both.one(_JAPANESE)])


@pytest.mark.parametrize("count", [2, 3])
def test_all_of_several_find_the_same(both: Both, count: int) -> None:
    for _ in range(QUERIES):
        both.agree(both.together(count))


def test_phrases_find_the_same(both: Both) -> None:
    for _ in range(QUERIES):
        both.agree([both.one(_SAID)], quoted=True)


def test_dates_leave_out_the_same(both: Both) -> None:
    days = sorted(set(both.reader.days))
    for _ in range(QUERIES):
        first, last = sorted(both.chance.choices(days, k=2))
        chosen = Filters(dt.date.fromordinal(first), dt.date.fromordinal(last))
        both.agree(both.together(2), chosen)
