"""What was said, not written: stories found by the words of their transcripts.

Transcripts are a field of their own. What they hold does not change how rare a word is, which words the archive knows,
or which story is best; a story that only speaks of what was asked comes after those that write of it. A word of the
query may stand in the one and the next in the other.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from zunda_mcp.engine.expander import ExpandingFinder
from zunda_mcp.engine.ranking import Ordered, Ranking, Scored
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader, Postings
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList, add
from zunda_mcp.query.plan import QueryPlan

__all__ = ["SpokenFinder", "after_written", "by_speech", "required_clauses"]


class SpokenFinder(WordFinder):
    """Finds words in transcripts. The vocabulary of the archive is that of what is written, so runs are looked for in
    the texts themselves.
    """

    def __init__(self, reader: IndexReader) -> None:
        super().__init__(reader, schema.SPOKEN)

    def _plain(self, document: int) -> bytes:
        return self.reader.plain_speech(document)

    def _in_runs(self, word: str, phrase: bool) -> Postings:
        return self._phrase(word)

    def of(self, clause: Clause, *, phrase: bool) -> Postings:
        """Where the word of a clause, or what it was expanded to, is spoken."""
        found = dict(self.documents(clause.text, phrase=phrase))
        for expansion in clause.expansions:
            add(
                found,
                self.documents(expansion.text.replace(" ", "-") if expansion.text.isascii() else expansion.text),
                expansion.share,
            )
        return found


def by_speech(
    words: Sequence[Clause],
    finder: SpokenFinder,
    phrases: Container[str],
    allowed: Container[int] | None,
    written: Container[int],
) -> Ranking:
    """The documents that hold every one of ``words`` in what is written and spoken together, but for those that are
    ``written``: stories, and episodes by what is said outside their stories.
    """
    clauses = []
    for word in words:
        merged = dict(word.documents)
        add(merged, finder.of(word, phrase=word.text in phrases), tuning.SPOKEN_SHARE)
        clauses.append(Clause(word.text, PostingList(merged), word.weight))
    if not clauses:
        return Ranking()
    speaking = finder.reader.keyed(schema.WITH_SPEECH)
    rarest = min(clauses, key=lambda clause: len(clause.postings))
    full = [
        document
        for document in rarest.documents
        if document in speaking
        and document not in written
        and (allowed is None or document in allowed)
        and all(document in clause.documents for clause in clauses)
    ]
    return Ranking(full, clauses)


def required_clauses(plan: QueryPlan, finder: ExpandingFinder) -> Sequence[Clause]:
    """The words that a story must hold, spoken or written; of a sentence that nobody wrote, what it is about."""
    if not plan.open:
        return plan.required
    known = {clause.text: clause for clause in [*plan.required, *plan.pieces]}
    texts = dict.fromkeys([*(clause.text for clause in plan.required), *(subject.text for subject in plan.subjects)])
    return [known.get(text) or finder.word(text) for text in texts]


def after_written(ranking: Ranking, spoken: Sequence[Scored]) -> Ranking:
    """Stories that hold every word in writing, then those that speak of it, then what holds much of it."""
    heard = {document for document, _ in spoken}
    rest = [item for item in ranking if item[0] not in heard]
    full = set(ranking.holding_all)
    last = max((at for at, (document, _) in enumerate(rest) if document in full), default=-1) + 1
    return Ordered([*rest[:last], *spoken, *rest[last:]], [*ranking.holding_all, *heard])
