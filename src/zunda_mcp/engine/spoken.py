"""Matches in speech: stories found by the words of their transcripts.

Transcripts are a field of their own: what only speech matches comes after written matches, and one word of the query
may be written and the next spoken. In minutes of speech words meet by chance: of the passages with all of them, those
that have them close together are about them together. The measure is the shortest stretch that contains every word
("MinCover" of Tao and Zhai, "An exploration of proximity measures in information retrieval", SIGIR 2007).
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from zunda_mcp.engine.expander import ExpandingFinder
from zunda_mcp.engine.ranking import Ordered, Ranking, Scored
from zunda_mcp.engine.readers import DocumentReader, TermReader
from zunda_mcp.engine.terms import WordFinder
from zunda_mcp.index import schema
from zunda_mcp.query import tuning
from zunda_mcp.query.clauses import Clause, PostingList
from zunda_mcp.query.names import is_one_name, is_seldom_used, names_of_several_words, numbered_names
from zunda_mcp.query.parse import Word
from zunda_mcp.query.plan import QueryPlan, clause_of, holding_all
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import CJK
from zunda_mcp.text.written_forms import any_form

__all__ = [
    "SpokenFinder", "SpokenWord", "after_written", "by_speech", "naming", "near_by_speech", "one_per_episode",
    "required_clauses", "spoken_together", "with_speech", "without_turns",
]  # fmt: skip

_TURN = re.compile(r"\n(?:[^:\n]{1,60}: )?")
_BETWEEN_CJK = lazy_pattern(rf"(?<=[{CJK}]) (?=[{CJK}])")


def without_turns(text: str) -> str:
    """Return normalised speech without line breaks and speakers, so that a phrase may run on into the next turn."""
    return _BETWEEN_CJK.sub("", _TURN.sub(" ", text))


class SpokenFinder(WordFinder):
    """Finds words in transcripts. Runs are looked for in the texts, since the vocabulary is that of written text."""

    def __init__(self, reader: TermReader) -> None:
        super().__init__(reader, schema.SPOKEN)

    def _in_runs(self, word: str, phrase: bool) -> PostingList:
        return self._phrase(word)

    def of(self, clause: Clause, *, phrase: bool) -> PostingList:
        """Return where the word of a clause, or one of its expansions, is spoken."""
        postings = self.clause(clause.text, phrase=phrase).postings
        for expansion in clause.expansions:
            name = expansion.text.replace(" ", "-") if expansion.text.isascii() else expansion.text
            postings = postings.added(self.clause(name).postings, expansion.share)
        return postings


class SpokenWord(NamedTuple):
    """A word that text and speech together must contain: its documents, and if it has alternatives the clauses of each
    (if not, the word alone). ``forms`` are the forms to look for in a text.
    """

    clause: Clause
    either: tuple[tuple[Clause, ...], ...]
    forms: tuple[str, ...]

    def is_held(self, documents: Collection[int]) -> bool:
        """Whether some documents together contain it: of alternatives, all words of one."""
        return any(
            all(any(document in clause.documents for document in documents) for clause in clauses)
            for clauses in self.either
        )

    @property
    def texts(self) -> list[str]:
        """The word, or those of its alternatives."""
        return [clause.text for clauses in self.either for clause in clauses]


def with_speech(
    words: Sequence[Clause], typed: Iterable[Word], written: ExpandingFinder, spoken: SpokenFinder
) -> list[SpokenWord]:
    """Return the clauses that a story must contain, with the documents that have them in text or speech; ``typed`` are
    the words of the query. A name of several words must occur side by side: in minutes of speech words meet by chance.
    """
    by_text = {word.text: word for word in typed}

    def merged(clause: Clause, *, phrase: bool) -> Clause:
        postings = clause.postings.added(spoken.of(clause, phrase=phrase), tuning.SPOKEN_SHARE)
        return Clause(clause.text, postings, clause.weight)

    result = []
    for clause in words:
        word = by_text.get(clause.text)
        if word is None or not word.either:
            one = merged(clause, phrase=word is not None and word.phrase)
            result.append(SpokenWord(one, ((one,),), _forms(clause)))
            continue
        clauses = [[clause_of(one, written) for one in alternative] for alternative in word.either]
        either = tuple(
            tuple(merged(clause, phrase=one.phrase) for clause, one in zip(row, alternative, strict=True))
            for row, alternative in zip(clauses, word.either, strict=True)
        )
        postings = either[0][0].postings
        for one in [one for alternative in either for one in alternative][1:]:
            postings = postings.added(one.postings, 1.0)
        forms = tuple(form for row in clauses for one in row for form in _forms(one))
        result.append(SpokenWord(Clause(clause.text, postings, clause.weight), either, forms))
    rows = names_of_several_words(list(by_text.values()))
    for name in [*map("-".join, rows), *numbered_names(rows)]:
        one = merged(written.expanded(name), phrase=False)
        if one.postings and is_one_name(one, [word.clause for word in result]):
            result.append(SpokenWord(one, ((one,),), (name,)))
    return result


def _forms(clause: Clause) -> tuple[str, ...]:
    return clause.text, *(expansion.text for expansion in clause.expansions)


def by_speech(
    words: Sequence[SpokenWord], reader: DocumentReader, allowed: Container[int] | None, written: Container[int]
) -> Ranking:
    """Return the documents that contain every one of ``words`` in text and speech together, except those that are
    ``written``: stories, and episodes by speech that belongs to no story. For a passage its neighbours count too,
    because a minute of talk may begin in one passage and end in the next.
    """
    if not words:
        return Ranking()
    speaking, passages = reader.keyed(schema.WITH_SPEECH), reader.passages
    rarest = min((word.clause for word in words), key=lambda clause: len(clause.postings))

    def spans(document: int) -> Iterator[tuple[int, ...]]:
        yield (document,)
        if document in passages:
            owner = reader.owners[document]
            for beside in (document - 1, document + 1):
                if beside in passages and reader.owners[beside] == owner:
                    yield document, beside

    full = [
        document
        for document in rarest.documents
        if document in speaking
        and document not in written
        and (allowed is None or document in allowed)
        and any(all(word.is_held(span) for word in words) for span in spans(document))
    ]
    return Ranking(full, [word.clause for word in words])


def near_by_speech(
    words: Sequence[SpokenWord],
    reader: DocumentReader,
    allowed: Container[int] | None,
    by_meaning: Mapping[int, tuple[float, int]] = MappingProxyType({}),
) -> list[Scored]:
    """Return the passages with the most of ``words``, at least half by weight, and those nearest ``by_meaning``, in
    standard deviations; best first, the two scores joined as for stories (``zunda_mcp.engine.fusion``). A word spoken
    elsewhere in the episode counts in part; a name must be spoken in the episode.
    """
    passages, owners = reader.passages, reader.owners
    held, in_episode = dict[int, float](), dict[int, float]()
    naming: set[int] = set()
    for clause, *_ in words:
        within = [one for one in clause.documents if one in passages and (allowed is None or one in allowed)]
        for document in within:
            held[document] = held.get(document, 0.0) + clause.weight
        in_these = {owners[document] for document in within}
        if is_seldom_used(clause.text):
            naming = (naming & in_these or in_these) if naming else in_these
        for owner in in_these:
            in_episode[owner] = in_episode.get(owner, 0.0) + clause.weight
    for document, weight in held.items():
        more = tuning.ELSEWHERE_SHARE * (in_episode[owners[document]] - weight)
        held[document] = weight + more if not naming or owners[document] in naming else 0.0
    total = sum(clause.weight for clause, *_ in words) or 1.0
    most = max(held.values(), default=0.0) / total
    rate = tuning.MEANING_WEIGHT + tuning.MEANING_UNHELD_WEIGHT * (1 - most) ** 2
    scores: dict[int, float] = {}
    for document in held.keys() | by_meaning.keys():
        share, near = held.get(document, 0.0) / total, by_meaning.get(document, (0.0, 0))[0]
        if near or share >= tuning.NEAR_SPOKEN_SHARE:
            scores[document] = share + share**tuning.HELD_POWER + rate * near / tuning.MEANING_DEVIATIONS
    return heapq.nlargest(tuning.MAX_COMPARED, scores.items(), key=lambda item: (item[1], -item[0]))


def naming(
    words: Sequence[SpokenWord], reader: DocumentReader, allowed: Container[int] | None, spoken: Sequence[Scored]
) -> list[Scored]:
    """Return speech that contains every name of a question, best first, from episodes that are not in ``spoken``: it
    may say the rest of the question in other words.
    """
    names = [word for word in words if is_seldom_used(word.clause.text)]
    if not names or len(names) == len(words):
        return []
    owners, speaking = reader.owners, reader.keyed(schema.WITH_SPEECH)
    listed = {owners[document] for document, _ in spoken}
    holding = {
        document: sum(word.clause.weight * word.clause.documents.get(document, 0.0) for word in words)
        for document in holding_all([word.clause for word in names])
        if document in speaking and owners[document] not in listed and (allowed is None or document in allowed)
    }
    best = heapq.nlargest(tuning.MAX_COMPARED, holding.items(), key=lambda item: (item[1], -item[0]))
    return one_per_episode(reader, best, words)[: tuning.BESIDE_FULL]


def one_per_episode(
    reader: DocumentReader,
    spoken: Sequence[Scored],
    words: Sequence[SpokenWord],
    together: Mapping[int, int] = MappingProxyType({}),
) -> list[Scored]:
    """Return ``spoken`` with only the best passage of each episode: first those that say the words ``together``, within
    the fewest bytes. Words that recur with their context in several episodes, as in advertisements, count less.
    """
    passages, owners = reader.passages, reader.owners
    spoken = sorted(spoken, key=lambda item: together.get(item[0], math.inf)) if together else spoken
    seen: set[int] = set()
    kept: list[Scored] = []
    for document, score in _recurring_last(reader, spoken, [text for word in words for text in word.texts]):
        if document in passages:
            if owners[document] in seen:
                continue
            seen.add(owners[document])
        kept.append((document, score))
    return kept


def _recurring_last(reader: DocumentReader, spoken: Sequence[Scored], words: Sequence[str]) -> list[Scored]:
    """``spoken`` with what recurs after the rest and with a lower score."""
    first, rest = list(spoken[: tuning.MAX_COMPARED]), list(spoken[tuning.MAX_COMPARED :])
    contexts = [_contexts(reader.plain_speech(document), words) for document, _ in first]
    episodes: dict[bytes, set[int]] = {}
    for (document, _), around in zip(first, contexts, strict=True):
        for text in {text for pair in around for text in pair}:
            episodes.setdefault(text, set()).add(reader.owners[document])

    def recurs(around: Sequence[tuple[bytes, bytes]]) -> bool:
        return bool(around) and all(
            any(len(text) >= tuning.CONTEXT // 2 and len(episodes[text]) >= tuning.RECURRING for text in pair)
            for pair in around
        )

    recurring = [recurs(around) for around in contexts]
    return [
        *(item for item, again in zip(first, recurring, strict=True) if not again),
        *rest,
        *((item[0], item[1] * tuning.RECURRING_SHARE) for item, again in zip(first, recurring, strict=True) if again),
    ]


def _contexts(plain: bytes, words: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """The text before and after each place of some words in a normalised text."""
    around = []
    for word in words:
        needle = word.encode("utf-8", "surrogatepass")
        at = plain.find(needle)
        while at >= 0:
            end = at + len(needle)
            around.append((plain[max(at - tuning.CONTEXT, 0) : at], plain[end : end + tuning.CONTEXT]))
            at = plain.find(needle, end)
    return around


def spoken_together(reader: DocumentReader, spoken: Sequence[Scored], words: Sequence[SpokenWord]) -> dict[int, int]:
    """Return those among the best of ``spoken`` that say all of ``words`` close together, with the bytes that this
    takes; none if only one word is asked for.
    """
    if len(words) < 2:
        return {}
    patterns = [any_form(word.forms) for word in words]
    most = tuning.SPOKEN_TOGETHER * len(words)
    covers = {}
    for document, _ in spoken[: tuning.MAX_COMPARED]:
        cover = _shortest_cover(reader.plain_speech(document).decode("utf-8", "surrogatepass"), patterns)
        if cover is not None and cover <= most:
            covers[document] = cover
    return covers


def _shortest_cover(text: str, patterns: Sequence[re.Pattern[str]]) -> int | None:
    """How many bytes the shortest stretch of ``text`` with a match of each pattern has, from the start of the first
    match to the start of the last; None if a pattern does not match.
    """
    places: list[tuple[int, int]] = []
    for which, pattern in enumerate(patterns):
        held = [(match.start(), which) for match in pattern.finditer(text)]
        if not held:
            return None
        places += held
    places.sort()
    last: dict[int, int] = {}
    shortest: tuple[int, int] | None = None
    for at, which in places:
        last[which] = at
        if len(last) == len(patterns):
            first = min(last.values())
            if shortest is None or at - first < shortest[1] - shortest[0]:
                shortest = first, at
    return None if shortest is None else len(text[slice(*shortest)].encode("utf-8", "surrogatepass"))


def required_clauses(plan: QueryPlan, finder: ExpandingFinder) -> Sequence[Clause]:
    """Return the words that a story must contain, spoken or written; for a sentence nobody wrote, also its subjects."""
    if not plan.open:
        return plan.required
    planned = {clause.text: clause for clause in [*plan.required, *plan.pieces]}
    texts = dict.fromkeys([*(clause.text for clause in plan.required), *(subject.text for subject in plan.subjects)])
    return [planned.get(text) or finder.word(text) for text in texts]


def after_written(
    reader: DocumentReader,
    ranking: Ranking,
    episodes: Sequence[Scored],
    spoken: Sequence[Scored],
    near: Sequence[Scored] = (),
) -> tuple[Ranking, list[Scored]]:
    """Return the stories and ``episodes`` that match by written text, joined by what matches only by what is
    ``spoken``.

    Stories that contain every word in writing come first, then those whose speech does (first if the episode's own text
    has every word), then near matches in writing, and last those that are ``near`` in speech. An episode matches by its
    own text or speech only if none of its stories and passages does.
    """
    owners, own = reader.owners, {document for document, _ in episodes}
    stories = sorted((item for item in spoken if reader.is_story(item[0])), key=lambda item: owners[item[0]] not in own)
    only_spoken = {document for document, _ in stories}
    rest = [item for item in ranking if item[0] not in only_spoken]
    full = set(ranking.holding_all)
    last = max((at for at, (document, _) in enumerate(rest) if document in full), default=-1) + 1
    joined = Ordered([*rest[:last], *stories, *rest[last:], *near], [*ranking.holding_all, *only_spoken])
    covered = set(map(owners.__getitem__, joined.holding_all))
    besides = [item for item in spoken if not reader.is_story(item[0]) and item[0] not in own]
    return joined, [item for item in (*episodes, *besides) if item[0] not in covered]
