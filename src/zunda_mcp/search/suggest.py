"""Terms that do exist, near to one that does not: what to offer when nothing is found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from zunda_mcp.index.reader import IndexReader
from zunda_mcp.text.normalize import fold_katakana, normalize
from zunda_mcp.text.scripts import HAN, KATAKANA
from zunda_mcp.text.terms import parts, tokens, whole_runs

_RUN = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_MOST = 5
_CUTOFF = 0.7
_TRIED = 3


class Vocabulary:
    """The words of one generation to draw suggestions from; read once, when first needed."""

    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._latin: list[str] | None = None
        self._runs: list[str] | None = None

    def near(self, missing: Iterable[str], limit: int = _MOST) -> list[str]:
        """Words or whole runs of the archive that look like one of ``missing``, nearest first."""
        found: dict[str, float] = {}
        for text in list(missing)[:_TRIED]:
            for run, is_cjk, _, _ in tokens(normalize(text)):
                words = self._near_run(run) if is_cjk else self._near_latin(run)
                for word in words:
                    likeness = SequenceMatcher(None, run, word).ratio()
                    found[word] = max(likeness, found.get(word, 0.0))
        return sorted(found, key=lambda word: (-found[word], word))[:limit]

    def _near_latin(self, compound: str) -> list[str]:
        if self._latin is None:
            self._latin = [word for word in self._reader.all_words() if len(word) >= 3 and not word[0].isdigit()]
        found: list[str] = []
        joined = "".join(parts(compound))
        for word in dict.fromkeys([joined, *parts(compound)]):
            if len(word) < 3:
                continue
            like = [w for w in self._latin if abs(len(w) - len(word)) <= 2 and (w[0] == word[0] or w[1] == word[1])]
            found += get_close_matches(word, like, 3, _CUTOFF)
            found += [w for w in self._latin if len(word) >= 4 and w != word and w.startswith(word)][:2]
        return [word for word in found if self._reader.postings(word)]

    def _near_run(self, run: str) -> list[str]:
        if self._runs is None:
            self._runs = [term[1:] for term in self._reader.terms("=")]
        found: list[str] = []
        for match in _RUN.findall(run) or [run]:
            key = fold_katakana(match)
            like = [r for r in self._runs if abs(len(r) - len(key)) <= 2 and r[:1] == key[:1]]
            found += [self._as_written(r) for r in get_close_matches(key, like, 3, _CUTOFF)]
        return [word for word in found if word]

    def _as_written(self, folded: str) -> str:
        """A folded run as some story writes it."""
        for document in sorted(self._reader.postings("=" + folded))[:1]:
            text = self._reader.plain(document).decode("utf-8", "surrogatepass")
            for written in _RUN.findall(text):
                if whole_runs(written) == ["=" + folded]:
                    return str(written)
        return ""
