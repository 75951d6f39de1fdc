"""What a foreign word is called here, learnt from the notes themselves: words that stand in the same stories.

Japanese notes quote English titles and link to English pages, so that ``evaluate`` in a title stands beside 評価 in the
summary. The association is the log-likelihood ratio of two binomial counts (Dunning, "Accurate methods for the
statistics of surprise and coincidence", Computational Linguistics 1993), as in query translation by co-occurrence
(Ballesteros and Croft, "Resolving ambiguity for cross-language retrieval", SIGIR 1998). Used where there are no vectors
to know better.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from zunda_mcp.engine.terms import Bridge, Matches, Unit, WordFinder, add
from zunda_mcp.query.plan import Plan
from zunda_mcp.text.normalize import HAN, KATAKANA, has_cjk
from zunda_mcp.text.tokenizer import run_term

BESIDE = "beside"

_RUN = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_FEWEST, _MOST = 2, 100  # stories of a word: one proves nothing, of very many it needs no help
_TOGETHER = 0.3  # of them so many must have the other word
_COMMON = 4  # which is in at most one of so many stories of all
_BEST = 2
_SHARE = 0.5
_REMEMBERED = 2048


class Associations:
    """The associations of one generation; remembers them. Thread-safe."""

    def __init__(self, finder: WordFinder) -> None:
        self._finder = finder
        self._known: dict[str, tuple[Bridge, ...]] = {}

    def widen(self, plan: Plan) -> None:
        """Let the Latin words that a near answer is judged by be held in words that stand beside them, too."""
        for unit in plan.telling:
            bridges = () if has_cjk(unit.text) else self._of(unit)
            if bridges:
                found = dict(unit.documents)
                for bridge in bridges:
                    add(found, self._finder.reader.postings(run_term(bridge.text), self._finder.field), bridge.share)
                plan.widened[unit.text] = Unit(unit.text, Matches(found), unit.weight, bridges, unit.documents)

    def _of(self, unit: Unit) -> tuple[Bridge, ...]:
        found = self._known.get(unit.text)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known = {}
            found = self._known[unit.text] = self._beside(unit)
        return found

    def _beside(self, unit: Unit) -> tuple[Bridge, ...]:
        """The runs most surely associated with a word."""
        size, reader = len(unit.matches), self._finder.reader
        if not _FEWEST <= size <= _MOST:
            return ()
        counts: Counter[str] = Counter()
        for document in unit.documents:
            counts.update(set(_RUN.findall(reader.plain(document).decode("utf-8", "surrogatepass"))))
        stories = self._finder.total
        told: list[tuple[float, str, float]] = []
        for run, together in counts.items():
            if together < max(_FEWEST, _TOGETHER * size):
                continue
            frequency = reader.frequency(run_term(run), self._finder.field)
            if together <= frequency and frequency * _COMMON <= stories and together * stories > size * frequency:
                told.append((_log_likelihood(together, size, frequency, stories), run, together / size))
        return tuple(Bridge(run, _SHARE * share, BESIDE) for _, run, share in sorted(told, reverse=True)[:_BEST])


def _log_likelihood(together: int, first: int, second: int, total: int) -> float:
    """Dunning's ratio for two words in ``first`` and ``second`` of ``total`` stories, in ``together`` of them both."""
    cells = (together, first - together, second - together, total - first - second + together)
    margins = (first, total - first, second, total - second)
    return 2 * (sum(map(_entropy, cells)) - sum(map(_entropy, margins)) + _entropy(total))


def _entropy(count: int) -> float:
    return count * math.log(count) if count > 0 else 0.0
