"""What planning and ranking read of an index, for one question to a cluster (see ``passes``).

It is a ``zunda_mcp.engine.readers.TermReader``. Frequencies are those of the whole archive; documents are those at
hand.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from zunda_mcp.engine.opensearch.expressions import NOTHING, Dsl, Expression, Leaf, all_of, any_of, in_a_row
from zunda_mcp.engine.opensearch.index_mapping import RUN, WORD, exact_units
from zunda_mcp.engine.opensearch.passes import Candidates, QuestionFacts
from zunda_mcp.index import index_tuning, schema
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.text.normalize import fold_katakana
from zunda_mcp.text.phonetics import nearly_sounding

__all__ = ["ClusterReader", "ClusterVocabulary", "key_query"]

_AT_HAND = 200
_MOST_WORDS = 2000
_MOST_KEYS = 60_000
"""A cluster makes at most 65,535 groups in one search."""


def key_query(*keys: str) -> Dsl:
    """Return the query for the documents with one of these exact keys."""
    return {"terms": {"key": list(keys)}}


class ClusterVocabulary:
    """As ``zunda_mcp.index.vocabulary.Vocabulary``, over the words of a cluster."""

    def __init__(self, question: QuestionFacts) -> None:
        self._question = question
        self.mostly_cjk = question.facts.state.mostly_cjk

    @property
    def names(self) -> Container[str]:
        return self._question.facts.names

    def runs_with(self, part: str) -> Iterable[str]:
        return self._listed(in_a_row("letters", exact_units(part)), [RUN])

    def sounding(self, key: str) -> Iterable[str]:
        return self._listed({"term": {"sound": key}})

    def sounding_near(self, key: str) -> Iterable[str]:
        return self._listed({"terms": {"sound": nearly_sounding(key)}})

    def same_sound(self, word: str) -> Iterable[str]:
        folded = fold_katakana(word)
        if len(folded) < index_tuning.MIN_PART_LENGTH:
            return self._listed({"term": {"kana": folded}})
        return self._listed(in_a_row("kana_letters", exact_units(folded)), [RUN])

    def beginning_like(self, word: str, slips: int) -> Iterable[str]:
        """Return the words with the same first letter and at most ``slips`` edits after it."""
        fuzzy = {"value": word, "fuzziness": min(slips, 2), "prefix_length": 1, "max_expansions": 500}
        return self._listed({"fuzzy": {"word": fuzzy}}, [WORD])

    def beginning_with(self, prefix: str) -> Iterable[str]:
        """Return the words that begin with ``prefix``."""
        return self._listed({"prefix": {"word": prefix}}, [WORD])

    def words_like(self, word: str) -> Sequence[str]:
        """Return words spelled much like ``word`` or beginning with it."""
        near = self._listed(any_of([_fuzzy(word), {"prefix": {"word": word}}]), [WORD])
        return sorted({*near, *self._listed(_as_long(word, second=True), [WORD])})

    def runs_like(self, run: str) -> Sequence[str]:
        return sorted({*self._listed(_fuzzy(run), [RUN]), *self._listed(_as_long(run, second=False), [RUN])})

    def _listed(self, query: Mapping[str, Any], kinds: Sequence[str] = ()) -> tuple[str, ...]:
        filters = [query, *([{"terms": {"kind": list(kinds)}}] if kinds else [])]
        body = {"size": _MOST_WORDS, "query": {"bool": {"filter": filters}}, "sort": ["word"]}
        body |= {"_source": False, "docvalue_fields": ["word"]}
        return tuple(word for word, _ in self._question.listed("words", body, _words))


def _as_long(word: str, *, second: bool) -> Mapping[str, Any]:
    """A query for words about as long as ``word`` with the same first letter, or if ``second`` the same second one."""
    first = f"{_literal(word[0])}.{{{max(len(word) - 3, 0)},{len(word) + 1}}}"
    either = f"{first}|.{_literal(word[1])}.{{{max(len(word) - 4, 0)},{len(word)}}}" if second and word[1:] else first
    return {"regexp": {"word": {"value": either}}}


def _literal(char: str) -> str:
    return char if char.isalnum() else f"\\{char}"


def _fuzzy(word: str) -> Mapping[str, Any]:
    return {"fuzzy": {"word": {"value": word, "fuzziness": 2, "max_expansions": 500}}}


def _words(answer: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((hit["fields"]["word"][0], 0) for hit in answer["hits"]["hits"])


class ClusterReader:
    """Reads for one pass of a question. Documents must match ``scope`` and nothing of ``but``; ``limits`` combines both
    for stories, with excluded words, in one query.
    """

    def __init__(self, question: QuestionFacts) -> None:
        self.question = question
        self.vocabulary = ClusterVocabulary(question)
        self.meta = question.facts.meta
        self.size = question.size
        self.days: Mapping[int, int] = question.days
        self.owners: Mapping[int, int] = question.owners
        self.scope: Sequence[Dsl] = ()
        self.but: Sequence[Dsl] = ()
        self.limits: Dsl | None = None

    # --- lookups (see ``Lookups``)

    def count(self, query: Dsl, key: str = "") -> int:
        """Return how many documents match a query. Until the cluster has answered, many are assumed, so that nothing is
        done that only rare words need.
        """
        return 0 if query == NOTHING else self.question.count(query, self.meta.stories // 2 + 1, key)

    def values(self, leaf: Leaf) -> Mapping[int, float]:
        """Return the documents at hand that match a leaf."""
        return self.question.of_leaf(leaf)

    # --- terms

    @cached_property
    def nothing(self) -> Expression:
        """An expression that matches nothing."""
        return Expression.of(self, Leaf(NOTHING, scored=False))

    def frequency(self, term: str, field: str = schema.TEXT) -> int:
        """Return how many documents have a term; 0 until the cluster has answered."""
        leaf = Leaf(key_query(term), scored=False) if field == schema.KEY else Leaf.term(field, term)
        return self.question.count(leaf.query, 0, leaf.name)

    def has_term(self, term: str, field: str = schema.TEXT) -> bool:
        """Whether any document has a term."""
        return self.frequency(term, field) > 0

    def keyed(self, key: str) -> Mapping[int, float]:
        """Return the documents at hand with an exact key."""
        return self.values(Leaf(key_query(key), scored=False))

    def terms(self, prefix: str, field: str = schema.TEXT) -> list[str]:
        """Return the words, or exact keys, that begin with ``prefix``."""
        if field != schema.KEY:
            return list(self.vocabulary.beginning_with(prefix))
        return [key for key, _ in self.keys(prefix)]

    def keys(self, prefix: str) -> tuple[tuple[str, int], ...]:
        """Return the exact keys that begin with ``prefix``, in order, and how many documents have each."""
        include = "".join(f"\\{char}" if char in _MARKS else char for char in prefix) + ".*"
        terms = {"field": "key", "include": include, "size": _MOST_KEYS, "order": {"_key": "asc"}}
        body = {"size": 0, "query": {"prefix": {"key": prefix}}, "aggs": {"keys": {"terms": terms}}}
        return self.question.listed("documents", body, self._counted_keys)

    def _counted_keys(self, answer: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
        keys = tuple((one["key"], one["doc_count"]) for one in answer["aggregations"]["keys"]["buckets"])
        for key, count in keys:
            self.question.counted(key_query(key), count)
        return keys

    # --- documents at hand

    def item(self, document: int) -> str:
        return self.question.items[document]

    def document(self, item: str) -> int | None:
        """Return the number of a document at hand."""
        return self.question.numbers.get(item)

    def is_story(self, document: int) -> bool:
        return self.owners[document] != document

    @cached_property
    def stories(self) -> Set[int]:
        """The stories at hand."""
        return frozenset(filter(self.is_story, self.owners))

    @property
    def written_stories(self) -> Set[int]:
        """The stories at hand that are not passages."""
        return frozenset(self.stories).difference(self.passages)

    @property
    def passages(self) -> Set[int]:
        """The passages at hand; empty if the archive has none."""
        return self.keyed(schema.PASSAGE).keys() if self.meta.passages else frozenset()

    @property
    def has_speech(self) -> bool:
        """Whether the archive has any transcript."""
        return self.frequency(schema.WITH_SPEECH, schema.KEY) > 0

    def plain(self, document: int) -> bytes:
        """Return the normalised text of a document; empty until it is known."""
        return self._stored(document, "plain")

    def plain_speech(self, document: int) -> bytes:
        """Return the normalised speech of a document; empty until it is known."""
        return self._stored(document, "plain_speech")

    def _stored(self, document: int, name: str) -> bytes:
        stored = self.question.part(self.item(document), "record")
        return (stored[0] or {}).get(name, "").encode("utf-8") if stored else b""

    # --- candidates

    def gather(
        self,
        query: Dsl,
        *,
        size: int,
        bound: Dsl | None = None,
        sort: Sequence[Any] = (),
        but: Sequence[Dsl] = (),
        early: bool = False,
        scope: Sequence[Dsl] | None = None,
    ) -> Candidates | None:
        """Return the documents that match ``query`` within the scope: the ``size`` that score most by ``bound``, or
        that come first by ``sort``. None until they are known; they are at hand from the next pass on. For ``early``
        see ``QuestionFacts.gather``.
        """
        without, within = [*but, *self.but], self.scope if scope is None else scope
        inside: dict[str, Any] = {"filter": [query, *within], **({"must_not": without} if without else {})}
        if bound is not None:
            inside["must"] = [bound]
            sort = sort or ["_score", {"order": "desc"}]
        return self.question.gather(inside, size, sort, early=early)

    def reach(self, weighed: Sequence[tuple[PostingList, float]], *, present: bool = False) -> None:
        """As ``WordFinder.reach``: ask for the documents that matter most to some weighted lists."""
        lists = [(postings, weight) for postings, weight in weighed if isinstance(postings, Expression)]
        if not lists:
            return
        bounds = [
            {"constant_score": {"filter": postings.query, "boost": weight}} if present else postings.bound(weight)
            for postings, weight in lists
        ]
        bound = {"bool": {"should": bounds}}
        query = any_of([postings.query for postings, _ in lists])
        for scope in (self.scope, ()) if self.scope else ((),):
            self.gather(query, size=_AT_HAND, bound=bound, early=len(lists) == 1, scope=scope)
        if self.question.has_noted_candidates:  # what they say is not known yet
            self.question.guessed = True

    def passing(self, ids: Sequence[str], limits: Dsl) -> Container[str]:
        """Return which of these documents pass some limits; none until that is known."""
        query = all_of([{"terms": {"item": list(ids)}}, limits])
        answer = self.question.answered({"size": len(ids), "query": query, "_source": False})
        return {hit["_id"] for hit in answer["hits"]["hits"]} if answer else ()

    def at_hand(self, ids: Sequence[str]) -> None:
        """Ask for the documents with these ids, even outside the scope; they are at hand from the next pass on."""
        if ids:
            inside = {"filter": [{"terms": {"item": sorted(ids)}}]}
            self.question.gather(inside, len(ids), ["order"], early=True)


_MARKS = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
