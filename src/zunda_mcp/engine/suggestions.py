"""Terms that do exist, near to one that does not: what to offer when nothing is likenesses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from zunda_mcp.index.reader import IndexReader
from zunda_mcp.text.normalize import HAN, KATAKANA, normalize
from zunda_mcp.text.tokenizer import parts, run_term, tokens

__all__ = ["Suggestions"]

_RUN = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_MOST = 5
_CUTOFF = 0.7
_TRIED = 3
_MIN_WORD = 3


class Suggestions:
    """Draws suggestions from the words of one generation."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader

    def near(self, missing: Iterable[str], limit: int = _MOST) -> list[str]:
        """Words or whole runs of the archive that look like one of ``missing``, nearest first."""
        likenesses: dict[str, float] = {}
        for text in list(missing)[:_TRIED]:
            for run, is_cjk, _, _ in tokens(normalize(text)):
                words = self._near_run(run) if is_cjk else self._near_latin(run)
                for word in words:
                    likeness = SequenceMatcher(None, run, word).ratio()
                    likenesses[word] = max(likeness, likenesses.get(word, 0.0))
        return sorted(likenesses, key=lambda word: (-likenesses[word], word))[:limit]

    def _near_latin(self, compound: str) -> list[str]:
        near: list[str] = []
        for word in dict.fromkeys(["".join(parts(compound)), *parts(compound)]):
            if len(word) < _MIN_WORD:
                continue
            spellings = self._reader.vocabulary.words_like(word)
            like = [w for w in spellings if abs(len(w) - len(word)) <= 2 and (w[0] == word[0] or w[1] == word[1])]
            near += get_close_matches(word, like, 3, _CUTOFF)
            if len(word) > _MIN_WORD:
                near += [w for w in spellings if w != word and w.startswith(word)][:2]
        return [word for word in near if self._reader.frequency(word)]

    def _near_run(self, run: str) -> list[str]:
        near: list[str] = []
        for word in _RUN.findall(run) or [run]:
            spellings = self._reader.vocabulary.runs_like(word)
            like = [r for r in spellings if abs(len(r) - len(word)) <= 2 and r[:1] == word[:1]]
            near += get_close_matches(word, like, 3, _CUTOFF)
        return [word for word in near if self._reader.frequency(run_term(word))]
