"""bm25s, which cuts no Japanese itself, on tokens cut in two ways: our bigrams, and a dictionary's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import bm25s
import numpy as np

from benchmarks.quality.judged_stories import Story
from benchmarks.quality.peers import weighted
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.tokenizer import bigrams, parts, tokens


class _Tokens:
    """A sparse matrix of scores; any token of the query."""

    def cut(self, text: str) -> list[str]:
        """The tokens of a text."""
        raise NotImplementedError

    def build(self, stories: Sequence[Story], folder: Path) -> None:
        self.ids = [story.id for story in stories]
        self.index = bm25s.BM25()
        self.index.index([self.cut(weighted(story)) for story in stories], show_progress=False)

    def search(self, query: str, depth: int) -> list[str]:
        known = [token for token in dict.fromkeys(self.cut(query)) if token in self.index.vocab_dict]
        if not known:
            return []
        scores = self.index.get_scores(known)
        order = np.argsort(-scores, kind="stable")[:depth]
        return [self.ids[at] for at in order if scores[at] > 0]


class Bigrams(_Tokens):
    """The tokens that our own index is made of, without its rules for compounds, names and runs."""

    how = "its default BM25 on our own normalised tokens: pairs of Japanese characters, and Latin words"

    def cut(self, text: str) -> list[str]:
        found: list[str] = []
        for run, is_cjk, _, _ in tokens(normalize(text)):
            found += bigrams(run) if is_cjk else parts(run)
        return found


class Sudachi(_Tokens):
    """The words of a dictionary, each in the spelling that the dictionary prefers."""

    how = (
        "its default BM25 on the words of SudachiPy's core dictionary: shortest units (A), `normalized_form()`, "
        "without signs, particles and auxiliaries"
    )
    _dropped = frozenset({"補助記号", "空白", "助詞", "助動詞"})
    _longest = 10_000  # characters in a call; SudachiPy refuses more than 49,149 bytes

    def __init__(self) -> None:
        import sudachidict_core  # noqa: F401  (so that a missing dictionary is a missing package)
        import sudachipy

        self._dictionary = sudachipy.Dictionary(dict="core").tokenizer(mode=sudachipy.SplitMode.A)

    def cut(self, text: str) -> list[str]:
        return [word for line in text.splitlines() for word in self._words(line[: self._longest])]

    def _words(self, line: str) -> Iterator[str]:
        for morpheme in self._dictionary.tokenize(line):
            word = morpheme.normalized_form().lower().strip()
            if word and morpheme.part_of_speech()[0] not in self._dropped:
                yield word
