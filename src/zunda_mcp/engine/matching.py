"""Matching in the embedded engine: a query and filters in, the documents of one generation that answer out, ranked.

A query is planned, its stories are ranked by words, meaning or feedback, and joined by the episodes that hold it in
their own text, by what only speaks of it, and where nothing else answers by the titles of episodes. Here documents are
numbers of a generation; ``zunda_mcp.engine.local`` makes values of them that stand for themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

from zunda_mcp.answers import Sort
from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine import fusion
from zunda_mcp.engine.association import Associations
from zunda_mcp.engine.expander import Expander, ExpandingFinder
from zunda_mcp.engine.filtering import allowed
from zunda_mcp.engine.ranking import Chained, Ordered, Ranking, Scored, rank
from zunda_mcp.engine.spoken import (
    SpokenFinder,
    SpokenWord,
    after_written,
    by_speech,
    near_by_speech,
    one_per_episode,
    present_in_speech,
    required_clauses,
    with_speech,
)
from zunda_mcp.engine.terms import WordFinder, stands_in
from zunda_mcp.errors import EmbeddingError
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.query.explanation import Explanation
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.parse import Query, domain_in
from zunda_mcp.query.plan import QueryPlan, make_plan, names_nothing, widen_by_meaning
from zunda_mcp.query.request import without_request
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.normalize import has_cjk, normalize

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["Matcher", "Ranked"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The documents that match a query as ``items`` in ``order``, with scores; ``full`` are those that hold all that
    was asked, none for a sentence that nobody wrote.

    ``words`` are the normalised words to mark in snippets. ``near`` are documents that do not answer and are merely
    close. ``expansions`` maps each other name that matched to the word as typed. ``named`` are the documents that hold
    a rare name of the query.
    """

    items: Sequence[Scored]
    full: Sequence[int]
    words: Sequence[str] = ()
    explanation: Explanation = field(default_factory=Explanation)
    near: Sequence[Scored] = ()
    expansions: Mapping[str, str] = field(default_factory=dict)
    by_meaning: bool = False
    named: frozenset[int] = frozenset()
    order: Sort = "relevance"

    def best(self, count: int) -> Sequence[Scored]:
        """The first so many by score, whatever the order."""
        return self.items[:count] if self.order == "relevance" else sorted(self.items, key=lambda one: -one[1])[:count]


