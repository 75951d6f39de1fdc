"""Matching: from a query and its filters to the documents of one generation that answer, ranked.

A query is planned; its stories are ranked by words, meaning or feedback. Episodes that match by their own text join
them, then what matches only in speech, and episodes by their titles. Documents are numbers of a generation here; the
engines turn them into plain values.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Sequence, Set
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from zunda_mcp.answers import Sort
from zunda_mcp.config.memory import ByteCache
from zunda_mcp.engine import fusion
from zunda_mcp.engine.association import Associations
from zunda_mcp.engine.expander import Expander, ExpandingFinder
from zunda_mcp.engine.filtering import Without, allowed
from zunda_mcp.engine.match_steps import MatchScope, MatchState
from zunda_mcp.engine.ranking import Ranking, Scored, by_chance, holding_names, rank
from zunda_mcp.engine.readers import TermReader
from zunda_mcp.engine.selection import Ranked, titled_stories, unranked
from zunda_mcp.engine.spoken import (
    SpokenFinder,
    SpokenWord,
    by_speech,
    naming,
    near_by_speech,
    one_per_episode,
    required_clauses,
    spoken_together,
    with_speech,
)
from zunda_mcp.engine.terms import IndexedWords, WordFinder
from zunda_mcp.errors import EmbeddingError
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import PostingList
from zunda_mcp.query.explanation import Explanation
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.names import is_loose, names_nothing, unwritten_name
from zunda_mcp.query.parse import Query, domain_in
from zunda_mcp.query.plan import QueryPlan, holding_all, make_plan, present_in, widen_by_meaning
from zunda_mcp.query.request import without_request
from zunda_mcp.text.normalize import has_cjk, normalize

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.semantic import Meaning

__all__ = ["Matcher"]

_log = logging.getLogger(__name__)


class Matcher:
    """Matches queries against one generation. A subclass looks up words, titles and vectors. Thread-safe.

    Without ``expander`` words match only as typed: no other spellings, no feedback, and weak matches are not withheld.
    """

    def __init__(self, reader: TermReader, expander: Expander | None = None, embedder: Embedder | None = None) -> None:
        self.reader = reader
        self._as_typed = expander is None
        self._embedder = embedder
        self._stories = self._finder_of(schema.TEXT, expander)
        self._notes = self._finder_of(schema.NOTES, expander, self._stories)
        self._ranked: ByteCache[tuple[Query, Filters, Sort], Ranked] = ByteCache(tuning.CACHED_RANKED_BYTES)

    def _finder_of(self, field: str, expander: Expander | None, beside: WordFinder | None = None) -> ExpandingFinder:
        """The finder of words in a field; ``beside`` is the finder of the main text, None for the main text itself."""
        raise NotImplementedError

    @property
    def finder(self) -> ExpandingFinder:
        """The finder of words in stories."""
        return self._stories

    def full_matches(self, query: Query, filters: Filters) -> Ranked:
        """Return the full matches that ``search`` lists by date, in no order; counts are made from them."""
        return self._match(query, filters, "oldest", near=False)

    def search(self, query: Query, filters: Filters, sort: Sort) -> Ranked:
        """Return everything that answers ``query`` under ``filters``, in the order of ``sort``; by date, only full
        matches if there are any. Rankings that used meaning are cached.
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
        return ranked._replace(order=sort, items=items, explanation=replace(ranked.explanation, together=0))

    def _content(self, query: Query) -> Query:
        """``query`` without the words that only ask."""
        return query if self._as_typed else without_request(query, IndexedWords(self._stories, self._besides))

    @cached_property
    def _besides(self) -> Sequence[WordFinder]:
        """The finders of words in text other than stories: in notes, and in speech."""
        return [self._notes, *([self._spoken] if self.reader.has_speech else [])]

    def _is_beside(self, text: str) -> bool:
        return any(one.clause(text, phrase=" " in text).postings for one in self._besides)

    def _match(self, query: Query, filters: Filters, sort: Sort, *, near: bool) -> Ranked:
        """The documents for ``sort``, not yet in that order; without ``near`` only full matches."""
        scope = self._scope(query, filters)
        if not scope.query.words:
            return self._chosen(scope)
        state = self._matched(scope, near=near)
        if apart := self._stands_apart(scope.query, scope.typed):
            state = state.without_parts_of(apart, self.reader.plain)
        if self._answers_nothing(state, scope.query):
            state = state.closest_alone(scope.query)
        state = state.with_speech(self.reader)
        if scope.links is None and not self._as_typed:
            titled = self._by_title(scope.typed, scope.query, scope.pool)
            state = state.with_titles(self.reader, titled, titled_stories(self.reader, scope.typed, state.ranking))
        if sort != "relevance":
            state = state.full_alone()
        return self._ranked_of(state, scope, near=near)

    def _scope(self, query: Query, filters: Filters) -> MatchScope:
        """What ``query`` asks for, without links and the words that only ask, and the documents it is limited to."""
        pool = self._allowed(filters)
        content, linked, named = self._links(self._content(query), pool)
        return MatchScope(query, content, pool) if linked is None else MatchScope(query, content, linked, named)

    def _chosen(self, scope: MatchScope) -> Ranked:
        """Everything that passes filters and links, for a query without words."""
        if scope.query.empty and scope.links is None:
            return unranked(self._all_stories(scope.query, scope.pool, written=True), Explanation(everything=True))
        kept = self._all_stories(scope.query, scope.pool) - self._excluded(scope.query, self._stories)
        return unranked(kept, Explanation(links=scope.links or ()))

    def _matched(self, scope: MatchScope, *, near: bool) -> MatchState:
        """The matches in stories, in the notes of episodes and in speech, each separately."""
        query, pool = scope.query, scope.pool
        written = Without(pool, self.reader.passages) if self.reader.passages else pool
        plan, ranking, by_meaning = self._rank(make_plan(query, self._stories), query, written, near=near)
        plan = plan if self._as_typed else present_in(plan, self._is_beside)
        notes_plan = make_plan(query, self._notes, near=False)
        episodes = self._by_notes(notes_plan, query, pool if scope.links is None else set(), ranking)
        speech = self._by_speech(plan, query, pool, ranking)
        return MatchState(plan, ranking, by_meaning, notes_plan, tuple(plan.missing), episodes, *speech)

    def _answers_nothing(self, state: MatchState, query: Query) -> bool:
        """Whether no story contains every word, and what the query is about is absent or occurs only in parts."""
        if state.beside or state.ranking.full:
            return False
        return bool(state.apart) or self._not_covered(state.plan, query, state.by_meaning)

    def _ranked_of(self, state: MatchState, scope: MatchScope, *, near: bool) -> Ranked:
        """The result of a state: the matches, the words to mark in them, and how the query was understood."""
        plan, query = state.plan, scope.query
        clauses = (*plan.clauses, *state.notes_plan.required) if state.episodes or state.titled else plan.clauses
        expansions = {expansion.text: clause.text for clause in clauses for expansion in clause.expansions}
        spoken = (one.text for one in required_clauses(plan, self._stories)) if state.spoken else ()
        by_meaning = bool(state.near_spoken) and not (state.spoken or state.closest)
        passages = self._near_speech(plan, query, scope.pool) if by_meaning else {}
        items = state.items
        apart = plan.apart(number for number, _ in items[: tuning.MAX_WITH_FULL])
        return Ranked(
            items,
            state.full,
            list(dict.fromkeys([*(one.text for one in (*plan.required, *plan.pieces)), *expansions, *spoken])),
            replace(self._explained(state, scope, near=near), apart=len(apart)),
            state.closest,
            expansions,
            state.by_meaning,
            state.named(lambda: frozenset() if self._as_typed else holding_names(plan, scope.pool)),
            apart=apart,
            holders=plan.first_holders([number for number, _ in items[: tuning.CLOSEST]]),
            windows={one: window for one, (_, window) in passages.items()},
        )

    def _explained(self, state: MatchState, scope: MatchScope, *, near: bool) -> Explanation:
        """How the query was understood."""
        by_words = not near or self._is_by_words(state.plan, scope.query)
        full = state.ranking.full + len(state.episodes)
        seldom = 0 if state.titled else self.finder.stories // tuning.DISTINCTIVE
        return replace(
            Explanation.of(state.plan, scope.query, scope.pool, full=full, seldom=seldom),
            links=scope.links or (),
            by_meaning=state.by_meaning,
            unembedded=not by_words and self._embedder is not None and self.meaning is None,
            missing=() if state.titled else state.missing,
            spoken=len(state.spoken),
            together=sum(1 for one, _ in state.spoken if one in state.together),
        )

    def _allowed(self, filters: Filters) -> Container[int] | None:
        """The documents that pass the filters; None if all do."""
        return allowed(self.reader, filters)

    def _all_stories(self, query: Query, pool: Container[int] | None, *, written: bool = False) -> Set[int]:
        """The stories in ``pool``, whatever they contain; with ``written`` no passages of transcripts."""
        stories = self.reader.written_stories if written else self.reader.stories
        return stories if pool is None else {document for document in stories if document in pool}

    def contains(self, text: str, *, in_titles: bool) -> bool:
        """Whether these words occur side by side: anywhere, or if ``in_titles`` in a title."""
        phrase = normalize(text).replace("\n", " ").strip()
        needle = phrase.encode("utf-8", "surrogatepass")
        if self._is_in_title(needle):
            return True
        stories = self._stories.clause(phrase, phrase=True)
        if not in_titles:
            return bool(stories.postings) or bool(self._notes.clause(phrase, phrase=True).postings)
        self._stories.reach([(stories.postings, 1.0)])
        return any(needle in self.reader.plain(document).partition(b"\n")[0] for document in stories.documents)

    def _rank(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, *, near: bool
    ) -> tuple[QueryPlan, Ranking, bool]:
        """The plan as it was ranked, the stories that match, and whether meaning was ranked as well as words."""
        pool = self._but_excluded(query, self._stories, pool)
        if not near:
            return plan, self._by_words(plan, pool, near=plan.open), False
        if self._is_by_words(plan, query):
            return plan, self._by_words(plan, pool), False
        if self._is_foreign(query):
            plan = self._associations.widen(plan)
        if self.meaning is not None:
            try:
                vector = self.meaning.question(query.text)
                plan = widen_by_meaning(plan, self.meaning, self._stories)
            except EmbeddingError as error:
                _log.warning("%s", error)
            else:
                return plan, fusion.by_meaning(plan, self._by_words(plan, pool), self.meaning, vector, pool), True
        allowed = self.reader.stories if pool is None else {d for d in self.reader.stories if d in pool}
        return plan, fusion.by_feedback(plan, self._by_words(plan, pool), self._stories, allowed), False

    def _by_words(self, plan: QueryPlan, pool: Container[int] | None, *, near: bool = True) -> Ranking:
        return rank(plan, pool, near=near)

    def _is_by_words(self, plan: QueryPlan, query: Query) -> bool:
        """Whether meaning has nothing to add: a name, phrases, or words that match only as typed."""
        return self._as_typed or plan.is_one_word or all(word.phrase for word in query.words)

    def _is_foreign(self, query: Query) -> bool:
        """Whether a query is in Latin letters alone and the archive mostly is not."""
        return not has_cjk(query.text) and self.reader.vocabulary.mostly_cjk

    @cached_property
    def _associations(self) -> Associations:
        return Associations(self._stories)

    def _but_excluded(self, query: Query, finder: WordFinder, pool: Container[int] | None) -> Container[int] | None:
        """``pool`` without the documents that contain an excluded word."""
        return Without(pool, self._excluded(query, finder)) if query.excluded else pool

    @cached_property
    def meaning(self) -> Meaning | None:
        """The vectors of the generation, loaded when a question needs them; None if it has too few."""
        raise NotImplementedError

    def _not_covered(self, plan: QueryPlan, query: Query, by_meaning: bool) -> bool:
        """Whether what a query is about is absent from the archive, so that stories with the rest of its words are no
        answer; not if a story or a passage is far nearer in meaning than the nearest of so many would be by chance.
        """
        if self._as_typed or names_nothing(query, self._stories, self._besides):
            return not self._as_typed
        foreign = by_meaning and self._is_foreign(query)
        if not by_meaning or self.meaning is None:
            few = len(plan.subjects) <= tuning.MAX_JUDGED_SUBJECTS
            return few and plan.absence(foreign=foreign) >= tuning.ABSENT_SHARE
        sentence = foreign and len(plan.subjects) > tuning.MAX_NAMED_SUBJECTS
        if plan.absence(foreign=sentence) < tuning.ABSENT_SHARE:
            return False
        spoken = max(self._near_speech(plan, query, None).values(), default=None)
        if spoken and spoken[0] >= tuning.SURELY_NEAR_SPOKEN * by_chance(self.meaning.windows):
            return False
        least = tuning.SURELY_NEAR_NAME if plan.names_alone and not query.hints else tuning.SURELY_NEAR
        return self.meaning.greatest_nearness(query.text) < least * by_chance(self.reader.meta.stories)

    def _stands_apart(self, query: Query, typed: Query) -> str:
        """The name in a query whose words only happen to occur in the same stories; "" if there is none."""
        if self._as_typed:
            return ""
        if is_loose(query.words, self._stories) and names_nothing(query, self._stories, self._besides):
            return " ".join(word.shown for word in query.words)
        return unwritten_name(query, typed, self._stories, self._besides)

    # --- parts

    @cached_property
    def _spoken(self) -> SpokenFinder:
        """Finds words in speech."""
        raise NotImplementedError

    def _by_speech(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> tuple[Sequence[Scored], Sequence[Scored], Collection[int]]:
        """What contains every word only if speech counts, best first, one passage an episode; if nothing does, what
        contains much of it; and the documents whose speech has all words close together.
        """
        if not self.reader.has_speech or self._as_typed:
            return (), (), ()
        pool = self._but_excluded(query, self._spoken, self._but_excluded(query, self._stories, pool))
        words = self._spoken_words(plan, query)
        written = holding_all(required_clauses(plan, self._stories)) if plan.open else ranking.holding_all
        spoken = by_speech(words, self.reader, pool, written)
        if spoken or ranking.full or sum(len(word.texts) for word in words) < 2:
            together = spoken_together(self.reader, spoken, words)
            listed = one_per_episode(self.reader, spoken, words, together)
            few = 0 < len(listed) < tuning.ENOUGH_FULL and not ranking.full
            return listed, naming(words, self.reader, pool, listed) if few else (), together
        near = near_by_speech(words, self.reader, pool, self._near_speech(plan, query, pool))
        return (), one_per_episode(self.reader, near, words)[: tuning.MAX_NEAR_SPOKEN], ()

    def _near_speech(self, plan: QueryPlan, query: Query, pool: Container[int] | None) -> dict[int, tuple[float, int]]:
        """The passages nearest in meaning to a question: by how many standard deviations, and the nearest window."""
        if not self.reader.meta.passages or self._is_by_words(plan, query) or self.meaning is None:
            return {}
        return self.meaning.near_passages(query.text, pool)

    def _spoken_words(self, plan: QueryPlan, query: Query) -> list[SpokenWord]:
        """What text and speech together must contain."""
        return with_speech(required_clauses(plan, self._stories), query.words, self._stories, self._spoken)

    def _links(self, query: Query, pool: Container[int] | None) -> tuple[Query, set[int] | None, tuple[str, ...]]:
        """The query without its links, the documents that have these links (None if it has none), and the links."""
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
        query = query._replace(words=tuple(words))
        if not links:
            return query, None, ()
        return query, self._linking(links[0].with_all(links[1:]) if links[1:] else links[0], pool), tuple(named)

    def _linking(self, links: PostingList, pool: Container[int] | None) -> set[int]:
        """The documents of ``links`` that are in ``pool``."""
        return {document for document in links.documents if pool is None or document in pool}

    def _with_url(self, url: str) -> PostingList:
        """Stories that link to exactly this page, or if there are none to a page below it."""
        return self._keyed([f"url:{url}"]) or self._keyed(self.reader.terms(f"url:{url}/", schema.KEY))

    def _keyed(self, keys: Sequence[str]) -> PostingList:
        """The documents with one of these exact keys."""
        return PostingList({document: impact for key in keys for document, impact in self.reader.keyed(key).items()})

    def _excluded(self, query: Query, finder: WordFinder) -> set[int]:
        """The documents that contain an excluded word; if a person's quoted name, also that person's episodes."""
        people = [f"host:{word.text}" for word in query.excluded if word.phrase]
        holding = {d for word in query.excluded for d in finder.clause(word.text, phrase=word.phrase).documents}
        return holding.union(self._keyed(people).documents) if people else holding

    def _by_notes(
        self, plan: QueryPlan, query: Query, pool: Container[int] | None, ranking: Ranking
    ) -> list[tuple[int, float]]:
        """Episodes whose own description or prose contains every word, if none of their stories does."""
        if plan.open:
            return []
        ranked = rank(plan, self._but_excluded(query, self._notes, pool), near=False)
        if not ranked:
            return []
        holding = set(ranking.holding_all)
        if query.excluded:  # notes name a story's subject, not everything in it
            holding.update(holding_all(make_plan(query, self._stories, near=False).required))
        covered = set(map(self.reader.owners.__getitem__, holding))
        rest = list(ranked.without(covered))
        if self._as_typed or not is_loose(query.words, self._stories):
            return rest
        beside = self._notes.side_by_side([word.text for word in query.words]).documents
        return [one for one in rest if one[0] in beside]

    def _is_in_title(self, phrase: bytes) -> bool:
        """Whether the title of an episode contains a normalised phrase, in UTF-8."""
        raise NotImplementedError

    def _by_title(self, typed: Query, query: Query, pool: Container[int] | None) -> list[Scored]:
        """The episodes whose title is the query as ``typed``, or if there are none contains every word of ``query``."""
        raise NotImplementedError
