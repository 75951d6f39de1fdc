"""Words found under their other names as well: where a typed word and its bridges lead, taken as one word."""

from __future__ import annotations

from zunda_mcp.index.reader import IndexReader, Postings
from zunda_mcp.search.bridges import FORM, Bridges
from zunda_mcp.search.matches import Matches, Unit, add
from zunda_mcp.search.words import WordFinder
from zunda_mcp.text.sounds import is_katakana
from zunda_mcp.text.terms import run_term

_MOST = 4
_RARER = 2  # a typed word is rare where the other is so many times more frequent
_SELDOM = 4  # and likeness is looked for where at most one story in so many has it
_HARDLY = 2  # in so few stories a word is as good as absent
_LIFT, _TOGETHER = 2.0, 0.2  # far more often than by chance, and in so many of its stories
_SHORT_KANA = 4


class CrossingFinder(WordFinder):
    """Finds words, and with ``bridges`` what else may be meant by them."""

    def __init__(self, reader: IndexReader, field: str, bridges: Bridges | None = None) -> None:
        super().__init__(reader, field)
        self._bridges = bridges

    def bridged(self, text: str, also: tuple[str, ...] = ()) -> Unit:
        """As ``unit``, and where else the same may stand in other words (see ``zunda_mcp.search.bridges``)."""
        bridges = self._bridges
        if bridges is None:
            return self.unit(text, also=also)
        key = (text, "bridged", also)
        found = self._units.get(key)
        return found or self._keep(key, self._cross(bridges, text, self.unit(text, also=also)))

    def _cross(self, bridges: Bridges, word: str, unit: Unit) -> Unit:
        """``unit`` of ``word`` with the documents that its bridges lead to; itself where there are none."""
        frequency = len(unit.matches)
        sure, likely = bridges.of(word, frequency, seldom=frequency * _SELDOM <= self.total)
        taken = [(bridge, self._under(bridge.text)) for bridge in sure]
        for bridge in likely:
            documents = self._under(bridge.text)
            if bridge.how == FORM or _stands_for(unit.documents, documents, self.total):
                taken.append((bridge, documents))
            if len(taken) >= _MOST:
                break
        merged, crossed = dict(unit.documents), []
        for bridge, documents in taken:
            if not documents.keys() <= merged.keys():
                crossed.append(bridge)
            add(merged, documents, bridge.share)
        if not crossed:
            return unit
        return Unit(unit.text, Matches(merged), self.information(len(merged)), tuple(crossed))

    def _under(self, name: str) -> Postings:
        """Where another name stands: Latin words side by side, however joined; short katakana as a whole run."""
        if name.isascii():
            return self.documents(name.replace(" ", "-"))
        if is_katakana(name) and len(name) <= _SHORT_KANA:
            return self.reader.postings(run_term(name), self.field)
        return self.documents(name)


def _stands_for(typed: Postings, other: Postings, stories: int) -> bool:
    """Whether a word like the typed one may be taken for it: the typed one is absent, or nearly so, or it is rarer and
    the two are together far more often than by chance.
    """
    if len(typed) <= _HARDLY:
        return len(typed) * _RARER <= len(other)
    together = len(typed.keys() & other.keys())
    return len(typed) * _RARER <= len(other) and together >= max(_LIFT * len(other) / stories, _TOGETHER) * len(typed)