class Matcher:
    """Matches queries against one generation. Thread-safe.

    Without ``expander`` words count as typed and nothing else: no other spelling, no feedback, nothing held back.
    """

    def __init__(self, reader: IndexReader, expander: Expander | None = None, embedder: Embedder | None = None) -> None:
        self.reader = reader
        self._as_typed = expander is None
        self._embedder = embedder
        self._stories = self._finder_of(schema.TEXT, expander)
        self._notes = self._finder_of(schema.NOTES, expander, self._stories)
        self._ranked: ByteCache[tuple[Query, Filters, Sort], Ranked] = ByteCache(tuning.CACHED_RANKED_BYTES)

    def _finder_of(
        self, field: str, expander: Expander | None, beside: ExpandingFinder | None = None
    ) -> ExpandingFinder:
        """What finds words in a field; ``beside`` does in the field that most is written in."""
        return ExpandingFinder(self.reader, field, expander, beside)

    @property
    def finder(self) -> ExpandingFinder:
        """Finds words in stories."""
        return self._stories

    def full_matches(self, query: Query, filters: Filters) -> Ranked:
        """The documents that counts over time are made of, in no order: what ``search`` lists by date, where it holds
        all that was asked.
        """
        return self._match(query, filters, "oldest", near=False)

    def search(self, query: Query, filters: Filters, sort: Sort) -> Ranked:
        """Everything that answers ``query`` under ``filters``, in the order of ``sort``; by date, only what holds all
        that was asked, where anything does. What meaning ranked is remembered: its next page asks again.
        """
        key = (query, filters, sort)
        ranked = self._ranked.get(key)
        if ranked is None:
            ranked = self._search(query, filters, sort)
            if ranked.by_meaning:
                self._ranked.put(key, ranked, tuning.RANKED_BYTES * len(ranked.items))
        return ranked

    def _search(self, query: Query, filters: Filters, sort: Sort) -> Ranked:
        ranked = self._match(query, filters, sort, near=True)
        if sort == "relevance" and not (ranked.words or ranked.explanation.missing):
            sort = "newest"
        if sort == "relevance":
            return ranked
        days, sign = self.reader.days, -1 if sort == "newest" else 1
        items = sorted(ranked.items, key=lambda item: (days[item[0]] == schema.UNDATED, sign * days[item[0]], item[0]))
        return replace(ranked, order=sort, items=items)

    def _content(self, query: Query) -> Query:
        """What ``query`` asks about, without the words that only ask."""
        return query if self._as_typed else without_request(query, _ArchiveWords(self._stories))

    def _match(self, query: Query, filters: Filters, sort: Sort, *, near: bool) -> Ranked:
        """The documents for ``sort``, in no order yet; without ``near`` only those that hold all that was asked."""
        pool = self._allowed(filters)
        typed = query
        query, links, named = self._links(self._content(query), pool)
        if query.empty and links is None:
            return _unranked(self._all_stories(query, pool, written=True), Explanation(everything=True))
        if links is not None:
            pool = links
        if not query.words:
            kept = self._all_stories(query, pool) - self._excluded(query, self._stories)
            return _unranked(kept, Explanation(links=named))

        readable = _But(pool, self.reader.passages) if self.reader.passages else pool
        plan, ranking, by_meaning = self._rank(make_plan(query, self._stories), query, readable, near=near)
        if self.reader.has_speech and not self._as_typed:
            plan = present_in_speech(plan, self._spoken)
        missing = list(plan.missing)
        notes = make_plan(query, self._notes, near=False)
        episodes = self._by_notes(notes, query, pool if links is None else set(), ranking)
        spoken_matches, near_spoken = self._by_speech(plan, query, pool, ranking)
        closest: Sequence[tuple[int, float]] = ()
        foreign = by_meaning and self._is_foreign(query)
        if not ranking.full and not self._as_typed and self._not_covered(plan, query, by_meaning, foreign=foreign):
            closest, ranking = _closest(plan, ranking), Ranking()
            if spoken_matches:
                closest, missing = (), []
            elif not missing:
                missing.append(" ".join(word.shown for word in query.words))
        if spoken_matches or near_spoken:
            ranking, episodes = self._with_speech(ranking, episodes, spoken_matches, () if closest else near_spoken)
        titled = self._by_title(typed, query, pool) if links is None and not self._as_typed else []
        if titled:
            ranking, episodes, titled = self._titled_first(ranking, episodes, titled)
        if sort != "relevance" and not plan.open and (ranking.full or episodes or titled):
            full = set(ranking.holding_all)
            ranking = Ordered([item for item in ranking if item[0] in full], full)
        clauses = plan.clauses
        if episodes or titled:
            clauses = (*clauses, *notes.required)
            missing = [] if titled else [word for word in missing if word in make_plan(query, self._notes).missing]
        expansions = {expansion.text: clause.text for clause in clauses for expansion in clause.expansions}
        words = list(dict.fromkeys([*(clause.text for clause in [*plan.required, *plan.pieces]), *expansions]))
        if spoken_matches:
            words = list(dict.fromkeys([*words, *(clause.text for clause in required_clauses(plan, self._stories))]))
        explanation = replace(
            Explanation.of(plan, pool, full=ranking.full + len(episodes)),
            links=named,
            by_meaning=by_meaning,
            unembedded=near and not self._is_by_words(plan, query) and self._lacks_vectors,
            missing=tuple(missing),
            exact=any(word.phrase for word in query.words),
            spoken=len(spoken_matches),
        )
        holders = frozenset() if closest or self._as_typed else _by_name(plan, pool)
        holders_of_all = [*(one for one, _ in titled), *ranking.holding_all, *(one for one, _ in episodes)]
        items = Chained([rows for rows in (titled, ranking, episodes) if rows])
        return Ranked(items, holders_of_all, words, explanation, closest, expansions, by_meaning, holders)

    def _allowed(self, filters: Filters) -> Container[int] | None:
        """The documents that pass some filters; None where all do."""
        return allowed(self.reader, filters)

    def _all_stories(self, query: Query, pool: Container[int] | None, *, written: bool = False) -> Set[int]:
        """The stories that are in ``pool``, whatever they hold; ``written`` without passages of transcripts."""
        stories = self.reader.written_stories if written else self.reader.stories
        return stories if pool is None else {document for document in stories if document in pool}

    def contains(self, text: str, *, in_titles: bool) -> bool:
        """Whether these words stand together in the archive: in a title, or else in any text."""
        phrase = normalize(text).replace("\n", " ").strip()
        needle = phrase.encode("utf-8", "surrogatepass")
        if any(needle in title for _, title in self._titles):
            return True
        found = self._stories.clause(phrase, phrase=True)
        if in_titles:
            return any(needle in self.reader.plain(document).partition(b"\n")[0] for document in found.documents)
        return bool(found.postings) or bool(self._notes.clause(phrase, phrase=True).postings)

    def _rank(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, *, near: bool
    ) -> tuple[QueryPlan, Ranking, bool]:
        """The plan as it was ranked, the stories that match, and whether meaning was asked as well as words."""
        pool = self._but_excluded(query, self._stories, pool)
        if not near:
            return plan, rank(plan, pool, near=plan.open), False
        if self._is_by_words(plan, query):
            return plan, rank(plan, pool), False
        allowed = self.reader.stories if pool is None else {d for d in self.reader.stories if d in pool}
        if self.meaning is not None:
            try:
                vector = self.meaning.question(query.text)
                plan = widen_by_meaning(plan, self.meaning, self._stories)
            except EmbeddingError as error:
                _log.warning("%s", error)
            else:
                return plan, fusion.by_meaning(plan, rank(plan, pool), self.meaning, vector, allowed), True
        if self._is_foreign(query):
            plan = self._associations.widen(plan)
        return plan, fusion.by_feedback(plan, rank(plan, pool), self._stories, allowed), False

    def _is_by_words(self, plan: QueryPlan, query: Query) -> bool:
        """Whether meaning has nothing to add: a name, phrases, or words that are taken as they are typed."""
        return self._as_typed or plan.is_one_word or all(word.phrase for word in query.words)

    def _is_foreign(self, query: Query) -> bool:
        """Whether a query is in Latin letters alone and the archive, in the main, is not."""
        return not has_cjk(query.text) and self.reader.vocabulary.mostly_cjk

    @cached_property
    def _associations(self) -> Associations:
        return Associations(self._stories)

    def _but_excluded(self, query: Query, finder: WordFinder, pool: Container[int] | None) -> Container[int] | None:
        """``pool`` without the documents that hold an excluded word."""
        return _But(pool, self._excluded(query, finder)) if query.excluded else pool

    @cached_property
    def meaning(self) -> Meaning | None:
        """The vectors of the generation; loaded when a question needs them."""
        if self._embedder is None:
            return None
        from zunda_mcp.engine.semantic import Meaning

        return Meaning.of(self.reader, self._embedder)

    @property
    def _lacks_vectors(self) -> bool:
        return self._embedder is not None and self.meaning is None

    def _not_covered(self, plan: QueryPlan, query: Query, by_meaning: bool, *, foreign: bool) -> bool:
        """Whether what a query is about is nowhere in the archive: stories that hold the rest are no answer then.

        A story that is far nearer in meaning than the nearest of so many would be by chance answers whatever its words.
        Chance has it at the expected greatest of as many normal deviates (Blom, "Statistical Estimates and Transformed
        Beta-Variables", 1958).
        """
        if names_nothing(query, self._stories):
            return True
        if not by_meaning or self.meaning is None:
            few = len(plan.subjects) <= tuning.MAX_JUDGED_SUBJECTS
            return few and plan.absence(foreign=foreign) >= tuning.ABSENT_SHARE
        stories = self.reader.meta.stories
        by_chance = NormalDist().inv_cdf((stories - 0.375) / (stories + 0.25))
        nearest = float(self.meaning.nearness(self.meaning.question(query.text)).max()) / by_chance
        if nearest >= tuning.SURELY_NEAR:
            return False
        sentence = foreign and len(plan.subjects) > tuning.MAX_NAMED_SUBJECTS
        return plan.absence(foreign=sentence) >= tuning.ABSENT_SHARE

    # --- parts

    @cached_property
    def _spoken(self) -> SpokenFinder:
        return SpokenFinder(self.reader)

    def _by_speech(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> tuple[Sequence[Scored], Sequence[Scored]]:
        """What holds every word only together with what is spoken, best first, of passages one for each episode; and
        where nothing does, what holds much of it.
        """
        if not self.reader.has_speech or self._as_typed:
            return (), ()
        pool = self._but_excluded(query, self._stories, pool)
        pool = self._but_excluded(query, self._spoken, pool)
        words = self._spoken_words(plan, query)
        texts = [text for word in words for text in word.texts]
        spoken = by_speech(words, self.reader, pool, ranking.holding_all)
        if spoken or ranking.full or len(texts) < 2:
            return one_per_episode(self.reader, spoken, texts), ()
        near = near_by_speech(words, self.reader, pool)
        return (), one_per_episode(self.reader, near, texts)[: tuning.MAX_NEAR_SPOKEN]

    def _spoken_words(self, plan: QueryPlan, query: Query) -> list[SpokenWord]:
        """What must be held in what is written and spoken together."""
        return with_speech(required_clauses(plan, self._stories), query.words, self._stories, self._spoken)

    def _with_speech(
        self, ranking: Ranking, episodes: Sequence[Scored], spoken: Sequence[Scored], near: Sequence[Scored]
    ) -> tuple[Ranking, list[Scored]]:
        """What matches with what only speaks of it, first where the episode's own text holds it; an episode is a match
        by its own text where none of its stories and passages is one.
        """
        owners, own = self.reader.owners, {document for document, _ in episodes}
        stories = [item for item in spoken if self.reader.is_story(item[0])]
        stories.sort(key=lambda item: owners[item[0]] not in own)
        ranking = after_written(ranking, stories, near)
        covered = set(map(owners.__getitem__, ranking.holding_all))
        besides = [item for item in spoken if not self.reader.is_story(item[0]) and item[0] not in own]
        return ranking, [item for item in (*episodes, *besides) if item[0] not in covered]

    def _links(self, query: Query, pool: Container[int] | None) -> tuple[Query, set[int] | None, tuple[str, ...]]:
        """The query without the domains in it that stories link to, the documents that its URLs and domains name, None
        where it names none, and these names.
        """
        named = [*query.urls, *query.sites]
        links = [*map(self._with_url, query.urls), *(self._keyed([f"site:{site}"]) for site in query.sites)]
        words = []
        for word in query.words:
            domain = None if word.phrase or word.either else domain_in(word)
            linked = self._keyed([f"site:{domain}"]) if domain else None
            if linked:
                links.append(self._with_url(word.text) if "/" in word.text else linked)
                named.append(word.text)
            else:
                words.append(word)
        query = replace(query, words=tuple(words))
        if not links:
            return query, None, ()
        both = self._linking(links[0].with_all(links[1:]) if links[1:] else links[0], pool)
        return query, both, tuple(named)

    def _linking(self, links: PostingList, pool: Container[int] | None) -> set[int]:
        """The documents of ``links`` that are in ``pool``."""
        return {document for document in links.documents if pool is None or document in pool}

    def _with_url(self, url: str) -> PostingList:
        """Stories with exactly this page, else with a page below it."""
        return self._keyed([f"url:{url}"]) or self._keyed(self.reader.terms(f"url:{url}/", schema.KEY))

    def _keyed(self, keys: Iterable[str]) -> PostingList:
        """The documents with one of some exact keys."""
        return PostingList({document: impact for key in keys for document, impact in self.reader.keyed(key).items()})

    def _excluded(self, query: Query, finder: WordFinder) -> set[int]:
        return {d for word in query.excluded for d in finder.clause(word.text, phrase=word.phrase).documents}

    def _by_notes(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> list[tuple[int, float]]:
        """Episodes whose own description or prose holds every word, where none of their stories does."""
        if plan.open:
            return []
        found = rank(plan, self._but_excluded(query, self._notes, pool), near=False)
        if not found:
            return []
        covered = set(map(self.reader.owners.__getitem__, ranking.holding_all))
        return list(found.without(covered))

    @cached_property
    def _titles(self) -> list[tuple[int, bytes]]:
        """The notes documents with the titles of their episodes, normalised."""
        notes = self.reader.keyed("kind:notes")
        return [(d, normalize(self.reader.entry_of(d).title).encode("utf-8", "surrogatepass")) for d in notes]

    def _by_title(self, typed: Query, query: Query, pool: Container[int] | None) -> list[Scored]:
        """The episodes whose title is the query as it was typed, or else holds every word of it.

        Words that many titles hold name the show or a series, and tell nothing.
        """
        whole = normalize(typed.text).strip().encode("utf-8", "surrogatepass")
        titles = [(d, title) for d, title in self._titles if title and (pool is None or d in pool)]
        if same := [(document, 0.0) for document, title in titles if title.strip() == whole]:
            return same if len(same) <= tuning.MAX_TITLED else []
        for needle in (word.text.encode("utf-8", "surrogatepass") for word in query.words):
            titles = [(d, title) for d, title in titles if needle in title and stands_in(title, needle)]
        return [(one, 0.0) for one, _ in titles] if len(titles) <= self._most_titled else []

    @property
    def _most_titled(self) -> int:
        """How many episodes a title may tell from others."""
        return min(tuning.MAX_TITLED, max(1, int(tuning.MAX_TITLED_SHARE * self.reader.meta.episodes)))

    def _titled_first(
        self, ranking: Ranking, episodes: Sequence[Scored], titled: Sequence[Scored]
    ) -> tuple[Ranking, list[Scored], list[Scored]]:
        """What matches with the episodes of a title first: as their stories that hold the query, else as themselves."""
        owners = self.reader.owners
        full = set(ranking.holding_all)
        first = {document for document, _ in titled}
        shown = {owners[document] for document in full} & first
        ordered = sorted(ranking, key=lambda item: not (item[0] in full and owners[item[0]] in first))
        rest = [item for item in episodes if item[0] not in first]
        return Ordered(ordered, ranking.holding_all), rest, [item for item in titled if item[0] not in shown]


class _ArchiveWords:
    """What the archive says of the words of a question."""

    def __init__(self, finder: ExpandingFinder) -> None:
        self._finder = finder
        self.stories = finder.total
        self.language = finder.reader.meta.language

    def frequency(self, word: str) -> int:
        """How many stories hold it."""
        return len(self._finder.clause(word).postings)

    def side_by_side(self, first: str, second: str) -> int:
        """How many stories hold two Latin words side by side."""
        return len(self._finder.side_by_side((first, second)))


def _unranked(documents: Set[int], explanation: Explanation) -> Ranked:
    """Documents that were chosen by filters or links alone."""
    return Ranked([(document, 0.0) for document in documents], list(documents), explanation=explanation)


class _But:
    """Documents of ``pool`` (None: all) but for some."""

    def __init__(self, pool: Container[int] | None, gone: Container[int]) -> None:
        self._pool = pool
        self._gone = gone

    def __contains__(self, document: object) -> bool:
        return document not in self._gone and (self._pool is None or document in self._pool)


def _by_name(plan: QueryPlan, pool: Container[int] | None) -> frozenset[int]:
    """The documents that hold a name of a query: a word that general language hardly uses and few stories hold. The
    rarest name comes first, as long as all are few.
    """
    holders: set[int] = set()
    for clause in sorted(plan.required, key=lambda clause: len(clause.postings)):
        language = "ja" if has_cjk(clause.text) else "en"
        if lexicon(language).zipf(clause.text) < tuning.NAME_ZIPF:
            more = holders.union(number for number in clause.documents if pool is None or number in pool)
            if len(more) > tuning.MAX_NAMED:
                break
            holders = more
    return frozenset(holders)


def _closest(plan: QueryPlan, ranking: Ranking) -> Sequence[Scored]:
    """The first few that hold at least something of the query."""
    held = [clause.documents for clause in plan.near_clauses]
    near = [item for item in ranking[: tuning.MAX_WITHOUT_FULL] if any(item[0] in documents for documents in held)]
    return near[: tuning.MAX_NEAR]
